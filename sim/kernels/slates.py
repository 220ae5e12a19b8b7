"""What feeds draw from: listings grouped in cells, with alias tables for draws in proportion to serving weight.

The alias method: Walker 1977, ACM TOMS 3:253; construction after Vose 1991, IEEE TSE 17:972.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.records import Listings
from sim.base.tables import F4, F8, I4, I8, U1
from sim.kernels.elementary import Real, compiled, exp4, inner, log4, prefetch, unmanaged

SLOT = np.dtype([("keep", "f4"), ("listing", "i4"), ("other", "i4"), ("spare", "i4")])  # all of a draw in one line


class Shelf(NamedTuple):
    """Listings in cells. `slot[start[c]:start[c + 1]]` are the listings of cell c, with weight above zero."""

    start: I8  # (cells + 1,)
    slot: npt.NDArray[Any]  # (m,) of SLOT; alias method: a first listing, the chance of keeping it, and another
    weight: F8  # (m,)
    total: F8  # (cells,)


@inner()
def part_by_size(
    weight: F8, total: float, lo: int, hi: int, slot: npt.NDArray[Any], small: I4, large: I4
) -> tuple[int, int]:
    """Begin an alias table of positions lo to hi: list, from lo on, those that weigh less than the mean, and others.

    Returns where both lists end. All are written to both, so that there is no branch to be guessed wrong.
    """
    n, n_small, n_large = hi - lo, lo, lo
    for e in range(lo, hi):
        slot[e].keep = weight[e] * n / total
        slot[e].other = slot[e].listing
        less = slot[e].keep < 1.0
        small[n_small] = large[n_large] = e
        n_small += less
        n_large += not less
    return n_small, n_large


@inner()
def fill_one(slot: npt.NDArray[Any], small: I4, large: I4, n_small: int, n_large: int) -> tuple[int, int]:
    """Fill up the last small position from the last large one; returns where both lists end then."""
    n_small -= 1
    s, g = small[n_small], large[n_large - 1]
    slot[s].other = slot[g].listing
    slot[g].keep -= 1.0 - slot[s].keep
    less = slot[g].keep < 1.0
    small[n_small] = g
    return n_small + less, n_large - less


@inner()
def fill_rest(slot: npt.NDArray[Any], small: I4, large: I4, n_small: int, n_large: int, lo: int) -> None:
    """Fill up what is left of an alias table whose lists begin at lo; rounding leaves some of one kind over."""
    while n_small > lo and n_large > lo:
        n_small, n_large = fill_one(slot, small, large, n_small, n_large)
    for e in range(lo, n_small):
        slot[small[e]].keep = 1.0
    for e in range(lo, n_large):
        slot[large[e]].keep = 1.0


@inner()
def fill_aliases(weight: F8, total: F8, start: I8, slot: npt.NDArray[Any], small: I4, large: I4) -> None:
    """Alias table of each cell, in linear time; `small` and `large` are scratch, as long as `slot`.

    Two cells side by side, as a step waits for the one before it.
    """
    cells = total.size
    for c in range(0, cells, 2):
        other, lo, mid = min(c + 1, cells - 1), start[c], start[c + 1]
        hi = start[other + 1]
        s, g = part_by_size(weight, total[c], lo, mid, slot, small, large)
        t, h = part_by_size(weight, total[other], mid, hi, slot, small, large)
        while s > lo and g > lo and t > mid and h > mid:
            s, g = fill_one(slot, small, large, s, g)
            t, h = fill_one(slot, small, large, t, h)
        fill_rest(slot, small, large, s, g, lo)
        fill_rest(slot, small, large, t, h, mid)


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
    fill_aliases(packed, total, start, slot, np.empty(m, np.int32), np.empty(m, np.int32))
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
    accuracy: U1  # (n,) of its item


@compiled()
def rate_listings(
    listings: Listings, cards: npt.NDArray[Any], authority: F4, genres: int, label: float
) -> tuple[I4, F4, U1, float]:
    """Gather once what does not change within a week: cell, merit and accuracy of all listings, as in `Serving`.

    Returns
    -------
    All three, shape (n,), and the share of listings whose items tell, by `label` or more, that AI made them.
    """
    n, listed, labelled = listings.item.size, 0, 0
    cell, merit, accuracy = np.full(n, -1, np.int32), np.zeros(n, np.float32), np.zeros(n, np.uint8)
    for j in range(n):
        prefetch(cards, listings.item[min(j + AHEAD, n - 1)])
        if listings.item[j] >= 0:
            card = cards[listings.item[j]]
            cell[j] = listings.platform[j] * genres + card.genre
            merit[j], accuracy[j] = card.craft + authority[card.producer], card.accuracy
            listed += 1
            labelled += card.detectability >= label
    return cell, merit, accuracy, labelled / max(listed, 1)


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


@compiled(no_cpython_wrapper=True, forceinline=True)
def first(stock: Stock, n: int) -> Stock:
    """Return the first `n` of a stock."""
    return Stock(stock.listing[:n], stock.cell[:n], stock.weight[:n])


@inner()
def put(stock: Stock, n: int, listing: int, cell: Any, weight: Real, wanted: Any) -> int:
    """Write a listing behind the first `n` of a stock, where it stays if it is wanted and its weight above zero.

    Returns the number of those there are now. Written in any case, there is no branch to be guessed wrong.
    """
    stock.listing[n], stock.cell[n], stock.weight[n] = listing, cell, weight
    return n + int(wanted and weight > 0.0)


@inner()
def list_open(tick: int, listings: Listings, rules: Serving, rows: I4) -> int:
    """Write the rows of listings that are open, and have traffic left or answer queries; returns their number."""
    m = 0
    for j in range(listings.item.size):
        rows[m] = j
        wanted = (listings.budget[j] > 0.0) | (rules.searched[listings.platform[j]] > 0)
        m += (rules.cell[j] >= 0) & (listings.opens[j] <= tick) & wanted
    return m


@inner()
def weigh_merit(tick: int, ticks_per_day: float, listings: Listings, rules: Serving, rows: I4, weight: F4) -> None:
    """Weigh listings whatever became of them: 2^(-age/freshness) e^(quality merit)."""
    for e in range(rows.size):
        j = rows[e]
        k, age = listings.platform[j], (tick - listings.opens[j]) / ticks_per_day
        log_w = -LN2 * age / rules.freshness[k]
        if rules.quality[k] > 0.0:
            log_w += rules.quality[k] * rules.merit[j]
        weight[e] = log_w
    for e in range(rows.size):  # by itself, so that it vectorises
        weight[e] = exp4(weight[e])


@inner()
def weigh_success(listings: Listings, rules: Serving, rows: I4, weight: F4, ratio: F4, power: F8) -> None:
    """Multiply weights by the budget that remains and by (engagement/mean)^theta; `ratio` and `power` are scratch."""
    for e in range(rows.size):
        j = rows[e]
        k = listings.platform[j]
        score = (listings.engaged[j] + rules.shrinkage * rules.mean[k]) / (listings.shown[j] + rules.shrinkage)
        ratio[e], power[e] = score / rules.mean[k], rules.theta[k]
        weight[e] *= listings.budget[j]
    for e in range(rows.size):
        weight[e] *= exp4(power[e] * log4(ratio[e]))


@inner()
def sort_open(rows: I4, likely: F4, listings: Listings, rules: Serving, query: Stock, paid: I4, weight: F4) -> Any:
    """Write what answers queries to a stock, and rows and weights of what has traffic left; returns both numbers."""
    n_query = n_paid = 0
    for e in range(rows.size):
        j = rows[e]
        n_query = put(query, n_query, j, rules.cell[j], likely[e], rules.searched[listings.platform[j]] > 0)
        paid[n_paid], weight[n_paid] = j, likely[e]
        n_paid += listings.budget[j] > 0.0
    return n_query, n_paid


@inner()
def sort_served(
    rows: I4, weight: F4, listings: Listings, rules: Serving, serve: Stock, trend: Stock, test: Stock
) -> Any:
    """Write what is served, what trends and what is tested to three stocks; returns their numbers."""
    n_serve = n_trend = n_test = 0
    for e in range(rows.size):
        j, stage = rows[e], listings.stage[rows[e]]
        k = listings.platform[j]
        n_serve = put(serve, n_serve, j, rules.cell[j], weight[e], True)
        n_trend = put(trend, n_trend, j, k, weight[e], (stage > 0) & (stage >= rules.top_stage))
        n_test = put(test, n_test, j, k, weight[e], stage == 0)
    return n_serve, n_trend, n_test


@compiled()
def weigh_listings(
    tick: int, ticks_per_day: float, listings: Listings, rules: Serving
) -> tuple[Stock, Stock, Stock, Stock]:
    """Weigh all listings and sort out which go on the shelves that serve, answer queries, trend and test.

    serve = 2^(-age/freshness) (engagement/mean)^theta e^(quality merit) remaining budget;
    query leaves out budget and engagement. Listings not yet open, or closed, are off every shelf.
    """
    n = listings.item.size + 1
    rows, paid = np.empty(n, np.int32), np.empty(n, np.int32)
    rows = rows[: list_open(tick, listings, rules, rows)]
    likely, weight, query = np.empty(n, np.float32), np.empty(n, np.float32), room(n)
    weigh_merit(tick, ticks_per_day, listings, rules, rows, likely)
    n_query, n_paid = sort_open(rows, likely, listings, rules, query, paid, weight)
    paid, serve, trend, test = paid[:n_paid], room(n_paid + 1), room(n_paid + 1), room(n_paid + 1)
    weigh_success(listings, rules, paid, weight, np.empty(n_paid, np.float32), np.empty(n_paid))
    n_serve, n_trend, n_test = sort_served(paid, weight, listings, rules, serve, trend, test)
    return first(serve, n_serve), first(query, n_query), first(trend, n_trend), first(test, n_test)


@compiled()
def stock_shelves(tick: int, ticks_per_day: float, listings: Listings, rules: Serving) -> Shelves:
    """Weigh all listings, as in `weigh_listings`, and stack the four shelves of a tick."""
    serve, query, trend, test = weigh_listings(tick, ticks_per_day, listings, rules)
    k = rules.mean.size
    cells = k * rules.genres
    return Shelves(stack_shelf(serve, cells), stack_shelf(query, cells), stack_shelf(trend, k), stack_shelf(test, k))
