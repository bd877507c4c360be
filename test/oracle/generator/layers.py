"""Linear, Embedding, LayerNorm, BatchNorm."""
import torch
import torch.nn.functional as F

from .cases import integers, normal


def layers(family):
    linear(family)
    embedding(family)
    layer_norm(family)
    batch_norm(family)


def linear(family):
    shapes = [((3,), 5, 8), ((), 4, 3), ((2, 7), 8, 1), ((1,), 33, 13), ((2, 1, 3), 1, 33), ((5, 5), 13, 12)]
    for index, (leading, size, out) in enumerate(shapes):
        for bias in (True, False):
            name = f"linear-{'x'.join(map(str, leading)) or 'row'}-{size}to{out}-{'bias' if bias else 'nobias'}"
            rng = family.rng(name)
            params = {"weight": normal(rng, out, size, scale=size**-0.5)}
            if bias:
                params["bias"] = normal(rng, out)
            family.case(
                name,
                "linear",
                {"inFeatures": size, "outFeatures": out, "bias": bias},
                lambda t: {"output": F.linear(t["x"], t["weight"], t.get("bias"))},
                {"x": normal(rng, *leading, size)},
                params,
            )


def embedding(family):
    for shape, count, size, padding in [
        ((4,), 6, 5, None),
        ((3, 7), 5, 8, None),
        ((2, 5), 7, 3, 0),
        ((5, 2), 4, 13, 2),
        ((1, 1), 1, 1, None),
        ((2, 3, 2), 9, 33, 8),
    ]:
        name = f"embedding-{'x'.join(map(str, shape))}-{count}by{size}-{'nopad' if padding is None else f'pad{padding}'}"
        rng = family.rng(name)
        ids = integers(rng, 0, count, *shape)
        if padding is not None:
            ids.flat[[0, -1]] = padding
        options = {"numEmbeddings": count, "embeddingDim": size}
        if padding is not None:
            options["paddingIdx"] = padding
        family.case(
            name,
            "embedding",
            options,
            lambda t: {"output": F.embedding(t["ids"], t["weight"], padding)},
            {"ids": ids},
            {"weight": normal(rng, count, size)},
        )


def layer_norm(family):
    for shape, normalized, eps in [
        ((3, 5), [5], 1e-5),
        ((2, 7, 8), [8], 1e-5),
        ((5, 33), [33], 1e-2),
        ((2, 3, 13), [3, 13], 1e-5),
        ((13,), [13], 1e-3),
    ]:
        for affine in (True, False):
            name = f"layernorm-{'x'.join(map(str, shape))}-last{len(normalized)}-{'affine' if affine else 'plain'}"
            rng = family.rng(name)
            params = {"weight": normal(rng, *normalized), "bias": normal(rng, *normalized)} if affine else {}
            family.case(
                name,
                "layerNorm",
                {"normalizedShape": normalized, "eps": eps, "elementwiseAffine": affine},
                lambda t: {"output": F.layer_norm(t["x"], normalized, t.get("weight"), t.get("bias"), eps)},
                {"x": normal(rng, *shape) * 2 + 1},
                params,
            )


def batch_norm(family):
    """Two batches in training, `in/x0` and `in/x1`, then one in evaluation, `in/x2`; the statistics after that."""
    for shape, options in [
        ((4, 3), {}),
        ((5, 2, 7), {"momentum": 0.3, "eps": 1e-3}),
        ((3, 4, 2, 5), {}),
        ((2, 3, 4, 3), {"affine": False}),
        ((4, 3), {"momentum": None}),
        ((3, 2, 5), {"trackRunningStats": False}),
    ]:
        name = f"batchnorm-{'x'.join(map(str, shape))}-{'-'.join(options) or 'plain'}"
        rng = family.rng(name)
        features = shape[1]
        affine = options.get("affine", True)
        params = {"weight": normal(rng, features), "bias": normal(rng, features)} if affine else {}
        tracks = options.get("trackRunningStats", True)

        def compute(t):
            dtype = t["x0"].dtype
            mean, var = torch.zeros(features, dtype=dtype), torch.ones(features, dtype=dtype)
            result = {}
            for i in range(3):
                momentum = options.get("momentum", 0.1)
                momentum = 1 / (i + 1) if momentum is None else momentum
                result[f"y{i}"] = F.batch_norm(
                    t[f"x{i}"],
                    mean if tracks else None,
                    var if tracks else None,
                    t.get("weight"),
                    t.get("bias"),
                    training=i < 2 or not tracks,
                    momentum=momentum,
                    eps=options.get("eps", 1e-5),
                )
            return {**result, **({"mean": mean, "var": var} if tracks else {})}

        inputs = {f"x{i}": normal(rng, *shape) * 2 + 1 for i in range(3)}
        family.case(name, "batchNorm", options, compute, inputs, params, projected=["y0", "y1", "y2"])
