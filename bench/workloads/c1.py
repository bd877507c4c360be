# Workload C1 of c1.mjs in PyTorch, one thread: python3 bench/workloads/c1.py
# Unset OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE first: they make it up to four times slower.
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(96, 64)
        self.lstm = nn.LSTM(64, 128, batch_first=True)
        self.head = nn.Linear(128, 96)

    def forward(self, ids):
        return self.head(self.lstm(self.embed(ids))[0])


model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
ids = torch.tensor([(i * 7919 + (i >> 3) * 31) % 96 for i in range(32 * 64 + 1)])
inputs, targets = ids[:-1].view(32, 64), ids[1:]


def step():
    loss = nn.functional.cross_entropy(model(inputs).view(-1, 96), targets)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1)
    optimizer.step()


for _ in range(20):
    step()
times = []
for _ in range(100):
    start = time.perf_counter()
    step()
    times.append(1000 * (time.perf_counter() - start))
times.sort()
print(f"C1, PyTorch {torch.__version__}: {times[0]:.1f} ms a step (median {times[50]:.1f})")
