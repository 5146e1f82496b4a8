#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trainer's maths once more in PyTorch, in double: prints the losses and gradients that tst_proxyreference expects.

    python3 tests/proxy/reference.py > tests/proxy/reference.json

Weights and tokens have closed forms that both sides evaluate, so nothing but results is stored.
"""
import json
import math

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

L, D, H, T, V, B, STEPS = 2, 16, 2, 8, 13, 3, 20
E = D // H
LR, WD, CLIP = 1e-2, 0.05, 0.5

CASES = {
    "plain": {"qk_norm": "off"},
    "head": {"qk_norm": "head", "z": 1e-2},
    "full": {"qk_norm": "full"},
    "rms_fixed": {"qk_norm": "rms_fixed", "kappa": 1.5},
    "squared_relu": {"qk_norm": "off", "attention": "squared_relu"},
    "inverse_width": {"qk_norm": "head", "inverse_width": True},
    "reweight": {"qk_norm": "off", "reweight": "linupper", "r": 0.4},
    "coupled": {"qk_norm": "head", "coupled": True},
}


def wave(slot, rows, cols, scale, around=0.0):
    k = torch.arange(rows * cols, dtype=torch.float64)
    return (around + scale * torch.sin(1.7 * k + 0.3 * slot)).reshape(rows, cols)


def parameters(qk_norm):
    """Name -> tensor in the trainer's order; the slot counts q_norm and k_norm whether they exist or not."""
    scales = {"head": E, "full": D}.get(qk_norm, 0)
    tensors, slot = {}, 0

    def place(name, rows, cols, is_scale=False):
        nonlocal slot
        if cols:
            value = wave(slot, rows, cols, 0.1 if is_scale else 0.3, 1.0 if is_scale else 0.0)
            tensors[name] = value.clone().requires_grad_(True)
        slot += 1

    place("embedding", V, D)
    for l in range(L):
        p = f"layer{l}."
        place(p + "attention.norm", 1, D, True)
        place(p + "attention.qkv", D, 3 * D)
        place(p + "attention.q_norm", 1, scales, True)
        place(p + "attention.k_norm", 1, scales, True)
        place(p + "attention.out", D, D)
        place(p + "mlp.norm", 1, D, True)
        place(p + "mlp.up", D, 4 * D)
        place(p + "mlp.down", 4 * D, D)
    place("norm", 1, D, True)
    place("head", D, V)
    return tensors


def tokens(step):
    i = torch.arange(B * (T + 1))
    return ((7 * i * i + 3 * i + 5 * step * i + step) % V).reshape(B, T + 1)


def norm(x, scale):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], eps=1e-6) * scale.reshape(-1)


def rotate(x):
    half = E // 2
    angle = torch.arange(T)[:, None] * 10000.0 ** (-2.0 * torch.arange(half) / E)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cosine - b * sine, b * cosine + a * sine], -1)


def heads(x):
    return x.reshape(B, T, H, E).transpose(1, 2)


def prepared(x, scale, case):
    kind = case["qk_norm"]
    if kind == "full":
        x = norm(x, scale)
    x = heads(x)
    if kind == "head":
        x = norm(x, scale)
    elif kind == "rms_fixed":
        x = math.sqrt(case["kappa"]) * x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-6)
    return rotate(x)


def forward(p, text, case):
    x = p["embedding"][text[:, :-1]]
    hidden = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)
    top = -math.inf
    for l in range(L):
        q = f"layer{l}."
        a, b, c = (norm(x, p[q + "attention.norm"]) @ p[q + "attention.qkv"]).split(D, -1)
        a = prepared(a, p.get(q + "attention.q_norm"), case)
        b = prepared(b, p.get(q + "attention.k_norm"), case)
        logits = a @ b.transpose(-1, -2) / (E if case.get("inverse_width") else math.sqrt(E))
        top = max(top, logits.masked_fill(hidden, -math.inf).max().item())
        if case.get("attention") == "squared_relu":
            weights = torch.relu(logits).masked_fill(hidden, 0) ** 2 / math.sqrt(T)
        else:
            weights = torch.softmax(logits.masked_fill(hidden, -math.inf), -1)
        mixed = (weights @ heads(c)).transpose(1, 2).reshape(B, T, D)
        x = x + mixed @ p[q + "attention.out"]
        up = norm(x, p[q + "mlp.norm"]) @ p[q + "mlp.up"]
        gelu = 0.5 * up * (1 + torch.tanh(math.sqrt(2 / math.pi) * (up + 0.044715 * up**3)))
        x = x + gelu @ p[q + "mlp.down"]
    out = norm(x, p["norm"]) @ p["head"]
    log_z = torch.logsumexp(out, -1)
    each = (log_z - out.gather(-1, text[:, 1:, None])[..., 0]).mean(-1)
    objective = each.mean()
    if "reweight" in case:
        low, high = each.min().item(), each.max().item()
        h = (2 * each.detach() - (high + low)) / (high - low)
        objective = (torch.softmax(torch.clamp(h + 1, max=1.0) / case["r"], 0) * each).sum()
    return each.mean(), objective + case.get("z", 0.0) * (log_z**2).mean(), top


def train(case):
    p = parameters(case["qk_norm"])
    moments = {name: (torch.zeros_like(t), torch.zeros_like(t)) for name, t in p.items()}
    result = {"config": case, "losses": []}
    for step in range(STEPS):
        for t in p.values():
            t.grad = None
        loss, objective, top = forward(p, tokens(step), case)
        objective.backward()
        result["losses"].append(loss.item())
        if step == 0:
            result["objective"] = objective.item()
            result["max_attention"] = top
            # Length and one projection of every gradient: a wrong entry shows in both.
            result["gradients"] = {
                name: [t.grad.norm().item(), (t.grad.reshape(-1) * torch.cos(torch.arange(t.numel()) * 1.0)).sum().item()]
                for name, t in p.items()}
        total = math.sqrt(sum((t.grad**2).sum().item() for t in p.values()))
        clip = min(1.0, CLIP / total)
        lr = LR * (step + 1) / 10 if step < 10 else LR
        with torch.no_grad():
            for name, t in p.items():
                m, v = moments[name]
                g = t.grad * clip
                m.mul_(0.9).add_(0.1 * g)
                v.mul_(0.95).add_(0.05 * g * g)
                update = (m / (1 - 0.9 ** (step + 1))) / (torch.sqrt(v / (1 - 0.95 ** (step + 1))) + 1e-8)
                t.sub_(lr * update + (lr if case.get("coupled") else lr / LR) * WD * t)
    return result


print(json.dumps({"torch": torch.__version__, "cases": {name: train(case) for name, case in CASES.items()}}, indent=0, separators=(",", ":")))
