# GPTs in PyTorch: token by token with kept keys and values, and nanoGPT's recipe.
#   python3 bench/tasks/transformer/peer.py WEIGHTS HEADS   (speed.mjs starts it)
#   python3 bench/tasks/transformer/peer.py --train DIR [--seed 1] [--steps 2000]
# A line in: {"stream": [ids]} or {"steps": 3, "batch": 12, "time": 64}; a line out: {"seconds": …, …}.
import argparse
import gzip
import json
import math
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "peers"))
import openblas

openblas.use_fastest_core()
import torch
import torch.nn.functional as F
from weights import read_weights


class GPT:
    """Learned positions, normalization before each part, exact GELU, no biases, one matrix for reading and writing."""

    def __init__(self, weights, heads):
        self.w = weights
        self.heads = heads
        self.layers = sum(name.endswith("in_proj_weight") for name in weights)
        self.context, self.size = weights["positions.weight"].shape

    def norm(self, x, name):
        return F.layer_norm(x, (self.size,), self.w[name])

    def layer(self, x, index, attend):
        key = f"encoder.layers.{index}."
        q, k, v = F.linear(self.norm(x, f"{key}norm1.weight"), self.w[f"{key}self_attn.in_proj_weight"]).split(self.size, -1)
        x = x + F.linear(attend(q, k, v), self.w[f"{key}self_attn.out_proj.weight"])
        hidden = F.gelu(F.linear(self.norm(x, f"{key}norm2.weight"), self.w[f"{key}linear1.weight"]))
        return x + F.linear(hidden, self.w[f"{key}linear2.weight"])

    def head(self, x):
        return F.linear(self.norm(x, "encoder.norm.weight"), self.w["embedding.weight"])

    def forward(self, ids):
        batch, time_ = ids.shape
        unseen = torch.ones(time_, time_, dtype=torch.bool).triu(1)

        def attend(q, k, v):
            q, k, v = (x.view(batch, time_, self.heads, -1).transpose(1, 2) for x in (q, k, v))
            scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(q.shape[-1]))
            mixed = scores.masked_fill(unseen, float("-inf")).softmax(-1) @ v
            return mixed.transpose(1, 2).reshape(batch, time_, self.size)

        x = self.w["embedding.weight"][ids] + self.w["positions.weight"][:time_]
        for index in range(self.layers):
            x = self.layer(x, index, attend)
        return self.head(x)

    def stream(self, ids):
        """Logits of each token; keys and values are kept in tensors made once."""
        wide = self.size // self.heads
        kept = torch.zeros(self.layers, 2, self.heads, self.context, wide)
        scale = 1 / math.sqrt(wide)
        out = torch.zeros(len(ids), self.w["embedding.weight"].shape[0])
        with torch.inference_mode():
            for at, token in enumerate(ids):
                x = self.w["embedding.weight"][token] + self.w["positions.weight"][at]
                for index in range(self.layers):
                    keys, values = kept[index]

                    def attend(q, k, v):
                        keys[:, at] = k.view(self.heads, wide)
                        values[:, at] = v.view(self.heads, wide)
                        scores = torch.bmm(keys[:, : at + 1], q.view(self.heads, wide, 1)) * scale
                        return torch.bmm(scores.transpose(1, 2).softmax(-1), values[:, : at + 1]).view(self.size)

                    x = self.layer(x, index, attend)
                out[at] = self.head(x)
        return out


def optimizer_of(weights):
    matrices = [each for each in weights.values() if each.dim() > 1]
    others = [each for each in weights.values() if each.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99))


def train_step(model, optimizer, input, target):
    loss = F.cross_entropy(model.forward(input).flatten(0, 1), target.flatten())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.w.values(), 1.0)
    optimizer.step()
    return loss


def serve(path, heads):
    weights = {name: torch.nn.Parameter(each.clone()) for name, each in read_weights(path).items()}
    model = GPT(weights, heads)
    optimizer = optimizer_of(model.w)
    tokens = model.w["embedding.weight"].shape[0]
    print(json.dumps(openblas.versions()), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "stream" in asked:
            began = time.process_time()
            logits = model.stream(asked["stream"])
            answer = {"seconds": time.process_time() - began, "last": logits[-1].tolist()}
        else:
            ids = torch.randint(0, tokens, (asked["batch"], asked["time"] + 1))
            best = float("inf")
            for _ in range(asked["steps"]):
                began = time.process_time()
                train_step(model, optimizer, ids[:, :-1], ids[:, 1:])
                best = min(best, time.process_time() - began)
            answer = {"seconds": best}
        print(json.dumps(answer), flush=True)


def train(folder, seed, steps):
    """nanoGPT's recipe for a processor, on Tiny Shakespeare."""
    torch.manual_seed(seed)
    text = gzip.open(Path(folder) / "input.txt.gz", "rt").read()
    known = {character: index for index, character in enumerate(sorted(set(text)))}
    ids = torch.tensor([known[character] for character in text])
    end = int(0.9 * len(ids))
    learnt, valid = ids[:end], ids[end:]
    size, layers, context = 128, 4, 64

    def drawn(*shape, std=0.02):
        return torch.nn.Parameter(torch.randn(*shape) * std)

    weights = {"embedding.weight": drawn(len(known), size), "positions.weight": drawn(context, size)}
    for index in range(layers):
        key = f"encoder.layers.{index}."
        adds = 0.02 / math.sqrt(2 * layers)
        weights[f"{key}self_attn.in_proj_weight"] = drawn(3 * size, size)
        weights[f"{key}self_attn.out_proj.weight"] = drawn(size, size, std=adds)
        weights[f"{key}linear1.weight"] = drawn(4 * size, size)
        weights[f"{key}linear2.weight"] = drawn(size, 4 * size, std=adds)
        for norm in ("norm1", "norm2"):
            weights[f"{key}{norm}.weight"] = torch.nn.Parameter(torch.ones(size))
    weights["encoder.norm.weight"] = torch.nn.Parameter(torch.ones(size))
    model = GPT(weights, 4)
    optimizer = optimizer_of(weights)
    began = time.process_time()
    for step in range(steps):
        done = (step - 100) / (2000 - 100)
        rate = 1e-3 * (step + 1) / 101 if step < 100 else 1e-4 + 9e-4 * (1 + math.cos(math.pi * done)) / 2
        for group in optimizer.param_groups:
            group["lr"] = rate
        places = torch.randint(0, len(learnt) - context, (12,))
        rows = torch.stack([learnt[place : place + context + 1] for place in places])
        train_step(model, optimizer, rows[:, :-1], rows[:, 1:])
    minutes = (time.process_time() - began) / 60
    total = 0.0
    with torch.no_grad():
        last = len(valid) - 1
        for start in range(0, last, context):
            width = min(context, last - start)
            logits = model.forward(valid[None, start : start + width])
            total += F.cross_entropy(logits[0], valid[start + 1 : start + 1 + width], reduction="sum").item()
    print(json.dumps({"seed": seed, "steps": steps, "validLoss": round(total / last, 4), "cpuMinutes": round(minutes, 3)}))


parser = argparse.ArgumentParser()
parser.add_argument("weights", nargs="?")
parser.add_argument("heads", nargs="?", type=int)
parser.add_argument("--train")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--steps", type=int, default=2000)
given = parser.parse_args()
if given.train:
    train(given.train, given.seed, given.steps)
else:
    serve(given.weights, given.heads)
