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
    binary_probabilities(family)
    probability_losses(family)
    smooth_losses(family)
    margin_losses(family)
    embedding_losses(family)


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


def binary_probabilities(family):
    for shape, weight in [((5,), False), ((3, 7), True), ((), False)]:
        for reduction in REDUCTIONS:
            name = f"binaryprobabilities-{'x'.join(map(str, shape)) or 'scalar'}-{reduction}"
            rng = family.rng(name)
            inputs = {key: np.asarray(rng.uniform(0.02, 0.98, shape), dtype=np.float32) for key in ("input", "target")}
            if weight:
                inputs["weight"] = np.asarray(rng.uniform(0.2, 2, shape[-1:]), dtype=np.float32)

            def compute(t):
                return {"loss": F.binary_cross_entropy(t["input"], t["target"], t.get("weight"), reduction=reduction)}

            fixed = ("target", "weight")
            family.case(name, "binaryCrossEntropy", {"reduction": reduction}, compute, inputs, fixed=fixed)


def probability_losses(family):
    """Targets that are distributions: cross-entropy, and the divergence of log-probabilities."""
    factors = {
        "leading": [(), (3,), (2, 7)],
        "classes": [2, 5, 13],
        "reduction": REDUCTIONS,
        "smoothing": [0.0, 0.2],
        "weight": [False, True],
    }
    for index, choice in enumerate(pairwise(factors)):
        leading, classes, reduction = choice["leading"], choice["classes"], choice["reduction"]
        name = f"probabilities-{index:02}-{'x'.join(map(str, leading)) or 'row'}-c{classes}-{reduction}"
        rng = family.rng(name)
        inputs = {"input": normal(rng, *leading, classes, scale=3), "target": softmax(normal(rng, *leading, classes))}
        if choice["weight"]:
            inputs["weight"] = np.asarray(rng.uniform(0.2, 2, classes), dtype=np.float32)
        options = {"reduction": reduction, **({"labelSmoothing": choice["smoothing"]} if choice["smoothing"] else {})}

        def compute(t):
            loss = F.cross_entropy(
                t["input"].reshape(-1, classes),
                t["target"].reshape(-1, classes),
                weight=t.get("weight"),
                reduction=reduction,
                label_smoothing=choice["smoothing"],
            )
            return {"loss": loss.reshape(leading) if reduction == "none" else loss}

        family.case(name, "crossEntropy", options, compute, inputs, fixed=("weight",))
    for reduction in [*REDUCTIONS, "batchmean"]:
        for log_target in (False, True):
            name = f"kl-{reduction}-{'log' if log_target else 'plain'}"
            rng = family.rng(name)
            target = softmax(normal(rng, 3, 4, 5))
            inputs = {"input": np.log(softmax(normal(rng, 3, 4, 5))), "target": np.log(target) if log_target else target}
            options = {"reduction": reduction, **({"logTarget": True} if log_target else {})}
            compute = lambda t: {"loss": F.kl_div(t["input"], t["target"], reduction=reduction, log_target=log_target)}
            family.case(name, "klDivLoss", options, compute, inputs)


def smooth_losses(family):
    for op, function, option, values in (
        ("huberLoss", F.huber_loss, "delta", [None, 0.3, 2.5]),
        ("smoothL1Loss", F.smooth_l1_loss, "beta", [None, 0.3, 2.5, 0.0]),
    ):
        for value in values:
            for reduction in REDUCTIONS:
                name = f"{op}-{value}-{reduction}"
                rng = family.rng(name)
                inputs = {"input": normal(rng, 3, 7, scale=2), "target": normal(rng, 3, 7)}
                if value != 0:  # at the kink of |x| PyTorch takes -1, the library 0, as PyTorch's l1_loss
                    inputs["target"].flat[0] = inputs["input"].flat[0]
                own = {} if value is None else {option: value}
                compute = lambda t: {"loss": function(t["input"], t["target"], reduction=reduction, **own)}
                family.case(name, op, {"reduction": reduction, **own}, compute, inputs)


def margin_losses(family):
    signs = lambda rng, *shape: np.where(rng.uniform(size=shape) < 0.5, -1, 1).astype(np.int32)
    for reduction in REDUCTIONS:
        for margin in (0.0, 0.4):
            options = {"reduction": reduction, **({"margin": margin} if margin else {})}
            name = f"ranking-{margin}-{reduction}"
            rng = family.rng(name)
            inputs = {"input1": normal(rng, 3, 5), "input2": normal(rng, 3, 5), "target": signs(rng, 3, 5)}
            inputs["input2"].flat[0] = inputs["input1"].flat[0]  # equal scores have a gradient
            compute = lambda t: {
                "loss": F.margin_ranking_loss(t["input1"], t["input2"], t["target"], margin=margin, reduction=reduction)
            }
            family.case(name, "marginRankingLoss", options, compute, inputs)
            for leading in ((), (9,)):
                name = f"cosine-{len(leading)}-{margin}-{reduction}"
                rng = family.rng(name)
                inputs = {"input1": normal(rng, *leading, 6), "input2": normal(rng, *leading, 6), "target": signs(rng, *leading)}
                compute = lambda t: {
                    "loss": F.cosine_embedding_loss(t["input1"], t["input2"], t["target"], margin=margin, reduction=reduction)
                }
                family.case(name, "cosineEmbeddingLoss", options, compute, inputs)
        for index, options in enumerate(
            [{}, {"margin": 0.3, "p": 1}, {"swap": True, "margin": 2.0}, {"p": 1, "swap": True}, {"eps": 0.1, "margin": 3.0}]
        ):
            name = f"triplet-{index}-{reduction}"
            rng = family.rng(name)
            inputs = {key: normal(rng, 7, 5) for key in ("anchor", "positive", "negative")}
            compute = lambda t: {
                "loss": F.triplet_margin_loss(t["anchor"], t["positive"], t["negative"], reduction=reduction, **options)
            }
            family.case(name, "tripletMarginLoss", {"reduction": reduction, **options}, compute, inputs)


def hard_triplet(v1, v2, margin, semi_hard):
    """TripletLossFn of DeepLearning.AI's course, either form, a loss for each row."""
    scores = F.normalize(v1) @ F.normalize(v2).T
    batch = len(scores)
    eye = torch.eye(batch, dtype=scores.dtype)
    positive = torch.diagonal(scores)
    excluded = ((eye == 1) | (scores > positive[:, None])).to(scores.dtype) if semi_hard else eye
    closest = (scores - 2.0 * excluded).max(1).values
    mean = (scores * (1.0 - eye)).sum(1) / (batch - 1)
    return torch.clamp(margin - positive + closest, min=0) + torch.clamp(margin - positive + mean, min=0)


def batch_hard(x, labels, margin, distance, soft):
    """BatchHardTripletLoss of sentence-transformers, a loss for each row."""
    d = torch.cdist(x, x) if distance == "euclidean" else 1 - F.normalize(x) @ F.normalize(x).T
    same = labels[:, None] == labels[None, :]
    own = same & ~torch.eye(len(x), dtype=torch.bool)
    positive = (own * d).max(1).values
    negative = (d + d.max(1, keepdim=True).values * same).min(1).values
    lead = positive - negative
    return torch.log1p(torch.exp(lead)) if soft else torch.clamp(lead + margin, min=0)


def reduce_by(reduction, losses):
    return {"none": lambda x: x, "mean": torch.mean, "sum": torch.sum}[reduction](losses)


def embedding_losses(family):
    for reduction in REDUCTIONS:
        for closest in ("any", "semiHard"):
            name = f"hard-triplet-{closest}-{reduction}"
            rng = family.rng(name)
            inputs = {"a": normal(rng, 7, 5), "b": normal(rng, 7, 5)}
            compute = lambda t: {"loss": reduce_by(reduction, hard_triplet(t["a"], t["b"], 0.25, closest == "semiHard"))}
            family.case(name, "hardTripletLoss", {"closest": closest, "reduction": reduction}, compute, inputs)
        for index, options in enumerate(
            [{}, {"distance": "cosine", "margin": 0.4}, {"soft": True}, {"distance": "cosine", "soft": True}]
        ):
            name = f"batch-hard-{index}-{reduction}"
            rng = family.rng(name)
            inputs = {"embeddings": normal(rng, 8, 5), "labels": np.array([0, 0, 1, 2, 1, 2, 0, 1], np.int32)}
            own = {"margin": 5.0, "distance": "euclidean", "soft": False, **options}
            compute = lambda t: {"loss": reduce_by(reduction, batch_hard(t["embeddings"], t["labels"], **own))}
            family.case(name, "batchHardTripletLoss", {"reduction": reduction, **options}, compute, inputs)
        for index, options in enumerate([{}, {"scale": 5.0, "symmetric": True}]):
            name = f"ranking-in-batch-{index}-{reduction}"
            rng = family.rng(name)
            inputs = {"anchors": normal(rng, 5, 6), "candidates": normal(rng, 8, 6)}

            def compute(t, scale=options.get("scale", 20.0), symmetric=options.get("symmetric", False)):
                scores = scale * F.normalize(t["anchors"]) @ F.normalize(t["candidates"]).T
                target = torch.arange(5)
                loss = F.cross_entropy(scores, target, reduction=reduction)
                back = F.cross_entropy(scores[:, :5].T, target, reduction=reduction)
                return {"loss": (loss + back) / 2 if symmetric else loss}

            family.case(name, "multipleNegativesRankingLoss", {"reduction": reduction, **options}, compute, inputs)
        for index, options in enumerate([{}, {"distance": "euclidean", "margin": 3.0}]):
            name = f"contrastive-{index}-{reduction}"
            rng = family.rng(name)
            inputs = {"a": normal(rng, 7, 5), "b": normal(rng, 7, 5), "same": np.array([1, 0, 0, 1, 0, 1, 0], np.int32)}

            def compute(t, margin=options.get("margin", 0.5), euclidean="distance" in options):
                d = F.pairwise_distance(t["a"], t["b"]) if euclidean else 1 - F.cosine_similarity(t["a"], t["b"])
                same = t["same"].to(d.dtype)
                return {"loss": reduce_by(reduction, 0.5 * (same * d**2 + (1 - same) * F.relu(margin - d) ** 2))}

            family.case(name, "contrastiveLoss", {"reduction": reduction, **options}, compute, inputs)
        name = f"cosine-similarity-{reduction}"
        rng = family.rng(name)
        inputs = {"a": normal(rng, 7, 5), "b": normal(rng, 7, 5), "score": normal(rng, 7)}
        compute = lambda t: {"loss": F.mse_loss(F.cosine_similarity(t["a"], t["b"]), t["score"], reduction=reduction)}
        family.case(name, "cosineSimilarityLoss", {"reduction": reduction}, compute, inputs)


def softmax(scores):
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).astype(np.float32)
