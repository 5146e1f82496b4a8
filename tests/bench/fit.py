#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chinchilla fit against scipy, both in this run: same 240 points, objective, grid of 4,500 starts and tolerances.

Usage: tests/bench/fit.py CHINCHILLA_EPOCH.csv [--cli build/release/bin/isoloss-cli] [--full]
Needs python3-scipy. The numeric-gradient peer runs every tenth start and is scaled by ten unless --full.
"""
import argparse, itertools, json, subprocess, sys, time
import numpy as np
from scipy.optimize import minimize

parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("--cli", default="build/release/bin/isoloss-cli")
parser.add_argument("--full", action="store_true")
args = parser.parse_args()

table = np.genfromtxt(args.data, delimiter=",", names=True)
table = table[table["in_240"] == 1]
logN, logD, logL = (np.log(table[k]) for k in ("params", "tokens", "loss"))
delta = 1e-3


def parts(p, n, d):
    a, b, e, alpha, beta = p
    terms = np.stack([a - alpha * n, b - beta * d, np.full(len(n), e)])
    top = terms.max(axis=0)
    weights = np.exp(terms - top)
    total = weights.sum(axis=0)
    return top + np.log(total), weights / total


def objective(p, n=logN, d=logD, y=logL):
    r = np.abs(parts(p, n, d)[0] - y)
    return np.where(r <= delta, 0.5 * r * r, delta * (r - 0.5 * delta)).sum()


def gradient(p, n=logN, d=logD, y=logL):
    value, w = parts(p, n, d)
    psi = np.clip(value - y, -delta, delta)
    return np.array([psi @ w[0], psi @ w[1], psi @ w[2], -(psi * n) @ w[0], -(psi * d) @ w[1]])


starts = list(itertools.product(range(0, 30, 5), range(0, 30, 5), np.arange(-1, 1.5, .5), np.arange(0, 2.5, .5), np.arange(0, 2.5, .5)))
assert len(starts) == 4500


def timed(run):
    begin = time.perf_counter()
    result = run()
    return time.perf_counter() - begin, result


sample = starts if args.full else starts[::10]
numeric, best = timed(lambda: min(minimize(objective, s, method="L-BFGS-B").fun for s in sample))
numeric *= len(starts) / len(sample)
print(f"scipy L-BFGS-B, numeric gradient, 4500 starts   {numeric:8.2f} s   best {best:.12f}" + ("" if args.full else "   (450 run, times 10)"))
analytic, best = timed(lambda: min(minimize(objective, s, jac=gradient, method="L-BFGS-B").fun for s in starts))
print(f"scipy L-BFGS-B, analytic gradient, 4500 starts  {analytic:8.2f} s   best {best:.12f}")


def bootstrap(count, jac):
    rng = np.random.default_rng(42)
    for _ in range(count):
        k = rng.integers(0, len(logN), len(logN))
        minimize(objective, (6.0073404, 6.0179186, .5267228, .33917084, .2849083), jac=jac, args=(logN[k], logD[k], logL[k]), method="BFGS")


slow, _ = timed(lambda: bootstrap(100, None))
fast, _ = timed(lambda: bootstrap(100, gradient))
print(f"scipy BFGS, 100 resamples: numeric {slow:.2f} s, analytic {fast:.2f} s")


def isoloss(*options):
    command = [args.cli, "fit", "chinchilla", args.data, "--where", "in_240==1", "--json", "--quiet", *options]
    wall, done = timed(lambda: subprocess.run(command, capture_output=True, text=True, check=True))
    return wall, json.loads(done.stdout)


runs = sorted((isoloss("--starts", "grid") for _ in range(5)), key=lambda r: r[0])
wall, fit = runs[2]
print(f"isoloss, 4500 starts, whole process             {wall:8.2f} s   best {fit['objective']['value']:.12f}   "
      f"{numeric / wall:.0f}x numeric, {analytic / wall:.0f}x analytic")
wall, fit = sorted((isoloss("--bootstrap", "4000") for _ in range(5)), key=lambda r: r[0])[2]
print(f"isoloss, fit and 4000 resamples, whole process  {wall:8.2f} s   against 100 of scipy's: "
      f"{slow / wall:.1f}x numeric, {fast / wall:.1f}x analytic")
