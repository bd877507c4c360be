"""The models of recipes.mjs in PyTorch: training steps a second, one thread. speed.mjs has the same shapes.

OPENBLAS_NUM_THREADS=1 python3 bench/tasks/classification/peer.py
"""
import time

import torch
from torch import nn

torch.set_num_threads(1)


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
TASKS = {
    "sst2": (Recurrent(lstm(100, 100, True), 2, nn.Embedding(14890, 100), 0.5), 14890, 2, 64, 10),
    "trec": (Convolutions(9300, 6), 9300, 6, 50, 11),
    "mnist": (Recurrent(lstm(28, 192, False), 10, None, 0.4), None, 10, 64, 28),
}
for task, (model, words, labels, batch, steps) in TASKS.items():
    x = torch.randint(words, (batch, steps)) if words else torch.rand(batch, steps, 28)
    target = torch.arange(batch) % labels
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0)

    def step():
        loss = nn.functional.cross_entropy(model(x), target)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()

    for _ in range(10):
        step()
    best = float("inf")
    for _ in range(60):
        before = time.process_time()
        step()
        best = min(best, time.process_time() - before)
    print(f"{task}: {1000 * best:.2f} ms a step, {batch * steps / best:.0f} time steps a second")
