"""Optimizers over ten steps of given gradients; clipping."""
import torch

from .cases import normal

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
    ],
    "AdamW": [{"lr": 0.01}, {"lr": 0.1, "betas": [0.7, 0.9], "weightDecay": 0.5}, {"lr": 0.1, "weightDecay": 0, "eps": 1e-2}],
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
SNAKE = {
    "weightDecay": "weight_decay",
    "lrDecay": "lr_decay",
    "initialAccumulatorValue": "initial_accumulator_value",
}


def optimizers(family):
    """in/<parameter> is where it starts, in/<parameter>.grad [steps, …]; out/<parameter> [steps, …] after each step."""
    for kind, choices in CHOICES.items():
        for index, options in enumerate(choices):
            name = f"{kind}-{index}"
            rng = family.rng(name)
            inputs = {key: normal(rng, *shape) for key, shape in SHAPES.items()}
            for key, shape in SHAPES.items():
                inputs[f"{key}.grad"] = normal(rng, STEPS, *shape)

            def compute(t):
                parameters = {key: torch.nn.Parameter(t[key].detach().clone()) for key in SHAPES}
                keywords = {SNAKE.get(key, key): value for key, value in options.items()}
                optimizer = getattr(torch.optim, kind)(parameters.values(), **keywords)
                history = {key: [] for key in SHAPES}
                for step in range(STEPS):
                    for key, parameter in parameters.items():
                        parameter.grad = t[f"{key}.grad"][step].detach().clone()
                    optimizer.step()
                    for key, parameter in parameters.items():
                        history[key].append(parameter.detach().clone())
                return {key: torch.stack(values) for key, values in history.items()}

            family.case(name, kind, options, compute, inputs, projected=[])


def clipping(family):
    """in/<i> are the gradients; out/<i> what is left of them; out/norm is the norm before."""
    for index, (shapes, limit) in enumerate(
        [([(3, 5), (13,)], 1.0), ([(3, 5), (13,)], 1000.0), ([()], 0.1), ([(33,), (2, 3), (1,), ()], 2.5)]
    ):
        name = f"norm-{index}"
        rng = family.rng(name)
        inputs = {str(i): normal(rng, *shape, scale=2) for i, shape in enumerate(shapes)}

        def compute(t):
            parameters = given(t)
            norm = torch.nn.utils.clip_grad_norm_(parameters, limit)
            return {"norm": norm, **{str(i): p.grad for i, p in enumerate(parameters)}}

        family.case(name, "clipGradNorm", {"maxNorm": limit}, compute, inputs, projected=[])
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
