"""Losses. The library's classes axis is the last, PyTorch's the second: the leading axes are flattened for it."""
import numpy as np
import torch
import torch.nn.functional as F

from .cases import integers, normal
from .pairwise import pairwise

REDUCTIONS = ["none", "mean", "sum"]


def losses(family):
    class_losses(family)
    regression_losses(family)
    binary_losses(family)


def class_losses(family):
    factors = {
        "leading": [(), (3,), (2, 7), (2, 3, 2)],
        "classes": [1, 2, 5, 13, 33],
        "reduction": REDUCTIONS,
        "ignore": ["default", "class", "negative"],
        "smoothing": [0.0, 0.1],
        "weight": [False, True],
    }
    # Without a single target left the mean is 0/0.
    usable = lambda c: c["ignore"] == "default" or (c["leading"] not in ((), (3,)) and c["classes"] > 2)
    for index, choice in enumerate(pairwise(factors, usable)):
        class_loss(family, "crossEntropy", index, choice)
    del factors["smoothing"]
    for index, choice in enumerate(pairwise(factors, usable)):
        class_loss(family, "nllLoss", index, {**choice, "smoothing": 0.0})


def class_loss(family, op, index, choice):
    leading, classes, reduction = choice["leading"], choice["classes"], choice["reduction"]
    name = f"{op}-{index:02}-{'x'.join(map(str, leading)) or 'row'}-c{classes}-{reduction}-{choice['ignore']}"
    rng = family.rng(name)
    target = integers(rng, 0, classes, *leading)
    options = {"reduction": reduction}
    ignore = {"default": -100, "class": 1, "negative": -1}[choice["ignore"]]
    if choice["ignore"] != "default":
        target.flat[[1, -1]] = ignore
        target.flat[0] = 0
        options["ignoreIndex"] = ignore
    if choice["smoothing"]:
        options["labelSmoothing"] = choice["smoothing"]
    scores = normal(rng, *leading, classes, scale=3)
    if op == "nllLoss":
        scores = torch.log_softmax(torch.from_numpy(scores).double(), -1).float().numpy()
    inputs = {"input": scores, "target": target}
    if choice["weight"]:
        inputs["weight"] = np.asarray(rng.uniform(0.2, 2, classes), dtype=np.float32)

    def compute(t):
        extra = {"label_smoothing": choice["smoothing"]} if op == "crossEntropy" else {}
        function = F.cross_entropy if op == "crossEntropy" else F.nll_loss
        loss = function(
            t["input"].reshape(-1, classes),
            t["target"].reshape(-1),
            weight=t.get("weight"),
            ignore_index=ignore,
            reduction=reduction,
            **extra,
        )
        return {"loss": loss.reshape(leading) if reduction == "none" else loss}

    family.case(name, op, options, compute, inputs, fixed=("weight",))


def regression_losses(family):
    for op, function in (("mseLoss", F.mse_loss), ("l1Loss", F.l1_loss)):
        for reduction in REDUCTIONS:
            for shape in ((5,), (3, 7), (2, 1, 13)):
                name = f"{op}-{'x'.join(map(str, shape))}-{reduction}"
                rng = family.rng(name)
                inputs = {"input": normal(rng, *shape), "target": normal(rng, *shape)}
                inputs["target"].flat[0] = inputs["input"].flat[0]  # the kink of |x| takes gradient 0
                family.case(
                    name,
                    op,
                    {"reduction": reduction},
                    lambda t: {"loss": function(t["input"], t["target"], reduction=reduction)},
                    inputs,
                )


def binary_losses(family):
    factors = {
        "shape": [(5,), (3, 7), (2, 3, 5), ()],
        "reduction": REDUCTIONS,
        "weight": [None, "full", "last"],
        "posWeight": [False, True],
    }
    for index, choice in enumerate(pairwise(factors, lambda c: c["shape"] != () or c["weight"] != "last")):
        shape, reduction = choice["shape"], choice["reduction"]
        name = f"binary-{index:02}-{'x'.join(map(str, shape)) or 'scalar'}-{reduction}"
        rng = family.rng(name)
        inputs = {
            "input": normal(rng, *shape, scale=3),
            "target": np.asarray(rng.uniform(0, 1, shape), dtype=np.float32),
        }
        if inputs["input"].size > 2:
            inputs["input"].flat[:2] = [60, -60]  # where exp alone would overflow or vanish
            inputs["target"].flat[:2] = [1, 0]
        last = shape[-1:] if shape else ()
        if choice["weight"]:
            inputs["weight"] = np.asarray(
                rng.uniform(0.2, 2, shape if choice["weight"] == "full" else last), dtype=np.float32
            )
        if choice["posWeight"]:
            inputs["posWeight"] = np.asarray(rng.uniform(0.5, 3, last), dtype=np.float32)
        family.case(
            name,
            "binaryCrossEntropyWithLogits",
            {"reduction": reduction},
            lambda t: {
                "loss": F.binary_cross_entropy_with_logits(
                    t["input"],
                    t["target"],
                    weight=t.get("weight"),
                    pos_weight=t.get("posWeight"),
                    reduction=reduction,
                )
            },
            inputs,
            fixed=("target", "weight", "posWeight"),
        )
