"""Columns held in 8 and 16 bits: right on average, hidden from whoever uses them, in a world that goes on as before."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import sim.schedule
from benchmarks.parts import bytes_a_consumer
from sim.agents.consumers import COMPACT
from sim.base.randomness import Stream, derive
from sim.base.records import Consumers
from sim.base.tables import F4, F8, schema
from sim.kernels.columns import PARTS, SHORT, STEPS, fingerprint, load, read, store, write
from sim.kernels.elementary import unmanaged
from sim.processes import attention
from sim.settings import Settings
from sim.settings.scenario import compose
from sim.world.state import collect, restore
from sim.world.week import Week
from sim.world.world import World
from tests.worlds import base, differences, opened, patched, run

N = 20_000
UIDS = derive("one", 0, np.arange(N))
NARROW = {"world.columns": "compact"}


class Numbers(NamedTuple):
    """A table of one column."""

    number: Any


def held(values: Any, kind: Any, columns: int = 1, step: int = 0) -> Any:
    """A column of some kind, written with values."""
    table = Numbers(np.zeros((N, columns), kind))
    write(table, "number", values, UIDS, Stream(0, 0, "rounding"), step)
    return table.number


@unmanaged()
def copy_numbers(column: Any, found: F4) -> None:
    """Read a column in a kernel."""
    for i in range(column.shape[0]):
        for k in range(column.shape[1]):
            found[i, k] = load(column, (i, k))


@unmanaged()
def add_often(column: Any, step: float, times: int, words: Any) -> None:
    """Add a small step to every number, many times."""
    for t in range(times):
        for i in range(column.shape[0]):
            store(column, (i, 0), load(column, (i, 0)) + step, words[t, i])


@unmanaged()
def keep_marks(column: Any) -> None:
    """Write the fingerprints of the serials 1, 2, 3 ..."""
    for i in range(column.size):
        column[i] = fingerprint(column, np.uint32(i + 1))


@pytest.mark.parametrize(
    ("kind", "exact", "low", "high", "error"),
    [
        (SHORT, [0.0, 1.0, -2.5, 0.0078125, 100_352.0], -3.0, 3.0, 2.0**-6),
        (STEPS, [0.0, -8.0, 7.9375, 0.0625], -7.9, 7.9, 1 / 16),
        (PARTS, [0.0, 1.0, 51 / 255], 0.0, 1.0, 1 / 255),
    ],
)
def test_what_a_column_holds_is_kept_and_the_rest_rounded_evenly(
    kind: Any, exact: list[float], low: float, high: float, error: float
) -> None:
    values: F8 = np.random.default_rng(0).uniform(low, high, (N, 3))
    column = held(values, kind, 3)
    found = read(column)
    assert found.dtype == np.float32 and np.abs(found - values).max() <= error
    assert np.abs((found - values).mean()) < 4 * error / np.sqrt(N)
    again = held(found, kind, 3, step=1)  # other draws, and nothing left to round
    assert np.array_equal(again, column)
    by_kernel = np.zeros((N, 3), np.float32)
    copy_numbers(column, by_kernel)
    assert np.array_equal(by_kernel, found)
    for value in exact:
        np.testing.assert_allclose(read(held(value, kind)), value, rtol=1e-6)


def test_traits_end_where_steps_end() -> None:
    assert read(held(20.0, STEPS)).max() < 8.0 and (read(held(-20.0, STEPS)) == -8.0).all()


def test_shares_stay_in_order() -> None:
    shares = np.cumsum(np.random.default_rng(0).dirichlet(np.full(8, 0.1), N), axis=1)
    found = read(held(shares, PARTS, 8))
    assert (np.diff(found, axis=1) >= 0).all() and np.isclose(found[:, -1], 1.0, atol=1e-6).mean() > 0.999


@pytest.mark.parametrize("kind", [np.float32, SHORT])
def test_small_steps_add_up(kind: Any) -> None:
    """A hundredth of what the column can tell apart is added 400 times."""
    column = held(0.7, kind)
    words = np.random.default_rng(1).integers(0, 2**64, (400, N), np.uint64)
    add_often(column, 4e-5, 400, words)
    assert read(column).mean() == pytest.approx(0.716, abs=2e-4)


def test_columns_that_are_not_narrow_are_written_as_they_are() -> None:
    values = np.random.default_rng(0).normal(size=(N, 2))
    column = held(values, np.float32, 2)
    assert np.array_equal(column, values.astype(np.float32)) and read(column) is column


def test_fingerprints_tell_serials_apart() -> None:
    whole, short = np.zeros(2**20, np.uint32), np.zeros(2**20, np.uint16)
    keep_marks(whole)
    keep_marks(short)
    assert np.array_equal(whole, np.arange(2**20) + 1)
    assert short.min() == 1  # 0 is an empty place
    assert 0.62 < len(np.unique(short[:65_536])) / 65_536 < 0.645  # 1 - 1/e, as of any even draw
    assert np.bincount(short[:524_288])[2:].max() < 30  # 8 on average


def test_only_numbers_are_held_narrower_and_nobody_looks_at_how() -> None:
    declared = schema(Consumers)
    assert COMPACT.keys() <= declared.keys()
    assert all(np.dtype(kind).itemsize < np.dtype(declared[name].dtype).itemsize for name, kind in COMPACT.items())
    numbers = "|".join(COMPACT.keys() - {"seen"})
    by_name = re.compile(rf"\b(?:people|mine)\.(?:{numbers})\b(?!\.shape|\.dtype)")
    through = re.compile(r"\b(?:read|load|store|prefetch|sum_held|pick|squared_distance)\(|as it is held|held alike")
    for path in sorted(Path(sim.__file__).parent.rglob("*.py")):
        for line in path.read_text().splitlines():
            assert not by_name.search(line) or through.search(line), f"{path.name}: {line}"


def test_a_nation_fits() -> None:
    found = bytes_a_consumer()
    assert found["held"] <= 300.0
    assert found["columns"].keys() == schema(Consumers).keys()


@pytest.fixture(scope="module")
def narrow() -> Settings:
    return patched(base(), NARROW | {"world.consumers": 300, "world.new_items": 8.0})


def test_nobody_uses_an_item_twice(narrow: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[tuple[int, int]] = []

    def watch(world: World, week: Week, settings: Settings) -> None:
        attention.allocate_attention(world, week, settings)
        events = week.events
        rows = np.arange(*world.turn(world.tick))
        rows = rows[events.listing[rows] >= 0]
        serial = world.items.columns.card["serial"][world.listings.columns.item[events.listing[rows]]]
        used.extend(zip(rows.tolist(), serial.tolist(), strict=True))

    monkeypatch.setattr(sim.schedule, "TICK", (watch, *sim.schedule.TICK[1:]))
    model = opened(narrow, 9, rng=4)
    assert model.world.consumers.columns.seen.dtype == np.uint16
    assert len(used) > 5_000 and len(set(used)) == len(used)


def test_threads_change_no_bit(narrow: Settings) -> None:
    one = opened(narrow, 6, rng=2)
    for threads in (2, 4):
        assert differences(one, opened(narrow, 6, rng=2, threads=threads)) == []


def test_a_run_goes_on_bit_for_bit(narrow: Settings) -> None:
    whole, first = opened(narrow, 7, rng=1), opened(narrow, 4, rng=1)
    second = opened(narrow, 0, rng=1)
    restore(second.world, collect(first.world))
    assert differences(whole, run(second, 3)) == []


OUTCOMES = (
    "trust_mean", "habit_mean", "deep_time_share", "consumer_surplus", "platforms_per_consumer", "dwell_mean",
    "false_exposure_share", "silent_share",
)  # fmt: skip


def means(columns: str, first: int, replications: int = 10) -> F8:
    """Main outcomes at the end of tiny worlds, shape (replications, outcomes)."""
    settings = compose("baseline", ["world=tiny", f"world.columns={columns}"]).settings
    rows = []
    for replication in range(first, first + replications):
        model = opened(settings, settings.time.weeks, replication=replication)
        rows.append(model.outcomes()[list(OUTCOMES)].iloc[-8:].mean())
    return np.array(rows, np.float64)


def test_a_compact_world_differs_no_more_than_two_seeds_do() -> None:
    full, compact = means("full", 0), means("compact", 100)
    error = np.sqrt((full.var(axis=0, ddof=1) + compact.var(axis=0, ddof=1)) / len(full))
    apart = dict(zip(OUTCOMES, (compact.mean(axis=0) - full.mean(axis=0)) / error, strict=True))
    assert all(abs(z) < 3.5 for z in apart.values()), apart
