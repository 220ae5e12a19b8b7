"""Content: items, and their listings on platforms."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.tables import F4, F8, I1, I4, I8, U1, U8, Column, Population
from sim.kernels.attention import CARD

PLACES = 2  # platforms on which an item can be listed


class Items(NamedTuple):
    """One row per item; rows of items that can no longer be met are used again."""

    card: Annotated[npt.NDArray[Any], Column(CARD, "1", "what a viewer meets")]
    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    alive: Annotated[U1, Column("u1", "1", "whether the item can be met")]
    ai: Annotated[F4, Column("f4", "share", "AI's share of the work")]
    week: Annotated[I4, Column("i4", "week", "week of publication")]
    first: Annotated[I1, Column("i1", "row", "platform on which it was published first", (), -1)]
    novelty: Annotated[F4, Column("f4", "1", "novelty at publication, in the canon's unit before release")]
    views: Annotated[I8, Column("i8", "views", "views so far")]
    fame: Annotated[F4, Column("f4", "log views", "log(1 + views), as displayed")]
    week_seconds: Annotated[I8, Column("i8", "seconds", "seconds this week")]
    exposures: Annotated[I8, Column("i8", "exposures", "times shown")]
    uses: Annotated[I4, Column("i4", "uses", "times chosen")]
    pleasure: Annotated[F8, Column("f8", "utility", "sum of satisfaction over uses")]
    flags: Annotated[U1, Column("u1", "flags", "viewers' flags, up to what a check takes")]
    ready: Annotated[I4, Column("i4", "tick", "first at which a fact check's mark shows; -1: none asked for", (), -1)]
    places: Annotated[I4, Column("i4", "row", "listings", ("places",), -1)]


class Listings(NamedTuple):
    """One row per item and platform."""

    item: Annotated[I4, Column("i4", "row", "item, -1 where free", (), -1)]
    platform: Annotated[U1, Column("u1", "row", "platform")]
    opens: Annotated[I4, Column("i4", "tick", "first tick at which it can be met")]
    ends: Annotated[I4, Column("i4", "tick", "first tick at which it cannot")]
    stage: Annotated[I1, Column("i1", "1", "stage of the traffic pool; -1 retired from it")]
    budget: Annotated[F4, Column("f4", "exposures", "exposures left in this stage")]
    shown: Annotated[F4, Column("f4", "exposures", "exposures so far")]
    engaged: Annotated[F4, Column("f4", "1", "sum of dwell over length")]


class Batch(NamedTuple):
    """New items on their way from production to publication; n rows."""

    uid: U8
    producer: I8
    genre: I8
    origin: U1
    ai: F8
    concept: F8  # (n, dims)
    appeal: F8
    craft: F8
    emotion: F8
    depth: F8
    accuracy: U1
    novelty: F8
    platforms: I8  # (n, places), -1 for none
    vendor: I8  # row of the vendor that served it, where AI had a part


def take_rows(table: Population[Any], free: npt.NDArray[np.bool_], count: int) -> I8:
    """Reserve `count` free rows, lowest first, growing the table where needed."""
    rows = free.nonzero()[0][:count]
    short = count - len(rows)
    if short > 0:
        start = table.capacity
        table.reserve(start + short)
        rows = np.concatenate([rows, np.arange(start, start + short)])
    return rows


def best_of(drafts: Any, u: F8) -> F8:
    """Uniform number whose normal quantile is the best of `drafts` normal numbers (a real number of drafts, >= 1)."""
    return np.asarray(u ** (1.0 / np.asarray(drafts, np.float64)))
