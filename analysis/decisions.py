"""Which lever setting to choose when the future is not known: regret over futures, and settings that none beats."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.answers import Answer
from analysis.intervals import MIN_REPLICATIONS, interval
from sim.base.errors import InputError, nearest_name
from sim.base.outcomes import OUTCOMES

Better = Literal["up", "down"]
RESAMPLES = 500  # of futures
STEADY = 0.8  # of them, from which a largest regret is reported: a judgement
AIMS = 3  # with many more outcomes, hardly a setting is beaten in all
MIN_FUTURES = 10  # under which a band over futures says little: a judgement

# What is held to be better, once, for choosing between levers; the first that a sweep kept are its aims unless others
# are chosen. It is a judgement of ours, not the registry's
# `direction`, which says where the report of 2023 expects AI to push an outcome. An outcome on which people differ
# (AI's shares, number of items) is not an aim.
BETTER: dict[str, Better] = {
    "trust_mean": "up",
    "employment": "up",
    "depth_used": "up",
    "false_exposure_share": "down",
    "unemployment": "down",
    "displacement_rate": "down",
    "structural_surplus": "down",
    "junior_senior_ratio": "up",
    "craft_used": "up",
    "consumer_surplus": "up",
    "creativity_premium": "up",
    "frontier_growth": "up",
    "feed_similarity": "down",
    "platform_hhi": "down",
    "studio_income": "up",
}


def check_aims(names: Sequence[str], kept: Collection[str]) -> None:
    """Refuse an aim for which `BETTER` does not say which way is better, or which the sweep did not keep."""
    for name in names:
        if name not in BETTER:
            raise InputError("--aim", name, f"one of {', '.join(BETTER)}", nearest_name(name, BETTER))
        if name not in kept:
            raise InputError("--aim", name, "an outcome that the sweep kept", nearest_name(name, kept))


def regret(table: pd.DataFrame, better: Better) -> Answer:
    """Measure how much each setting of the levers loses against the best setting in the same future.

    Parameters
    ----------
    table : one row a setting and future: `setting`, `future`, `value`. Futures that lack a setting are left out.
    better : which way the value should go.

    Returns
    -------
    Answer
        By setting: `mean_regret` with `low`, `high` (95 % t-interval over futures), `max_regret`, `best` (part of the
        futures in which none does better), `futures`, `choice`: "minimax" alone has the smallest largest regret, "mean"
        the smallest mean, "both", "tied" with others for either, or "" (always below ten futures), and `minimax_share`,
        the part of resamples of the futures in which its largest regret alone is the smallest (a largest regret is one
        future's). In the outcome's unit, never below 0. It is enough where the smallest mean is clearly smaller
        than every other, future by future.

    Notes
    -----
    Savage 1951, Journal of the American Statistical Association 46:55; Lempert et al. 2006, Management Science 52:514.
    """
    wide = table.pivot_table(index="future", columns="setting", values="value", sort=False).dropna()
    n = len(wide)
    noted: dict[str, object] = {"n": n, "least": MIN_FUTURES, "settings": wide.shape[1]}
    if n == 0 or wide.shape[1] < 2:
        return _regret([], "regret_uncrossed", False, noted)
    values = wide.to_numpy(np.float64) * (1 if better == "up" else -1)
    losses = values.max(axis=1, keepdims=True) - values
    means, worst = losses.mean(axis=0), losses.max(axis=0)
    steady = _steadiness(losses)
    rows = []
    for place, setting in enumerate(wide.columns):
        mean, low, high = interval(losses[:, place])
        rows.append(
            (
                setting,
                mean,
                np.nan if low is None else max(low, 0.0),
                np.nan if high is None else high,
                worst[place],
                float((losses[:, place] <= 0).mean()),
                n,
                _best_by(place, means, worst, n),
                steady[place],
            )
        )
    if n < MIN_FUTURES:
        return _regret(rows, "regret_few", False, noted)
    first = int(np.argmin(means))
    lows = [interval(losses[:, other] - losses[:, first])[1] for other in range(len(means)) if other != first]
    clear = all(low is not None and low > 0 for low in lows)
    return _regret(rows, "regret" if clear else "regret_close", clear, noted)


def _best_by(place: int, means: np.ndarray, worst: np.ndarray, n: int) -> str:
    """Say by which criterion a setting is the best of all: smallest mean regret, or smallest worst regret (minimax).

    "mean" or "minimax" if it is the only best one by that criterion, "both" if by both; "tied" if it is only ever best
    together with others; "" if it is best by none, and always with fewer than ten futures.

    Parameters
    ----------
    place : position of the setting in `means` and `worst`.
    means, worst : mean and largest regret of each setting, shape (settings,).
    n : number of futures.
    """
    if n < MIN_FUTURES:
        return ""
    least = {name: np.flatnonzero(size <= size.min()) for name, size in (("minimax", worst), ("mean", means))}
    among = [name for name, settings in least.items() if place in settings]
    alone = [name for name in among if len(least[name]) == 1]
    return "both" if len(alone) == 2 else alone[0] if alone else "tied" if among else ""


def _steadiness(losses: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return the share of resamples of the futures in which each setting alone is the minimax choice.

    That is, its largest regret is the smallest. NaN below five futures.
    """
    if len(losses) < MIN_REPLICATIONS:
        return np.full(losses.shape[1], np.nan)
    rng = np.random.default_rng(seed)
    worst = np.array([losses[rng.integers(len(losses), size=len(losses))].max(axis=0) for _ in range(RESAMPLES)])
    smallest = worst == worst.min(axis=1, keepdims=True)
    return np.asarray((smallest & (smallest.sum(axis=1, keepdims=True) == 1)).mean(axis=0))


def clear_mean(answer: Answer) -> str | None:
    """Return the setting whose mean regret is clearly the smallest; None where none is."""
    chosen = answer.frame["choice"].isin(["mean", "both"])
    return str(answer.frame.loc[chosen, "setting"].iloc[0]) if answer.enough else None


def steady_minimax(answer: Answer) -> str | None:
    """Return the setting that has the smallest largest regret in most resamples of the futures; None where none has."""
    steady = answer.frame["minimax_share"] >= STEADY
    told = answer.frame["futures"] >= MIN_FUTURES
    return next(iter(answer.frame.loc[steady & told, "setting"]), None)


def _regret(rows: Sequence[tuple[Any, ...]], note: str, enough: bool, values: dict[str, object]) -> Answer:
    """Make the answer on regret from its rows, `note` (key of its sentence) and `values` (what that is filled with)."""
    from analysis.sweep_figures import regrets

    columns = ["setting", "mean_regret", "low", "high", "max_regret", "best", "futures", "choice", "minimax_share"]
    return Answer(pd.DataFrame(list(rows), columns=columns), enough, note, regrets, values)


def undominated(values: np.ndarray) -> np.ndarray:
    """Find the rows that no other row dominates: none is at least as large in all columns and larger in one.

    Parameters
    ----------
    values : (settings, outcomes). Returns (settings,) booleans.
    """
    at_least = (values[:, None, :] >= values[None, :, :]).all(axis=2)
    above = (values[:, None, :] > values[None, :, :]).any(axis=2)
    return np.asarray(~np.any(at_least & above, axis=0))


def pareto(table: pd.DataFrame, better: Mapping[str, Better], differences: bool = False) -> Answer:
    """Find the settings that no other beats in every chosen outcome, by means over futures.

    Parameters
    ----------
    table : one row a setting and future: `setting`, `future` and a column an outcome. Only futures and settings
        without null count.
    better : chosen outcomes and which way each should go.
    differences : whether the columns hold differences from a counterfactual instead of levels.

    Returns
    -------
    Answer
        One row a setting and outcome: `setting`, `outcome`, `mean`, `low`, `high` (95 % t-interval over futures, a
        level's within the outcome's bounds, a difference's within their distance; null below five), `futures`, `front`
        (no setting beats it on the mean) and `clearly_beaten` (some setting is nowhere worse on the mean and better in
        an outcome by a paired difference whose band leaves out 0). What is neither stays undecided.
    """
    names = list(better)
    signs = np.array([1.0 if better[name] == "up" else -1.0 for name in names])
    kept = table.dropna(subset=names)
    settings = list(dict.fromkeys(kept["setting"]))
    by = {setting: kept[kept["setting"] == setting].set_index("future")[names] for setting in settings}
    shared = sorted(set.intersection(*(set(frame.index) for frame in by.values()))) if by else []
    noted: dict[str, object] = {"n": len(shared), "least": MIN_FUTURES, "settings": len(settings)}
    if not shared or len(settings) < 2:
        return _pareto([], "regret_uncrossed", False, noted)
    values = np.stack([by[setting].loc[shared].to_numpy(np.float64) * signs for setting in settings])
    front = undominated(values.mean(axis=1))
    beaten = [any(_clearly_beats(other, one) for other in values) for one in values]
    counts = {"front": int(front.sum()), "clear": sum(beaten)}
    noted |= counts | {"open": len(settings) - sum(counts.values())}
    rows = []
    for place, setting in enumerate(settings):
        for column, name in enumerate(names):
            mean, low, high = interval(values[place, :, column] * signs[column])
            least, most = OUTCOMES[name].bounds
            if differences:
                least, most = least - most, most - least
            band = (np.nan, np.nan) if low is None or high is None else (max(low, least), min(high, most))
            rows.append((setting, name, mean, *band, len(shared), bool(front[place]), beaten[place]))
    enough = len(shared) >= MIN_FUTURES
    return _pareto(rows, "pareto" if enough else "pareto_few", enough, noted)


def _clearly_beats(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether one setting is at least as good in every mean and clearly better in one.

    Both arrays have the shape (futures, outcomes), larger values are better.
    """
    lows = [interval(column)[1] for column in (one - other).T]
    return bool((one.mean(axis=0) >= other.mean(axis=0)).all() and any(low is not None and low > 0 for low in lows))


def _pareto(rows: Sequence[tuple[Any, ...]], note: str, enough: bool, values: dict[str, object]) -> Answer:
    """Make the answer on the front from its rows, `note` and `values`, as `_regret` does."""
    from analysis.sweep_figures import fronts

    columns = ["setting", "outcome", "mean", "low", "high", "futures", "front", "clearly_beaten"]
    return Answer(pd.DataFrame(list(rows), columns=columns), enough, note, fronts, values)
