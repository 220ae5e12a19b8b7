"""Replications until a precision is reached: the rule's coverage, where it stops, what it counts, and the same bits."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from analysis.intervals import interval_of
from analysis.precision import (
    AT_MOST,
    LEAST,
    Width,
    check_precision,
    compare_to_precision,
    looks,
    run_to_precision,
    stop,
    verdict,
    width_of_difference,
    width_of_level,
    widths,
)
from sim.base.errors import InputError
from sim.base.outcomes import OUTCOMES, Outcome
from sim.experiment.engines import run_all
from sim.experiment.pairing import Comparison, compare, load_comparison
from sim.simulation.results import RunResult
from tests.test_cli import Call, call, refuse
from tests.worlds import same_bits

__all__ = ["call"]  # a fixture
SHARE, PRICE, SIGNED, AI, TWIN = (
    OUTCOMES[name]
    for name in ("false_exposure_share", "unit_cost", "craft_mean", "ai_supply_share", "displacement_rate")
)
Law = Callable[[np.random.Generator, int], np.ndarray]


# The rule, on made-up replications


def made(n: int, arms: dict[str, dict[str, np.ndarray]], seconds: float = 2.0) -> Comparison:
    """A comparison whose replications have these levels, by arm and outcome."""
    names = list(arms)
    runs = {
        arm: [
            RunResult(
                outcomes=pd.DataFrame({name: [values[k]] for name, values in columns.items()}),
                manifest={"wall_s": seconds},
                exhibits={},
            )
            for k in range(n)
        ]
        for arm, columns in arms.items()
    }
    return Comparison(names[0], names[1] if len(names) > 1 else None, runs, {"replications": n})


def end_of(arms: dict[str, dict[str, np.ndarray]], precision: float, at_most: int) -> tuple[Any, list[int], list[str]]:
    """Run the rule on made-up levels: what it ends with, the numbers it asked for, and what it told."""
    asked, lines = [], []

    def run(n: int, before: Any) -> Any:
        assert before is None or before.manifest["replications"] == asked[-1] < n
        asked.append(n)
        return made(n, arms)

    return run_to_precision(run, precision, at_most, tell=lines.append), asked, lines


def test_looks_grow_by_half_and_end_at_the_most() -> None:
    assert list(looks(30)) == [7, 10, 15, 22, 30]
    assert list(looks(10)) == [7, 10] and LEAST == 10
    assert all(a < b for a, b in zip(list(looks(1000)), list(looks(1000))[1:], strict=False))


def test_it_stops_at_the_second_look_in_a_row_that_is_narrow_enough() -> None:
    calm = {"baseline": {"false_exposure_share": 0.5 + 0.001 * np.cos(np.arange(200.0))}}
    found, asked, _ = end_of(calm, 0.05, 200)
    assert asked == [1, 7, 10] and found.manifest["precision"]["reached"]
    rng = np.random.default_rng(5)
    noisy = {"baseline": {"unit_cost": np.exp(rng.normal(3.0, 0.2, 400))}}
    found, asked, _ = end_of(noisy, 0.05, 400)
    told = found.manifest["precision"]
    half = told["outcomes"]["unit_cost"]["half_width"]
    assert told["reached"] and half <= 0.05 and told["replications"] == asked[-1] < 400
    assert asked[1:] == list(looks(400))[: len(asked) - 1]
    for n in asked[1:-2]:  # no two looks in a row before were narrow enough
        pair = [width_of_level(PRICE, noisy["baseline"]["unit_cost"][:m]).half for m in (n, asked[asked.index(n) + 1])]
        assert max(pair) > 0.05
    assert verdict(told).startswith(f"Precision reached with {asked[-1]} replications: ±5 points")


def test_it_stops_at_the_most_and_says_what_is_too_wide() -> None:
    rng = np.random.default_rng(1)
    wild = {"unit_cost": np.exp(rng.normal(3.0, 2.0, 40)), "false_exposure_share": expit(rng.normal(0, 0.01, 40))}
    found, asked, lines = end_of({"baseline": wild}, 0.05, 23)
    told = found.manifest["precision"]
    assert asked == [1, 7, 10, 15, 22, 23] and found.manifest["replications"] == 23
    assert told | {"outcomes": 0, "left_out": 0} == {
        "asked": 0.05,
        "reached": False,
        "at_most": 23,
        "replications": 23,
        "widest": "unit_cost",
        "outcomes": 0,
        "left_out": 0,
    }
    assert {name: row["narrow"] for name, row in told["outcomes"].items()} == {
        "unit_cost": False,
        "false_exposure_share": True,
    }
    assert "1 of 2 outcomes are wider" in verdict(told) and "unit_cost ±" in verdict(told)
    assert lines[0] == "10 to 23 replications, some 2.0 s each: about 20 s to 46 s"
    assert lines[1].startswith("2 headline outcomes count, ")
    assert "would be needed, at most 23 are run: about 32 s more" in lines[2]


def test_narrow_at_the_last_look_alone_is_not_reached() -> None:
    values = 0.5 + np.where(np.arange(10) < 7, 0.1 * np.cos(np.pi * np.arange(10)), 0.0)
    before, last = (width_of_level(SHARE, values[:n]).half for n in (7, 10))
    assert last < before
    found, _, _ = end_of({"baseline": {"false_exposure_share": values}}, (last + before) / 2, 10)
    told = found.manifest["precision"]
    assert not told["reached"] and all(row["narrow"] for row in told["outcomes"].values())
    assert "were not at the one before" in verdict(told)


def test_an_outcome_that_comes_to_count_late_takes_two_looks_too() -> None:
    late = np.concatenate([np.zeros(5), np.full(95, 0.5) + 0.001 * np.cos(np.arange(95))])
    calm = 0.5 + 0.001 * np.cos(np.arange(100))
    found, asked, _ = end_of({"baseline": {"false_exposure_share": late, "employment": calm}}, 0.05, 100)
    assert asked == [1, 7, 10, 15] and found.manifest["precision"]["reached"]
    assert set(found.manifest["precision"]["outcomes"]) == {"false_exposure_share", "employment"}


def test_where_nothing_has_a_width_it_ends_and_says_so() -> None:
    found, asked, _ = end_of({"baseline": {"false_exposure_share": np.full(20, 0.5)}}, 0.05, 12)
    told = found.manifest["precision"]
    assert asked == [1, 7, 10] and not told["reached"] and told["widest"] is None
    assert "none of the headline" in verdict(told)


def test_how_many_outcomes_must_be_narrow_is_told_and_then_only_what_changes() -> None:
    rng = np.random.default_rng(4)
    late = np.concatenate([np.zeros(5), expit(rng.normal(0, 0.3, 35))])  # 0 too often at first
    _, _, lines = end_of(
        {"baseline": {"unit_cost": np.exp(rng.normal(0, 1, 40)), "false_exposure_share": late}}, 0.01, 22
    )
    others = sum(outcome.headline for outcome in OUTCOMES.values()) - 1
    assert [line for line in lines if "left out" in line] == [
        f"1 headline outcome counts, {others} are left out (listed in the report)",
        f"now 2 headline outcomes count, {others - 1} are left out (listed in the report)",
    ]


# What counts


def test_points_for_shares_and_per_cent_of_the_level_for_others() -> None:
    rng = np.random.default_rng(2)
    share, price = expit(rng.normal(-1.0, 0.3, 20)), np.exp(rng.normal(2.0, 0.1, 20))
    assert width_of_level(SHARE, share).unit == "points" and width_of_level(PRICE, price).unit == "relative"
    # the textbook's t(19) = 2.093 on the log scale: half the distance of the two ends over the centre
    half = 2.093024 * np.log(price).std(ddof=1) / math.sqrt(20)
    assert width_of_level(PRICE, price).half == pytest.approx(math.sinh(half), rel=1e-5)
    shift = rng.normal(0.0, 0.01, 20)
    textbook = 2.093024 * shift.std(ddof=1) / math.sqrt(20)
    assert width_of_difference(SHARE, share + shift, share).half == pytest.approx(textbook, rel=1e-5)
    relative = width_of_difference(PRICE, price + shift, price).half
    assert relative == pytest.approx(textbook / max((price + shift).mean(), price.mean()), rel=1e-5)


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        ("null", width_of_level(SHARE, np.array([0.5] * 9 + [math.nan]))),
        ("same", width_of_level(SHARE, np.full(10, 0.3))),
        ("extremes", width_of_level(SHARE, np.array([0.0] * 7 + [0.2, 0.3, 0.1]))),
        ("zero", width_of_level(SIGNED, np.linspace(-1.0, 1.2, 10))),
        ("alone", width_of_level(TWIN, np.linspace(0.1, 0.2, 10))),
        ("null", width_of_difference(SHARE, np.full(10, 0.5), np.array([math.nan] + [0.5] * 9))),
        ("same", width_of_difference(PRICE, np.arange(10.0) + 1.0, np.arange(10.0))),
        ("zero", width_of_difference(SIGNED, np.linspace(-1.0, 1.2, 10), np.linspace(-1.0, 1.0, 10) ** 3)),
        ("", width_of_difference(TWIN, np.linspace(0.1, 0.2, 10), np.linspace(0.1, 0.2, 10) ** 2)),
    ],
)
def test_what_has_no_width_is_left_out_for_a_reason(reason: str, found: Any) -> None:
    assert found.left_out == reason and math.isnan(found.half) == bool(reason)


def test_what_only_ai_can_have_counts_as_a_level_against_a_world_without_ai() -> None:
    rng = np.random.default_rng(3)
    ai, deep = expit(rng.normal(0, 1, 10)), expit(rng.normal(0, 0.1, 10))
    arm = {"ai_supply_share": ai, "false_exposure_share": deep}
    without = {"ai_supply_share": np.zeros(10), "false_exposure_share": deep**2}
    of = {width.name: width.of for width in widths(made(10, {"baseline": arm, "no_ai": without}))}
    assert of["ai_supply_share"] == "level" and of["false_exposure_share"] == "difference"
    other = {"ai_supply_share": ai**2, "false_exposure_share": deep**2}
    of = {width.name: width.of for width in widths(made(10, {"baseline": arm, "assistive": other}))}
    assert of["ai_supply_share"] == "difference"
    assert {width.of for width in widths(made(10, {"baseline": arm}))} == {"level"}


@pytest.mark.parametrize("precision", [0.0, -0.1, math.nan, math.inf, 1.01, 5.0])
def test_a_precision_that_cannot_be_is_refused(precision: float) -> None:
    with pytest.raises(InputError, match=r"--precision.*0\.05"):
        check_precision(precision, 100)


@pytest.mark.parametrize("at_most", [-1, 0, 9, 10_001, 10**9])
def test_a_most_that_cannot_be_is_refused(at_most: int) -> None:
    with pytest.raises(InputError, match=r"--at-most.* from 10, .* to 10,000"):
        check_precision(0.05, at_most)


# Coverage


LAWS: dict[str, Law] = {  # on an outcome's scale: of mean 0 and, nearly, of standard deviation 1
    "normal": lambda rng, n: rng.normal(size=n),
    "heavy tails": lambda rng, n: rng.standard_t(3, n) / math.sqrt(3.0),
    "skewed to the right": lambda rng, n: rng.exponential(size=n) - 1.0,
    "skewed to the left": lambda rng, n: (np.log(rng.exponential(size=n)) + np.euler_gamma) / 1.2825,
    "two humps": lambda rng, n: 2.0 * (np.where(rng.random(n) < 0.3, 0.7, -0.3)) + 0.3 * rng.normal(size=n),
}


def experiments(law: Law, outcome: Outcome, spread: float, number: int, mean: float = 0.0) -> tuple[float, ...]:
    """Part of experiments that reach what is asked, and of these, within it of the truth, and whose interval holds it.

    Parameters
    ----------
    spread : standard deviation of a replication on the outcome's scale, on which the law has this mean.
    """
    rng, asked = np.random.default_rng(11), 0.05
    back = {"logit": expit, "log": np.exp, "linear": lambda x: x + 1.0}[outcome.scale]
    truth, ended, within, held = float(back(spread * mean)), 0, 0, 0
    for _ in range(number):
        values = back(spread * law(rng, AT_MOST))
        last = [0]

        def look(n: int, values: np.ndarray = values, last: list[int] = last) -> list[Width]:
            last[0] = n
            return [width_of_level(outcome, values[:n])]

        if not stop(look, asked, AT_MOST)[1]:
            continue
        found = interval_of(values[: last[0]], outcome)
        ended += 1
        within += abs(found.typical - truth) <= asked * (1.0 if outcome.unit == "share" else truth)
        held += found.low <= truth <= found.high
    return ended / number, within / max(ended, 1), held / max(ended, 1)


def spread_of(outcome: Outcome, needed: int) -> float:
    """Standard deviation on the outcome's scale of which so many replications have the half-width that is asked."""
    half = {"logit": float(logit(0.55)), "log": math.log(1.05), "linear": 0.05}[outcome.scale]
    return half / 1.96 * math.sqrt(needed)


CASES = [
    ("normal", SHARE), ("normal", PRICE), ("normal", SIGNED), ("heavy tails", SIGNED), ("two humps", SHARE),
    ("skewed to the right", SIGNED), ("skewed to the left", PRICE),
]  # fmt: skip


@pytest.mark.parametrize("needed", [8, 30, 60])  # replications that a known spread would take
@pytest.mark.parametrize(("law", "outcome"), CASES)
def test_where_it_is_reached_the_truth_lies_within_what_was_asked(law: str, outcome: Outcome, needed: int) -> None:
    reached, within, held = experiments(LAWS[law], outcome, spread_of(outcome, needed), 800)
    assert reached >= 0.65
    assert within >= (0.97 if law in ("normal", "heavy tails") else 0.93)
    assert held >= (0.92 if law in ("normal", "heavy tails") else 0.84)


@pytest.mark.parametrize("needed", [90, 130])
@pytest.mark.parametrize(("law", "outcome"), CASES)
def test_near_the_most_allowed_few_say_reached_and_lie_outside(law: str, outcome: Outcome, needed: int) -> None:
    reached, within, _ = experiments(LAWS[law], outcome, spread_of(outcome, needed), 800)
    assert reached <= 0.5
    assert reached * (1.0 - within) <= 0.06


def test_a_rare_regime_is_not_covered() -> None:
    """As the module says: what has not come up is not seen."""

    def jumps(rng: np.random.Generator, n: int) -> np.ndarray:
        return (rng.random(n) < 0.1) / 0.3 + 0.05 * rng.normal(size=n)

    reached, within, _ = experiments(jumps, SIGNED, spread_of(SIGNED, 45), 400, mean=1 / 3)
    assert reached > 0.9 and 0.5 < within < 0.8


# Real runs


TINY = ["world=tiny", "time.weeks=6", "time.burn_in_weeks=3"]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Runs are done in this process; lists them by arm and replication as they are begun."""
    begun: list[tuple[str, int]] = []

    def note(jobs: Any, workers: int, on_week: Any) -> Any:
        begun.extend((job.case.name, job.replication) for job in jobs)
        return run_all(jobs, 1, on_week)

    monkeypatch.setattr("sim.experiment.pairing.run_all", note)
    return begun


def test_its_runs_are_those_of_as_many_replications_and_none_is_done_twice(ran: list[tuple[str, int]]) -> None:
    found = compare_to_precision("baseline", "no_ai", 4, precision=1.0, at_most=30, overrides=TINY)
    assert ran == [(arm, k) for k in range(10) for arm in ("baseline", "no_ai")]
    assert found.manifest["precision"]["reached"] and found.manifest["precision"]["replications"] == 10
    twin = compare("baseline", "no_ai", 4, 10, overrides=TINY)
    assert found.manifest["run_id"] == twin.manifest["run_id"] and found.manifest["arms"] == twin.manifest["arms"]
    assert found.manifest.keys() - twin.manifest.keys() == {"precision"}
    for arm in ("baseline", "no_ai"):
        for one, other in zip(found.arms[arm], twin.arms[arm], strict=True):
            assert one.manifest["replication"] == other.manifest["replication"]
            assert same_bits(one.outcomes.to_numpy(np.float64), other.outcomes.to_numpy(np.float64))


def test_the_command_stops_at_the_most_and_tells_it_everywhere(call: Call, ran: list[tuple[str, int]]) -> None:
    words = ("run", *TINY, "--precision", "0.0001", "--at-most", "11", "--out", "x")
    said = call(*words, "--json")
    answer = json.loads(said.out)
    told = answer["precision"]
    assert said.code == 0 and answer["replications"] == 11 == told["replications"] == told["at_most"]
    assert told["asked"] == 0.0001 and not told["reached"] and told["widest"] in told["outcomes"]
    assert told["left_out"]["displacement_rate"] == "means something only beside a paired arm"
    assert {row["of"] for row in told["outcomes"].values()} == {"level"}
    assert "10 to 11 replications, some " in said.err and " are left out (listed in the report)" in said.err
    assert "7 replications: " in said.err and "Running baseline, with 500 people" in said.err
    assert sorted(int(path.name) for path in Path("x/runs/baseline").iterdir()) == list(range(11))
    assert load_comparison("x").manifest["precision"] == told
    page = Path("x/report.html").read_text(encoding="utf-8")
    assert "the most allowed, 11, to know" in page and "允许的上限 11 次" in page
    assert "--precision 0.0001 --at-most 11" in page
    assert len(ran) == 11
    plain = call(*words, "--quiet", "--overwrite")
    assert "replications" not in plain.err and "Precision not reached with 11 replications" in plain.out


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["--precision", "0"], "--precision"),
        (["--precision", "-1"], "--precision"),
        (["--precision", "nan"], "--precision"),
        (["--precision", "5"], "--precision"),
        (["--precision", "5%"], "--precision"),
        (["--precision", "0.1", "--at-most", "9"], "--at-most"),
        (["--precision", "0.1", "--at-most", "0"], "--at-most"),
        (["--at-most", "50"], "--at-most"),
        (["--precision", "0.1", "--at-most", "1000000000"], "--at-most"),
        (["--precision", "0.1", "--replications", "1"], "--replications"),
    ],
)
def test_wrong_words_about_precision_are_refused(call: Call, words: list[str], key: str) -> None:
    assert refuse(call, "run", *TINY, *words)["key"] == key


@pytest.mark.parametrize(("given", "meant"), [("5%", "0.05"), ("2.5 %", "0.025"), ("５％", "0.05"), ("fine", "0.05")])
def test_a_precision_in_per_cent_is_told_as_the_number_that_is_meant(call: Call, given: str, meant: str) -> None:
    error = refuse(call, "run", *TINY, "--precision", given)
    assert error["value"] == given and error["expected"].startswith(f"{meant} for ±")


def test_an_interrupted_run_goes_on_to_its_precision(
    call: Call, ran: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("run", *TINY, "--precision", "1", "--out", "x", "--quiet")
    begun = run_all

    def stop_late(jobs: Any, workers: int, on_week: Any) -> Any:
        if jobs and jobs[-1].replication == 9:
            raise KeyboardInterrupt
        return begun(jobs, 1, on_week)

    with monkeypatch.context() as patch:
        patch.setattr("sim.experiment.pairing.run_all", stop_late)
        assert call(*words).code == 130 and not Path("x").exists()
        said = call(*words, "--checkpoint-every", "3")
        assert said.code == 130 and "--resume x` goes on" in said.err and not Path("x").exists()
    earlier = compare("baseline", seed=0, replications=1, overrides=TINY).save("x")  # what another command left there
    ran.clear()
    said = call("run", "--resume", "x", "--json", "--quiet", "--overwrite")
    assert said.code == 0 and json.loads(said.out)["precision"]["reached"]
    assert load_comparison(earlier).manifest["replications"] == 10
    assert ran == [("baseline", 7), ("baseline", 8), ("baseline", 9)]
    assert call("run", "--resume", "x", "--precision", "0.1").code == 2
