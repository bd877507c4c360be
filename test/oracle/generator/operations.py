"""Tensor operations: elementwise with broadcasting, reductions, softmax, products, movement of data."""
import numpy as np
import torch

from .cases import integers, normal


def label(shape):
    return "x".join(map(str, shape)) or "scalar"


def elementwise(family):
    pairs = [
        ((3, 1, 5), (4, 1)), ((), (2, 3)), ((2, 3), ()), ((1,), (5,)), ((7,), (2, 7)), ((2, 3, 4), (3, 4)),
        ((2, 3, 4), (2, 1, 1)), ((2, 1, 4), (1, 3, 1)), ((3, 13), (3, 13)), ((33,), (1, 1)), ((2, 1, 1, 3), (5, 1)),
    ]  # fmt: skip
    binary = {
        "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "maximum": torch.maximum,
        "minimum": torch.minimum,
    }  # fmt: skip
    for op, function in binary.items():
        for a, b in pairs:
            name = f"{op}-{label(a)}-{label(b)}"
            rng = family.rng(name)
            inputs = {"a": normal(rng, *a), "b": away_from_zero(normal(rng, *b)) if op == "div" else normal(rng, *b)}
            if op in ("maximum", "minimum"):
                inputs["a"].flat[0] = inputs["b"].flat[0]  # equal elements share the gradient
            family.case(name, op, {}, lambda t: {"output": function(t["a"], t["b"])}, inputs)
    comparisons(family, pairs)
    unary = {
        "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "exp": torch.exp, "log": torch.log,
        "sqrt": torch.sqrt, "abs": torch.abs, "neg": torch.neg,
    }  # fmt: skip
    for op, function in unary.items():
        for shape in ((), (3,), (2, 13), (3, 1, 11)):
            name = f"{op}-{label(shape)}"
            x = normal(family.rng(name), *shape, scale=2)
            if op in ("log", "sqrt"):
                x = np.abs(x) + np.float32(0.05)
            if op in ("relu", "abs") and x.size > 2:
                x.flat[1] = 0  # PyTorch's gradient at the kink is 0
            if op in ("tanh", "sigmoid") and x.size > 2:
                x.flat[:2] = [30, -30]
            family.case(name, op, {}, lambda t: {"output": function(t["x"])}, {"x": x})


def comparisons(family, pairs):
    functions = {
        "equal": torch.eq, "less": torch.lt, "lessEqual": torch.le, "greater": torch.gt, "greaterEqual": torch.ge,
    }  # fmt: skip
    for op, function in functions.items():
        for a, b in pairs:
            name = f"{op}-{label(a)}-{label(b)}"
            rng = family.rng(name)
            # Whole numbers near zero: many are equal.
            inputs = {key: np.round(normal(rng, *shape)) for key, shape in (("a", a), ("b", b))}
            family.case(name, op, {}, lambda t: {"output": function(t["a"], t["b"]).long()}, inputs)


def away_from_zero(values):
    return np.where(values < 0, values - 0.5, values + 0.5).astype(np.float32)


def reductions(family):
    def logsumexp(x, axes, keepdim):
        return torch.logsumexp(x, axes, keepdim)

    functions = {
        "sum": lambda x, axes, keepdim: torch.sum(x, axes, keepdim),
        "mean": lambda x, axes, keepdim: torch.mean(x, axes, keepdim),
        "max": lambda x, axes, keepdim: torch.amax(x, axes, keepdim),
        "logSumExp": logsumexp,
    }
    choices = [
        ((3, 4, 5), 0), ((3, 4, 5), 1), ((3, 4, 5), -1), ((3, 4, 5), [0, 2]), ((3, 4, 5), [1, 2]), ((2, 33), -1),
        ((33, 2), 0), ((13,), 0), ((2, 1, 7), 1), ((2, 3, 2, 5), [0, -1]),
    ]  # fmt: skip
    for op, function in functions.items():
        for shape, axis in choices:
            for keepdim in (False, True):
                name = f"{op}-{label(shape)}-axis{axis}-{'keep' if keepdim else 'drop'}"
                axes = axis if isinstance(axis, list) else [axis]
                family.case(
                    name,
                    op,
                    {"axis": axis, "keepdim": keepdim},
                    lambda t: {"output": function(t["x"], axes, keepdim)},
                    {"x": normal(family.rng(name), *shape, scale=2)},
                )
        for shape in ((2, 3, 5), (1,), ()):
            name = f"{op}-{label(shape)}-all"
            everything = list(range(len(shape)))
            family.case(
                name,
                op,
                {},
                lambda t: {"output": function(t["x"].reshape(-1), [0], False)},
                {"x": normal(family.rng(name), *shape, scale=2)},
            )
    softmaxes(family)


def softmaxes(family):
    for op, function in (("softmax", torch.softmax), ("logSoftmax", torch.log_softmax)):
        for shape, axis in [
            ((5,), 0), ((3, 33), -1), ((13, 3), 0), ((2, 7, 5), 1), ((2, 3, 8), 2), ((2, 3, 4, 5), -2), ((3, 2), 1),
        ]:  # fmt: skip
            name = f"{op}-{label(shape)}-axis{axis}"
            x = normal(family.rng(name), *shape, scale=3)
            x.flat[0] += 100  # the largest is subtracted first, or this overflows
            family.case(name, op, {"axis": axis}, lambda t: {"output": function(t["x"], axis)}, {"x": x})


    masked_softmaxes(family)


def masked_softmaxes(family):
    """What is not allowed is -inf to PyTorch; there, and where nothing is allowed, the results count as 0."""
    for op, function in (("maskedSoftmax", torch.softmax), ("maskedLogSoftmax", torch.log_softmax)):
        for shape, mask_shape, axis in [
            ((5,), (5,), 0), ((3, 33), (3, 33), -1), ((2, 7, 5), (7, 5), 2), ((2, 3, 8), (2, 1, 8), -1), ((4, 3), (4, 1), 0),
        ]:  # fmt: skip
            name = f"{op}-{label(shape)}-{label(mask_shape)}-axis{axis}"
            rng = family.rng(name)
            mask = integers(rng, 0, 2, *mask_shape)
            mask.flat[0] = 1
            if len(shape) > 1 and mask_shape[-1] > 1:
                mask[..., -1, :] = 0  # a row of nothing

            def compute(t):
                allowed = t["mask"].expand(shape) != 0
                some = allowed.any(axis, keepdim=True)
                scores = t["x"].masked_fill(~allowed & some, -np.inf)
                return {"output": function(scores, axis).masked_fill(~allowed, 0)}

            family.case(name, op, {"axis": axis}, compute, {"x": normal(rng, *shape, scale=3), "mask": mask})


def matmul(family):
    for a, b in [
        ((1, 1), (1, 1)), ((3, 5), (5, 8)), ((5, 33), (33, 13)), ((2, 1), (1, 7)), ((13, 8), (8, 3)), ((1, 33), (33, 12)),
        ((4, 7), (7, 25)), ((2, 3, 5), (2, 5, 4)), ((2, 3, 5), (5, 4)), ((3, 5), (2, 5, 4)), ((2, 1, 3, 5), (3, 5, 4)),
        ((5,), (5, 3)), ((3, 5), (5,)), ((5,), (5,)), ((2, 3, 5), (5,)),
    ]:  # fmt: skip
        name = f"{label(a)}-{label(b)}"
        rng = family.rng(name)
        inputs = {"a": normal(rng, *a, scale=a[-1] ** -0.5), "b": normal(rng, *b)}
        family.case(name, "matmul", {}, lambda t: {"output": torch.matmul(t["a"], t["b"])}, inputs)
    for a, b in [((3, 5), (8, 5)), ((2, 3, 33), (2, 17, 33)), ((2, 1, 3, 5), (3, 4, 5)), ((5,), (3, 5)), ((1, 7), (9, 7))]:
        name = f"{label(a)}-{label(b)}-transposed"
        rng = family.rng(name)
        inputs = {"a": normal(rng, *a, scale=a[-1] ** -0.5), "b": normal(rng, *b)}
        family.case(
            name,
            "matmul",
            {"transposeB": True},
            lambda t: {"output": torch.matmul(t["a"], t["b"].transpose(-1, -2))},
            inputs,
        )


def movement(family):
    joining(family)
    selecting(family)
    for shape, axes in [((3, 5), [1, 0]), ((2, 3, 4), [2, 0, 1]), ((2, 3, 4), [0, 2, 1]), ((2, 1, 3, 5), [3, 1, 0, 2])]:
        name = f"permute-{label(shape)}-{label(axes)}"
        x = normal(family.rng(name), *shape)
        family.case(name, "permute", {"axes": axes}, lambda t: {"output": t["x"].permute(axes)}, {"x": x})
    for shape, axis, start, end in [((7,), 0, 2, 5), ((3, 13), 1, 4, 13), ((5, 3), 0, 0, 2), ((2, 5, 3), 1, -4, -1)]:
        name = f"slice-{label(shape)}-axis{axis}-{start}to{end}"
        x = normal(family.rng(name), *shape)

        def compute(t):
            index = [slice(None)] * axis + [slice(start, end)]
            return {"output": t["x"][tuple(index)]}

        family.case(name, "slice", {"axis": axis, "start": start, "end": end}, compute, {"x": x})
    views(family)
    triangles(family)


def views(family):
    for op, shape, options, function in [
        ("reshape", (2, 6), {"shape": [3, -1]}, lambda x: x.reshape(3, -1)),
        ("reshape", (), {"shape": [1, 1]}, lambda x: x.reshape(1, 1)),
        ("squeeze", (2, 1, 3, 1), {}, lambda x: x.squeeze()),
        ("squeeze", (2, 1, 3, 1), {"axis": -1}, lambda x: x.squeeze(-1)),
        ("unsqueeze", (2, 3), {"axis": 1}, lambda x: x.unsqueeze(1)),
        ("unsqueeze", (2, 3), {"axis": -1}, lambda x: x.unsqueeze(-1)),
        ("transpose", (3, 5), {"axes": [0, 1]}, lambda x: x.transpose(0, 1)),
        ("transpose", (2, 9, 1, 4), {"axes": [1, -1]}, lambda x: x.transpose(1, -1)),
        ("transpose", (5, 17, 13), {"axes": [2, 1]}, lambda x: x.transpose(2, 1)),
        ("expand", (3, 1), {"shape": [3, 7]}, lambda x: x.expand(3, 7)),
        ("expand", (1, 5), {"shape": [2, 4, 5]}, lambda x: x.expand(2, 4, 5)),
        ("expand", (2, 1, 3), {"shape": [-1, 5, -1]}, lambda x: x.expand(-1, 5, -1)),
        ("clone", (3, 5), {}, lambda x: x.clone()),
    ]:
        name = f"{op}-{label(shape)}" + "".join(f"-{key}{value}" for key, value in options.items())
        x = normal(family.rng(name), *shape)
        family.case(name, op, options, lambda t: {"output": function(t["x"])}, {"x": x})


def triangles(family):
    for op, function in (("tril", torch.tril), ("triu", torch.triu)):
        for shape, diagonal in [((4, 4), 0), ((3, 7), 1), ((2, 7, 3), -2), ((2, 1, 5), 9), ((3, 3), -5)]:
            name = f"{op}-{label(shape)}-diagonal{diagonal}"
            x = normal(family.rng(name), *shape)
            family.case(
                name, op, {"diagonal": diagonal}, lambda t: {"output": function(t["x"], diagonal)}, {"x": x}
            )


def joining(family):
    for shapes, axis in [
        ([(2, 3), (4, 3)], 0), ([(2, 3), (2, 5), (2, 1)], 1), ([(2, 1, 5), (2, 7, 5)], -2), ([(3,)], 0), ([(2, 3, 4)] * 3, -1),
    ]:  # fmt: skip
        name = f"concat-{'-'.join(map(label, shapes))}-axis{axis}"
        rng = family.rng(name)
        inputs = {str(i): normal(rng, *shape) for i, shape in enumerate(shapes)}
        count = len(shapes)
        family.case(
            name,
            "concat",
            {"axis": axis, "count": count},
            lambda t: {"output": torch.cat([t[str(i)] for i in range(count)], axis)},
            inputs,
        )
    for shape, count, axis in [((5,), 3, 0), ((2, 3), 2, 1), ((2, 3), 3, -1), ((), 4, 0), ((3, 13), 1, 0)]:
        name = f"stack-{label(shape)}-{count}-axis{axis}"
        rng = family.rng(name)
        inputs = {str(i): normal(rng, *shape) for i in range(count)}
        family.case(
            name,
            "stack",
            {"axis": axis, "count": count},
            lambda t: {"output": torch.stack([t[str(i)] for i in range(count)], axis)},
            inputs,
        )
    for shape, sizes, axis in [((7, 3), [2, 5], 0), ((2, 13), [1, 8, 4], 1), ((2, 6, 3), 2, 1), ((2, 7), 3, -1)]:
        name = f"split-{label(shape)}-{sizes if isinstance(sizes, int) else label(sizes)}-axis{axis}"
        x = normal(family.rng(name), *shape)
        family.case(
            name,
            "split",
            {"sizes": sizes, "axis": axis},
            lambda t: {str(i): part for i, part in enumerate(torch.split(t["x"], sizes, axis))},
            {"x": x},
        )


def selecting(family):
    for shape, index_shape, axis in [
        ((5,), (3,), 0), ((3, 7), (3, 4), 1), ((5, 3), (7, 3), 0), ((2, 5, 3), (2, 2, 3), 1), ((4, 5), (2, 9), -1), ((3, 5), (1, 2), 0),
    ]:  # fmt: skip
        name = f"gather-{label(shape)}-{label(index_shape)}-axis{axis}"
        rng = family.rng(name)
        inputs = {"x": normal(rng, *shape), "index": integers(rng, 0, shape[axis], *index_shape)}
        family.case(
            name, "gather", {"axis": axis}, lambda t: {"output": torch.gather(t["x"], axis, t["index"])}, inputs
        )
    for condition, a, b in [((5,), (5,), (5,)), ((3, 1), (1, 7), (3, 7)), ((2, 3, 5), (), (5,)), ((13,), (2, 1), ())]:
        name = f"where-{label(condition)}-{label(a)}-{label(b)}"
        rng = family.rng(name)
        inputs = {"condition": integers(rng, 0, 2, *condition), "a": normal(rng, *a), "b": normal(rng, *b)}
        family.case(
            name, "where", {}, lambda t: {"output": torch.where(t["condition"] != 0, t["a"], t["b"])}, inputs
        )
    for shape, axis in [((5,), 0), ((3, 13), -1), ((7, 3), 0), ((2, 5, 3), 1)]:
        name = f"argmax-{label(shape)}-axis{axis}"
        x = normal(family.rng(name), *shape)
        family.case(name, "argmax", {"axis": axis}, lambda t: {"output": t["x"].argmax(axis)}, {"x": x})
