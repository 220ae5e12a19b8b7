"""Worlds to measure in: one that is stopped in mid-run, and whole ones of many sizes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.by_hand import FLAGS, compile_day
from sim import schedule
from sim.base.tables import copy_aligned
from sim.kernels.attention import spend_session
from sim.kernels.sessions import SECONDS, Events
from sim.model import ContentEcosystem
from sim.processes.attention import lay_out_catalogue, make_scratch, prepare_sessions
from sim.processes.policy import apply_policy
from sim.schedule import WEEK
from sim.settings import Settings
from sim.settings.scenario import compose
from sim.world.week import open_week

Seconds = dict[str, float]


def build(world: str, overrides: Iterable[str] = (), scenario: str = "baseline", threads: int = 1) -> ContentEcosystem:
    """Set a world up."""
    settings = compose(scenario, [f"world={world}", *overrides]).settings
    return ContentEcosystem(settings=settings, rng=0, threads=threads)


def advance(model: ContentEcosystem, weeks: int) -> ContentEcosystem:
    """Step a world through some weeks."""
    for _ in range(weeks):
        model.step()
    return model


def with_platforms(settings: Settings, number: int) -> Settings:
    """Give a world a number of platforms, copies of its own in turn, all open from the start."""
    kinds = list(settings.platforms.values())
    copies = {f"p{k}": replace(kinds[k % len(kinds)], opens="") for k in range(number)}
    return replace(settings, platforms=copies)


class Day:
    """One session of everybody in a stopped world, by the kernel and by hand, on arrays of the same content.

    Each has its own copy of the consumers and of the events; `reset` gives the consumers back what they held.
    """

    def __init__(self, model: ContentEcosystem) -> None:
        self.week = week = open_week(model.world, model.settings)
        apply_policy(model.world, week, model.settings)
        prepare_sessions(model.world, week, model.settings)
        self.model, self.n = model, len(model.world.consumers.columns.uid)
        self.before = [column.copy() for column in model.world.consumers.columns]
        self.catalogue = lay_out_catalogue(model.world, week, model.settings)
        self.world = (self.catalogue, model.world.graph, week.sessions_market, *make_scratch(self.catalogue, False))
        self.kernel_side, self.hand_side = self._copy(), self._copy()
        self.key = model.world.streams["session"].key

    def _copy(self) -> tuple[Any, Any]:
        """Return consumers and events, laid out as the model's."""
        model = self.model
        everybody = np.zeros((self.n, *self.week.events.spread.shape[1:]), np.float32)  # not those of one tick alone
        events = self.week.events._replace(spread=everybody)
        return tuple(type(t)(*map(copy_aligned, t)) for t in (model.world.consumers.columns, events))  # type: ignore[return-value]

    def reset(self) -> None:
        """Give the consumers of both sides back what they held."""
        for people, _ in (self.kernel_side, self.hand_side):
            for column, held in zip(people, self.before, strict=True):
                column[...] = held

    def by_kernel(self) -> None:
        """Run the model's kernel."""
        people, events = self.kernel_side
        spend_session(0, self.n, self.model.world.tick, self.key, people, self.world, self.week.rules, events)

    def by_hand(self, flags: tuple[str, ...] = FLAGS, name: str = "spend_sessions") -> Any:
        """Compile the day by hand; returns the function that runs it."""
        people, events = self.hand_side
        market, rules = self.week.sessions_market, self.week.rules
        run = compile_day((people, self.catalogue, self.model.world.graph, market, rules, events), flags, name)
        return lambda people=self.n: run(0, people, self.model.world.tick, self.key)

    def agreement(self, hand: Any) -> dict[str, float]:
        """Share of sessions in which both show, choose and use the same, and of equal numbers left behind.

        These are not all equal: the kernel leaves the order in which a distance's eight squares are added to the
        compiler.
        """
        self.reset()
        self.by_kernel()
        hand()
        a, b = self.kernel_side[1], self.hand_side[1]
        return {
            "slates": float((a.slate == b.slate).all(axis=1).mean()),
            "choices": float((a.listing == b.listing).mean()),
            "uses": float(np.mean((a.deep == b.deep) & (a.shares == b.shares))),
            "spread": _same_spread(a, b),
            "numbers": _equal_numbers(self.kernel_side, self.hand_side),
        }


def _same_spread(a: Events, b: Events) -> float:
    """Share of sessions whose seconds both spread alike, but for a second that rounding takes elsewhere."""
    gap = np.abs(a.spread[:, :, SECONDS] - b.spread[:, :, SECONDS]).max(axis=1)
    return float(np.mean((gap <= 1) & np.isclose(a.uses, b.uses, rtol=1e-4)))


def _equal_numbers(one: tuple[Any, Any], other: tuple[Any, Any]) -> float:
    """Share of equal numbers among all floating-point columns of consumers and events."""
    equal = [
        np.ravel((x == y) | ((x != x) & (y != y)))  # not a number: no session on screen
        for mine, theirs in zip(one, other, strict=True)
        for x, y in zip(mine, theirs, strict=True)
        if x.dtype.kind == "f"
    ]
    return float(np.concatenate(equal).mean())


def time_week(model: ContentEcosystem, total: Seconds) -> float:
    """Run one week and add to `total` the seconds of each process; those of a day's parts count on their own.

    Returns
    -------
    Seconds of the week.
    """
    kept = {"TICK": schedule.TICK, "prepare_sessions": schedule.prepare_sessions}
    inside = 0.0

    def timed(work: Any) -> Any:
        def run(*given: Any) -> Any:
            nonlocal inside
            start = time.perf_counter()
            result = work(*given)
            spent = time.perf_counter() - start
            inside += spent
            total[work.__name__] = total.get(work.__name__, 0.0) + spent
            return result

        return run

    schedule.TICK, schedule.prepare_sessions = tuple(map(timed, schedule.TICK)), timed(schedule.prepare_sessions)
    try:
        whole = time.perf_counter()
        week = open_week(model.world, model.settings)
        for step in WEEK:
            before, start = inside, time.perf_counter()
            step(model.world, week, model.settings)
            rest = time.perf_counter() - start - (inside - before)
            total[step.__name__] = total.get(step.__name__, 0.0) + rest
        model.world.now += 1
        return time.perf_counter() - whole
    finally:
        for name, work in kept.items():
            setattr(schedule, name, work)
