// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/manifest.hpp"

#include "base/sha256.hpp"
#include "model/engine.hpp"

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sys/utsname.h>
#include <thread>

namespace proxy {

namespace {

std::string processor()
{
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("model name") && line.find(": ") != std::string::npos)
            return line.substr(line.find(": ") + 2);
    return "unknown";
}

std::string now()
{
    const std::time_t time = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&time, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

Json corpusFacts(const Tokens& tokens)
{
    Json facts{{"tokens", tokens.values.size()}, {"vocab", tokens.vocab}, {"sha256", fingerprint(tokens)}};
    if (std::isfinite(tokens.entropy))
        facts["entropy_nats"] = tokens.entropy;
    for (const Domain& domain : tokens.domains)
        facts["domains"].push_back({{"token", domain.token}, {"tokens", domain.count}, {"weight", domain.weight},
            {"entropy_nats", domain.entropy}});
    return facts;
}

}

Json buildFacts()
{
    return {{"name", "isoloss-proxy"}, {"version", PROXY_VERSION}, {"compiler", PROXY_COMPILER},
        {"build_type", PROXY_BUILD_TYPE}, {"flags", PROXY_FLAGS}, {"isa", engine<float>().name}, {"blas", blasName()}};
}

Json hostFacts()
{
    utsname system{};
    uname(&system);
    return {{"cpu", processor()}, {"cores", std::thread::hardware_concurrency()},
        {"os", std::string(system.sysname) + " " + system.release + " " + system.machine}};
}

Json manifest(const Spec& spec, const Corpus& corpus, const Json& device, const std::string& status)
{
    Json members = Json::array();
    double flop = 0;
    std::int64_t tokens = 0;
    for (const Member& member : spec.members) {
        members.push_back({{"id", member.id}, {"name", member.name}, {"config", describe(member)},
            {"N", nonEmbedding(member.shape)}, {"P", parameters(member.shape, member.qkNorm)}});
        flop += member.flop();
        tokens += member.tokens();
    }
    const std::string hash = sha256(spec.text);
    Json environment = Json::object();
    for (const char* name : {"SLURM_JOB_ID", "SLURM_ARRAY_TASK_ID", "CUDA_VISIBLE_DEVICES", "PROXY_ISA"})
        if (const char* value = std::getenv(name))
            environment[name] = value;
    return {{"run_id", hash.substr(0, 12)}, {"name", spec.name}, {"written", now()}, {"status", status},
        {"trainer", buildFacts()}, {"host", hostFacts()}, {"device", device}, {"spec", spec.text},
        {"spec_sha256", hash}, {"data", spec.data},
        {"corpus", {{"train", corpusFacts(corpus.train)}, {"val", corpusFacts(corpus.validation)}}},
        {"flop_formula", "6 (N + d V) + 6 L T d per token, N = 12 L d^2"}, {"members", members},
        {"environment", environment}, {"totals", {{"tokens", tokens}, {"flop", flop}}}};
}

}
