"""Screening finds what moves a toy function, and no more; parameters that move nothing have a reason."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from analysis.studies import inert
from analysis.studies.record import FOLDER, read_record
from analysis.studies.screening import (
    GROUP_SIZE,
    Factor,
    ends_of,
    floor_of,
    grouped,
    largest_change,
    screen,
    signs_of,
)
from sim.base.randomness import key_of
from sim.settings import registry
from sim.settings.scenario import compose, with_values

SEEDS = 6
USUAL = 0.5
# What moves the toy: alone, against each other within a group, both ways from the middle, or only in one digit
EFFECT = {"a.p3": 2.0, "b.p1": 1.5, "b.p2": -1.5}
HUMP, FAINT = "c.p5", "d.p0"
PATHS = [f"{part}.p{k}" for part, count in zip("abcd", (28, 8, 8, 24), strict=True) for k in range(count)]
FACTORS = [Factor(path, (path,), 0.0, 1.0) for path in PATHS]


class Toy:
    """Levels of two outcomes that chance decides but for some parameters; counts what is asked of it."""

    def __init__(self, noise: float) -> None:
        self.noise, self.asked = noise, 0

    def one(self, values: Mapping[str, Any], luck: int = 0) -> np.ndarray:
        """Levels, shape (seeds, 2); whatever differs from the defaults has other luck."""
        self.asked += 1
        changed = {path: value for path, value in values.items() if path not in ("a.p0", "a.p1")}  # these never act
        mark = int(key_of(luck, *sorted(changed.items())))
        rows = [np.random.default_rng([seed, mark if changed or luck else 0]).normal(size=2) for seed in range(SEEDS)]
        whole = {path: values.get(path, USUAL) for path in PATHS}
        first = sum(effect * whole[path] for path, effect in EFFECT.items()) + 1e-6 * whole[FAINT]
        second = 8.0 * (whole[HUMP] - USUAL) ** 2
        return np.array([first, second]) + self.noise * np.array(rows)

    def many(self, settings: Sequence[Mapping[str, Any]]) -> list[np.ndarray]:
        """Levels of several settings."""
        return [self.one(values) for values in settings]


def screened(noise: float) -> tuple[set[str], Any, Toy]:
    """Paths that move nothing, what was found, and the toy."""
    toy = Toy(noise)
    usual = toy.one({})
    found = screen(FACTORS, toy.many, usual, floor_of(usual, [toy.one({}, luck) for luck in range(1, 9)]))
    return {path for path, _ in found.inert()}, found, toy


def test_screening_finds_what_moves_and_tries_no_members_of_idle_groups() -> None:
    idle, found, toy = screened(noise=0.1)
    moving = {*EFFECT, HUMP}
    assert moving <= set(PATHS) - idle and len(set(PATHS) - idle - moving) <= 2  # by chance, one in twenty
    active = {path for paths, change in found.groups if change.moves for path in paths}
    assert moving <= active and set(found.members) == active
    everything = 2 * len(PATHS) + 9
    assert toy.asked < everything


def test_a_change_below_the_noise_is_not_the_same_as_none() -> None:
    _, found, _ = screened(noise=0.1)
    changes = {path: change for paths, group in found.groups for path, change in [(paths, group)]}
    assert not any(change.same for change in changes.values())
    assert found.members["a.p0"].same if "a.p0" in found.members else True
    still, *_ = screened(noise=0.0)
    assert FAINT not in still and "a.p0" in still  # without noise a millionth is seen, and what never acts is not


def test_chance_moves_few() -> None:
    """Of parameters that mean nothing, one in twenty at most is said to move something."""
    toy, alarms = Toy(0.3), 0
    usual = toy.one({})
    floor = floor_of(usual, [toy.one({}, luck) for luck in range(1, 40)])
    idle = [path for path in PATHS if path not in {*EFFECT, HUMP, FAINT}]
    rounds = 10
    for k in range(rounds):
        for path in idle:
            ends = [toy.one({path: end + 1e-3 * k}) for end in (0.0, 1.0)]
            alarms += largest_change((ends[0], usual, ends[1]), floor).moves
    assert alarms / (rounds * len(idle)) <= 0.08


def test_groups_are_neighbours_of_one_part() -> None:
    groups = list(grouped(FACTORS))
    assert [path for group in groups for path in (factor.path for factor in group)] == PATHS
    assert all(len(group) <= GROUP_SIZE and len({f.path.split(".")[0] for f in group}) == 1 for group in groups)


def test_most_pairs_of_members_go_both_together_and_against_each_other() -> None:
    for seed in range(20):
        signs = signs_of(8, np.random.default_rng(seed))
        pairs = [signs[:, i] == signs[:, j] for i in range(8) for j in range(i)]
        assert sum(len(set(pair)) == 1 for pair in pairs) == 4  # of 28


def test_an_outcome_that_one_end_alone_has_counts_as_moved() -> None:
    usual = np.array([[1.0, np.nan], [2.0, np.nan]])
    other = np.array([[1.0, 3.0], [2.0, 3.0]])
    floor = floor_of(usual, [usual + 0.1, usual - 0.1])
    assert largest_change((usual, usual, other), floor).moves
    assert largest_change((usual, usual, usual), floor).same
    floor = floor_of(usual, [usual + 0.1, np.where(np.isnan(usual), 3.0, usual - 0.1)])
    assert not largest_change((usual, usual, other), floor).moves  # chance gives and takes it


def test_all_factors_can_be_set_to_either_end() -> None:
    base = compose("baseline", ["world=classroom"])
    factors = inert.factors_of(base)
    assert {"culture", "attention", "pools", "platforms", "farms"} <= {f.path.split(".")[0] for f in factors}
    for factor in factors:
        for end in (0, 1):
            with_values(base, factor.at(end))
    assert ends_of(registry()["attention.choice"]) == ("utility", "random")
    assert ends_of(registry()["platforms.*.opens"]) is None


@pytest.mark.parametrize("path", sorted(FOLDER.glob("screening-*.json")), ids=lambda path: path.stem)
def test_every_parameter_that_moves_nothing_has_a_reason(path: Any) -> None:
    listed = read_record(*path.stem.split("-"))["inert"]
    why = inert.reasons()
    assert not [name for name in listed if name in registry() and not why.get(name)]
    assert not [name for name in why if name not in listed], "a reason for what moves something"
