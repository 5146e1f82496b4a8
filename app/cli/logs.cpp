// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli.h"

#include "core/data/expression.h"
#include "core/store/project.h"

#include <cmath>

namespace cli {
namespace {

Json value(const data::Value& v)
{
    return std::visit([](const auto& x) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(x)>, double>)
            return fit::number(x);
        else
            return x;
    }, v);
}

Json describe(const data::Run& run)
{
    Json config = Json::object();
    for (const auto& [key, v] : run.config)
        config[key] = value(v);
    Json series = Json::array();
    for (const data::Series& s : run.series) {
        const auto n = s.value ? s.value->size() : 0;
        Json one{{"name", s.name}, {"n", n}};
        const auto record = [&](std::size_t i) { return Json::array({fit::number((*s.step)[i]), fit::number((*s.value)[i])}); };
        one["first"] = n ? record(0) : Json();
        one["last"] = n ? record(n - 1) : Json();
        one["nan"] = n ? std::ranges::count_if(*s.value, [](double v) { return std::isnan(v); }) : 0;
        series.push_back(one);
    }
    for (const data::TextColumn& t : run.text)
        series.push_back({{"name", t.name}, {"n", t.code.size()}, {"levels", t.levels.size()}, {"text", true}});
    return {{"name", run.name}, {"format", run.format}, {"kind", run.kind == data::Kind::Log ? "log" : "table"},
            {"config", config}, {"series", series}};
}

Json describe(const io::Warning& w)
{
    Json out{{"file", w.file}};
    if (w.line)
        out["line"] = *w.line;
    if (w.offset)
        out["offset"] = *w.offset;
    out["message"] = w.message;
    return out;
}

std::string sentence(const io::Warning& w)
{
    return w.file + (w.line ? ":" + std::to_string(*w.line) : "") + (w.offset ? " at byte " + std::to_string(*w.offset) : "")
        + ": " + w.message;
}

std::vector<std::filesystem::path> asPaths(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

}

std::function<void()> read(CLI::App& app, const Output& output)
{
    auto files = std::make_shared<std::vector<std::string>>();
    auto format = std::make_shared<std::string>();
    app.add_option("FILE", *files, "Logs, tables or folders")->required();
    app.add_option("--format", *format, "Read as this format instead of guessing");
    return [=, &output] {
        const io::Import import = io::read(asPaths(*files), *format, output.progress("Reading"));
        Json all{{"runs", Json::array()}, {"warnings", Json::array()}};
        for (const data::Run& run : import.runs) {
            all["runs"].push_back(describe(run));
            output.say(run.name + "   " + run.format + ", " + std::to_string(run.series.size()) + " series");
            for (const data::Series& s : run.series)
                output.say("  " + s.name + "   " + std::to_string(s.value->size()) + " records"
                           + (s.value->empty() ? "" : ", last " + shown(s.value->back()) + " at " + shown(s.step->back(), 8)));
        }
        for (const io::Warning& w : import.warnings) {
            all["warnings"].push_back(describe(w));
            output.note(sentence(w));
        }
        output.document(all);
    };
}

std::function<void()> import(CLI::App& app, const Output& output)
{
    auto project = std::make_shared<std::string>();
    auto files = std::make_shared<std::vector<std::string>>();
    app.add_option("PROJECT", *project, "The project file, made where absent")->required();
    app.add_option("FILE", *files, "Logs, tables or folders")->required();
    return [=, &output] {
        // Everything is read before the project is touched: a bad log leaves no half-made file.
        const io::Import import = io::read(asPaths(*files), {}, output.progress("Reading"));
        auto opened = store::Project::open(*project);
        const int added = opened.add(import.runs);
        Json all{{"project", *project}, {"read", import.runs.size()}, {"added", added}, {"warnings", Json::array()}};
        for (const io::Warning& w : import.warnings) {
            all["warnings"].push_back(describe(w));
            output.note(sentence(w));
        }
        output.say(std::to_string(added) + " of " + std::to_string(import.runs.size()) + " runs are new in " + *project);
        output.document(all);
    };
}

std::function<void()> runs(CLI::App& app, const Output& output)
{
    auto project = std::make_shared<std::string>();
    auto where = std::make_shared<std::string>();
    app.add_option("PROJECT", *project, "The project file")->required();
    app.add_option("--where", *where, "Only runs with a row for which this holds, such as N>1e6 and schedule=='wsd'");
    return [=, &output] {
        const auto opened = store::Project::open(*project, store::Project::Mode::ReadOnly);
        Json all = Json::array();
        for (const data::Run& run : opened.runs()) {
            if (!where->empty()) {
                const auto rows = data::Expression(*where).select(data::tabulate(std::span(&run, 1)));
                if (std::ranges::find(rows, true) == rows.end())
                    continue;
            }
            all.push_back(describe(run));
            output.say(run.name + "   " + run.format + ", " + std::to_string(run.series.size()) + " series");
        }
        Json warnings = Json::array();
        for (const std::string& damage : opened.warnings()) {
            warnings.push_back(damage);
            output.note("warning: " + damage);
        }
        output.document({{"runs", all}, {"warnings", warnings}});
    };
}

}
