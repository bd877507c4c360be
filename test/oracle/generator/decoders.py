"""Recurrent decoders: attention behind the layers, input feeding, GNMT's form, by PyTorch's cells and batched products."""
import torch

from .cases import normal

SCORES = ["dot", "scaledDot", "general", "additive"]
# Gradients are sums over time: their terms may be this large where they cancel.
FAINT = 0.1
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
BATCH, TIME, KEYS, INPUT, HIDDEN = 3, 4, 5, 2, 5


def decoders(family):
    decoder(family, attention="none")
    decoder(family, attention="none", cell="gru", numLayers=2, encodingSize=3, skip="residual", lengths=[4, 0, 2])
    for score in SCORES:
        decoder(family, attention=score, lengths=[2, 4, 1])
        decoder(family, attention=score, placement="inputFeeding")
    for cell in ["gru", "rnn"]:
        for placement in ["output", "inputFeeding", "gnmt"]:
            decoder(family, cell=cell, attention="general", placement=placement, lengths=[1, 4, 3], bias=cell == "gru")
    for placement in ["inputFeeding", "gnmt"]:
        decoder(family, attention="general", placement=placement, numLayers=2, lengths=[4, 2, 0])
        decoder(family, attention="additive", placement=placement, numLayers=3, encodingSize=2, skip="residual")
    decoder(family, attention="additive", placement="gnmt", attentionLengths=[5, 1, 2])
    decoder(family, attention="dot", placement="output", attentionSize=7, attentionLengths=[2, 5, 3])


def decoder(family, lengths=None, attentionLengths=None, **options):
    cell, layers = options.get("cell", "lstm"), options.get("numLayers", 1)
    score, placement = options["attention"], options.get("placement", "output")
    encoding, bias = options.get("encodingSize", 0), options.get("bias", True)
    residual = options.get("skip") == "residual"
    attends = score != "none"
    memory = 0 if not attends else HIDDEN if score in ("dot", "scaledDot") else 4
    vector = 0 if not attends or placement == "gnmt" else options.get("attentionSize", HIDDEN)
    fed = {"output": 0, "inputFeeding": vector, "gnmt": memory}[placement]
    if attends:
        options["memorySize"] = memory
    name = "-".join(f"{key}.{value}" for key, value in options.items()) + ("-lengths" if lengths else "")
    rng = family.rng(name)
    rows = GATES[cell] * HIDDEN
    params = {}
    for layer in range(layers):
        columns = encoding + (INPUT if layer == 0 else HIDDEN) + (fed if layer == 0 or placement == "gnmt" else 0)
        params[f"weight_ih_l{layer}"] = normal(rng, rows, columns, scale=columns**-0.5)
        params[f"weight_hh_l{layer}"] = normal(rng, rows, HIDDEN, scale=HIDDEN**-0.5)
        if bias:
            params[f"bias_ih_l{layer}"] = normal(rng, rows, scale=0.5)
            params[f"bias_hh_l{layer}"] = normal(rng, rows, scale=0.5)
    if score == "additive":
        params["attention.queryProjection.weight"] = normal(rng, HIDDEN, HIDDEN, scale=0.5)
        params["attention.scoreProjection.weight"] = normal(rng, 1, HIDDEN)
    if score in ("general", "additive"):
        params["attention.keyProjection.weight"] = normal(rng, HIDDEN, memory, scale=0.5)
    if vector:
        params["combine.weight"] = normal(rng, vector, memory + HIDDEN, scale=0.4)
    parts = ["h", "c"] if cell == "lstm" else ["h"]
    inputs = {"x": normal(rng, BATCH, TIME, INPUT)}
    inputs.update({part: normal(rng, layers, BATCH, HIDDEN, scale=0.5) for part in parts})
    if attends:
        inputs["keys"] = normal(rng, BATCH, KEYS, memory)
    if encoding:
        inputs["encoding"] = normal(rng, BATCH, encoding)
    if fed:
        inputs["feed"] = normal(rng, BATCH, fed, scale=0.5)

    def compute(t):
        past = torch.zeros(BATCH, KEYS).bool()
        if attentionLengths:
            past = torch.arange(KEYS)[None, :] >= torch.tensor(attentionLengths)[:, None]

        def attend(query):
            keys = t["keys"]
            if score in ("general", "additive"):
                keys = keys @ t["attention.keyProjection.weight"].T
            if score == "additive":
                queries = query @ t["attention.queryProjection.weight"].T
                scores = (torch.tanh(queries[:, None] + keys) @ t["attention.scoreProjection.weight"].T)[..., 0]
            else:
                scores = torch.bmm(keys, query[..., None])[..., 0]
                if score == "scaledDot":
                    scores = scores / HIDDEN**0.5
            weights = scores.masked_fill(past, float("-inf")).softmax(-1)
            return torch.bmm(weights[:, None], t["keys"])[:, 0], weights

        def advance(layer, read, state):
            weights = [t[f"weight_ih_l{layer}"], t[f"weight_hh_l{layer}"]]
            weights += [t[f"bias_ih_l{layer}"], t[f"bias_hh_l{layer}"]] if bias else [None, None]
            if cell == "lstm":
                return list(torch.lstm_cell(read, state, *weights))
            return [(torch.gru_cell if cell == "gru" else torch.rnn_tanh_cell)(read, state[0], *weights)]

        states = [[t[part][layer] for part in parts] for layer in range(layers)]
        feed = t.get("feed")
        before = [t["encoding"]] if encoding else []
        outputs, shares = [], []
        for step in range(TIME):
            active = torch.ones(BATCH, 1).bool() if lengths is None else (step < torch.tensor(lengths))[:, None]
            below, context, weights, following = t["x"][:, step], None, None, []
            for layer in range(layers):
                beside = []
                if fed and layer == 0:
                    beside = [feed]
                elif placement == "gnmt" and attends:
                    beside = [context]
                state = advance(layer, torch.cat([*before, below, *beside], -1), states[layer])
                below = state[0] + below if residual and layer > 0 else state[0]
                following.append(state)
                if layer == 0 and placement == "gnmt" and attends:
                    context, weights = attend(below)
            output = below
            if vector:
                context, weights = attend(below)
                output = torch.tanh(torch.cat([context, below], -1) @ t["combine.weight"].T)
            elif attends:
                output = torch.cat([below, context], -1)
            if fed:
                feed = torch.where(active, output if placement == "inputFeeding" else context, feed)
            states = [
                [torch.where(active, new, old) for new, old in zip(*pair)] for pair in zip(following, states)
            ]
            outputs.append(torch.cat([output, *before], -1) * active)
            if attends:
                shares.append(weights * active)
        found = {"output": torch.stack(outputs, 1)}
        if attends:
            found["weights"] = torch.stack(shares, 1)
        if fed:
            found["final feed"] = feed
        for index, part in enumerate(parts):
            found[f"final {part}"] = torch.stack([state[index] for state in states])
        return found

    recorded = {**options, "lengths": lengths, "attentionLengths": attentionLengths}
    family.case(name, "recurrentDecoder", recorded, compute, inputs, params, faint=FAINT)
