// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a file or a folder and prints the seconds it took, the peak memory above the program's own in bytes, and the records.
// Driven by read.py.
#include "core/io/reader.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

// The high-water mark of this program alone; that of getrusage begins at the parent's.
long peak() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6) * 1024;
    return 0;
}

}

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const std::filesystem::path path = argv[1];
    const long before = peak();
    const auto start = std::chrono::steady_clock::now();
    const io::Import import = io::read({&path, 1});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::size_t records = 0;
    for (const data::Run& run : import.runs)
        for (const data::Series& series : run.series) records += series.value->size();
    std::printf("%.6f %ld %zu\n", seconds, peak() - before, records);
}
