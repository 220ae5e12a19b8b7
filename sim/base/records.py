"""Tables and records that kernels read and agents write: items, listings, new items, consumers."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.tables import F4, F8, I1, I4, I8, U1, U2, U4, U8, Column

HALF = np.float32(0.5)  # depth from which an item counts as deep
DEPTHS = 5  # bins of depth in which it is learned what items earn


DECLARED = np.float32(9.0)  # detectability of an item that is declared as made by AI


CARD = np.dtype(
    [
        ("concept", "f4", (8,)), ("appeal", "f4"), ("craft", "f4"), ("emotion", "f4"), ("depth", "f4"),
        ("detectability", "f4"),
        ("serial", "u4"), ("producer", "i4"), ("genre", "u1"), ("origin", "u1"), ("accuracy", "u1"), ("mark", "u1"),
    ]
)  # what a viewer sees of an item, in one cache line of 64 bytes  # fmt: skip


# A consumer's latest share, which friends can meet. The low 16 bits of the serial tell whether the listing still holds
# the item that was shared.
SHARE = np.dtype([("listing", "i4"), ("serial", "u2"), ("tick", "u2")])


# One of a producer's latest items, which its followers can meet; a bit per platform.
RECENT = np.dtype([("item", "i4"), ("serial", "u4"), ("platforms", "u4")])


LISTINGS_PER_ITEM = 2  # platforms on which an item can be listed


AGES = (1, 2, 4, 8, 16)  # days at which spans of a listing's life end; one more is open. Uses are counted by span


class Items(NamedTuple):
    """One row per item; rows of items that can no longer be met are used again."""

    card: Annotated[npt.NDArray[Any], Column(CARD, "1", "what a viewer sees of it")]
    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    alive: Annotated[U1, Column("u1", "1", "whether the item can be met")]
    ai: Annotated[F4, Column("f4", "share", "AI's share of the work")]
    week: Annotated[I4, Column("i4", "week", "week of publication")]
    first: Annotated[I1, Column("i1", "row", "platform on which it was published first", (), -1)]
    novelty: Annotated[F4, Column("f4", "1", "novelty at publication, in the canon's unit before release")]
    uses: Annotated[F8, Column("f8", "uses", "uses so far")]
    uses_before: Annotated[F8, Column("f8", "uses", "uses by the start of the week")]
    fame: Annotated[F4, Column("f4", "log uses", "log(1 + uses), as displayed")]
    week_seconds: Annotated[I8, Column("i8", "seconds", "seconds this week")]
    exposures: Annotated[I8, Column("i8", "exposures", "times shown")]
    chosen: Annotated[I4, Column("i4", "choices", "sessions that chose it")]
    pleasure: Annotated[
        F8, Column("f8", "utility", "sum over sessions of the chance of choosing it times satisfaction")
    ]
    chance: Annotated[F8, Column("f8", "choices", "sum over sessions of the chance of choosing it")]
    flags: Annotated[U1, Column("u1", "flags", "viewers' flags, counted up to the number that starts a check")]
    ready: Annotated[I4, Column("i4", "tick", "first tick at which a fact check's mark shows; -1: no check", (), -1)]
    listings: Annotated[I4, Column("i4", "row", "rows of its listings, one per platform", ("listings",), -1)]


class Listings(NamedTuple):
    """One row per item and platform."""

    item: Annotated[I4, Column("i4", "row", "item, -1 where free", (), -1)]
    platform: Annotated[U1, Column("u1", "row", "platform")]
    opens: Annotated[I4, Column("i4", "tick", "first tick at which it can be shown")]
    ends: Annotated[I4, Column("i4", "tick", "first tick at which it cannot be shown any more")]
    stage: Annotated[I1, Column("i1", "1", "stage in the traffic pool; -1 when retired")]
    budget: Annotated[F4, Column("f4", "exposures", "exposures left in this stage")]
    shown: Annotated[F4, Column("f4", "exposures", "exposures so far")]
    engaged: Annotated[F4, Column("f4", "1", "sum over sessions of chance times share of its length used")]
    fans: Annotated[I4, Column("i4", "people", "followers of its maker when it was listed")]
    uses: Annotated[F4, Column("f4", "uses", "uses by the listing's age", ("ages",))]


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
    platforms: I8  # (n, 2), platforms on which it is listed, -1 for none
    vendor: I8  # row of the vendor whose model was used, where AI had a part


class Consumers(NamedTuple):
    """One row per consumer."""

    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    age: Annotated[U2, Column("u2", "1", "age group, as numbered in the population table")]
    seconds: Annotated[I4, Column("i4", "seconds", "attention budget of one simulated session")]
    taste: Annotated[F4, Column("f4", "concept units", "ideal point", ("dims",))]
    affinity: Annotated[F4, Column("f4", "1", "cumulative shares of genres in interest", ("genres",))]
    needs: Annotated[F4, Column("f4", "1", "cumulative shares of needs in sessions", ("needs",))]
    expertise: Annotated[F4, Column("f4", "sd", "expertise, which includes media literacy")]
    stance: Annotated[F4, Column("f4", "utility", "utility lost with an item that is taken for AI's with certainty")]
    creed: Annotated[U1, Column("u1", "1", "the reason for disliking AI: 0 it is soulless, 1 it is derivative")]
    prevalence: Annotated[F4, Column("f4", "share", "believed share of AI in the feed")]
    news: Annotated[F4, Column("f4", "log-odds", "lasting slant of the news about AI that reaches the consumer")]
    d_prime: Annotated[F4, Column("f4", "1", "sensitivity at spotting AI of mean human craft")]
    discernment: Annotated[F4, Column("f4", "1", "sensitivity at spotting falsehood")]
    habit: Annotated[F4, Column("f4", "depth", "depth habit")]
    pleasure: Annotated[F4, Column("f4", "utility", "utility in use that one is used to")]
    satiation: Annotated[F4, Column("f4", "utility", "satiation per genre", ("genres",))]
    memory: Annotated[F4, Column("f4", "concept units", "last items used, or their running mean", ("memory", "dims"))]
    platform_taste: Annotated[F4, Column("f4", "utility", "lasting taste for each platform", ("platforms",))]
    installed: Annotated[U1, Column("u1", "1", "platforms in use", ("platforms",))]
    satisfaction: Annotated[F4, Column("f4", "utility", "learned satisfaction per platform", ("platforms",))]
    trust: Annotated[F4, Column("f4", "share", "believed accuracy per platform", ("platforms",))]
    follows: Annotated[I4, Column("i4", "row", "producers followed", ("follows",), -1)]
    n_follows: Annotated[U1, Column("u1", "1", "number of producers followed, which fill the first entries")]
    seen: Annotated[U4, Column("u4", "1", "serials of all used items that can still be met", ("seen",))]
    n_seen: Annotated[U2, Column("u2", "items", "items ever used")]
    activity: Annotated[F4, Column("f4", "posts/day", "rate of posting")]
    posts: Annotated[U2, Column("u2", "posts", "posts in each of the last four weeks", ("month",))]
    shared: Annotated[npt.NDArray[Any], Column(SHARE, "1", "what was last shared, and when")]
    n_used: Annotated[U1, Column("u1", "choices", "sessions with an item in the running four weeks")]
    n_shallow: Annotated[U1, Column("u1", "choices", "sessions with a shallow item in the running four weeks")]
    talk: Annotated[F4, Column("f4", "1", "chance that a session goes to interactive AI; 0 for non-users")]
    visited: Annotated[
        U4, Column("u4", "1", "platforms visited by half of experiments; a bit per platform", ("halves",))
    ]
    old_habit: Annotated[F4, Column("f4", "depth", "habit at the start of the running four weeks")]
