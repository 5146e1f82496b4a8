#!/usr/bin/env python3
# Written by Isoloss @VERSION@. With a file name: writes the picture; without: shows it.
import sys

import matplotlib

if len(sys.argv) > 1:
    matplotlib.use("Agg")
import matplotlib.pyplot as plt

nan, inf = float("nan"), float("inf")
RECIPE = "{\"isoloss\":\"1\"}"

plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False,
                     "axes.grid": True, "grid.color": "#ECEEF1", "axes.axisbelow": True})
fig, axes = plt.subplots(2, 1, sharex=True, squeeze=False, figsize=(7, 5), layout="constrained",
                         gridspec_kw={"height_ratios": [0.7, 0.3]})

ax = axes[0, 0]
ax.fill_between(
    [1e+18, 1e+19, 1e+20],
    [2.5, 2.25, nan],
    [3.5, 2.75, nan],
    color="#0072B2", linewidth=0, alpha=0.16)
ax.fill_between(
    [123456789012345683968.0, 3e+20],
    [1.9, 1.7],
    [2.2, 2.1],
    color="#0072B2", linewidth=0, alpha=0.08)
ax.plot(
    [1e+18, 1e+19, 1e+20],
    [3, 2.5, 2.125],
    color="#0072B2", linestyle=(0, (5, 2.6)), linewidth=1.5, label="a \"quoted\" fit, \\$x^2\\$")
ax.plot(
    [1e+18, 1e+19, 1e+20],
    [3.125, nan, 2],
    color="#D55E00", linestyle=(0, (5, 2.6)), linewidth=1.5, alpha=0.25)
ax.plot(
    [1e+18, 1e+19, 1e+20],
    [3.125, inf, 2],
    color="#D55E00", linestyle=(0, (5, 2.6)), linewidth=1.5, label=" _run\\two")
ax.errorbar(
    [1e+18, 1e+19, 1e+20],
    [3, 2.5, 2],
    yerr=[[0.10000000000000009, 0.10000000000000009, 0.10000000000000009], [0.20000000000000018, 0.20000000000000018, 0.20000000000000018]],
    linestyle="", marker="o", markersize=4, color="#D55E00", markerfacecolor="#D55E00", label="observed")
ax.plot(
    [3e+20],
    [1.9],
    linestyle="", marker="o", markersize=4, color="#D55E00", markerfacecolor="none", label="held out")
ax.plot(
    [2e+18],
    [3.4],
    linestyle="", marker="x", markersize=4, color="#5A6372", markerfacecolor="#5A6372")
ax.plot(
    [5e+19],
    [0.98] * 1,
    transform=ax.get_xaxis_transform(), linestyle="", marker="^", markersize=4, color="#009E73", markerfacecolor="#009E73")
ax.axvline(1e+20, color="#5A6372", linewidth=0.5, zorder=1)
ax.set_xscale("log")
ax.set_ylabel("loss (nats/token)")
ax.set_title("50 % of {A} & B_1, α − 3.1 × 10²¹", loc="left", fontsize=9, fontweight="bold")
ax.legend(frameon=False, fontsize=7, ncols=2)

ax = axes[1, 0]
ax.axhline(0, color="#5A6372", linewidth=0.5, zorder=1)
ax.plot(
    [1e+18, 1e+20],
    [-1, 1],
    color="#5A6372", linewidth=0.5, zorder=1)
ax.bar(
    [1e+18, 1e+19, 1e+20],
    [1, -0.5, 0.25],
    color="#B5588A")
ax.set_xscale("log")
ax.set_ylabel("residual (%)")
ax.set_xlabel("training compute (FLOPs)")

fig.supxlabel("n = 3 · 中文 · delta 0.001", fontsize=6, color="#5A6372", wrap=True)
if len(sys.argv) > 1:
    fig.savefig(sys.argv[1], dpi=200)
else:
    plt.show()
