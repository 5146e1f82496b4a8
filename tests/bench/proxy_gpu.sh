#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks and measures isoloss-proxy-cuda on a machine with a GPU:
#
#     tests/bench/proxy_gpu.sh [BUILD] [OUT]
#
# BUILD (default build/gpu) is configured and built if need be, OUT (default gpu-report) gets every log and table.csv.
# What cannot be run here is said in a line that begins with "not run:"; nothing is made up for it.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-build/gpu}
out=${2:-gpu-report}
mkdir -p "$out" || exit 7
program=$build/bin/isoloss-proxy-cuda
failed=0

say() { echo "$*" | tee -a "$out/report.txt"; }
verdict() { # name, status
    if [ "$2" -eq 0 ]; then say "ok: $1"; else say "FAILED: $1 (see $out)"; failed=1; fi
}

if [ ! -x "$program" ]; then
    cmake -S "$here/plugins/proxy/trainer" -B "$build" -DISOLOSS_CUDA=ON > "$out/build.log" 2>&1 \
        && cmake --build "$build" -j >> "$out/build.log" 2>&1
    verdict "build" $?
fi
[ -x "$program" ] || exit 1

"$program" --probe | tee "$out/probe.json"
if ! grep -q '"usable":true' "$out/probe.json"; then
    say "not run: everything that needs a GPU; the program sees none it can use (the reason is in $out/probe.json)"
    exit 4
fi
command -v nvidia-smi > /dev/null && nvidia-smi > "$out/nvidia-smi.txt"
"$program" --selftest > "$out/selftest.txt"
verdict "selftest of the CPU engine" $?

python=$(command -v python3) || { say "not run: comparisons and speeds, there is no python3"; exit 1; }

"$python" "$here/tests/bench/proxy_gpu.py" check "$program" "$out" | tee -a "$out/report.txt"
grep -q '^FAILED' "$out/report.txt" && failed=1

if command -v compute-sanitizer > /dev/null; then
    "$python" "$here/tests/bench/proxy_gpu.py" spec "$out/small.json"
    for tool in memcheck racecheck initcheck synccheck; do
        rm -rf "$out/sanitized"
        compute-sanitizer --tool $tool --error-exitcode 9 "$program" --run "$out/small.json" --out "$out/sanitized" \
            --device cuda:0 --progress none > "$out/$tool.txt" 2>&1
        verdict "compute-sanitizer $tool" $?
    done
else
    say "not run: compute-sanitizer is not installed"
fi

"$python" "$here/tests/bench/proxy_gpu.py" speed "$program" "$out" | tee -a "$out/report.txt"
exit $failed
