// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/rules.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace proxy {

// Everything that decides the size of the arrays. Members of equal shape and batch form one shape class.
struct Shape {
    int layers = 2;
    int width = 32;
    int heads = 2;
    int context = 32;
    int vocab = 16;
    int batch = 16;

    int headWidth() const { return width / heads; }
    int rows() const { return batch * context; }
    bool operator==(const Shape&) const = default;
};

enum class Kind { Embedding, Matrix, Scale };

// One parameter tensor inside the flat block: rows x cols, row-major, a layer maps rows (in) to cols (out).
struct Tensor {
    std::string name;
    Kind kind;
    std::int64_t offset;
    int rows, cols;
    std::uint32_t slot; // its number among the tensors of all kinds of members, the lane of its random numbers

    std::int64_t size() const { return std::int64_t{rows} * cols; }
};

// Where each tensor lies. Offsets are multiples of 64 elements; the padding between tensors stays zero. There is room
// for the scales of queries and keys whether a member has them or not, so that members with and without share one
// shape class; `tensors` lists those it has, and `slot` counts all of them.
struct Layout {
    struct Layer {
        std::int64_t scale1, qkv, qScale, kScale, out, scale2, up, down;
    };
    std::vector<Tensor> tensors;
    std::vector<Layer> layers;
    std::int64_t embedding = 0, scale = 0, head = 0;
    std::int64_t size = 0;

    explicit Layout(const Shape& shape, QkNorm qkNorm = QkNorm::Head);
};

// N = 12 L d^2, the matrices between embedding and head (Kaplan's count).
std::int64_t nonEmbedding(const Shape& shape);
// P, everything that is trained.
std::int64_t parameters(const Shape& shape, QkNorm qkNorm = QkNorm::Head);
// Floating-point operations per trained token: 6 (N + d V) + 6 L T d, the causal half of attention only.
double flopPerToken(const Shape& shape);
// Bytes of one member in training at `scalar` bytes per number: state and activations.
std::int64_t memberBytes(const Shape& shape, int scalar);

}
