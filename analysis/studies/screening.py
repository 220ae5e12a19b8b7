"""A study of which parameters move anything: groups first, then members of the groups that do.

Two-stage group screening (Watson 1961, Technometrics 3:371). All members of a group are set to ends of their ranges at
once, each to an end drawn at random, and then each to its other end. Effects of two members may cancel, so that this is
done three times, in which most pairs of members go together once and against each other once. Members of a group that
moves something are then set to either end alone. All runs of a seed share their random numbers.

*The noise floor.* Whatever changes one choice changes luck from there on, so that runs of one seed drift apart even
where a parameter means nothing. How far they do is measured by runs of the defaults whose luck after the set-up is
another. A mean change of a headline outcome counts where it is larger than chance makes the largest one of all
outcomes and contrasts in one of twenty parameters that mean nothing (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import ndtri

from sim.settings import Parameter

Levels = np.ndarray  # (seeds, outcomes)
Run = Callable[[Sequence[Mapping[str, Any]]], list[Levels]]  # levels of several settings, each by parameters' paths

PATTERNS = 3  # ways in which the ends of a group's members are combined
GROUP_SIZE = 8
FALSE_ALARMS = 0.05  # parameters that mean nothing and are said to move something


@dataclass(frozen=True)
class Factor:
    """A parameter with the values at both ends of its range; `paths` are those that it sets, one per platform."""

    path: str
    paths: tuple[str, ...]
    low: Any
    high: Any

    def at(self, end: int) -> dict[str, Any]:
        """Return the settings of the low end (0) or the high one (1)."""
        return dict.fromkeys(self.paths, self.high if end else self.low)


def ends_of(parameter: Parameter) -> tuple[Any, Any] | None:
    """Return the values between which a parameter is tried; None for free text and dates."""
    info = parameter.info
    if info.low is not None and info.high is not None:
        return info.low, info.high
    if parameter.type == "bool":
        return False, True
    return (info.choices[0], info.choices[-1]) if info.choices else None


@dataclass(frozen=True)
class Floor:
    """How far means of paired changes get by chance, by outcome.

    Attributes
    ----------
    sd : of a change in one pair whose arms differ in their luck alone.
    threshold : that a mean over the seeds must exceed to count.
    unit : standard deviation of the outcome over seeds, in which changes are reported.
    steady : whether all runs have a value, or none has: then one that comes or goes is no chance.
    """

    sd: np.ndarray
    threshold: np.ndarray
    unit: np.ndarray
    steady: np.ndarray


def floor_of(usual: Levels, others: Sequence[Levels]) -> Floor:
    """Measure the noise floor from runs of the defaults.

    Parameters
    ----------
    usual : levels of the defaults.
    others : the same under other lucks after the set-up.
    """
    lucks = np.ma.masked_invalid(np.stack([usual, *others]))  # (lucks, seeds, outcomes)
    sd = np.sqrt(2.0 * lucks.var(axis=0, ddof=1).mean(axis=0)).filled(0.0)
    contrasts = 3 * usual.shape[1]
    quantile = float(ndtri(1.0 - FALSE_ALARMS / contrasts / 2.0))
    unit = lucks.reshape(-1, usual.shape[1]).std(axis=0, ddof=1).filled(0.0)
    null = np.isnan([usual, *others])
    steady = null.all(axis=(0, 1)) | ~null.any(axis=(0, 1))
    return Floor(sd, quantile * sd / math.sqrt(len(usual)), unit, np.asarray(steady, np.bool_))


@dataclass(frozen=True)
class Change:
    """The largest change that a parameter or group makes, and the outcome in which it does.

    Attributes
    ----------
    times : over the noise floor's threshold; above 1 it counts.
    units : in standard deviations of the outcome over seeds.
    same : whether no outcome changed at all, in any digit of any seed.
    """

    outcome: int
    times: float
    units: float
    same: bool

    @property
    def moves(self) -> bool:
        """Whether it is more than noise."""
        return self.times > 1.0


def largest_change(settings: Sequence[Levels], floor: Floor) -> Change:
    """Find the largest mean change between any two of some settings, over the noise floor."""
    best, same = Change(0, 0.0, 0.0, True), True
    for one, other in combinations(settings, 2):
        gaps = other - one
        same = same and bool(np.array_equal(one, other, equal_nan=True))
        filled = np.isfinite(gaps).any(axis=0)
        mean = np.zeros(gaps.shape[1])
        mean[filled] = np.nanmean(gaps[:, filled], axis=0)
        appears = floor.steady & (np.isnan(one).all(axis=0) != np.isnan(other).all(axis=0))  # a value of one side alone
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.where(mean == 0.0, 0.0, np.abs(mean) / floor.threshold)
            units = np.where(mean == 0.0, 0.0, mean / floor.unit)
        times[appears] = units[appears] = np.inf
        top = int(np.nanargmax(times))
        if times[top] > best.times:
            best = Change(top, float(times[top]), float(units[top]), False)
    return Change(best.outcome, best.times, best.units, same)


@dataclass
class Found:
    """What screening found: changes of groups by their members' paths, and of members tried alone by path."""

    groups: list[tuple[tuple[str, ...], Change]] = field(default_factory=list)
    members: dict[str, Change] = field(default_factory=dict)

    def inert(self) -> Iterator[tuple[str, Change]]:
        """Yield every parameter that moves nothing: of a group that moves nothing, or tried alone."""
        for paths, change in self.groups:
            for path in paths:
                if not change.moves:
                    yield path, change
                elif not self.members[path].moves:
                    yield path, self.members[path]


def screen(factors: Sequence[Factor], run: Run, usual: Levels, floor: Floor, seed: int = 0) -> Found:
    """Screen groups of neighbouring parameters, then the members of those that move something.

    Parameters
    ----------
    run : gives the levels of settings that differ from the defaults.
    usual : levels of the defaults.
    """
    found, rng = Found(), np.random.default_rng(seed)
    groups = list(grouped(factors))
    signs = [signs_of(len(group), rng) for group in groups]
    patterns = [
        _pattern(group, ends ^ turn)
        for group, sign in zip(groups, signs, strict=True)
        for ends in sign
        for turn in (0, 1)
    ]
    levels = iter(run(patterns))
    active: list[Factor] = []
    for group in groups:
        pairs = [(next(levels), next(levels)) for _ in range(PATTERNS)]
        changes = [largest_change((one, usual, other), floor) for one, other in pairs]
        top = max(changes, key=lambda change: change.times)
        change = Change(top.outcome, top.times, top.units, all(c.same for c in changes))
        found.groups.append((tuple(factor.path for factor in group), change))
        active += group if change.moves else []
    alone = iter(run([factor.at(end) for factor in active for end in (0, 1)]))
    for factor in active:
        found.members[factor.path] = largest_change((next(alone), usual, next(alone)), floor)
    return found


def grouped(factors: Sequence[Factor]) -> Iterator[list[Factor]]:
    """Cut the parameters of each part of the settings into groups of neighbours, which belong to one mechanism."""
    parts: dict[str, list[Factor]] = {}
    for factor in factors:
        parts.setdefault(factor.path.split(".")[0], []).append(factor)
    for mine in parts.values():
        pieces = math.ceil(len(mine) / GROUP_SIZE)
        for piece in np.array_split(np.arange(len(mine)), pieces):
            yield [mine[k] for k in piece]


def signs_of(members: int, rng: np.random.Generator) -> np.ndarray:
    """Draw to which end each member goes, shape (PATTERNS, members).

    After the first way, each way turns round one half of the members, and each time another half: two members go the
    same way in all only where a random numbering of them agrees in its last digits, written with base 2.
    """
    first, number = rng.integers(0, 2, members), rng.permutation(members)
    return np.stack([first] + [first ^ (number >> k & 1) for k in range(PATTERNS - 1)])


def _pattern(group: Sequence[Factor], ends: np.ndarray) -> dict[str, Any]:
    """Return the settings of a group with each member at an end."""
    return {path: value for factor, end in zip(group, ends, strict=True) for path, value in factor.at(int(end)).items()}
