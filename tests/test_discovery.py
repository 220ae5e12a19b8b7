"""Scenario discovery: a planted box is found, and so is its absence; too few futures say so."""

import sys
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from analysis.discovery import (
    QUESTIONS,
    Box,
    Question,
    choose,
    discover,
    find_box,
    inside,
    measure,
    peel,
    quasi_p,
    workbench_peel,
)
from analysis.text import Words
from sim.base.errors import InputError
from sim.base.outcomes import OUTCOMES

NAMES = [f"f{k}" for k in range(6)]
PLANTED = {"f0": (0.6, np.inf), "f2": (-np.inf, 0.5), "f4": (0.2, 0.7)}


def planted(points: int = 1000, noise: float = 0.03, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Points of which those in the planted box are cases, but for a few that are turned."""
    places = pd.DataFrame(qmc.LatinHypercube(6, rng=seed).random(points), columns=NAMES)
    happens = inside(places, PLANTED)
    turned = np.random.default_rng(seed).random(points) < noise
    return places, happens ^ turned


def check_planted(bounds: dict[str, tuple[float, float]]) -> None:
    assert set(bounds) == {"f0", "f2", "f4"}
    for name, ends in PLANTED.items():
        for planted_end, found in zip(ends, bounds[name], strict=True):
            assert found == planted_end if np.isinf(planted_end) else abs(found - planted_end) < 0.05, (name, bounds)


def test_the_planted_box_is_found() -> None:
    places, happens = planted()
    box = find_box(places, happens)
    check_planted(box.bounds)
    assert box.density > 0.85 and box.coverage > 0.7
    assert box == measure(places, happens, box.bounds)


def test_the_answer_tells_how_far_to_trust_it() -> None:
    answer = discover(*planted())
    frame = answer.frame.set_index("factor")
    assert answer.enough and answer.note == "prim"
    assert (frame["quasi_p"] < 1e-3).all() and (frame["reproduced"] >= 0.7).all()
    assert frame["density"].nunique() == 1 and frame["base"].iloc[0] == pytest.approx(0.13, abs=0.04)
    assert f"{frame['density'].iloc[0]:.0%}" in answer.say() and len(answer.figure("zh").data) == 6


def test_a_box_that_new_futures_do_not_bear_out_is_no_condition() -> None:
    answer = discover(*planted(400, seed=2))
    row = answer.frame.iloc[0]
    assert row["density"] > 0.9 > 0.5 > row["held_density"] and answer.enough and answer.note == "prim_thin"
    for language in ("en", "zh"):
        assert all(f"{row[key]:.0%}" in answer.say(language) for key in ("held_density", "held_coverage"))
    row = discover(*planted()).frame.iloc[0]
    assert row["held_density"] > 0.85 and row["held_coverage"] > 0.7


def test_what_is_held_out_is_asked_by_the_same_search() -> None:
    places, happens = planted(400)
    answer = discover(places, happens, peeling=lambda some, hits: [measure(some, hits, {})])
    assert answer.note == "prim_none" and abs(float(str(answer.values["held"])[:-1]) / 100 - happens.mean()) < 0.02


def test_cases_are_counted_in_futures() -> None:
    """Two hundred cases of ten futures are ten cases, on either side."""
    places = pd.DataFrame({"u": np.repeat(np.linspace(0, 1, 200), 20)})
    which = np.repeat(np.arange(200), 20)
    for happens in (which < 10, which >= 10):
        answer = discover(places, happens, futures=which)
        assert answer.note == "prim_few" and "of 200 futures" in answer.say() and "200个未来" in answer.say("zh")
        assert {answer.values["hits"], answer.values["misses"]} == {10, 190}
        assert discover(places, happens).note == "prim"


def test_where_nothing_is_dense_the_box_is_not_the_smallest() -> None:
    path = [Box({}, 0.2, 1.0, 1.0), Box({"u": (0.5, 1)}, 0.4, 0.9, 0.45), Box({"u": (0.9, 1)}, 0.5, 0.1, 0.05)]
    assert choose(path) is path[1]


def test_density_rises_along_the_path_and_mass_falls() -> None:
    path = peel(*planted())
    assert all(a.density < b.density and a.mass > b.mass for a, b in pairwise(path))
    assert path[0].coverage == path[0].mass == 1 and path[-1].mass >= 0.05


def test_noise_gives_no_condition() -> None:
    places, _ = planted()
    named = [discover(places, np.random.default_rng(seed).random(1000) < 0.3) for seed in range(3)]
    assert all(answer.note in ("prim_none", "prim_thin") for answer in named)
    assert all(answer.frame["reproduced"].le(0.9).all() for answer in named)


def test_factors_of_few_values_are_bound_between_them() -> None:
    rng = np.random.default_rng(3)
    places = pd.DataFrame({"lever": rng.integers(0, 2, 600).astype(float), "u": rng.random(600)})
    box = find_box(places, (places["lever"] == 1) & (places["u"] > 0.4))
    low, high = box.bounds["lever"]
    assert 0 < low <= 1 and high == np.inf and box.density == 1 and box.coverage > 0.95


def test_a_bound_that_does_nothing_fails_its_test() -> None:
    places, happens = planted()
    box = measure(places, happens, PLANTED | {"f1": (0.1, np.inf)})
    assert quasi_p(places, happens, box, "f1") > 0.05 > quasi_p(places, happens, box, "f0")


def test_too_few_futures_say_so() -> None:
    few = discover(*planted(60))
    assert not few.enough and few.note == "prim_few" and "100" in few.say() and "100" in few.say("zh")
    places, _ = planted(200)
    assert discover(places, np.zeros(200)).note == "never" and discover(places, np.ones(200)).note == "always"
    assert not discover(places[:50], np.zeros(50)).enough and discover(places, np.zeros(200)).frame.empty


def test_points_of_one_future_are_not_counted_twice() -> None:
    places, happens = planted(600)
    four, which = places.loc[places.index.repeat(4)].reset_index(drop=True), np.repeat(np.arange(600), 4)
    answer, naive = discover(four, np.repeat(happens, 4), futures=which), discover(four, np.repeat(happens, 4))
    assert answer.enough and set(answer.frame["factor"]) == {"f0", "f2", "f4"}
    tests, easier = (found.frame.set_index("factor")["quasi_p"] for found in (answer, naive))
    assert (tests > easier.reindex(tests.index)).all()
    few = places[:60].loc[places.index[:60].repeat(4)]
    assert discover(few, np.repeat(happens[:60], 4), futures=np.repeat(np.arange(60), 4)).note == "prim_few"


def test_questions_read_the_registry_and_are_named_in_both_languages() -> None:
    for one in QUESTIONS:
        assert one.outcome in OUTCOMES
        # what is asked lies where the report expects AI to push the outcome
        assert (one.side == "at least") == (OUTCOMES[one.outcome].direction == "up")
        for language in ("en", "zh"):
            assert Words(language)(f"sweep.questions.{one.key}") and Words(language)(f"sweep.reasons.{one.key}")
    assert "after first sweeps" in Words("en")("sweep.reasons.equal_producer")
    wave = Question("q", "displacement_rate", "at least", 0.05)
    assert wave.holds([0.04, 0.05, np.nan]).tolist() == [False, True, False]


def test_the_workbench_agrees_or_says_what_it_needs() -> None:
    places, happens = planted()
    if find_spec("ema_workbench") is None:
        wanted = "uncertainty" if sys.version_info >= (3, 12) else "3.12"
        with pytest.raises(InputError, match=wanted):
            workbench_peel(places, happens)
        return
    box, ours = find_box(places, happens, workbench_peel), find_box(places, happens)
    check_planted(box.bounds)
    assert abs(box.density - ours.density) < 0.05 and abs(box.coverage - ours.coverage) < 0.1
