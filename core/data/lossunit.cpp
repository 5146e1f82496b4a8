// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/lossunit.h"

#include "core/data/keys.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace data {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 7> bytesNames{"bytes_per_token", "avg_bytes_per_token", "average_bytes_per_token",
    "mean_bytes_per_token", "bytes_per_tok", "tokenizer_bytes_per_token", "val_bytes_per_token"};
constexpr std::array<std::string_view, 9> tokenizerNames{"tokenizer", "tokenizer_name", "tokenizer_name_or_path",
    "tokenizer_path", "tokenizer_model", "tokenizer_file", "vocab_file", "vocab_path", "tokenizer_type"};
constexpr std::array<std::string_view, 5> vocabularyNames{"vocab_size", "vocabulary_size", "vocab_size_v", "n_vocab", "vocab"};
// Terms beside the cross-entropy, and what is no loss at all: loss scale, z-loss, load balance.
constexpr std::array<std::string_view, 18> otherTerms{"z", "zloss", "aux", "auxiliary", "balance", "balancing", "router", "scale",
    "scaling", "mse", "mae", "l1", "l2", "reg", "kl", "grad", "weight", "time"};

bool has(const std::vector<std::string>& words, std::string_view word)
{
    return std::ranges::find(words, word) != words.end();
}

// Files of every tokenizer are called so: only their folder tells them apart.
bool isGeneric(std::string_view file)
{
    return file == "tokenizer.json" || file == "tokenizer.model" || file == "vocab.json" || file == "vocab.txt"
        || file == "vocab.bpe" || file == "merges.txt";
}

bool isBytes(const std::string& tokenizer)
{
    const std::string plain = plainKey(tokenizer);
    return plain == "byte" || plain == "bytes" || plain == "byte_level" || plain == "utf8" || plain == "utf_8";
}

}

std::string_view name(LossUnit unit)
{
    switch (unit) {
    case LossUnit::NatsPerToken: return "nats/token";
    case LossUnit::BitsPerByte: return "bits/byte";
    case LossUnit::Perplexity: return "perplexity";
    }
    return {};
}

std::optional<LossUnit> lossUnit(std::string_view name)
{
    const std::string plain = plainKey(name);
    if (plain == "nats_token" || plain == "nats_per_token" || plain == "nats")
        return LossUnit::NatsPerToken;
    if (plain == "bits_byte" || plain == "bits_per_byte" || plain == "bpb")
        return LossUnit::BitsPerByte;
    if (plain == "perplexity" || plain == "ppl")
        return LossUnit::Perplexity;
    return {};
}

std::optional<LossUnit> lossUnitOf(const Run& run, std::string_view series)
{
    const std::string plain = plainKey(series);
    const std::vector<std::string> words = text::split(plain, '_');
    if (plain.find("perplexity") != std::string::npos || has(words, "ppl"))
        return LossUnit::Perplexity;
    if (plain.find("bits_per_byte") != std::string::npos || has(words, "bpb"))
        return LossUnit::BitsPerByte;
    const bool entropy = has(words, "nll") || has(words, "xent") || plain.find("cross_entropy") != std::string::npos
        || plain.find("crossentropy") != std::string::npos;
    const bool loss = entropy || plain == "tel" || plain == "trl"
        || std::ranges::any_of(words, [](const std::string& word) { return word.ends_with("loss"); });
    if (!loss || std::ranges::any_of(words, [](const std::string& word) { return std::ranges::find(otherTerms, word) != otherTerms.end(); }))
        return {};
    static constexpr std::array<std::string_view, 2> unitNames{"loss_unit", "loss_units"};
    const Value* said = find(run.config, unitNames);
    if (const auto* word = said ? std::get_if<std::string>(said) : nullptr)
        return lossUnit(*word);
    return LossUnit::NatsPerToken;
}

double bytesPerToken(const Run& run)
{
    const double said = positive(run.config, bytesNames);
    return said > 0 ? said : isBytes(tokenizer(run)) ? 1 : 0;
}

std::string tokenizer(const Run& run)
{
    for (const std::string_view name : tokenizerNames) {
        const Value* value = find(run.config, Names(&name, 1));
        const auto* word = value ? std::get_if<std::string>(value) : nullptr;
        if (!word)
            continue;
        std::string_view path = text::trim(*word);
        while (path.ends_with('/'))
            path.remove_suffix(1);
        auto at = path.rfind('/');
        if (at != std::string_view::npos && at > 0 && isGeneric(path.substr(at + 1)))
            at = path.rfind('/', at - 1);
        if (at != std::string_view::npos)
            path.remove_prefix(at + 1);
        if (const std::string plain = text::lower(path); !plain.empty() && plain != "none" && plain != "null")
            return std::string(path);
    }
    const double size = positive(run.config, vocabularyNames);
    return size > 1 && size < 1e12 ? "vocabulary of " + std::to_string(std::int64_t(size)) : "";
}

double convertLoss(double value, LossUnit from, LossUnit to, double bytesPerToken)
{
    if (from == to)
        return value;
    const bool bytes = from == LossUnit::BitsPerByte || to == LossUnit::BitsPerByte;
    if (bytes && !(bytesPerToken > 0 && std::isfinite(bytesPerToken)))
        return std::nan("");
    const double perBit = std::numbers::ln2 * bytesPerToken;
    const double nats = from == LossUnit::BitsPerByte ? value * perBit : from == LossUnit::Perplexity ? std::log(value) : value;
    return to == LossUnit::BitsPerByte ? nats / perBit : to == LossUnit::Perplexity ? std::exp(nats) : nats;
}

}
