// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cuda/kernels/rows.hpp"
#include "cuda/slot.hpp"

#include <cmath>

// Cross-entropy in three steps, because the weight of a row may depend on the whole batch: what every row says, the
// sums of the batch, the gradient.
namespace proxy {

constexpr int lossWarps = 4;

PROXY_KERNEL lossRows(
    Dims s, const int* active, const std::int32_t* tokens, const float* logits, LossRow* out)
{
    const int m = slotIndex(), row = piece() * lossWarps + warp();
    if (!active[m] || row >= s.rows)
        return;
    const std::int64_t r = std::int64_t{m} * s.rows + row;
    const float* x = logits + r * s.vocab;
    const std::int64_t own = std::int64_t{m} * s.batch * (s.context + 1);
    const int target = tokens[own + row / s.context * (s.context + 1) + row % s.context + 1];
    float high = -INFINITY, low = INFINITY, sum = 0, squares = 0;
    for (int i = lane(); i < s.vocab; i += 32) {
        high = x[i] <= high ? high : x[i];
        low = x[i] < low ? x[i] : low;
        sum += x[i];
        squares += x[i] * x[i];
    }
    high = warpLargest(high);
    low = -warpLargest(-low);
    sum = warpSum(sum);
    squares = warpSum(squares);
    float total = 0, equal = 0;
    for (int i = lane(); i < s.vocab; i += 32) {
        total += expOf(x[i] - high);
        equal += x[i] == high ? 1.0f : 0.0f;
    }
    total = warpSum(total);
    equal = warpSum(equal);
    if (lane() != 0)
        return;
    const double logZ = static_cast<double>(high) + log(static_cast<double>(total));
    out[r] = {logZ - static_cast<double>(x[target]), logZ, x[target] >= high ? 1 / equal : 0.0f, high, 1 / total, low,
        sum, squares};
}

// One block per slot: the means over its rows.
PROXY_KERNEL lossSums(Dims s, const int* active, const Slot* slots, const LossRow* rows, BatchSums* out)
{
    const int m = slotIndex();
    if (!active[m])
        return;
    double loss = 0, logZ = 0, squaredZ = 0, correct = 0, sum = 0, squares = 0;
    float low = INFINITY, high = -INFINITY;
    for (int i = thread(); i < s.rows; i += blockWidth()) {
        const LossRow& row = rows[std::int64_t{m} * s.rows + i];
        loss += row.loss;
        logZ += row.logZ;
        squaredZ += row.logZ * row.logZ;
        correct += static_cast<double>(row.correct);
        sum += static_cast<double>(row.sum);
        squares += static_cast<double>(row.squares);
        low = row.low < low ? row.low : low;
        high = row.high <= high ? high : row.high;
    }
    const double n = s.rows;
    BatchSums result;
    result.loss = blockSum(loss) / n;
    result.logZ = blockSum(logZ) / n;
    result.objective = result.loss + slots[m].zCoefficient * blockSum(squaredZ) / n;
    result.accuracy = blockSum(correct) / n;
    result.logitMean = blockSum(sum) / (n * s.vocab);
    result.logitRms = sqrt(blockSum(squares) / (n * s.vocab));
    PROXY_SHARED float extremes[2][32];
    high = warpLargest(high);
    low = -warpLargest(-low);
    if (lane() == 0) {
        extremes[0][warp()] = high;
        extremes[1][warp()] = low;
    }
    __syncthreads();
    if (thread() != 0)
        return;
    for (int w = 0; w < blockWidth() / 32; ++w) {
        high = extremes[0][w] > high ? extremes[0][w] : high;
        low = extremes[1][w] < low ? extremes[1][w] : low;
    }
    result.logitHigh = static_cast<double>(high);
    result.logitLow = static_cast<double>(low);
    out[m] = result;
}

// Gradient of the objective with respect to the logits; `to` may be the logits themselves.
template <typename A>
PROXY_KERNEL lossBack(Dims s, const int* active, const Slot* slots, const std::int32_t* tokens, const LossRow* rows,
    const float* logits, A* to)
{
    const int m = slotIndex(), row = piece() * lossWarps + warp();
    if (!active[m] || row >= s.rows)
        return;
    const std::int64_t r = std::int64_t{m} * s.rows + row;
    const std::int64_t own = std::int64_t{m} * s.batch * (s.context + 1);
    const int target = tokens[own + row / s.context * (s.context + 1) + row % s.context + 1];
    const LossRow facts = rows[r];
    const auto n = static_cast<float>(s.rows);
    const float share = 1 / n;
    const float factor = (1 + static_cast<float>(2 * slots[m].zCoefficient * facts.logZ)) / n * facts.inverse;
    for (int i = lane(); i < s.vocab; i += 32) {
        const float slope = expOf(logits[r * s.vocab + i] - facts.high) * factor;
        store(to[r * s.vocab + i], i == target ? slope - share : slope);
    }
}

}
