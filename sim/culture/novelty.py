"""Distances in concept space: nearest exemplars, similarity, diversity, new ground, approach to novel works."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special
from scipy.spatial.distance import cdist, squareform

from sim.base.tables import B1, F8, I4, I8, Array
from sim.kernels.concepts import nearest
from sim.kernels.measures import pair_gaps

NONE: I8 = np.zeros(0, np.int64)  # for `own`: no point lies in the bank


def thin(rows: Array, limit: int) -> Array:
    """At most `limit` of the rows, evenly spaced, as a view."""
    return rows[:: -(-len(rows) // limit)] if len(rows) > limit else rows


def neighbour_count(size: int) -> int:
    """Number of nearest exemplars that novelty is measured by: a fiftieth of `size`, at least 3.

    With a fixed number novelty would drift as a canon grows.
    """
    return max(3, size // 50)


def nearest_rows(points: Array, bank: Array, k: int, own: I8 = NONE) -> tuple[I4, F8]:
    """Find the `k` rows of a bank nearest to each point, and their distances, as `kernels.concepts.nearest` does."""
    result: tuple[I4, F8] = nearest(
        np.ascontiguousarray(points, np.float32), np.ascontiguousarray(bank, np.float32), own, k
    )
    return result


def rms_pair_distance(concepts: Array) -> float | None:
    """Root mean square distance between two different rows, over all pairs; None with fewer than two rows."""
    if len(concepts) < 2:
        return None
    return float(np.sqrt(2.0 * np.asarray(concepts, np.float64).var(axis=0, ddof=1).sum()))


def pair_similarity(concepts: Array, length: float) -> float | None:
    """Mean of exp(-distance² / 2 length²) over pairs of rows (`thin` large sets first); None with fewer than two."""
    if len(concepts) < 2:
        return None
    likeness = _likeness(concepts, length)
    return float(likeness.sum()) / len(likeness)


def _likeness(concepts: Array, length: float) -> F8:
    """Kernel exp(-distance² / 2 length²) for all pairs of rows, in the order of `pair_gaps`, shape (n (n - 1) / 2,)."""
    gaps = pair_gaps(np.ascontiguousarray(concepts.T, np.float64))
    gaps *= -0.5 / length**2
    return np.asarray(np.exp(gaps, out=gaps))


def vendi_score(concepts: Array, length: float) -> float | None:
    """Log Vendi score: entropy of the eigenvalues of the RBF kernel over n (Friedman & Dieng 2023), in nats.

    It lies between 0 (copies) and log n (nothing alike); compare equal n only. None without rows.
    """
    count = len(concepts)
    if count == 0:
        return None
    likeness = squareform(_likeness(concepts, length))
    np.fill_diagonal(likeness, 1.0)
    values = np.linalg.eigvalsh(likeness / count)
    return float(special.entr(np.maximum(values, 0.0)).sum())


def frontier_growth(
    this_year: Array, last_year: Array, length: float, score: Callable[[Array, float], float | None] = vendi_score
) -> float | None:
    """Difference of log Vendi scores between two subsamples of a canon, cut to equal size; None if one is empty.

    `score` computes the log Vendi score; a caller may pass one that remembers earlier results.
    """
    count = min(len(this_year), len(last_year))
    now, before = score(this_year[:count], length), score(last_year[:count], length)
    return None if now is None or before is None else now - before


def new_ground(this_year: Array, last_year: Array, *, least: int, limit: int) -> float | None:
    """Share of this year's items farther from last year's than 90 % of last year's are from each other, minus 0.10.

    Last year is split by alternate rows. Distances from one half to the nearest of the other set the threshold, and
    this year's items are compared with that other half, so a year like the last one gives 0.

    Parameters
    ----------
    this_year, last_year : shape (n, D).
    least : with fewer items in either year the result is None.
    limit : use at most so many items per year, evenly spaced.
    """
    now, before = thin(this_year, limit), thin(last_year, limit)
    if min(len(now), len(before)) < max(least, 2):
        return None
    mark, bank = before[::2], before[1::2]
    reach = np.quantile(nearest_rows(mark, bank, 1)[1], 0.9)
    return float((nearest_rows(now, bank, 1)[1] > reach).mean() - 0.10)


def lovelace_pass(
    novelty: Array,
    satisfaction: Array,
    exposures: Array,
    *,
    trailing: float,
    frozen: float,
    median: float,
    least_exposures: int,
) -> B1:
    """Which items pass a Lovelace test: novel beyond human items, pleasing, and seen often enough; shape (n,).

    After Bringsjord, Bello & Ferrucci 2001.

    Parameters
    ----------
    novelty, satisfaction, exposures : of each item, shape (n,); satisfaction is the mean per use.
    trailing, frozen : 95th percentile of the genre's human novelty in the trailing year and before release; both must
        be
        exceeded.
    median : satisfaction of the median human item, which must be reached.
    least_exposures : fewest exposures of an item that can pass.
    """
    return np.asarray(
        (novelty > max(trailing, frozen)) & (satisfaction >= median) & (exposures >= least_exposures), np.bool_
    )


def approach(
    points: Array, makers: Array, before: tuple[Array, Array], later: tuple[Array, Array], *, least: int
) -> F8:
    """How much nearer later works by others came to each point than earlier ones were: log ratio of distances, (n,).

    Distance is the mean over the nearest fiftieth of the works, at least three, as for novelty. NaN where a set has
    fewer than `least` works by others.

    Parameters
    ----------
    points, makers : concepts, shape (n, D), and who made each, shape (n,).
    before, later : concepts, shape (m, D), and makers, shape (m,), of as many works each.
    """
    distance = np.full((2, len(points)), np.nan)
    for side, (bank, by) in enumerate((before, later)):
        gaps = cdist(points, bank)
        gaps[makers[:, None] == by[None, :]] = np.inf
        gaps.sort(axis=1)
        others = np.isfinite(gaps).sum(axis=1)
        for row in (others >= max(least, 3)).nonzero()[0]:
            distance[side, row] = gaps[row, : neighbour_count(int(others[row]))].mean()
    return np.asarray(np.log(distance[0] / distance[1]), np.float64)
