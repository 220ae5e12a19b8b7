"""Who follows whom among people: a generated graph with many closed triangles and a heavy tail of followers."""

from __future__ import annotations

import numpy as np

from sim.base.graphs import CSR, row_starts
from sim.base.randomness import Stream
from sim.base.tables import F8, U1
from sim.kernels.graphs import average_followed, choose_followed


def clustered_heavy_tailed(n: int, mean_degree: float, triad: float, stream: Stream) -> CSR:
    """Generate a follow graph with many closed triangles and a heavy tail of followers.

    Preferential attachment with triad formation (Holme & Kim 2002, Phys. Rev. E 65:026107), made directed: everyone
    follows one person a round. With probability `triad` it is someone who follows or is followed by their last choice
    (as of the round before), else an end of a random earlier follow. The first round is growth, node by node; in the
    later ones old nodes meet new ones, so that follows lead both ways between them. Everyone follows `mean_degree`
    people, rounded up or down at random.

    Parameters
    ----------
    n : number of nodes.
    mean_degree : mean number of people followed, 0 to n - 1.
    triad : probability that a choice after the first closes a triangle, 0 to 1.
    stream : source of the draws, keyed by (round, node).

    Raises
    ------
    ValueError : `mean_degree` or `triad` out of range.
    """
    if not (0 <= mean_degree <= max(n - 1, 0) and 0 <= triad <= 1):
        raise ValueError(f"no graph of {n} nodes with mean degree {mean_degree} and triad probability {triad}")
    rounds = int(np.ceil(mean_degree))
    spare = stream.uniform(rounds, np.arange(n, dtype=np.uint64)) >= mean_degree - (rounds - 1)
    degree = np.full(n, rounds, np.int64) - (spare if rounds else 0)
    chosen = np.full((n, rounds), n, np.int32)
    choose_followed(chosen, degree, float(triad), stream.key)
    chosen.sort(axis=1)
    return CSR(row_starts(degree), chosen[chosen < n])


def share_of_followed(graph: CSR, flag: U1) -> F8:
    """Share of the people that each node follows whose flag is 1 (0 where it follows nobody), shape (n,)."""
    share = np.zeros(len(flag))
    average_followed(graph.indptr, graph.indices, flag, share)
    return share
