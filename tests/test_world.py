"""A world: copies that share nothing, states that are taken up whole or refused, steps that write what they name."""

from __future__ import annotations

import functools
from array import array
from collections import defaultdict
from dataclasses import dataclass, field, fields
from typing import Any

import mesa
import numpy as np
import pytest

from sim.base.errors import InputError
from sim.base.randomness import STANDING, Streams
from sim.base.tables import FIXED, SCRATCH
from sim.model import ContentEcosystem, ScenarioModel
from sim.schedule import WEEK, WRITES, run_week
from sim.settings import Settings
from sim.settings.scenario import compose
from sim.world.state import collect, copied, restore
from sim.world.week import open_week
from sim.world.world import World
from tests.test_invariants import BUSY
from tests.walks import fingerprints, leaves
from tests.worlds import base, opened, patched, same_bits

SHORT = ("world=tiny", "time.weeks=24", "time.burn_in_weeks=6")
COMPACT = "world.columns=compact"
CASES = (("baseline", 0), ("baseline", 9, COMPACT), ("no_ai", 5), ("autonomous", 16), ("autonomous", 7, COMPACT))
FIXED_FIELDS = tuple(item.name for item in fields(World) if item.metadata == FIXED)
KEPT_FIELDS = tuple(item.name for item in fields(World) if not item.metadata)


@functools.cache
def settings_of(scenario: str, *more: str) -> Settings:
    return compose(scenario, [*SHORT, *more]).settings


@functools.cache
def world_after(scenario: str, weeks: int, *more: str) -> World:
    return opened(settings_of(scenario, *more), weeks).world


def world_of(scenario: str, weeks: int, *more: str) -> tuple[World, Settings]:
    """A world of a scenario after some weeks, for one test alone, and its settings."""
    return world_after(scenario, weeks, *more).fork(), settings_of(scenario, *more)


def unlike(one: World, other: World) -> list[str]:
    """Parts of two worlds' states that differ in any bit."""
    a, b = collect(one), collect(other)
    assert a.keys() == b.keys()
    return [name for name in a if not same_bits(a[name], b[name])]


# Copies


@pytest.mark.parametrize(("scenario", "weeks", "more"), [(s, w, m) for s, w, *m in CASES])
def test_a_fork_has_the_same_future_bit_for_bit(scenario: str, weeks: int, more: list[str]) -> None:
    settings = settings_of(scenario, *more)
    world = opened(settings, weeks).world  # not a fork itself
    twin = world.fork()
    assert not unlike(world, twin)
    for one in (twin, world):  # one after the other, so that a shared array would show
        for _ in range(5):
            run_week(one, settings)
    assert world.now == twin.now == weeks + 5 and not unlike(world, twin)


def test_a_fork_under_another_luck_is_the_same_world_with_another_future() -> None:
    world, settings = world_of("autonomous", 9)
    twin, own, again = world.fork(luck=1), world.fork(luck=0), world.fork(luck=1)
    assert not unlike(world, twin)
    for one in (world, twin, own, again):
        run_week(one, settings)
    assert not unlike(world, own) and not unlike(twin, again)
    one, other = collect(world), collect(twin)  # money may have gone other ways, so that the one has flows of its own
    assert {"consumers/memory", "items/uid"} <= {
        name for name in one.keys() & other if not same_bits(one[name], other[name])
    }
    assert twin.fork().streams.luck == 1


def test_traits_that_are_drawn_again_and_again_are_the_same_under_every_luck() -> None:
    streams, uid = Streams(1, 2), np.arange(50).astype(np.uint64)
    for name in ("session", *STANDING):
        same = same_bits(streams[name].uniform(0, uid), streams.under(3)[name].uniform(0, uid))
        assert same == (name in STANDING)
    assert same_bits(streams["session"].uniform(0, uid), streams.under(3).under(0)["session"].uniform(0, uid))


@pytest.mark.parametrize(("scenario", "weeks", "more"), [(s, w, m) for s, w, *m in CASES])
def test_a_change_of_any_part_of_a_fork_never_reaches_its_origin(scenario: str, weeks: int, more: list[str]) -> None:
    world, settings = world_of(scenario, weeks, *more)
    twin, spare = world.fork(), world.fork()
    before, changed = collect(world), 0
    for name in KEPT_FIELDS:
        for _, leaf in leaves(getattr(twin, name), shared=False):
            if isinstance(leaf, np.ndarray) and leaf.size:
                leaf[...] = np.invert(leaf.view(np.uint8)).view(leaf.dtype) if leaf.flags.c_contiguous else leaf[::-1]
                changed += 1
            elif isinstance(leaf, array):
                leaf.extend((1.0, 2.0, 3.0))
                changed += 1
        value = getattr(twin, name)
        if isinstance(value, int | float):
            setattr(twin, name, value + 1)
    twin.memory.scores[b"", 0.0] = 1.0
    for held in (twin.memory.outcomes, twin.ledger.flows, twin.canons):
        held.clear()
    after = collect(world)
    assert changed > 200 and after.keys() == before.keys()
    assert all(same_bits(after[name], before[name]) for name in before)
    for one in (spare, world):
        run_week(one, settings)
    assert not unlike(world, spare)


def test_a_fork_shares_what_is_fixed_and_has_its_own_room_to_work() -> None:
    world, settings = world_of("baseline", 0)
    run_week(world, settings)
    twin = world.fork()
    assert FIXED_FIELDS and all(getattr(world, name) is getattr(twin, name) for name in FIXED_FIELDS)
    assert twin.room is not world.room and twin.room.events is not world.room.events
    world.memory.scores[b"", 1.0] = 0.5
    assert world.fork().memory.scores == {}


@dataclass
class Odd:
    """A record with a field of a kind that no state holds."""

    rows: np.ndarray = field(default_factory=lambda: np.zeros(3))
    odd: Any = field(default_factory=object)


def test_a_field_of_an_unknown_kind_is_an_error() -> None:
    for work in (collect, copied):
        with pytest.raises(TypeError, match="object"):
            work(Odd())
    with pytest.raises(TypeError, match="odd: a object"):
        restore(Odd(), {"rows": np.zeros(3), "odd": np.zeros(3)})


# States


def test_every_field_is_fixed_scratch_or_collected() -> None:
    world, _ = world_of("baseline", 3)
    collected = {name.split("/")[0] for name in collect(world)}
    assert collected == set(KEPT_FIELDS)
    assert all(item.metadata in ({}, FIXED, SCRATCH) for item in fields(World))


@pytest.mark.parametrize(("scenario", "weeks", "more"), [(s, w, m) for s, w, *m in CASES])
def test_a_state_in_a_world_made_anew_is_the_world_that_it_was_taken_of(
    scenario: str, weeks: int, more: list[str]
) -> None:
    world, settings = world_of(scenario, weeks, *more)
    again = ContentEcosystem(settings=settings).world
    assert weeks == 0 or unlike_or_other(world, again)
    assert restore(again, collect(world)) is again and not unlike(world, again)


def unlike_or_other(one: World, other: World) -> bool:
    """Whether two worlds' states differ."""
    a, b = collect(one), collect(other)
    return a.keys() != b.keys() or any(not same_bits(a[name], b[name]) for name in a)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("consumers/taste", lambda a: a[:-1]),
        ("consumers/taste", lambda a: a[:, :4]),
        ("consumers/taste", lambda a: a.astype(np.float64)),
        ("consumers/seen", lambda a: a[:, :-1]),
        ("consumers/n", lambda a: a + 1_000),
        ("consumers/n", lambda a: -a),
        ("listings/item", lambda a: a[:-1]),
        ("items/card", lambda a: a["concept"]),
        ("market/scores", lambda a: a[..., :-1]),
        ("memory/past_seconds", lambda a: a[:, :-1]),
        ("memory/past_seconds", lambda a: a[:-1]),
        ("memory/outcomes/deep_time_share", lambda a: a[:-1]),
        ("memory/canons/0", lambda a: a[:, :-1]),
        ("memory/works/concept", lambda a: a[:, :-1]),
        ("memory/shown_works/rows", lambda a: a[:, :-1]),
        ("canons/0/concepts", lambda a: a[:, :-1]),
        ("canons/0/keys", lambda a: a[:-1]),
        ("canons/0/keys", lambda a: np.concatenate([a] * 1_000)),
        ("corpora/0/neighbours", lambda a: a[:-1]),
        ("corpora/0/neighbours", lambda a: a.astype(np.int64)),
        ("corpora/0/neighbours", lambda a: a + len(a)),
        ("corpora/0/weight", lambda a: a[:-1]),
        ("corpora/0/attention", lambda a: a[:-1]),
        ("labour/workers/state", lambda a: a[:-1]),
        ("ledger/balance/creators", lambda a: a[:-1]),
        ("now", lambda a: np.zeros(3)),
        ("now", lambda a: np.array(1.5)),
        ("viable_freelancers", lambda a: np.array("many")),
        ("seen_gain", lambda a: a[:-1]),
    ],
)  # fmt: skip
def test_a_state_of_another_shape_or_type_is_refused_in_one_line(name: str, change: Any) -> None:
    state = busy_state()
    with pytest.raises(InputError) as refused:
        restore(world_of("autonomous", 0)[0], state | {name: change(state[name])})
    assert str(refused.value).startswith(name.split("/")[0]) and "\n" not in str(refused.value)


@functools.cache
def busy_state() -> dict[str, np.ndarray]:
    """The state of a world whose corpora were trained."""
    return collect(world_of("autonomous", 10)[0])


def test_a_state_that_lacks_a_part_or_has_one_more_is_refused() -> None:
    state = busy_state()
    for name in ("consumers/taste", "tick", "memory/works/n", "memory/shown_works/rows", "canons/0/keys"):
        with pytest.raises(InputError, match="got nothing, expected a"):
            restore(world_of("autonomous", 0)[0], {k: v for k, v in state.items() if k != name})
    for name in ("nonsense/x", "consumers/odd"):
        with pytest.raises(InputError, match=f"{name}: got a part of a state"):
            restore(world_of("autonomous", 0)[0], state | {name: np.zeros(1)})


# Steps


def ruin_studios(world: World) -> None:
    """Leave studios with debts that they had for long, so that some close."""
    world.ledger.move("studios", "world", np.maximum(world.ledger.balances["studios"], 0) + 1_000_000)
    world.studios.columns.insolvent[:] = 1_000


def test_every_step_writes_the_fields_that_it_names_and_no_other() -> None:
    """All else stays as it was, what is fixed too, but for the store of streams, which are made when first used."""
    assert list(WRITES) == [open_week, *WEEK]
    written: dict[str, set[str]] = defaultdict(set)
    alike = {"platforms.short_video.ad_price": 1.0, "platforms.publisher.ad_price": 1.0}  # so that AI producers come
    for settings, weeks in ((base(), 9), (patched(base(), BUSY | alike), 16)):
        world = opened(settings).world
        for now in range(weeks):
            if now == 7:
                ruin_studios(world)
            before = fingerprints(world)
            for step in (open_week, *WEEK):
                if step is open_week:
                    week = open_week(world, settings)
                else:
                    step(world, week, settings)
                after = fingerprints(world)
                changed = {name for name in after if after[name] != before[name]} - {"streams"}
                assert changed <= WRITES[step], f"{step.__name__} writes what sim.schedule.WRITES does not name for it"
                written[step.__name__] |= changed
                before = after
            world.now += 1
    idle = {step.__name__: set(named) - written[step.__name__] for step, named in WRITES.items()}
    assert not {name: fields_ for name, fields_ in idle.items() if fields_}


# Mesa


def test_mesa_runs_batches_whose_rows_are_the_recorders() -> None:
    given = {"world": "tiny", "time.weeks": 4, "time.burn_in_weeks": 2, "technology.growth_years": [1.0, 2.0]}
    rows = mesa.batch_run(ScenarioModel, given, display_progress=False)
    settings = compose("baseline", ["world=tiny", "time.weeks=4", "time.burn_in_weeks=2", "technology.growth_years=1"])
    model = opened(settings.settings, 4)
    frame, agents = model.datacollector.get_model_vars_dataframe(), model.datacollector.get_agent_vars_dataframe()
    assert frame.equals(model.outcomes()) and not model.running and len(model.agents) * 4 == len(agents)
    first = [row for row in rows if row["RunId"] == 0]
    assert {row["technology.growth_years"] for row in rows} == {1.0, 2.0} and len(first) == len(model.agents)
    assert first[0]["deep_time_share"] == model.world.memory.outcomes["deep_time_share"][-1]
    assert [row["balance"] for row in first] == agents.loc[4]["balance"].tolist()


def test_a_world_goes_on_under_its_own_settings_but_for_policy() -> None:
    settings = patched(base(), {"time.weeks": 6})
    world = opened(settings, 2).world
    run_week(world, patched(settings, {"policy.labelling.strength": 0.25}))
    with pytest.raises(ValueError, match="only its policy may change"):
        run_week(world, patched(settings, {"attention.deep_base": 2.0}))
    assert world.now == 3


def test_a_world_whose_tables_have_grown_goes_back_to_what_it_was() -> None:
    world, settings = world_of("autonomous", 4)
    early, rows = collect(world), world.producers.capacity
    world.producers.reserve(4 * rows)
    run_week(world, settings)
    restore(world, early)
    assert world.producers.capacity == rows
    assert all(same_bits(array, early[name]) for name, array in collect(world).items())


def test_nobody_steps_past_the_last_week() -> None:
    model = opened(patched(base(), {"time.weeks": 6}), 6)
    assert not model.running
    with pytest.raises(ValueError, match=r"ends after 6 weeks \(time.weeks\)"):
        model.step()
