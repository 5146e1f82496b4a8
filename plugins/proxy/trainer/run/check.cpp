// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/check.hpp"

#include "base/philox.hpp"
#include "model/engine.hpp"

#include <algorithm>
#include <cmath>

namespace proxy {

GradientCheck checkGradient(const Shape& shape, const Pass& pass)
{
    const Engine<double>& maths = engine<double>();
    Net<double> net(shape, pass.qkNorm);
    initialise(net, 3);
    // Away from the symmetric start, where scales are all 1 and some errors cancel.
    for (const Tensor& tensor : net.layout.tensors)
        for (std::int64_t i = 0; i < tensor.size(); ++i) {
            const Words words = randomWords(5, Stream::Sample, 9, static_cast<std::uint64_t>(tensor.offset + i));
            net.theta[tensor.offset + i] += 0.2 * (unitInterval(words.w[0], words.w[1]) - 0.5);
        }
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(shape.batch) * (shape.context + 1));
    for (std::size_t i = 0; i < tokens.size(); ++i)
        tokens[i] =
            static_cast<std::int32_t>(randomWords(7, Stream::Sample, 0, i).w[0] % static_cast<unsigned>(shape.vocab));

    maths.forward(net, tokens.data(), pass);
    maths.backward(net, tokens.data(), pass);
    const std::vector<double> weights(net.sequenceWeight, net.sequenceWeight + shape.batch);
    const auto objective = [&] {
        double total = maths.forward(net, tokens.data(), pass).zLoss;
        for (int row = 0; row < shape.batch; ++row)
            total += weights[static_cast<std::size_t>(row)] * net.sequenceLoss[row];
        return total;
    };
    const std::vector<double> grad(net.grad, net.grad + net.layout.size);
    const double h = 1e-5;
    GradientCheck check;
    double allError = 0, allSize = 0;
    for (const Tensor& tensor : net.layout.tensors) {
        double error = 0, size = 0;
        const std::int64_t stride = std::max<std::int64_t>(1, tensor.size() / 40);
        for (std::int64_t i = 0; i < tensor.size(); i += stride) {
            double& theta = net.theta[tensor.offset + i];
            const double kept = theta;
            theta = kept + h;
            const double above = objective();
            theta = kept - h;
            const double below = objective();
            theta = kept;
            const double slope = (above - below) / (2 * h);
            const double difference = grad[static_cast<std::size_t>(tensor.offset + i)] - slope;
            error += difference * difference;
            size += slope * slope;
        }
        check.tensors.push_back({tensor.name, std::sqrt(error / std::max(size, 1e-30))});
        allError += error;
        allSize += size;
    }
    check.overall = std::sqrt(allError / allSize);
    return check;
}

}
