// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/source.hpp"

#include "data/batches.hpp"

#include <algorithm>

namespace proxy {

namespace {

constexpr std::int64_t huge = std::int64_t{1} << 53, mostTokens = std::int64_t{1} << 32;
const std::vector<std::string> generators{"zipf", "markov", "copy", "modular", "pcfg", "mixture"};
const std::vector<std::string> formats{"auto", "bytes", "u16", "llm.c", "ptok"};

void readTemperatures(Reader& reader, Source& source)
{
    source.temps.assign(static_cast<std::size_t>(source.order), 0);
    const OrderedJson* temp = reader.raw("temp");
    if (!temp || !temp->is_array()) {
        source.temps.back() = reader.number("temp", 1.5, 0, 20);
        return;
    }
    if (temp->size() != source.temps.size())
        reader.refuse("temp", "the list must have one number per order");
    for (std::size_t i = 0; i < source.temps.size(); ++i) {
        if (!(*temp)[i].is_number())
            reader.refuse("temp", "the list must hold numbers");
        source.temps[i] = (*temp)[i].get<double>();
    }
}

// Weights that sum to 1; equal where the key is absent.
std::vector<double> readWeights(Reader& reader, const char* key, std::size_t count)
{
    std::vector<double> weights(count, 1 / static_cast<double>(count));
    const OrderedJson* list = reader.raw(key);
    if (!list)
        return weights;
    double total = 0;
    if (!list->is_array() || list->size() != count)
        reader.refuse(
            key, "the value must be a list of one weight for each of the " + std::to_string(count) + " sources");
    for (std::size_t k = 0; k < count; ++k) {
        if (!(*list)[k].is_number() || !((*list)[k].get<double>() >= 0))
            reader.refuse(key, "the weights must be numbers that are not negative");
        weights[k] = (*list)[k].get<double>();
        total += weights[k];
    }
    if (!(total > 0))
        reader.refuse(key, "at least one weight must be above 0");
    for (double& weight : weights)
        weight /= total;
    return weights;
}

void readMixture(Reader& reader, Source& source)
{
    const OrderedJson* list = reader.raw("sources");
    if (!list || !list->is_array() || list->empty() || list->size() > mostDomains)
        reader.refuse("sources", "the value must be a list of 1 to " + std::to_string(mostDomains) + " sources");
    for (std::size_t k = 0; k < list->size(); ++k) {
        Reader inner = reader.item("sources", k);
        const bool counted = inner.has("tokens"), seeded = inner.has("sample_seed");
        Source part = readGenerated(inner);
        inner.finish();
        if (part.kind == SourceKind::Mixture)
            inner.refuse("gen", "a mixture cannot hold another one");
        if (!counted)
            part.count = std::max<std::int64_t>(2, source.count / static_cast<std::int64_t>(list->size()));
        if (!seeded)
            part.sampleSeed = source.sampleSeed + 1000 * k;
        source.sources.push_back(std::move(part));
    }
    source.weights = readWeights(reader, "weights", source.sources.size());
    source.vocab = vocabulary(source);
    if (source.vocab > 65536)
        reader.refuse("sources", "the sources have too many symbols together; at most 65536 fit");
}

}

Source readGenerated(Reader& reader)
{
    Source source;
    source.kind = static_cast<SourceKind>(reader.choice("gen", 1, generators));
    source.sampleSeed = static_cast<std::uint64_t>(reader.integer("sample_seed", 1, 0, huge));
    source.count = reader.integer("tokens", 4000000, 2, mostTokens);
    const bool seeded =
        source.kind == SourceKind::Zipf || source.kind == SourceKind::Markov || source.kind == SourceKind::Pcfg;
    if (seeded)
        source.seed = static_cast<std::uint64_t>(reader.integer("seed", 11, 0, huge));
    if (source.kind == SourceKind::Zipf || source.kind == SourceKind::Markov || source.kind == SourceKind::Copy)
        source.vocab = static_cast<int>(reader.integer("vocab", 16, 2, 65536));
    switch (source.kind) {
    case SourceKind::Zipf:
        source.exponent = reader.number("exponent", 1, 0, 10);
        break;
    case SourceKind::Markov:
        source.exponent = reader.number("zipf", 0, 0, 10);
        source.order = static_cast<int>(reader.integer("order", 2, 1, 8));
        readTemperatures(reader, source);
        break;
    case SourceKind::Copy:
        source.block = static_cast<int>(reader.integer("block", source.block, 1, 1 << 20));
        break;
    case SourceKind::Modular:
        source.modulus = static_cast<int>(reader.integer("modulus", source.modulus, 2, 20000));
        source.vocab = 3 * source.modulus;
        break;
    case SourceKind::Pcfg:
        source.symbols = static_cast<int>(reader.integer("symbols", source.symbols, 1, 64));
        source.rules = static_cast<int>(reader.integer("rules", source.rules, 2, 256));
        source.branch = reader.number("branch", source.branch, 0, 0.99);
        source.temps.assign(1, reader.number("temp", 1, 0, 20));
        source.vocab = source.symbols * source.rules;
        break;
    case SourceKind::Mixture:
        readMixture(reader, source);
        break;
    default:
        break;
    }
    return source;
}

Source readSource(Reader& reader, const std::filesystem::path& folder)
{
    if (!reader.has("file"))
        return readGenerated(reader);
    Source source;
    source.kind = SourceKind::File;
    const std::filesystem::path file = reader.text("file", "");
    source.file = file.is_absolute() ? file : folder / file;
    source.format = static_cast<FileFormat>(reader.choice("format", 0, formats));
    return source;
}

Source resampled(Source source, std::uint64_t sampleSeed, std::int64_t count)
{
    for (std::size_t k = 0; k < source.sources.size(); ++k) {
        Source& part = source.sources[k];
        part.sampleSeed += 1000003 * (sampleSeed + 1);
        part.count = std::max<std::int64_t>(2, count / static_cast<std::int64_t>(source.sources.size()));
    }
    source.sampleSeed = sampleSeed;
    source.count = count;
    return source;
}

int vocabulary(const Source& source)
{
    if (source.kind == SourceKind::File)
        return 0;
    if (source.kind != SourceKind::Mixture)
        return source.vocab;
    int largest = 0;
    for (const Source& part : source.sources)
        largest = std::max(largest, part.vocab);
    return largest + static_cast<int>(source.sources.size());
}

Json describeSource(const Source& source)
{
    Json out{{"gen", source.kind == SourceKind::File ? "" : generators[static_cast<std::size_t>(source.kind)]},
        {"sample_seed", source.sampleSeed}, {"tokens", source.count}};
    switch (source.kind) {
    case SourceKind::Zipf:
        out.update({{"vocab", source.vocab}, {"exponent", source.exponent}});
        break;
    case SourceKind::Markov:
        out.update({{"vocab", source.vocab}, {"order", source.order}, {"temp", source.temps}, {"zipf", source.exponent},
            {"seed", source.seed}});
        break;
    case SourceKind::Copy:
        out.update({{"vocab", source.vocab}, {"block", source.block}});
        break;
    case SourceKind::Modular:
        out.update({{"modulus", source.modulus}});
        break;
    case SourceKind::Pcfg:
        out.update({{"symbols", source.symbols}, {"rules", source.rules}, {"branch", source.branch},
            {"temp", source.temps.front()}, {"seed", source.seed}});
        break;
    case SourceKind::Mixture:
        out["weights"] = source.weights;
        for (const Source& part : source.sources)
            out["sources"].push_back(describeSource(part));
        break;
    case SourceKind::File:
        out = {{"file", source.file.filename().string()}};
        if (source.format != FileFormat::Auto)
            out["format"] = formats[static_cast<std::size_t>(source.format)];
        break;
    }
    return out;
}

}
