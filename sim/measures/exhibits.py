"""Exhibits: samples kept during a run for pictures - works, network, age groups, platforms, flows of money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.agents.consumers import mean_trust
from sim.base.bounds import BOUNDS
from sim.base.clock import HALF_YEAR, MONTH, Calendar, first_averaged
from sim.base.codes import KINDS, ORIGINS
from sim.kernels.columns import read
from sim.measures.market import add_lives, close_month, market_frames
from sim.money.flows import key_at, number_of
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.memory import Log
from sim.world.week import Week
from sim.world.world import World

if TYPE_CHECKING:
    import pandas as pd


WORKS_SHOWN = 60  # of each genre and origin, every half-year
PEOPLE_SHOWN, MAKERS_SHOWN = 90, 45  # nodes of the network picture


def collect_exhibits(world: World, week: Week, settings: Settings) -> None:
    """Keep this week's samples for pictures: seconds by age group, and works, platforms and flows when they are due."""
    memory, seconds = world.memory, week.tallies.group_seconds
    first = first_averaged(settings.time.weeks, settings.time.burn_in_weeks)
    of_last_year = memory.groups.shape == seconds.shape and world.now > first
    memory.groups = memory.groups + seconds if of_last_year else seconds.copy()
    if world.weeks_since_release % HALF_YEAR == HALF_YEAR - 1:
        memory.shown_works.add(_sample_works(world, week, settings).ravel())
    add_lives(world, week)
    if world.now % MONTH == MONTH - 1:
        memory.shown_platforms.add(_platform_rows(world, week).ravel())
        close_month(world)
    for key, amount in world.ledger.flows.items():
        if amount:
            memory.flows.add((world.now, number_of(key), amount / MICRO))


def exhibit_frames(world: World) -> dict[str, pd.DataFrame]:
    """Make a frame of each exhibit from what was kept, by name; `docs/model.md` lists their columns."""
    memory = world.memory
    works = _dated(memory.shown_works, world.calendar)
    works["origin"] = [ORIGINS[int(code)] for code in works["origin"]]
    works["genre"] = works["genre"].astype(int)
    platforms = _dated(memory.shown_platforms, world.calendar)
    total = platforms.groupby("week")["seconds"].transform("sum")
    platforms["attention_share"] = platforms["seconds"] / total.where(total > 0, 1.0)
    own = platforms["seconds"].where(platforms["seconds"] > 0, 1.0)
    platforms["ai_attention_share"] = platforms["generated"] / own
    platforms["platform"] = [world.platforms[int(k)].key for k in platforms["platform"]]
    bounds = _dated(memory.bounds, world.calendar)
    bounds["bound"] = [list(BOUNDS)[int(number)] for number in bounds["bound"]]
    logs = {"market": memory.shown_market, "lives": memory.shown_lives, "sales": memory.shown_sales}
    months = market_frames(world, {name: _dated(log, world.calendar) for name, log in logs.items()})
    platforms = platforms.drop(columns=["seconds", "generated"]).merge(
        months.pop("totals"), how="left", on=["week", "date", "platform"]
    )
    flows = _dated(memory.flows, world.calendar)
    parts = [[part.value for part in key_at(int(number))] for number in flows["flow"]]
    flows["flow"], flows["payer"], flows["payee"] = zip(*parts, strict=True) if parts else ([], [], [])
    nodes, edges = _network(world)
    return {
        "works": works, "platforms": platforms, "flows": flows, "groups": _group_frame(world), "nodes": nodes,
        "edges": edges, "premium": _dated(memory.premium, world.calendar), "bounds": bounds,
    } | months  # fmt: skip


def _dated(log: Log, calendar: Calendar) -> pd.DataFrame:
    """Make a frame of a log, whose first column is the week; the second is then the week's Monday."""
    import pandas as pd

    frame = pd.DataFrame(log.rows, columns=list(log.columns))
    frame["week"] = frame["week"].astype(int)
    frame.insert(1, "date", pd.Timestamp(calendar.first_monday) + pd.to_timedelta(7 * frame["week"], unit="D"))
    return frame


def _group_frame(world: World) -> pd.DataFrame:
    """What each age group did in the last year."""
    import pandas as pd

    people, seconds = world.consumers.columns, world.memory.groups
    groups = len(world.age_groups)
    number = np.bincount(people.age, minlength=groups)
    minutes = read(people.seconds) / 60.0 * 7.0 / world.rules.days
    screen = np.maximum(seconds[:, 0], 1)
    return pd.DataFrame(
        {
            "age_group": world.age_groups,
            "consumers": number,
            "minutes": np.bincount(people.age, minutes, minlength=groups) / np.maximum(number, 1),
            "deep_time_share": seconds[:, 1] / screen,
            "trust_mean": np.bincount(people.age, mean_trust(people, 1), minlength=groups) / np.maximum(number, 1),
            "ai_attention_share": seconds[:, 2] / screen,
        }
    )


def _sample_works(world: World, week: Week, settings: Settings) -> npt.NDArray[Any]:
    """Sample up to `WORKS_SHOWN` new works per genre and origin: those with the lowest uids, which are hashes."""
    batch, rows = week.batch, []
    for g in range(settings.world.genres):
        for origin in range(len(ORIGINS)):
            mine = np.flatnonzero((batch.genre == g) & (batch.origin == origin))
            rows.append(mine[np.argsort(batch.uid[mine])][:WORKS_SHOWN])
    chosen = np.concatenate(rows)
    now = np.full(len(chosen), world.now)
    return np.column_stack(
        [now, batch.genre[chosen], batch.origin[chosen], batch.concept[chosen], batch.novelty[chosen]]
    ).astype(np.float64)


def _platform_rows(world: World, week: Week) -> npt.NDArray[Any]:
    """Make this week's row of each platform, shape (K, 5).

    The columns are: week, platform, seconds, seconds on generated items, mean trust.
    """
    people, t = world.consumers.columns, week.tallies
    k = len(world.platforms)
    return np.column_stack(
        [np.full(k, world.now), np.arange(k), t.platform_seconds, t.origin_seconds[:, 2], mean_trust(people, 0)]
    ).astype(np.float64)


def _network(world: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the frames of the network picture: its nodes and its edges.

    Nodes are a sample of consumers and the producers that most of them follow; an edge is a follow or a friendship.
    """
    import pandas as pd

    people, producers = world.consumers.columns, world.producers.columns
    chosen = np.argsort(people.uid)[:PEOPLE_SHOWN]
    followed = people.follows[chosen]
    count = np.bincount(followed[followed >= 0], minlength=world.producers.n)
    makers = np.argsort(-count, kind="stable")[: min(MAKERS_SHOWN, int((count > 0).sum()))]
    nodes = pd.DataFrame(
        {
            "id": [f"c{i}" for i in chosen] + [f"p{p}" for p in makers],
            "kind": ["consumer"] * len(chosen) + [KINDS[producers.kind[p]] for p in makers],
            "followers": np.concatenate([np.zeros(len(chosen), np.int64), producers.followers[makers]]),
            "genre": np.concatenate([np.full(len(chosen), -1), producers.genre[makers]]),
            "age_group": [world.age_groups[people.age[i]] for i in chosen] + [""] * len(makers),
        }
    )
    edges = [(f"c{i}", f"p{p}") for i, row in zip(chosen, followed, strict=True) for p in row if p in set(makers)]
    shown = set(chosen.tolist())
    for i in chosen:
        friends = world.graph.indices[world.graph.indptr[i] : world.graph.indptr[i + 1]]
        edges += [(f"c{i}", f"c{f}") for f in friends.tolist() if f in shown]
    return nodes, pd.DataFrame(edges, columns=["source", "target"])
