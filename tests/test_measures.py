"""How outcomes are read from tables: kernels against NumPy, and the small measures the recorder is made of."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from sim.base.outcomes import OUTCOMES
from sim.kernels.measures import add_weeks, count_listed, pair_gaps, sum_back
from sim.measures import recorder
from sim.measures.recorder import kendall_distance
from sim.measures.sums import Values, mean_known, top_share
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World
from tests.worlds import base, opened, patched


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50, 129])
def test_pair_gaps_are_the_librarys(count: int) -> None:
    points = np.random.default_rng(count).normal(size=(count, 8)).astype(np.float32)
    gaps = pair_gaps(np.ascontiguousarray(points.T, np.float64))
    assert gaps.shape == (max(count * (count - 1) // 2, 0),)
    if count > 1:
        np.testing.assert_allclose(gaps, pdist(points, "sqeuclidean"), rtol=1e-14)


def test_loops_over_tables_agree_with_numpy() -> None:
    rng = np.random.default_rng(5)
    places = rng.integers(-2, 2, (500, 2)).astype(np.int32)
    assert count_listed(places) == (places >= 0).any(axis=1).sum()
    posts = rng.integers(0, 2**16, (500, 4)).astype(np.uint16)
    np.testing.assert_array_equal(add_weeks(posts), posts.sum(axis=1))
    column = rng.integers(0, 1_000, 104)
    for last in (5, 51, 103, 350):
        assert sum_back(column, last, 52) == column[(last - np.arange(52)) % 104].sum()


def test_order_means_and_shares() -> None:
    before, now = np.array([3.0, 2.0, 1.0, 0.5]), np.array([30, 10, 20, 5])
    assert kendall_distance(before, now) == 1 / 6 and kendall_distance(before, -now) == 5 / 6
    assert kendall_distance(before, before) == 0.0 and kendall_distance(before[:1], now[:1]) is None
    assert mean_known([1.0, None, 3.0]) == 2.0 and mean_known([None]) is None and mean_known([]) is None
    assert top_share(np.array([1.0, 5.0, 2.0, 2.0]), 0.25) == 0.5 and top_share(np.zeros(3), 0.5) is None
    assert top_share(np.zeros(0), 0.5) is None


def test_every_outcome_has_a_value_and_every_value_is_of_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    found: Values = {}

    def keep(world: World, week: Week, settings: Settings) -> Values:
        found.update(measured(world, week, settings))
        return {}

    measured = recorder.measure_all
    monkeypatch.setattr(recorder, "measure_all", keep)
    opened(patched(base(), {"time.burn_in_weeks": 4}), 4)  # measures of a month, and of a year that ends at release
    without = sorted(set(OUTCOMES) - set(found))
    assert not without, f"return a value for {without} from a function of sim/measures, or remove their rows"
    unknown = sorted(set(found) - set(OUTCOMES))
    assert not unknown, f"write a row for {unknown} in sim/base/outcomes.py, or remove their values"
