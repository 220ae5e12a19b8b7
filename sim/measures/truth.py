"""Outcomes of truth: who meets what is false and how far it comes, what is found to be AI's, who is banned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.farms import learned_gain
from sim.agents.items import ERROR, FALSE, IMPOSTOR
from sim.agents.producers import CREATOR, FARM
from sim.kernels.attention import DECLARED, GENERATED, HUMAN

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

Values = dict[str, float | None]
LEAST_USES = 200  # of false items, below which their reach is not compared with that of true ones


def measure_truth(model: ContentEcosystem) -> Values:
    """All outcomes of truth for this week, by name."""
    return _met(model) | _reached(model) | _labelled(model) | _banned(model)


def _quotient(top: float, bottom: float) -> float | None:
    return float(top) / float(bottom) if bottom > 0 else None


def _met(model: ContentEcosystem) -> Values:
    """Exposures by kind of inaccuracy, and how many of AI producers' items lie, with what that is known to earn."""
    exposures, batch = model.tallies.exposures, model.batch
    made = batch.origin == GENERATED
    return {
        "error_exposure_share": _quotient(exposures[ERROR], exposures.sum()),
        "impersonation_exposure_share": _quotient(exposures[IMPOSTOR], exposures.sum()),
        "ai_falsehood_share": _quotient((batch.accuracy[made] >= FALSE).sum(), made.sum()),
        "falsehood_gain": learned_gain(model.paid_by_truth),
    }


def _reached(model: ContentEcosystem) -> Values:
    """Distinct users of items within four weeks, mean over a quarter; the removed count and reach nobody."""
    users, items = np.moveaxis(model.reach.sum(axis=0), -1, 0)
    (human_true, human_false), (ai_true, ai_false) = (
        [_quotient(*pair) for pair in zip(*rows, strict=True)] for rows in zip(users, items, strict=True)
    )
    (true, false), count = users.sum(axis=0), items.sum(axis=0)
    compared = false >= LEAST_USES and true > 0
    return {
        "human_reach_true": human_true, "human_reach_false": human_false,
        "ai_reach_true": ai_true, "ai_reach_false": ai_false,
        "reach_ratio_false": float(false / count[1] * count[0] / true) if compared else None,
    }  # fmt: skip


def _labelled(model: ContentEcosystem) -> Values:
    """Share of the week's listed items, generated and human, that carry AI's label."""
    items = model.items.columns
    rows = np.flatnonzero((items.alive > 0) & (items.week == model.week))
    label, origin = items.card["tell"][rows] >= DECLARED, items.card["origin"][rows]
    made, human = origin == GENERATED, origin == HUMAN
    return {
        "detected_share": _quotient(label[made].sum(), made.sum()),
        "false_detection_share": float(label[human].sum()) / max(float(human.sum()), 1.0),
    }


def _banned(model: ContentEcosystem) -> Values:
    kind = model.producers.columns.kind[model.banned]
    return {"accounts_banned": float((kind == FARM).sum()), "creators_banned": float((kind == CREATOR).sum())}
