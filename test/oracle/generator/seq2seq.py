"""A whole Seq2Seq model: its loss with every gradient, and what beam search makes of many sources. One sequence at a time,
without padding or batches of sources: the plainest form of attention "general" with input feeding and tied embeddings.
"""
import math

import numpy as np
import torch
import torch.nn.functional as F

from .cases import integers, normal

TOKENS, EMBEDDING, HIDDEN = 30, 12, 16
# What was not learnt comes first, the end mark last: it begins a text too.
UNKNOWN, END = 0, TOKENS - 1
SOURCES, BEAMS, N_BEST = 200, 5, 3
LENGTH_RATIO, SLACK = 0.7, 10
# Gradients are sums over tokens: their terms may be this large where they cancel.
FAINT = 0.1

SEARCHES = [
    {"lengthPenalty": "none", "earlyStopping": False},
    {"lengthPenalty": "average", "alpha": 0.7, "earlyStopping": False},
    {"lengthPenalty": "average", "alpha": 1, "earlyStopping": "heuristic"},
    {"lengthPenalty": "wu", "alpha": 0.8, "earlyStopping": "heuristic"},
]


def seq2seq(family):
    loss(family, [(5, 4), (1, 7), (8, 1), (3, 5)])
    search(family)


def loss(family, sizes):
    rng = family.rng("loss")
    params = parameters(rng, scale=1.5)
    inputs = {}
    for i, (read, written) in enumerate(sizes):
        inputs[f"source{i}"] = sequence(rng, read)
        inputs[f"target{i}"] = sequence(rng, written)

    def compute(t):
        logits, targets = [], []
        for i in range(len(sizes)):
            memory, state = begin(t, t[f"source{i}"])
            target = t[f"target{i}"]
            for before, token in zip([END, *target[:-1].tolist()], target):
                row, state = step(t, memory, state, [before])
                logits.append(row)
                targets.append(token)
        all_logits = torch.cat(logits)
        return {
            "logits": all_logits,
            "loss": F.cross_entropy(all_logits, torch.stack(targets), label_smoothing=0.1),
        }

    options = {"pairs": len(sizes), "labelSmoothing": 0.1}
    family.case("loss", "seq2seqLoss", options, compute, inputs, params, projected=["loss"], faint=FAINT)


def search(family):
    rng = family.rng("search")
    # Large weights: distributions that differ from step to step.
    params = parameters(rng, scale=2.0)
    params["writer.head.bias"][END] += 1.5
    lengths = integers(rng, 1, 9, SOURCES)
    sources = [sequence(rng, length) for length in lengths]
    inputs = {"sources": np.concatenate(sources), "lengths": np.array([len(each) for each in sources], dtype=np.int32)}
    seen = []

    def compute(t):
        with torch.no_grad():
            found = {}
            for i, options in enumerate(SEARCHES):
                best = [hypothesis for ids in sources for hypothesis in translated(t, torch.from_numpy(ids).long(), options)]
                found[f"ids{i}"] = torch.tensor([id for ids, _ in best for id in ids], dtype=torch.int32)
                found[f"lengths{i}"] = torch.tensor([len(ids) for ids, _ in best], dtype=torch.int32)
                found[f"scores{i}"] = torch.tensor([score for _, score in best], dtype=torch.float64)
        seen.append({name: each for name, each in found.items() if not name.startswith("scores")})
        return found

    options = {"beams": BEAMS, "nBest": N_BEST, "lengthRatio": LENGTH_RATIO, "searches": SEARCHES}
    family.case("search", "seq2seqSearch", options, compute, inputs, params, projected=[])
    exact, rounded = seen
    # Else the choice would hang on rounding.
    assert all(torch.equal(exact[name], rounded[name]) for name in exact), "two texts as good as each other"


def sequence(rng, length):
    return np.append(integers(rng, UNKNOWN + 1, END, length), np.int32(END))


def parameters(rng, scale):
    """By the names of the library's state dict; what is tied stands there once."""
    half, params = HIDDEN // 2, {}

    def add(name, *shape, factor=scale):
        params[name] = normal(rng, *shape, scale=factor * shape[-1] ** -0.5)

    add("encoder.embedding.weight", TOKENS, EMBEDDING)
    layers = [("encoder.recurrent", suffix, half, EMBEDDING) for suffix in ("", "_reverse")]
    layers.append(("writer.recurrent", "", HIDDEN, 2 * EMBEDDING))
    for owner, suffix, hidden, read in layers:
        add(f"{owner}.weight_ih_l0{suffix}", 4 * hidden, read)
        add(f"{owner}.weight_hh_l0{suffix}", 4 * hidden, hidden)
        for bias in ("bias_ih", "bias_hh"):
            add(f"{owner}.{bias}_l0{suffix}", 4 * hidden)
    for part in "hc":
        add(f"writer.bridge.{part}.weight", HIDDEN, HIDDEN)
        add(f"writer.bridge.{part}.bias", HIDDEN)
    add("writer.recurrent.attention.keyProjection.weight", HIDDEN, HIDDEN)
    add("writer.recurrent.combine.weight", EMBEDDING, 2 * HIDDEN)
    add("writer.head.bias", TOKENS)
    return params


def cell(t, owner, suffix, x, state):
    h, c = state
    gates = x @ t[f"{owner}.weight_ih_l0{suffix}"].T + t[f"{owner}.bias_ih_l0{suffix}"]
    gates = gates + h @ t[f"{owner}.weight_hh_l0{suffix}"].T + t[f"{owner}.bias_hh_l0{suffix}"]
    i, f, g, o = gates.chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def begin(t, source):
    """What the decoder looks at, and its first state: of one row."""
    vectors = t["encoder.embedding.weight"][source]
    outputs, finals = [], []
    for suffix in ("", "_reverse"):
        state = 2 * (vectors.new_zeros(1, HIDDEN // 2),)
        order = range(len(source)) if suffix == "" else reversed(range(len(source)))
        written = [None] * len(source)
        for at in order:
            state = cell(t, "encoder.recurrent", suffix, vectors[at : at + 1], state)
            written[at] = state[0]
        outputs.append(torch.cat(written))
        finals.append(state)
    values = torch.cat(outputs, 1)
    keys = values @ t["writer.recurrent.attention.keyProjection.weight"].T
    h, c = (
        torch.tanh(torch.cat(last, 1) @ t[f"writer.bridge.{part}.weight"].T + t[f"writer.bridge.{part}.bias"])
        for part, last in zip("hc", zip(*finals))
    )
    return (keys, values), (h, c, vectors.new_zeros(1, EMBEDDING))


def step(t, memory, state, ids):
    """Logits `[rows, TOKENS]` of what follows the ids, one a row, and the state behind them."""
    keys, values = memory
    h, c, fed = state
    x = torch.cat([t["encoder.embedding.weight"][ids], fed], 1)
    h, c = cell(t, "writer.recurrent", "", x, (h, c))
    context = torch.softmax(h @ keys.T, 1) @ values
    vector = torch.tanh(torch.cat([context, h], 1) @ t["writer.recurrent.combine.weight"].T)
    return vector @ t["encoder.embedding.weight"].T + t["writer.head.bias"], (h, c, vector)


def translated(t, source, options):
    """The best texts, as ids and score: every continuation is ranked, at every step up to the last that is allowed."""
    most = math.ceil(LENGTH_RATIO * (len(source) + SLACK))
    memory, state = begin(t, source)
    texts, complete = [(0.0, [])], []
    for length in range(1, most + 1):
        logits, state = step(t, memory, state, [ids[-1] if ids else END for _, ids in texts])
        own = torch.log_softmax(logits, 1)
        own[:, UNKNOWN] = -math.inf
        ranked = sorted(
            (-(total + one), row, id)
            for row, (total, _) in enumerate(texts)
            for id, one in enumerate(own[row].tolist())
        )
        goes_on = []
        for rank, (loss, row, id) in enumerate(ranked):
            text = (-loss, texts[row][1] + [id])
            if id != END and length < most:
                goes_on.append((row, text))
            elif rank < BEAMS:
                complete.append((text[1], -loss / penalty(options, length)))
            if len(goes_on) == BEAMS:
                break
        if length == most:
            break
        if options["earlyStopping"] and len(complete) >= BEAMS:
            worst = sorted((score for _, score in complete), reverse=True)[N_BEST - 1]
            if goes_on[0][1][0] / penalty(options, length) <= worst:
                break
        state = tuple(part[[row for row, _ in goes_on]] for part in state)
        texts = [text for _, text in goes_on]
    # Of equal ones the first stays first.
    return sorted(complete, key=lambda each: -each[1])[:N_BEST]


def penalty(options, length):
    base = {"none": 1, "average": length, "wu": (5 + length) / 6}[options["lengthPenalty"]]
    return base ** options.get("alpha", 1)
