"""Picks: one position of an axis, all of them, elements and rows by a mask."""
import torch

from .cases import integers, normal
from .operations import label


def selection(family):
    for shape, axis, index in [((7,), 0, 3), ((3, 13), 1, -1), ((5, 3), 0, -5), ((2, 5, 3), 1, 2), ((2, 5, 3), -1, 0)]:
        name = f"select-{label(shape)}-axis{axis}-{index}"
        x = normal(family.rng(name), *shape)
        options = {"axis": axis, "index": index}
        family.case(name, "select", options, lambda t: {"output": t["x"].select(axis, index)}, {"x": x})
    for shape, axis in [((4,), 0), ((3, 13), 1), ((2, 5, 3), 1), ((2, 1, 3), -1)]:
        name = f"unbind-{label(shape)}-axis{axis}"
        x = normal(family.rng(name), *shape)

        def compute(t):
            return {str(i): part for i, part in enumerate(t["x"].unbind(axis))}

        family.case(name, "unbind", {"axis": axis}, compute, {"x": x})
    masks(family)


def masks(family):
    for shape, mask_shape in [((7,), (7,)), ((3, 5), (3, 5)), ((2, 3, 4), (3, 1)), ((5, 1), (2, 1, 4)), ((3, 5), (1,))]:
        name = f"maskedSelect-{label(shape)}-{label(mask_shape)}"
        rng = family.rng(name)
        inputs = {"x": normal(rng, *shape), "mask": integers(rng, 0, 2, *mask_shape)}
        inputs["mask"].flat[0] = 1
        family.case(
            name, "maskedSelect", {}, lambda t: {"output": torch.masked_select(t["x"], t["mask"] != 0)}, inputs
        )
    for shape, rank in [((7,), 1), ((3, 5), 1), ((3, 5), 2), ((2, 4, 3), 2)]:
        name = f"booleanMask-{label(shape)}-{rank}"
        rng = family.rng(name)
        inputs = {"x": normal(rng, *shape), "mask": integers(rng, 0, 2, *shape[:rank])}
        inputs["mask"].flat[-1] = 1
        family.case(name, "booleanMask", {}, lambda t: {"output": t["x"][t["mask"] != 0]}, inputs)
    for shape in [(9,), (3, 5), (2, 3, 4)]:
        name = f"nonzero-{label(shape)}"
        ids = integers(family.rng(name), -1, 2, *shape)
        family.case(name, "nonzero", {}, lambda t: {"output": t["ids"].nonzero()}, {"ids": ids})
