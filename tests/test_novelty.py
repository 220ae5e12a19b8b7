"""Novelty in whole worlds: where AI stands among humans, and what its data and vendors do to it."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Iterator

import numpy as np
import pytest

from sim.base.codes import GENERATED
from sim.base.randomness import derive
from sim.base.tables import F8
from sim.culture.corpora import Model, imitate
from sim.measures.recorder import _vendor_variety
from sim.model import ContentEcosystem
from sim.settings.scenario import compose
from tests.worlds import opened, patched

HALF_YEAR = 26


@functools.cache
def at_release(replication: int) -> tuple[ContentEcosystem, list[F8]]:
    """A small world in the week of release, and the novelty of the half-year's human works, by genre."""
    model = opened(compose("baseline", ["world=classroom"]).settings, replication=replication)
    works = []
    while model.world.weeks_since_release <= 0:
        model.step()
        works.append((model.last_week.batch.genre, model.last_week.batch.novelty))
    genre, novelty = (np.concatenate(parts) for parts in zip(*works[HALF_YEAR:], strict=True))
    return model, [novelty[genre == g] for g in range(model.settings.world.genres)]


def imitations(model: ContentEcosystem, temperature: float) -> Iterator[F8]:
    """Novelty of many unprompted imitations, by genre."""
    for g, (corpus, canon) in enumerate(zip(model.world.corpora, model.world.canons, strict=True)):
        source = Model(corpus, np.zeros(len(corpus.centre)))
        made = imitate(
            [source],
            [slice(None)],
            temperature=temperature,
            stream=model.world.streams["test"],
            step=0,
            uids=derive("test", g, np.arange(2000)),
        )
        yield canon.novelty(made)


def test_ai_beats_the_mean_human_in_novelty_but_not_the_better_half() -> None:
    """Bellemare-Pepin et al. 2026: language models beat the mean of 100,000 people, whose better half beats them."""
    human, better, ai = [], [], []
    for replication in (0, 1, 2):
        model, works = at_release(replication)
        for mine, made in zip(works, imitations(model, model.settings.culture.ai_temperature), strict=True):
            human.append((np.median(mine), mine.mean()))
            better.append(mine[mine > np.median(mine)].mean())
            ai.append((np.median(made), made.mean()))
    assert np.all(np.mean(human, axis=0) < np.mean(ai, axis=0))
    assert np.mean(ai, axis=0)[1] < np.mean(better)


def test_ai_keeps_its_novelty_and_its_place_among_humans_for_years() -> None:
    """I24 where data accumulate, which is the default, and I6 still after six years."""
    human, better, ai = [], [], []
    for replication in (0, 1, 2):
        model, works = opened(compose("baseline", ["world=classroom"]).settings, replication=replication), []
        temperature, first = model.settings.culture.ai_temperature, []
        while model.running:
            model.step()
            if model.world.weeks_since_release == 1:
                first = list(imitations(model, temperature))
            if model.world.now > model.settings.time.weeks - 2 * HALF_YEAR:
                batch = model.last_week.batch
                people = batch.origin != GENERATED
                works.append((batch.genre[people], batch.novelty[people]))
        last = list(imitations(model, temperature))
        kept = [np.median(now) / np.median(then) for then, now in zip(first, last, strict=True)]
        assert 0.5 < np.exp(np.log(kept).mean()) < 1.1
        genre, novelty = (np.concatenate(parts) for parts in zip(*works, strict=True))
        mine = [novelty[genre == g] for g in range(model.settings.world.genres)]
        human += [np.median(made) for made in mine]
        better += [made[made > np.median(made)].mean() for made in mine]
        ai += [np.median(made) for made in last]
        outcomes = model.outcomes()
        assert np.isfinite(outcomes["originality_influence"]).any()
    assert np.mean(human) < np.mean(ai) < np.mean(better)
    made = batch.novelty[batch.origin == GENERATED]
    assert made.min() < outcomes["novelty_generated"].iloc[-1] < made.max()
    model.release()


# Cheap AI of high craft that explores as far as it may, for people who seek the new and hardly mind distance.
EXPLORERS = (
    "farms.human_minutes=2", "farms.account_cost=0.02", "culture.ai_temperature=0.9", "culture.ai_familiarity=0",
    "culture.vendor_lean=1", "culture.imagination=0.2", "technology.craft_ceiling=2", "attention.stance_mean=0",
    "attention.beta_taste=1", "attention.novelty_amplitude=3", "attention.novelty_peak=1.7",
)  # fmt: skip


@pytest.mark.parametrize(("region", "passes"), [((), False), (EXPLORERS, True)])
def test_lovelaces_test_is_passed_in_one_region_and_failed_in_another(region: tuple[str, ...], passes: bool) -> None:
    model = opened(compose("baseline", ["world=classroom", "time.weeks=156", *region]).settings, 156)
    outcomes = model.outcomes()
    model.release()
    rate, human = (outcomes[f"lovelace_{name}_rate"].iloc[-1] for name in ("pass", "human"))
    assert rate > 0.1 if passes else rate < 0.005
    assert 0.0 < human < 0.05  # one in twenty, if all of them were liked


def test_vendors_vary_more_where_there_are_more_of_them() -> None:
    model, _ = at_release(0)
    week, settings = copy.copy(model.last_week), model.settings
    found = []
    for vendors in (1, 2, 8):
        shares = np.zeros(len(week.frontier.shares))
        shares[:vendors] = 1.0 / vendors
        week.frontier = dataclasses.replace(model.last_week.frontier, shares=shares)
        found.append(_vendor_variety(model.world, week, settings))
    assert found[0] == 0.0
    assert 0.0 < found[1] < found[2] < 0.5
    alike = patched(settings, {"culture.vendor_lean": 0.0})
    assert _vendor_variety(model.world, week, alike) == 0.0
