"""RNN, GRU and LSTM over whole sequences, and their cells over two steps."""
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .cases import integers, normal
from .pairwise import pairwise

FACTORS = {
    "hidden": [1, 3, 5, 8, 13, 33],
    "input": [1, 3, 5, 8, 17],
    "layers": [1, 2, 3],
    "batch": [1, 2, 3, 5, 7],
    "time": [1, 2, 7],
    "lengths": ["none", "mixed", "zero"],
    "state": ["none", "given"],
    "bidirectional": [False, True],
    "bias": [True, False],
}

# A layer's class and the parts of its state.
LAYERS = {"rnn": (torch.nn.RNN, "h"), "gru": (torch.nn.GRU, "h"), "lstm": (torch.nn.LSTM, "hc")}
# Gradients are sums over time: their terms may be this large where they cancel.
FAINT = 0.1
CAMEL = {"nonlinearity": "nonlinearity", "proj_size": "projSize"}


def allowed(case):
    # Keeps the file small: weights grow with hidden² · layers · directions.
    small = case["hidden"] < 33 or case["layers"] * (1 + case["bidirectional"]) <= 2
    # One row of length zero is nothing but zeros, and so is one unit that ReLU leaves dead.
    nothing = case["lengths"] == "zero" and case["batch"] == 1
    dead = case.get("nonlinearity") == "relu" and case["hidden"] == 1
    return small and not nothing and not dead and case.get("proj_size", 0) < case["hidden"]


def rnn(family):
    sequences(family, "rnn", {"nonlinearity": ["tanh", "relu"]})


def gru(family):
    sequences(family, "gru", {})


def lstm(family):
    sequences(family, "lstm", {})


def lstm_projected(family):
    sequences(family, "lstm", {"proj_size": [1, 2, 5, 9]})


def sequences(family, op, extra):
    """A pairwise cover of sizes, options (`extra`: the layer's own, by PyTorch's names) and what enters the loss."""
    factors = {**FACTORS, **extra, "loss": ["all", "output", *LAYERS[op][1]]}
    for index, choice in enumerate(pairwise(factors, allowed)):
        sequence(family, op, f"{index:02}", choice, {key: choice[key] for key in extra})


def sequence(family, op, index, choice, own):
    kind, parts = LAYERS[op]
    hidden, size, layers = choice["hidden"], choice["input"], choice["layers"]
    directions = 1 + choice["bidirectional"]
    name = "-".join(
        [index, f"i{size}h{hidden}l{layers}d{directions}", f"b{choice['batch']}t{choice['time']}"]
        + [choice["lengths"], choice["state"], choice["loss"], "bias" if choice["bias"] else "nobias"]
        + [f"p{value}" if key == "proj_size" else value for key, value in own.items()]
    )
    rng = family.rng(name)

    def module():
        return kind(
            size, hidden, layers, bias=choice["bias"], batch_first=True, bidirectional=choice["bidirectional"], **own
        )

    inputs = {"x": normal(rng, choice["batch"], choice["time"], size)}
    if choice["state"] == "given":
        for part in parts:
            inputs[part] = normal(rng, *state_shape(module(), part, choice["batch"]), scale=0.7)
    lengths = make_lengths(rng, choice)
    if lengths is not None:
        inputs["lengths"] = lengths

    def compute(leaves):
        net = with_parameters(module(), leaves)
        state = [leaves.get(part) for part in parts]
        return dict(zip(["output", *parts], run(net, leaves["x"], state, leaves.get("lengths"))))

    options = {
        "inputSize": size,
        "hiddenSize": hidden,
        "numLayers": layers,
        "bias": choice["bias"],
        "bidirectional": choice["bidirectional"],
        **{CAMEL[key]: value for key, value in own.items()},
    }
    projected = ["output", *parts] if choice["loss"] == "all" else [choice["loss"]]
    family.case(name, op, options, compute, inputs, parameters(rng, module()), projected=projected, faint=FAINT)


def state_shape(net, part, rows):
    width = net.proj_size if part == "h" and net.proj_size else net.hidden_size
    return net.num_layers * (2 if net.bidirectional else 1), rows, width


def parameters(rng, module):
    # Saturates no gate, lets no state die; ReLU bounds nothing: less, or states grow from step to step.
    size = 0.8 if getattr(module, "nonlinearity", "tanh") == "relu" else 1.5
    return {
        key: normal(rng, *value.shape, scale=size / (value.shape[-1] ** 0.5 if value.dim() == 2 else 3))
        for key, value in module.named_parameters()
    }


def make_lengths(rng, choice):
    """Mixed lengths from 1 up; "zero" puts an empty row among them."""
    if choice["lengths"] == "none":
        return None
    lengths = integers(rng, 1, choice["time"] + 1, choice["batch"])
    if choice["batch"] > 1:
        lengths[:2] = 1, choice["time"]
    if choice["lengths"] == "zero":
        lengths[-1 if choice["batch"] > 2 else 0] = 0
    return lengths


def run(net, x, state, lengths):
    """The packed computation: output, then the parts of the final state.

    PyTorch cannot pack an empty row: its output is zero, its state is carried.
    """
    rows = x.shape[0]
    if state[0] is None:
        state = [x.new_zeros(*state_shape(net, part, rows)) for part in "hc"[: len(state)]]
    if lengths is None:
        return call(net, x, state)
    full = torch.nonzero(lengths > 0).flatten()
    width = state[0].shape[2] * (2 if net.bidirectional else 1)
    # An empty batch still belongs to the graph, with gradient zero.
    nothing = sum(value.sum() for value in [*net.parameters(), x, *state]) * 0
    output, state = x.new_zeros(rows, x.shape[1], width) + nothing, [part + nothing for part in state]
    if len(full):
        packed = pack_padded_sequence(x[full], lengths[full], batch_first=True, enforce_sorted=False)
        packed, *final = call(net, packed, [part[:, full].contiguous() for part in state])
        unpacked, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
        output = output.index_copy(0, full, unpacked)
        state = [part.index_copy(1, full, value) for part, value in zip(state, final)]
    return [output, *state]


def call(net, x, state):
    """A layer or a cell with a state of one part or two, as a list of what it gives."""
    result = net(x, tuple(state) if len(state) > 1 else state[0])
    if torch.is_tensor(result):
        return [result]
    first, rest = result
    return [first, *([rest] if torch.is_tensor(rest) else rest)]


def with_parameters(module, leaves):
    for key, _ in list(module.named_parameters()):
        setattr(module, key, leaves[key])
    return module


CELLS = {
    "rnnCell": (torch.nn.RNNCell, "h", [{"nonlinearity": "tanh"}, {"nonlinearity": "relu"}]),
    "gruCell": (torch.nn.GRUCell, "h", [{}]),
    "lstmCell": (torch.nn.LSTMCell, "hc", [{}]),
}


def cells(family):
    for op, (kind, parts, variants) in CELLS.items():
        for own in variants:
            for size, hidden, batch, bias, state in [
                (3, 5, 2, True, "given"),
                (8, 13, 1, True, "given"),
                (1, 1, 3, False, "given"),
                (5, 8, 5, True, "none"),
                (4, 33, 2, False, "given"),
                (17, 3, 7, False, "none"),
                (1, 16, 1, True, "none"),
            ]:
                label = "-".join([op, *own.values(), f"i{size}h{hidden}b{batch}", "bias" if bias else "nobias", state])
                cell(family, label, op, lambda: kind(size, hidden, bias, **own), parts, batch, state, own)


def cell(family, name, op, module, parts, batch, state, own):
    net = module()
    rng = family.rng(name)
    inputs = {"x0": normal(rng, batch, net.input_size), "x1": normal(rng, batch, net.input_size)}
    if state == "given":
        inputs.update({part: normal(rng, batch, net.hidden_size) for part in parts})

    def compute(leaves):
        net = with_parameters(module(), leaves)
        zero = leaves["x0"].new_zeros(batch, net.hidden_size)
        first = call(net, leaves["x0"], [leaves.get(part, zero) for part in parts])
        last = call(net, leaves["x1"], first)
        return {"h0": first[0], **dict(zip(parts, last))}

    options = {"inputSize": net.input_size, "hiddenSize": net.hidden_size, "bias": net.bias, **own}
    family.case(name, op, options, compute, inputs, parameters(rng, net), faint=FAINT)
