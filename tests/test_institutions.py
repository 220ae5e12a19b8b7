"""Institutions changed one at a time: what must move, and what must not, is written down before the run.

Each case changes one thing from a date on, in a world whose runs are paired draw by draw. Nothing differs before the
date, nor in the week of the date what comes earlier in the schedule (`first`). Later the outcomes under `up` and `down`
move so in every replication, those under `mean_up` and `mean_down` on average; those under `same` stay equal bit for
bit to the end, and those under `near` stay within the part of their level that is given.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest

from sim.base.codes import GENERATED
from sim.model import ContentEcosystem
from sim.settings import Lever, Settings, VendorRules
from sim.settings.scenario import compose
from tests.worlds import differences, patched

WEEKS, RELEASE, START = 38, 13, 20  # the levers start seven weeks after release
DATE = "2023-01-16"
REPLICATIONS = 3
DEAR = 1  # the genre of images
SEED = 71  # not one on which the lists below were thought over
WORLD = {
    "time.weeks": WEEKS, "time.burn_in_weeks": RELEASE, "world.consumers": 400, "world.creators": 80,
    "world.new_items": 90.0, "technology.autonomy_lead": 260.0, "technology.item_price": 0.001,
    "farms.human_minutes": 2.0, "farms.account_cost": 0.02, "farms.growth": 0.3, "farms.smoothing": 2.0,
    "creators.adoption_rate": 0.1, "money.advertising": 0.3,
}  # fmt: skip
# With rival vendors all things hang together: payouts decide who buys models, sales what vendors can do and charge, and
# that what studios, freelancers and firms do. A monopolist at the frontier whose tuned models are too dear cuts this.
MONOPOLY = {
    "vendors.giants": 1, "vendors.independents": 0, "vendors.platform_owned": 0, "vendors.open_weights": False,
    "vendors.entry_rate": 0.0, "vendors.custom_fee": 100.0,
}  # fmt: skip
Change = Callable[[ContentEcosystem], None]


@dataclasses.dataclass(frozen=True)
class Case:
    """One institution's change: its date, the settings or the hand that makes it, and what it must do."""

    week: int
    settings: Mapping[str, Any]
    hand: Change
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    mean_up: tuple[str, ...] = ()
    mean_down: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    near: Mapping[str, float] = dataclasses.field(default_factory=dict)


def nothing(model: ContentEcosystem) -> None:
    """Leave the institutions to the settings."""


def cut_payouts(model: ContentEcosystem) -> None:
    """Let every platform pay a tenth of what it paid, until they bargain a year after the release."""
    model.world.market.columns.payout[:] *= 0.1


# What AI can do and costs follows the calendar, studios' use of it that and nothing else, and demand for staff and for
# custom work both. Studios hire and lay off by income, and close, only after these weeks. What their item costs is not
# apart: it follows the length of items, which follows what those earn.
APART = (
    "stage_ai_intensity_create", "studio_staff", "ai_automated_hours", "employment", "unemployment",
    "commission_price", "commission_raw_share", "n_freelancers", "vendor_markup", "n_vendors",
)  # fmt: skip
MADE = ("items_new", "ai_supply_share", "assisted_share", "craft_mean", "novelty_mean")
SEEN = ("ai_attention_share", "craft_used", "screen_share", "deep_time_share", "false_exposure_share", "slate_fill")
CASES = {
    # AI's craft is below that of humans in these weeks, so a weight of craft in ranking is against it. Feeds come after
    # what is made.
    "only the ranking objective": Case(
        START, {"policy.quality_ranking.strength": 1.0}, nothing,
        up=("craft_used",), down=("ai_attention_share",), same=APART, first=MADE, near={"screen_share": 0.1},
    ),
    # Payment comes after everything made and used in the week.
    "only payouts": Case(
        START, {}, cut_payouts,
        down=("payout_rate_mean", "n_farms", "items_generated"), same=APART,
        first=(*MADE, *SEEN, "advertising_spend", "promotion_spend"), near={"screen_share": 0.1, "slate_fill": 0.1},
    ),
    # AI producers' accounts may upload less, each from the first week; what others make is the same then.
    "only a rule on uploads": Case(
        START, {"policy.upload_cap.strength": 1.0}, nothing,
        down=("items_generated", "ai_attention_share"), up=("unit_cost_ai",), same=APART, first=("items_by_humans",),
        near={"screen_share": 0.1},
    ),
    # No one works with AI in the week of its release, whatever it costs. Later the fee bears on studios and staff too,
    # and keeps creators from AI. Payouts that the dear genre leaves draw AI to others, but not more than it loses: it
    # shares them with people. That is so on average: few accounts that double quickly leave much to luck. Only vendors'
    # terms are apart.
    "only one genre's AI cost": Case(
        RELEASE, {"technology.fee_image": 1_000.0}, nothing,
        down=("generated_dear", "creator_ai_share"), same=("vendor_markup", "n_vendors"), first=(*MADE, *SEEN),
        mean_up=("generated_elsewhere",), mean_down=("items_generated",), near={"screen_share": 0.1},
    ),
}  # fmt: skip


@functools.cache
def world() -> Settings:
    """A small world with eager AI and levers that have a date but no strength."""
    settings = patched(compose("baseline", ["world=tiny"]).settings, WORLD | MONOPOLY)
    levers = {name: Lever(start=DATE, strength=0.0) for name in ("quality_ranking", "upload_cap")}
    return dataclasses.replace(settings, policy=levers)


def step(model: ContentEcosystem, weeks: int) -> list[dict[str, float]]:
    """Run some weeks; per week, items generated, in the genre that one case makes dear and elsewhere, and others."""
    rows = []
    for _ in range(weeks):
        model.step()
        generated = model.last_week.batch.origin == GENERATED
        dear = generated & (model.last_week.batch.genre == DEAR)
        counts = {
            "items_generated": generated, "items_by_humans": ~generated, "generated_dear": dear,
            "generated_elsewhere": generated & ~dear,
        }  # fmt: skip
        rows.append({name: float(which.sum()) for name, which in counts.items()})
    return rows


def finish(model: ContentEcosystem) -> pd.DataFrame:
    """Outcomes of every week to the end, and what was made in those that were left."""
    weeks = range(model.world.now, WEEKS)
    made = pd.DataFrame(step(model, len(weeks)), weeks)
    return model.outcomes().set_index("week").join(made)


@functools.cache
def control(replication: int) -> pd.DataFrame:
    """The world in which nothing changes."""
    return finish(ContentEcosystem(settings=world(), rng=SEED, replication=replication))


@pytest.mark.parametrize("name", CASES)
def test_an_institution_moves_what_it_must_and_nothing_else(name: str) -> None:
    case = CASES[name]
    changed = patched(world(), case.settings)
    named = [*case.up, *case.down, *case.mean_up, *case.mean_down, *case.same, *case.near]
    shown, first = [], list(case.first)
    for replication in range(REPLICATIONS):
        model = ContentEcosystem(settings=changed, rng=SEED, replication=replication)
        step(model, case.week)
        if replication == 0:
            plain = ContentEcosystem(settings=world(), rng=SEED)
            step(plain, case.week)
            assert differences(model, plain) == []  # bit for bit before the date
        case.hand(model)
        with_change, without = finish(model), control(replication)
        assert with_change.loc[case.week, first].equals(without.loc[case.week, first])
        later = [frame.loc[START + 4 :, named].mean() for frame in (without, with_change)]
        shown.append(pd.DataFrame({"level": later[0], "change": later[1] - later[0]}))
    change = pd.concat([each["change"] for each in shown], axis=1)
    level = pd.concat([each["level"] for each in shown], axis=1).mean(axis=1)
    assert (change.loc[[*case.up]] > 0).all(axis=None), shown
    assert (change.loc[[*case.down]] < 0).all(axis=None), shown
    assert (change.loc[[*case.mean_up]].mean(axis=1) > 0).all(), shown
    assert (change.loc[[*case.mean_down]].mean(axis=1) < 0).all(), shown
    assert (change.loc[[*case.same]] == 0).all(axis=None), shown
    assert all(abs(change.loc[o].mean()) <= part * abs(level[o]) for o, part in case.near.items()), shown


def test_rival_vendors_tie_what_studios_do_to_payouts() -> None:
    """What must stay apart above does move where vendors compete, so that it is the monopoly that keeps it apart."""
    rivals = dataclasses.replace(world(), vendors=VendorRules())
    model, plain = (ContentEcosystem(settings=rivals, rng=SEED) for _ in range(2))
    step(model, START)
    cut_payouts(model)
    step(plain, START)
    with_change, without = finish(model), finish(plain)
    assert not with_change[[*APART]].equals(without[[*APART]])
