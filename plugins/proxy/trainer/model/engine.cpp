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
const Engine<float>& v4Float();
const Engine<double>& v4Double();

namespace {

// The widest instruction set of this processor that PROXY_ISA (baseline, v3, v4) allows: 0, 3 or 4.
int level()
{
    static const int answer = [] {
        const char* name = std::getenv("PROXY_ISA");
        const std::string_view asked = name ? name : "";
        if (asked == "baseline" || !__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")
            || !__builtin_cpu_supports("bmi2"))
            return 0;
        const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vl");
        return asked != "v3" && wide ? 4 : 3;
    }();
    return answer;
}

}
#endif

template <> const Engine<float>& engine<float>()
{
#if PROXY_HAVE_V3
    if (level() > 0)
        return level() == 4 ? v4Float() : v3Float();
#endif
    return baselineFloat();
}

template <> const Engine<double>& engine<double>()
{
#if PROXY_HAVE_V3
    if (level() > 0)
        return level() == 4 ? v4Double() : v3Double();
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
