"""The scoring of published market facts: verdicts, the reference of concentration, and what is measured of a run."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from analysis.studies import targets
from analysis.studies.targets import SIGMA, TARGETS, TOPS, Target, measure_targets, reference_shares, verdict
from sim.base.randomness import Stream
from sim.settings.scenario import compose
from sim.simulation.cases import prepare


def test_verdicts() -> None:
    verdicts = [verdict(median, 0.4, 0.8) for median in (0.4, 0.8, 0.31, 0.89, 0.29, 0.91)]
    assert verdicts == ["in", "in", "near", "near", "out", "out"]


def reference(items: int, users: float, mean: float) -> np.ndarray:
    """Median share of the top items over the sets of the reference, by part."""
    chosen = np.full(items, mean)
    return np.median(reference_shares(chosen, int(users), Stream(0, 0, "reference"), 0), axis=1)


def test_the_reference_of_concentration_is_log_normal_where_users_abound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shares of the top parts of a log-normal law; users that run short cap the largest."""
    monkeypatch.setattr(targets, "SETS", 20)
    without_cap = ndtr(SIGMA - ndtri(1.0 - np.array(TOPS)))  # 0.905 and 0.56
    many = reference(20_000, 1e12, 1e5)
    assert many == pytest.approx(without_cap, abs=0.08) and many[0] == pytest.approx(without_cap[0], abs=0.03)
    few = reference(20_000, 1_000, 20.0)
    assert (few < many - 0.05).all()
    assert reference(2_000, 10, 5.0)[0] < 0.15  # hardly any item can have more than twice the mean


def test_a_line_has_the_median_and_a_score_and_no_interval_below_five_replications() -> None:
    row = targets._line(Target("C5", "platform_hhi", 0.22, 0.32), np.array([0.2, 0.3, 0.31, np.nan]))
    assert row == ("C5", "`platform_hhi`", "0.22 to 0.32", "0.3", "–", "in")
    assert "[" in targets._line(TARGETS[0], np.linspace(0.1, 0.2, 5))[4]
    gap = Target("C12", "unknown_hit_gap", 0.0, 1.0)
    assert [targets._line(gap, np.array([x]))[-1] for x in (0.1, -0.1, np.nan)] == ["in", "out", "not measured"]


def test_all_that_targets_ask_for_is_measured_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "SETS", 20)
    scenario = compose("no_ai", ("world=tiny", "time.burn_in_weeks=36", "time.weeks=36", "world.new_items=90"))
    found = measure_targets(prepare(scenario), 1, 0)
    assert {target.measure for target in TARGETS} <= set(found)
    feed = f"top {TOPS[0]} short_video"
    assert 0.037 < found[feed] < 1 and found[feed.replace("top", "low", 1)] < found[feed.replace("top", "high", 1)]
    assert 0.03 < found["creator_sessions_top3"] < 1 and 0 < found["platform_hhi"] < 1
    assert 0 < found["half_life microblog"] < 3 and 0 < found["half_life short_video"] < 3  # days; a tick is one
    assert np.isnan(found["half_life video_library"])  # which this world has not


@pytest.mark.parametrize("alone", [True, False])
def test_ais_share_of_open_text_is_read_at_its_months(alone: bool) -> None:
    small = ["world=tiny", "world.consumers=80", "platforms=[open_text,short_video]", "time.burn_in_weeks=4"]
    eager = [
        "farms.human_minutes=0.5",
        "farms.account_cost=0.001",
        "money.advertising=0.5",
        f"technology.autonomous={alone}",
    ]
    case = prepare(compose("baseline", [*small, *eager, "time.weeks=192"]))
    found = targets.measure_with_ai(case, 1, 0)
    assert set(found) == {target.measure for target in targets.WITH_AI}
    if alone:
        assert 0.2 < found["ai_share 12"] < 1.0 and 0.2 < found["ai_share 30"] < 1.0
        assert abs(found["ai_share_rise 30"]) < 5.0
    else:
        assert set(found.values()) == {0.0}
