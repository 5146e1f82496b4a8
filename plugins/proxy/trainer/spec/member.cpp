// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sha256.hpp"
#include "schedule/read.hpp"
#include "spec/switches.hpp"

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
    o.mask = static_cast<DecayMask>(reader.choice("decay", 0, {"all", "matrices"}));
    o.to = static_cast<DecayTo>(reader.choice("decay_to", 0, {"zero", "initial"}));
    o.scaleByRms = reader.flag("lr_param_rms", false);
    o.clip = reader.number("clip", o.clip, 0, 1e12);
    reader.finish();
    return o;
}

Shape readShape(Reader& reader, int vocab)
{
    Shape s;
    s.layers = static_cast<int>(reader.integer("L", s.layers, 0, 64));
    s.width = static_cast<int>(reader.integer("d", s.width, 2, 4096));
    s.heads = static_cast<int>(reader.integer("heads", s.heads, 1, 64));
    s.context = static_cast<int>(reader.integer("T", s.context, 1, 8192));
    s.batch = static_cast<int>(reader.integer("B", s.batch, 1, 65536));
    s.vocab = vocab;
    if (s.width % (2 * s.heads) != 0)
        reader.refuse("d", "the width must be a multiple of twice the heads (" + std::to_string(2 * s.heads) + ")");
    return s;
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
    readSwitches(reader, m);
    reader.finish();
    return m;
}

Json describe(const Member& m)
{
    const Optimiser& o = m.optimiser;
    Json config{{"L", m.shape.layers}, {"d", m.shape.width}, {"heads", m.shape.heads}, {"T", m.shape.context},
        {"B", m.shape.batch}, {"vocab", m.shape.vocab}, {"steps", m.steps}, {"lr", m.lr}, {"sched", describeSchedule(m.schedule)},
        {"opt",
            {{"beta1", o.beta1}, {"beta2", o.beta2}, {"eps", o.eps}, {"wd", o.decay},
                {"wd_mode", o.independent ? "independent" : "coupled"}, {"decay", o.mask == DecayMask::All ? "all" : "matrices"},
                {"clip", o.clip}}},
        {"z_coef", m.zCoefficient}, {"seed", m.seed}, {"data_seed", m.dataSeed},
        {"dtype", m.scalar == Scalar::Float ? "f32" : "f64"},
        {"eval", {{"every", m.evalEvery}, {"batches", m.evalBatches}}}, {"log_every", m.logEvery}};
    describeSwitches(m, config);
    return config;
}

std::string identify(const Member& member, const Json& data)
{
    // Without qk-norm the weights began differently in version 1: they depended on the tensors before them.
    const int maths = member.qkNorm == QkNorm::Off ? 2 : 1;
    return sha256(Json{{"member", describe(member)}, {"data", data}, {"maths", maths}}.dump()).substr(0, 12);
}

}
