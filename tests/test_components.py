"""Spreads and variance components: known answers, no bias, and intervals that hold as often as they say."""

import numpy as np
import pytest

from analysis.studies.components import between, mean_squares, nested_components, sd_interval, spread
from analysis.studies.spreads import runs_for, sd_of_logits

SOURCES = ("parameters", "initial world", "later luck")


def test_spread_of_known_numbers() -> None:
    found = spread(np.array([1.0, 2.0, 3.0, 4.0, 5.0, np.nan]))
    assert (found.n, found.mean, found.freedom) == (5, 3.0, 4)
    assert found.sd == pytest.approx(2.5**0.5)
    # chi-square quantiles at 4 degrees of freedom, from printed tables: 0.484 and 11.143
    assert (found.sd_low, found.sd_high) == pytest.approx(((10 / 11.143) ** 0.5, (10 / 0.4844) ** 0.5), rel=1e-3)
    assert found.mean_high - found.mean == pytest.approx(2.776 * (2.5 / 5) ** 0.5, rel=1e-3)


def test_an_interval_of_a_spread_holds_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    samples = rng.normal(0.4, 0.1, (2_000, 24))
    held = [low <= 0.1 <= high for low, high in (sd_interval(row.std(ddof=1), 23) for row in samples)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)


def test_control_variates_take_off_what_is_linear_in_them() -> None:
    rng = np.random.default_rng(2)
    controls = rng.normal(0, [1.0, 0.003], (4_000, 2))
    values = 0.5 + 0.03 * controls[:, 0] + 10 * controls[:, 1] + rng.normal(0, 0.02, 4_000)
    assert spread(values).sd == pytest.approx((0.03**2 + 0.03**2 + 0.02**2) ** 0.5, rel=0.05)
    assert spread(values, controls).sd == pytest.approx(0.02, rel=0.05)
    idle = spread(values[:40], rng.normal(size=(40, 2)))
    assert idle.freedom == 37 and idle.sd == pytest.approx(spread(values[:40]).sd, rel=0.15)
    assert spread(values, np.ones((4_000, 1))).freedom == 3_999  # what does not vary takes nothing
    with pytest.raises(ValueError, match="no spread"):
        spread(np.array([1.0, 2.0, 3.0]), rng.normal(size=(3, 2)))


def test_runs_for_a_precision() -> None:
    assert runs_for(0.105) == pytest.approx(16.94, abs=0.01)
    assert runs_for(0.06) == pytest.approx(5.53, abs=0.01)
    assert runs_for(0.01) == 5.0  # under five replications reports give no interval


def test_the_spread_of_logits_does_not_see_the_level() -> None:
    z = np.linspace(-1.0, 1.0, 9)
    found = [sd_of_logits(1 / (1 + np.exp(-(z + shift)))) for shift in (-3.0, 0.0, 3.0)]
    assert found == pytest.approx([z.std(ddof=1)] * 3)
    assert np.isnan(sd_of_logits(np.array([0.0, 1.0])))


def test_mean_squares_of_a_table_done_by_hand() -> None:
    """Two draws of two worlds with two futures each."""
    values = np.array([[[1.0, 3.0], [5.0, 7.0]], [[2.0, 2.0], [4.0, 8.0]]])
    squares, freedom, common = mean_squares(values)
    assert freedom.tolist() == [1, 2, 4] and common.tolist() == [4, 2, 1]
    # means of worlds 2, 6, 2, 6; of draws 4, 4; of all 4
    assert squares.tolist() == [0.0, 2 * (4 + 4 + 4 + 4) / 2, (2 + 2 + 0 + 8) / 4]
    parts = nested_components(values, SOURCES)
    assert [part.variance for part in parts] == [(0 - 16) / 4, (16 - 3) / 2, 3.0]
    assert sum(part.part for part in parts) == pytest.approx(1.0)


def drawn(rng: np.random.Generator, shape: tuple[int, int, int], sds: tuple[float, float, float]) -> np.ndarray:
    """Effects of draws, of worlds within them and of futures, of known sds."""
    a, b, c = shape
    return rng.normal(0, sds[0], (a, 1, 1)) + rng.normal(0, sds[1], (a, b, 1)) + rng.normal(0, sds[2], (a, b, c))


def test_components_have_no_bias_and_their_intervals_hold() -> None:
    rng, sds = np.random.default_rng(3), (0.2, 0.1, 0.05)
    found = [nested_components(drawn(rng, (24, 2, 2), sds), SOURCES) for _ in range(400)]
    for k, sd in enumerate(sds):
        parts = [parts[k] for parts in found]
        estimates = np.array([part.variance for part in parts])
        assert estimates.mean() == pytest.approx(sd**2, abs=3 * estimates.std() / 20)
        assert np.mean([part.low <= sd**2 <= part.high for part in parts]) == pytest.approx(0.95, abs=0.035)
        share = sd**2 / sum(s**2 for s in sds)
        assert np.mean([part.part_low <= share <= part.part_high for part in parts]) >= 0.92


def test_a_source_that_does_nothing_gets_nothing() -> None:
    rng = np.random.default_rng(4)
    parts = nested_components(drawn(rng, (30, 2, 2), (0.0, 0.1, 0.1)), SOURCES)
    assert parts[0].low == 0.0 and abs(parts[0].part) < 0.35
    same = nested_components(np.full((3, 2, 2), 0.5), SOURCES)
    assert [part.variance for part in same] == [part.part for part in same] == [0.0, 0.0, 0.0]


def test_designs_that_leave_no_freedom_are_refused() -> None:
    with pytest.raises(ValueError, match="two or more"):
        nested_components(np.ones((3, 1, 2)), SOURCES)
    with pytest.raises(ValueError, match="no null"):
        nested_components(np.full((3, 2, 2), np.nan), SOURCES)


def test_variance_between_sizes_is_less_what_their_means_err_by() -> None:
    rng = np.random.default_rng(5)
    true, errors = rng.normal(0, 0.05, (20_000, 3)), np.array([0.02, 0.03, 0.04])
    found = [between(means, errors) for means in true + rng.normal(0, errors, (20_000, 3))]
    assert np.mean(found) == pytest.approx(0.05**2, rel=0.05)
