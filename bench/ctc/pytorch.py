"""PyTorch's side of bench/ctc/run.mjs."""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
import openblas

openblas.use_fastest_core()
import numpy as np
import torch
import torch.nn.functional as F

SECONDS = 3.0

workload = json.loads(pathlib.Path(sys.argv[1]).read_text())
batch, steps, classes, length = (workload[name] for name in ("batch", "time", "classes", "length"))
size = batch * steps * classes
torch.set_num_threads(1)
data = pathlib.Path(workload["data"]).read_bytes()
logits = np.frombuffer(data, "<f4", size).reshape(batch, steps, classes)
targets = torch.tensor(np.frombuffer(data, "<i4", batch * length, 4 * size).reshape(batch, length)).long()
# Time first, as ctc_loss wants it.
x = torch.tensor(logits.transpose(1, 0, 2).copy(), requires_grad=True)
input_lengths = torch.full((batch,), steps)
target_lengths = torch.full((batch,), length)


def step():
    x.grad = None
    loss = F.ctc_loss(F.log_softmax(x, -1), targets, input_lengths, target_lengths)
    loss.backward()
    return loss.item()


end = time.process_time() + SECONDS
best = float("inf")
while time.process_time() < end:
    began = time.process_time()
    step()
    best = min(best, time.process_time() - began)
loss = step()
gradient = x.grad.double().pow(2).sum().item()
print(json.dumps({"milliseconds": best * 1000, "loss": loss, "gradient": gradient}))
