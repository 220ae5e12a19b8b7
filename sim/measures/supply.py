"""Outcomes of supply: what is made, how well, and how far its makers work with AI."""

from __future__ import annotations

import numpy as np

from sim.base.codes import ASSISTED, CREATOR, GENERATED, HUMAN
from sim.base.groups import by_kind
from sim.base.records import Batch
from sim.base.tables import B1
from sim.measures.sums import Values, count, mean_known, ratio, share
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

MIN_MATURE = 5  # four-week-old items, with AI's help and without: with fewer their uses are not compared


def measure_supply(world: World, week: Week, settings: Settings) -> Values:
    """Measure the number of new items, AI's part in them, and their craft and novelty."""
    batch = week.batch
    n, generated = len(batch.uid), batch.origin == GENERATED
    n_generated = count(generated)
    return {
        "items_new": float(n),
        "ai_supply_share": share(n_generated, n),
        "ai_supply_share_weighted": share(batch.ai.sum(), n),
        "assisted_share": share(count(batch.origin == ASSISTED), n),
        "craft_mean": ratio(batch.craft.sum(), n),
        "novelty_mean": ratio(batch.novelty.sum(), n),
        "novelty_generated": _median_novelty(batch, generated, settings),
        "novelty_human": _median_novelty(batch, ~generated, settings),
    }


def _median_novelty(batch: Batch, chosen: B1, settings: Settings) -> float | None:
    """Median novelty of the chosen items of a genre, mean over the genres that have any.

    Over all genres together it would also move with the genres that are made.
    """
    by_genre = by_kind(batch.novelty[chosen], batch.genre[chosen], settings.world.genres)
    return mean_known([float(np.median(mine)) for mine in by_genre if mine.size])


def measure_collaboration(world: World, week: Week, settings: Settings) -> Values:
    """Measure how many creators and studios use AI, in which stages, and whether it brings creators uses."""
    producers, size = world.producers.columns, settings.world
    active = producers.active[: size.creators] > 0
    automated = world.studios.columns.automated
    card = week.mature.card
    by_creators = (producers.kind[card["producer"]] == CREATOR).nonzero()[0]
    origin, uses = card["origin"][by_creators], week.mature.uses[by_creators]
    helped, alone = origin == ASSISTED, origin == HUMAN
    appeal = None
    n_helped, n_alone = count(helped), count(alone)
    if min(n_helped, n_alone) >= MIN_MATURE:
        usual = (uses[alone].sum() + 0.5) / (n_alone + 0.5)
        appeal = float((uses[helped].sum() + 0.5) / (n_helped + 0.5) / usual)
    using, studio_using = producers.uses_ai[: size.creators], producers.uses_ai[size.creators :][: size.studios]
    hours = world.studios.columns.hours
    staff = hours.sum()
    return {
        "creator_ai_share": share(count((using > 0) & active), count(active)),
        "studio_ai_share": share(studio_using.sum(), count(hours > 0)),
        "staff_ai_share": share((world.studios.columns.intensity * hours).sum(), staff),
        "stage_ai_intensity_plan": share((automated[:, 0] * hours).sum(), staff),
        "stage_ai_intensity_create": share((automated[:, 1] * hours).sum(), staff),
        "stage_ai_intensity_edit": share((automated[:, 2] * hours).sum(), staff),
        "assisted_appeal_ratio": appeal,
    }
