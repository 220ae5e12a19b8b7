"""Studios (PGC): staff hours, staged projects with lead times, and how they take up AI."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from sim.agents.producers import STUDIO, Producers, draw_humans
from sim.parameters import Settings
from sim.randomness import Streams, derive
from sim.tables import F4, F8, I4, I8, U8, Column, Population

STAGES = ("plan", "create", "edit")
SIZE_SD, LAG_SD = 1.0, 0.5  # of log staff hours and log lags between studios: assumption
HALF_WAY_SAVING, SAVING_SCALE = 0.10, 0.05  # net saving at which half the intensity is wanted, and width: assumption
MOST_DOUBT = 50.0  # log-odds against AI, beyond which nothing changes


class Studios(NamedTuple):
    """One row per studio."""

    hours: Annotated[F4, Column("f4", "hours/week", "staff hours")]
    lag: Annotated[F4, Column("f4", "weeks", "reorganisation lag")]
    intensity: Annotated[F4, Column("f4", "share", "intensity of AI use")]
    automated: Annotated[F4, Column("f4", "share", "part of each stage's hours that AI has taken over", ("stages",))]
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


def reorganise(studios: Studios, capability: float, fee: float, settings: Settings) -> None:
    """Move AI use towards what pays, and automated hours towards what use and capability allow.

    The wanted intensity rises as a sigmoid of the net saving; both move with the studio's lag.

    Parameters
    ----------
    fee : model fee of an item in hours' wage.
    """
    hours, caps = stage_hours(settings), stage_caps(settings)
    saving = (hours * caps).sum() / hours.sum() * capability - fee / hours.sum()
    doubt = np.exp(min((HALF_WAY_SAVING - saving) / SAVING_SCALE, MOST_DOUBT))
    wanted = settings.studios.intensity / (1.0 + doubt) if capability > 0 else 0.0
    studios.intensity[:] += (wanted - studios.intensity) / studios.lag
    target = caps * capability * studios.intensity[:, None]
    studios.automated[:] += (target - studios.automated) / studios.lag[:, None]
