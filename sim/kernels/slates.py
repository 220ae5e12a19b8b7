"""What feeds draw from: listings grouped in cells, with alias tables for draws in proportion to serving weight.

The alias method: Walker 1977, ACM TOMS 3:253; construction after Vose 1991, IEEE TSE 17:972.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.kernels.elementary import compiled, exp4, inner, log4, unmanaged
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
    """Alias table of positions lo to hi, in linear time; `small` and `large` are scratch of at least hi - lo."""
    n, n_small, n_large = hi - lo, 0, 0
    for e in range(lo, hi):
        slot[e].keep = weight[e] * n / total
        slot[e].other = slot[e].listing
        if slot[e].keep < 1.0:
            small[n_small] = e
            n_small += 1
        else:
            large[n_large] = e
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        s, g = small[n_small], large[n_large - 1]
        slot[s].other = slot[g].listing
        slot[g].keep -= 1.0 - slot[s].keep
        if slot[g].keep < 1.0:
            n_large -= 1
            small[n_small] = g
            n_small += 1
    while n_small > 0:
        n_small -= 1
        slot[small[n_small]].keep = 1.0
    while n_large > 0:
        n_large -= 1
        slot[large[n_large]].keep = 1.0


@compiled()
def stack_shelf(cell: I4, weight: F8, cells: int) -> Shelf:
    """Group listings by cell (counting sort, in listing order) and build each cell's alias table.

    Parameters
    ----------
    cell : int32 (n,), each listing's cell, or -1 where it is not on this shelf.
    weight : float64 (n,), serving weights.
    cells : number of cells.
    """
    start = np.zeros(cells + 1, np.int64)
    total = np.zeros(cells, np.float64)
    for j in range(cell.size):
        c = cell[j]
        if c >= 0 and weight[j] > 0.0:
            start[c + 1] += 1
            total[c] += weight[j]
    for c in range(cells):
        start[c + 1] += start[c]
    m = start[cells]
    slot, packed = np.empty(m, SLOT), np.empty(m, np.float64)
    at = start[:-1].copy()
    for j in range(cell.size):
        c = cell[j]
        if c >= 0 and weight[j] > 0.0:
            slot[at[c]].listing = j
            packed[at[c]] = weight[j]
            at[c] += 1
    small, large = np.empty(m, np.int32), np.empty(m, np.int32)
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


class Weights(NamedTuple):
    """Cell and serving weight of every listing, by shelf; cell -1 is off the shelf. Scratch of a tick."""

    serve: F8  # by engagement
    query: F8  # whatever its engagement
    cell: I4
    query_cell: I4
    trend_cell: I4
    test_cell: I4


@compiled()
def serving_weights(
    tick: int, ticks_per_day: float, listings: Listings, cards: npt.NDArray[Any], authority: F4, rules: Serving,
    out: Weights,
) -> None:
    """Write the weights and cells of all listings.

    serve = 2^(-age/freshness) (engagement/mean)^theta e^(quality (craft + authority)) remaining budget;
    query leaves out budget and engagement. Listings not yet open, or closed, are off every shelf.
    """
    for j in range(listings.item.size):
        out.cell[j] = out.query_cell[j] = out.trend_cell[j] = out.test_cell[j] = -1
        if listings.item[j] < 0 or listings.opens[j] > tick:
            continue
        left, k = listings.budget[j], np.int64(listings.platform[j])
        if left <= 0.0 and not rules.searched[k]:
            continue
        card = cards[listings.item[j]]
        age = (tick - listings.opens[j]) / ticks_per_day
        log_w = -LN2 * age / rules.freshness[k]
        if rules.quality[k] > 0.0:
            log_w += rules.quality[k] * (card.craft + authority[card.producer])
        w = exp4(log_w)
        cell = k * rules.genres + card.genre
        if rules.searched[k]:
            out.query[j], out.query_cell[j] = w, cell
        if left > 0.0:
            score = (listings.engaged[j] + rules.shrinkage * rules.mean[k]) / (listings.shown[j] + rules.shrinkage)
            out.serve[j], out.cell[j] = w * left * exp4(rules.theta[k] * log4(score / rules.mean[k])), cell
            if listings.stage[j] == 0:
                out.test_cell[j] = k
            elif listings.stage[j] >= rules.top_stage:
                out.trend_cell[j] = k
