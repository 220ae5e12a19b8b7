"""Priors: the sampler, the detector of shares stuck at a bound and its causes, and twelve draws of the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.studies import priors
from analysis.studies.priors import (
    AI_SHARES,
    CAUSES,
    YEAR,
    Cause,
    Survey,
    Violation,
    at_bound,
    check_run,
    describe,
    never_pays,
    not_yet_autonomous,
    runs_of,
    sample_priors,
    save,
    separate,
    survey,
    uncertain,
    watched,
)
from sim.settings import Settings
from sim.simulation.results import RunResult
from tests.worlds import base, opened, patched

# A village in which autonomy comes two years early and advertising pays well, so that 65 weeks after release show AI.
CHEAP = (
    "world=classroom", "world.consumers=400", "world.creators=80", "world.new_items=80", "time.burn_in_weeks=13",
    "time.weeks=78", "technology.autonomy_lead=104", "money.advertising=0.6",
)  # fmt: skip
HAMLET = (
    "world=tiny", "world.consumers=60", "world.creators=12", "world.new_items=25", "technology.autonomy_lead=260",
    "money.advertising=5",
)  # fmt: skip
PAYEES = ("creators", "farms")
AFTER = 60  # weeks after release of made-up runs


def settings(**given: object) -> Settings:
    """Ten weeks of burn-in, then `AFTER` weeks."""
    changes = {path.replace("__", "."): value for path, value in given.items()}
    return patched(base(), {"time.burn_in_weeks": 10, "time.weeks": 10 + AFTER} | changes)


def made_up(weeks: int = 10 + AFTER, paid: float = 5.0, **columns: float | np.ndarray) -> RunResult:
    """A run of which all watched shares stay at one half, but for `columns`; human items earn `paid` / 10 each."""
    frame = pd.DataFrame({outcome.name: np.full(weeks, 0.5) for outcome in watched()})
    frame["items_new"] = 20.0  # half of them generated
    payouts = [(week, payee, paid if payee == "creators" else 99.0) for week in range(3, weeks, 4) for payee in PAYEES]
    flows = pd.DataFrame(payouts, columns=["week", "payee", "amount"]).assign(flow="payout")
    return RunResult(frame.assign(**columns), {}, {"flows": flows})


def stuck(start: int, weeks: int, bound: float = 0.0) -> np.ndarray:
    """A share at one half that stays at a bound from a week after release on."""
    values = np.full(10 + AFTER, 0.5)
    values[10 + start : 10 + start + weeks] = bound
    return values


# The sampler


def test_each_parameter_hits_each_part_of_its_prior_once() -> None:
    sample, n = sample_priors(40, 3), 40
    assert list(sample.index) == list(range(1, n + 1))
    assert list(sample.columns) == [entry.path for entry in uncertain()]
    for entry in uncertain():
        low, high, values = entry.info.low, entry.info.high, sample[entry.path].to_numpy()
        assert low is not None and high is not None
        u = (values - low) / (high - low)
        if entry.info.prior == "loguniform":
            u = np.log(values / low) / np.log(high / low)
        assert (values >= low).all() and (values <= high).all()
        assert sorted(np.floor(u * n).astype(int)) == list(range(n)), entry.path


def test_parameters_are_drawn_apart_and_by_seed() -> None:
    one, again, other = sample_priors(60, 1), sample_priors(60, 1), sample_priors(60, 2)
    pd.testing.assert_frame_equal(one, again)
    few = sample_priors(60, 1, uncertain()[5:7])
    pd.testing.assert_frame_equal(one[few.columns], few)
    assert all((one[path] != other[path]).any() for path in one)
    apart = one.corr("spearman").to_numpy()[~np.eye(one.shape[1], dtype=bool)]
    assert np.abs(apart).max() < 0.6  # no two share their draws (sd of a chance correlation: 0.13)


def test_every_prior_belongs_to_an_uncertainty() -> None:
    assert {entry.info.role for entry in uncertain()} == {"uncertainty"}
    assert len(uncertain()) <= 40  # complexity: 15 calibrated and 25 varied at most


# The detector


def test_unbroken_runs_are_found() -> None:
    mask = np.array([1, 1, 0, 1, 0, 0, 1, 1, 1], bool)
    assert list(runs_of(mask)) == [(0, 2), (3, 1), (6, 3)]
    assert list(runs_of(np.zeros(4, bool))) == [] == list(runs_of(np.zeros(0, bool)))


def test_bounds_are_met_to_rounding_and_never_by_null() -> None:
    values = [0.0, 1e-12, 1e-6, np.nan, 1.0 - 1e-12, 1.0]
    assert at_bound(values, 0).tolist() == [True, True, False, False, False, False]
    assert at_bound(values, 1).tolist() == [False, False, False, False, True, True]


@pytest.mark.parametrize("bound", [0, 1])
def test_a_year_at_a_bound_is_a_violation_and_a_week_less_is_none(bound: int) -> None:
    run = made_up(false_exposure_share=stuck(3, YEAR, bound), trust_mean=stuck(3, YEAR - 1, bound))
    assert check_run(settings(), run) == ([Violation("false_exposure_share", bound, 3, YEAR)], set())


def test_weeks_before_release_and_nulls_do_not_count() -> None:
    early = np.where(np.arange(10 + AFTER) < 10 + YEAR - 1, 0.0, 0.5)
    broken = stuck(0, AFTER)
    broken[10 + AFTER // 2] = np.nan
    assert check_run(settings(), made_up(false_exposure_share=early, trust_mean=broken)) == ([], set())


def test_headline_shares_of_four_predictions_are_watched() -> None:
    names = {outcome.name for outcome in watched()}
    assert {*AI_SHARES, "assisted_share", "stage_ai_intensity_create", "false_exposure_share", "trust_mean"} <= names
    assert not names & {"platform_hhi", "items_new", "lovelace_pass_rate", "habit_mean"}


@pytest.mark.parametrize(("until", "passes"), [(AFTER - YEAR + 1, True), (AFTER - YEAR, False), (0, False)])
def test_a_cause_excuses_only_the_weeks_in_which_it_holds(until: int, passes: bool) -> None:
    cause = Cause("why", ("trust_mean",), 0, lambda settings, run: np.arange(len(run.outcomes)) < 10 + until)
    found, explained = check_run(settings(), made_up(trust_mean=stuck(0, AFTER)), [cause])
    assert (found == []) == passes
    assert explained == ({"trust_mean at 0: why"} if until else set())


def test_a_cause_excuses_only_its_outcomes_at_its_bound() -> None:
    cause = Cause("why", ("trust_mean",), 0, lambda settings, run: np.ones(len(run.outcomes), bool))
    run = made_up(trust_mean=stuck(0, AFTER, 1.0), false_exposure_share=stuck(0, AFTER))
    found, explained = check_run(settings(), run, [cause])
    assert {(v.outcome, v.bound) for v in found} == {("trust_mean", 1), ("false_exposure_share", 0)} and not explained


# The causes


@pytest.mark.parametrize("lead", [0.0, 52.0, 104.0])
def test_lack_of_autonomy_is_the_models(lead: float) -> None:
    world = patched(base(), {"time.weeks": 30, "technology.autonomy_lead": lead, "technology.takeoff_years": 3.0})
    model, alone = opened(world), []
    for _ in range(world.time.weeks):
        model.step()
        alone.append(bool(model.last_week.frontier.alone.any()))
    assert (not_yet_autonomous(world, made_up()) == ~np.array(alone)).all()
    assert alone.count(True) == {0.0: 0, 52.0: 12, 104.0: 25}[lead]


@pytest.mark.parametrize("switch", ["autonomous", "released"])
def test_ai_that_may_not_produce_alone_never_does(switch: str) -> None:
    world = settings(**{f"technology__{switch}": False, "technology__autonomy_text": 0.0})
    assert not_yet_autonomous(world, made_up()).all()


def test_an_item_pays_when_human_items_earn_more_than_it_costs() -> None:
    # human items earn 5 / 10 each, of which 5 % are removed: 0.475; costs: minutes, account, fee of open weights
    cost = {"farms__minutes_image": 1.0, "farms__minutes_audio": 1.0}  # so that no kind is cheaper than text
    cost |= {"farms__removal": 0.05, "farms__account_cost": 0.1, "farms__ban_items": 0.0}
    cost |= {"technology__item_price": 0.1, "technology__price_decay": 0.1}
    dear, cheap = (settings(farms__human_minutes=m, **cost) for m in (60 * 0.376, 60 * 0.35))
    assert never_pays(dear, made_up()).all()
    ((start, weeks),) = runs_of(never_pays(cheap, made_up()))  # until the fee has fallen
    assert start == 0 and 10 < weeks < 10 + AFTER
    assert not never_pays(dear, made_up(paid=6.0)).any()


@pytest.mark.parametrize(("minutes", "enter"), [(0.5, True), (60.0, False)])
def test_ai_producers_enter_where_the_cause_says_an_item_pays(minutes: float, enter: bool) -> None:
    world = patched(base(), {"time.weeks": 40, "farms.human_minutes": minutes, "money.advertising": 0.3})
    model = opened(world, 40, rng=2)
    run = RunResult(model.outcomes(), {}, model.exhibits())
    holds = never_pays(world, run)[world.time.burn_in_weeks :]
    assert holds.all() != enter and holds.any() != enter
    assert (run.outcomes["ai_supply_share"].max() > 0) == enter


# The survey


def table(passed: list[bool]) -> pd.DataFrame:
    """A table of draws in which P1 rises with one parameter and falls with another."""
    n = len(passed)
    sample = sample_priors(n - 1, 0)
    sample.loc[0] = sample.mean()
    frame = sample.sort_index()
    for name in priors.headlines():
        frame[name] = 0.4
    share = frame["farms.human_minutes"].rank() - 2 * frame["attention.stance_mean"].rank()
    return frame.assign(passed=passed, ai_attention_share=0.5 + share / (9 * n))


@pytest.mark.parametrize(
    ("failures", "defaults", "good"), [(2, True, True), (3, True, False), (0, False, False), (0, True, True)]
)
def test_defaults_and_95_percent_of_draws_must_pass(failures: int, defaults: bool, good: bool) -> None:
    frame = table([defaults] + [False] * failures + [True] * (40 - failures))
    assert Survey(frame, {}, {}, "").good == good


def test_the_parameters_that_part_the_draws_come_first() -> None:
    ranked = separate(table([True] * 91), "ai_attention_share", 0.5)
    assert list(ranked.index[:2]) == ["attention.stance_mean", "farms.human_minutes"]
    first = ranked.iloc[0]
    assert first["bottom"] > first["top"] and first["above_bottom"] > 0.6 > 0.1 > first["above_top"]


def test_twelve_draws_leave_no_share_at_a_bound_without_cause() -> None:
    found = survey(12, seed=1, overrides=CHEAP)
    assert found.good, describe(found)
    assert len(found.table) == 13 and found.table["passed"].loc[0]
    assert found.table[list(AI_SHARES)].loc[0].gt(0.01).all()  # there is AI to watch
    assert (found.table["ai_attention_share"] > 0.01).sum() >= 4


def test_a_paired_survey_keeps_differences(tmp_path: Path) -> None:
    def differences(weeks: int) -> pd.DataFrame:
        found = survey(3, overrides=(*HAMLET, f"time.weeks={weeks}", "time.burn_in_weeks=5"), against="no_ai")
        kept = pd.read_parquet(save(found, tmp_path / "new" / "draws.parquet"))
        pd.testing.assert_frame_equal(kept, found.table)
        assert "depth_used, difference to no_ai: " in describe(found)
        return kept.filter(like="_difference").fillna(0.0)

    assert differences(5).eq(0.0).all(axis=None)  # before release
    assert differences(20)["depth_used_difference"].ne(0.0).any()


@pytest.fixture
def outcome_of_survey(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Survey]]:
    """Let `main` find what the test puts into the list."""
    found: list[Survey] = []
    monkeypatch.setattr(priors, "survey", lambda *_: found[0])
    monkeypatch.setattr(priors, "FILE", tmp_path / "draws.parquet")
    yield found


def test_the_exit_code_says_whether_the_draws_pass(
    outcome_of_survey: list[Survey], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome_of_survey.append(Survey(table([True] * 41), {}, {3: {"x at 0: why"}}, ""))
    assert priors.main([]) == 0
    assert "1  x at 0: why" in capsys.readouterr().out
    stuck_draw = {1: [Violation("trust_mean", 1, 4, 60)]}
    outcome_of_survey[0] = Survey(table([True] + [False] * 40), stuck_draw, {}, "")
    assert priors.main([]) == 1
    said = capsys.readouterr().out
    assert "draw 1: trust_mean at 1 for 60 weeks from week 4 after release" in said and "trust.rate=" in said


@pytest.mark.parametrize("wrong", [["--weeks", "0"], ["--draws", "2"], ["--against", "nobody", "--draws", "3"]])
def test_wrong_input_ends_in_one_line(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert priors.main(wrong) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1


def test_every_cause_names_watched_outcomes() -> None:
    assert {name for cause in CAUSES for name in cause.outcomes} <= {outcome.name for outcome in watched()}
