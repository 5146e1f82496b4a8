// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/optimise.hpp"

#include <algorithm>
#include <cmath>

namespace proxy {

namespace {

// The learning rate of one tensor: muParam's and the parameter's own size act on it.
template <typename T> double tensorRate(const Training<T>& training, const Tensor& tensor, double lr)
{
    const Member& m = training.member;
    if (m.mup != Mup::None && tensor.kind == Kind::Matrix)
        lr *= static_cast<double>(m.baseWidth) / m.shape.width;
    if (m.optimiser.scaleByRms) {
        const double squares = engine<T>().squares(training.net.theta + tensor.offset, tensor.size());
        lr *= std::max(std::sqrt(squares / static_cast<double>(tensor.size())), 1e-3);
    }
    return lr;
}

}

template <typename T>
void optimise(Training<T>& training, StepRecord& record, std::vector<AdamSums>* sums, std::vector<double>& gradSquares)
{
    const Member& m = training.member;
    const Optimiser& o = m.optimiser;
    Net<T>& net = training.net;
    const std::vector<Tensor>& tensors = net.layout.tensors;
    gradSquares.resize(tensors.size());
    double total = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        gradSquares[i] = engine<T>().squares(net.grad + tensors[i].offset, tensors[i].size());
        total += gradSquares[i];
    }
    const double step = static_cast<double>(record.step + 1);
    record.lr = learningRate(m.schedule, m.lr, record.step, m.steps);
    record.gradNorm = std::sqrt(total);
    record.clip = o.clip > 0 && record.gradNorm > o.clip ? o.clip / record.gradNorm : 1;
    const double scheduled = m.lr > 0 ? record.lr / m.lr : 0;

    AdamStep constants{};
    constants.beta1 = o.beta1;
    constants.beta2 = o.beta2;
    constants.eps = o.eps;
    constants.correction1 = 1 - std::pow(o.beta1, step);
    constants.correction2 = 1 - std::pow(o.beta2, step);
    if (sums)
        sums->assign(tensors.size(), {});
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const Tensor& tensor = tensors[i];
        constants.clip = record.clip;
        if (o.limiter > 0 && tensor.kind == Kind::Matrix) {
            const double norm = record.clip * std::sqrt(gradSquares[i]);
            const double factor = limiterFactor(norm, training.limiter[i], o.limiter, record.step == 0);
            constants.clip *= factor;
            record.limiter = std::min(record.limiter, factor);
        }
        constants.rate = tensorRate(training, tensor, record.lr);
        const bool decays = o.mask == DecayMask::All || tensor.kind == Kind::Matrix;
        constants.decay = decays ? o.decay * (o.independent ? scheduled : constants.rate) : 0;
        engine<T>().adam(net, tensor.offset, tensor.size(), constants,
            training.initial.empty() ? nullptr : training.initial.data(), sums ? &(*sums)[i] : nullptr);
    }
}

template <typename T> void maskGradient(Training<T>& training)
{
    for (std::size_t i = 0; i < training.mask.size(); ++i)
        training.net.grad[i] *= training.mask[i];
}

template <typename T> void prune(Training<T>& training, long done)
{
    const Member& m = training.member;
    Net<T>& net = training.net;
    const auto last = std::lround(m.prune.end * static_cast<double>(m.steps));
    const auto first = std::lround(m.prune.begin * static_cast<double>(m.steps));
    const long interval = std::max(1L, m.steps / 100);
    const bool due = done > first && done <= last && ((done - first) % interval == 0 || done == last);
    const double progress = static_cast<double>(done) / static_cast<double>(m.steps);
    const double share = prunedShare(done == last ? 1 : progress, m.prune.begin, m.prune.end, m.prune.sparsity);
    training.progress.nonZero = 0;
    std::vector<std::int64_t> order;
    for (const Tensor& tensor : net.layout.tensors) {
        training.progress.nonZero += tensor.size();
        if (tensor.kind != Kind::Matrix || tensor.offset == net.layout.head)
            continue;
        T* theta = net.theta + tensor.offset;
        T* mask = training.mask.data() + tensor.offset;
        if (due) {
            order.resize(static_cast<std::size_t>(tensor.size()));
            for (std::size_t i = 0; i < order.size(); ++i)
                order[i] = static_cast<std::int64_t>(i);
            // What is gone stays gone; equal sizes fall by position, so that the count is exact everywhere.
            const auto before = [&](std::int64_t a, std::int64_t b) {
                const T x = mask[a] * std::abs(theta[a]), y = mask[b] * std::abs(theta[b]);
                return mask[a] != mask[b] ? mask[a] < mask[b] : x != y ? x < y : a < b;
            };
            const auto count = std::lround(share * static_cast<double>(tensor.size()));
            std::nth_element(order.begin(), order.begin() + count, order.end(), before);
            for (long i = 0; i < count; ++i)
                mask[order[static_cast<std::size_t>(i)]] = 0;
        }
        for (std::int64_t i = 0; i < tensor.size(); ++i) {
            theta[i] *= mask[i];
            training.progress.nonZero -= mask[i] == T(0) ? 1 : 0;
        }
    }
}

template <typename T> void stackOn(Training<T>& training, const Parent& parent)
{
    const Layout layout(parent.member.shape, parent.member.qkNorm);
    const auto* from = reinterpret_cast<const T*>(parent.theta.data());
    const Net<T>& net = training.net;
    const auto copy = [&](std::int64_t source, std::int64_t to, std::int64_t count) {
        std::copy_n(from + source, count, net.theta + to);
    };
    const Shape& s = net.shape;
    const std::int64_t d = s.width;
    copy(layout.embedding, net.layout.embedding, d * s.vocab);
    copy(layout.scale, net.layout.scale, d);
    copy(layout.head, net.layout.head, d * s.vocab);
    // The tensors of a layer follow each other without a gap, in one order for every layer.
    for (std::size_t i = 0; i < net.layout.layers.size(); ++i) {
        const Layout::Layer& source = layout.layers[i % layout.layers.size()];
        const std::int64_t end = source.down + 4 * d * d;
        copy(source.scale1, net.layout.layers[i].scale1, end - source.scale1);
    }
}

template void optimise(Training<float>&, StepRecord&, std::vector<AdamSums>*, std::vector<double>&);
template void optimise(Training<double>&, StepRecord&, std::vector<AdamSums>*, std::vector<double>&);
template void maskGradient(Training<float>&);
template void maskGradient(Training<double>&);
template void prune(Training<float>&, long);
template void prune(Training<double>&, long);
template void stackOn(Training<float>&, const Parent&);
template void stackOn(Training<double>&, const Parent&);

}
