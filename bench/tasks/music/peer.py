"""PyTorch's side of bench/tasks/music/speed.mjs: the same layers, with what can be kept kept."""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "peers"))
import openblas

openblas.use_fastest_core()
import torch
from weights import read_weights

NOTES = 88

torch.set_num_threads(1)
weights = read_weights(sys.argv[1])
columns = weights["vectors.weight"].T.contiguous()
bias = weights["vectors.bias"]
size, hidden = columns.shape[1], weights["lstm.weight_hh_l0"].shape[1]
lstm = torch.nn.LSTMCell(size, hidden)
lstm.load_state_dict({name: weights[f"lstm.{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")})
head = torch.nn.Linear(hidden, 1 + NOTES)
head.load_state_dict({"weight": weights["head.weight"], "bias": weights["head.bias"]})
# What is the same at each event of a step: the notes before it, and that nothing was moved.
AT_REST = bias + columns[NOTES]
EVENTS = columns[NOTES + 12 :]


class Writer:
    def __init__(self):
        self.state = (torch.zeros(1, hidden), torch.zeros(1, hidden))
        self.now = []
        self.known = AT_REST
        self.last = 0

    def push(self, event):
        if event == 0:
            self.known = AT_REST + columns[[event - 1 for event in self.now]].sum(0)
            self.now = []
        else:
            self.now.append(event)
        self.last = event
        self.state = lstm((EVENTS[event] + self.known).unsqueeze(0), self.state)
        logits = head(self.state[0])[0]
        logits[1 : 1 + self.last] = -torch.inf
        return logits


def logits_after(events):
    writer = Writer()
    logits = writer.push(0)
    for event in events:
        logits = writer.push(event)
    return logits


def write(steps):
    writer = Writer()
    logits = writer.push(0)
    events = 0
    while steps > 0:
        event = torch.multinomial(torch.softmax(logits, 0), 1).item()
        events += 1
        steps -= event == 0
        if steps > 0:
            logits = writer.push(event)
    return events


print("{}", flush=True)
with torch.inference_mode():
    for line in sys.stdin:
        question = json.loads(line)
        if "events" in question:
            said = logits_after(question["events"]).tolist()
            # JSON has no infinity.
            print(json.dumps({"logits": [max(value, -1e30) for value in said]}), flush=True)
            continue
        torch.manual_seed(question["seed"])
        begin = time.process_time()
        events = write(question["steps"])
        print(json.dumps({"eventsPerSecond": events / (time.process_time() - begin)}), flush=True)
