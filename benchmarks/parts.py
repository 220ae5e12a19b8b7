"""What is measured, one function a question; each returns plain numbers for the table and the JSON file."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from benchmarks.by_hand import LOOSE, PLAIN
from benchmarks.choice import SHOWN, Choice
from benchmarks.measure import exponent, in_turns, loops_gain, ratio
from benchmarks.worlds import Day, advance, build, time_week, with_platforms
from sim.base.tables import schema
from sim.kernels.attention import spend_session
from sim.model import ContentEcosystem
from sim.processes import attention
from sim.processes.attention import make_scratch
from sim.settings.scenario import compose
from sim.world.state import collect
from tests.bench import Bench

Numbers = dict[str, Any]
RELEASED = 100  # weeks after which a world is stopped to be measured: AI has been out for almost a year
MIN_LOOPS = 1.7  # gain of two loops below which the second core is busy with something else
HOT = 500  # consumers whose rows fit the near caches
FULL = 30  # weeks after which as many items leave as come


def per(times: dict[str, list[float]], name: str, count: float, scale: float = 1e9) -> float:
    """Median time of one of `count`, in nanoseconds unless said."""
    return float(np.median(times[name])) / count * scale


def day(rounds: int = 15, world: str = "standard", weeks: int = RELEASED, full: bool = True) -> Numbers:
    """Compare the kernel with the day by hand in C on one thread, and that with its gathers and draws alone.

    `full` adds the C with other flags and its least work.
    """
    stopped = Day(advance(build(world), weeks))
    hand = stopped.by_hand()
    same = stopped.agreement(hand)
    events = stopped.kernel_side[1]
    shown = float((events.slate >= 0).sum()) / stopped.n
    works = {
        "kernel": (stopped.reset, stopped.by_kernel),
        "c": (stopped.reset, hand),
    }
    if full:
        works |= {
            "c_plain": (stopped.reset, stopped.by_hand(PLAIN)),
            "c_loose": (stopped.reset, stopped.by_hand(LOOSE)),
            "gathers": (stopped.reset, stopped.by_hand(name="gather_sessions")),
            "c_hot": (lambda: (stopped.reset(), hand(HOT)), lambda: hand(HOT)),
        }
    times = in_turns(rounds, works)
    others = (
        {
            "kernel_of_c_plain": ratio(times, "c_plain", "kernel"),
            "kernel_of_c_loose": ratio(times, "c_loose", "kernel"),
            "c_over_gathers": ratio(times, "c", "gathers"),
        }
        if full
        else {}
    )
    return {
        "world": world, "sessions": stopped.n, "candidates_a_session": shown, "agreement": same,
        "ns_a_session": {name: per(times, name, HOT if name == "c_hot" else stopped.n) for name in works},
        "kernel_of_c": ratio(times, "c", "kernel"), **others,
        "row_bytes": sum(column.nbytes for column in stopped.before) / stopped.n,
    }  # fmt: skip


def choice(rounds: int = 9, people: int = 10_000) -> Numbers:
    """Compare a bare choice by Mesa agents, whole arrays, arrays in blocks and the kernel, on one thread."""
    bare = Choice(people)
    same = float((bare.by_arrays() == bare.by_kernel()).mean())
    works = {
        "mesa": bare.by_agents(people), "numpy": bare.by_arrays, "blocks": bare.by_blocks, "kernel": bare.by_kernel
    }  # fmt: skip
    times = in_turns(rounds, works)
    return {
        "people": people, "shown": SHOWN, "agreement": same,
        "ns_a_choice": {name: per(times, name, people) for name in works},
        "kernel_over_mesa": ratio(times, "mesa", "kernel"),
        "kernel_over_numpy": ratio(times, "numpy", "kernel"),
        "kernel_over_blocks": ratio(times, "blocks", "kernel"),
    }  # fmt: skip


def exact(rounds: int = 9, people: int = 1_000, items: int = 2_300) -> Numbers:
    """Time sessions with enumerated recall: every live listing of the platform is weighed for every viewer.

    Utility is bare: fit, craft, emotion, appeal, depth and position.
    """
    bench, rng = Bench(people, items, slate=8, exact=True), np.random.default_rng(0)
    for name in ("craft", "emotion", "appeal", "depth"):
        bench.items.card[name] = rng.normal(size=items)
    bench.items.card["concept"], bench.people.taste[:] = rng.normal(size=(items, 8)), rng.normal(size=(people, 8))
    bench.rule(beta_taste=0.1, craft_base=0.5, beta_emotion=0.3, beta_effort=0.5)
    bench.place[:] = np.exp(-0.1 * np.arange(len(bench.place)))
    bench.weight[:] = np.exp(rng.normal(size=items))
    times = in_turns(rounds, {"exact": (bench.forget, bench.session)})
    return {"people": people, "items": items, "weighed_a_second": people * items / float(np.median(times["exact"]))}


def whole(world: str = "standard") -> Numbers:
    """Run the whole baseline beside the C loop, week by week in turns; consumer-weeks a second, and where time goes."""
    model = advance(build(world), 1)  # until the first week is over, there is nothing to see
    sessions = model.world.calendar.ticks_per_week / (len(model.world.turns) - 1)  # of a consumer in a week
    stepped: list[float] = []
    looped: list[float] = []
    process: dict[str, float] = {}
    in_kernel = 0.0

    def timed(*given: Any) -> None:
        nonlocal in_kernel
        start = time.perf_counter()
        spend_session(*given)
        in_kernel += time.perf_counter() - start

    attention.spend_session = timed  # type: ignore[assignment]
    try:
        while model.world.now < model.settings.time.weeks:
            stopped = Day(model)
            looped += in_turns(2, {"c": (stopped.reset, stopped.by_hand())})["c"]
            stepped.append(time_week(model, process))
    finally:
        attention.spend_session = spend_session
    n = len(model.world.consumers.columns.uid)
    # Means, since rare work counts too.
    model_rate, loop_rate = n / float(np.mean(stepped)), n / float(np.mean(looped)) / sessions
    return {
        "world": world, "weeks": len(stepped), "consumer_weeks_a_second": model_rate,
        "c_consumer_weeks_a_second": loop_rate, "model_of_c": model_rate / loop_rate,
        "kernel_share": in_kernel / float(np.sum(stepped)),
        "process_ms": {
            name: 1e3 * spent / len(stepped) for name, spent in sorted(process.items(), key=lambda x: -x[1])
        },
    }  # fmt: skip


def week_seconds(model: ContentEcosystem, weeks: int) -> float:
    """Least time of a week over some, the noise of other work being one-sided."""
    spent = []
    for _ in range(weeks):
        start = time.perf_counter()
        model.step()
        spent.append(time.perf_counter() - start)
    return float(np.min(spent))


def scaling() -> Numbers:
    """Fit exponents of a week's cost over consumers, items and platforms, and of a run's over its weeks.

    Weeks of a world without AI past its beginning: the cost of a size, not that of a supply that grows.
    """
    top = 4

    def size(*overrides: str) -> float:
        return week_seconds(advance(build("standard", overrides, "no_ai"), 8), 5)

    people = [20_000.0 * 2**k for k in range(top)]
    items = [1_200.0 * 2**k for k in range(top)]
    platforms = [4.0 * 2**k for k in range(min(top, 3))]
    settings = compose("no_ai", ["world=standard"]).settings
    seconds = {
        "consumers": [size(f"world.consumers={n:.0f}") for n in people],
        "items": [size(f"world.new_items={n}", f"world.creators={1.25 * n:.0f}") for n in items],
        "platforms": [
            week_seconds(advance(ContentEcosystem(settings=with_platforms(settings, int(k)), rng=0), 8), 5)
            for k in platforms
        ],
    }
    model, ends = advance(build("standard", (), "no_ai"), FULL), []
    start = time.perf_counter()
    weeks = [16.0 * 2**k for k in range(top)]
    for week in range(int(weeks[-1])):
        model.step()
        if week + 1 in weeks:
            ends.append(time.perf_counter() - start)
    sizes = {"consumers": people, "items": items, "platforms": platforms, "weeks": weeks}
    seconds["weeks"] = ends
    return {
        name: {
            "size": sizes[name],
            "seconds": seconds[name],
            "exponent": exponent(sizes[name], seconds[name]),
            "last_exponent": exponent(sizes[name][-2:], seconds[name][-2:]),  # least hidden by what is fixed
        }
        for name in sizes
    }


def threads(rounds: int = 5) -> Numbers:
    """What two threads gain in a city, beside two independent arithmetic loops in the same minute."""
    model = advance(build("city"), 3)
    stopped = Day(model)
    people, events = stopped.kernel_side

    def spend(lo: int, hi: int) -> None:
        world = (
            stopped.catalogue,
            model.world.graph,
            model.last_week.sessions_market,
            *make_scratch(stopped.catalogue, False),
        )
        mine = events._replace(spread=events.spread[lo:])
        spend_session(lo, hi, model.world.tick, stopped.key, people, world, model.last_week.rules, mine)

    edges = np.linspace(0, stopped.n, 9).astype(int).tolist()
    with ThreadPoolExecutor(2) as pool:

        def two() -> None:
            list(pool.map(spend, edges[:-1], edges[1:]))

        gains, loops = [], []
        for _ in range(rounds):
            loops.append(loops_gain())
            times = in_turns(1, {"one": (stopped.reset, lambda: spend(0, stopped.n)), "two": (stopped.reset, two)})
            gains.append(ratio(times, "one", "two"))
    twins = [advance(build("city", threads=number), 2) for number in (1, 2)]
    week_gains, week_loops = [], []
    for _ in range(rounds):
        week_loops.append(loops_gain())
        alone, both = (week_seconds(twin, 1) for twin in twins)
        week_gains.append(alone / both)
    frames = {number: advance(build("tiny", threads=number), 26).outcomes().to_numpy(float) for number in (1, 2, 4)}
    second = float(np.median(loops + week_loops))
    return {
        "consumers": stopped.n, "loops_gain": second, "judged": second >= MIN_LOOPS,
        "sessions_gain": float(np.median(gains)), "week_gain": float(np.median(week_gains)),
        "sessions_of_loops": float(np.median(np.array(gains) / np.array(loops))),
        "week_of_loops": float(np.median(np.array(week_gains) / np.array(week_loops))),
        "same_bits": all(np.array_equal(frames[1], frame, equal_nan=True) for frame in frames.values()),
    }  # fmt: skip


def bytes_a_consumer(world: str = "nation") -> Numbers:
    """Bytes of columns and graphs over consumers, by column, from the declarations and a world of few."""
    model = build(world, ["world.consumers=4000", "world.creators=200", "world.new_items=160"])
    people = model.world.consumers.columns
    n = len(people.uid)
    columns = {name: getattr(people, name).nbytes / n for name in schema(type(people))}
    graph = (model.world.graph.indices.nbytes + model.world.graph.indptr.nbytes) / n
    adopters = sum(column.nbytes for column in model.world.adopters.columns) / n
    events = sum(column.nbytes for column in model.world.room.events) / n
    held = sum(columns.values()) + graph + adopters
    return {"world": world, "columns": columns, "graph": graph, "adopters": adopters, "events": events, "held": held}


def fork(rounds: int = 25, world: str = "standard", weeks: int = FULL) -> Numbers:
    """Compare an independent copy of a world with a plain copy of the arrays of its state."""
    stopped = advance(build(world), weeks).world
    arrays = collect(stopped)
    times = in_turns(
        rounds,
        {
            "fork": (lambda: None, stopped.fork),
            "copies": (lambda: None, lambda: {name: array.copy() for name, array in arrays.items()}),
        },
    )
    return {
        "world": world, "megabytes": sum(array.nbytes for array in arrays.values()) / 1e6, "arrays": len(arrays),
        "ms": {name: per(times, name, 1, 1e3) for name in times}, "fork_over_copies": ratio(times, "fork", "copies"),
    }  # fmt: skip


def large(part: int = 20) -> Numbers:
    """Measure a part of a nation in a process of its own, so that the peak of memory is its own too."""
    command = [sys.executable, "-m", "benchmarks.nation", str(part)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    measured: Numbers = json.loads(said)
    return measured
