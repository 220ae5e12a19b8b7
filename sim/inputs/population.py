"""Population tables: one person a row, from text or Parquet."""

from __future__ import annotations

import bisect
import functools
import os
import re
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.base.errors import InputError, nearest_name
from sim.inputs.bounds import MAX_AGE_GROUPS, MAX_PEOPLE
from sim.inputs.delimited import SUFFIXES, DelimitedFile
from sim.inputs.files import opened, suffix_of
from sim.inputs.followers import FollowerNetwork
from sim.inputs.minutes import Minutes
from sim.inputs.words import POPULATION_COLUMNS, BadTextError, clean
from sim.settings.scenario import metadata, names

_SUFFIXES = (SUFFIXES[0], ".parquet", *SUFFIXES[1:])
_NEIGHBOURS = 200  # names on either side, in which a near one is looked for


@dataclass(frozen=True, kw_only=True, eq=False)
class PopulationTable:
    """A population table as it was read, one row per user.

    Attributes
    ----------
    age_group : any text.
    minutes : minutes per week, float32, shape (n,).
    platforms : names of the platforms a user uses; none means no preference.
    source, sha256 : the file and the SHA-256 of its bytes.
    named_at : where in the file each platform is first named.
    ids : the users' names, ascending as text, where the file has them; the rows are in their order.
    lines : where in the file each row stands; int64 (n,), empty without ids.
    row : what the file's rows are called.
    empty_rows : rows without content between others, which were ignored.
    """

    age_group: list[str]
    minutes: npt.NDArray[np.float32]
    platforms: list[tuple[str, ...]]
    source: str
    sha256: str
    named_at: dict[str, str]
    ids: list[str] | None = None
    lines: npt.NDArray[np.int64] | None = None
    row: str = "line"
    empty_rows: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of users, age groups and ids that were read, and of empty rows that were ignored."""
        return {
            "users": len(self.age_group), "age_groups": len(set(self.age_group)), "ids": len(self.ids or ()),
            "empty_rows": self.empty_rows,
        }  # fmt: skip

    @property
    def notice(self) -> str:
        """A line for the user about ignored rows, or ""."""
        return f"{self.source}: {self.empty_rows:,} empty rows ignored" if self.empty_rows else ""


def read_population(source: Any) -> PopulationTable:
    """Read a population table.

    Parameters
    ----------
    source : path of a CSV or Parquet file with the columns `age_group`, `minutes` (per week, above 0), `platforms`
        (names or Chinese labels, separated by `;` or `|`, or nothing for no preference) and perhaps `id` (the users'
        names).

    Raises
    ------
    InputError : what is wrong, with file, line (in Parquet the row, from 1) and column.
    """
    if not isinstance(source, str | os.PathLike):
        raise InputError("population", type(source).__name__, "a path")
    path = Path(source)
    suffix = suffix_of(path, _SUFFIXES)
    rows: Iterable[tuple[int, Sequence[Any]]]
    with opened(path, _SUFFIXES[:2]) as file:
        if suffix == ".parquet":
            from sim.inputs.parquet import ParquetTable

            table: ParquetTable | DelimitedFile = ParquetTable(path, file, POPULATION_COLUMNS)
            people = _People(f"{path}, row", comma=False)
        else:
            table = DelimitedFile(path, file, POPULATION_COLUMNS, MAX_PEOPLE, "people")
            people = _People(f"{path}, line", comma=table.separator != ",")
        rows = table
        if "id" in table.columns:
            for line, (age_group, minutes, platforms, name) in rows:
                people.add(line, age_group, minutes, platforms)
                people.identify(line, name)
        else:
            for line, (age_group, minutes, platforms) in rows:
                people.add(line, age_group, minutes, platforms)
    if not people.ages:
        raise InputError(str(path), "no rows", "a row per user: age_group,minutes,platforms")
    people.minutes.finish()
    return people.table(str(path), table.sha256, table.empty_rows)


def check_platforms(table: PopulationTable, known_names: Collection[str]) -> None:
    """Refuse a population that names a platform which the scenario does not have.

    Raises
    ------
    InputError : the first such name, with file, line, column and the nearest known name.
    """
    for name, place in table.named_at.items():
        if name not in known_names:
            expected = f"a platform of the scenario: {', '.join(sorted(known_names))}"
            labels = [label for label, known in _labels().items() if known in known_names]
            raise InputError(place, name, expected, nearest_name(name, [*known_names, *labels]))


@functools.cache
def _labels() -> dict[str, str]:
    """Platforms by their Chinese labels."""
    return {metadata("platforms", name)["label_zh"]: name for name in names("platforms")}


def _platform(text: str) -> str:
    """Return a platform's name, given its name or its Chinese label."""
    return text if text.isascii() else _labels().get(text, text)


def check_same_people(network: FollowerNetwork, table: PopulationTable) -> None:
    """Refuse a population whose people are not the network's: by name where it has ids, else by number.

    Raises
    ------
    InputError : which of them is not in the other, where, and the nearest name that is.
    """
    if table.ids is None or table.lines is None:
        if len(network.labels) != len(table.age_group):
            found = f"{len(network.labels)} and {len(table.age_group)} people"
            raise InputError("input.followers and input.population", found, "the same people in both")
        return
    if table.ids == network.labels:
        return
    users = set(network.labels)
    unknown = [k for k, name in enumerate(table.ids) if name not in users]
    if unknown:
        first = min(unknown, key=table.lines.__getitem__)
        name, others = table.ids[first], f" (and {len(unknown) - 1:,} more)" if len(unknown) > 1 else ""
        place = f"{table.source}, {table.row} {table.lines[first]}, column 'id'"
        raise InputError(place, name + others, f"a user of {network.source}", _nearest(name, network.labels))
    missing = sorted(users - set(table.ids))
    found = f"no row for {missing[0]!r}{f' and {len(missing) - 1:,} more' if len(missing) > 1 else ''}"
    expected = f"a row for every user of {network.source}"
    raise InputError(f"{table.source}, column 'id'", found, expected, _nearest(missing[0], table.ids))


def _nearest(name: str, names: list[str]) -> str:
    """Return the name nearest to `name` among sorted names; only those that sort close to it are compared."""
    at = bisect.bisect(names, name)
    return nearest_name(name, names[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS])


class _People:
    """Users as they are read row by row; equal texts are stored once."""

    def __init__(self, place: str, comma: bool) -> None:
        self.place = place
        self.ages: list[str] = []
        self.minutes = Minutes((place, ", column 'minutes'"), comma)
        self.platforms: list[tuple[str, ...]] = []
        self.named_at: dict[str, str] = {}
        self.ids: list[str] = []
        self.lines = array("q")
        self._minutes = array("f")
        self._age: dict[str | None, str] = {}  # by text as it is spelt in the file
        self._ages: dict[str, str] = {}
        self._names: dict[str | None, tuple[str, ...]] = {}

    def add(self, line: int, age_group: str | None, minutes: Any, platforms: str | None) -> None:
        """Add a user by the cells of its row."""
        self.ages.append(self._age.get(age_group) or self._meet(line, age_group))
        self._minutes.append(self.minutes.read(line, minutes))
        names = self._names.get(platforms)
        self.platforms.append(self._split(line, platforms) if names is None else names)

    def identify(self, line: int, name: str | int | None) -> None:
        """Add the id of the user that was added last."""
        text = self._clean(line, "id", name)
        if not text:
            raise InputError(f"{self.place} {line}, column 'id'", "nothing", "a user's name")
        self.ids.append(text)
        self.lines.append(line)

    def table(self, source: str, sha256: str, empty_rows: int) -> PopulationTable:
        """Return the table; its rows are sorted by id, so that the order of the file does not matter.

        InputError for an id that occurs twice.
        """
        minutes, row = np.array(self._minutes, np.float32), self.place.rpartition(" ")[2]
        if not self.ids:
            return PopulationTable(
                age_group=self.ages,
                minutes=minutes,
                platforms=self.platforms,
                source=source,
                sha256=sha256,
                named_at=self.named_at,
                row=row,
                empty_rows=empty_rows,
            )
        order = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        ids = [self.ids[k] for k in order]
        lines = np.array(self.lines, np.int64)[order]
        repeats = [k for k in range(1, len(ids)) if ids[k] == ids[k - 1]]
        if repeats:
            second = min(repeats, key=lines.__getitem__)
            earlier = lines[ids.index(ids[second])]
            place = f"{self.place} {lines[second]}, column 'id'"
            raise InputError(place, f"{ids[second]} a second time", f"every id once ({row} {earlier} has it)")
        return PopulationTable(
            age_group=[self.ages[k] for k in order],
            minutes=minutes[order],
            platforms=[self.platforms[k] for k in order],
            source=source,
            sha256=sha256,
            named_at=self.named_at,
            ids=ids,
            lines=lines,
            row=row,
            empty_rows=empty_rows,
        )

    def _clean(self, line: int, column: str, text: str | int | None) -> str:
        """Return the cleaned text of a cell; InputError with its place if it is unfit."""
        try:
            return clean("" if text is None else str(text))
        except BadTextError as error:
            raise error.at(f"{self.place} {line}, column {column!r}") from None

    def _meet(self, line: int, text: str | None) -> str:
        """Return the age group for a spelling that is new."""
        place, age_group = f"{self.place} {line}, column 'age_group'", self._clean(line, "age_group", text)
        if not age_group:
            raise InputError(place, "nothing", "an age group, such as 18-24")
        if age_group not in self._ages and len(self._ages) == MAX_AGE_GROUPS:
            raise InputError(place, f"one more age group, {age_group}", f"at most {MAX_AGE_GROUPS:,} age groups")
        self._age[text] = self._ages.setdefault(age_group, age_group)
        return self._age[text]

    def _split(self, line: int, text: str | None) -> tuple[str, ...]:
        """Return the platforms in a list whose spelling is new."""
        place, listed = f"{self.place} {line}, column 'platforms'", self._clean(line, "platforms", text)
        found = re.split(r"[;|；｜、]", listed) if listed else []
        names = tuple(dict.fromkeys(_platform(name.strip()) for name in found))
        if "" in names:
            raise InputError(place, listed, "platform names separated by single ';' or '|', or nothing")
        for name in names:
            self.named_at.setdefault(name, place)
        self._names[text] = names
        return names
