"""What feeds draw from: listings grouped in cells, with alias tables for draws in proportion to serving weight.

The alias method: Walker 1977, ACM TOMS 3:253; construction after Vose 1991, IEEE TSE 17:972.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.kernels.elementary import Real, compiled, exp4, inner, log4, prefetch, unmanaged
from sim.tables import F4, F8, I4, I8, U1

if TYPE_CHECKING:
    from sim.agents.items import Listings


SLOT = np.dtype([("keep", "f4"), ("listing", "i4"), ("other", "i4"), ("spare", "i4")])  # all of a draw in one line


class Shelf(NamedTuple):
    """Listings in cells. `slot[start[c]:start[c + 1]]` are the listings of cell c, with weight above zero."""

    start: I8  # (cells + 1,)
    slot: npt.NDArray[Any]  # (m,) of SLOT; alias method: a first listing, the chance of keeping it, and another
    weight: F8  # (m,)
    total: F8  # (cells,)


@inner()
def fill_alias(
    weight: F8, total: float, lo: int, hi: int, slot: npt.NDArray[Any], small: I4, large: I4
) -> None:
    """Alias table of positions lo to hi, in linear time; `small` and `large` are scratch, longer than hi - lo."""
    n, n_small, n_large = hi - lo, 0, 0
    for e in range(lo, hi):  # without a branch to be guessed wrong, as below
        slot[e].keep = weight[e] * n / total
        slot[e].other = slot[e].listing
        less = slot[e].keep < 1.0
        small[n_small] = large[n_large] = e
        n_small += less
        n_large += not less
    while n_small > 0 and n_large > 0:
        n_small -= 1
        s, g = small[n_small], large[n_large - 1]
        slot[s].other = slot[g].listing
        slot[g].keep -= 1.0 - slot[s].keep
        less = slot[g].keep < 1.0
        small[n_small] = g
        n_small += less
        n_large -= less
    while n_small > 0:
        n_small -= 1
        slot[small[n_small]].keep = 1.0
    while n_large > 0:
        n_large -= 1
        slot[large[n_large]].keep = 1.0


class Stock(NamedTuple):
    """Listings that go on a shelf, in the order of their rows; shape (n,)."""

    listing: I4
    cell: I4
    weight: F8


@compiled()
def stack_shelf(stock: Stock, cells: int) -> Shelf:
    """Group listings by cell (counting sort, in their order) and build each cell's alias table.

    Parameters
    ----------
    stock : listings with their cells and weights above zero.
    cells : number of cells.
    """
    m = stock.listing.size
    start = np.zeros(cells + 1, np.int64)
    total = np.zeros(cells, np.float64)
    for e in range(m):
        start[stock.cell[e] + 1] += 1
        total[stock.cell[e]] += stock.weight[e]
    for c in range(cells):
        start[c + 1] += start[c]
    slot, packed = np.empty(m, SLOT), np.empty(m, np.float64)
    at = start[:-1].copy()
    for e in range(m):
        place = at[stock.cell[e]]
        slot[place].listing, packed[place] = stock.listing[e], stock.weight[e]
        at[stock.cell[e]] += 1
    small, large = np.empty(m + 1, np.int32), np.empty(m + 1, np.int32)
    for c in range(cells):
        fill_alias(packed, total[c], start[c], start[c + 1], slot, small, large)
    return Shelf(start, slot, packed, total)


@unmanaged()
def draw_listing(shelf: Shelf, cell: int, u: float) -> np.int32:
    """Draw a listing of a cell in proportion to its weight with one uniform number; -1 where the cell is empty."""
    lo, n = shelf.start[cell], shelf.start[cell + 1] - shelf.start[cell]
    if n == 0:
        return np.int32(-1)
    x = u * n
    k = min(np.int64(x), n - 1)
    slot = shelf.slot[lo + k]
    listing: np.int32 = slot.listing if x - k < slot.keep else slot.other
    return listing


AHEAD = 24  # listings whose items' cards are asked for before they are read
LN2 = float(np.log(2.0))


class Serving(NamedTuple):
    """Constants of serving weights."""

    freshness: F8  # (K,) days
    quality: F8  # (K,)
    theta: F8  # (K,)
    mean: F8  # (K,) engagement an exposure
    searched: U1  # (K,) whether the platform answers queries
    shrinkage: float
    top_stage: int  # from this stage on a listing is trending
    genres: int
    cell: I4  # (n,) of each listing's platform and genre, -1 where there is no listing
    merit: F4  # (n,) craft of its item and authority of its maker


@compiled()
def rate_listings(
    listings: Listings, cards: npt.NDArray[Any], authority: F4, genres: int, label: float
) -> tuple[I4, F4, float]:
    """Gather once what does not change within a week: cell and merit of all listings, as in `Serving`.

    Returns
    -------
    Both, shape (n,), and the share of listings whose items tell, by `label` or more, that AI made them.
    """
    n, listed, labelled = listings.item.size, 0, 0
    cell, merit = np.full(n, -1, np.int32), np.zeros(n, np.float32)
    for j in range(n):
        prefetch(cards, listings.item[min(j + AHEAD, n - 1)])
        if listings.item[j] >= 0:
            card = cards[listings.item[j]]
            cell[j] = listings.platform[j] * genres + card.genre
            merit[j] = card.craft + authority[card.producer]
            listed += 1
            labelled += card.tell >= label
    return cell, merit, labelled / max(listed, 1)


class Shelves(NamedTuple):
    """What feeds and queries draw from."""

    serve: Shelf  # (K * G cells) by engagement
    query: Shelf  # (K * G cells) whatever its engagement
    trend: Shelf  # (K cells)
    test: Shelf  # (K cells)


@compiled(no_cpython_wrapper=True, forceinline=True)
def room(n: int) -> Stock:
    """Room for `n` listings."""
    return Stock(np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.float64))


@inner()
def put(stock: Stock, n: int, listing: int, cell: Any, weight: Real) -> int:
    """Write a listing behind the first `n` of a stock, unless its weight is zero; the number of those there are now."""
    if weight > 0.0:
        stock.listing[n], stock.cell[n], stock.weight[n] = listing, cell, weight
        n += 1
    return n


@compiled(no_cpython_wrapper=True, forceinline=True)
def first(stock: Stock, n: int) -> Stock:
    """Return the first `n` of a stock."""
    return Stock(stock.listing[:n], stock.cell[:n], stock.weight[:n])


@compiled()
def weigh_listings(
    tick: int, ticks_per_day: float, listings: Listings, rules: Serving
) -> tuple[Stock, Stock, Stock, Stock]:
    """Weigh all listings and sort out which go on the shelves that serve, answer queries, trend and test.

    serve = 2^(-age/freshness) (engagement/mean)^theta e^(quality merit) remaining budget;
    query leaves out budget and engagement. Listings not yet open, or closed, are off every shelf.
    """
    n = listings.item.size
    serve, query, trend, test = room(n), room(n), room(n), room(n)
    n_serve = n_query = n_trend = n_test = 0
    for j in range(n):
        cell = rules.cell[j]
        if cell < 0 or listings.opens[j] > tick:
            continue
        left, k = listings.budget[j], np.int64(listings.platform[j])
        if left <= 0.0 and not rules.searched[k]:
            continue
        age = (tick - listings.opens[j]) / ticks_per_day
        log_w = -LN2 * age / rules.freshness[k]
        if rules.quality[k] > 0.0:
            log_w += rules.quality[k] * rules.merit[j]
        w = exp4(log_w)
        if rules.searched[k]:
            n_query = put(query, n_query, j, cell, w)
        if left > 0.0:
            score = (listings.engaged[j] + rules.shrinkage * rules.mean[k]) / (listings.shown[j] + rules.shrinkage)
            w = w * left * exp4(rules.theta[k] * log4(score / rules.mean[k]))
            n_serve = put(serve, n_serve, j, cell, w)
            if listings.stage[j] == 0:
                n_test = put(test, n_test, j, k, w)
            elif listings.stage[j] >= rules.top_stage:
                n_trend = put(trend, n_trend, j, k, w)
    return first(serve, n_serve), first(query, n_query), first(trend, n_trend), first(test, n_test)


@compiled()
def stock_shelves(tick: int, ticks_per_day: float, listings: Listings, rules: Serving) -> Shelves:
    """Weigh all listings, as in `weigh_listings`, and stack the four shelves of a tick."""
    serve, query, trend, test = weigh_listings(tick, ticks_per_day, listings, rules)
    k = rules.mean.size
    cells = k * rules.genres
    return Shelves(stack_shelf(serve, cells), stack_shelf(query, cells), stack_shelf(trend, k), stack_shelf(test, k))
