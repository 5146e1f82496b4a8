#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training speed of isoloss-proxy on the CPU beside PyTorch, same sizes and maths, one thread each, in one run.

    python3 tests/bench/proxy_cpu.py build/bin/isoloss-proxy [--seconds 3] [--rounds 3] [--only 2,64]

Needs PyTorch (Debian: python3-torch) and OpenBLAS, which is preloaded for PyTorch: Debian's reference BLAS would make
it up to ten times slower. Also prints what two members at once reach against two processes, and what logging costs.
"""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

SIZES = [(1, 32, 2, 32, 64, 16), (2, 32, 2, 64, 64, 8), (2, 64, 4, 64, 64, 8), (3, 128, 4, 128, 64, 8),
         (4, 256, 8, 128, 256, 8), (6, 384, 6, 128, 256, 8)]
ENVIRONMENT = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")


def torch_rate(size, seconds, clock):
    """Tokens per second of the plain eager program; runs in a process of its own, see main()."""
    import math
    import torch
    from torch.nn import functional as F
    torch.set_num_threads(1)
    torch.manual_seed(1)
    L, d, H, T, V, B = size
    e = d // H
    matrix = lambda rows, cols: (torch.randn(rows, cols) / math.sqrt(rows)).requires_grad_()
    scale = lambda n: torch.ones(n, requires_grad=True)
    table = (torch.randn(V, d) / math.sqrt(d)).requires_grad_()
    layers = [dict(n1=scale(d), qkv=matrix(d, 3 * d), q=scale(e), k=scale(e), out=matrix(d, d), n2=scale(d),
                   up=matrix(d, 4 * d), down=matrix(4 * d, d)) for _ in range(L)]
    last, head = scale(d), matrix(d, V)
    parameters = [table, last, head] + [t for layer in layers for t in layer.values()]
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, foreach=True)
    angle = torch.arange(T)[:, None] * 10000.0 ** (-2.0 * torch.arange(e // 2) / e)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    hidden = torch.triu(torch.full((T, T), float("-inf")), 1)
    text = torch.randint(V, (64, B, T + 1))

    def rotate(x):
        a, b = x.chunk(2, -1)
        return torch.cat([a * cosine - b * sine, b * cosine + a * sine], -1)

    def step(tokens):
        x = table[tokens[:, :-1]]
        for p in layers:
            q, k, v = (F.layer_norm(x, (d,), p["n1"], eps=1e-6) @ p["qkv"]).view(B, T, 3, H, e).permute(2, 0, 3, 1, 4)
            q = rotate(F.layer_norm(q, (e,), p["q"], eps=1e-6))
            k = rotate(F.layer_norm(k, (e,), p["k"], eps=1e-6))
            weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(e) + hidden, -1)
            x = x + (weights @ v).transpose(1, 2).reshape(B, T, d) @ p["out"]
            up = F.layer_norm(x, (d,), p["n2"], eps=1e-6) @ p["up"]
            x = x + F.gelu(up, approximate="tanh") @ p["down"]
        logits = F.layer_norm(x, (d,), last, eps=1e-6) @ head
        loss = F.cross_entropy(logits.view(-1, V), tokens[:, 1:].reshape(-1))
        loss = loss + 1e-4 * (torch.logsumexp(logits, -1) ** 2).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        return loss.item()

    for i in range(3):
        step(text[i])
    count, start = 0, clock()
    while clock() - start < seconds:
        step(text[count % 64])
        count += 1
    return count * B * T / (clock() - start)


def spec(size, steps, seeds, log):
    L, d, H, T, V, B = size
    return {"proxy_spec": 1, "data": {"train": {"gen": "markov", "order": 1, "vocab": V, "tokens": 400000},
                                      "val": {"tokens": 2 * B * T + 2}},
            "defaults": {"L": L, "d": d, "heads": H, "T": T, "B": B, "steps": steps, "lr": 1e-3,
                         "eval": {"every": steps, "batches": 1}},
            "grid": {"seed": list(range(1, seeds + 1))},
            "log": {"every": 1} if log else {"every": 10**9, "vec_every": None}}


def start(program, folder, description, threads):
    path = os.path.join(folder, "spec.json")
    with open(path, "w") as file:
        json.dump(description, file)
    return subprocess.Popen([program, "--run", path, "--out", os.path.join(folder, "out"), "--threads", str(threads),
                             "--progress", "none"], env=ENVIRONMENT)


def seconds_of(folder):
    """Training seconds of every member, from its start to its last step."""
    last = {}
    for path in glob.glob(os.path.join(folder, "out", "timing.jsonl")):
        for line in open(path):
            record = json.loads(line)
            if "seconds" in record and "id" in record:
                last[record["id"]] = max(last.get(record["id"], 0), record["seconds"])
    return last.values()


def our_rate(program, size, steps, processes=1, seeds=1, log=True):
    """Tokens per second of all members together."""
    folders = [tempfile.TemporaryDirectory() for _ in range(processes)]
    jobs = [start(program, folder.name, spec(size, steps, seeds, log), seeds) for folder in folders]
    if any(job.wait() for job in jobs):
        sys.exit("isoloss-proxy failed")
    rate = sum(steps * size[3] * size[5] / each for folder in folders for each in seconds_of(folder.name))
    for folder in folders:
        folder.cleanup()
    return rate


def processor_rate(program, size, steps, log=True):
    """Tokens per second of processor time; two runs of different length cancel what the start costs."""
    used = []
    for count in (steps // 4, steps):
        with tempfile.TemporaryDirectory() as folder:
            job = start(program, folder, spec(size, count, 1, log), 1)
            _, status, usage = os.wait4(job.pid, 0)
            if status:
                sys.exit("isoloss-proxy failed")
            used.append(usage.ru_utime + usage.ru_stime)
    return (steps - steps // 4) * size[3] * size[5] / (used[1] - used[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall",
                        help="processor: time the processor spent, for a machine that does other things meanwhile")
    parser.add_argument("--only", default="", help="layers,width of the one size to run")
    parser.add_argument("--torch-rate", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.torch_rate:
        clock = time.perf_counter if arguments.clock == "wall" else time.process_time
        print(torch_rate(json.loads(arguments.torch_rate), arguments.seconds, clock))
        return
    sizes = [s for s in SIZES if arguments.only in ("", f"{s[0]},{s[1]}")]
    blas = [p for p in glob.glob("/usr/lib/*/libopenblas.so.0") + glob.glob("/usr/lib/*/openblas*/libopenblas.so.0")]
    python = next((p for p in (sys.executable, "/usr/bin/python3")
                   if not subprocess.run([p, "-c", "import torch"], capture_output=True).returncode), None)
    if not python or not blas:
        sys.exit("PyTorch or OpenBLAS is missing; on Debian: apt install python3-torch libopenblas0")
    preloaded = dict(ENVIRONMENT, LD_PRELOAD=blas[0])
    kernels = os.environ.get("OPENBLAS_CORETYPE", "OpenBLAS's choice")
    print(f"PyTorch with {blas[0]} preloaded, one thread each, kernels: {kernels}, {arguments.clock} time; "
          f"median of {arguments.rounds} alternating rounds")
    print(f"{'L,d,H,T,V,B':>22} {'torch tok/s':>12} {'ours tok/s':>12} {'ratio':>6} {'2 members / 2 processes':>24} {'logging':>8}")
    for size in sizes:
        theirs, ours, together, cost = [], [], [], []
        first = our_rate(arguments.program, size, 20)
        steps = max(20, int(arguments.seconds * first / (size[3] * size[5])))
        for _ in range(arguments.rounds):
            theirs.append(float(subprocess.check_output(
                [python, __file__, arguments.program, "--torch-rate", json.dumps(size), "--seconds",
                 str(arguments.seconds), "--clock", arguments.clock], env=preloaded)))
            rate = our_rate if arguments.clock == "wall" else processor_rate
            ours.append(rate(arguments.program, size, steps))
            quiet = rate(arguments.program, size, steps, log=False)
            cost.append(quiet / ours[-1] - 1)
            apart = our_rate(arguments.program, size, steps, processes=2)
            together.append(our_rate(arguments.program, size, steps, seeds=2) / apart)
        ratios = statistics.median(a / b for a, b in zip(ours, theirs))
        print(f"{','.join(map(str, size)):>22} {statistics.median(theirs):12.0f} {statistics.median(ours):12.0f} "
              f"{ratios:6.2f} {100 * statistics.median(together):23.0f}% {100 * statistics.median(cost):7.1f}%", flush=True)


if __name__ == "__main__":
    main()
