# PyTorch, one thread or BENCH_THREADS: python3 bench/peers/pytorch.py WORKLOAD.json
import json
import os
import sys
import time

import openblas

openblas.use_fastest_core()
import numpy
import torch
from torch import nn

with open(sys.argv[1]) as file:
    workload = json.load(file)
values = numpy.fromfile(workload["data"], dtype=numpy.float32)
kind, cell, hidden = workload["kind"], workload["cell"], workload["hidden"]
inputs, layers = workload.get("input", hidden), workload.get("layers", 1)
batch, steps = workload.get("batch", 1), workload.get("time", 1)
vocabulary, classes = workload.get("vocabulary", 0), workload.get("classes", 0)


def array(name):
    entry = workload["arrays"][name]
    size = int(numpy.prod(entry["shape"]))
    part = values[entry["offset"] : entry["offset"] + size]
    return torch.from_numpy(part.copy()).view(entry["shape"])


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        kinds = {"lstm": nn.LSTM, "gru": nn.GRU}
        self.rnn = kinds[cell](inputs, hidden, layers, batch_first=True)
        if vocabulary:
            self.embed = nn.Embedding(vocabulary, inputs)
        if kind == "training":
            self.head = nn.Linear(hidden, classes)


model = Model()
model.load_state_dict({name: array(name) for name in model.state_dict()})


def stream():
    xs = [x.view(1, 1, hidden) for x in array("x")]
    state = {"t": 0, "carried": None, "output": None}

    def call():
        output, state["carried"] = model.rnn(xs[state["t"] & 63], state["carried"])
        state["t"] += 1
        state["output"] = output

    def check():
        for _ in range(64):
            call()
        return state["output"].view(-1).tolist()

    return call, check


def sequence():
    x = array("x")
    return lambda: model.rnn(x)[0], lambda: model.rnn(x)[0].reshape(-1)[-hidden:].tolist()


def training():
    adam = workload["optimizer"] == "adam"
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=1e-3) if adam else torch.optim.SGD(parameters, lr=0.1)
    if vocabulary:
        ids = array("ids").long()
        given, wanted = ids[:-1].view(batch, steps), ids[1:]
    else:
        given, wanted = array("x"), array("labels").long()

    def call():
        source = model.embed(given) if vocabulary else given
        output, state = model.rnn(source)
        last = state[0] if cell == "lstm" else state
        logits = model.head(output).view(-1, classes) if vocabulary else model.head(last[-1])
        loss = nn.functional.cross_entropy(logits, wanted)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1)
        optimizer.step()
        return loss.item()

    return call, lambda: [call(), call(), call()]


def measure(call, budget=1.5, least=0.5e-3):
    # Processor time leaves out what other programs take, but it is the sum over threads.
    clock = time.process_time if os.environ.get("BENCH_THREADS", "1") == "1" else time.perf_counter

    def run(times):
        start = clock()
        for _ in range(times):
            call()
        return clock() - start

    warm = time.perf_counter() + budget / 3
    calls, took = 1, run(1)
    while time.perf_counter() < warm:
        took = run(calls)
    while took < least:
        calls *= 2
        took = run(calls)
    samples = []
    end = time.perf_counter() + budget
    while time.perf_counter() < end or len(samples) < 5:
        samples.append(run(calls) / calls * 1000)
    samples.sort()
    return {"min": samples[0], "median": samples[len(samples) // 2], "samples": len(samples)}


call, check = {"stream": stream, "sequence": sequence, "training": training}[kind]()
if kind == "training":
    agreed, times = check(), measure(call)
else:
    model.eval()
    with torch.inference_mode():
        agreed, times = check(), measure(call)
versions = openblas.versions()
about = {"name": "pytorch", "version": versions.pop("torch"), **versions}
print(json.dumps({**about, "check": agreed, **times}))
