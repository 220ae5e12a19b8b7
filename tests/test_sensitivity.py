"""Sensitivity against known answers: Ishigami and the G function by Sobol and Morris designs and plain samples."""

import numpy as np
import pytest
from scipy.stats import qmc

from analysis.sensitivity import (
    MIN_BASE,
    MIN_TRAJECTORIES,
    bins_of,
    correlation_ratio,
    morris,
    partial_rank_correlations,
    ranked,
    sobol,
)
from tests.known import (
    G_FIRST,
    G_TOTAL,
    ISHIGAMI_FIRST,
    ISHIGAMI_TOTAL,
    g_function,
    ishigami,
    morris_places,
    sobol_places,
)

X3, X8 = ["a", "b", "c"], [f"x{k}" for k in range(8)]


def last(answer, index):
    """Values of an index at the largest sample, in the order of factors."""
    frame = answer.frame
    rows = frame[(frame["index"] == index) & (frame["samples"] == frame["samples"].max())]
    return rows["value"].to_numpy()


def test_sobol_finds_ishigami() -> None:
    answer = sobol(ishigami(sobol_places(1024, 3)), X3, 1024)
    assert np.allclose(last(answer, "first"), ISHIGAMI_FIRST, atol=0.03)
    assert np.allclose(last(answer, "total"), ISHIGAMI_TOTAL, atol=0.03)
    assert answer.enough and answer.note == "sobol"
    assert sorted(set(answer.frame["samples"])) == [128, 256, 512, 1024]


@pytest.mark.parametrize("n", [2, 4, 5])
def test_below_five_base_samples_or_trajectories_there_is_no_band(n: int) -> None:
    told = [
        sobol(ishigami(sobol_places(8, 3)[: 5 * n]), X3, n),
        morris(morris_places(n, 3, 4), ishigami(morris_places(n, 3, 4)), X3),
    ]
    for answer in told:
        assert not answer.enough and set(answer.frame["factor"]) == set(X3)
        bands = answer.frame[answer.frame["index"].isin(["total", "mu_star"])]
        assert bands["high"].isna().tolist() == (bands["samples"] < 5).tolist()
        assert all(trace.error_x.array is None for trace in answer.figure().data) == (n < 5)


def test_sobol_bands_cover_and_shrink() -> None:
    frame = sobol(ishigami(sobol_places(1024, 3)), X3, 1024).frame
    rows = frame[frame["samples"] == 1024]
    truth = dict(zip(X3, ISHIGAMI_FIRST, strict=True)), dict(zip(X3, ISHIGAMI_TOTAL, strict=True))
    for row in rows.itertuples():
        assert row.low - 0.02 <= truth[row.index != "first"][row.factor] <= row.high + 0.02
    widths = (frame["high"] - frame["low"]).groupby(frame["samples"]).max()
    assert widths[1024] < widths[256] < widths[128]


def test_sobol_finds_the_g_function() -> None:
    answer = sobol(g_function(sobol_places(1024, 8)), X8, 1024)
    assert np.allclose(last(answer, "first"), G_FIRST, atol=0.04)
    assert np.allclose(last(answer, "total"), G_TOTAL, atol=0.04)


def test_sobol_leaves_out_failed_samples_and_says_when_there_are_too_few() -> None:
    values = ishigami(sobol_places(128, 3))
    values[[7, 33, 301]] = np.nan
    answer = sobol(values, X3, 128)
    assert answer.frame["samples"].max() == 125 and np.allclose(last(answer, "first"), ISHIGAMI_FIRST, atol=0.15)
    assert not answer.enough and answer.note == "sobol_wide" and "take more samples" in answer.say()
    few = sobol(ishigami(sobol_places(16, 3)), X3, 16)
    assert not few.enough and few.note == "sobol_few" and str(MIN_BASE) in few.say() and "64" in few.say("zh")
    assert not sobol(np.full(80, np.nan), X3, 16).enough
    assert sobol(np.ones(80), X3, 16).note == "constant"
    for points in (75, 81, 128):  # 128 are 16 times 8, and no width of three factors
        with pytest.raises(ValueError, match="no Sobol design"):
            sobol(np.ones(points), X3, 16)


def test_same_seed_same_bands() -> None:
    values = ishigami(sobol_places(64, 3))
    assert sobol(values, X3, 64).frame.equals(sobol(values, X3, 64).frame)


def test_morris_screens_the_g_function() -> None:
    places = morris_places(100, 8, 4)
    answer = morris(places, g_function(places), X8)
    star = last(answer, "mu_star")
    assert list(np.argsort(-star)[:4]) == [0, 1, 2, 3] and (star[4:] < 0.1 * star[0]).all() and answer.enough
    # on four levels |4x - 2| is 2 at the ends and 2/3 between: an effect of the first factor is at most 4 / 3
    assert (last(answer, "sigma")[:2] > star[:2] / 2).all()


def test_morris_is_exact_for_a_straight_line() -> None:
    """Effects over the whole range are the slopes, without spread."""
    places = morris_places(12, 3, 4)
    answer = morris(places, places @ np.array([3.0, -2.0, 0.0]) + 1, X3)
    assert np.allclose(last(answer, "mu"), [3, -2, 0]) and np.allclose(last(answer, "mu_star"), [3, 2, 0])
    assert np.allclose(last(answer, "sigma"), 0, atol=1e-12)


def test_morris_divides_by_the_step_that_was_taken() -> None:
    """Of two and of three named values, and of one that rounding leaves where it was, effects cross the whole range."""
    places = morris_places(60, 4, 4)
    for j, values in ((0, 2), (1, 3), (3, 1)):
        places[:, j] = np.minimum(np.floor(places[:, j] * values), values - 1) / max(values - 1, 1)
    answer = morris(places, places @ np.array([3.0, -2.0, 1.0, 5.0]), [*X3, "d"])
    assert np.allclose(last(answer, "mu"), [3, -2, 1, 0]) and np.allclose(last(answer, "sigma"), 0, atol=1e-12)


def test_morris_leaves_out_broken_trajectories_and_says_when_there_are_too_few() -> None:
    places = morris_places(MIN_TRAJECTORIES, 3, 4)
    values = places @ np.array([3.0, -2.0, 0.0])
    assert morris(places, values, X3).enough
    values[5] = np.nan
    answer = morris(places, values, X3)
    assert answer.frame["samples"].max() == 9 and not answer.enough and "10" in answer.say()
    assert np.allclose(last(answer, "mu"), [3, -2, 0])
    assert not morris(places, np.full(40, np.nan), X3).enough
    assert morris(places, np.ones(40), X3).note == "constant"
    with pytest.raises(ValueError, match="no Morris design"):
        morris(places[:-1], values[:-1], X3)


def test_plain_samples_find_what_one_factor_alone_explains() -> None:
    places = qmc.LatinHypercube(3, rng=1).random(4000)
    answer = ranked(places, ishigami(places), X3)
    assert np.allclose(last(answer, "first"), ISHIGAMI_FIRST, atol=0.05)
    prcc = last(answer, "prcc")
    assert prcc[0] > 0.3 and abs(prcc[1]) < 0.1 and abs(prcc[2]) < 0.1  # the second has no direction
    assert answer.enough and set(answer.frame["samples"]) == {500, 1000, 2000, 4000}


def test_rank_correlation_sees_direction_through_others() -> None:
    x = qmc.LatinHypercube(3, rng=2).random(300)
    found = partial_rank_correlations(x, np.exp(5 * x[:, 0]) - x[:, 1] ** 3)
    assert found[0] > 0.95 and found[1] < -0.4 and abs(found[2]) < 0.25
    answer = ranked(x[:25], x[:25, 0], X3)
    assert not answer.enough and answer.note == "ranked_few" and "30" in answer.say("zh")
    assert not ranked(x[:6], x[:6, 0], X3).enough and ranked(x[:6], x[:6, 0], X3).frame.empty
    assert ranked(x, np.ones(300), X3).note == "constant"


def test_settings_that_share_futures_are_no_more_evidence() -> None:
    """Sixty futures met by four settings: what a future is explains at most what it can, and bands stay wide."""
    rng = np.random.default_rng(5)
    future = rng.random((60, 3))
    lever = np.tile([0.0, 0.0, 1.0, 1.0], 60)
    which = np.repeat(np.arange(60), 4)
    noise = rng.normal(size=60)[which]  # of the future, whatever the setting
    y = 2.0 * future[which, 0] + noise + 1.0 * lever
    places = np.column_stack([future[which], lever])
    answer = ranked(places, y, [*X3, "lever"], futures=which)
    rows = answer.frame[answer.frame["samples"] == 60].set_index(["factor", "index"])
    assert answer.enough and set(answer.frame["samples"]) == {30, 60}
    first = rows.xs("first", level="index")["value"]
    assert first[["b", "c"]].abs().max() < 0.15 and 0.05 < first["lever"] < 0.3 and first.sum() < 1
    naive = ranked(places, y, [*X3, "lever"]).frame.set_index(["factor", "index", "samples"])
    width = rows.loc[("a", "prcc"), "high"] - rows.loc[("a", "prcc"), "low"]
    assert width > 1.5 * (naive.loc[("a", "prcc", 240), "high"] - naive.loc[("a", "prcc", 240), "low"])
    assert rows.loc[("lever", "prcc"), "low"] > 0
    width = rows.loc[("lever", "prcc"), "high"] - rows.loc[("lever", "prcc"), "low"]
    assert width > 1.5 * (naive.loc[("lever", "prcc", 240), "high"] - naive.loc[("lever", "prcc", 240), "low"])


def test_correlation_ratio_has_no_bias_and_takes_few_values_as_they_are() -> None:
    rng = np.random.default_rng(0)
    noise = [correlation_ratio(bins_of(rng.random(60)), rng.random(60)) for _ in range(300)]
    assert abs(np.mean(noise)) < 0.02
    steps = np.repeat([0.0, 1.0], 50)
    assert correlation_ratio(bins_of(steps), steps * 3) == pytest.approx(1.0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_are_drawn_in_both_languages(language: str) -> None:
    from analysis.sweep_figures import convergence
    from analysis.text import Words

    factors = ["technology.price_decay", "platforms.forum.theta", "policy.labelling.strength"]
    answer = sobol(ishigami(sobol_places(64, 3)), factors, 64)
    assert len(answer.figure(language).data) == 2
    assert len(convergence(answer.frame, Words(language)).data) == 3
    assert len(sobol(np.ones(80), factors, 16).figure(language).data) == 0
