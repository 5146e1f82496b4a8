// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace metric {

// By how much, in log10 N, the vertex of a least-squares parabola misses the optimum of Chinchilla's surface with these
// exponents, sampled at w = log10(N / N*) along a budget: the loss there is (beta/alpha) 10^(-alpha w) + 10^(beta w) up to
// scale and constant. NaN from fewer than three different w.
double isoflopShift(double alpha, double beta, std::span<const double> w);

}
