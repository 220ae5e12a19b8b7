"""Exhibits of a month by platform and genre: markets for attention, lives of items, commissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.agents.items import life_cells
from sim.base.codes import MARKS, ORIGINS, TRUTHS
from sim.base.tables import F8
from sim.kernels.measures import HALVES
from sim.measures.sums import MIN_EVENTS
from sim.world.memory import HALF_LIVES, Log
from sim.world.week import Week
from sim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

SPANS = [f"h{span}" for span in range(HALF_LIVES)]
COUNTS = ["listings", "uses", "aged", "judged", "hits", "unknown", "unknown_hits"]  # columns of both frames


def add_lives(world: World, week: Week) -> None:
    """Add the items given up this week to the month's lives, with those refused everywhere, whom nobody chose."""
    lives, (platform, card, people) = world.memory.lives, week.ended
    cell = life_cells(platform, card["origin"], card["accuracy"]) * len(MARKS) + card["mark"]
    shape = lives.shape[:-1]
    lives[..., 0] += np.bincount(cell, minlength=lives[..., 0].size).reshape(shape)
    lives[..., 1] += np.bincount(cell, people, minlength=lives[..., 0].size).reshape(shape)
    lives[..., 0, 0] += world.blocked[world.now % len(world.blocked)]


def close_month(world: World) -> None:
    """Note the month's sums as rows, and begin a new month."""
    memory, now = world.memory, float(world.now)
    table = np.concatenate([memory.market, memory.halves], axis=2)
    _note(memory.shown_market, now, table)
    _note(memory.shown_lives, now, memory.lives)
    _note(memory.shown_sales, now, memory.sales)
    for sums in (memory.market, memory.halves, memory.lives, memory.sales):
        sums[:] = 0.0


def _note(log: Log, now: float, table: F8) -> None:
    """Add a row for each cell of a table that is not empty: the week, where the cell is, and its sums (last axis)."""
    cells = np.nonzero(np.any(table > 0.0, axis=-1))
    log.add(np.column_stack([np.full(len(cells[0]), now), *cells, table[cells]]).ravel())


def market_frames(world: World, frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Make the frames `market` and `platforms`, `reach` and `commissions` of what was noted; dates are added later.

    Parameters
    ----------
    frames : of the logs of `Memory`, by name: market, lives, sales.
    """
    names = [platform.key for platform in world.platforms]
    market, lives, sales = frames["market"], frames["lives"], frames["sales"]
    keys = ["week", "date", "platform"]
    made = {
        "market": rates_of(market, [*keys, "genre"]),
        "totals": rates_of(market.groupby(keys, as_index=False).sum(), keys),
    }
    for frame in (*made.values(), lives):
        frame["platform"] = [names[int(k)] for k in frame["platform"]]
    lives["origin"] = [ORIGINS[int(code)] for code in lives["origin"]]
    lives["truth"] = [TRUTHS[int(code)] for code in lives["truth"]]
    lives["mark"] = [MARKS[int(code)] for code in lives["mark"]]
    human = sales["hand"] + sales["assisted"]
    sales["price"] = sales.pop("human_spend") / human.where(human > 0)
    sales["incumbent_share"] = sales.pop("incumbents") / human.where(human > 0)
    return made | {"reach": lives, "commissions": sales}


def rates_of(sums: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Make rates of sums over months, platforms or genres: a row for each row of `sums`.

    Parameters
    ----------
    sums : columns `MARKET` and the number of listings by span of half-life.
    keys : columns that are kept beside them.
    """
    frame = sums[keys + COUNTS].copy()
    frame["ai_listing_share"] = sums["ai_listings"] / sums["listings"].where(sums["listings"] > 0)
    frame["ai_use_share"] = sums["ai_uses"] / sums["uses"].where(sums["uses"] > 0)
    frame["depth_used"] = sums["depth_seconds"] / sums["seconds"].where(sums["seconds"] > 0)
    enough = (sums["aged_uses"] + sums["aged_ai_uses"] >= MIN_EVENTS) & (sums["aged"] > 0) & (sums["aged_ai"] > 0)
    top, bottom = sums["aged_ai_uses"] * sums["aged"] + 0.5, sums["aged_uses"] * sums["aged_ai"] + 0.5
    frame["visibility_odds_ratio"] = (top / bottom).where(enough)
    frame["aged"] += sums["aged_ai"]
    frame["half_life"] = median_life(sums[SPANS].to_numpy(np.float64))
    return frame


def median_life(counts: npt.NDArray[Any]) -> F8:
    """Median half-life in days of listings counted by span of `HALVES`, (n,); NaN without any.

    Within a span half-lives are taken to be even in their logarithm; the spans at the ends are as wide as the others.
    """
    edges = np.log([HALVES[0] ** 2 / HALVES[1], *HALVES, HALVES[-1] ** 2 / HALVES[-2]])
    total, done = counts.sum(axis=1), counts.cumsum(axis=1)
    span = np.minimum((2.0 * done < total[:, None]).sum(axis=1), counts.shape[1] - 1)
    row = np.arange(len(counts))
    here = counts[row, span]
    part = (total / 2.0 - done[row, span] + here) / np.maximum(here, 1.0)
    days = np.exp(edges[span] + part * (edges[span + 1] - edges[span]))
    return np.where(total > 0, days, np.nan)
