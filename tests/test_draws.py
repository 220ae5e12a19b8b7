"""Human producers' draws: Sobol' points, laws that are the same however they are drawn, and less luck where spread."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest, qmc

import sim.agents.creators
from sim.agents.consumers import sort_people
from sim.agents.creators import Creators, begin_careers, draw_creators, lose_patience, quit_hazard
from sim.base.randomness import Stream, Streams
from sim.base.sobol import DIRECTIONS, MAX_DIMENSIONS, spread_uniforms
from sim.base.tables import F8, Population
from sim.settings import Settings
from sim.world.setup import Makers, settle_makers
from tests.bench import change, crowd
from tests.worlds import base, opened, patched


def test_direction_numbers_are_the_published_ones() -> None:
    wanted = qmc.Sobol(MAX_DIMENSIONS, scramble=False).random(512)
    place = np.arange(512) ^ np.arange(512) >> 1  # SciPy takes the points in Gray code's order
    found = np.zeros(wanted.shape, np.uint64)
    for bit in range(9):
        found ^= np.where((place >> bit & 1)[:, None] > 0, DIRECTIONS[:, bit], np.uint64(0))
    assert np.array_equal(found / 2.0**32, wanted)


def test_points_are_spread_and_scrambled_by_key() -> None:
    points = spread_uniforms(Stream(1, 0, "any"), 0, np.arange(4_096), MAX_DIMENSIONS)
    for column in points.T:
        assert len(np.unique((column * 4_096).astype(int))) == 4_096  # one in each of 4,096 equal parts
    for k in range(13):  # and in each rectangle of that area in the first two dimensions
        cell = (points[:, 0] * 2**k).astype(int) * 4_096 + (points[:, 1] * 2 ** (12 - k)).astype(int)
        assert len(np.unique(cell)) == 4_096
    assert np.array_equal(spread_uniforms(Stream(1, 0, "any"), 0, np.array([7, 3]), 5), points[[7, 3], :5])
    for seed, replication, step in ((2, 0, 0), (1, 1, 0), (1, 0, 1)):
        other = spread_uniforms(Stream(seed, replication, "any"), step, np.arange(4_096), 1)
        assert np.abs(other[:, 0] - points[:, 0]).mean() > 0.01


def test_each_point_is_uniform_by_itself() -> None:
    """Over replications, one index is uniform in every dimension and independent between two."""
    drawn = np.array([spread_uniforms(Stream(0, r, "any"), 0, np.array([5]), 4)[0] for r in range(3_000)])
    for column in drawn.T:
        assert kstest(column, "uniform").pvalue > 0.001
    assert np.abs(np.corrcoef(drawn.T) - np.eye(4)).max() < 0.06


# Populations


@cache
def town(draws: str) -> tuple[Settings, Any, Any]:
    """Settings of 200 creators and the consumers behind them."""
    settings = change(
        Settings(), world__creators=200, world__consumers=2_000, world__studios=12, world__genres=4,
        world__new_items=150.0, world__draws=draws, creators__motive=0.8, creators__income_keeps=0.3,
        creators__quit_rate=0.006, creators__entry_rate=0.06, spread__activity_sd=1.8, spread__activity_gift=0.2,
    )  # fmt: skip
    people = crowd(settings, np.zeros((4, len(settings.platforms))))
    return settings, people, sort_people(settings)[0]


def populate(draws: str, replication: int) -> Makers:
    settings, people, person = town(draws)
    return settle_makers(settings, Streams(3, replication), people, person)


def sums(makers: Makers) -> list[float]:
    """Sums over active creators whose means the two ways of drawing must share, per unit of a newcomer's output."""
    table, producers = makers.creators.columns, makers.producers.columns
    n, studio = len(table.rate), slice(len(table.rate), makers.producers.n)
    made = table.rate * producers.active[:n] / makers.first_output
    genres = np.bincount(producers.genre[:n], producers.active[:n], minlength=4)
    few = np.minimum(made, 20.0)  # without the longest tail, whose luck would drown everything
    return [
        few.sum(), few @ producers.mean_appeal[:n], few @ producers.skill[:n], few @ producers.depth[:n],
        few @ table.motive, *genres, few @ (producers.genre[:n] == 1), producers.mean_appeal[studio].sum(),
        makers.studios.columns.hours.sum(),
    ]  # fmt: skip


def five_years_on(makers: Makers, draws: str, replication: int) -> None:
    """Let creators quit and begin for five years by the law of the settling."""
    settings, *_ = town(draws)
    table, producers, streams = makers.creators.columns, makers.producers.columns, Streams(3, replication)
    n = len(table.rate)
    for _ in range(10):
        table.income[:] = table.rate * np.exp(producers.mean_appeal[:n])
        rows = lose_patience(table, 26.0 * quit_hazard(table, float(table.income.mean()), np.ones(n), settings))
        number = table.number.max() + 1 + np.arange(len(rows))
        begin_careers(table, producers, rows, number, makers.first_output, settings, streams)


@cache
def replicated(draws: str, years: int) -> F8:
    found = []
    for replication in range(200):
        makers = populate(draws, replication)
        if years:
            five_years_on(makers, draws, replication)
        found.append(sums(makers)[: 5 if years else None])
    return np.array(found)


@pytest.fixture
def quick_law(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean output of the long run, which costs more than a town's creators, is the same for all."""
    settings, *_ = town("stratified")
    known = sim.agents.creators._long_run_output(settings)
    monkeypatch.setattr(sim.agents.creators, "_long_run_output", lambda settings: known)


@pytest.mark.parametrize("years", [0, 5])
def test_means_are_those_of_independent_draws(quick_law: None, years: int) -> None:
    one, other = replicated("stratified", years), replicated("independent", years)
    error = np.hypot(one.std(axis=0, ddof=1), other.std(axis=0, ddof=1)) / np.sqrt(len(one))
    assert (np.abs(one.mean(axis=0) - other.mean(axis=0)) < 2.0 * error).all()


def test_spread_populations_differ_less(quick_law: None) -> None:
    one, other = (replicated(draws, 0).var(axis=0) for draws in ("stratified", "independent"))
    ratio = other / one
    assert ratio[1] > 1.5  # gift by output
    assert (ratio[5:9] > 2.0).all()  # creators by genre
    assert (ratio[10:] > 2.0).all()  # studios' gift and size
    later = replicated("independent", 5).var(axis=0) / replicated("stratified", 5).var(axis=0)
    assert later[0] > 1.5  # with fresh points, which are spread as well


def test_newcomers_make_in_the_long_run_what_the_first_made() -> None:
    """Mean output after twenty years more is that of the start, whatever luck the first had."""
    settings, people, person = town("stratified")
    large = change(settings, world__creators=4_000, world__new_items=3_000.0)
    makers = settle_makers(large, Streams(8), people, person)
    table, producers, start = makers.creators.columns, makers.producers.columns, makers.first_output
    begun = float((table.rate * producers.active[:4_000]).sum())
    assert begun == pytest.approx(3_000.0 * (1.0 - large.studios.item_share))
    for _ in range(80):
        table.income[:] = table.rate * np.exp(producers.mean_appeal[:4_000])
        rows = lose_patience(table, 13.0 * quit_hazard(table, float(table.income.mean()), np.ones(4_000), large))
        begin_careers(table, producers, rows, table.number.max() + 1 + np.arange(len(rows)), start, large, Streams(8))
    share = producers.active[:4_000].mean()  # of places that are not waiting, as it was
    assert float(table.rate.sum()) * share == pytest.approx(begun, rel=0.08)


def test_patience_gives_the_law_of_a_draw_a_week() -> None:
    settings = change(Settings(), creators__quit_rate=0.02, creators__motive=0.8)
    table = Population(Creators, 20_000).columns
    born = draw_creators(np.arange(20_000), change(settings, world__draws="independent"), Streams(1))
    table.patience[:], table.motive[:] = born.patience, born.motive
    hazard, left = quit_hazard(table, 1.0, np.ones(20_000), settings), np.ones(20_000, bool)
    for _ in range(26):
        left[lose_patience(table, hazard)] = False
    assert left.mean() == pytest.approx(np.exp(-26 * hazard).mean(), abs=0.01)


def test_a_genre_and_its_consumer_have_the_joint_law_of_interest() -> None:
    """P(consumer, genre) is activity times interest, as if the consumer were drawn first."""
    settings, people, person = town("independent")
    crowded = change(settings, world__creators=40_000)
    makers = settle_makers(crowded, Streams(2), people, person)
    consumer, genre = makers.creators.columns.consumer, makers.producers.columns.genre[:40_000]
    interest = np.diff(people.affinity.astype(float), axis=1, prepend=0.0)
    activity = people.activity.astype(float) + 1e-6
    wanted = interest * (activity / activity.sum())[:, None]
    found = np.zeros(wanted.shape)
    np.add.at(found, (consumer, genre), 1.0 / 40_000)
    top = np.argsort(activity)[-40:]
    noise = 4.0 * np.sqrt(wanted[top] / 40_000) + 1e-4
    assert (np.abs(found[top] - wanted[top]) < noise).all()
    np.testing.assert_allclose(found.sum(axis=0), wanted.sum(axis=0), atol=0.012)


def test_paired_arms_have_the_same_newcomers() -> None:
    """The n-th creator is born with the same in both, though AI moves who quits and when."""
    eager = patched(base(), {"world.creators": 60, "creators.quit_rate": 0.05, "creators.entry_rate": 1.0})
    arms = [opened(patched(eager, {"farms.human_minutes": minutes}), 9).world for minutes in (0.5, 60.0)]
    one, other = (world.creators.columns for world in arms)
    n = len(one.number)
    assert one.number.max() > opened(eager).world.creators.columns.number.max() + 5  # some began in these weeks
    shared, i, j = np.intersect1d(one.number, other.number, return_indices=True)
    assert len(shared) > n / 2
    for name in ("rate", "motive", "consumer"):
        assert np.array_equal(getattr(one, name)[i], getattr(other, name)[j]), name
    for name in ("uid", "genre", "mean_appeal", "skill", "home"):
        a, b = (getattr(world.producers.columns, name)[:n] for world in arms)
        assert np.array_equal(a[i], b[j]), name
