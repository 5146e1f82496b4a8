// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/formats.h"
#include "core/io/linepattern.h"

namespace io {

namespace {

// What nanoGPT's train.py prints; mfu is in percent.
const TextFormat& format() {
    static const TextFormat nanogpt {
        .id = "nanogpt",
        .records = {"iter {step}: loss {loss}, time {time_ms}ms[, mfu {mfu}%]",
                    "step {step}: train loss {train_loss}, val loss {val_loss}"},
        .facts = {"tokens per iteration will be: {tokens_per_iteration}", "number of parameters: {params}",
                  "Overriding: learning_rate = {learning_rate}", "Overriding: batch_size = {batch_size}",
                  "Overriding: max_iters = {max_iters}"},
        .parameterTable = false,
    };
    return nanogpt;
}

int sniff(const Input& head) { return looksLike(format(), head.bytes, 75); }
Import read(const Input& input, const Tick& tick) { return readLines(format(), input, tick); }

}

extern const Reader nanogptReader {.id = "nanogpt", .name = "nanoGPT output", .patterns = "*.log *.txt", .sniff = sniff, .read = read};

}
