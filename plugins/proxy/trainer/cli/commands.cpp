// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.hpp"

#include "base/failure.hpp"
#include "base/files.hpp"
#include "model/engine.hpp"
#include "run/backend.hpp"
#include "run/manifest.hpp"

#include <cstdio>
#include <map>

namespace proxy {

namespace {

Spec readSpec(const std::filesystem::path& path)
{
    return parseSpec(readWhole(path, static_cast<int>(Exit::Usage)), path.parent_path());
}

}

int showVersion(bool json)
{
    if (json)
        std::puts(buildFacts().dump().c_str());
    else
        std::printf("isoloss-proxy %s\n", buildFacts()["version"].get<std::string>().c_str());
    return 0;
}

int probe()
{
    std::puts(probeDevices().dump().c_str());
    return 0;
}

int plan(const Arguments& arguments)
{
    const auto device = openDevice(arguments.run.device, arguments.run.threads);
    const Spec spec = readSpec(arguments.input);
    Json members = Json::array();
    std::map<std::string, double> stepSeconds;
    double flop = 0, seconds = 0, largest = 0;
    std::int64_t tokens = 0;
    for (const Member& m : spec.members) {
        const Json config = describe(m);
        std::string shape = config["dtype"].get<std::string>();
        for (const char* key : {"L", "d", "heads", "T", "B", "qk_norm"})
            shape += ' ' + config[key].dump();
        if (!stepSeconds.contains(shape))
            stepSeconds[shape] = device->stepSeconds(m, 1);
        // A forward pass is a third of a step, and so many validation batches run for each training batch.
        const double evaluation = static_cast<double>(m.evalBatches) / (3.0 * static_cast<double>(m.evalEvery));
        const double own = stepSeconds[shape] * static_cast<double>(m.steps) * (1 + evaluation);
        const std::int64_t bytes = memberBytes(m.shape, m.scalar == Scalar::Float ? 4 : 8);
        members.push_back({{"id", m.id}, {"name", m.name}, {"N", nonEmbedding(m.shape)}, {"P", parameters(m.shape, m.qkNorm)},
            {"steps", m.steps}, {"tokens", m.tokens()}, {"flop", m.flop()}, {"bytes", bytes}, {"seconds", own},
            {"config", config}});
        flop += m.flop();
        tokens += m.tokens();
        seconds += own;
        largest = std::max(largest, own);
    }
    const double together = std::max(largest, seconds / arguments.run.threads);
    std::puts(Json{{"name", spec.name}, {"members", members}, {"classes", stepSeconds.size()},
        {"totals",
            {{"members", spec.members.size()}, {"tokens", tokens}, {"flop", flop}, {"seconds", together},
                {"threads", arguments.run.threads}}}}
                  .dump(1)
                  .c_str());
    return 0;
}

int generate(const Arguments& arguments)
{
    const Source source = parseSource(readWhole(arguments.input, static_cast<int>(Exit::Usage)));
    const Tokens tokens = draw(source);
    writeTokens(tokens, arguments.run.out);
    std::puts(Json{{"file", arguments.run.out.string()}, {"tokens", tokens.values.size()}, {"vocab", tokens.vocab},
        {"entropy_nats", tokens.entropy}}
                  .dump()
                  .c_str());
    return 0;
}

int run(const Arguments& arguments)
{
    return runSweep(readSpec(arguments.input), arguments.run);
}

}
