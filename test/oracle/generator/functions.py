"""The operations beyond arithmetic: rectifiers, powers, spread, norms, similarities, order, picks of slices."""
import numpy as np
import torch
import torch.nn.functional as F

from .cases import integers, normal
from .operations import label


def functions(family):
    rectifiers(family)
    spread(family)
    pairs(family)
    movement(family)
    sums_of_products(family)
    whole_numbers(family)


def case(family, op, function, shape, options=None, positive=False, scale=2.0):
    options = options or {}
    name = "-".join([op, label(shape), *(f"{key}{value}" for key, value in options.items())])
    x = normal(family.rng(name), *shape, scale=scale)
    if positive:
        x = np.abs(x) + np.float32(0.1)
    family.case(name, op, options, lambda t: {"output": function(t["x"])}, {"x": x})


def rectifiers(family):
    plain = {
        "silu": F.silu, "gelu": F.gelu, "geluTanh": lambda x: F.gelu(x, approximate="tanh"), "softplus": F.softplus,
        "logSigmoid": F.logsigmoid, "elu": F.elu, "leakyRelu": F.leaky_relu, "hardTanh": F.hardtanh,
        "hardSigmoid": F.hardsigmoid, "square": torch.square, "cumsum": lambda x: x.cumsum(-1),
    }  # fmt: skip
    for op, function in plain.items():
        for shape in ((3,), (2, 13), (3, 1, 11)):
            case(family, op, function, shape, scale=3.0)
    for beta, threshold in ((2.5, 20), (0.5, 1)):
        options = {"beta": beta, "threshold": threshold}
        case(family, "softplus", lambda x: F.softplus(x, beta, threshold), (2, 13), options, scale=3.0)
    for exponent in (3, -2, 0.5, 1.7):
        case(family, "pow", lambda x: x**exponent, (2, 13), {"exponent": exponent}, positive=True)
    for op, function in (("reciprocal", torch.reciprocal), ("rsqrt", torch.rsqrt)):
        case(family, op, function, (2, 13), positive=True)
    for op, function in (("sin", torch.sin), ("cos", torch.cos)):
        for shape in ((3,), (2, 13), (3, 1, 11)):
            case(family, op, function, shape, scale=40.0)
    for shape, axis in (((6,), 0), ((3, 8), -1), ((2, 4, 3), 1)):
        case(family, "glu", lambda x: F.glu(x, axis), shape, {"axis": axis})
    case(family, "clamp", lambda x: x.clamp(-0.5, 0.75), (2, 13))


def spread(family):
    for shape, axis in (((3, 5), 1), ((2, 7, 3), 1), ((4, 3), 0)):
        options = {"axis": axis}
        case(family, "variance", lambda x: x.var(axis, unbiased=True), shape, options)
        case(family, "std", lambda x: x.std(axis, unbiased=True), shape, options)
        case(family, "min", lambda x: x.amin(axis), shape, options)
        case(family, "median", lambda x: x.median(axis)[0], shape, options)
        case(family, "prod", lambda x: x.prod(axis), shape, options)
        case(family, "cumprod", lambda x: x.cumprod(axis), shape, options)
        case(family, "norm1", lambda x: x.norm(1, axis), shape, options)
        case(family, "norm2", lambda x: x.norm(2, axis), shape, options)
        case(family, "normInfinity", lambda x: x.norm(torch.inf, axis), shape, options)
        case(family, "normalize", lambda x: F.normalize(x, dim=axis), shape, options)
        case(family, "topk", lambda x: x.topk(2, axis)[0], shape, options)
        case(family, "sort", lambda x: x.sort(axis)[0], shape, options)


def pairs(family):
    functions = {
        "cosineSimilarity": (lambda a, b: F.cosine_similarity(a, b, dim=-1), (4, 5), (4, 5)),
        "pairwiseDistance": (F.pairwise_distance, (4, 5), (4, 5)),
        "cdist": (torch.cdist, (4, 5), (7, 5)),
        "outer": (torch.outer, (5,), (7,)),
        "dot": (torch.dot, (13,), (13,)),
    }
    for op, (function, a, b) in functions.items():
        rng = family.rng(op)
        inputs = {"a": normal(rng, *a), "b": normal(rng, *b)}
        family.case(op, op, {}, lambda t: {"output": function(t["a"], t["b"])}, inputs)


def sums_of_products(family):
    for equation, *shapes in (
        ("ij,jk->ik", (3, 5), (5, 4)),
        ("bhqd,bkhd->bhqk", (2, 2, 3, 4), (2, 5, 2, 4)),
        ("abc,cd", (2, 3, 4), (4, 5)),
        ("ij,ij->", (3, 4), (3, 4)),
        ("ijk->ki", (2, 3, 4)),
    ):
        name = f"einsum-{equation}"
        rng = family.rng(name)
        inputs = {key: normal(rng, *shape) for key, shape in zip("ab", shapes)}
        options = {"equation": equation}
        family.case(
            name, "einsum", options, lambda t: {"output": torch.einsum(equation, *[t[key] for key in inputs])}, inputs
        )


def whole_numbers(family):
    ids = integers(family.rng("whole"), -99, 99, 3, 4, 5)
    for op, function in (
        ("wholeSum", lambda x: x.sum(1)),
        ("wholeMax", lambda x: x.amax(1)),
        ("wholeMin", lambda x: x.amin(1)),
        ("wholeCumsum", lambda x: x.cumsum(1)),
        ("wholeClamp", lambda x: x.clamp(-50, 20)),
        ("wholeMedian", lambda x: x.median(1)[0]),
    ):
        family.case(op, op, {}, lambda t: {"output": function(t["ids"])}, {"ids": ids})


def movement(family):
    shape = (3, 5)
    case(family, "flip", lambda x: x.flip(1), shape)
    case(family, "roll", lambda x: x.roll(2, 1), shape)
    case(family, "pad", lambda x: F.pad(x, (1, 2, 0, 1), value=0.5), shape)
    case(family, "tile", lambda x: x.tile(2, 3), shape)
    case(family, "diag", torch.diag, shape)
    for axis in (0, 1):
        rng = family.rng(f"index{axis}")
        x, index = normal(rng, *shape), integers(rng, 0, shape[axis], 6)
        family.case(
            f"indexSelect-axis{axis}",
            "indexSelect",
            {"axis": axis},
            lambda t: {"output": t["x"].index_select(axis, t["index"])},
            {"x": x, "index": index},
        )
        given = (6, 5) if axis == 0 else (3, 6)
        inputs = {"x": x, "index": integers(rng, 0, shape[axis], *given), "source": normal(rng, *given)}
        family.case(
            f"scatterAdd-axis{axis}",
            "scatterAdd",
            {"axis": axis},
            lambda t: {"output": t["x"].scatter_add(axis, t["index"], t["source"])},
            inputs,
        )
