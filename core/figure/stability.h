// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/figure/figure.h"
#include "core/metric/stability.h"

#include <span>
#include <string_view>

namespace figure {

// The pictures of a stability study, after the figures of Wortsman et al. 2023.
struct StabilityView {
    std::string_view id, name, tip;
};
std::span<const StabilityView> stabilityViews();     // rates, sensitivity, runs, logits, gradients

// One of them. Throws UsageError where there is no such view, Error where the study holds nothing to draw in it.
Figure ofStability(const stability::Study&, const stability::Spec&, std::string_view view);

}
