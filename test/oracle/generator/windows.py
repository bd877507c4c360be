"""Convolutions and pooling."""
import torch.nn.functional as F

from .cases import normal
from .operations import label


def windows(family):
    convolutions(family)
    transposed(family)
    pooling(family)


def convolutions(family):
    for shape, out, kernel, groups, options in [
        ((2, 3, 9), 4, [3], 1, {}),
        ((1, 4, 12), 6, [5], 2, {"padding": 2}),
        ((2, 5, 17), 3, [4], 1, {"padding": "same"}),
        ((2, 2, 13), 7, [3], 1, {"stride": 2, "padding": 1, "dilation": 2}),
        ((3, 6, 8), 6, [2], 6, {"dilation": 3}),
        ((1, 1, 1), 1, [1], 1, {}),
        ((2, 2, 6, 7), 3, [3, 3], 1, {"padding": 1}),
        ((1, 3, 8, 5), 4, [2, 3], 1, {"stride": [2, 1], "padding": [1, 2]}),
        ((1, 4, 7, 7), 6, [3, 2], 2, {"dilation": [1, 2]}),
        ((1, 2, 5, 6), 5, [4, 3], 1, {"padding": "same"}),
        ((2, 1, 12, 12), 6, [5, 5], 1, {}),
    ]:
        for bias in (True, False):
            op = "conv1d" if len(kernel) == 1 else "conv2d"
            chosen = "-".join(f"{key}{value if not isinstance(value, list) else label(value)}" for key, value in options.items())
            name = f"{op}-{label(shape)}-{out}by{label(kernel)}-groups{groups}{'-' + chosen if chosen else ''}-{'bias' if bias else 'nobias'}"
            rng = family.rng(name)
            channels = shape[1] // groups
            params = {"weight": normal(rng, out, channels, *kernel, scale=0.5)}
            if bias:
                params["bias"] = normal(rng, out)
            compute = F.conv1d if op == "conv1d" else F.conv2d
            family.case(
                name,
                op,
                {"channels": shape[1], "out": out, "kernel": kernel, "bias": bias, "options": {"groups": groups, **options}},
                lambda t: {"output": compute(t["x"], t["weight"], t.get("bias"), groups=groups, **options)},
                {"x": normal(rng, *shape)},
                params,
            )


def transposed(family):
    for shape, out, kernel, groups, options in [
        ((2, 3, 5), 4, 3, 1, {}),
        ((1, 4, 6), 6, 5, 2, {"stride": 2, "padding": 2, "outputPadding": 1}),
        ((2, 2, 4), 3, 2, 1, {"stride": 3, "dilation": 2}),
        ((2, 3, 1), 2, 4, 1, {"padding": 1}),
    ]:
        for bias in (True, False):
            name = f"convTranspose1d-{label(shape)}-{out}by{kernel}-groups{groups}-{'bias' if bias else 'nobias'}"
            rng = family.rng(name)
            params = {"weight": normal(rng, shape[1], out // groups, kernel, scale=0.5)}
            if bias:
                params["bias"] = normal(rng, out)
            own = {("output_padding" if key == "outputPadding" else key): value for key, value in options.items()}
            family.case(
                name,
                "convTranspose1d",
                {"channels": shape[1], "out": out, "kernel": [kernel], "bias": bias, "options": {"groups": groups, **options}},
                lambda t: {"output": F.conv_transpose1d(t["x"], t["weight"], t.get("bias"), groups=groups, **own)},
                {"x": normal(rng, *shape)},
                params,
            )


def pooling(family):
    for shape, kernel, options in [
        ((2, 3, 8), 2, {}),
        ((1, 2, 13), 3, {"stride": 2, "padding": 1}),
        ((2, 2, 5), 5, {"stride": 1}),
        ((2, 2, 6, 8), 2, {}),
        ((1, 3, 7, 9), [3, 2], {"stride": [2, 3], "padding": [1, 1]}),
        ((1, 1, 5, 5), 3, {"stride": 1, "padding": 1}),
    ]:
        axes = len(shape) - 2
        for kind, extra in [("max", {}), ("max", {"dilation": 2}), ("avg", {}), ("avg", {"countIncludePad": False})]:
            if extra.get("dilation") and min(shape[2:]) < 7:
                continue
            op = f"{kind}Pool{axes}d"
            function = getattr(F, f"{kind}_pool{axes}d")
            name = f"{op}-{label(shape)}-{kernel}-{options}-{extra}".replace(" ", "").replace("/", "")
            settings = {("count_include_pad" if key == "countIncludePad" else key): value for key, value in extra.items()}
            x = normal(family.rng(name), *shape)
            family.case(
                name,
                op,
                {"kernel": kernel, "options": {**options, **extra}},
                lambda t: {"output": function(t["x"], kernel, **options, **settings)},
                {"x": x},
            )
