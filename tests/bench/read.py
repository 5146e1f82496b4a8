#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading logs, beside pandas and json in the same run.

    tests/bench/read.py build/release/tests/bench_read [csv jsonl tensorboard folder] [--rounds N] [--rows CSVROWS]

Prints for each kind of file the best seconds of both sides over the rounds (turn and turn about, each in a process of its
own, the page cache warm), their ratio, and the peak memory above the program's own as a multiple of the data as float64.
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile

import numpy
import pandas

PEERS = {
    "pandas csv": "pandas.read_csv(path, engine='c')",
    "pandas json": "pandas.read_json(path, lines=True)",
    "json.loads": "[json.loads(line) for line in open(path)]",
}


def peer(name, path):
    """Seconds of a peer in a fresh process, its imports not counted."""
    code = f"import sys, time, json, pandas; path = sys.argv[1]; t = time.perf_counter(); {PEERS[name]}; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True, text=True).stdout)


def curves(rows, runs):
    random = numpy.random.default_rng(1)
    step = numpy.tile(numpy.arange(rows // runs), runs)
    return pandas.DataFrame({"run": numpy.repeat([f"run_{r}" for r in range(runs)], rows // runs), "step": step,
                             "lr": 3e-4 * (1 - step / rows) + 1e-5,
                             "loss": 3 + 2 * numpy.exp(-step / 2e4) + random.normal(0, 0.05, rows)})


def csv(path, rows, words):
    frame = curves(rows, 100 if words else 1)
    if not words:
        frame = frame.drop(columns="run")
        frame["grad_norm"] = numpy.random.default_rng(2).random(rows)
    frame.to_csv(path, index=False, float_format="%.9g")


def jsonl(path, rows):
    frame = curves(rows, 1).drop(columns="run")
    with open(path, "w") as out:
        for step, lr, loss in frame.itertuples(index=False):
            out.write(json.dumps({"step": step, "lr": round(lr, 12), "loss": round(loss, 9)}) + "\n")


def crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


def masked(data, table=crc_table()):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def tensorboard(path, rows):
    with open(path, "wb") as out:
        for step in range(rows):
            value = b"\x0a\x0atrain/loss\x15" + struct.pack("<f", 3 + 1 / (1 + step))
            event = b"\x09" + struct.pack("<d", 1.7e9 + step) + b"\x10" + varint(step) + b"\x2a" + varint(len(value) + 2) \
                + b"\x0a" + varint(len(value)) + value
            head = struct.pack("<Q", len(event))
            out.write(head + struct.pack("<I", masked(head)) + event + struct.pack("<I", masked(event)))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("kinds", nargs="*")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--rows", type=int, default=10_000_000)
    asked = options.parse_args()
    kinds = asked.kinds or ["csv", "jsonl", "tensorboard", "folder"]

    def ours(path):
        out = subprocess.run([asked.program, path], check=True, capture_output=True, text=True).stdout.split()
        return float(out[0]), int(out[1]), int(out[2])

    def compare(what, path, floats, peers, goal):
        best, memory, theirs = 1e9, 0, {name: 1e9 for name in peers}
        for _ in range(asked.rounds):
            seconds, above, records = ours(path)
            best, memory = min(best, seconds), above
            for name in peers:
                theirs[name] = min(theirs[name], peer(name, path))
        size = os.path.getsize(path) / 1e6 if os.path.isfile(path) else sum(f.stat().st_size for f in os.scandir(path)) / 1e6
        line = f"{what:34} {size:6.0f} MB {best:7.3f} s {size / best:6.0f} MB/s"
        if floats:
            line += f"  memory {memory / 8 / floats:.2f} x float64"
        print(line + "".join(f"  {name} {t:.2f} s: {t / best:.1f}x" for name, t in theirs.items()) + f"  (goal {goal})", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        if "csv" in kinds:
            for words in (True, False):
                path = os.path.join(folder, "rows.csv")
                csv(path, asked.rows, words)
                compare(f"CSV {asked.rows:.0e} x 4, " + ("one column of names" if words else "numbers"), path, 4 * asked.rows,
                        ["pandas csv"], "4x, 1.5 x float64")
                os.remove(path)
        if "jsonl" in kinds:
            path = os.path.join(folder, "rows.jsonl")
            jsonl(path, 1_000_000)
            compare("JSON lines 1e6 x 3", path, 3_000_000, ["pandas json", "json.loads"], "10x pandas")
            os.remove(path)
        if "tensorboard" in kinds:
            path = os.path.join(folder, "events.out.tfevents.1")
            tensorboard(path, 1_000_000)
            compare("TensorBoard 1e6 scalars", path, 3_000_000, [], "under 1 s")
            os.remove(path)
        if "folder" in kinds:
            runs = os.path.join(folder, "runs")
            os.mkdir(runs)
            path = os.path.join(runs, "run_0.csv")
            csv(path, 31_000, False)
            with open(path) as one:
                text = one.read()
            for r in range(1, 1000):
                with open(os.path.join(runs, f"run_{r}.csv"), "w") as out:
                    out.write(text)
            compare("folder of 1,000 CSV runs", runs, 4 * 31_000_000, [], "300 MB/s")


main()
