"""Novelty in whole worlds: where AI stands among humans, and what its data and vendors do to it."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from sim.base.randomness import derive
from sim.base.tables import F8
from sim.culture.corpora import Model, imitate
from sim.model import ContentEcosystem
from sim.settings.scenario import compose
from tests.worlds import opened

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
