"""Counter-based random draws: a number is a pure function of (seed, replication, stream, step, uid, draw).

No generator carries state, so adding an agent, a thread or a policy changes no other draw. The mixing function is
the SplitMix64 finaliser (Steele, Lea & Flood 2014, OOPSLA) applied to each word in turn. The scalar functions are
for kernels; `Stream` draws with them over arrays (a test compares them with NumPy's arithmetic bit for bit).
"""

from __future__ import annotations

import functools
import hashlib
from math import exp
from typing import Any

import numpy as np
from scipy import special

from sim.base.cache import cached
from sim.base.tables import F8, I8, U8

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53
MAX_SUMMED = 60  # largest count for which Poisson probabilities are added up one by one
# Streams from which the same number is drawn for the same producer or item week after week: who keeps the code, who
# withholds rights, which items a fact check finds. They are traits of who and what there is, not luck of a week.
STANDING = frozenset({"code", "fact_check", "rights"})


@cached(inline="always")
def mix(x: np.uint64) -> np.uint64:
    """SplitMix64 finaliser.

    A one-to-one scrambling of 64-bit words, in which each input bit affects every output bit.
    """
    x = (x ^ (x >> _S30)) * _M1
    x = (x ^ (x >> _S27)) * _M2
    return x ^ (x >> _S31)


@cached(inline="always")
def origin(key: np.uint64, step: np.uint64, uid: np.uint64) -> np.uint64:
    """Hash of (stream key, step, entity): the start word from which this entity's draws at this step are numbered.

    Pass it to `unit` or `mixed` with the number of the draw.
    """
    return mix(mix(key + step * GOLDEN) ^ mix(uid + GOLDEN))


@cached(inline="always")
def fraction(word: np.uint64) -> float:
    """Convert a mixed 64-bit word to a uniform number in (0, 1), using its upper 53 bits."""
    return (np.float64(word >> _S11) + 0.5) * _UNIT


@cached(inline="always")
def mixed(start: np.uint64, draw: np.uint64) -> np.uint64:
    """Random 64-bit word: draw number `draw` (from 0) of the entity and step that `start = origin(...)` stands for."""
    return mix(start + (draw + np.uint64(1)) * GOLDEN)


@cached(inline="always")
def unit(start: np.uint64, draw: np.uint64) -> float:
    """Uniform number in (0, 1), never 0 or 1.

    Draw number `draw` of the entity and step behind `start = origin(...)`.
    """
    return fraction(mixed(start, draw))


@cached(nogil=True)
def _one_each(key: np.uint64, step: int, uids: U8, draw: int) -> F8:
    """Draw number `draw` of every entity at a step: uniform numbers, shape (n,).

    `step` and `draw` become words here, because NumPy's scalars take longer to pass to a kernel than Python's integers.
    """
    out = np.empty(uids.size)
    for i in range(uids.size):
        out[i] = unit(origin(key, np.uint64(step), uids[i]), np.uint64(draw))
    return out


@cached(nogil=True)
def _uniform(key: np.uint64, step: int, uids: U8, draws: U8) -> F8:
    """Several draws of every entity at a step: uniform numbers, shape (n, m).

    `draws` holds the numbers of the draws: shape (n, m), or (1, m) where all entities use the same.
    """
    out = np.empty((uids.size, draws.shape[1]))
    for i in range(uids.size):
        start, mine = origin(key, np.uint64(step), uids[i]), draws[i if draws.shape[0] > 1 else 0]
        for d in range(mine.size):
            out[i, d] = unit(start, mine[d])
    return out


@cached(nogil=True)
def _poisson_quantile(p: F8, mean: F8) -> I8:
    """Smallest count whose cumulative Poisson probability reaches p, for each p and mean; shape (n,).

    Found by adding up probabilities. Returns -1 where that takes more than `MAX_SUMMED` terms: too slow and inexact.
    """
    counts = np.empty(p.size, np.int64)
    for i in range(p.size):
        part = total = exp(-mean[i])
        count = 0
        while total < p[i] and count >= 0:
            count += 1
            part *= mean[i] / count
            total += part
            count = count if count <= MAX_SUMMED else -1
        counts[i] = count
    return counts


@cached(inline="always")
def coin(key: np.uint64, uid: np.uint64) -> np.uint64:
    """A fair coin flip, 0 or 1, which is always the same for one entity and key."""
    return mix(mix(uid + GOLDEN) ^ key) >> np.uint64(63)


@cached(nogil=True)
def _derived(key: np.uint64, parents: U8, ordinals: U8) -> U8:
    """Uids of entities, hashed from their kind's key, their parent's uid and their ordinal under it; shape (n,).

    A `parents` or `ordinals` of one element applies to all.
    """
    many_parents, many_ordinals = parents.size != 1, ordinals.size != 1
    out = np.empty(parents.size if many_parents else ordinals.size, np.uint64)
    for i in range(out.size):
        parent, ordinal = parents[i if many_parents else 0], ordinals[i if many_ordinals else 0]
        out[i] = mix(mix(key ^ mix(parent + GOLDEN)) + ordinal * GOLDEN)
    return out


@cached(nogil=True)
def _coins(keys: U8, uids: U8) -> I8:
    """Coin flips (`coin`) of many entities, shape (n,); a single key applies to all."""
    out = np.empty(uids.size, np.int64)
    for i in range(uids.size):
        out[i] = np.int64(coin(keys[i if keys.size > 1 else 0], uids[i]))
    return out


def _words(value: Any) -> U8:
    """Convert an integer or an array, shape (n,), to 64-bit words."""
    return np.ascontiguousarray(value).astype(np.uint64, copy=False)


def _match(one: U8, other: U8) -> None:
    """Raise ValueError unless both arrays have the same size or one has a single element."""
    if one.size != other.size and 1 not in (one.size, other.size):
        raise ValueError(f"{one.size} and {other.size} numbers do not go together")


def coins(keys: Any, uids: U8) -> I8:
    """Coin flips 0 or 1 of many entities, as in `coin`, shape (n,); `keys` is one key, or one per entity."""
    words = _words(keys), _words(uids)
    _match(*words)
    return np.asarray(_coins(*words), np.int64)


def key_of(*parts: object) -> np.uint64:
    """64-bit key of any printable parts (the first 8 bytes of SHA-256)."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return np.uint64(int.from_bytes(digest[:8], "little"))


@functools.cache
def _key_of_kind(kind: str) -> np.uint64:
    """64-bit key of a kind of entity, which `derive` hashes with parent and ordinal."""
    return key_of("uid", kind)


def derive(kind: str, parent: Any, ordinal: Any) -> U8:
    """Uids of entities, hashed from what made them: their kind, their parent's uid and their ordinal under that parent.

    Parameters
    ----------
    kind : the entity's kind, e.g. "item".
    parent, ordinal : integers or arrays that broadcast; shape (n,).

    Returns
    -------
    uint64 array, shape (n,).
    """
    words = _words(parent), _words(ordinal)
    _match(*words)
    return np.asarray(_derived(_key_of_kind(kind), *words), np.uint64)


@functools.lru_cache(256)
def _run(first: int, count: int) -> U8:
    """Consecutive numbers of draws, `first` to `first + count - 1`, as `_uniform` takes them; shape (1, count).

    The array is cached, so nobody may write to it. It is not marked read-only, because numba would compile `_uniform`
    again for read-only arrays.
    """
    return np.arange(first, first + count, dtype=np.uint64)[None, :]


def _grid(uids: U8, draw: Any) -> tuple[U8, tuple[int, ...], U8]:
    """Bring entities and draw numbers into the form that `_uniform` takes.

    Returns
    -------
    The entities' uids, shape (n,); the shape that the caller's result has; the draw numbers, shape (n, m) or (1, m).
    """
    if uids.ndim == 2 and uids.shape[1] == 1:
        draws = np.atleast_2d(np.ascontiguousarray(draw).astype(np.uint64))
        shape = len(uids), draws.shape[1]
    else:
        uids, draws = np.broadcast_arrays(uids, np.asarray(draw).astype(np.uint64))
        shape, draws = uids.shape, np.ascontiguousarray(draws).reshape(-1, 1)
    _check_rows(uids, draws)
    return np.ascontiguousarray(uids).ravel(), shape, draws


def _check_rows(uids: U8, draws: U8) -> None:
    """Raise ValueError unless `draws` has one row for all entities, or one row per entity."""
    if len(draws) not in (1, uids.size):
        raise ValueError(f"{uids.size} entities and draws of shape {draws.shape} do not go together")


class Stream:
    """One named stream of random draws; every draw is a hash of (stream, step, entity, number of the draw).

    Every method takes `step` (the week, tick or 0), `uids` (uint64, shape (n,)) and `draw` (which of the entity's draws
    at that step: an integer, or an array that broadcasts) and returns shape (n,) unless stated otherwise. With uids of
    shape (n, 1) and draws of shape (m,) or (n, m) the result has shape (n, m), and each entity is hashed only once.
    """

    def __init__(self, seed: int, replication: int, name: str) -> None:
        self.key = key_of("stream", seed, replication, name)

    def uniform(self, step: int, uids: U8, draw: Any = 0) -> F8:
        """Uniform numbers in (0, 1), never 0 or 1."""
        uids = np.ascontiguousarray(uids, np.uint64)
        if isinstance(draw, int) and uids.ndim == 1:
            return _one_each(self.key, step, uids, draw)
        rows, shape, draws = _grid(uids, draw)
        return np.asarray(_uniform(self.key, step, rows, draws), np.float64).reshape(shape)

    def normal(self, step: int, uids: U8, draw: Any = 0) -> F8:
        """Standard normal numbers.

        Each is the normal quantile of one uniform number, so that two runs with the same draws stay comparable.
        """
        return np.asarray(special.ndtri(self.uniform(step, uids, draw)), np.float64)

    def uniforms(self, step: int, uids: U8, count: int, draw: Any = 0) -> F8:
        """Uniform numbers, shape (n, count).

        The entity's draws `draw` (a number, or shape (n,)) to `draw + count - 1`.
        """
        if isinstance(draw, int):
            draws = _run(draw, count)
        else:
            draws = (draw[:, None] + np.arange(count)).astype(np.uint64)
            _check_rows(uids, draws)
        made: F8 = _uniform(self.key, step, np.ascontiguousarray(uids, np.uint64), draws)
        return made

    def normals(self, step: int, uids: U8, count: int, draw: Any = 0) -> F8:
        """Standard normal numbers, shape (n, count), from the draws that `uniforms` makes."""
        return np.asarray(special.ndtri(self.uniforms(step, uids, count, draw)), np.float64)

    def gumbel(self, step: int, uids: U8, draw: Any = 0) -> F8:
        """Standard Gumbel numbers. Choosing the largest of value + Gumbel number is a logit choice among the values."""
        return gumbel(self.uniform(step, uids, draw))

    def poisson(self, step: int, uids: U8, mean: Any, draw: Any = 0) -> I8:
        """Poisson counts with the given means, shape (n,): for one draw, a higher mean never gives a lower count."""
        u = self.uniform(step, uids, draw)
        expected = np.maximum(mean, np.zeros(u.shape))
        count: I8 = _poisson_quantile(u.ravel(), expected.ravel()).reshape(u.shape)
        large = count < 0
        if large.any():
            count[large] = poisson_quantile(u[large], expected[large])
        return count


def gumbel(u: F8) -> F8:
    """Convert uniform numbers in (0, 1) to standard Gumbel numbers, of the same shape."""
    return np.asarray(-np.log(-np.log(u)), np.float64)


def poisson_quantile(p: F8, mean: F8) -> I8:
    """Smallest counts whose cumulative Poisson probability reaches p; p and the positive means have shape (n,)."""
    guess = np.maximum(np.ceil(special.pdtrik(p, mean)), 0.0)
    below = np.maximum(guess - 1.0, 0.0)
    return np.asarray(np.where(special.pdtr(below, mean) >= p, below, guess), np.int64)


class Streams(dict[str, Stream]):
    """Dictionary of the streams of one run by name; a stream is created when it is first asked for.

    The arms of a comparison use the same seed and replication, so they see the same draws.

    Parameters
    ----------
    luck : another number gives other draws, but for the `STANDING` streams; 0 the run's own.
    """

    def __init__(self, seed: int, replication: int = 0, luck: int = 0) -> None:
        super().__init__()
        self.seed, self.replication, self.luck = seed, replication, luck

    def __missing__(self, name: str) -> Stream:
        of_luck = self.luck and name not in STANDING
        made = self[name] = Stream(self.seed, self.replication, f"{name} in luck {self.luck}" if of_luck else name)
        return made

    def under(self, luck: int) -> Streams:
        """Return the streams of the same run under another luck (0: its own)."""
        return Streams(self.seed, self.replication, luck)
