// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "model/shape.hpp"

#include <string>
#include <vector>

namespace proxy {

// How far the gradient of one tensor is from central differences, and the worst over all of them.
struct GradientError {
    std::string tensor;
    double relative; // |g - f| / |f| over the checked entries
};
struct GradientCheck {
    std::vector<GradientError> tensors;
    double overall = 0;
};

// Compares the gradient in double with central differences (step h = 1e-5) on up to 40 entries of every tensor. The
// weights of sequences are held at their values of the middle, as the gradient takes them for constants.
GradientCheck checkGradient(const Shape& shape, const Pass& pass);

}
