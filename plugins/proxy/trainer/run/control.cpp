// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/control.hpp"

#include "base/failure.hpp"

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace proxy {

std::atomic<int> stopCode{0};
static_assert(std::atomic<int>::is_always_lock_free, "the signal handler writes stopCode");

namespace {

// A terminal would stop a program in the background that reads it, and nobody types JSON there.
bool inputIsPipe()
{
    struct stat info { };
    return ::fstat(STDIN_FILENO, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

void askToEnd(Exit code)
{
    int none = 0;
    stopCode.compare_exchange_strong(none, static_cast<int>(code));
}

}

Control::Control(std::filesystem::path file, bool endOfInputCancels, std::function<void(const std::string&)> warn)
    : m_file(std::move(file))
    , m_endCancels(endOfInputCancels)
    , m_warn(std::move(warn))
{
    std::error_code missing;
    const auto size = std::filesystem::file_size(m_file, missing);
    m_read = missing ? 0 : static_cast<std::int64_t>(size);
    m_listener = std::thread([this] { listen(); });
}

Control::~Control()
{
    m_over = true;
    m_listener.join();
}

void Control::waitWhilePaused()
{
    if (!m_paused)
        return;
    std::unique_lock lock(m_mutex);
    // A signal handler can only write stopCode, so the wait looks up now and then.
    while (m_paused && stopCode == 0)
        m_changed.wait_for(lock, std::chrono::milliseconds(50));
}

bool Control::dropped(const std::string& id) const
{
    const std::lock_guard lock(m_mutex);
    return m_dropped.contains(id);
}

void Control::obey(const std::string& line)
{
    const nlohmann::json command = nlohmann::json::parse(line, nullptr, false);
    const std::string name =
        command.is_object() && command.contains("cmd") && command["cmd"].is_string() ? command["cmd"] : "";
    if (name == "pause") {
        m_paused = true;
    } else if (name == "resume") {
        m_paused = false;
    } else if (name == "checkpoint") {
        ++m_round;
    } else if (name == "cancel") {
        askToEnd(Exit::Cancelled);
    } else if (name == "drop" && command.contains("members") && command["members"].is_array()) {
        const std::lock_guard lock(m_mutex);
        for (const nlohmann::json& id : command["members"])
            if (id.is_string())
                m_dropped.insert(id.get<std::string>());
    } else {
        m_warn("The command " + line.substr(0, 80)
            + " is not known; pause, resume, checkpoint, cancel and drop with members are.");
    }
    m_changed.notify_all();
}

void Control::readFile(std::string& pending)
{
    std::ifstream in(m_file, std::ios::binary);
    if (!in.seekg(m_read))
        return;
    char buffer[4096];
    while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
        pending.append(buffer, static_cast<std::size_t>(in.gcount()));
        m_read += in.gcount();
    }
}

// False at the end of the input.
bool Control::readInput(std::string& pending)
{
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, 100) <= 0)
        return true;
    char buffer[4096];
    const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n > 0)
        pending.append(buffer, static_cast<std::size_t>(n));
    return n != 0;
}

void Control::listen()
{
    std::string fromFile, fromInput;
    bool open = inputIsPipe();
    const auto obeyWhole = [this](std::string& pending) {
        for (std::size_t end; (end = pending.find('\n')) != std::string::npos; pending.erase(0, end + 1))
            if (end > 0)
                obey(pending.substr(0, end));
    };
    while (!m_over) {
        if (!open) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        } else if (!readInput(fromInput)) {
            open = false;
            if (m_endCancels)
                askToEnd(Exit::Cancelled);
        }
        readFile(fromFile);
        obeyWhole(fromInput);
        obeyWhole(fromFile);
    }
}

}
