"""Exponential smoothing (statsmodels' ETSModel) on the series of backtest.mjs, from the same origins.

Error, trend and season (additive or multiplicative, damped or not) are chosen by AICc on the first two thirds, where the model is fitted once;
at each origin its states are smoothed over all that came, with these parameters. Seasons of more than 24 steps are left out, as
R's ets() does.

    /usr/bin/python3 bench/tasks/forecast/ets.py --data DIR
"""

import argparse
import csv
import itertools
import os
import warnings

import numpy as np
import pandas as pd
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

SERIES = [("AirPassengers", 1, 12), ("AirPassengers", 12, 12), ("sunspot.month", 12, 132), ("lynx", 5, 10)]
LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
data = parser.parse_args().data
warnings.simplefilter("ignore")


def choose(known, season):
    """The options and the parameters of the model with the least AICc."""
    best = None
    positive = known.min() > 0
    kinds = ["add", "mul"] if positive else ["add"]
    seasons = [None] + (kinds if 1 < season <= 24 else [])
    for error, trend, seasonal in itertools.product(kinds, [None, "add"], seasons):
        for damped in [False, True] if trend else [False]:
            if error == "add" and seasonal == "mul":
                continue  # Unstable, and left out by R's ets() too.
            how = dict(error=error, trend=trend, damped_trend=damped, seasonal=seasonal)
            how["seasonal_periods"] = season if seasonal else None
            try:
                fitted = ETSModel(known, **how).fit(disp=False)
            except (ValueError, np.linalg.LinAlgError):
                continue
            if np.isfinite(fitted.aicc) and (best is None or fitted.aicc < best[0]):
                best = (fitted.aicc, how, fitted.params)
    return best[1:]


def quantiles(values, how, params, horizon):
    """[levels, horizon]: exact where the model is linear, else of 2,000 simulated paths."""
    result = ETSModel(pd.Series(values), **how).smooth(params)
    n = len(values)
    said = result.get_prediction(start=n, end=n + horizon - 1, simulate_repetitions=2000, random_state=1)
    rows = {0.5: np.asarray(said.predicted_mean)[-horizon:]}
    for level in [0.1, 0.2, 0.3, 0.4]:
        ends = np.asarray(said.pred_int(alpha=2 * level))[-horizon:]
        rows[level], rows[round(1 - level, 1)] = ends[:, 0], ends[:, 1]
    return np.stack([rows[level] for level in LEVELS])


for name, horizon, season in SERIES:
    with open(os.path.join(data, "timeseries", name + ".csv")) as file:
        values = np.array([float(row[-1]) for row in list(csv.reader(file))[1:]])
    first = len(values) * 2 // 3
    how, params = choose(values[:first], season)
    scale = np.abs(values[season:first] - values[: first - season]).mean()
    errors, losses, covered = [], [], []
    for t in range(first, len(values) - horizon + 1):
        said = quantiles(values[:t], how, params, horizon)
        off = values[t : t + horizon] - said
        errors.append(off[4])
        weights = np.array(LEVELS)[:, None]
        losses.append(2 * np.maximum(weights * off, (weights - 1) * off).mean(0))
        covered.append((off[0] >= 0) & (off[8] <= 0))
    errors = np.array(errors)
    text = ", ".join(f"{key} {value}" for key, value in how.items() if value)
    print(f"{name}, {horizon} ahead, season {season}: {text}")
    print(
        f"  MASE {np.abs(errors).mean() / scale:.3f}, CRPS {np.mean(losses):.2f}, RMSE {np.sqrt((errors**2).mean()):.2f}, "
        f"{100 * np.mean(covered):.0f} % in the 80 % intervals",
        flush=True,
    )
