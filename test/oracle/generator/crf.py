"""The negative log-likelihood of a linear-chain CRF, as pytorch-crf computes it: parameters by its names."""
import torch

from .cases import integers, normal
from .operations import label


def crf(family):
    for shape, lengths in (((1, 1, 2), [1]), ((3, 5, 9), [5, 1, 4]), ((4, 12, 37), [12, 3, 12, 7])):
        for scale in (1.0, 6.0):
            batch, time, tags = shape
            name = f"{label(shape)}-scale{scale:g}"
            rng = family.rng(name)
            inputs = {
                "emissions": normal(rng, *shape, scale=scale),
                "targets": integers(rng, 0, tags, batch, time),
                "lengths": torch.tensor(lengths).int().numpy(),
            }
            params = {
                "start_transitions": normal(rng, tags),
                "end_transitions": normal(rng, tags),
                "transitions": normal(rng, tags, tags, scale=scale),
            }
            family.case(name, "crf", {}, losses, inputs, params)


def losses(t):
    emissions, targets, lengths = t["emissions"], t["targets"], t["lengths"]
    rows = torch.arange(len(lengths))
    own = t["start_transitions"][targets[:, 0]] + emissions[rows, 0, targets[:, 0]]
    alpha = t["start_transitions"] + emissions[:, 0]
    for step in range(1, emissions.shape[1]):
        before, tag = targets[:, step - 1], targets[:, step]
        on = lengths > step
        own = own + (t["transitions"][before, tag] + emissions[rows, step, tag]) * on
        scores = alpha.unsqueeze(2) + t["transitions"] + emissions[:, step].unsqueeze(1)
        alpha = torch.where(on.unsqueeze(1), scores.logsumexp(1), alpha)
    own = own + t["end_transitions"][targets[rows, lengths - 1]]
    return {"losses": (alpha + t["end_transitions"]).logsumexp(1) - own}
