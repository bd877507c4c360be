# The models of recipes.mjs in PyTorch, for speed: the shapes of speed.mjs.
#   python3 bench/tasks/classification/peer.py --task trec
import argparse
import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "peers"))
import openblas

openblas.use_fastest_core()
import torch
from torch import nn



class Recurrent(nn.Module):
    def __init__(self, lstm, labels, embedding=None, dropped=0.0):
        super().__init__()
        self.embedding, self.lstm = embedding, lstm
        self.dropout = nn.Dropout(dropped)
        self.head = nn.Linear(lstm.hidden_size * (2 if lstm.bidirectional else 1), labels)

    def forward(self, x):
        if self.embedding is not None:
            x = nn.functional.dropout(self.embedding(x), 0.2)
        output, (h, _) = self.lstm(x)
        pooled = output.max(1).values if self.lstm.bidirectional else h[-1]
        return self.head(self.dropout(pooled))


class Convolutions(nn.Module):
    def __init__(self, words, labels):
        super().__init__()
        self.embedding = nn.Embedding(words, 200)
        self.convolutions = nn.ModuleList(nn.Conv1d(200, 100, k, padding=k - 1) for k in (3, 4, 5))
        self.head = nn.Linear(300, labels)

    def forward(self, x):
        x = nn.functional.dropout(self.embedding(x), 0.2).transpose(1, 2)
        pooled = [torch.relu(each(x)).max(2).values for each in self.convolutions]
        return self.head(nn.functional.dropout(torch.cat(pooled, 1), 0.5))


def lstm(inputs, hidden, bidirectional):
    return nn.LSTM(inputs, hidden, batch_first=True, bidirectional=bidirectional)


torch.manual_seed(1)
sst2 = Recurrent(lstm(100, 100, True), 2, nn.Embedding(14890, 100), 0.5)
trec = Convolutions(9300, 6)
mnist = Recurrent(lstm(28, 192, False), 10, None, 0.4)
# For each: the model, distinct words (none: 28 features), labels, batch, words or rows of an example
TASKS = {
    "sst2": (sst2, 14890, 2, 64, 10),
    "trec": (trec, 9300, 6, 50, 11),
    "mnist": (mnist, None, 10, 64, 28),
}

parser = argparse.ArgumentParser()
parser.add_argument("--task", choices=TASKS, required=True)
parser.add_argument("--steps", type=int, default=60)
options = parser.parse_args()
model, words, labels, batch, span = TASKS[options.task]
x = torch.randint(words, (batch, span)) if words else torch.rand(batch, span, 28)
target = torch.arange(batch) % labels
parameters = list(model.parameters())
optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0)
best = float("inf")
for _ in range(options.steps):
    began = time.process_time()
    loss = nn.functional.cross_entropy(model(x), target)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, 5)
    optimizer.step()
    best = min(best, time.process_time() - began)
rate = round(batch * span / best)
print(json.dumps({"task": options.task, **openblas.versions(), "tokensPerSecondOfBestStep": rate}))
