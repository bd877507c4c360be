"""Learning rates over twenty steps: `rates[k]` is what step k used in each group, before the schedule's k+1-th `step()`."""
import warnings

import torch
from torch.optim import lr_scheduler

STEPS = 20
BASES = [0.2, 0.05]
CHOICES = [
    ("StepLR", {"stepSize": 3, "gamma": 0.5}),
    ("StepLR", {"stepSize": 7}),
    ("MultiStepLR", {"milestones": [2, 9, 9, 14], "gamma": 0.7}),
    ("MultiStepLR", {"milestones": [12, 4]}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("CosineAnnealingLR", {"tMax": 10}),
    ("CosineAnnealingLR", {"tMax": 20, "etaMin": 0.01}),
    ("CosineAnnealingLR", {"tMax": 3, "etaMin": 0.02}),
    ("LinearLR", {"startFactor": 0.1, "totalIters": 5}),
    ("LinearLR", {"startFactor": 0.25, "endFactor": 1.0, "totalIters": 12}),
    ("LinearLR", {"startFactor": 1.0, "endFactor": 0.0, "totalIters": 19}),
    ("LinearLR", {}),
    ("WarmupLR", {"steps": 5}),
    ("WarmupLR", {"steps": 5, "after": ["CosineAnnealingLR", {"tMax": 14, "etaMin": 0.01}]}),
    ("WarmupLR", {"steps": 4, "after": ["StepLR", {"stepSize": 3, "gamma": 0.5}]}),
    ("LambdaLR", {"lrLambda": "inverse"}),
    ("LambdaLR", {"lrLambda": ["inverse", "steps"]}),
    ("OneCycleLR", {"maxLr": 0.5, "totalSteps": 20}),
    ("OneCycleLR", {"maxLr": [0.5, 0.02], "totalSteps": 20, "pctStart": 0.25, "annealStrategy": "linear"}),
    ("OneCycleLR", {"maxLr": 1.0, "totalSteps": 24, "threePhase": True, "divFactor": 10, "finalDivFactor": 100}),
    ("OneCycleLR", {"maxLr": 1.0, "totalSteps": 30, "baseMomentum": 0.7, "maxMomentum": 0.9}),
    ("OneCycleLR", {"maxLr": 1.0, "totalSteps": 21, "cycleMomentum": False}),
    ("SequentialLR", {"schedules": [["LinearLR", {"totalIters": 5}], ["StepLR", {"stepSize": 3, "gamma": 0.5}]], "milestones": [6]}),
    (
        "SequentialLR",
        {
            "schedules": [["ExponentialLR", {"gamma": 0.8}], ["LambdaLR", {"lrLambda": "inverse"}], ["CosineAnnealingLR", {"tMax": 7}]],
            "milestones": [4, 12],
        },
    ),
    ("ReduceLROnPlateau", {"patience": 2, "factor": 0.5}),
    ("ReduceLROnPlateau", {"mode": "max", "patience": 1, "factor": 0.3, "threshold": 0.05, "thresholdMode": "abs"}),
    ("ReduceLROnPlateau", {"mode": "max", "patience": 1, "factor": 0.6, "threshold": 0.08}),
    ("ReduceLROnPlateau", {"patience": 1, "factor": 0.6, "threshold": 0.04, "thresholdMode": "abs"}),
    ("ReduceLROnPlateau", {"patience": 0, "factor": 0.1, "cooldown": 3, "minLr": 0.001}),
    ("ReduceLROnPlateau", {"patience": 0, "factor": 0.5, "eps": 0.02}),
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
    "lrLambda": "lr_lambda",
    "maxLr": "max_lr",
    "totalSteps": "total_steps",
    "pctStart": "pct_start",
    "annealStrategy": "anneal_strategy",
    "cycleMomentum": "cycle_momentum",
    "baseMomentum": "base_momentum",
    "maxMomentum": "max_momentum",
    "divFactor": "div_factor",
    "finalDivFactor": "final_div_factor",
    "threePhase": "three_phase",
}
LAMBDAS = {"inverse": lambda steps: 1 / (1 + steps), "steps": lambda steps: max(0, 1 - steps / 8)}
METRICS = [1.0, 0.9, 0.91, 0.92, 0.93, 0.85, 0.85, 0.86, 0.8499, 0.86, 0.7, 0.71, 0.69, 0.75, 0.8, 0.9, 0.95, 0.6, 0.61, 0.7]


def schedules():
    warnings.simplefilter("ignore")  # PyTorch wants an optimizer step first
    cases = []
    for kind, options in CHOICES:
        groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": base} for base in BASES]
        optimizer = torch.optim.SGD(groups, lr=1.0)
        schedule = make(kind, optimizer, options)
        metrics = [round(1.7 - m, 4) for m in METRICS] if options.get("mode") == "max" else METRICS
        rates, momenta = [], []
        for step in range(STEPS):
            rates.append([group["lr"] for group in optimizer.param_groups])
            momenta.append([group["momentum"] for group in optimizer.param_groups])
            schedule.step(*([metrics[step]] if kind == "ReduceLROnPlateau" else []))
        case = {"op": kind, "options": options, "lrs": BASES, "rates": rates}
        if kind == "OneCycleLR":
            case["momenta"] = momenta
        if kind == "ReduceLROnPlateau":
            case["metrics"] = metrics
        cases.append(case)
    return cases


def make(kind, optimizer, options):
    if kind == "WarmupLR":
        return warmup(optimizer, **options)
    if kind == "SequentialLR":
        each = [make(*schedule_of(optimizer, entry)) for entry in options["schedules"]]
        return lr_scheduler.SequentialLR(optimizer, each, milestones=options["milestones"])
    if kind == "LambdaLR":
        names = options["lrLambda"]
        found = LAMBDAS[names] if isinstance(names, str) else [LAMBDAS[name] for name in names]
        return lr_scheduler.LambdaLR(optimizer, found)
    keywords = {SNAKE.get(key, key): value for key, value in options.items()}
    return getattr(lr_scheduler, kind)(optimizer, **keywords)


def schedule_of(optimizer, entry):
    return entry[0], optimizer, entry[1]


def warmup(optimizer, steps, after=None):
    """1 / steps of the rate, 2 / steps, …; then a schedule from its beginning."""
    linear = lr_scheduler.LinearLR(optimizer, start_factor=1 / steps, total_iters=steps - 1)
    if after is None:
        return linear
    return lr_scheduler.SequentialLR(optimizer, [linear, make(after[0], optimizer, after[1])], milestones=[steps])
