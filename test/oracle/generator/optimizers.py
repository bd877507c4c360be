"""Optimizers over ten steps of given gradients; clipping."""
import torch

from .cases import integers, normal

STEPS = 10
SHAPES = {"matrix": (3, 5), "vector": (13,), "scalar": ()}

# The library's option names; PyTorch's are the same in snake_case.
CHOICES = {
    "SGD": [
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        {"lr": 0.1, "momentum": 0.8, "dampening": 0.3},
        {"lr": 0.1, "weightDecay": 0.2},
        {"lr": 0.05, "momentum": 0.7, "weightDecay": 0.1, "nesterov": True},
    ],
    "Adam": [
        {"lr": 0.01},
        {"lr": 0.1, "betas": [0.8, 0.95], "eps": 1e-3},
        {"lr": 0.05, "weightDecay": 0.3},
        {"lr": 0.1, "betas": [0.9, 0.5], "amsgrad": True},
    ],
    "AdamW": [
        {"lr": 0.01},
        {"lr": 0.1, "betas": [0.7, 0.9], "weightDecay": 0.5},
        {"lr": 0.1, "weightDecay": 0, "eps": 1e-2},
        {"lr": 0.1, "betas": [0.7, 0.5], "weightDecay": 0.1, "amsgrad": True},
    ],
    "RMSprop": [
        {"lr": 0.01},
        {"lr": 0.02, "alpha": 0.8, "eps": 1e-3},
        {"lr": 0.02, "momentum": 0.9},
        {"lr": 0.02, "centered": True, "eps": 1e-2},
        {"lr": 0.02, "momentum": 0.5, "centered": True, "weightDecay": 0.1, "eps": 1e-2},
    ],
    "Adagrad": [
        {"lr": 0.1},
        {"lr": 0.1, "lrDecay": 0.1, "eps": 1e-3},
        {"lr": 0.1, "weightDecay": 0.2, "initialAccumulatorValue": 0.5},
    ],
}
# Two groups, the second with options of its own, and parameters that go without a gradient in some steps.
GROUPS = {
    "SGD": ({"lr": 0.1, "momentum": 0.9}, {"lr": 0.02, "weightDecay": 0.3}),
    "Adam": ({"lr": 0.1}, {"lr": 0.02, "betas": [0.5, 0.9], "weightDecay": 0.3}),
    "AdamW": ({"lr": 0.1}, {"lr": 0.02, "betas": [0.5, 0.9], "weightDecay": 0.3}),
    "RMSprop": ({"lr": 0.02, "eps": 1e-2}, {"alpha": 0.8, "centered": True, "weightDecay": 0.3}),
    "Adagrad": ({"lr": 0.1, "lrDecay": 0.2}, {"lr": 0.02, "weightDecay": 0.3, "eps": 1e-2}),
}
SKIPPED = {"matrix": [0, 1, 5], "scalar": [1, 3, 5, 7]}
SNAKE = {
    "weightDecay": "weight_decay",
    "lrDecay": "lr_decay",
    "initialAccumulatorValue": "initial_accumulator_value",
}


def optimizers(family):
    """in/<parameter> is where it starts, in/<parameter>.grad [steps, …]; out/<parameter> [steps, …] after each step.

    The options `groups`, the names and own options of each, and `skipped`, the steps in which a parameter has no
    gradient, are the case's, not the optimizer's.
    """
    for kind, choices in CHOICES.items():
        for index, options in enumerate(choices):
            optimizer_case(family, f"{kind}-{index}", kind, options)
    for kind, (options, own) in GROUPS.items():
        groups = [{"params": ["matrix"]}, {"params": ["vector", "scalar"], **own}]
        optimizer_case(family, f"{kind}-groups", kind, options, groups=groups, skipped=SKIPPED)
    sparse(family)


def optimizer_case(family, name, kind, options, groups=None, skipped={}):
    rng = family.rng(name)
    inputs = {key: normal(rng, *shape) for key, shape in SHAPES.items()}
    for key, shape in SHAPES.items():
        inputs[f"{key}.grad"] = normal(rng, STEPS, *shape)

    def compute(t):
        parameters = {key: torch.nn.Parameter(t[key].detach().clone()) for key in SHAPES}
        given = list(parameters.values())
        if groups:
            given = [snake({**group, "params": [parameters[key] for key in group["params"]]}) for group in groups]
        optimizer = getattr(torch.optim, kind)(given, **snake(options))
        history = {key: [] for key in SHAPES}
        for step in range(STEPS):
            for key, parameter in parameters.items():
                is_skipped = step in skipped.get(key, [])
                parameter.grad = None if is_skipped else t[f"{key}.grad"][step].detach().clone()
            optimizer.step()
            for key, parameter in parameters.items():
                history[key].append(parameter.detach().clone())
        return {key: torch.stack(values) for key, values in history.items()}

    recorded = {**options, "groups": groups, "skipped": skipped} if groups else options
    family.case(name, kind, recorded, compute, inputs, projected=[])


def sparse(family):
    """in/table is where it starts, in/ids [steps, n] and in/dy [steps, n, width] what a step looks up and what comes back."""
    for index, options in enumerate(
        [{"lr": 0.1}, {"lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-2}, {"lr": 0.1, "paddingIdx": 2}]
    ):
        name = f"SparseAdam-{index}"
        rng = family.rng(name)
        inputs = {"table": normal(rng, 7, 5), "ids": integers(rng, 0, 7, STEPS, 4), "dy": normal(rng, STEPS, 4, 5)}
        inputs["dy"][1] = 0  # a row is touched by its id, not by its gradient
        own = {key: value for key, value in options.items() if key != "paddingIdx"}

        def compute(t):
            table = torch.nn.Parameter(t["table"].detach().clone())
            optimizer = torch.optim.SparseAdam([table], **own)
            history = []
            for step in range(STEPS):
                optimizer.zero_grad()
                rows = torch.nn.functional.embedding(t["ids"][step], table, options.get("paddingIdx"), sparse=True)
                (rows * t["dy"][step].detach()).sum().backward()
                optimizer.step()
                history.append(table.detach().clone())
            return {"table": torch.stack(history)}

        family.case(name, "SparseAdam", options, compute, inputs, projected=[])


def snake(options):
    return {SNAKE.get(key, key): value for key, value in options.items()}


def clipping(family):
    """in/<i> are the gradients; out/<i> what is left of them; out/norm is the norm before."""
    several = [(33,), (2, 3), (1,), ()]
    for index, (shapes, limit, kind) in enumerate(
        [
            ([(3, 5), (13,)], 1.0, None),
            ([(3, 5), (13,)], 1000.0, None),
            ([()], 0.1, None),
            (several, 2.5, None),
            (several, 2.5, 1),
            (several, 0.5, "Infinity"),
        ]
    ):
        name = f"norm-{index}"
        rng = family.rng(name)
        inputs = {str(i): normal(rng, *shape, scale=2) for i, shape in enumerate(shapes)}

        def compute(t):
            parameters = given(t)
            norm = torch.nn.utils.clip_grad_norm_(parameters, limit, norm_type=float(kind or 2))
            return {"norm": norm, **{str(i): p.grad for i, p in enumerate(parameters)}}

        options = {"maxNorm": limit, **({"normType": kind} if kind else {})}
        family.case(name, "clipGradNorm", options, compute, inputs, projected=[])
    for index, limit in enumerate([0.5, 3.0]):
        name = f"value-{index}"
        rng = family.rng(name)
        inputs = {str(i): normal(rng, *shape, scale=2) for i, shape in enumerate([(3, 5), (13,)])}

        def compute(t):
            parameters = given(t)
            torch.nn.utils.clip_grad_value_(parameters, limit)
            return {str(i): p.grad for i, p in enumerate(parameters)}

        family.case(name, "clipGradValue", {"clipValue": limit}, compute, inputs, projected=[])


def given(gradients):
    parameters = []
    for gradient in gradients.values():
        parameter = torch.nn.Parameter(torch.zeros_like(gradient))
        parameter.grad = gradient.detach().clone()
        parameters.append(parameter)
    return parameters
