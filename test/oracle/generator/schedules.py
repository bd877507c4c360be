"""Learning rates over twenty steps: `rates[k]` is what step k used, before the schedule's k+1-th `step()`."""
import warnings

import torch
from torch.optim import lr_scheduler

STEPS = 20
CHOICES = [
    ("StepLR", {"stepSize": 3, "gamma": 0.5}),
    ("StepLR", {"stepSize": 7}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("CosineAnnealingLR", {"tMax": 10}),
    ("CosineAnnealingLR", {"tMax": 20, "etaMin": 0.01}),
    ("LinearLR", {"startFactor": 0.1, "totalIters": 5}),
    ("LinearLR", {"startFactor": 0.25, "endFactor": 1.0, "totalIters": 12}),
    ("ReduceLROnPlateau", {"patience": 2, "factor": 0.5}),
    ("ReduceLROnPlateau", {"mode": "max", "patience": 1, "factor": 0.3, "threshold": 0.05, "thresholdMode": "abs"}),
    ("ReduceLROnPlateau", {"patience": 0, "factor": 0.1, "cooldown": 3, "minLr": 0.001}),
]  # fmt: skip
SNAKE = {
    "stepSize": "step_size",
    "tMax": "T_max",
    "etaMin": "eta_min",
    "startFactor": "start_factor",
    "endFactor": "end_factor",
    "totalIters": "total_iters",
    "thresholdMode": "threshold_mode",
    "minLr": "min_lr",
}
METRICS = [1.0, 0.9, 0.91, 0.92, 0.93, 0.85, 0.85, 0.86, 0.8499, 0.86, 0.7, 0.71, 0.69, 0.75, 0.8, 0.9, 0.95, 0.6, 0.61, 0.7]


def schedules():
    warnings.simplefilter("ignore")  # PyTorch wants an optimizer step first
    cases = []
    for kind, options in CHOICES:
        base = 0.2
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
        keywords = {SNAKE.get(key, key): value for key, value in options.items()}
        schedule = getattr(lr_scheduler, kind)(optimizer, **keywords)
        rates = []
        for step in range(STEPS):
            rates.append(optimizer.param_groups[0]["lr"])
            schedule.step(*([METRICS[step]] if kind == "ReduceLROnPlateau" else []))
        case = {"op": kind, "options": options, "lr": base, "rates": rates}
        if kind == "ReduceLROnPlateau":
            case["metrics"] = METRICS
        cases.append(case)
    return cases
