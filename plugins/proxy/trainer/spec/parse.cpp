// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/batches.hpp"
#include "data/source.hpp"
#include "spec/switches.hpp"

#include <cmath>
#include <limits>
#include <map>

namespace proxy {

namespace {

constexpr std::int64_t huge = std::int64_t{1} << 53;

// Validation: the same chain with another sample, or the tail of the training text.
void readValidation(Reader& reader, Spec& spec)
{
    const bool tail = reader.choice("gen", spec.train.kind == SourceKind::File ? 1 : 0, {"same", "tail"}) == 1;
    if (tail) {
        spec.tail = reader.number("fraction", 0.1, 0.001, 0.9);
        return;
    }
    if (spec.train.kind == SourceKind::File)
        reader.refuse("gen", "a file can only be split, so the value must be tail");
    const std::int64_t seed = reader.integer("seed", 2, 0, huge);
    spec.validation =
        resampled(spec.train, static_cast<std::uint64_t>(seed), reader.integer("tokens", 20000, 2, std::int64_t{1} << 32));
    if (spec.validation.sampleSeed == spec.train.sampleSeed)
        reader.refuse("seed", "the seed must differ from the training sample's");
}

OrderedJson parseJson(const std::string& text)
{
    try {
        return OrderedJson::parse(text, nullptr, true, true);
    } catch (const nlohmann::json::parse_error& error) {
        throw Failure(Exit::Usage,
            "Spec error at /: the text is not JSON at byte " + std::to_string(error.byte) + "; correct the file.");
    }
}

}

Source parseSource(const std::string& text)
{
    Reader reader(parseJson(text), "");
    Source source = readGenerated(reader);
    reader.finish();
    return source;
}

Spec parseSpec(const std::string& text, const std::filesystem::path& folder)
{
    const OrderedJson json = parseJson(text);
    Reader reader(json, "");
    Spec spec;
    spec.text = text;
    if (reader.integer("proxy_spec", 0, 0, huge) != 1)
        reader.refuse("proxy_spec", "the value must be 1");
    spec.name = reader.text("name", "sweep");

    Reader data = reader.object("data");
    Reader train = data.object("train"), validation = data.object("val");
    spec.train = readSource(train, folder);
    readValidation(validation, spec);
    train.finish();
    validation.finish();
    const std::vector<MixPhase> mix = readMix(data, "mix");
    data.finish();
    spec.data = {{"train", describeSource(spec.train)},
        {"val", spec.tail > 0 ? Json{{"tail", spec.tail}} : describeSource(spec.validation)}};

    Reader stop = reader.object("early_stop");
    stop.only("nan", {true});
    EarlyStop earlyStop;
    if (const OrderedJson* margin = stop.raw("above_init"); margin && !margin->is_null())
        earlyStop.margin = stop.number("above_init", 0, 0, 1e6);
    earlyStop.steps = stop.integer("steps", earlyStop.steps, 1, huge);
    stop.finish();
    Reader log = reader.object("log");
    const std::int64_t logEvery = log.integer("every", 1, 1, huge);
    long vectorEvery = 0;
    if (const OrderedJson* every = log.raw("vec_every"); every && *every != "auto")
        vectorEvery = every->is_null() ? -1 : log.integer("vec_every", 1, 1, huge);
    const bool attentionEntropy = log.flag("attention_entropy", false);
    log.only("binary", {false});
    log.finish();
    for (const char* key : {"defaults", "grid", "zip", "sizes"})
        reader.raw(key);
    reader.finish();

    int vocab = vocabulary(spec.train);
    if (spec.train.kind == SourceKind::File) {
        const Tokens tokens = readTokens(spec.train.file, spec.train.format);
        vocab = tokens.vocab;
        // The content, not the place it lies at, belongs to a member's identity.
        spec.data["train"]["sha256"] = fingerprint(tokens);
    }
    for (const Expanded& expanded : expand(json)) {
        Member member = parseMember(expanded, vocab);
        if (member.logEvery == 0)
            member.logEvery = logEvery;
        member.vectorEvery = vectorEvery;
        member.attentionEntropy = attentionEntropy;
        member.earlyStop = earlyStop;
        if (member.mix.empty())
            member.mix = mix;
        member.id = identify(member, spec.data);
        spec.members.push_back(std::move(member));
    }
    resolveParents(spec.members);
    std::map<std::string, std::string> names;
    for (Member& member : spec.members) {
        // A stacked member is another run when its parent is.
        if (!member.initFrom.empty())
            member.id = identify(member, spec.data);
        const auto [other, fresh] = names.emplace(member.id, member.name);
        if (!fresh)
            throw Failure(Exit::Usage,
                "Spec error at /grid: the members \"" + other->second + "\" and \"" + member.name
                    + "\" are the same run; remove one.");
    }
    return spec;
}

Corpus makeCorpus(const Spec& spec)
{
    Corpus corpus;
    corpus.train = draw(spec.train);
    if (spec.tail > 0)
        corpus = splitTail(std::move(corpus.train), spec.tail);
    else
        corpus.validation = draw(spec.validation);
    for (const Member& member : spec.members) {
        makeSampler(corpus.train,
            {member.dataSeed, member.shape.batch, member.shape.context, member.steps, member.uniqueTokens,
                member.mix}); // refuses what does not fit
        const int context = member.shape.context;
        const std::int64_t wanted = std::int64_t{member.shape.batch} * member.evalBatches;
        if (windowCount(corpus.validation, context) < wanted)
            throw Failure(Exit::Corpus,
                "The validation text holds " + std::to_string(corpus.validation.values.size())
                    + " tokens, but member \"" + member.name + "\" evaluates on " + std::to_string(wanted * context + 1)
                    + "; use more text or fewer eval.batches.");
    }
    return corpus;
}

}
