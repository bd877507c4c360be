"""Neural Turing Machines (Graves, Wayne & Danihelka 2014), plainly: a step is a cell, and each head's equations."""
import torch
import torch.nn.functional as F

from .cases import normal

BATCH, TIME, INPUT, HIDDEN, OUTPUT = 2, 3, 3, 5, 2
# Gradients are sums over time and over heads: their terms may be this large where they cancel.
FAINT = 0.1


def ntm(family):
    machine(family, heads=["write", "read", "read", "write"], memoryRows=8, lengths=[3, 1])
    machine(family, heads=["write", "read", "read"], shiftRange=2, numLayers=2)
    machine(family, controller="feedforward", heads=["write", "read", "read"], numLayers=2, lengths=[0, 2])
    machine(family, state=True, heads=["read", "write"], lengths=[2, 3])
    machine(family, batch=1, heads=["read", "write"], numLayers=2)
    machine(family, batch=1, state=True, controller="feedforward", shiftRange=3)
    other_names(family)


def look(memory, before, steer, width, places):
    """Equations 5 to 9: [batch, rows]."""
    key, strength, gate, shift, sharpness = steer.split([width, 1, 1, places, 1], -1)
    cosine = F.cosine_similarity(memory, key[:, None], -1)
    content = (F.softplus(strength) * cosine).softmax(-1)
    gate = torch.sigmoid(gate)
    mixed = gate * content + (1 - gate) * before
    shift, half = shift.softmax(-1), places // 2
    moved = sum(shift[:, [j]] * mixed.roll(half - j, -1) for j in range(places))
    sharp = moved ** (1 + F.softplus(sharpness))
    return sharp / sharp.sum(-1, keepdim=True)


def act(memory, looks, heads, steering, width, places):
    """Every head's turn: the memory, what was read, where each looked."""
    reads, following = [], []
    for head, before, steer in zip(heads, looks, steering):
        count = width + places + 3
        weights = look(memory, before, steer[:, :count], width, places)
        if head == "read":
            reads.append(torch.bmm(weights[:, None], memory)[:, 0])
        else:
            erase, add = steer[:, count:].split(width, -1)
            weight = weights[..., None]
            memory = memory * (1 - weight * torch.sigmoid(erase)[:, None]) + weight * add[:, None]
        following.append(weights)
    return memory, torch.stack(reads, 1), following


def shapes(heads, controller, layers, rows, width, places):
    readers = heads.count("read")
    gates = 4 if controller == "lstm" else 1
    params = {}
    for layer in range(layers):
        params[f"weight_ih_l{layer}"] = (gates * HIDDEN, INPUT + readers * width if layer == 0 else HIDDEN)
        params[f"bias_ih_l{layer}"] = (gates * HIDDEN,)
        if controller == "lstm":
            params[f"weight_hh_l{layer}"] = (gates * HIDDEN, HIDDEN)
            params[f"bias_hh_l{layer}"] = (gates * HIDDEN,)
    for i, head in enumerate(heads):
        count = width + places + 3 + (2 * width if head == "write" else 0)
        params[f"heads.{i}.weight"] = (count, HIDDEN)
        params[f"heads.{i}.bias"] = (count,)
    if controller == "lstm":
        params["h_0"] = params["c_0"] = (layers, 1, HIDDEN)
    params["r_0"] = (readers, width)
    return {f"cell.{name}": shape for name, shape in params.items()} | {
        "fc.weight": (OUTPUT, HIDDEN + readers * width),
        "fc.bias": (OUTPUT,),
    }


def machine(family, batch=BATCH, lengths=None, state=False, **options):
    heads = options.setdefault("heads", ["read", "write"])
    controller, layers = options.setdefault("controller", "lstm"), options.setdefault("numLayers", 1)
    rows, width = options.setdefault("memoryRows", 7), options.setdefault("memoryWidth", 3)
    places = 2 * options.setdefault("shiftRange", 1) + 1
    options["controllerSize"] = HIDDEN
    name = "-".join(
        [controller, "+".join(heads), f"{layers}x{rows}x{width}x{places}", f"{batch}"]
        + ["lengths"] * bool(lengths)
        + ["state"] * state
    )
    rng = family.rng(name)
    readers = heads.count("read")
    params = {
        key: normal(rng, *shape, scale=0.6)
        for key, shape in shapes(heads, controller, layers, rows, width, places).items()
        if not (state and key.endswith("_0"))
    }
    inputs = {"x": normal(rng, batch, TIME, INPUT), "start": normal(rng, rows, width)}
    parts = ["h", "c"] if controller == "lstm" else []
    if state:
        inputs["memory"] = normal(rng, batch, rows, width)
        inputs["reads"] = normal(rng, batch, readers, width)
        inputs["weights"] = abs(normal(rng, batch, len(heads), rows, scale=0.1))
        inputs.update({part: normal(rng, layers, batch, HIDDEN, scale=0.5) for part in parts})

    def compute(t):
        memory = t["memory"] if state else t["start"].expand(batch, -1, -1)
        reads = t["reads"] if state else t["cell.r_0"].expand(batch, -1, -1)
        looks = list(t["weights"].unbind(1)) if state else [memory.new_zeros(batch, rows)] * len(heads)
        hidden = [t[part] if state else t[f"cell.{part}_0"].expand(-1, batch, -1) for part in parts]
        states = [[part[layer] for part in hidden] for layer in range(layers)]
        outputs, trace = [], []
        for step in range(TIME):
            active = torch.ones(batch).bool() if lengths is None else step < torch.tensor(lengths)
            below, following = torch.cat([t["x"][:, step], reads.flatten(1)], -1), []
            for layer in range(layers):
                own = [t[f"cell.{key}_l{layer}"] for key in ("weight_ih", "bias_ih")]
                if controller == "lstm":
                    other = [t[f"cell.{key}_l{layer}"] for key in ("weight_hh", "bias_hh")]
                    following.append(torch.lstm_cell(below, states[layer], own[0], other[0], own[1], other[1]))
                    below = following[-1][0]
                else:
                    below = torch.tanh(below @ own[0].T + own[1])
            steering = [below @ t[f"cell.heads.{i}.weight"].T + t[f"cell.heads.{i}.bias"] for i in range(len(heads))]
            after = act(memory, looks, heads, steering, width, places)
            joined = torch.where(active[:, None], torch.cat([below, after[1].flatten(1)], -1), torch.zeros(()).to(below))
            outputs.append(joined @ t["fc.weight"].T + t["fc.bias"])
            memory = torch.where(active[:, None, None], after[0], memory)
            reads = torch.where(active[:, None, None], after[1], reads)
            looks = [torch.where(active[:, None], new, old) for new, old in zip(after[2], looks)]
            states = [
                [torch.where(active[:, None], new, old) for new, old in zip(fresh, before)]
                for fresh, before in zip(following, states)
            ]
            trace.append(torch.stack(looks, 1))
        found = {"output": torch.stack(outputs, 1), "trace": torch.stack(trace, 1)}
        found |= {"final memory": memory, "final reads": reads, "final weights": torch.stack(looks, 1)}
        for i, part in enumerate(parts):
            found[f"final {part}"] = torch.stack([own[i] for own in states])
        return found

    options = options | {"lengths": lengths}
    family.case(name, "ntm", options, compute, inputs, params, fixed=("start",), faint=FAINT)


def other_names(family):
    """A copying machine of two pairs of heads as github.com/loudinthecloud/pytorch-ntm names its weights."""
    rows, width, pairs = 5, 3, 2
    rng = family.rng("pytorch-ntm")
    count = width + 6
    params = {"ntm.memory.mem_bias": normal(rng, rows, width, scale=0.3)}
    params |= {f"ntm.read{i}_bias": normal(rng, 1, width, scale=0.1) for i in range(pairs)}
    params |= {
        "ntm.controller.lstm_h_bias": normal(rng, 1, 1, HIDDEN, scale=0.2),
        "ntm.controller.lstm_c_bias": normal(rng, 1, 1, HIDDEN, scale=0.2),
        "ntm.controller.lstm.weight_ih_l0": normal(rng, 4 * HIDDEN, INPUT + pairs * width, scale=0.5),
        "ntm.controller.lstm.weight_hh_l0": normal(rng, 4 * HIDDEN, HIDDEN, scale=0.5),
        "ntm.controller.lstm.bias_ih_l0": normal(rng, 4 * HIDDEN, scale=0.3),
        "ntm.controller.lstm.bias_hh_l0": normal(rng, 4 * HIDDEN, scale=0.3),
    }
    for i in range(pairs):
        params[f"ntm.heads.{2 * i}.fc_read.weight"] = normal(rng, count, HIDDEN)
        params[f"ntm.heads.{2 * i}.fc_read.bias"] = normal(rng, count)
        params[f"ntm.heads.{2 * i + 1}.fc_write.weight"] = normal(rng, count + 2 * width, HIDDEN)
        params[f"ntm.heads.{2 * i + 1}.fc_write.bias"] = normal(rng, count + 2 * width)
    params["ntm.fc.weight"] = normal(rng, OUTPUT, HIDDEN + pairs * width)
    params["ntm.fc.bias"] = normal(rng, OUTPUT)

    def compute(t):
        heads = ["read", "write"] * pairs
        memory = t["ntm.memory.mem_bias"][None]
        reads = torch.stack([t[f"ntm.read{i}_bias"] for i in range(pairs)], 1)
        looks = [memory.new_zeros(1, rows)] * len(heads)
        lstm = {key: t[f"ntm.controller.lstm.{key}_l0"] for key in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        h, c = t["ntm.controller.lstm_h_bias"][0], t["ntm.controller.lstm_c_bias"][0]
        outputs = []
        for step in range(TIME):
            h, c = torch.lstm_cell(torch.cat([t["x"][:, step], reads.flatten(1)], -1), (h, c), *lstm.values())
            kinds = {"read": "fc_read", "write": "fc_write"}
            steering = [
                F.linear(h, *(t[f"ntm.heads.{i}.{kinds[head]}.{key}"] for key in ("weight", "bias")))
                for i, head in enumerate(heads)
            ]
            memory, reads, looks = act(memory, looks, heads, steering, width, 3)
            joined = torch.cat([h, reads.flatten(1)], -1)
            outputs.append(torch.sigmoid(F.linear(joined, t["ntm.fc.weight"], t["ntm.fc.bias"])))
        return {"output": torch.stack(outputs, 1)}

    options = {"heads": ["read", "write"] * pairs, "controllerSize": HIDDEN, "memoryRows": rows, "memoryWidth": width}
    inputs = {"x": normal(rng, 1, TIME, INPUT)}
    family.case("pytorch-ntm", "ntmByOtherNames", options, compute, inputs, params, projected=(), fixed=("x",))
