// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/cli.h"

#include "plugins/host/localrun.h"
#include "plugins/host/plugins.h"
#include "plugins/host/sweepfolder.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>

#include <cmath>
#include <csignal>
#include <cstring>
#include <unistd.h>

// Sweeps of small models from the command line: the trainer's own words and exit codes pass through.

namespace cli {
namespace {

// Qt looks for programs and plugins beside this one; it needs to know which one that is.
void beginQt()
{
    static int count = 1;
    static std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    static char* values[] = {self.data(), nullptr};
    if (!QCoreApplication::instance())
        static QCoreApplication app(count, values);
}

Runner& runner()
{
    beginQt();
    static const std::vector<Plugin> plugins = loadPlugins();
    std::string why = "no plugin for sweeps was found; install the one that came with Isoloss or set ISOLOSS_PLUGIN_PATH";
    for (const Plugin& plugin : plugins) {
        if (plugin.runner)
            return *plugin.runner;
        why = plugin.file.toStdString() + ": " + plugin.why.toStdString();
    }
    throw Error(why);
}

QString asQt(const std::string& text) { return QString::fromStdString(text); }

// What the trainer refused: its sentence was on its own stderr, its code is ours.
[[noreturn]] void leave(int code)
{
    std::cout.flush();
    std::exit(code < 0 ? 1 : code);
}

std::string device(const std::string& backend)
{
    if (backend == "auto" || backend == "cpu" || backend.starts_with("cuda:"))
        return backend;
    if (backend == "cuda")
        return "cuda:0";
    throw UsageError("--backend is auto, cpu, cuda or cuda:N, not " + backend);
}

void mustBeThere(const Runner::Command& command)
{
    if (command.program.isEmpty())
        throw Error(runner().unavailable().toStdString());
}

Json number(double v)
{
    if (std::isfinite(v))
        return v;
    return std::isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity";
}

struct State {
    SweepFolder folder;
    Runner::Queued queue;
    std::string word, sentence;
};

// Judged by the files of the sweep. Where nobody here started it, files that grow are what tells that it runs.
State stateOf(const std::string& path)
{
    State out{.folder = SweepFolder(QDir(asQt(path)).absolutePath()), .queue = {}, .word = {}, .sentence = {}};
    const QString at = out.folder.path();
    if (!QFileInfo(at).isDir())
        throw Error("there is no folder " + path + "; give the one that the sweep writes");
    const bool here = local::isRunning(at);
    if (QFile::exists(at + QStringLiteral("/.launch/slurm.json")))
        out.queue = runner().queued(at);
    const bool queued = out.queue.waiting + out.queue.running > 0;
    out.folder.refresh();
    const bool begun = out.folder.problem().isEmpty();
    const local::Ending end = local::ending(at);
    if (!begun && !here && !queued && !end.known)
        throw Error(out.folder.problem().toStdString());
    const bool fresh = QDateTime::currentMSecsSinceEpoch() - out.folder.changedAt() < 15000;
    if (here || out.queue.running > 0)
        out.word = "running";
    else if (out.queue.waiting > 0)
        out.word = "queued";
    else if (begun && out.folder.isFinished())
        out.word = "finished";
    else if (!end.known && out.folder.status() == QLatin1String("running") && fresh)
        out.word = "running", out.sentence = "Started elsewhere: its files still grow.";
    else if (out.folder.status() == QLatin1String("stopped") || end.code == 10 || end.code == 11)
        out.word = "stopped";
    else
        out.word = "interrupted";
    if (end.known && out.word != "finished")
        out.sentence = (runner().meaning(end.code) + (end.code == 0 || end.said.isEmpty() ? QString() : QStringLiteral(" ") + end.said)).toStdString();
    if (!out.queue.why.isEmpty())
        out.sentence = out.queue.why.toStdString();
    return out;
}

Json describe(const State& s)
{
    using M = SweepMember::State;
    const SweepFolder& f = s.folder;
    Json members = Json::array();
    for (const SweepMember& m : f.members()) {
        static constexpr const char* states[] = {"waiting", "training", "done", "diverged", "stopped"};
        Json one{{"id", m.id.toStdString()}, {"name", m.name.toStdString()}, {"state", states[int(m.state)]}, {"step", m.step}, {"steps", m.steps},
                 {"loss", number(m.loss)}, {"val", number(m.validation)}, {"max_logit", number(m.maxLogit)}};
        if (m.nanStep >= 0)
            one["nan_step"] = m.nanStep;
        members.push_back(std::move(one));
    }
    Json out{{"folder", f.path().toStdString()}, {"name", f.name().toStdString()}, {"state", s.word}, {"message", s.sentence}, {"progress", f.progress()},
             {"counts", {{"members", f.members().size()}, {"waiting", f.count(M::Waiting)}, {"training", f.count(M::Training)}, {"done", f.count(M::Done)},
                         {"diverged", f.count(M::Diverged)}, {"stopped", f.count(M::Stopped)}}},
             {"members", members}};
    if (!s.queue.job.isEmpty())
        out["slurm"] = {{"job", s.queue.job.toStdString()}, {"waiting", s.queue.waiting}, {"running", s.queue.running}};
    return out;
}

pid_t child = 0;
extern "C" void passOn(int signal) { ::kill(child, signal); }

// With --json the last word is a document of ours, so the trainer runs beside us; else we become it, and its output, its
// signals and its exit code are ours without a copy.
int runHere(const Runner::Command& command, const QString& folder, bool beside, bool quiet)
{
    QStringList arguments = command.arguments;
    if (const auto at = arguments.indexOf(QStringLiteral("--progress")); at >= 0)
        arguments[at + 1] = beside || quiet ? QStringLiteral("none") : QStringLiteral("text");
    if (beside) {
        QProcess process;
        process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        process.setStandardInputFile(QProcess::nullDevice());
        process.setStandardOutputFile(QProcess::nullDevice());
        process.start(command.program, arguments);
        if (!process.waitForStarted())
            throw Error(command.program.toStdString() + " cannot be started: " + process.errorString().toStdString());
        child = pid_t(process.processId());
        for (const int signal : {SIGINT, SIGTERM, SIGUSR1})
            std::signal(signal, passOn);
        process.waitForFinished(-1);
        return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : 70;
    }
    if (const QString why = local::becomes(folder); !why.isEmpty())
        throw Error(why.toStdString());
    std::vector<std::string> words{command.program.toStdString()};
    for (const QString& argument : arguments)
        words.push_back(argument.toStdString());
    std::vector<char*> values;
    for (std::string& word : words)
        values.push_back(word.data());
    values.push_back(nullptr);
    std::cout.flush();
    ::execv(values[0], values.data());
    throw Error(words[0] + " cannot be started: " + std::strerror(errno));
}

std::function<void()> runSweep(CLI::App& app, const Output& output)
{
    struct Asked {
        std::string spec, out, backend = "auto", launcher = "local";
        bool resume = false;
        int parts = 4;
    };
    auto asked = std::make_shared<Asked>();
    app.add_option("SPEC", asked->spec, "The sweep, a JSON file")->required();
    app.add_option("--out", asked->out, "Folder for its logs")->required();
    app.add_option("--backend", asked->backend, "auto, cpu, cuda or cuda:N");
    app.add_option("--launcher", asked->launcher, "local, or slurm for a queue")->check(CLI::IsMember({"local", "slurm"}));
    app.add_option("--parts", asked->parts, "Slurm: jobs the members are shared among")->check(CLI::Range(1, 1000));
    app.add_flag("--resume", asked->resume, "Go on in a folder that holds the sweep; finished members are not run again");
    return [=, &output] {
        const std::string backend = device(asked->backend);
        Runner& r = runner();
        const QString folder = QDir(asQt(asked->out)).absolutePath();
        if (isSweepFolder(folder) && !asked->resume)
            throw UsageError("the folder " + asked->out + " already holds a sweep; add --resume to go on or name another folder with --out");
        const Runner::Task task{.spec = QFileInfo(asQt(asked->spec)).absoluteFilePath(), .folder = folder, .device = asQt(backend), .only = {}};
        const Runner::Command command = r.run(task);
        mustBeThere(command);
        if (asked->launcher == "local") {
            const int code = runHere(command, folder, output.json, output.quiet);
            if (output.json && isSweepFolder(folder))
                output.document(describe(stateOf(asked->out)));
            leave(code);
        }
        // A spec that is wrong is said now, not by a job hours later.
        const Runner::Command plan = r.plan(task.spec, QStringLiteral("cpu"));
        QProcess check;
        check.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        check.start(plan.program, plan.arguments);
        if (!check.waitForFinished(60000) || check.exitCode() != 0)
            leave(check.state() == QProcess::NotRunning ? check.exitCode() : 1);
        // The folder of the queue's jobs must be able to read what was asked.
        QDir().mkpath(folder + QStringLiteral("/.launch"));
        if (const QString why = r.submit(QStringLiteral("slurm"), task, asked->parts); !why.isEmpty())
            throw Error(why.toStdString());
        const Runner::Queued queue = r.queued(folder);
        output.say("Slurm job " + queue.job.toStdString() + " of " + std::to_string(asked->parts) + " parts; 'isoloss-cli proxy status " + asked->out + "' tells how it goes");
        output.document({{"folder", folder.toStdString()}, {"slurm", {{"job", queue.job.toStdString()}, {"parts", asked->parts}}}});
    };
}

std::function<void()> status(CLI::App& app, const Output& output)
{
    auto folder = std::make_shared<std::string>();
    app.add_option("DIR", *folder, "The folder a sweep writes")->required();
    return [=, &output] {
        beginQt();
        const State s = stateOf(*folder);
        using M = SweepMember::State;
        const SweepFolder& f = s.folder;
        output.say(f.name().toStdString() + ": " + s.word + ", " + shown(100 * f.progress(), 3) + " % of all steps");
        output.say(std::to_string(f.count(M::Done)) + " done, " + std::to_string(f.count(M::Diverged)) + " diverged, " + std::to_string(f.count(M::Training))
                   + " training, " + std::to_string(f.count(M::Waiting)) + " waiting, " + std::to_string(f.count(M::Stopped)) + " stopped");
        for (const SweepMember& m : f.members())
            output.say("  " + m.name.toStdString() + "   " + verdict(m).toStdString() + ", step " + std::to_string(m.step) + " of " + std::to_string(m.steps)
                       + (std::isnan(m.loss) ? "" : ", loss " + shown(m.loss)) + (std::isnan(m.maxLogit) ? "" : ", max logit " + shown(m.maxLogit, 3)));
        if (!s.sentence.empty())
            output.note(s.sentence);
        output.document(describe(s));
    };
}

std::function<void()> stopSweep(CLI::App& app, const Output& output)
{
    auto folder = std::make_shared<std::string>();
    auto now = std::make_shared<bool>(false);
    app.add_option("DIR", *folder, "The folder a sweep writes")->required();
    app.add_flag("--now", *now, "Do not wait until it has saved");
    return [=, &output] {
        beginQt();
        const QString at = QDir(asQt(*folder)).absolutePath();
        const bool here = local::isRunning(at);
        const QString why = here ? local::stop(at, *now)
                            : QFile::exists(at + QStringLiteral("/.launch/slurm.json")) ? runner().cancel(at)
                                                                                        : QStringLiteral("no sweep runs in %1 that was started on this machine").arg(asQt(*folder));
        if (!why.isEmpty())
            throw Error(why.toStdString());
        for (int i = 0; here && i < 300 && local::isRunning(at); ++i)
            ::usleep(100000);
        if (here && local::isRunning(at))
            throw Error("the sweep in " + *folder + " was asked to stop and has not after 30 s; 'isoloss-cli proxy stop --now' ends it");
        output.say(here ? "Stopped; --resume goes on." : "Slurm was asked to stop it.");
        output.document({{"folder", at.toStdString()}, {"stopped", true}});
    };
}

std::function<void()> planSweep(CLI::App& app, const Output& output)
{
    auto spec = std::make_shared<std::string>();
    auto backend = std::make_shared<std::string>("auto");
    app.add_option("SPEC", *spec, "The sweep, a JSON file")->required();
    app.add_option("--backend", *backend, "auto, cpu, cuda or cuda:N");
    return [=, &output] {
        const std::string on = device(*backend);
        const Runner::Command command = runner().plan(asQt(*spec), asQt(on));
        mustBeThere(command);
        QProcess process;
        process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        process.start(command.program, command.arguments);
        if (!process.waitForFinished(-1))
            throw Error(command.program.toStdString() + " cannot be started: " + process.errorString().toStdString());
        if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
            leave(process.exitStatus() == QProcess::NormalExit ? process.exitCode() : 70);
        const Json plan = Json::parse(process.readAllStandardOutput().toStdString(), nullptr, false);
        if (plan.is_discarded())
            throw Error("the trainer's plan is no JSON; is " + command.program.toStdString() + " of this version?");
        const Json totals = plan.value("totals", Json::object());
        for (const Json& m : plan.value("members", Json::array()))
            output.say(m.value("id", "") + "  " + m.value("name", "") + "   " + shown(m.value("flop", 0.), 3) + " FLOPs, " + shown(m.value("seconds", 0.), 3) + " s");
        output.say(std::to_string(totals.value("members", 0)) + " members, " + shown(totals.value("tokens", 0.), 3) + " tokens, "
                   + shown(totals.value("flop", 0.), 3) + " FLOPs, about " + shown(totals.value("seconds", 0.), 2) + " s");
        output.document(plan);
    };
}

}

std::function<void()> proxy(CLI::App& app, const Output& output)
{
    app.require_subcommand(1);
    auto work = std::make_shared<std::function<void()>>();
    auto& mutableOutput = const_cast<Output&>(output);      // the options of the verb, seen by the verbs below it
    const auto add = [&](const char* name, const char* help, auto declare) {
        CLI::App* sub = app.add_subcommand(name, help);
        sub->add_flag("--json", mutableOutput.json, "One JSON document on standard output and nothing else");
        sub->add_flag("--quiet", mutableOutput.quiet, "Leave out remarks and progress");
        sub->callback([work, run = declare(*sub, output)] { *work = run; });
    };
    add("run", "Train all members of a sweep", runSweep);
    add("status", "How far a sweep is, judged by its own files", status);
    add("stop", "Ask a sweep to save and end", stopSweep);
    add("plan", "What a sweep comes to: members, memory, FLOPs, time", planSweep);
    return [work] { (*work)(); };
}

}
