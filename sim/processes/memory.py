"""Memory: what genres remember and what models may learn from, once items are four weeks old."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.tables import I8

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

ENTRY_AGE = 4  # full weeks after the week of publication at which an item enters canon and corpus


def mature_items(model: ContentEcosystem) -> I8:
    """Rows of the items that have just turned four weeks old, at the end of this week."""
    items = model.items.columns
    return np.flatnonzero((items.alive > 0) & (items.week == model.week - ENTRY_AGE))


def remember_works(model: ContentEcosystem) -> None:
    """Offer mature items to their genres' canons and corpora; keep the canon's unit from release on."""
    items, rows = model.items.columns, mature_items(model)
    genre = items.card["genre"][rows]
    for g, (canon, corpus) in enumerate(zip(model.canons, model.corpora, strict=True)):
        mine = rows[genre == g]
        if mine.size:
            concept, views, uid = items.card["concept"][mine], items.views[mine], items.uid[mine]
            canon.offer(concept, views, uid, now=float(model.week), stream=model.streams["canon"])
            corpus.offer(
                concept, views, items.novelty[mine], items.ai[mine], uid, step=model.week,
                stream=model.streams["corpus"],
            )  # fmt: skip
        if model.weeks_since_release == -1:
            canon.freeze()
