#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Annealing laws against numpy and scipy, both in this run, on the same curves and objective (Huber 1e-3 of log losses).

Usage: tests/bench/annealing.py GPT100M_COSINE_WSD.csv MPL_25M_100M.csv [--cli build/release/bin/isoloss-cli] [--full]
Needs python3-scipy. Two published procedures are restated:
  momentum law: the annealing area by a loop over steps, 54 starts of L-BFGS-B with a numeric gradient;
  multi-power law: 135 starts of L-BFGS-B on a simplified law, then 200 steps of AdamW on the full one (here with a
  gradient written by hand on arrays; the authors differentiate automatically). 20 of the 200 are run and scaled unless
  --full.
"""
import argparse, csv, itertools, json, subprocess, tempfile, time
import numpy as np
from scipy.optimize import minimize

parser = argparse.ArgumentParser()
parser.add_argument("gpt")
parser.add_argument("mpl")
parser.add_argument("--cli", default="build/release/bin/isoloss-cli")
parser.add_argument("--full", action="store_true")
args = parser.parse_args()
delta = 1e-3


def huber(r):
    a = np.abs(r)
    return np.where(a <= delta, .5 * r * r, delta * (a - .5 * delta)).sum()


def timed(run):
    begin = time.perf_counter()
    result = run()
    return time.perf_counter() - begin, result


def isoloss(*options, repeats=5):
    runs = []
    for _ in range(repeats):
        wall, done = timed(lambda: subprocess.run([args.cli, "fit", *options, "--json", "--quiet"], capture_output=True, text=True, check=True))
        runs.append((wall, json.loads(done.stdout)))
    return sorted(runs, key=lambda r: r[0])[repeats // 2]


# Momentum law: every hundredth step of one cosine run.
rows = [r for r in csv.DictReader(open(args.gpt)) if r["run"] == "cosine"]
step, lr, loss = (np.array([float(r[k]) for r in rows]) for k in ("step", "lr", "loss"))


def momentum_area(rate, decay=.999):
    m, area, out = 0., 0., [0.]
    for before, after in zip(rate[:-1], rate[1:]):
        m = decay * m + before - after
        area += m
        out.append(area)
    return np.array(out)


def momentum_fit():
    s1, s2 = np.cumsum(lr)[::100], momentum_area(lr)[::100]
    keep = np.isfinite(loss[::100])
    s1, s2, y = s1[keep], s2[keep], np.log(loss[::100][keep])

    def cost(p):
        with np.errstate(all="ignore"):
            value = p[0] + p[1] * s1 ** -p[3] - p[2] * s2
        return huber(np.log(np.clip(value, 1e-10, 1e10)) - y)

    best = None
    for start in itertools.product(np.linspace(.1, 2.1, 2), np.linspace(1, 22, 3), np.linspace(1, 22, 3), np.linspace(0, .8, 3)):
        found = minimize(cost, start, method="L-BFGS-B", bounds=[(0, np.inf)] * 4,
                         options={"maxiter": 100000, "ftol": 1e-9, "gtol": 1e-6, "eps": 1e-8})
        if best is None or found.fun < best.fun:
            best = found
    return best


peer, best = timed(momentum_fit)
print(f"momentum law, scipy, 54 starts, numeric gradient   {peer:8.3f} s   best {best.fun:.9f}")
with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
    file.write("run,step,lr,loss\n")
    for i, row in enumerate(rows):
        file.write(f"cosine,{row['step']},{row['lr']},{'' if i % 100 else row['loss']}\n")
    file.flush()
    wall, fit = isoloss("annealing_momentum", file.name, "--starts", "grid")
print(f"momentum law, isoloss, 54 starts                   {fit['seconds']:8.3f} s   best {fit['objective']['value']:.9f}   "
      f"{peer / fit['seconds']:.0f}x (whole process with reading the log {wall:.2f} s)   {fit['starts']}")

# Multi-power law: the three fitted curves of the 25M model.
curves = {}
for r in csv.DictReader(open(args.mpl)):
    if r["model"] == "25M" and r["role"] == "fit":
        curves.setdefault(r["run"], []).append((int(r["step"]), float(r["loss"])))


def rates(run, steps):
    s = np.arange(steps + 1, dtype=float)
    rate = np.full(steps + 1, 3e-4)
    if run.startswith("cosine"):
        rate = 3e-5 + 1.35e-4 * (1 + np.cos(np.pi * (s - 2160) / (24000 - 2160)))
    if run.startswith("wsdcon"):
        rate[8000:] = 9e-5
    rate[:2160] = np.linspace(0, 3e-4, 2160)
    return rate


data = []
for run, points in curves.items():
    at, y = np.array([p[0] for p in points]), np.log([p[1] for p in points])
    rate = rates(run, at.max())
    data.append((at, y, rate, np.cumsum(rate)))


def initialise():
    s1 = np.concatenate([total[at] for at, _, _, total in data])
    fall = np.concatenate([3e-4 - rate[at] for at, _, rate, _ in data])
    y = np.concatenate([y for _, y, _, _ in data])
    low = np.exp(y).min()
    slope, level = np.polyfit(np.log(s1), np.log(np.exp(y) - low + .01), 1)

    def cost(p):
        return huber(np.log(np.maximum(p[0] + p[1] * s1 ** -p[2] - p[3] * fall, 1e-10)) - y)

    best = None
    for start in itertools.product(np.linspace(low - .2, low + .2, 5), np.exp(level) + np.linspace(-.1, .1, 3),
                                   -slope + np.linspace(-.1, .1, 3), np.linspace(100, 1000, 3)):
        found = minimize(cost, start, method="L-BFGS-B", bounds=[(0, np.inf)] * 4)
        if best is None or found.fun < best.fun:
            best = found
    L0, A, alpha, B = best.x
    return np.array([L0, A, alpha, B, 1., .5, .5])


def cost_and_gradient(p):
    L0, A, alpha, B, C, beta, gamma = p
    total, gradient = 0., np.zeros(7)
    for at, y, rate, travelled in data:
        change = rate[:-1] - rate[1:]
        for t, target in zip(at, y):
            k = np.nonzero(change[:t])[0] + 1
            x = rate[k] ** -gamma * (travelled[t] - travelled[k - 1])
            z = 1 + C * x
            left = z ** -beta
            d = change[k - 1]
            gain = (d * (1 - left)).sum()
            power = travelled[t] ** -alpha
            value = L0 + A * power - B * gain
            r = np.log(value) - target
            total += huber(r)
            inner = d * beta * left / z * x
            gradient += np.clip(r, -delta, delta) / value * np.array([1, power, -A * power * np.log(travelled[t]), -gain,
                -B * inner.sum(), -B * (d * left * np.log(z)).sum(), B * C * (inner * np.log(rate[k])).sum()])
    return total, gradient


def adamw(p, steps):
    step = np.array([5e-2, 5e-2, 5e-3, 5e-2, 5e-2, 5e-3, 5e-3])
    first, second = np.zeros(7), np.zeros(7)
    best, since, values = (np.inf, p), 0, []
    for i in range(1, steps + 1):
        value, g = cost_and_gradient(p)
        best, since = ((value, p.copy()), 0) if value < best[0] else (best, since + 1)
        if since > 20:
            break
        first, second = .9 * first + .1 * g, .999 * second + .001 * g * g
        p = p * (1 - .01 * step) - step * (first / (1 - .9 ** i)) / (np.sqrt(second / (1 - .999 ** i)) + 1e-8)
    return best


early, start = timed(initialise)
steps = 200 if args.full else 20
late, best = timed(lambda: adamw(start, steps))
peer = early + late * 200 / steps
print(f"multi-power law, numpy, 135 starts and 200 steps   {peer:8.3f} s   objective {best[0]:.4e} after {steps} steps")
options = ("annealing_multipower", args.mpl, "--where", "model=='25M' and role=='fit'")
for name, extra in (("exact sums", ()), ("binned sums", ("--set", "sums=binned")), ("exact, no prior", ("--set", "prior=off"))):
    wall, fit = isoloss(*options, *extra)
    print(f"multi-power law, isoloss, {fit['starts']['tried']} starts, {name:15}{fit['seconds']:8.3f} s   objective {fit['objective']['value']:.4e}   "
          f"{peer / fit['seconds']:.0f}x (whole process {wall:.2f} s)")
