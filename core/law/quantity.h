// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace law {

enum class Scale { Linear, Log };   // Log: positive, searched and shown on a log axis

// Something a law reads or predicts.
struct Quantity {
    std::string_view id;        // N, D, C, L, ...: what --map and --at say
    std::string_view name;      // for axes and tables: "parameters"
    std::string_view unit;      // "tokens", "FLOPs", "nats/token", or empty
    Scale scale = Scale::Linear;
    std::string_view aliases;   // column names it is known by, separated by spaces, best first, lower case
};

namespace quantity {
inline constexpr Quantity N{"N", "parameters", "", Scale::Log,
    "params parameters n_params num_params model_params params_no_embed model_size"};
inline constexpr Quantity D{"D", "training tokens", "tokens", Scale::Log,
    "tokens train_tokens num_tokens n_tokens total_tokens tok throughput/total_tokens"};
inline constexpr Quantity C{"C", "training compute", "FLOPs", Scale::Log,
    "flops flop compute total_flops total_flos training_flops"};
inline constexpr Quantity U{"U", "unique tokens", "tokens", Scale::Log, "unique_tokens unique unique_data n_unique"};
inline constexpr Quantity S{"S", "optimizer steps", "", Scale::Log, "steps n_steps num_steps step _step global_step ti iterations"};
inline constexpr Quantity batch{"B", "batch size", "tokens", Scale::Log,
    "batch_tokens tokens_per_batch tokens_per_step batch_size_in_tokens batch_size bs batch"};
inline constexpr Quantity share{"r", "share of the mixture", "", Scale::Linear, "r ratio share mixture_ratio domain_ratio"};
inline constexpr Quantity step{"step", "step", "", Scale::Linear, "step _step global_step iter iteration"};
inline constexpr Quantity lr{"lr", "learning rate", "", Scale::Linear,
    "lr learning_rate learning-rate optim/learning_rate_group0"};
inline constexpr Quantity L{"L", "loss", "nats/token", Scale::Log,
    "val_loss validation_loss validation/loss loss_val eval_loss test_loss final_loss loss train_loss train/loss"};
// The loss along a run: logged at more steps, so the training loss comes first.
inline constexpr Quantity curveLoss{"L", "loss", "nats/token", Scale::Log,
    "loss train_loss train/loss val_loss validation_loss validation/loss eval_loss test_loss"};
inline constexpr Quantity score{"score", "score", "", Scale::Linear,
    "score accuracy acc val_acc test/accuracy validation/accuracy"};
inline constexpr Quantity x{"x", "x", "", Scale::Log, ""};
}

}
