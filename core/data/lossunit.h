// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/run.h"

#include <optional>
#include <string>
#include <string_view>

// Losses in nats per token, bits per byte and perplexity, and which of them may be compared.
namespace data {

enum class LossUnit { NatsPerToken, BitsPerByte, Perplexity };
std::string_view name(LossUnit);                            // nats/token, bits/byte, perplexity
std::optional<LossUnit> lossUnit(std::string_view name);

// The unit of a series that is a loss, by its name (perplexity, ppl; bpb, bits_per_byte; loss, nll, cross_entropy) or
// by the configuration's loss_unit; nothing where it is no loss.
std::optional<LossUnit> lossUnitOf(const Run&, std::string_view series);

// Bytes of text per token and the tokenizer, as the configuration names them; 0 and empty where it does not.
double bytesPerToken(const Run&);
std::string tokenizer(const Run&);

// bits/byte = (nats/token) / (ln 2 bytes/token), perplexity = exp(nats/token). NaN where bytes per token are needed and
// are not positive.
double convertLoss(double value, LossUnit from, LossUnit to, double bytesPerToken);

}
