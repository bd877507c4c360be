"""A family is one file of cases. A case's tensors are named `<case>/<role>/<name>`:

in          what the operation takes: activations float32, ids and targets int32
param       parameters by PyTorch's state-dict keys
out         expected results
projection  the random weights that make a scalar of the outputs: loss = Σ over outputs of sum(output · projection)
grad        expected gradient of that loss for each differentiable input and parameter

The file's metadata holds `torch` (its version) and `cases`, JSON: `[{name, op, options, tolerances}]`, where
tolerances maps `out/<name>` and `grad/<name>` to the largest difference allowed in any element.
"""
import json
import math
import zlib

import numpy as np
import torch

from .safetensors_format import write_safetensors

# Three times PyTorch's own float32 error, but never below 1e-5 of the tensor's largest value (of 1 if
# that is larger, of FAINT if it is smaller: a gradient that cancels to zero has no scale of its own).
TIMES_OWN_ERROR = 3
FLOOR = 1e-5
FAINT = 1e-2


def tolerance(expected, single, faint=FAINT):
    if expected.numel() == 0:
        return 0.0
    finite = torch.isfinite(expected.detach()) & torch.isfinite(single.detach())
    if not finite.any():
        return 0.0
    expected, single = expected.detach()[finite], single.detach()[finite]
    own_error = (single.double() - expected).abs().max().item()
    scale = min(1.0, max(faint, expected.abs().max().item()))
    return float(f"{max(FLOOR * scale, TIMES_OWN_ERROR * own_error):.3g}")


class Family:
    def __init__(self, name):
        self.name = name
        # Whether expected numbers must be.
        self.finite = True
        self.cases = []
        self.tensors = {}

    def rng(self, case):
        """Seeded by the case's name, so that a new case leaves the others as they are."""
        return np.random.Generator(np.random.PCG64(zlib.crc32(f"{self.name}/{case}".encode())))

    def case(self, name, op, options, compute, inputs, params=None, fixed=(), projected=None, faint=FAINT):
        """Runs `compute({name: tensor}) -> {name: tensor}` in both precisions and records the case.

        fixed: float inputs that take no gradient. projected: the outputs that enter the loss (default: every
        output of floats); with none of them the case has no gradient. faint: the scale below which a tensor's own
        size says nothing about its rounding, because larger terms cancel in it.
        """
        params = params or {}
        rng = self.rng(f"{name}/projection")
        double, exact = self._leaves(inputs, params, fixed, torch.float64), None
        single = self._leaves(inputs, params, fixed, torch.float32)
        exact, rounded = compute(double), compute(single)
        if projected is None:
            projected = [key for key, value in exact.items() if value.is_floating_point()]
        projections = {
            key: rng.standard_normal(exact[key].shape).astype(np.float32).reshape(exact[key].shape)
            for key in projected
        }
        tolerances = {}
        for role, values in (("in", inputs), ("param", params), ("projection", projections)):
            for key, value in values.items():
                self._store(name, role, key, value)
        for key, value in exact.items():
            self._expect(name, "out", key, value, rounded[key], tolerances, faint)
        if projections:
            wanted = [key for key, leaf in double.items() if leaf.requires_grad]
            expected = gradients(exact, projections, double, wanted)
            own = gradients(rounded, projections, single, wanted)
            for key in wanted:
                self._expect(name, "grad", key, expected[key], own[key], tolerances, faint)
        self.cases.append({"name": name, "op": op, "options": options, "tolerances": tolerances})

    def write(self, path):
        names = [case["name"] for case in self.cases]
        assert len(set(names)) == len(names), "two cases of one name"
        metadata = {
            "torch": torch.__version__,
            "cases": json.dumps(self.cases, separators=(",", ":"), allow_nan=False),
        }
        return write_safetensors(path, self.tensors, metadata)

    def _leaves(self, inputs, params, fixed, dtype):
        leaves = {}
        for key, value in inputs.items():
            leaf = torch.from_numpy(np.asarray(value).copy())
            if leaf.is_floating_point():
                leaf = leaf.to(dtype).requires_grad_(key not in fixed)
            else:
                leaf = leaf.long()
            leaves[key] = leaf
        for key, value in params.items():
            leaves[key] = torch.nn.Parameter(torch.from_numpy(value.copy()).to(dtype))
        return leaves

    def _expect(self, case, role, key, expected, single, tolerances, faint):
        if expected.is_floating_point():
            assert not self.finite or math.isfinite(expected.abs().max().item() if expected.numel() else 0), f"{case} {key}"
            tolerances[f"{role}/{key}"] = tolerance(expected, single, faint)
        self._store(case, role, key, expected.detach().numpy())

    def _store(self, case, role, key, value):
        value = np.asarray(value)
        floats = np.issubdtype(value.dtype, np.floating)
        self.tensors[f"{case}/{role}/{key}"] = np.array(value, dtype="<f4" if floats else "<i4", order="C")


def gradients(outputs, projections, leaves, wanted):
    loss = sum(
        (outputs[key] * torch.from_numpy(weights).to(outputs[key].dtype)).sum()
        for key, weights in projections.items()
    )
    # A leaf that the loss does not reach (a projection behind the cell state alone) has gradient zero.
    found = torch.autograd.grad(loss, [leaves[key] for key in wanted], allow_unused=True)
    return {key: torch.zeros_like(leaves[key]) if each is None else each for key, each in zip(wanted, found)}


def normal(rng, *shape, scale=1.0):
    return np.asarray(rng.standard_normal(shape) * scale, dtype=np.float32)


def integers(rng, low, high, *shape):
    return np.asarray(rng.integers(low, high, shape), dtype=np.int32)
