"""Institutions changed one at a time: what must move, and what must not, is written down before the run.

Each case changes one thing from a date on, in a world whose runs are paired draw by draw. Nothing differs before the
date; after it the outcomes under `up` and `down` move so in every replication, those under `same` stay equal bit for
bit, and those under `near` stay within the part of their level that is given.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from sim.kernels.attention import GENERATED
from sim.model import ContentEcosystem
from sim.parameters import Lever, Settings
from sim.scenario import compose
from tests.worlds import differences, patched

WEEKS, RELEASE, START = 38, 13, 20  # the levers start seven weeks after release
DATE = "2023-01-16"
REPLICATIONS = 3
WORLD = {
    "time.weeks": WEEKS, "time.burn_in_weeks": RELEASE, "world.consumers": 400, "world.creators": 80,
    "world.new_items": 90.0, "technology.autonomy_lead": 260.0, "technology.item_price": 0.001,
    "farms.human_minutes": 2.0, "farms.account_cost": 0.02, "farms.growth": 0.3, "farms.smoothing": 2.0,
    "creators.adoption_rate": 0.1, "money.advertising": 0.3,
}  # fmt: skip
Change = Callable[[ContentEcosystem], None]
Means = dict[str, float]


@dataclasses.dataclass(frozen=True)
class Case:
    """One institution's change: its date, the settings or the hand that makes it, and what it must do."""

    week: int
    settings: Mapping[str, Any]
    hand: Change
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    near: Mapping[str, float] = dataclasses.field(default_factory=dict)


def nothing(model: ContentEcosystem) -> None:
    """Leave the institutions to the settings."""


def cut_payouts(model: ContentEcosystem) -> None:
    """Let every platform pay a tenth of what it paid."""
    for platform in model.platforms:
        platform.rules = dataclasses.replace(platform.rules, payout=0.1 * platform.rules.payout)


# AI's craft is below that of humans in these weeks, so a weight of craft in ranking is against it.
# Costs of studios follow technology alone, and posts follow studios' use of AI alone.
APART = ("unit_cost", "employment", "immersive_unit_cost", "stage_ai_intensity_create")
CASES = {
    "only the ranking objective": Case(
        START, {"policy.quality_ranking.strength": 1.0}, nothing,
        up=("craft_used",), down=("ai_attention_share",), same=APART, near={"screen_share": 0.1},
    ),
    "only payouts": Case(
        START, {}, cut_payouts,
        down=("n_farms", "items_generated"), same=APART, near={"screen_share": 0.1, "slate_fill": 0.1},
    ),
    "only a rule on uploads": Case(
        START, {"policy.upload_cap.strength": 1.0}, nothing,
        down=("items_generated", "ai_attention_share"), up=("unit_cost_ai",), same=APART, near={"screen_share": 0.1},
    ),
    "only one genre's AI cost": Case(
        RELEASE, {"technology.fee_image": 1_000.0}, nothing,
        down=("generated_genre_1",), near={"generated_genre_0": 0.35, "generated_genre_2": 0.35, "screen_share": 0.1},
    ),
}  # fmt: skip


@functools.cache
def world() -> Settings:
    """A small world with eager AI and levers that have a date but no strength."""
    settings = patched(compose("baseline", ["world=tiny"]).settings, WORLD)
    levers = {name: Lever(start=DATE, strength=0.0) for name in ("quality_ranking", "upload_cap")}
    return dataclasses.replace(settings, policy=levers)


def step(model: ContentEcosystem, weeks: int) -> list[Means]:
    """Run some weeks; per week, generated items in all and by genre."""
    rows = []
    for _ in range(weeks):
        model.step()
        made = np.bincount(model.batch.genre[model.batch.origin == GENERATED], minlength=3)
        by_genre = {f"generated_genre_{g}": float(n) for g, n in enumerate(made)}
        rows.append({"items_generated": float(made.sum())} | by_genre)
    return rows


def finish(model: ContentEcosystem) -> Means:
    """Mean outcomes from the fifth week after the levers' date to the end."""
    rows = step(model, WEEKS - model.week)
    frame = model.recorder.frame().iloc[START + 4 :]
    made = rows[START + 4 - WEEKS :]
    return {name: float(frame[name].mean()) for name in frame if frame[name].notna().any()} | {
        name: float(np.mean([row[name] for row in made])) for name in made[0]
    }


@functools.cache
def control(replication: int) -> Means:
    """The world in which nothing changes."""
    return finish(ContentEcosystem(settings=world(), rng=11, replication=replication))


@pytest.mark.parametrize("name", CASES)
def test_an_institution_moves_what_it_must_and_nothing_else(name: str) -> None:
    case = CASES[name]
    changed = patched(world(), case.settings)
    changes: dict[str, list[float]] = {}
    for replication in range(REPLICATIONS):
        model = ContentEcosystem(settings=changed, rng=11, replication=replication)
        step(model, case.week)
        if replication == 0:
            plain = ContentEcosystem(settings=world(), rng=11)
            step(plain, case.week)
            assert differences(model, plain) == []  # bit for bit before the date
        case.hand(model)
        with_change, without = finish(model), control(replication)
        for outcome in (*case.up, *case.down, *case.same, *case.near):
            changes.setdefault(outcome, []).append(with_change[outcome] - without[outcome])
    level = {outcome: np.mean([control(r)[outcome] for r in range(REPLICATIONS)]) for outcome in changes}
    shown = {outcome: (level[outcome], moved) for outcome, moved in changes.items()}
    assert all(min(changes[outcome]) > 0 for outcome in case.up), shown
    assert all(max(changes[outcome]) < 0 for outcome in case.down), shown
    assert all(changes[outcome] == [0.0] * REPLICATIONS for outcome in case.same), shown
    assert all(abs(np.mean(changes[o])) <= part * abs(level[o]) for o, part in case.near.items()), shown
