"""The benchmark's guard, its arithmetic, and what was done for speed: same answers as the plain way."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from benchmarks.__main__ import answer_rows, meets, quick
from benchmarks.measure import exponent, in_turns, ratio
from benchmarks.precision import cost
from benchmarks.worlds import build, time_week
from sim.agents.consumers import held_trust, mean_trust, settle_installs
from sim.agents.friends import clustered_heavy_tailed
from sim.base.graphs import from_edges, reordered
from sim.base.randomness import Stream, Streams
from sim.base.records import CARD
from sim.base.tables import LINE, blocks, full_aligned
from sim.kernels.adaptation import sum_by_truth
from sim.kernels.concepts import nearest
from sim.kernels.graphs import drop_followed
from sim.kernels.labour import count_in_state, draw_from_cells
from sim.kernels.questions import follow_questions
from sim.schedule import WEEK
from sim.settings import PlatformRules, Settings
from tests.bench import change, crowd
from tests.twins.concepts import nearest_numpy

KINDS = {kind: PlatformRules(kind=kind) for kind in ("forum", "library", "photo")}


@pytest.mark.skipif(not shutil.which("gcc"), reason="gcc compiles the day by hand")
def test_quick_guard_compares_kernels_with_their_twins() -> None:
    """That they keep up is for `make bench-quick` to say: a test may run beside others."""
    found = {name: value for name, value, *_ in quick()}
    assert len(found) == 5 and all(np.isfinite(value) and value > 0.0 for value in found.values())
    assert min(value for name, value in found.items() if "as in C" in name) >= 99.99


def test_ratios_and_exponents_are_what_they_say() -> None:
    assert ratio({"slow": [2.0, 30.0, 6.0], "fast": [1.0, 10.0, 3.0]}, "slow", "fast") == 2.0
    assert exponent([1.0, 2.0, 4.0], [3.0, 6.0, 12.0]) == pytest.approx(1.0)
    assert meets(("a", 0.4, ">=", 0.8), 0.5) and not meets(("a", 0.4, ">=", 0.8), 0.6)
    assert meets(("a", 2.0, "<=", 1.0), 0.5) and not meets(("a", 2.1, "<=", 1.0), 0.5)
    calls: list[str] = []
    times = in_turns(2, {"a": lambda: calls.append("a"), "b": (lambda: calls.append("ready"), lambda: None)})
    assert calls == ["a", "ready"] * 3 and [len(spent) for spent in times.values()] == [2, 2]


def test_what_an_answer_costs_by_hand() -> None:
    spread = {"sd": 0.06, "sd_low": 0.047, "sd_high": 0.084, "freedom": 23}
    before = {"sd": 0.12, "sd_low": 0.085, "sd_high": 0.204, "freedom": 11, "cpu_s": 30.0}
    found = cost(spread, 40.0, before)
    assert found["replications"] == pytest.approx(5.532, abs=0.001)
    assert found["seconds"] == pytest.approx(40 * 5.532, rel=1e-3)
    assert found["low"] == 200.0  # five runs are the least
    assert found["high"] == pytest.approx(40 * (1.96 * 0.084 / 0.05) ** 2, rel=1e-3)
    assert found["times_less"] == pytest.approx(3.0, rel=1e-3)  # four times the runs, at three quarters of the price
    # F quantiles at 11 and 23 degrees of freedom: 2.62 and 0.314
    assert (found["times_low"], found["times_high"]) == pytest.approx((3 / 2.62, 3 / 0.314), rel=0.02)
    told = {"half_width": 0.05, "world": "standard", **found}
    (what, value, sense, most), (_, times, *_) = answer_rows(told)
    assert "±5 points (95 %) at standard [200, 434]" in what and (sense, times) == ("<=", found["times_less"])
    assert value == found["seconds"] and most == pytest.approx(found["before_seconds"] / 1.7)


def test_a_timed_week_is_a_week() -> None:
    timed, plain = build("tiny"), build("tiny")
    total: dict[str, float] = {}
    for _ in range(2):
        whole = time_week(timed, total)
        plain.step()
        assert whole > 0.0
    found, wanted = (model.outcomes().to_numpy(float) for model in (timed, plain))
    assert np.array_equal(found, wanted, equal_nan=True)
    assert {process.__name__ for process in WEEK} | {"allocate_attention"} <= set(total)


def test_tables_start_at_cache_lines() -> None:
    for shape in ((3,), (5, 7)):
        made = full_aligned(shape, -1, np.int32)
        assert made.ctypes.data % LINE == 0 and made.shape == shape and (made == -1).all()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, stream = change(Settings(), platforms=KINDS, world__consumers=300), Stream(0, 0, "graph")
    pull, is_open = np.zeros((4, len(KINDS))), np.ones(len(KINDS), np.uint8)
    graph, order = clustered_heavy_tailed(300, 4.5, 0.5, stream), np.random.default_rng(0).permutation(300)
    results = []
    for size in (1_000, 64):
        monkeypatch.setattr("sim.base.tables.BLOCK", size)
        assert [rows.stop for rows in blocks(130)] == ([130] if size == 1_000 else [64, 128, 130])
        people = crowd(settings, pull)
        settle_installs(people, pull, is_open, settings, Streams(0)["settling"])
        results.append((*people, *reordered(graph, order)))
    for whole, parts in zip(*results, strict=True):
        np.testing.assert_array_equal(whole, parts)


def test_renumbered_graphs_are_built_from_renumbered_edges() -> None:
    order = np.random.default_rng(0).permutation(200)
    graph = clustered_heavy_tailed(200, 5.0, 0.3, Stream(0, 0, "graph"))
    rank = np.argsort(order)
    edges = rank[np.repeat(np.arange(200), np.diff(graph.indptr))], rank[graph.indices]
    for found, wanted in zip(reordered(graph, order), from_edges(200, *edges), strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert reordered(from_edges(0, [], []), []).indices.size == 0


def test_mean_trust_is_that_of_platforms_in_use() -> None:
    people = crowd(change(Settings(), platforms=KINDS, world__consumers=500), np.zeros((4, len(KINDS))))
    rng = np.random.default_rng(0)
    people.trust[:], people.installed[:] = rng.random(people.trust.shape), rng.random(people.trust.shape) < 0.4
    people.installed[:, 0] = 0
    held, trust = people.installed > 0, people.trust.astype(np.float64)
    total = np.where(held, trust, 0.0).sum(axis=0)
    np.testing.assert_allclose(mean_trust(people, 0), total / np.maximum(held.sum(axis=0), 1), rtol=1e-12)
    assert held_trust(people)[0].sum() == pytest.approx(trust[held].sum(), rel=1e-12)
    own = np.where(held, trust, 0.0).sum(axis=1) / np.maximum(held.sum(axis=1), 1)
    np.testing.assert_allclose(mean_trust(people, 1), own, rtol=1e-5)


def test_the_rest_are_followed_in_order() -> None:
    follows = np.array([[3, 1, 2, -1], [4, 9, 4, 5], [-1, -1, -1, -1]], np.int32)
    number = np.array([3, 4, 0], np.int32)
    drop_followed(follows, number, np.array([0, 1, 0, 0, 1], np.uint8))
    assert follows.tolist() == [[3, 2, -1, -1], [9, 5, -1, -1], [-1] * 4] and number.tolist() == [2, 2, 0]


@pytest.mark.parametrize(("size", "k"), [(40, 3), (64, 10), (700, 33), (700, 90)])
def test_nearest_are_found_in_the_order_of_their_twin(size: int, k: int) -> None:
    rng = np.random.default_rng(size)
    bank = rng.integers(0, 3, (size, 8)).astype(np.float32)  # many ties
    own = np.where(np.arange(size) % 2, np.arange(size), -1)
    both = nearest(bank, bank, own, k), nearest_numpy(bank, bank, own, k)
    for found, wanted in zip(*both, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_workers_are_counted_and_picked_like_their_twins() -> None:
    rng, n, c = np.random.default_rng(3), 900, 7
    state, senior = rng.integers(0, 4, n).astype(np.uint8), rng.integers(0, 2, n).astype(np.uint8)
    cell, uid = rng.integers(0, c, n).astype(np.int32), rng.integers(0, 2**63, n).astype(np.uint64)
    number = np.zeros((2, c), np.int64)
    count_in_state(state, 1, senior, cell, number)
    there = state == 1
    np.testing.assert_array_equal(
        number.ravel(), np.bincount(senior[there] * np.int64(c) + cell[there], minlength=2 * c)
    )
    chance, draw = np.where(np.arange(c) == 2, 0.0, rng.random(c)), Stream(0, 0, "lots")
    rows, u = draw_from_cells(state, 1, cell, uid, chance, draw.key, 5)
    drawn = draw.uniform(5, uid)
    wanted = np.flatnonzero(there & (drawn < chance[cell]))
    np.testing.assert_array_equal(rows, wanted)
    np.testing.assert_array_equal(u, drawn[wanted])


def test_what_items_show_is_summed_like_its_twin() -> None:
    rng, n = np.random.default_rng(4), 500
    seconds = np.where(rng.random(n) < 0.5, rng.integers(0, 10**6, n), 0)
    alive, week = rng.integers(0, 2, n).astype(np.uint8), rng.integers(0, 3, n).astype(np.int32)
    card = np.zeros(n, CARD)
    card["origin"], card["accuracy"] = rng.integers(0, 3, n), rng.integers(0, 4, n)
    paid = np.zeros((2, 2, 2))
    sum_by_truth(seconds, alive, week, card["origin"], card["accuracy"], 2, 2, 1, paid)
    code = 2 * (card["origin"] == 2) + (card["accuracy"] >= 1)
    new = (week == 2) & (alive > 0)
    wanted = [np.bincount(code, weight, minlength=4).reshape(2, 2) for weight in (seconds, new)]
    np.testing.assert_array_equal(paid, np.stack(wanted, axis=2))


def test_questions_are_followed_like_their_twin() -> None:
    rng, (channels, n) = np.random.default_rng(5), (4, 300)
    odds, success = rng.random((2, channels, n)), rng.random((channels, 2, n))
    odds[:, 2, ::3], odds[:, :, ::50] = 0.0, 0.0
    weight, mood = rng.random((n, 2)).T, rng.random((3, 2, n))
    wanted, left = np.zeros((2, channels, 2, n)), weight
    now, again = odds[0][:, None], odds[1][:, None]
    for attempt in range(3):
        total = np.cumsum(now, axis=0)
        above = total > mood[attempt] * total[-1]
        put = (above & (np.cumsum(above, axis=0) == 1)) * left
        wanted[min(attempt, 1)] += put
        left = (put * (1.0 - success)).sum(axis=0)
        now = again = again * (put == 0.0)
    np.testing.assert_array_equal(follow_questions(weight, mood, odds, success), wanted)
