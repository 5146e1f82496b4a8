// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/optimise.hpp"

#include <algorithm>
#include <cmath>

namespace proxy {

namespace {

template <typename T> double rms(const T* values, std::int64_t count)
{
    return std::sqrt(engine<T>().squares(values, count) / static_cast<double>(count));
}

// Mean entropy in nats of the rows of attention weights of one layer.
template <typename T> double entropyOf(const Net<T>& net, const LayerState<T>& layer)
{
    const std::int64_t t = net.shape.context, rows = std::int64_t{net.shape.rows()} * net.shape.heads;
    double total = 0;
    for (std::int64_t row = 0; row < rows; ++row) {
        const T* w = layer.weights + row * t;
        for (std::int64_t j = 0; j <= row % t; ++j)
            if (w[j] > T(0))
                total -= static_cast<double>(w[j] * std::log(w[j]));
    }
    return total / static_cast<double>(rows);
}

}

bool vectorsDue(const Member& member, long step)
{
    if (member.vectorEvery < 0)
        return false;
    const long every = member.vectorEvery > 0 ? member.vectorEvery : std::max(1L, member.steps / 200);
    const long end = member.steps - std::max(1L, std::lround(0.005 * static_cast<double>(member.steps)));
    return step % every == 0 || step >= end || step == std::lround(0.02 * static_cast<double>(member.steps));
}

template <typename T>
void measureVectors(Training<T>& training, const std::vector<AdamSums>& sums, const std::vector<double>& gradSquares)
{
    const Net<T>& net = training.net;
    const Shape& s = net.shape;
    const std::int64_t nd = std::int64_t{s.rows()} * s.width;
    Vectors& v = training.vectors;
    const auto layers = static_cast<std::size_t>(s.layers);
    for (std::vector<double>* list : {&v.maxAttention, &v.blockRms, &v.queryRms, &v.keyRms})
        list->resize(layers);
    const bool entropy = training.member.attentionEntropy && training.member.attention == Attention::Softmax;
    v.entropy.resize(entropy ? layers : 0);
    for (std::size_t i = 0; i < layers; ++i) {
        v.maxAttention[i] = static_cast<double>(net.layerTop[i]);
        v.blockRms[i] = rms(i + 1 < layers ? net.layer[i + 1].in : net.out, nd);
        v.queryRms[i] = rms(net.layer[i].q, nd);
        v.keyRms[i] = rms(net.layer[i].k, nd);
        if (entropy)
            v.entropy[i] = entropyOf(net, net.layer[i]);
    }
    v.tensors.resize(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const Tensor& tensor = net.layout.tensors[i];
        const auto n = static_cast<double>(tensor.size());
        v.tensors[i] = {tensor.name, std::sqrt(gradSquares[i] / n), std::sqrt(sums[i].update / n),
            std::sqrt(sums[i].parameter / n), std::sqrt(sums[i].change / sums[i].parameter), sums[i].belowEps / n};
    }
}

template void measureVectors(Training<float>&, const std::vector<AdamSums>&, const std::vector<double>&);
template void measureVectors(Training<double>&, const std::vector<AdamSums>&, const std::vector<double>&);

}
