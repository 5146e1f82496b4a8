// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/engine.hpp"

#include <cstdlib>
#include <string_view>

#if PROXY_HAVE_OPENBLAS
#include <cblas.h>
#endif

namespace proxy {

const Engine<float>& baselineFloat();
const Engine<double>& baselineDouble();

#if PROXY_HAVE_V3
const Engine<float>& v3Float();
const Engine<double>& v3Double();

namespace {

bool wide()
{
    static const bool answer = [] {
        const char* asked = std::getenv("PROXY_ISA");
        return !(asked && std::string_view(asked) == "baseline") && __builtin_cpu_supports("avx2")
            && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    }();
    return answer;
}

}
#endif

template <> const Engine<float>& engine<float>()
{
#if PROXY_HAVE_V3
    if (wide())
        return v3Float();
#endif
    return baselineFloat();
}

template <> const Engine<double>& engine<double>()
{
#if PROXY_HAVE_V3
    if (wide())
        return v3Double();
#endif
    return baselineDouble();
}

std::string blasName()
{
#if PROXY_HAVE_OPENBLAS
    return std::string(openblas_get_config()) + ", kernel " + openblas_get_corename();
#elif PROXY_HAVE_EIGEN
    return "Eigen " PROXY_EIGEN_VERSION;
#else
    return "plain loops";
#endif
}

void useOneBlasThread()
{
#if PROXY_HAVE_OPENBLAS
    openblas_set_num_threads(1);
#endif
}

}
