// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.hpp"

#include "base/failure.hpp"
#include "base/files.hpp"
#include "model/engine.hpp"
#include "run/backend.hpp"
#include "run/manifest.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <unistd.h>

namespace proxy {

namespace {

Spec readSpec(const std::filesystem::path& path)
{
    return parseSpec(readWhole(path, static_cast<int>(Exit::Usage)), path.parent_path());
}

// A session of its own, so that closing the window that began the sweep does not end it. A process that leads a group
// already cannot have one; then ignoring the hang-up must do.
void leaveTheTerminal()
{
    if (::setsid() < 0)
        std::signal(SIGHUP, SIG_IGN);
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
    RunOptions wanted = arguments.run;
    wanted.resume = wanted.resume && !wanted.out.empty();
    const std::vector<const Member*> queue = selected(spec, wanted);
    Json members = Json::array(), classes = Json::array();
    std::vector<std::pair<ShapeClass, double>> known; // seconds of a step of one member
    std::vector<int> counts;
    double flop = 0, seconds = 0, largest = 0;
    std::int64_t tokens = 0, memory = 0;
    for (const Member& m : spec.members) {
        if (std::find(queue.begin(), queue.end(), &m) == queue.end())
            continue;
        const ShapeClass kind = classOf(m);
        auto found = std::find_if(known.begin(), known.end(), [&](const auto& each) { return each.first == kind; });
        if (found == known.end()) {
            device->slots(kind, 1); // refuses what can never fit
            known.emplace_back(kind, device->stepSeconds(m, 1));
            counts.push_back(0);
            found = known.end() - 1;
        }
        ++counts[static_cast<std::size_t>(found - known.begin())];
        // A forward pass is a third of a step, and so many validation batches run for each training batch.
        const double evaluation = static_cast<double>(m.evalBatches) / (3.0 * static_cast<double>(m.evalEvery));
        const double own = found->second * static_cast<double>(m.steps) * (1 + evaluation);
        const std::int64_t bytes = device->bytes(kind, 1);
        members.push_back({{"id", m.id}, {"name", m.name}, {"N", nonEmbedding(m.shape)},
            {"P", parameters(m.shape, m.qkNorm)}, {"steps", m.steps}, {"tokens", m.tokens()}, {"flop", m.flop()},
            {"bytes", bytes}, {"seconds", own}, {"config", describe(m)}});
        flop += m.flop();
        tokens += m.tokens();
        seconds += own;
        largest = std::max(largest, own);
    }
    double together = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto& [kind, step] = known[i];
        const int slots = device->slots(kind, counts[i]);
        const std::int64_t bytes = device->bytes(kind, slots);
        memory = std::max(memory, bytes);
        classes.push_back({{"L", kind.shape.layers}, {"d", kind.shape.width}, {"heads", kind.shape.heads},
            {"T", kind.shape.context}, {"B", kind.shape.batch}, {"dtype", kind.scalar == Scalar::Float ? "f32" : "f64"},
            {"members", counts[i]}, {"slots", slots}, {"bytes", bytes}, {"step_seconds", step}});
    }
    if (device->mixesShapes())
        together = std::max(largest, seconds / arguments.run.threads);
    else
        for (std::size_t i = 0; i < known.size(); ++i) {
            // All slots of a class step together; the longest member decides how often each slot is used.
            double steps = 0;
            const Member* sample = nullptr;
            for (const Member* m : queue)
                if (classOf(*m) == known[i].first) {
                    steps += static_cast<double>(m->steps);
                    sample = m;
                }
            const int slots = classes[i]["slots"];
            together += device->stepSeconds(*sample, slots) * steps / slots;
        }
    std::puts(Json{{"name", spec.name}, {"members", members}, {"classes", known.size()}, {"class", classes},
        {"device", device->facts()},
        {"totals",
            {{"members", queue.size()}, {"tokens", tokens}, {"flop", flop}, {"bytes", memory}, {"seconds", together},
                {"threads", arguments.run.threads}}}}
                  .dump(1)
                  .c_str());
    return 0;
}

int run(const Arguments& arguments)
{
    if (arguments.run.detach)
        leaveTheTerminal();
    return runSweep(readSpec(arguments.input), arguments.run);
}

}
