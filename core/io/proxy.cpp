// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/formats.h"
#include "core/io/jsonlines.h"
#include "core/io/records.h"

namespace io {

namespace {

// Lines of our own trainer, one file per member: {"t":"cfg"|"s"|"v"|"val"|"end", ...}.
class Member {
public:
    explicit Member(data::Run& run, Losses& losses) : m_run(run), m_losses(losses) {}

    void record(std::span<const Leaf> leaves, std::uint64_t line) {
        std::string_view kind;
        const double* step = nullptr;
        for (const Leaf& leaf : leaves) {
            if (leaf.name == "t" && std::holds_alternative<std::string_view>(leaf.value)) kind = std::get<std::string_view>(leaf.value);
            if (leaf.name == "step") step = std::get_if<double>(&leaf.value);
        }
        if (kind == "cfg" || kind == "end") return configure(leaves);
        if (kind != "s" && kind != "v" && kind != "val")
            return m_losses.atLine(line, "this line has no known kind \"t\"; it is left out");
        if (!step) return m_losses.atLine(line, "this line has no step; it is left out");
        for (const Leaf& leaf : leaves) {
            const double* value = std::get_if<double>(&leaf.value);
            if (!value || leaf.name == "step") continue;
            if (kind == "val") m_records.add("val_" + std::string(leaf.name), *step, *value);
            else m_records.add(leaf.name, *step, *value);
        }
    }

    void finish() { m_run.series = m_records.take(); }

private:
    void configure(std::span<const Leaf> leaves) {
        for (const Leaf& leaf : leaves) {
            if (leaf.name == "t") continue;
            if (const double* value = std::get_if<double>(&leaf.value)) m_run.config[std::string(leaf.name)] = *value;
            else m_run.config[std::string(leaf.name)] = std::string(std::get<std::string_view>(leaf.value));
        }
    }

    data::Run& m_run;
    Losses& m_losses;
    Records m_records;
};

int sniff(const Input& head) {
    if (looksLikeJsonLines(head.bytes) < 0.5) return 0;
    std::string_view line = trim(head.bytes.substr(0, head.bytes.find('\n')));
    std::string plain(line.substr(0, 40));
    std::erase(plain, ' ');
    for (std::string_view kind : {"cfg", "s", "v", "val", "end"})
        if (plain.starts_with("{\"t\":\"" + std::string(kind) + "\"")) return 95;
    return 0;
}

Import read(const Input& input, const Tick& tick) {
    Losses losses(input.path.string());
    Import result;
    data::Run& run = result.runs.emplace_back();
    run.name = input.path.stem().string();
    run.format = "isoloss-proxy";
    run.source = input.path.string();
    Member member(run, losses);
    eachRecord(input, tick, losses, [&](std::span<const Leaf> leaves, std::uint64_t line) { member.record(leaves, line); });
    member.finish();
    result.warnings = losses.take();
    return result;
}

}

extern const Reader proxyReader {.id = "isoloss-proxy", .name = "Proxy runs of this program", .patterns = "members/*.jsonl",
                                 .sniff = sniff, .read = read};

}
