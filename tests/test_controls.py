"""Control variates: unbiased whatever the law, intervals that hold, and the gain that theory says."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.controls import CONTROLS, adjusted_mean, controls_before_release, known_controls
from sim.experiment.pairing import compare
from sim.settings.scenario import compose


def experiments(count: int, n: int, m: int, slope: float, skewed: bool) -> np.ndarray:
    """Adjusted means, ends, plain means and variance ratios of many experiments whose outcome has mean 0."""
    rng = np.random.default_rng(3)
    rows = []
    for _ in range(count):
        both = rng.exponential(1.0, (n + m, 2)) if skewed else rng.normal(1.0, 1.0, (n + m, 2))
        controls, known = both[:n], both[n:]
        # with skewed controls the outcome bends in them, so that slopes of the same sample would be biased
        bend = (controls[:, 0] - 1.0) ** 2 - 1.0 if skewed else 0.0
        values = slope * (controls[:, 0] - 1.0) + bend + rng.normal(0.0, 1.0, n)
        found = adjusted_mean(values, controls, known)
        rows.append([found.mean, found.low, found.high, found.plain, found.variance_ratio])
    return np.array(rows)


def test_a_linear_part_is_taken_off_and_intervals_hold() -> None:
    mean, low, high, plain, ratio = experiments(1_500, n=24, m=400, slope=2.0, skewed=False).T
    assert abs(mean.mean()) < 3.0 * mean.std() / 1_500**0.5
    assert np.mean((low < 0.0) & (high > 0.0)) == pytest.approx(0.95, abs=0.015)
    gain = plain.var() / mean.var()
    assert gain == pytest.approx(5.0 / (1.0 + 2 / 20 + 4 * 24 / 400), rel=0.15)  # 1 + slope², known means, two slopes
    assert np.median(ratio) == pytest.approx(gain, rel=0.2)


def test_it_is_unbiased_where_slopes_of_the_same_sample_are_not() -> None:
    mean, *_ = experiments(3_000, n=10, m=400, slope=1.0, skewed=True).T
    assert abs(mean.mean()) < 3.0 * mean.std() / 3_000**0.5
    rng, biased = np.random.default_rng(4), []
    for _ in range(3_000):
        x = rng.exponential(1.0, 10)
        y = (x - 1.0) + (x - 1.0) ** 2 - 1.0 + rng.normal(0.0, 1.0, 10)
        biased.append(y.mean() - np.polyfit(x, y, 1)[0] * (x.mean() - 1.0))
    assert np.mean(biased) < -5.0 * np.std(biased) / 3_000**0.5


def test_idle_controls_cost_little_and_few_replications_are_refused() -> None:
    *_, ratio = experiments(300, n=48, m=200, slope=0.0, skewed=False).T
    assert 0.85 < np.median(ratio) < 1.0
    with pytest.raises(ValueError, match="take 5 or more"):
        adjusted_mean(np.zeros(4), np.zeros((4, 2)), np.zeros((9, 2)))
    same = adjusted_mean(np.arange(6.0), np.ones((6, 1)), np.ones((9, 1)))
    assert same.mean == 2.5 and same.slopes == (0.0,)


def test_controls_of_a_run_are_those_of_its_burn_in() -> None:
    texts = ("world=tiny", "time.weeks=16", "time.burn_in_weeks=13")
    runs = compare("baseline", None, 5, 2, overrides=texts, workers=1).arms["baseline"]
    found = controls_before_release(runs)
    assert found.shape == (2, len(CONTROLS)) and (found[0] != found[1]).all()
    settings = compose("baseline", texts).settings
    np.testing.assert_allclose(known_controls(settings, 5, (0, 1)), found, rtol=1e-12)
