// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/formulas.hpp"

// Row operations of the CPU engine: contiguous loops, sums in a fixed order of lanes.
namespace proxy {
namespace {

template <typename T> T sum(const T* x, int n)
{
    T total = 0;
#pragma omp simd reduction(+ : total)
    for (int i = 0; i < n; ++i)
        total += x[i];
    return total;
}

template <typename T> T dot(const T* x, const T* y, int n)
{
    T total = 0;
#pragma omp simd reduction(+ : total)
    for (int i = 0; i < n; ++i)
        total += x[i] * y[i];
    return total;
}

template <typename T> T largest(const T* x, int n)
{
    T top = x[0];
#pragma omp simd reduction(max : top)
    for (int i = 0; i < n; ++i)
        top = x[i] > top ? x[i] : top;
    return top;
}

template <typename T> int countEqual(const T* x, int n, T value)
{
    int count = 0;
#pragma omp simd reduction(+ : count)
    for (int i = 0; i < n; ++i)
        count += x[i] == value ? 1 : 0;
    return count;
}

// x <- e^(x - top), returns the sum.
template <typename T> T exponentials(T* x, int n, T top)
{
    T total = 0;
#pragma omp simd reduction(+ : total)
    for (int i = 0; i < n; ++i) {
        x[i] = expOf(x[i] - top);
        total += x[i];
    }
    return total;
}

template <typename T> void scaleBy(T* x, int n, T factor)
{
#pragma omp simd
    for (int i = 0; i < n; ++i)
        x[i] *= factor;
}

template <typename T> void addTo(T* x, const T* y, std::int64_t n)
{
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i)
        x[i] += y[i];
}

// y = (x - mean) * rstd * scale over one row of n; LayerNorm without bias (Ba, Kiros, Hinton 2016).
template <typename T> void normRow(const T* x, const T* scale, int n, T* y, T& mean, T& rstd)
{
    mean = sum(x, n) / T(n);
    const T centre = mean;
    T variance = 0;
#pragma omp simd reduction(+ : variance)
    for (int i = 0; i < n; ++i)
        variance += (x[i] - centre) * (x[i] - centre);
    const T r = inverseDeviation(variance / T(n));
    rstd = r;
#pragma omp simd
    for (int i = 0; i < n; ++i)
        y[i] = (x[i] - centre) * r * scale[i];
}

// The gradient of normRow, added to dScale and to dx, or stored in dx where it does not accumulate.
template <bool Accumulate, typename T>
void normRowBack(const T* x, const T* scale, int n, T mean, T rstd, const T* dy, T* dx, T* dScale)
{
    T a = 0, b = 0;
#pragma omp simd reduction(+ : a, b)
    for (int i = 0; i < n; ++i) {
        const T g = dy[i] * scale[i];
        a += g;
        b += g * (x[i] - mean) * rstd;
    }
    a /= T(n);
    b /= T(n);
#pragma omp simd
    for (int i = 0; i < n; ++i) {
        const T unit = (x[i] - mean) * rstd;
        dScale[i] += dy[i] * unit;
        const T g = rstd * (dy[i] * scale[i] - a - unit * b);
        dx[i] = Accumulate ? dx[i] + g : g;
    }
}

// Rotates pairs (i, i + n/2) by the angles of one position; direction -1 undoes it.
template <typename T> void rotate(T* x, const T* cosine, const T* sine, int n, T direction)
{
    const int half = n / 2;
#pragma omp simd
    for (int i = 0; i < half; ++i) {
        const T a = x[i], b = x[i + half], s = direction * sine[i];
        x[i] = a * cosine[i] - b * s;
        x[i + half] = b * cosine[i] + a * s;
    }
}

}
}
