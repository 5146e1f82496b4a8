// SPDX-License-Identifier: GPL-3.0-or-later
// crash_writer write FILE FIRST      adds three runs, amends and edits, again and again from number FIRST, and prints
//                                    each number once it is committed; until it is killed
// crash_writer full FILE BYTES       the same, in files of at most BYTES, until that fails; then without the limit once
// crash_writer read FILE             as a user with no rights to it: prints what is in it
#include "core/error.h"
#include "tests/store/crash.h"

#include <csignal>
#include <cstdio>
#include <sys/resource.h>
#include <unistd.h>

namespace {

void put(store::Project& project, std::uint64_t number)
{
    const std::vector<data::Run> runs = crash::runs(number);
    project.add(runs, "add");
    std::printf("added %d\n", int(number));
    std::fflush(stdout);
    Workspace seen = project.workspace();
    seen.current = std::to_string(number);
    project.amend(seen);
    std::printf("amended %d\n", int(number));
    std::fflush(stdout);
    project.edit("edit " + std::to_string(number), sample::filtered(project.workspace(), std::to_string(number)));
    std::printf("edited %d\n", int(number));
    std::fflush(stdout);
}

void fill(const char* path, rlim_t bytes)
{
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
    store::Project project = store::Project::open(path);
    std::uint64_t number = 0;
    try {
        for (;; ++number)
            put(project, number);
    } catch (const Error& e) {
        std::printf("failed %s\n", e.what());
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    put(project, number);
}

void show(const char* path)
{
    if (geteuid() == 0 && setuid(65534) != 0)
        std::printf("still root\n");
    store::Project project = store::Project::open(path, store::Project::Mode::ReadOnly);
    std::printf("runs %d of %d\n", int(project.runs().size()), int(project.workspace().runs.size()));
    try {
        store::Project::open(path);
        std::printf("writable\n");
    } catch (const Error& e) {
        std::printf("refused %s\n", e.what());
    }
}

}

int main(int count, char** arguments)
try {
    const std::string mode = count > 2 ? arguments[1] : "";
    if (mode == "read")
        show(arguments[2]);
    else if (mode == "full" && count > 3)
        fill(arguments[2], rlim_t(std::stoull(arguments[3])));
    else if (mode == "write" && count > 3) {
        store::Project project = store::Project::open(arguments[2]);
        for (std::uint64_t number = std::stoull(arguments[3]);; ++number)
            put(project, number);
    } else
        return 2;
    return 0;
} catch (const std::exception& e) {
    std::printf("error %s\n", e.what());
    return 1;
}
