"""Scrambled Sobol' points: numbers that fill the unit cube evenly, each a pure function of key and index.

The sequence is that of Joe & Kuo 2008 (SIAM J Sci Comput 30:2635); the scrambling is Owen's (1995, *Monte Carlo and
Quasi-Monte Carlo Methods in Scientific Computing*): each bit of a coordinate is flipped by a fair coin that belongs to
the bits before it. So every point is uniform in the cube by itself, and consecutive points are spread over it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.base.cache import cached
from sim.base.randomness import Stream, derive, fraction, mixed
from sim.base.tables import F8, U8

BITS = 32  # of an index, and of a coordinate that is spread; the bits below these are random
_TOP, _HALF = np.uint64(63), np.uint64(BITS)
# Degree, coefficients and first odd numbers of the primitive polynomial of each dimension after the first
_POLYNOMIALS = (
    (1, 0, (1,)), (2, 1, (1, 3)), (3, 1, (1, 3, 1)), (3, 2, (1, 1, 1)), (4, 1, (1, 1, 3, 3)), (4, 4, (1, 3, 5, 13)),
    (5, 2, (1, 1, 5, 5, 17)),
)  # fmt: skip
MAX_DIMENSIONS = 1 + len(_POLYNOMIALS)


def _directions(degree: int, coefficients: int, odd: tuple[int, ...]) -> list[int]:
    """Direction numbers of one dimension, one for each bit of an index."""
    made = [number << (BITS - place - 1) for place, number in enumerate(odd)]
    for k in range(degree, BITS):
        value = made[k - degree] ^ (made[k - degree] >> degree)
        for place in range(1, degree):
            if coefficients >> (degree - 1 - place) & 1:
                value ^= made[k - place]
        made.append(value)
    return made


DIRECTIONS: U8 = np.array(
    [[1 << (BITS - k - 1) for k in range(BITS)], *(_directions(*polynomial) for polynomial in _POLYNOMIALS)], np.uint64
)  # (MAX_DIMENSIONS, BITS)


@cached(nogil=True)
def _scrambled(starts: U8, index: U8, directions: U8) -> F8:
    """Coordinates of points, shape (n, d).

    Parameters
    ----------
    starts : word from which each dimension's coins are numbered, shape (d,).
    index : of each point, shape (n,), below 2**32.
    directions : direction numbers, shape (d, 32).
    """
    one = np.uint64(1)
    out = np.empty((index.size, starts.size))
    for i in range(index.size):
        for d in range(starts.size):
            x, rest, place = np.uint64(0), index[i], 0
            while rest > 0:
                if rest & one:
                    x ^= directions[d, place]
                rest >>= one
                place += 1
            y = np.uint64(0)
            for k in range(BITS):
                before = one << np.uint64(k) | x >> np.uint64(BITS - k)  # the bits before, behind a leading one
                bit = x >> np.uint64(BITS - 1 - k) & one
                y = y << one | (bit ^ mixed(starts[d], before) >> _TOP)
            out[i, d] = fraction(y << _HALF | mixed(starts[d], one << _HALF | x) >> _HALF)
    return out


def sobol_points(starts: U8, index: U8) -> F8:
    """Points of a scrambled Sobol' sequence by their index, shape (n, d), each coordinate in (0, 1).

    Parameters
    ----------
    starts : a random word for each dimension, shape (d,), d at most `MAX_DIMENSIONS`; equal words, equal scrambling.
    index : shape (n,), below 2**32.
    """
    points: F8 = _scrambled(starts, index, DIRECTIONS[: len(starts)])
    return points


def spread_uniforms(stream: Stream, step: int, index: Any, dimensions: int) -> F8:
    """Uniform numbers of a stream that are spread over entities numbered from 0, shape (n, dimensions).

    Those of one entity follow the law of independent uniform numbers; those of consecutive entities fill the unit cube
    evenly. Each step has a scrambling of its own.

    Parameters
    ----------
    index : number of each entity, shape (n,).
    """
    starts = derive("scrambling", stream.key, step * MAX_DIMENSIONS + np.arange(dimensions))
    return sobol_points(starts, np.ascontiguousarray(index).astype(np.uint64, copy=False))
