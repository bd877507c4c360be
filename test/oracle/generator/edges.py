"""Where functions have no derivative or no finite value: zeros, infinities, NaN, ties, rows without an element.

Values and gradients may be infinite or NaN here: they must be so where PyTorch's are, and nowhere else.
"""
import numpy as np
import torch
import torch.nn.functional as F

INF, NAN = np.inf, np.nan
POINTS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, -3.0, 6.0, 100.0, -100.0, INF, -INF]
BASES = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, INF, -INF, NAN]
EXPONENTS = [0.0, 1.0, 2.0, 3.0, 0.5, 1.5, -1.0, -2.0, -0.5, INF, -INF, NAN]
ROWS = [
    [0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [1.0, 3.0, 3.0], [-INF, -INF, -INF], [-INF, 1.0, -INF], [INF, 1.0, 2.0],
    [INF, -INF, 1.0], [NAN, 1.0, 2.0], [100.0, -100.0, 0.0], [-2.0, 0.0, 2.0],
    [1.0, -4.0, 0.0],
]  # fmt: skip
ROWS_APART = [row for row in ROWS if not np.isnan(row).any() and [*map(abs, row)].count(max(map(abs, row))) == 1]


def edges(family):
    family.finite = False
    elementwise(family)
    operands(family)
    rows(family)
    vectors(family)
    losses(family)


def floats(values):
    return np.array(values, dtype=np.float32)


def case(family, op, compute, inputs, options=None, **rest):
    inputs = {key: floats(value) if isinstance(value, list) else value for key, value in inputs.items()}
    family.case(label(op, options), op, options or {}, lambda t: {"output": compute(t)}, inputs, **rest)


def label(op, options):
    return "-".join([op, *(f"{key}{value}" for key, value in (options or {}).items())])


def elementwise(family):
    # Of NaN the value is compared, not the gradient: PyTorch's is 0, the incoming one or NaN by how each is written.
    functions = {
        "relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "exp": torch.exp, "log": torch.log,
        "abs": torch.abs, "neg": torch.neg, "silu": F.silu, "softplus": F.softplus, "logSigmoid": F.logsigmoid,
        "elu": F.elu, "leakyRelu": F.leaky_relu, "hardTanh": F.hardtanh, "hardSigmoid": F.hardsigmoid,
        "gelu": F.gelu, "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
        "square": torch.square, "reciprocal": torch.reciprocal,
        "clamp": lambda x: x.clamp(-1, 3),
        "xLogX": lambda x: x * torch.log(x),
        # The usual ways to write around a value that is not finite: the branch not taken must not come in.
        "guardedLog": lambda x: torch.where(x > 0, torch.log(torch.where(x > 0, x, torch.ones_like(x))), x),
        "unguardedRoot": lambda x: torch.where(x > 0, torch.sqrt(x), torch.zeros_like(x)),
        "filled": lambda x: x.masked_fill(torch.isnan(x) | torch.isinf(x), 0),
    }  # fmt: skip
    for op, function in functions.items():
        case(family, op, lambda t: function(t["x"]), {"x": POINTS})
        case(family, op, lambda t: function(t["x"]), {"x": [NAN, 1.0, NAN]}, {"of": "nan"}, fixed=("x",), projected=())
    for op, function in (("sqrt", torch.sqrt), ("rsqrt", torch.rsqrt)):
        case(family, op, lambda t: function(t["x"]), {"x": POINTS + [0.25, NAN]})
    # Not -0.5: PyTorch's power is 1 / sqrt(x), its gradient is not that of it.
    for exponent in (0, 1, 2, 3, -1, -2, 0.5, 1.7, 2.5, -1.5):
        case(family, "powNumber", lambda t: t["x"] ** exponent, {"x": BASES}, {"exponent": exponent})


def operands(family):
    grid = np.meshgrid(floats([0.0, -0.0, 1.0, -2.0, INF, -INF, NAN]), floats([0.0, -0.0, 1.0, 3.0, INF, NAN]))
    a, b = (each.ravel() for each in grid)
    functions = {
        "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "maximum": torch.maximum,
        "minimum": torch.minimum,
    }  # fmt: skip
    for op, function in functions.items():
        case(family, op, lambda t: function(t["a"], t["b"]), {"a": a, "b": b})
    base, exponent = (each.ravel() for each in np.meshgrid(floats(BASES), floats(EXPONENTS)))
    case(family, "pow", lambda t: torch.pow(t["a"], t["b"]), {"a": base, "b": exponent})
    condition = np.array([1, 0, 1, 0, 1, 0], dtype=np.int32)
    values = {"a": [1.0, NAN, INF, 2.0, NAN, -INF], "b": [NAN, 1.0, 3.0, INF, -INF, 4.0]}
    case(family, "where", lambda t: torch.where(t["condition"] > 0, t["a"], t["b"]), {"condition": condition, **values})


def rows(family):
    functions = {
        "sum": lambda x: x.sum(-1), "mean": lambda x: x.mean(-1), "max": lambda x: x.max(-1)[0],
        "min": lambda x: x.min(-1)[0], "logSumExp": lambda x: x.logsumexp(-1), "softmax": lambda x: x.softmax(-1),
        "logSoftmax": lambda x: x.log_softmax(-1), "variance": lambda x: x.var(-1), "std": lambda x: x.std(-1),
        "norm1": lambda x: x.norm(1, -1), "norm2": lambda x: x.norm(2, -1),
        "normInfinity": lambda x: torch.linalg.vector_norm(x, torch.inf, -1), "cumsum": lambda x: x.cumsum(-1),
        "normalize": lambda x: F.normalize(x, dim=-1),
        "layerNorm": lambda x: F.layer_norm(x, [x.shape[-1]]),
    }  # fmt: skip
    for op, function in functions.items():
        # What the norms' gradients are at NaN, and who gets that of the largest of equals, is chosen otherwise.
        lines = ROWS_APART if op.startswith("norm") and op != "norm2" else ROWS
        case(family, op, lambda t: function(t["x"]), {"x": floats(lines)}, {"length": 3})
        case(family, op, lambda t: function(t["x"]), {"x": floats(POINTS)[:, None]}, {"length": 1})


def vectors(family):
    left = floats([[0, 0, 0], [0, 0, 0], [1, 2, 3], [1, 2, 3], [INF, 1, 1], [NAN, 1, 1]])
    right = floats([[0, 0, 0], [1, 2, 3], [1, 2, 3], [-1, -2, -3], [1, 1, 1], [1, 1, 1]])
    case(family, "cosineSimilarity", lambda t: F.cosine_similarity(t["a"], t["b"], dim=-1), {"a": left, "b": right})
    case(family, "pairwiseDistance", lambda t: F.pairwise_distance(t["a"], t["b"]), {"a": left, "b": right})
    near = floats([[1, 2, 3], [1, 2, 3], [0, 0, 0]])
    case(family, "cdist", lambda t: torch.cdist(t["a"], t["b"]), {"a": near, "b": near.copy()})


def losses(family):
    rows = floats([[0, 0, 0], [-INF, 1, 2], [1, -INF, -INF], [100, -100, 0], [NAN, 0, 1], [INF, 0, 1]])
    for target in (0, 1):
        targets = np.full(len(rows), target, dtype=np.int32)
        case(family, "crossEntropy", lambda t: F.cross_entropy(t["input"], t["target"], reduction="none"),
             {"input": rows, "target": targets}, {"target": target})  # fmt: skip
    # Of infinite logits PyTorch's is NaN where this one is right, and the other way round.
    x, y = (each.ravel() for each in np.meshgrid(floats([0, 1, -1, 100, -100, 1e30, NAN]), floats([0, 1, 0.5])))
    case(family, "binaryCrossEntropyWithLogits",
         lambda t: F.binary_cross_entropy_with_logits(t["input"], t["target"], reduction="none"),
         {"input": x, "target": y}, fixed=("target",))  # fmt: skip
    a, b = (each.ravel() for each in np.meshgrid(floats([0, 1, -3, INF]), floats([0, 1, -INF])))
    for op, function in (("mseLoss", F.mse_loss), ("l1Loss", F.l1_loss), ("huberLoss", F.huber_loss), ("smoothL1Loss", F.smooth_l1_loss)):
        case(family, op, lambda t: function(t["input"], t["target"], reduction="none"), {"input": a, "target": b})
    # 0 · log 0 counts as 0 here: PyTorch's is NaN.
    log, p = (each.ravel() for each in np.meshgrid(floats([0, -1, -100, -INF]), floats([0.5, 1])))
    log, p = np.append(log, floats([0, -1])), np.append(p, floats([0, 0]))
    case(family, "klDivLoss", lambda t: F.kl_div(t["input"], t["target"], reduction="none"),
         {"input": log, "target": p}, fixed=("target",))  # fmt: skip

