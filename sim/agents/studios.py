"""Studios (PGC): staff hours, staged projects with lead times, and how they take up AI."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from sim.agents.producers import STUDIO, Producers, draw_humans
from sim.averages import warm_span
from sim.parameters import Settings
from sim.randomness import Streams, derive
from sim.tables import F4, F8, I4, I8, U1, U8, Column, Population

STAGES = ("plan", "create", "edit")
SIZE_SD, LAG_SD = 1.0, 0.5  # of log staff hours and log lags between studios: assumption
INCOME_WEEKS, CONTRACT_WEEKS = 13.0, 52  # of the mean of income; of a contract for a tuned model: assumption
HOURS_A_SEAT = 40.0  # of staff who use AI
HALF_WAY_SAVING, SAVING_SCALE = 0.10, 0.05  # net saving at which half the intensity is wanted, and width: assumption
MOST_DOUBT = 50.0  # log-odds against AI, beyond which nothing changes


class Studios(NamedTuple):
    """One row per studio."""

    hours: Annotated[F4, Column("f4", "hours/week", "staff hours")]
    lag: Annotated[F4, Column("f4", "weeks", "reorganisation lag")]
    intensity: Annotated[F4, Column("f4", "share", "intensity of AI use")]
    automated: Annotated[F4, Column("f4", "share", "part of each stage's hours that AI has taken over", ("stages",))]
    income: Annotated[F8, Column("f8", "hours' wage/week", "13-week mean of payouts")]
    tuned: Annotated[U1, Column("u1", "1", "whether it works with a model tuned for it")]
    pipeline: Annotated[I4, Column("i4", "items", "projects under way, by week of publication", ("lead",))]


def stage_hours(settings: Settings) -> F8:
    """Staff hours an item per stage without AI, shape (3,)."""
    return np.array([getattr(settings.studios, f"hours_{stage}") for stage in STAGES])


def stage_caps(settings: Settings) -> F8:
    """Automatable part of each stage's hours, shape (3,)."""
    return np.array([getattr(settings.studios, f"cap_{stage}") for stage in STAGES])


def create_studios(producers: Producers, rows: I8, settings: Settings, streams: Streams) -> Population[Studios]:
    """Draw the studios and their rows among the producers; bigger ones have more staff (log-normal)."""
    n = settings.world.studios
    table = Population(Studios, n, {"stages": len(STAGES), "lead": settings.studios.lead_weeks})
    table.n = n
    uid = producers.uid[rows] = derive("studio", 0, np.arange(n))
    draw = streams["studios"]
    producers.kind[rows], producers.active[rows] = STUDIO, 1
    producers.genre[rows] = np.minimum(draw.uniform(0, uid) * settings.world.genres, settings.world.genres - 1)
    draw_humans(producers, rows, settings, streams, settings.studios.craft)
    size = np.exp(SIZE_SD * draw.normal(0, uid, 1) - SIZE_SD**2 / 2)
    items = settings.world.new_items * settings.studios.item_share / n * size
    table.columns.hours[:] = items * stage_hours(settings).sum()
    table.columns.lag[:] = settings.studios.reorganisation * np.exp(LAG_SD * draw.normal(0, uid, 2))
    lead = settings.studios.lead_weeks
    table.columns.pipeline[:] = draw.poisson(0, uid[:, None], items[:, None], 10 + np.arange(lead)[None, :])
    return table


def item_hours(studios: Studios, settings: Settings) -> F8:
    """Staff hours an item takes at each studio now, shape (n,)."""
    return np.asarray(((1.0 - studios.automated) * stage_hours(settings)).sum(axis=1), np.float64)


def run_projects(studios: Studios, uid: U8, settings: Settings, streams: Streams, week: int) -> I8:
    """Publish projects whose time has come and start as many as staff hours allow.

    Returns the items that each studio, of identity `uid`, publishes this week; shape (n,).
    """
    slot = week % studios.pipeline.shape[1]
    done = studios.pipeline[:, slot].astype(np.int64)
    studios.pipeline[:, slot] = streams["projects"].poisson(week, uid, studios.hours / item_hours(studios, settings))
    return done


def learn_income(studios: Studios, paid: F8, week: int) -> None:
    """Fold the week's payouts, hours' wage of shape (n,), into the running mean."""
    studios.income[:] += (paid - studios.income) / warm_span(week, INCOME_WEEKS)


def decide_tuning(studios: Studios, uid: U8, capability: float, price: float, settings: Settings, week: int) -> None:
    """Once a year each studio contracts for a tuned model, or no longer: where the output gained is worth the fee.

    Parameters
    ----------
    uid : of the studios, which spread the dates of contracts over the year.
    capability : without tuning.
    price : level of vendors' prices.
    """
    rule, hours = settings.vendors, stage_hours(settings)
    reach = (hours * stage_caps(settings)).sum() / hours.sum() * min(rule.custom_gain, 1.0 - capability)
    worth = studios.income * reach * studios.intensity / np.maximum(item_hours(studios, settings) / hours.sum(), 0.1)
    due = (uid + np.uint64(week)) % np.uint64(CONTRACT_WEEKS) == 0
    studios.tuned[:] = np.where(due, worth > rule.custom_fee * price, studios.tuned)


def buy_seats(studios: Studios, price: float, settings: Settings) -> F8:
    """Subscriptions for staff who use AI, as far as the budget for tools goes; shape (n,)."""
    wanted = studios.hours / HOURS_A_SEAT * studios.intensity
    return np.asarray(np.minimum(wanted, settings.vendors.tool_budget * studios.income / price), np.float64)


def reorganise(studios: Studios, capability: float, fee: float, settings: Settings) -> None:
    """Move AI use towards what pays, and automated hours towards what use and capability allow.

    The wanted intensity rises as a sigmoid of the net saving; both move with the studio's lag.

    Parameters
    ----------
    capability : that the mean user meets; tuned models add theirs.
    fee : model fee of an item in hours' wage.
    """
    hours, caps = stage_hours(settings), stage_caps(settings)
    reached = np.minimum(capability + settings.vendors.custom_gain * studios.tuned, 1.0)
    saving = (hours * caps).sum() / hours.sum() * reached - fee / hours.sum()
    doubt = np.exp(np.minimum((HALF_WAY_SAVING - saving) / SAVING_SCALE, MOST_DOUBT))
    wanted = settings.studios.intensity / (1.0 + doubt) if capability > 0 else 0.0
    studios.intensity[:] += (wanted - studios.intensity) / studios.lag
    target = caps * (reached * studios.intensity)[:, None]
    studios.automated[:] += (target - studios.automated) / studios.lag[:, None]
