// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/shape.hpp"

namespace proxy {

Layout::Layout(const Shape& shape, QkNorm qkNorm)
{
    std::uint32_t slot = 0;
    const auto placeIn = [this, &slot](std::string name, Kind kind, int rows, int cols, std::int64_t room) {
        const std::int64_t offset = size;
        if (cols > 0)
            tensors.push_back({std::move(name), kind, offset, rows, cols, slot});
        ++slot;
        size += (room + 63) / 64 * 64;
        return offset;
    };
    const auto place = [&placeIn](std::string name, Kind kind, int rows, int cols) {
        return placeIn(std::move(name), kind, rows, cols, std::int64_t{rows} * cols);
    };
    const int d = shape.width;
    const int scales = qkNorm == QkNorm::Head ? shape.headWidth() : qkNorm == QkNorm::Full ? d : 0;
    embedding = place("embedding", Kind::Embedding, shape.vocab, d);
    for (int l = 0; l < shape.layers; ++l) {
        const std::string prefix = "layer" + std::to_string(l) + ".";
        Layer layer{};
        layer.scale1 = place(prefix + "attention.norm", Kind::Scale, 1, d);
        layer.qkv = place(prefix + "attention.qkv", Kind::Matrix, d, 3 * d);
        layer.qScale = placeIn(prefix + "attention.q_norm", Kind::Scale, 1, scales, d);
        layer.kScale = placeIn(prefix + "attention.k_norm", Kind::Scale, 1, scales, d);
        layer.out = place(prefix + "attention.out", Kind::Matrix, d, d);
        layer.scale2 = place(prefix + "mlp.norm", Kind::Scale, 1, d);
        layer.up = place(prefix + "mlp.up", Kind::Matrix, d, 4 * d);
        layer.down = place(prefix + "mlp.down", Kind::Matrix, 4 * d, d);
        layers.push_back(layer);
    }
    scale = place("norm", Kind::Scale, 1, d);
    head = place("head", Kind::Matrix, d, shape.vocab);
}

std::int64_t nonEmbedding(const Shape& shape)
{
    return std::int64_t{12} * shape.layers * shape.width * shape.width;
}

std::int64_t parameters(const Shape& shape, QkNorm qkNorm)
{
    std::int64_t sum = 0;
    for (const Tensor& tensor : Layout(shape, qkNorm).tensors)
        sum += tensor.size();
    return sum;
}

double flopPerToken(const Shape& shape)
{
    const double head = static_cast<double>(shape.width) * shape.vocab;
    return 6.0 * (static_cast<double>(nonEmbedding(shape)) + head)
        + 6.0 * shape.layers * shape.context * static_cast<double>(shape.width);
}

std::int64_t memberBytes(const Shape& shape, int scalar)
{
    const std::int64_t n = shape.rows();
    const std::int64_t perLayer = n * (22 * std::int64_t{shape.width} + std::int64_t{shape.heads} * shape.context);
    const std::int64_t shared = n * (18 * std::int64_t{shape.width} + shape.vocab);
    return scalar * (4 * Layout(shape).size + shape.layers * perLayer + shared);
}

}
