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

// Extremes over the block, valid in every thread.
PROXY_DEVICE float blockLargest(float value)
{
    PROXY_SHARED float largest[32];
    value = warpLargest(value);
    if (lane() == 0)
        largest[warp()] = value;
    __syncthreads();
    for (int w = 0; w < blockWidth() / 32; ++w)
        value = largest[w] <= value || value != value ? value : largest[w];
    __syncthreads();
    return value;
}

// One block per slot: the means over its rows, and the weight of each of its sequences.
PROXY_KERNEL lossSums(Dims s, const int* active, const Slot* slots, bool training, const LossRow* rows,
    float* sequenceLoss, float* sequenceWeight, BatchSums* out)
{
    const int m = slotIndex();
    if (!active[m])
        return;
    const LossRow* own = rows + std::int64_t{m} * s.rows;
    double loss = 0, logZ = 0, squaredZ = 0, correct = 0, sum = 0, squares = 0;
    float low = INFINITY, high = -INFINITY, topZ = -INFINITY;
    for (int i = thread(); i < s.rows; i += blockWidth()) {
        const LossRow& row = own[i];
        loss += row.loss;
        logZ += row.logZ;
        squaredZ += row.logZ * row.logZ;
        correct += static_cast<double>(row.correct);
        sum += static_cast<double>(row.sum);
        squares += static_cast<double>(row.squares);
        low = row.low >= low ? low : row.low;
        high = row.high <= high ? high : row.high;
        topZ = static_cast<float>(row.logZ) <= topZ ? topZ : static_cast<float>(row.logZ);
    }
    const double n = s.rows;
    BatchSums result;
    result.loss = blockSum(loss) / n;
    result.logZ = blockSum(logZ) / n;
    result.zLoss = (training ? slots[m].zCoefficient : 0) * blockSum(squaredZ) / n;
    result.accuracy = blockSum(correct) / n;
    result.logitMean = blockSum(sum) / (n * s.vocab);
    result.logitRms = sqrt(blockSum(squares) / (n * s.vocab));
    result.logitMax = static_cast<double>(blockLargest(high));
    result.logitMin = -static_cast<double>(blockLargest(-low));
    result.logZTop = static_cast<double>(blockLargest(topZ));
    result.topWeight = result.weightEntropy = 0;
    const bool weighted =
        training && slots[m].reweighting != Reweighting::None && slots[m].step >= slots[m].reweightStart;
    float* weights = sequenceWeight + std::int64_t{m} * s.batch;
    float* losses = sequenceLoss + std::int64_t{m} * s.batch;
    for (int row = thread(); row < s.batch; row += blockWidth()) {
        double total = 0;
        for (int t = 0; weighted && t < s.context; ++t)
            total += own[row * s.context + t].loss;
        losses[row] = static_cast<float>(total / s.context);
        weights[row] = 1.0f / static_cast<float>(s.batch);
    }
    __syncthreads();
    if (thread() != 0)
        return;
    result.objective = result.loss + result.zLoss;
    if (weighted) {
        reweight(slots[m].reweighting, slots[m].reweightTemperature, losses, s.batch, weights);
        double mean = 0;
        for (int row = 0; row < s.batch; ++row) {
            const auto w = static_cast<double>(weights[row]);
            mean += w * static_cast<double>(losses[row]);
            result.topWeight = w <= result.topWeight ? result.topWeight : w;
            result.weightEntropy -= w > 0 ? w * log(w) : w;
        }
        result.objective = mean + result.zLoss;
    }
    out[m] = result;
}

// Gradient of the objective with respect to the logits; `to` may be the logits themselves.
template <typename A>
PROXY_KERNEL lossBack(Dims s, const int* active, const Slot* slots, const std::int32_t* tokens, const LossRow* rows,
    const float* sequenceWeight, const float* logits, A* to)
{
    const int m = slotIndex(), row = piece() * lossWarps + warp();
    if (!active[m] || row >= s.rows)
        return;
    const std::int64_t r = std::int64_t{m} * s.rows + row;
    const std::int64_t own = std::int64_t{m} * s.batch * (s.context + 1);
    const int target = tokens[own + row / s.context * (s.context + 1) + row % s.context + 1];
    const LossRow facts = rows[r];
    const float share = sequenceWeight[std::int64_t{m} * s.batch + row / s.context] / static_cast<float>(s.context);
    const float z = static_cast<float>(2 * slots[m].zCoefficient / s.rows) * static_cast<float>(facts.logZ);
    const float factor = (share + z) * facts.inverse;
    for (int i = lane(); i < s.vocab; i += 32) {
        const float slope = expOf(logits[r * s.vocab + i] - facts.high) * factor;
        store(to[r * s.vocab + i], i == target ? slope - share : slope);
    }
}

}
