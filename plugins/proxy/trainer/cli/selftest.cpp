// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/philox.hpp"
#include "base/sha256.hpp"
#include "cli/commands.hpp"
#include "model/engine.hpp"
#include "run/check.hpp"

#include <cmath>
#include <cstdio>

namespace proxy {

namespace {

bool report(const char* what, bool good, double measured)
{
    std::printf("%-4s %s (%.2g)\n", good ? "ok" : "FAIL", what, measured);
    return good;
}

// Largest difference between the matrix product and a plain triple loop.
template <typename T> double productError()
{
    const int m = 37, n = 29, k = 53;
    std::vector<T> a(m * k), b(k * n), c(m * n);
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] = static_cast<T>(std::sin(static_cast<double>(i)));
    for (std::size_t i = 0; i < b.size(); ++i)
        b[i] = static_cast<T>(std::cos(static_cast<double>(i)));
    engine<T>().multiply(m, n, k, a.data(), b.data(), c.data());
    double worst = 0;
    for (int i = 0; i < m; ++i) {
        for (int j = 0; j < n; ++j) {
            double sum = 0;
            for (int l = 0; l < k; ++l)
                sum += static_cast<double>(a[i * k + l]) * static_cast<double>(b[l * n + j]);
            worst = std::max(worst, std::abs(sum - static_cast<double>(c[i * n + j])));
        }
    }
    return worst;
}

}

int selftest()
{
    useOneBlasThread();
    bool good = true;
    const Words known = philox({{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, 0xffffffff, 0xffffffff);
    good &= report("philox known answer", known.w[0] == 0x408f276d && known.w[3] == 0x6d5451fd, 0);
    good &= report("sha256 known answer", sha256("abc").starts_with("ba7816bf8f01cfea"), 0);
    good &= report("matrix product, float", productError<float>() < 1e-4, productError<float>());
    good &= report("matrix product, double", productError<double>() < 1e-12, productError<double>());
    double worst = 0;
    for (double x = -80; x < 80; x += 0.37) {
        const auto argument = static_cast<float>(x);
        const double exact = std::exp(static_cast<double>(argument));
        worst = std::max(worst, std::abs(static_cast<double>(expOf(argument)) / exact - 1));
    }
    good &= report("exponential, float", worst < 3e-7, worst);
    for (const QkNorm kind : {QkNorm::Off, QkNorm::Head}) {
        Pass pass;
        pass.qkNorm = kind;
        pass.zCoefficient = 1e-2;
        const double error = checkGradient({2, 16, 2, 8, 13, 2}, pass).overall;
        good &= report(kind == QkNorm::Head ? "gradient with qk-norm" : "gradient", error < 1e-7, error);
    }
    std::printf("%s, %s: %s\n", engine<float>().name, blasName().c_str(), good ? "all right" : "FAILED");
    return good ? 0 : 70;
}

}
