// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "base/files.hpp"
#include "cli/commands.hpp"
#include "run/backend.hpp"
#include "run/manifest.hpp"
#include "run/records.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace proxy {

namespace {

struct Size {
    const char* name;
    Shape shape;
    bool quick;
};

const std::vector<Size>& sizes()
{
    static const std::vector<Size> all{
        {"17k", {1, 32, 2, 32, 64, 16}, true},
        {"29k", {2, 32, 2, 64, 64, 8}, true},
        {"0.1M", {2, 64, 4, 64, 64, 8}, true},
        {"0.6M", {3, 128, 4, 128, 64, 8}, true},
        {"2.4M", {3, 256, 8, 128, 256, 8}, false},
        {"3.3M", {4, 256, 8, 128, 256, 8}, false},
        {"9.4M", {3, 512, 8, 128, 256, 8}, false},
    };
    return all;
}

// Median of so many measurements, each itself the best of a few steps.
double median(const Backend& device, const Member& member, int members, int repeats)
{
    std::vector<double> seconds;
    for (int i = 0; i < repeats; ++i)
        seconds.push_back(device.stepSeconds(member, members));
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
}

}

int bench(const Arguments& arguments)
{
    const bool full = arguments.input == "full";
    if (!full && arguments.input != "quick")
        throw Failure(Exit::Usage,
            "The benchmark \"" + arguments.input.string() + "\" is not known; --bench takes quick or full.");
    const auto device = openDevice(arguments.run.device, arguments.run.threads);
    const bool cpu = device->name() == "cpu";
    std::vector<int> counts{1};
    if (!cpu)
        counts = full ? std::vector<int>{1, 2, 4, 8, 16, 32, 64, 128, 256} : std::vector<int>{1, 16, 64};
    std::string csv = "size,N,P,L,d,T,V,B,members,tokens_per_step,ms_per_step,tokens_per_s,gflop_per_s\n";
    Json rows = Json::array();
    for (const Size& size : sizes()) {
        if (!size.quick && !full)
            continue;
        Member member;
        member.shape = size.shape;
        member.lr = 1e-3;
        for (const int members : counts) {
            if (device->bytes(classOf(member), members) > device->memory().free)
                continue;
            const double seconds = median(*device, member, members, full ? 5 : 3);
            const double tokens = static_cast<double>(member.batchTokens()) * members;
            const double rate = tokens / seconds, gflops = rate * flopPerToken(size.shape) / 1e9;
            const Shape& s = size.shape;
            csv += std::string(size.name) + "," + std::to_string(nonEmbedding(s)) + "," + std::to_string(parameters(s))
                + "," + std::to_string(s.layers) + "," + std::to_string(s.width) + "," + std::to_string(s.context) + ","
                + std::to_string(s.vocab) + "," + std::to_string(s.batch) + "," + std::to_string(members) + ","
                + jsonNumber(tokens, 0) + "," + jsonNumber(1e3 * seconds, 5) + "," + jsonNumber(rate, 5) + ","
                + jsonNumber(gflops, 4) + "\n";
            rows.push_back(
                {{"size", size.name}, {"N", nonEmbedding(s)}, {"P", parameters(s)}, {"L", s.layers}, {"d", s.width},
                    {"T", s.context}, {"V", s.vocab}, {"B", s.batch}, {"members", members}, {"tokens_per_step", tokens},
                    {"ms_per_step", 1e3 * seconds}, {"tokens_per_s", rate}, {"gflop_per_s", gflops}});
        }
    }
    const std::string json = Json{{"bench", full ? "full" : "quick"}, {"trainer", buildFacts()}, {"host", hostFacts()},
        {"device", device->facts()}, {"note", "one member per core on the CPU; every core adds its own rate"},
        {"rows", rows}}.dump(1);
    if (arguments.run.out.empty())
        std::puts(json.c_str());
    else
        writeWhole(arguments.run.out, arguments.run.out.extension() == ".csv" ? csv : json + "\n");
    return 0;
}

}
