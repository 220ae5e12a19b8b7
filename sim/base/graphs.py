"""Follow graphs as compressed sparse rows (CSR): made from edges, renumbered, and handed to networkx."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.tables import I4, I8, blocks


class CSR(NamedTuple):
    """A directed graph of follows in compressed sparse rows: whom each node follows, in ascending order.

    Node i follows `indices[indptr[i]:indptr[i + 1]]`. `indptr` has shape (n + 1,) and is int32, or int64 if there are
    too many follows for int32; `indices` is int32, shape (follows,).
    """

    indptr: I4 | I8
    indices: I4


def from_edges(n: int, followers: npt.ArrayLike, followed: npt.ArrayLike) -> CSR:
    """Build the graph of n nodes in which `followers[e]` follows `followed[e]`.

    A follow named twice counts once; following oneself is dropped.

    Parameters
    ----------
    n : number of nodes, below 2**31.
    followers, followed : node numbers 0 to n - 1, shape (edges,).

    Raises
    ------
    ValueError : the two differ in length, or name a node outside 0 to n - 1.
    """
    tail, head = np.asarray(followers, np.int64), np.asarray(followed, np.int64)
    if tail.ndim != 1 or tail.shape != head.shape:
        raise ValueError(f"followers and followed differ in shape: {tail.shape} and {head.shape}")
    if tail.size and not (min(tail.min(), head.min()) >= 0 and max(tail.max(), head.max()) < n):
        raise ValueError(f"an edge names a node outside 0 to {n - 1}")
    pairs = np.sort((tail * n + head)[tail != head])
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    degree = np.bincount(pairs // max(n, 1), minlength=n)
    return CSR(row_starts(degree), (pairs % max(n, 1)).astype(np.int32))


def reordered(csr: CSR, order: npt.ArrayLike) -> CSR:
    """Renumber the nodes of a graph.

    Node r of the result is node `order[r]` of the argument; `order` is a permutation, shape (n,).
    """
    order = np.asarray(order, np.int64)
    n = len(order)
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)  # new number of each old node
    degree = np.diff(csr.indptr)[order]
    indptr, indices = row_starts(degree), np.empty_like(csr.indices)
    for rows in blocks(n):  # by blocks, so that intermediate arrays stay small
        number = np.repeat(np.arange(rows.stop - rows.start), degree[rows])
        first, last = indptr[rows.start], indptr[rows.stop]
        # positions of these rows' entries among the old ones
        at = np.arange(last - first) + np.repeat(csr.indptr[order[rows]] - (indptr[rows] - first), degree[rows])
        indices[first:last] = np.sort(number * n + rank[csr.indices[at]]) % max(n, 1)
    return CSR(indptr, indices)


def to_networkx(csr: CSR) -> Any:
    """Convert to a `networkx.DiGraph` on the nodes 0 to n - 1, an edge u → v where u follows v."""
    import networkx as nx

    n = len(csr.indptr) - 1
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    followers = np.repeat(np.arange(n), np.diff(csr.indptr))
    graph.add_edges_from(zip(followers.tolist(), csr.indices.tolist(), strict=True))
    return graph


def row_starts(degree: I4 | I8) -> I4 | I8:
    """Start of each row, given the lengths of rows.

    These are cumulative sums from 0, shape (n + 1,), in int32 where that is wide enough.
    """
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(degree, dtype=np.int64)])
    return start.astype(np.int32) if start[-1] <= np.iinfo(np.int32).max else start
