#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import of a million rows of CSV against pandas' C engine, in one run.

    tests/bench/csv_import.py build/release/tests/bench_csv

Prints for each file: seconds of both (best of five), their ratio, and the peak memory of the import
as a multiple of the data as float64. Exits 1 where the import is slower or takes more than three times."""
import os
import subprocess
import sys
import tempfile
import time

import numpy
import pandas

ROWS, RUNS = 1_000_000, 10


def write(path, words):
    random = numpy.random.default_rng(1)
    step = numpy.tile(numpy.arange(ROWS // RUNS), RUNS) if words else numpy.arange(ROWS)
    frame = {"run": numpy.repeat([f"run_{r}" for r in range(RUNS)], ROWS // RUNS)} if words else {}
    frame["step"] = step
    frame["lr"] = 3e-4 * (1 - step / ROWS) + 1e-5
    frame["loss"] = 3 + 2 * numpy.exp(-step / 2e4) + random.normal(0, 0.05, ROWS)
    if not words:
        frame["grad_norm"] = random.random(ROWS)
    pandas.DataFrame(frame).to_csv(path, index=False, float_format="%.9g" if words else None)


def main():
    program, good = sys.argv[1], True
    with tempfile.TemporaryDirectory() as folder:
        for words in (True, False):
            path = os.path.join(folder, "rows.csv")
            write(path, words)
            theirs = 1e9
            for _ in range(5):
                start = time.perf_counter()
                pandas.read_csv(path, engine="c")
                theirs = min(theirs, time.perf_counter() - start)
            out = subprocess.run([program, path, "5"], check=True, capture_output=True, text=True).stdout.split()
            ours, memory = float(out[0]), int(out[1]) / (4 * 8 * ROWS)
            good = good and ours <= theirs and memory <= 3
            print(f"{'run,step,lr,loss' if words else 'four numbers':18} ours {ours:.3f} s, pandas {theirs:.3f} s, "
                  f"ratio {ours / theirs:.2f}; peak memory {memory:.2f} x the data")
    return 0 if good else 1


sys.exit(main())
