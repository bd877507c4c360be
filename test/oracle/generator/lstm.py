"""LSTM over whole sequences and LSTMCell over two steps."""
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .cases import integers, normal
from .pairwise import pairwise

FACTORS = {
    "hidden": [1, 3, 5, 8, 13, 33],
    "input": [1, 3, 5, 8],
    "layers": [1, 2, 3],
    "batch": [1, 2, 3, 5],
    "time": [1, 2, 7],
    "lengths": ["none", "mixed", "zero"],
    "projected": ["all", "output", "h", "c"],
    "state": ["none", "given"],
    "bidirectional": [False, True],
    "bias": [True, False],
}


def allowed(case):
    # Keeps the file small: weights grow with hidden² · layers · directions.
    return case["hidden"] < 33 or case["layers"] * (1 + case["bidirectional"]) <= 2


def lstm(family):
    for index, choice in enumerate(pairwise(FACTORS, allowed)):
        lstm_case(family, f"{index:02}", choice)


def lstm_case(family, index, choice):
    hidden, size, layers = choice["hidden"], choice["input"], choice["layers"]
    directions = 1 + choice["bidirectional"]
    name = "-".join(
        [index, f"i{size}h{hidden}l{layers}d{directions}", f"b{choice['batch']}t{choice['time']}"]
        + [choice["lengths"], choice["state"], choice["projected"], "bias" if choice["bias"] else "nobias"]
    )
    rng = family.rng(name)
    inputs = {"x": normal(rng, choice["batch"], choice["time"], size)}
    if choice["state"] == "given":
        for key in "hc":
            inputs[key] = normal(rng, layers * directions, choice["batch"], hidden, scale=0.7)
    lengths = make_lengths(rng, choice)
    if lengths is not None:
        inputs["lengths"] = lengths

    def module():
        return torch.nn.LSTM(
            size, hidden, layers, bias=choice["bias"], batch_first=True, bidirectional=choice["bidirectional"]
        )

    params = {
        key: normal(rng, *value.shape, scale=1.5 / (value.shape[-1] ** 0.5 if value.dim() == 2 else 3))
        for key, value in module().named_parameters()
    }

    def compute(leaves):
        net = with_parameters(module(), leaves)
        return run(net, leaves["x"], leaves.get("h"), leaves.get("c"), leaves.get("lengths"))

    options = {
        "inputSize": size,
        "hiddenSize": hidden,
        "numLayers": layers,
        "bias": choice["bias"],
        "bidirectional": choice["bidirectional"],
    }
    projected = {"all": ["output", "h", "c"]}.get(choice["projected"], [choice["projected"]])
    family.case(name, "lstm", options, compute, inputs, params, projected=projected)


def make_lengths(rng, choice):
    """Mixed lengths from 1 up; "zero" puts an empty row among them."""
    if choice["lengths"] == "none":
        return None
    lengths = integers(rng, 1, choice["time"] + 1, choice["batch"])
    if choice["batch"] > 1:
        lengths[0], lengths[1] = 1, choice["time"]
    if choice["lengths"] == "zero":
        lengths[-1 if choice["batch"] > 2 else 0] = 0
    return lengths


def run(net, x, h, c, lengths):
    """The packed computation. PyTorch cannot pack an empty row: its output is zero, its state is carried."""
    rows = x.shape[0]
    count = net.num_layers * (2 if net.bidirectional else 1)
    if h is None:
        h = c = x.new_zeros(count, rows, net.hidden_size)
    if lengths is None:
        output, (hn, cn) = net(x, (h, c))
        return {"output": output, "h": hn, "c": cn}
    full = torch.nonzero(lengths > 0).flatten()
    width = net.hidden_size * (2 if net.bidirectional else 1)
    # An empty batch still belongs to the graph, with gradient zero.
    nothing = sum(p.sum() for p in net.parameters()) * 0 + x.sum() * 0 + h.sum() * 0 + c.sum() * 0
    output, hn, cn = x.new_zeros(rows, x.shape[1], width) + nothing, h + nothing, c + nothing
    if len(full):
        packed = pack_padded_sequence(x[full], lengths[full], batch_first=True, enforce_sorted=False)
        packed, (h_full, c_full) = net(packed, (h[:, full].contiguous(), c[:, full].contiguous()))
        unpacked, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
        output = output.index_copy(0, full, unpacked)
        hn, cn = hn.index_copy(1, full, h_full), cn.index_copy(1, full, c_full)
    return {"output": output, "h": hn, "c": cn}


def with_parameters(module, leaves):
    for key, _ in list(module.named_parameters()):
        setattr(module, key, leaves[key])
    return module


def lstm_cell(family):
    for size, hidden, batch, bias in [(3, 5, 2, True), (8, 13, 1, True), (1, 1, 3, False), (5, 8, 5, True), (4, 33, 2, False)]:
        name = f"i{size}h{hidden}b{batch}-{'bias' if bias else 'nobias'}"
        rng = family.rng(name)
        inputs = {
            "x0": normal(rng, batch, size),
            "x1": normal(rng, batch, size),
            "h": normal(rng, batch, hidden),
            "c": normal(rng, batch, hidden),
        }
        params = {
            key: normal(rng, *value.shape, scale=1.5 / (value.shape[-1] ** 0.5 if value.dim() == 2 else 3))
            for key, value in torch.nn.LSTMCell(size, hidden, bias).named_parameters()
        }

        def compute(leaves):
            cell = with_parameters(torch.nn.LSTMCell(size, hidden, bias), leaves)
            first = cell(leaves["x0"], (leaves["h"], leaves["c"]))
            h, c = cell(leaves["x1"], first)
            return {"h0": first[0], "h": h, "c": c}

        options = {"inputSize": size, "hiddenSize": hidden, "bias": bias}
        family.case(name, "lstmCell", options, compute, inputs, params)
