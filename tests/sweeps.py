"""Made-up sweeps in the shape of stored ones, so that answers are tested without the model."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import qmc

from sim.experiment.plan import Design, Plan
from sim.experiment.sampling import Factor
from sim.settings import Settings, parameters_of
from tests.known import morris_places, sobol_places

LEVERS = ("policy.labelling.strength", "policy.data_rights.strength")
UNCERTAINTIES = {  # path, low, high, prior
    "culture.imagination": (0.1, 0.9, "uniform"),
    "technology.price_decay": (0.02, 0.3, "loguniform"),
    "platforms.forum.theta": (1.0, 6.0, "uniform"),
}
START = "2021-11-29"
KEPT = ("depth_used", "trust_mean", "rank_turnover", "displacement_rate", "employment", "ai_attention_share")


def lever(path: str, values: tuple[Any, ...] = (0.0, 1.0)) -> Factor:
    """A factor that somebody chooses."""
    return Factor(path=path, role="lever", paths=(path,), values=values)


def uncertainty(path: str, low: float, high: float, prior: str = "uniform") -> Factor:
    """A factor with a range that nobody chooses."""
    return Factor(path=path, role="uncertainty", paths=(path,), low=low, high=high, prior=prior)


def plan_with(factors: Iterable[Factor], design: Design = "lhs", against: str | None = "no_ai", **changes: Any) -> Plan:
    """A sweep's plan over some factors."""
    texts = dict.fromkeys(("label", "label_zh", "description", "description_zh"), "")
    rest = {"overrides": (), "samples": 100, "replications": 1, "outcomes": KEPT, "resolution": "final", "seed": 0}
    return Plan(
        name="made_up", base="baseline", factors=tuple(factors), design=design, against=against,
        **(texts | rest | changes),
    )  # fmt: skip


def plan_of(design: Design, levers: bool, **changes: Any) -> Plan:
    """A plan over the uncertainties, perhaps with two levers."""
    factors = [lever(path) for path in LEVERS] if levers else []
    return plan_with([*factors, *(uncertainty(path, *law) for path, law in UNCERTAINTIES.items())], design, **changes)


def places_of(design: str, samples: int) -> np.ndarray:
    """A design over the uncertainties in [0, 1]."""
    k = len(UNCERTAINTIES)
    if design == "sobol":
        return sobol_places(samples, k)
    if design == "morris":
        return morris_places(samples, k, 4)
    return qmc.LatinHypercube(k, rng=1).random(samples)


def sweep(
    design: Design = "lhs", samples: int = 120, levers: bool = True, weeks: int = 0, failed: int = 0, **changes: Any
) -> tuple[pd.DataFrame, pd.DataFrame, Plan]:
    """Runs, values and plan. AI makes use shallower where imagination is low and prices fall fast, and labels help.

    Parameters
    ----------
    weeks : kept by week; 0 keeps final values.
    failed : runs that failed, from the first on.
    """
    plan = plan_of(design, levers, samples=samples, **changes)
    places = places_of(design, samples)
    settings = list(itertools.product((0.0, 1.0), repeat=2)) if levers else [()]
    rows, finals = [], []
    points = itertools.product(places, settings)
    for point, (place, setting) in enumerate(points):
        scaled = [
            low * (high / low) ** p if prior == "loguniform" else low + (high - low) * p
            for p, (low, high, prior) in zip(place, UNCERTAINTIES.values(), strict=True)
        ]
        values = dict(zip([factor.path for factor in plan.factors], [*setting, *scaled], strict=True))
        future = point // len(settings)
        for replication in range(plan.replications):
            shared = np.random.default_rng((plan.seed, future, replication)).normal(size=len(KEPT))
            for arm in ("baseline", "no_ai") if plan.against else ("baseline",):
                own = np.random.default_rng((plan.seed, point, replication, arm == "no_ai")).normal(size=len(KEPT))
                run_id = f"{point:05d}{arm[0]}{replication}"
                status = "failed" if len(rows) < failed else "done"
                rows.append(
                    {
                        "run_id": run_id,
                        "arm": arm,
                        "point": point,
                        "replication": replication,
                        "seed": plan.seed,
                        "status": status,
                        "wall_s": 1.0,
                        "start": START,
                        "burn_in": 0,
                        **values,
                    }
                )
                if status == "done":
                    means = levels(place, setting or (0.0, 0.0), arm != "no_ai")
                    finals.append((run_id, means + 0.004 * shared + 0.001 * own))
    return pd.DataFrame(rows), _values(finals, weeks), plan


def levels(place: np.ndarray, setting: tuple[float, ...], ai: bool) -> np.ndarray:
    """What each kept outcome comes to."""
    labelling, rights = setting
    shallow = 0.12 * (place[0] < 0.5) * (place[1] < 0.6) * (1 - 0.6 * labelling)
    return np.array(
        [
            0.45 - ai * shallow,
            0.8 - ai * (0.05 * place[2] - 0.03 * labelling - 0.02 * rights),
            0.1 + ai * 0.02 * place[1],
            0.03 + ai * (0.02 + 0.08 * (place[1] < 0.3)),
            0.9 - ai * (0.03 * place[1] + 0.01 * rights),
            ai * (0.2 + 0.3 * place[0] - 0.1 * labelling),
        ]
    )


def _values(finals: list[tuple[str, np.ndarray]], weeks: int) -> pd.DataFrame:
    frame = pd.DataFrame([means for _, means in finals], columns=list(KEPT))
    frame.insert(0, "run_id", [run_id for run_id, _ in finals])
    if not weeks:
        return frame
    frame = frame.loc[np.repeat(np.arange(len(frame)), weeks)].reset_index(drop=True)
    week = np.tile(np.arange(weeks), len(finals))
    frame.insert(1, "week", week)
    frame.insert(2, "date", pd.Timestamp(START) + pd.to_timedelta(7 * week, unit="D"))
    return frame


def function_sweep(design: Design, samples: int, places: np.ndarray, **values: np.ndarray) -> tuple[Any, Any, Plan]:
    """A sweep over as many uncertainties as places have columns, whose AI arm yields given values, and the other 0."""
    rows = [parameter for parameter in parameters_of(Settings) if parameter.info.prior and "*" not in parameter.path][
        : places.shape[1]
    ]
    factors = [
        uncertainty(row.path, float(row.info.low or 0.0), float(row.info.high or 0.0), row.info.prior) for row in rows
    ]
    scaled = {}
    for place, factor in zip(places.T, factors, strict=True):
        assert factor.low is not None and factor.high is not None
        log = factor.prior == "loguniform"
        scaled[factor.path] = (
            factor.low * (factor.high / factor.low) ** place if log else factor.low + (factor.high - factor.low) * place
        )
    point = np.arange(len(places))
    frames, kept = [], []
    for arm in ("baseline", "no_ai"):
        ids = [f"{arm}{k}" for k in point]
        frames.append(pd.DataFrame({"run_id": ids, "arm": arm, "point": point, "replication": 0, **scaled}))
        kept.append(pd.DataFrame({"run_id": ids, **{k: v * (arm == "baseline") for k, v in values.items()}}))
    runs = pd.concat(frames, ignore_index=True).assign(seed=0, status="done", wall_s=1.0)
    # as a store may give them: in no order
    found = pd.concat(kept, ignore_index=True).sample(frac=1, random_state=2)
    return runs.sample(frac=1, random_state=1), found, plan_with(factors, design, samples=samples)
