# The same recipes in PyTorch, for speed and for the loss of the first steps:
#   python3 bench/tasks/ptb/peer.py --model emb100 --data DIR [--first-weights FILE]
# With the weights that train.mjs saved before its first step, both see the same losses (where nothing is dropped).
import argparse
import gzip
import json
import os
import resource
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "peers"))
import openblas

openblas.use_fastest_core()
import torch
from torch import nn

SGD20 = lambda parameters: torch.optim.SGD(parameters, lr=20)
ADAM = lambda parameters: torch.optim.Adam(parameters, lr=1e-3)
# embedding and hidden size, layers, dropout, tied, time, clip, optimizer
RECIPES = {
    "emb100": (100, 1, 0, False, 35, 0.25, SGD20),
    "zaremba200": (200, 2, 0, False, 20, 0.25, SGD20),
    "medium650": (650, 2, 0.5, True, 35, 5, ADAM),
}
BATCH = 20


class WordModel(nn.Module):
    def __init__(self, words, size, layers, dropout, tied):
        super().__init__()
        self.embedding = nn.Embedding(words, size)
        self.lstm = nn.LSTM(size, size, layers, batch_first=True, dropout=dropout)
        self.head = nn.Linear(size, words)
        if tied:
            self.head.weight = self.embedding.weight
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids, state):
        output, state = self.lstm(self.dropout(self.embedding(ids)), state)
        return self.head(self.dropout(output)), tuple(part.detach() for part in state)


def read_words(folder, part):
    path = os.path.join(folder, f"ptb.{part}.txt")
    opened = open(path) if os.path.exists(path) else gzip.open(path + ".gz", "rt")
    with opened as lines:
        return [word for line in lines for word in line.split() + ["<eos>"]]


def vocabulary(words):
    specials = ["<unk>", "<eos>"]
    counts = Counter(words)
    rest = sorted((word for word in counts if word not in specials), key=lambda w: (-counts[w], w))
    return {word: i for i, word in enumerate(specials + rest)}


def load_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(
            data, dtype=torch.float32, count=(end - start) // 4, offset=start
        ).reshape(entry["shape"])
        for name, entry in header.items()
        for start, end in [entry["data_offsets"]]
    }


parser = argparse.ArgumentParser()
parser.add_argument("--model", choices=RECIPES, required=True)
parser.add_argument("--data", required=True)
parser.add_argument("--steps", type=int, default=60)
parser.add_argument("--first-weights")
options = parser.parse_args()

torch.manual_seed(1)
size, layers, dropout, tied, span, clip, optimizer_of = RECIPES[options.model]
train = read_words(options.data, "train")
ids = vocabulary(train)
rows = len(train) // BATCH
stream = torch.tensor([ids[word] for word in train[: rows * BATCH]]).view(BATCH, rows)
model = WordModel(len(ids), size, layers, dropout, tied)
if options.first_weights:
    # A tied weight is in the file once.
    model.load_state_dict(load_safetensors(options.first_weights), strict=not tied)
parameters = list(model.parameters())
optimizer = optimizer_of(parameters)
state = tuple(torch.zeros(layers, BATCH, size) for _ in range(2))


def seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime


WARM_UP = 5
total = 0
best = float("inf")
for step in range(1, options.steps + 1):
    if step == WARM_UP + 1:
        began = seconds()
    one = time.process_time()
    at = (step - 1) * span
    inputs, targets = stream[:, at : at + span], stream[:, at + 1 : at + span + 1]
    logits, state = model(inputs, state)
    loss = nn.functional.cross_entropy(logits.reshape(-1, len(ids)), targets.reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, clip)
    optimizer.step()
    total += loss.item()
    best = min(best, time.process_time() - one)
    if step % 100 == 0:
        print(json.dumps({"step": step, "loss": round(total / 100, 4)}), flush=True)
        total = 0
ended = seconds()
tokens = (options.steps - WARM_UP) * BATCH * span
print(
    json.dumps(
        {
            "task": options.model,
            **openblas.versions(),
            "tokensPerSecond": round(tokens / (ended[0] - began[0])),
            "tokensPerCpuSecond": round(tokens / (ended[1] - began[1])),
            "tokensPerSecondOfBestStep": round(BATCH * span / best),
        }
    )
)
