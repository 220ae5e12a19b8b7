"""What measures remember from week to week: columns of outcomes, works of the year, rows for pictures."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.clock import MONTH, QUARTER, YEAR
from sim.base.codes import MARKS, ORIGINS, TRUTHS
from sim.base.tables import DIMS, F4, F8, GROWS, I4, I8, SCRATCH, U1, U8, Column, Population, stored
from sim.settings import Settings

FIRST_WORKS = 1024  # rows of a table of works before it grows
TOP = 50  # items whose turnover is followed
# What is added up by platform and genre in a month; `aged` are listings that come of age, generated ones apart.
MARKET = (
    "listings", "ai_listings", "uses", "ai_uses", "aged", "aged_ai", "aged_uses", "aged_ai_uses", "judged", "hits",
    "unknown", "unknown_hits", "seconds", "depth_seconds",
)  # fmt: skip
HALF_LIVES = 16  # spans of half-lives
SALES = ("hand", "assisted", "raw", "human_spend", "spend", "incumbents")  # added up by genre in a month
Scores = dict[tuple[bytes, float], float | None]  # log Vendi scores by canon and length


class Works(NamedTuple):
    """One row per work that has turned four weeks old."""

    concept: Annotated[F4, Column("f4", "concept units", "concept", ("dims",))]
    uses: Annotated[F4, Column("f4", "uses", "uses by then")]
    novelty: Annotated[F4, Column("f4", "1", "novelty at publication")]
    craft: Annotated[F4, Column("f4", "sd", "craft")]
    appeal: Annotated[F4, Column("f4", "utility", "latent appeal")]
    depth: Annotated[F4, Column("f4", "depth", "depth")]
    followers: Annotated[F4, Column("f4", "log people", "log(1 + followers) of its author")]
    pleasure: Annotated[F4, Column("f4", "utility", "satisfaction with it, mean over chances of its choice")]
    exposures: Annotated[F4, Column("f4", "exposures", "times shown")]
    producer: Annotated[I4, Column("i4", "row", "its author")]
    cell: Annotated[I4, Column("i4", "row", "first platform times genres plus genre")]
    genre: Annotated[U1, Column("u1", "row", "genre")]
    origin: Annotated[U1, Column("u1", "1", "human, assisted, generated")]


class Log:
    """A table of numbers to which rows are added and from which none is ever removed.

    Parameters
    ----------
    columns : their names.
    """

    def __init__(self, *columns: str) -> None:
        self.columns = columns
        self._values = array("d")  # one row after another

    def add(self, rows: Iterable[float]) -> None:
        """Add rows, given as their values one after another."""
        self._values.extend(rows)

    @property
    def rows(self) -> F8:
        """All rows, shape (n, columns); a copy."""
        return np.array(self._values, np.float64).reshape(-1, len(self.columns))

    def copy(self) -> Log:
        """Return an independent copy."""
        twin = Log(*self.columns)
        twin._values = self._values[:]
        return twin

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Copy all rows as one named array."""
        return {"rows": self.rows}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Replace all rows by those of a saved state.

        Parameters
        ----------
        arrays : what the method `arrays` returned; InputError if its rows have another type or number of columns.
        """
        self._values = array("d", stored(arrays, "rows", np.float64, (None, len(self.columns))).ravel())


@dataclass(kw_only=True, slots=True)
class Memory:
    """What measures keep from week to week: K platforms, G genres, A age groups. Only the step `record` writes here."""

    weeks: int = 0  # recorded
    outcomes: dict[str, F8]  # a value a week, NaN for null
    calls: F8  # (4, 4) tallies of the last four weeks: see `Tallies.calls`
    past_seconds: F8  # (K, 52) of each platform in the last 52 weeks
    similarity_length: F8  # (G,) distance at which items look alike
    diversity: F8  # (G,) of the corpora at their last training
    first_diversity: F8  # (G,) at their first
    works: Population[Works]  # of the running year
    last_works: Population[Works]  # of the year before
    frozen_novelty: F8  # (G,) 95th percentile of human novelty before release
    canons: list[F4] = field(metadata=GROWS)  # samples of the canons when they were last measured
    scores: Scores = field(metadata=SCRATCH)  # of these canons, as they will be asked for again
    premium: Log  # on novelty: the curve of each year
    shown_works: Log
    shown_platforms: Log
    flows: Log  # of money: weeks, numbers of flows as `money.flows` has them, amounts
    hits: F8  # (13, 4) of the last weeks' listings: judged, hits, by unknown creators, hits of these
    top: U8  # (50,) the most used items of last week; 0 if unknown
    usual_uses: F8  # (K, 2) listings of the year before release, and their uses
    usual_followers: F8  # (2,) in that year: sum of makers' followers over weeks, makers times weeks
    usual_quality: float = 0.0  # log quality of the median new item before release
    usual_surplus: float = 0.0  # of a session before release
    market: F8  # (K, G, sums) of the running month
    halves: F8  # (K, G, spans) listings of the running month by half-life
    lives: F8  # (K, 3, 3, 3, 2) items given up in the running month and who chose them: origin, truth, mark
    sales: F8  # (G, sums) commissions of the running month
    shown_market: Log
    shown_lives: Log
    shown_sales: Log
    bounds: Log  # weeks, numbers of bounds that were touched, and by which part of those that could
    groups: I8 = field(metadata=GROWS)  # (A, 3) seconds by age group in the last year: all, on deep items, on AI's


def open_memory(outcomes: Iterable[str], platforms: int, settings: Settings) -> Memory:
    """Make the memory of a world before its first week, in which nothing is recorded.

    Parameters
    ----------
    outcomes : names of what is recorded every week.
    platforms : number of platforms.
    """
    genres = settings.world.genres
    return Memory(
        outcomes={name: np.full(settings.time.weeks, np.nan) for name in outcomes},
        calls=np.zeros((MONTH, 4)),
        past_seconds=np.zeros((platforms, YEAR)),
        similarity_length=np.zeros(genres),
        diversity=np.full(genres, np.nan),
        first_diversity=np.full(genres, np.nan),
        works=empty_works(),
        last_works=empty_works(),
        frozen_novelty=np.full(genres, np.nan),
        canons=[np.zeros((0, DIMS), np.float32) for _ in range(genres)],
        scores={},
        premium=Log("week", "novelty", "effect", "error"),
        shown_works=Log("week", "genre", "origin", *(f"c{d}" for d in range(DIMS)), "novelty"),
        shown_platforms=Log("week", "platform", "seconds", "generated", "trust"),
        flows=Log("week", "flow", "amount"),
        hits=np.zeros((QUARTER, 4)),
        top=np.zeros(TOP, np.uint64),
        usual_uses=np.zeros((platforms, 2)),
        usual_followers=np.zeros(2),
        market=np.zeros((platforms, genres, len(MARKET))),
        halves=np.zeros((platforms, genres, HALF_LIVES)),
        lives=np.zeros((platforms, len(ORIGINS), len(TRUTHS), len(MARKS), 2)),
        sales=np.zeros((genres, len(SALES))),
        shown_market=Log("week", "platform", "genre", *MARKET, *(f"h{span}" for span in range(HALF_LIVES))),
        shown_lives=Log("week", "platform", "origin", "truth", "mark", "items", "people"),
        shown_sales=Log("week", "genre", *SALES),
        bounds=Log("week", "bound", "part"),
        groups=np.zeros((1, 3), np.int64),
    )


def empty_works() -> Population[Works]:
    """Return a table of works with no rows in use yet."""
    return Population(Works, FIRST_WORKS, {"dims": DIMS})
