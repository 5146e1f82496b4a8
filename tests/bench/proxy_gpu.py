#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of proxy_gpu.sh that read logs: check PROGRAM OUT, speed PROGRAM OUT, spec FILE."""
import csv
import filecmp
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

SIZES = {"0.1M": (2, 64, 4, 128), "0.6M": (3, 128, 4, 128), "2.4M": (3, 256, 8, 256), "9.4M": (3, 512, 8, 256)}
SMALL = dict(L=2, d=32, heads=2, T=32, B=16, steps=20, eval=dict(every=10, batches=2))


def spec(members, seeds=(1, 2), vocab=16, tokens=200000, **defaults):
    rates = [3e-4 * 10 ** (i / 8) for i in range(members)]
    return {"proxy_spec": 1, "name": "gpu",
            "data": {"train": {"gen": "markov", "order": 1, "vocab": vocab, "tokens": tokens},
                     "val": {"gen": "same", "seed": 2, "tokens": 40000}},
            "defaults": defaults, "grid": {"lr": rates, "seed": list(seeds)}, "log": {"vec_every": None}}


def run(program, out, name, content, device):
    folder = os.path.join(out, name)
    shutil.rmtree(folder, ignore_errors=True)
    path = os.path.join(out, name + ".json")
    with open(path, "w") as file:
        json.dump(content, file)
    start = time.monotonic()
    subprocess.run([program, "--run", path, "--out", folder, "--device", device, "--progress", "none"], check=True)
    return folder, time.monotonic() - start


def losses(folder):
    found = {}
    for path in glob.glob(os.path.join(folder, "members", "*.jsonl")):
        lines = [json.loads(line) for line in open(path)]
        found[os.path.basename(path)] = [line["loss"] for line in lines if line["t"] == "s"]
    return found


def verdict(name, good, detail=""):
    print(("ok: " if good else "FAILED: ") + name + (" (" + detail + ")" if detail else ""), flush=True)


def check(program, out):
    content = spec(3, **SMALL)
    cpu, _ = run(program, out, "cpu", content, "cpu")
    gpu, _ = run(program, out, "gpu", content, "cuda:0")
    again, _ = run(program, out, "again", content, "cuda:0")
    a, b = losses(cpu), losses(gpu)
    worst = max(abs(x / y - 1) for key in a for x, y in zip(a[key], b[key]))
    verdict("20 steps in single precision follow the CPU", a.keys() == b.keys() and worst < 1e-4, f"{worst:.2g}")
    names = [os.path.basename(path) for path in glob.glob(os.path.join(gpu, "members", "*"))]
    same = all(filecmp.cmp(os.path.join(gpu, "members", n), os.path.join(again, "members", n), False) for n in names)
    verdict("two runs write the same bytes", same)
    alone, _ = run(program, out, "alone", spec(1, seeds=(1,), **SMALL), "cuda:0")
    own = losses(alone)
    verdict("a member alone has the bits it has among six", all(own[key] == b.get(key) for key in own))


def rate(program, out, size, tokens, members):
    L, d, heads, T = SIZES[size]
    if tokens % T:
        return None
    steps = 100
    content = spec(members, seeds=(1,), vocab=256, tokens=2000000, L=L, d=d, heads=heads, T=T, B=tokens // T,
                   steps=steps, eval=dict(every=steps, batches=1), log_every=steps)
    times = []
    for count in (steps, 3 * steps):  # the difference leaves out the start
        content["defaults"]["steps"] = count
        content["defaults"]["eval"]["every"] = count
        times.append(statistics.median(run(program, out, "speed", content, "cuda:0")[1] for _ in range(3)))
    return members * tokens * 2 * steps / (times[1] - times[0])


def torch_rate(size, tokens, compiled):
    import math
    import torch
    from torch.nn import functional as F
    L, d, H, T = SIZES[size]
    B, V, e = tokens // T, 256, d // H
    torch.manual_seed(1)
    make = lambda r, c: (torch.randn(r, c, device="cuda") / math.sqrt(r)).requires_grad_()
    one = lambda n: torch.ones(n, device="cuda", requires_grad=True)
    table, last, head = make(V, d), one(d), make(d, V)
    layers = [[one(d), make(d, 3 * d), one(e), one(e), make(d, d), one(d), make(d, 4 * d), make(4 * d, d)]
              for _ in range(L)]
    parameters = [table, last, head] + [t for layer in layers for t in layer]
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.95), fused=True)
    angle = torch.arange(T, device="cuda")[:, None] * 10000.0 ** (-2 * torch.arange(e // 2, device="cuda") / e)
    cosine, sine = torch.cos(angle), torch.sin(angle)

    def rotate(x):
        a, b = x.chunk(2, -1)
        return torch.cat([a * cosine - b * sine, b * cosine + a * sine], -1)

    def loss(tokens):
        x = table[tokens[:, :-1]]
        for n1, qkv, qs, ks, o, n2, up, down in layers:
            q, k, v = (F.layer_norm(x, (d,), n1) @ qkv).view(B, T, 3, H, e).permute(2, 0, 3, 1, 4)
            q, k = rotate(F.layer_norm(q, (e,), qs)), rotate(F.layer_norm(k, (e,), ks))
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + mixed.transpose(1, 2).reshape(B, T, d) @ o
            x = x + F.gelu(F.layer_norm(x, (d,), n2) @ up, approximate="tanh") @ down
        return F.cross_entropy((F.layer_norm(x, (d,), last) @ head).flatten(0, 1), tokens[:, 1:].flatten())

    passes = torch.compile(loss, mode=compiled) if compiled else loss
    text = torch.randint(V, (64, B, T + 1), device="cuda")

    def steps(count):
        for i in range(count):
            passes(text[i % 64]).backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            optimiser.zero_grad()
        torch.cuda.synchronize()

    steps(20)
    best = []
    for _ in range(5):
        start = time.monotonic()
        steps(50)
        best.append(time.monotonic() - start)
    return 50 * tokens / statistics.median(best)


def speed(program, out):
    try:
        import torch
        baselines = [("PyTorch eager", None), ("PyTorch compile", "default"), ("PyTorch graphs", "reduce-overhead")]
        torch.backends.cuda.matmul.allow_tf32 = False
        if not torch.cuda.is_available():
            raise ImportError("this PyTorch sees no GPU")
    except ImportError as why:
        print(f"not run: PyTorch baselines ({why})")
        baselines = []
    print("not run: bfloat16, which the program has but the spec cannot ask for yet")
    print("not run: JAX, functorch ensembles, several processes at once, llm.c")
    with open(os.path.join(out, "table.csv"), "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["size", "tokens_per_step", "what", "members", "tokens_per_second"])
        for size in SIZES:
            for tokens in (512, 2048, 8192):
                for members in (1, 2, 4, 8, 16, 32, 64, 128, 256):
                    try:
                        found = rate(program, out, size, tokens, members)
                    except subprocess.CalledProcessError as error:
                        print(f"not run: {size}, {tokens} tokens, {members} members (exit {error.returncode})")
                        break
                    if found is not None:
                        table.writerow([size, tokens, "isoloss-proxy-cuda", members, round(found)])
                for name, compiled in baselines:
                    try:
                        table.writerow([size, tokens, name, 1, round(torch_rate(size, tokens, compiled))])
                    except Exception as error:  # a baseline that fails is told, not hidden
                        print(f"not run: {name}, {size}, {tokens} tokens ({error})")
                file.flush()
    print(f"speeds are in {out}/table.csv")


if __name__ == "__main__":
    command = sys.argv[1]
    if command == "spec":
        with open(sys.argv[2], "w") as target:
            json.dump(spec(2, **SMALL), target)
    else:
        {"check": check, "speed": speed}[command](sys.argv[2], sys.argv[3])
