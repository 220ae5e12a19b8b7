"""Shelves that feeds draw from: listings grouped in cells, with alias tables for draws in proportion to weight.

The alias method: Walker 1977, ACM TOMS 3:253; construction after Vose 1991, IEEE TSE 17:972.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.records import Listings
from sim.base.tables import F4, F8, I4, I8, U1
from sim.kernels.elementary import Real, compiled, exp4, inner, log4, prefetch, unmanaged

SLOT = np.dtype(
    [("keep", "f4"), ("listing", "i4"), ("other", "i4"), ("spare", "i4")]
)  # all that a draw reads, in one cache line


class Shelf(NamedTuple):
    """Listings grouped in cells: cell c holds `slot[start[c]:start[c + 1]]`; all weights are above zero."""

    start: I8  # (cells + 1,)
    slot: npt.NDArray[Any]  # (m,) of SLOT, an alias table: a listing, the chance to keep it, else the other
    weight: F8  # (m,)
    total: F8  # (cells,)


@inner()
def part_by_size(
    weight: F8, total: float, lo: int, hi: int, slot: npt.NDArray[Any], small: I4, large: I4
) -> tuple[int, int]:
    """Begin the alias table of positions lo to hi - 1: sort them into lists of light and heavy ones.

    Those below the mean weight go to `small`, the others to `large`. Both lists begin at index lo. Returns where each
    ends. Every position is written to both lists and only the counters differ, which is branch-free.
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
    """Top up the last small position with weight of the last large one, as in Vose's construction of alias tables.

    Returns where both lists end then.
    """
    n_small -= 1
    s, g = small[n_small], large[n_large - 1]
    slot[s].other = slot[g].listing
    slot[g].keep -= 1.0 - slot[s].keep
    less = slot[g].keep < 1.0
    small[n_small] = g
    return n_small + less, n_large - less


@inner()
def fill_rest(slot: npt.NDArray[Any], small: I4, large: I4, n_small: int, n_large: int, lo: int) -> None:
    """Complete the alias table of a cell whose lists begin at lo.

    Positions left over by rounding keep their own listing for sure.
    """
    while n_small > lo and n_large > lo:
        n_small, n_large = fill_one(slot, small, large, n_small, n_large)
    for e in range(lo, n_small):
        slot[small[e]].keep = 1.0
    for e in range(lo, n_large):
        slot[large[e]].keep = 1.0


@inner()
def fill_aliases(weight: F8, total: F8, start: I8, slot: npt.NDArray[Any], small: I4, large: I4) -> None:
    """Build the alias table of every cell in linear time; `small` and `large` are scratch, as long as `slot`.

    Two cells are built in turns, because each step must wait for the one before it.
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
    """Listings that go on a shelf, with their cell and weight, shape (n,)."""

    listing: I4
    cell: I4
    weight: F8


@compiled()
def stack_shelf(stock: Stock, cells: int) -> Shelf:
    """Group listings by cell (a counting sort that keeps their order) and build each cell's alias table.

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
    """Draw a listing of a cell in proportion to its weight with one uniform number u; -1 if the cell is empty."""
    lo, n = shelf.start[cell], shelf.start[cell + 1] - shelf.start[cell]
    if n == 0:
        return np.int32(-1)
    x = u * n
    k = min(np.int64(x), n - 1)
    slot = shelf.slot[lo + k]
    listing: np.int32 = slot.listing if x - k < slot.keep else slot.other
    return listing


AHEAD = 24  # prefetch distance in listings
LN2 = float(np.log(2.0))


class Serving(NamedTuple):
    """What serving weights depend on: the platforms' rules, and what is fixed within a week for each listing."""

    freshness: F8  # (K,) half-life of a listing's weight in days
    quality: F8  # (K,) weight of merit
    theta: F8  # (K,) exponent of relative engagement
    mean: F8  # (K,) mean engagement per exposure
    searched: U1  # (K,) whether the platform answers queries
    shrinkage: float  # pseudo-count of exposures at mean engagement
    top_stage: int  # from this stage on a listing is trending
    genres: int
    cell: I4  # (n,) platform x genres + genre of each listing, -1 where there is no listing
    merit: F4  # (n,) craft of its item and authority of its maker
    accuracy: U1  # (n,) of its item


@compiled()
def rate_listings(
    listings: Listings, cards: npt.NDArray[Any], authority: F4, genres: int, label: float
) -> tuple[I4, F4, U1, float]:
    """Collect what does not change within a week: cell, merit and accuracy of every listing, as in `Serving`.

    Returns
    -------
    Cell, merit and accuracy, shape (n,), and the share of listings whose items' detectability is at least `label`.
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
def empty_stock(n: int) -> Stock:
    """A stock with room for n listings, uninitialised."""
    return Stock(np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.float64))


@compiled(no_cpython_wrapper=True, forceinline=True)
def first_rows(stock: Stock, n: int) -> Stock:
    """The first n listings of a stock, as views."""
    return Stock(stock.listing[:n], stock.cell[:n], stock.weight[:n])


@inner()
def append_if(stock: Stock, n: int, listing: int, cell: Any, weight: Real, wanted: Any) -> int:
    """Write a listing at position n of a stock; return n + 1 if it is wanted and its weight positive, else n.

    It is written in any case, which is branch-free; what is unwanted is overwritten by the next.
    """
    stock.listing[n], stock.cell[n], stock.weight[n] = listing, cell, weight
    return n + int(wanted and weight > 0.0)


@inner()
def list_open(tick: int, listings: Listings, rules: Serving, rows: I4) -> int:
    """Write to `rows` the listings that are open and have exposures left, or answer queries; return how many."""
    m = 0
    for j in range(listings.item.size):
        rows[m] = j
        wanted = (listings.budget[j] > 0.0) | (rules.searched[listings.platform[j]] > 0)
        m += (rules.cell[j] >= 0) & (listings.opens[j] <= tick) & wanted
    return m


@inner()
def weigh_merit(tick: int, ticks_per_day: float, listings: Listings, rules: Serving, rows: I4, weight: F4) -> None:
    """Write weights that ignore engagement, 2^(-age/freshness) e^(quality merit), for the listings in `rows`."""
    for e in range(rows.size):
        j = rows[e]
        k, age = listings.platform[j], (tick - listings.opens[j]) / ticks_per_day
        log_w = -LN2 * age / rules.freshness[k]
        if rules.quality[k] > 0.0:
            log_w += rules.quality[k] * rules.merit[j]
        weight[e] = log_w
    for e in range(rows.size):  # a loop of its own, so that it vectorises
        weight[e] = exp4(weight[e])


@inner()
def weigh_success(listings: Listings, rules: Serving, rows: I4, weight: F4, ratio: F4, power: F8) -> None:
    """Multiply weights by the remaining exposures and by (engagement / platform's mean)^theta.

    `ratio` and `power` are scratch, as long as `rows`.
    """
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
    """Put open listings that answer queries on the stock `query`, and those with exposures left in `paid` and `weight`.

    Returns the numbers of both.
    """
    n_query = n_paid = 0
    for e in range(rows.size):
        j = rows[e]
        n_query = append_if(query, n_query, j, rules.cell[j], likely[e], rules.searched[listings.platform[j]] > 0)
        paid[n_paid], weight[n_paid] = j, likely[e]
        n_paid += listings.budget[j] > 0.0
    return n_query, n_paid


@inner()
def sort_served(
    rows: I4, weight: F4, listings: Listings, rules: Serving, serve: Stock, trend: Stock, test: Stock
) -> Any:
    """Put listings on three stocks.

    All on `serve`, those of the top stages on `trend`, those of the first stage on `test`. Returns the three numbers.
    """
    n_serve = n_trend = n_test = 0
    for e in range(rows.size):
        j, stage = rows[e], listings.stage[rows[e]]
        k = listings.platform[j]
        n_serve = append_if(serve, n_serve, j, rules.cell[j], weight[e], True)
        n_trend = append_if(trend, n_trend, j, k, weight[e], (stage > 0) & (stage >= rules.top_stage))
        n_test = append_if(test, n_test, j, k, weight[e], stage == 0)
    return n_serve, n_trend, n_test


@compiled()
def weigh_listings(
    tick: int, ticks_per_day: float, listings: Listings, rules: Serving
) -> tuple[Stock, Stock, Stock, Stock]:
    """Weigh all open listings, and return the stocks for the shelves that serve, answer queries, trend and test.

    Weight = 2^(-age/freshness) (engagement/mean)^theta e^(quality merit) remaining exposures. For queries, engagement
    and remaining exposures are left out.
    """
    n = listings.item.size + 1
    rows, paid = np.empty(n, np.int32), np.empty(n, np.int32)
    rows = rows[: list_open(tick, listings, rules, rows)]
    likely, weight, query = np.empty(n, np.float32), np.empty(n, np.float32), empty_stock(n)
    weigh_merit(tick, ticks_per_day, listings, rules, rows, likely)
    n_query, n_paid = sort_open(rows, likely, listings, rules, query, paid, weight)
    paid, serve, trend, test = paid[:n_paid], empty_stock(n_paid + 1), empty_stock(n_paid + 1), empty_stock(n_paid + 1)
    weigh_success(listings, rules, paid, weight, np.empty(n_paid, np.float32), np.empty(n_paid))
    n_serve, n_trend, n_test = sort_served(paid, weight, listings, rules, serve, trend, test)
    return first_rows(serve, n_serve), first_rows(query, n_query), first_rows(trend, n_trend), first_rows(test, n_test)


@compiled()
def stock_shelves(tick: int, ticks_per_day: float, listings: Listings, rules: Serving) -> Shelves:
    """Weigh all listings, as in `weigh_listings`, and build the four shelves of a tick."""
    serve, query, trend, test = weigh_listings(tick, ticks_per_day, listings, rules)
    k = rules.mean.size
    cells = k * rules.genres
    return Shelves(stack_shelf(serve, cells), stack_shelf(query, cells), stack_shelf(trend, k), stack_shelf(test, k))
