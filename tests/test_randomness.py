"""Draws over arrays follow the published mixing function, entity by entity."""

import numpy as np
import pytest

from sim.base.randomness import Stream, derive, poisson_quantile

MASK = 2**64 - 1


def mixed(x: int) -> int:
    """SplitMix64's finaliser (Steele, Lea & Flood 2014) in Python's whole numbers."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def drawn(key: int, step: int, uid: int, draw: int) -> float:
    golden = 0x9E3779B97F4A7C15
    start = mixed(mixed((key + step * golden) & MASK) ^ mixed((uid + golden) & MASK))
    return ((mixed((start + (draw + 1) * golden) & MASK) >> 11) + 0.5) * 2.0**-53


@pytest.mark.parametrize("step", [0, 3, 2_183])
def test_uniform_numbers_are_the_mixing_function_of_their_words(step: int) -> None:
    stream, uids = Stream(1, 2, "any"), derive("any", 0, np.arange(50))
    found = stream.uniform(step, uids[:, None], np.arange(4))
    wanted = [[drawn(int(stream.key), step, int(uid), draw) for draw in range(4)] for uid in uids]
    assert found.tolist() == wanted
    assert stream.uniform(step, uids, 2).tolist() == found[:, 2].tolist()


@pytest.mark.parametrize("mean", [0.01, 0.7, 2.3, 12.0, 45.0, 400.0])
def test_counts_are_the_quantiles_of_their_law(mean: float) -> None:
    stream, uids = Stream(0, 0, "counts"), derive("any", 0, np.arange(20_000))
    wanted = poisson_quantile(stream.uniform(1, uids), np.full(len(uids), mean))
    assert np.array_equal(stream.poisson(1, uids, mean), wanted)
    assert stream.poisson(1, uids, mean).mean() == pytest.approx(mean, abs=5.0 * (mean / len(uids)) ** 0.5)
    assert (stream.poisson(1, uids, 0.0) == 0).all()
