"""Connectionist temporal classification: PyTorch's ctc_loss of log_softmax(logits), batch first."""
import numpy as np
import torch
import torch.nn.functional as F

from .cases import integers, normal
from .pairwise import pairwise

# batch, time, classes, labels
SHAPES = [(1, 1, 2, 1), (2, 7, 5, 3), (3, 20, 4, 6), (4, 33, 30, 9), (2, 60, 9, 25)]


def ctc(family):
    factors = {
        "shape": SHAPES,
        "reduction": ["none", "mean", "sum"],
        "lengths": [False, True],
        "blank": ["first", "last"],
        "zeroInfinity": [False, True],
        "scale": [1.0, 6.0],
    }
    for index, choice in enumerate(pairwise(factors)):
        ctc_case(family, f"{index:02}", **choice)
    # A target that nothing can give, beside one that something can.
    ctc_case(family, "impossible", (2, 4, 3, 3), "mean", False, "first", True, 1.0, targets=[[1, 1, 1], [2, 1, 2]])
    # Long, and nearly certain as a trained model is: gradients far below 1.
    ctc_case(family, "long", (1, 2000, 4, 150), "none", False, "first", False, 3.0)
    ctc_case(family, "certain", (2, 80, 6, 8), "none", False, "first", False, 1.0, margin=14.0)


def ctc_case(family, name, shape, reduction, lengths, blank, zeroInfinity, scale, targets=None, margin=0.0):
    batch, time, classes, length = shape
    name = f"{name}-{'x'.join(map(str, shape))}-{reduction}"
    rng = family.rng(name)
    blank = 0 if blank == "first" else classes - 1
    logits = normal(rng, batch, time, classes, scale=scale)
    if targets is None:
        targets = (blank + integers(rng, 1, classes, batch, length)) % classes
    targets = np.asarray(targets, dtype=np.int32)
    if margin:
        add_margin(rng, logits, targets, blank, margin)
    inputs = {"logits": logits, "targets": targets}
    if lengths:
        target_lengths = [max(0, length - 2 * row) for row in range(batch)]
        inputs["inputLengths"] = np.asarray([time - row for row in range(batch)], dtype=np.int32)
        inputs["targetLengths"] = np.asarray(target_lengths, dtype=np.int32)
    options = {"reduction": reduction}
    if blank:
        options["blank"] = blank
    if zeroInfinity:
        options["zeroInfinity"] = True

    def compute(t):
        return {
            "loss": F.ctc_loss(
                F.log_softmax(t["logits"], -1).transpose(0, 1),
                t["targets"],
                t.get("inputLengths", torch.full((batch,), time)),
                t.get("targetLengths", torch.full((batch,), length)),
                blank=blank,
                reduction=reduction,
                zero_infinity=zeroInfinity,
            )
        }

    family.case(name, "ctcLoss", options, compute, inputs)


def add_margin(rng, logits, targets, blank, margin):
    """Favours one alignment of each target: every state of it for some steps."""
    time = logits.shape[1]
    for row, target in zip(logits, targets):
        states = [blank] + [state for label in target for state in (label, blank)]
        changes = np.sort(rng.choice(np.arange(1, time), len(states) - 1, replace=False))
        for t, row_t in enumerate(row):
            row_t[states[np.searchsorted(changes, t, side="right")]] += margin
