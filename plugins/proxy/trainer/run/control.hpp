// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace proxy {

// Asks a running sweep to end cleanly; a signal handler may write it. 0 = go on, else the exit code.
extern std::atomic<int> stopCode;

// What others want of a running sweep: one JSON object per line, on standard input or appended to a file, so that a
// window that opens the sweep later can steer it too.
//   {"cmd":"pause"} {"cmd":"resume"} {"cmd":"checkpoint"} {"cmd":"cancel"} {"cmd":"drop","members":["<id>",..]}
class Control {
public:
    // `file` may not exist yet; what it holds already is old. With `endOfInputCancels`, standard input is a pipe whose
    // other end, once gone, leaves nobody to run for. `warn` hears of lines that make no sense.
    Control(std::filesystem::path file, bool endOfInputCancels, std::function<void(const std::string&)> warn);
    ~Control();
    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;

    // Returns at once, or when the pause or the sweep is over.
    void waitWhilePaused();
    bool paused() const { return m_paused; }
    bool dropped(const std::string& id) const;
    // Grows with every demand for a checkpoint.
    int checkpointRound() const { return m_round; }
    void obey(const std::string& line);

private:
    void listen();
    void readFile(std::string& pending);
    bool readInput(std::string& pending);

    std::filesystem::path m_file;
    bool m_endCancels;
    std::function<void(const std::string&)> m_warn;
    std::int64_t m_read = 0; // bytes of the file seen
    std::atomic<bool> m_paused{false}, m_over{false};
    std::atomic<int> m_round{0};
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::set<std::string> m_dropped;
    std::thread m_listener;
};

}
