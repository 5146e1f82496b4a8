// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sha256.hpp"
#include "schedule/read.hpp"
#include "spec/reader.hpp"

namespace proxy {

namespace {

Optimiser readOptimiser(Reader reader)
{
    Optimiser o;
    o.beta1 = reader.number("beta1", o.beta1, 0, 0.9999999);
    o.beta2 = reader.number("beta2", o.beta2, 0, 0.9999999);
    o.eps = reader.number("eps", o.eps, 0, 1e3);
    o.decay = reader.number("wd", o.decay, 0, 1e3);
    o.independent = reader.choice("wd_mode", 0, {"independent", "coupled"}) == 0;
    o.decayAll = reader.choice("decay", 0, {"all", "matrices"}) == 0;
    o.clip = reader.number("clip", o.clip, 0, 1e12);
    reader.finish();
    return o;
}

Shape readShape(Reader& reader, int vocab)
{
    Shape s;
    s.layers = static_cast<int>(reader.integer("L", s.layers, 1, 64));
    s.width = static_cast<int>(reader.integer("d", s.width, 2, 4096));
    s.heads = static_cast<int>(reader.integer("heads", s.heads, 1, 64));
    s.context = static_cast<int>(reader.integer("T", s.context, 1, 8192));
    s.batch = static_cast<int>(reader.integer("B", s.batch, 1, 65536));
    s.qkNorm = reader.choice("qk_norm", 1, {"off", "head"}) == 1;
    s.vocab = vocab;
    if (s.width % (2 * s.heads) != 0)
        reader.refuse("d", "the width must be a multiple of twice the heads (" + std::to_string(2 * s.heads) + ")");
    return s;
}

// Parts of the format that this version does not offer: only their neutral values are accepted.
void readLater(Reader& reader)
{
    reader.only("mup", {"none", nullptr});
    reader.raw("base_width");
    Reader switches = reader.object("switches");
    for (const char* name : {"limiter", "reweight", "prune", "unique_tokens"})
        switches.only(name, {nullptr});
    switches.only("dropout", {0, 0.0, nullptr});
    switches.finish();
}

}

Member parseMember(const Expanded& expanded, int vocab)
{
    constexpr std::int64_t most = std::int64_t{1} << 40;
    Reader reader(expanded.config, "", &expanded.origin);
    Member m;
    m.name = reader.text("name", "");
    m.shape = readShape(reader, vocab);
    m.steps = reader.integer("steps", m.steps, 1, most);
    m.lr = reader.number("lr", m.lr, 0, 1e12);
    m.schedule = readSchedule(reader.object("sched"), m.lr);
    m.optimiser = readOptimiser(reader.object("opt"));
    m.zCoefficient = reader.number("z_coef", m.zCoefficient, 0, 1e3);
    m.seed = static_cast<std::uint64_t>(reader.integer("seed", 1, 0, most));
    m.dataSeed = static_cast<std::uint64_t>(reader.integer("data_seed", 1, 0, most));
    m.scalar = reader.choice("dtype", 0, {"f32", "f64"}) == 0 ? Scalar::Float : Scalar::Double;
    Reader eval = reader.object("eval");
    m.evalEvery = eval.integer("every", m.evalEvery, 1, most);
    m.evalBatches = eval.integer("batches", m.evalBatches, 1, most);
    eval.finish();
    m.logEvery = reader.integer("log_every", 0, 1, most);
    readLater(reader);
    reader.finish();
    return m;
}

Json describe(const Member& m)
{
    const Optimiser& o = m.optimiser;
    return {{"L", m.shape.layers}, {"d", m.shape.width}, {"heads", m.shape.heads}, {"T", m.shape.context},
        {"B", m.shape.batch}, {"vocab", m.shape.vocab}, {"qk_norm", m.shape.qkNorm ? "head" : "off"},
        {"steps", m.steps}, {"lr", m.lr}, {"sched", describeSchedule(m.schedule)},
        {"opt",
            {{"beta1", o.beta1}, {"beta2", o.beta2}, {"eps", o.eps}, {"wd", o.decay},
                {"wd_mode", o.independent ? "independent" : "coupled"}, {"decay", o.decayAll ? "all" : "matrices"},
                {"clip", o.clip}}},
        {"z_coef", m.zCoefficient}, {"seed", m.seed}, {"data_seed", m.dataSeed},
        {"dtype", m.scalar == Scalar::Float ? "f32" : "f64"},
        {"eval", {{"every", m.evalEvery}, {"batches", m.evalBatches}}}, {"log_every", m.logEvery}};
}

std::string identify(const Member& member, const Json& data)
{
    return sha256(Json{{"member", describe(member)}, {"data", data}, {"maths", 1}}.dump()).substr(0, 12);
}

}
