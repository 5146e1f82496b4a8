#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dragged parameter against scipy and matplotlib, both in this run: 1,000 points, 10 sizes, law of 5 parameters.

The window: from the mouse event on the bar to the repaint that shows the refit. The peer: scipy's least_squares with
Huber's loss on log residuals, from the last optimum with one parameter held, then matplotlib's Agg canvas drawn anew with
ten curves, the points and the residuals.

Usage: tests/bench/window.py [--bench build/release/tests/bench_window]
Needs python3-scipy and python3-matplotlib, and the target bench_window built.
"""
import argparse, os, re, statistics, subprocess, time
import numpy as np
from scipy.optimize import least_squares
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser()
parser.add_argument("--bench", default="build/release/tests/bench_window")
args = parser.parse_args()

env = dict(os.environ, QT_QPA_PLATFORM="offscreen", QT_LOGGING_RULES="default.warning=false")
text = subprocess.run([args.bench], capture_output=True, text=True, env=env, check=True).stdout
ours = float(re.search(r"drag: mouse to the repaint of its refit\s+median\s+([\d.]+) ms", text).group(1))

rng = np.random.default_rng(1)
n, d = (a.ravel() for a in np.meshgrid(np.geomspace(1e7, 1e10, 10), np.geomspace(1e9, 1e12, 100), indexing="ij"))
loss = (1.7 + 400 * n**-.34 + 410 * d**-.28) * np.exp(.01 * rng.standard_normal(n.size))


def predict(p, held, n=n, d=d):
    log_e, log_a, log_b, beta = p
    return np.exp(log_e) + np.exp(log_a) * n**-held + np.exp(log_b) * d**-beta


figure, (top, below) = plt.subplots(2, 1, figsize=(7.4, 6.2), dpi=100, sharex=True, height_ratios=[3, 1])
for axes, y in ((top, loss), (below, loss * 0)):
    axes.set_xscale("log")
    points = axes.scatter(d, y, s=4, c=np.log(n))
top.set_yscale("log")
grid = np.geomspace(1e9, 1e13, 200)
curves = [top.plot(grid, grid, "--")[0] for _ in range(10)]
figure.canvas.draw()

p = np.array([np.log(1.7), np.log(400), np.log(410), .28])
fit, draw = [], []
for held in np.linspace(.34, .36, 40):
    begin = time.perf_counter()
    p = least_squares(lambda q: np.log(predict(q, held)) - np.log(loss), p, loss="huber", f_scale=1e-3).x
    fitted = time.perf_counter()
    for curve, size in zip(curves, np.unique(n)):
        curve.set_ydata(predict(p, held, size, grid))
    points.set_offsets(np.c_[d, 100 * (loss / predict(p, held) - 1)])
    figure.canvas.draw()
    fit.append(fitted - begin)
    draw.append(time.perf_counter() - fitted)

fit, draw = (1e3 * statistics.median(t) for t in (fit, draw))
print(f"window, mouse event to repaint   {ours:8.2f} ms")
print(f"scipy refit                      {fit:8.2f} ms")
print(f"matplotlib redraw                {draw:8.2f} ms")
print(f"peer / window                    {(fit + draw) / ours:8.1f} x")
