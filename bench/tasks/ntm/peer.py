# A Neural Turing Machine in plain PyTorch, for speed: a training step of single copies as speed.mjs takes it, written the
# way PyTorch is fast at it (batched products, no loop over rows, heads' steering in one product).
#   python3 bench/tasks/ntm/peer.py
import argparse
import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "peers"))
import openblas

openblas.use_fastest_core()
import torch
import torch.nn.functional as F
from torch import nn

ROWS, WIDTH, HIDDEN, PLACES = 128, 20, 100, 3
LOOK = WIDTH + PLACES + 3


class Machine(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.cell = nn.LSTMCell(inputs + WIDTH, HIDDEN)
        self.steer = nn.Linear(HIDDEN, 2 * LOOK + 2 * WIDTH)
        self.fc = nn.Linear(HIDDEN + WIDTH, outputs)
        self.h, self.c = (nn.Parameter(torch.randn(1, HIDDEN) * 0.05) for _ in range(2))
        self.r = nn.Parameter(torch.randn(1, WIDTH) * 0.01)
        self.register_buffer("memory", (torch.rand(1, ROWS, WIDTH) * 2 - 1) / (ROWS + WIDTH) ** 0.5)
        for layer, gain in ((self.steer, 1.4), (self.fc, 1)):
            nn.init.xavier_uniform_(layer.weight, gain=gain)
            nn.init.normal_(layer.bias, std=0.01)

    def look(self, memory, before, steer):
        key, strength, gate, shift, sharpness = steer.split([WIDTH, 1, 1, PLACES, 1], 1)
        content = (F.softplus(strength) * F.cosine_similarity(memory, key[:, None], -1)).softmax(1)
        gate = torch.sigmoid(gate)
        mixed = gate * content + (1 - gate) * before
        wrapped = torch.cat([mixed[:, -1:], mixed, mixed[:, :1]], 1)
        moved = F.conv1d(wrapped[None], shift.softmax(1)[:, None], groups=len(mixed))[0]
        sharp = moved ** (1 + F.softplus(sharpness))
        return sharp / (sharp.sum(1, keepdim=True) + 1e-16)

    def forward(self, x):
        batch = x.shape[1]
        h, c, reads = (start.expand(batch, -1) for start in (self.h, self.c, self.r))
        memory = self.memory.expand(batch, -1, -1)
        reading = writing = memory.new_zeros(batch, ROWS)
        outputs = []
        for step in x:
            h, c = self.cell(torch.cat([step, reads], 1), (h, c))
            read, write, erase, add = self.steer(h).split([LOOK, LOOK, WIDTH, WIDTH], 1)
            reading = self.look(memory, reading, read)
            reads = torch.bmm(reading[:, None], memory)[:, 0]
            writing = self.look(memory, writing, write)
            at = writing[..., None]
            memory = memory * (1 - at * torch.sigmoid(erase)[:, None]) + at * add[:, None]
            outputs.append(torch.cat([h, reads], 1))
        return self.fc(torch.stack(outputs))


parser = argparse.ArgumentParser()
parser.add_argument("--length", type=int, default=10)
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--steps", type=int, default=60)
options = parser.parse_args()
torch.manual_seed(1)
torch.set_num_threads(1)
model = Machine(9, 8)
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-4, momentum=0.9, alpha=0.95)
length, batch = options.length, options.batch
best = float("inf")
for _ in range(options.steps):
    bits = torch.randint(2, (length, batch, 8)).float()
    x = torch.zeros(2 * length + 1, batch, 9)
    x[:length, :, :8] = bits
    x[length, :, 8] = 1
    began = time.process_time()
    loss = F.binary_cross_entropy_with_logits(model(x)[-length:], bits)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), 10)
    optimizer.step()
    best = min(best, time.process_time() - began)
print(json.dumps({**openblas.versions(), "length": length, "batch": batch, "milliseconds": 1000 * best}))
