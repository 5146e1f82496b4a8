// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/failure.hpp"
#include "cli/commands.hpp"

#include <csignal>
#include <cstdio>
#include <new>

using namespace proxy;

namespace {

extern "C" void askToStop(int signal)
{
    int none = 0;
    const Exit code = signal == SIGUSR1 ? Exit::Budget : Exit::Cancelled;
    stopCode.compare_exchange_strong(none, static_cast<int>(code));
}

void catchSignals()
{
    struct sigaction action { };
    action.sa_handler = askToStop;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1})
        sigaction(signal, &action, nullptr);
    // A full disk or a reader that went away is reported by write(), not by a signal.
    std::signal(SIGXFSZ, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN);
}

int dispatch(const Arguments& arguments)
{
    switch (arguments.command) {
    case Command::Help:
        std::fputs(helpText, stdout);
        return 0;
    case Command::Version:
        return showVersion(arguments.json);
    case Command::Probe:
        return probe();
    case Command::Selftest:
        return selftest();
    case Command::Plan:
        return plan(arguments);
    case Command::Generate:
        return generate(arguments);
    case Command::Tokenize:
        return tokenize(arguments);
    case Command::Bench:
        return bench(arguments);
    case Command::Run:
        return run(arguments);
    }
    return static_cast<int>(Exit::Internal);
}

const char* message(int code)
{
    return code == 0 ? "done" : code == static_cast<int>(Exit::Budget) ? "budget reached" : "stopped";
}

}

int main(int count, char** values)
{
    ProgressStyle style = ProgressStyle::None;
    int code = static_cast<int>(Exit::Internal);
    std::string sentence;
    try {
        const Arguments arguments = parseArguments(count, values);
        if (arguments.command == Command::Run) {
            catchSignals();
            style = arguments.run.progress;
        }
        code = dispatch(arguments);
        sentence = message(code);
    } catch (const Failure& failure) {
        code = static_cast<int>(failure.code);
        sentence = failure.what();
    } catch (const std::bad_alloc&) {
        code = static_cast<int>(Exit::Memory);
        sentence = "There is not enough memory for this sweep; use fewer --threads or smaller members.";
    } catch (const std::exception& error) {
        sentence = std::string("An error inside isoloss-proxy: ") + error.what() + "; please report it.";
    }
    if (code != 0 && code != static_cast<int>(Exit::Cancelled) && code != static_cast<int>(Exit::Budget)
        && !sentence.empty())
        std::fprintf(stderr, "%s\n", sentence.c_str());
    printExit(style, code, sentence);
    return code;
}
