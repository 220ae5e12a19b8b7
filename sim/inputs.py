"""A user's own follower network and population table: read, check, explain what is wrong and where."""

from __future__ import annotations

import csv
import hashlib
import os
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from sim.errors import InputError, nearest_name
from sim.network import CSR, from_edges, from_networkx, reordered

FOLLOWER_COLUMNS = ("follower", "followed")
POPULATION_COLUMNS = ("age_group", "minutes", "platforms")
MINUTES_A_WEEK = 7 * 24 * 60
_LEAST_MINUTES = float(np.finfo(np.float32).tiny)  # less would be stored as 0


@dataclass(frozen=True, eq=False)
class FollowerNetwork:
    """Who follows whom.

    Attributes
    ----------
    labels : the users' names, ascending as text; row i of `csr` is `labels[i]`.
    csr : the follows, each once.
    source : where they come from.
    sha256 : of the file's bytes; of names and follows for a networkx graph.
    duplicates, self_follows : follows that were dropped because they were named before or led to oneself.
    """

    labels: list[str]
    csr: CSR
    source: str
    sha256: str
    duplicates: int
    self_follows: int


@dataclass(frozen=True, eq=False)
class PopulationTable:
    """The users, one a row.

    Attributes
    ----------
    age_group : any text.
    minutes : float32, min/week, shape (n,).
    platforms : names of the platforms a user uses; none means no preference.
    source, sha256 : the file and the SHA-256 of its bytes.
    named_at : where in the file each platform is first named.
    """

    age_group: list[str]
    minutes: npt.NDArray[np.float32]
    platforms: list[tuple[str, ...]]
    source: str
    sha256: str
    named_at: dict[str, str]


def read_followers(source: Any) -> FollowerNetwork:
    """Read a follower network.

    Parameters
    ----------
    source : path of an edge list (CSV with the header `follower,followed`) or of a GraphML file, or a networkx
        graph. An edge u → v says that u follows v; an undirected edge is a follow in both directions.

    Raises
    ------
    InputError : what is wrong, with file, line and column.
    """
    if not isinstance(source, str | os.PathLike):
        return _graph_followers(source)
    path, edges = Path(source), _Edges()
    if _check_file(path, (".csv", ".graphml")) == ".csv":
        for line, names in _csv_rows(path, FOLLOWER_COLUMNS):
            for column, name in zip(FOLLOWER_COLUMNS, names, strict=True):
                if not name:
                    raise InputError(f"{path}, line {line}, column {column!r}", "nothing", "a user's name")
            edges.add(names[0], names[1], mutual=False)
    else:
        _read_graphml(path, edges)
    if not edges.number:
        raise InputError(str(path), "no users", "at least one follow")
    return edges.network(str(path), _sha256(path))


def read_population(path: str | os.PathLike[str]) -> PopulationTable:
    """Read a population table.

    Parameters
    ----------
    path : CSV or Parquet with the columns `age_group`, `minutes` (a week, above 0) and `platforms` (names separated
        by `;`, or nothing for no preference).

    Raises
    ------
    InputError : what is wrong, with file, line (in Parquet the row, from 1) and column.
    """
    path = Path(path)
    suffix = _check_file(path, (".csv", ".parquet"))
    people = _People(f"{path}, {'line' if suffix == '.csv' else 'row'}")
    rows: Iterable[tuple[int, Sequence[Any]]]
    rows = _csv_rows(path, POPULATION_COLUMNS) if suffix == ".csv" else _parquet_rows(path)
    for line, (age_group, minutes, platforms) in rows:
        people.add(line, age_group, minutes, platforms)
    if not people.ages:
        raise InputError(str(path), "no rows", f"a row per user: {','.join(POPULATION_COLUMNS)}")
    minutes_a_week = np.array(people.minutes, np.float32)
    return PopulationTable(people.ages, minutes_a_week, people.platforms, str(path), _sha256(path), people.named_at)


def check_platforms(table: PopulationTable, known_names: Collection[str]) -> None:
    """Refuse a population that names a platform which the scenario does not have.

    Raises
    ------
    InputError : the first such name, with file, line, column and the nearest known name.
    """
    for name, place in table.named_at.items():
        if name not in known_names:
            expected = f"a platform of the scenario: {', '.join(sorted(known_names))}"
            raise InputError(place, name, expected, nearest_name(name, known_names))


class _Edges:
    """Follows as they are read: users numbered in order of appearance, two numbers a follow."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.followers, self.followed = array("i"), array("i")
        self.self_follows = 0

    def add(self, follower: str, followed: str, mutual: bool) -> None:
        u = self.number.setdefault(follower, len(self.number))
        v = self.number.setdefault(followed, len(self.number))
        if u == v:
            self.self_follows += 1
            return
        self.followers.append(u)
        self.followed.append(v)
        if mutual:
            self.followers.append(v)
            self.followed.append(u)

    def network(self, source: str, sha256: str) -> FollowerNetwork:
        """Number users by name, so that the order of lines in a file does not matter."""
        labels = sorted(self.number)
        rank = np.empty(len(labels), np.int64)
        rank[[self.number[label] for label in labels]] = np.arange(len(labels))
        csr = from_edges(len(labels), rank[np.asarray(self.followers)], rank[np.asarray(self.followed)])
        duplicates = len(self.followers) - len(csr.indices)
        return FollowerNetwork(labels, csr, source, sha256, duplicates, self.self_follows)


class _People:
    """Users as they are read; equal texts are kept once."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.ages: list[str] = []
        self.minutes = array("f")
        self.platforms: list[tuple[str, ...]] = []
        self.named_at: dict[str, str] = {}
        self._age: dict[str, str] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def add(self, line: int, age_group: str | None, minutes: Any, platforms: str | None) -> None:
        age_group, text = (age_group or "").strip(), (platforms or "").strip()
        if not age_group:
            raise InputError(f"{self.place} {line}, column 'age_group'", "nothing", "an age group, such as 18-24")
        try:
            number = float(minutes)
        except (TypeError, ValueError):
            number = float("nan")
        if not _LEAST_MINUTES <= number <= MINUTES_A_WEEK:
            found = "nothing" if minutes in (None, "") else str(minutes)
            expected = f"minutes a week, above 0 and at most {MINUTES_A_WEEK}"
            raise InputError(f"{self.place} {line}, column 'minutes'", found, expected)
        if text not in self._names:
            self._names[text] = self._split(line, text)
        self.ages.append(self._age.setdefault(age_group, age_group))
        self.minutes.append(number)
        self.platforms.append(self._names[text])

    def _split(self, line: int, text: str) -> tuple[str, ...]:
        place = f"{self.place} {line}, column 'platforms'"
        names = tuple(dict.fromkeys(name.strip() for name in text.split(";"))) if text else ()
        if "" in names:
            raise InputError(place, text, "platform names separated by single ';', or nothing")
        for name in names:
            self.named_at.setdefault(name, place)
        return names


def _check_file(path: Path, suffixes: tuple[str, ...]) -> str:
    """Return which of the suffixes a readable, non-empty file has."""
    expected = f"a {' or '.join(suffixes)} file"
    if path.suffix.lower() not in suffixes:
        raise InputError(str(path), path.suffix or "no extension", expected, nearest_name(path.suffix, suffixes))
    try:
        with path.open("rb") as file:
            if file.read(1):
                return path.suffix.lower()
    except FileNotFoundError:
        siblings = [p.name for p in path.parent.glob("*") if p.suffix.lower() in suffixes]
        raise InputError(str(path), "no such file", expected, nearest_name(path.name, siblings)) from None
    except OSError as error:
        raise InputError(str(path), (error.strerror or str(error)).lower(), expected) from None
    raise InputError(str(path), "an empty file", expected)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _column_order(place: str, found: Sequence[str], columns: tuple[str, ...]) -> list[int]:
    """Return where in the header `found` each of the columns stands; no other, none twice."""
    expected = f"a header of the columns {','.join(columns)}"
    for k, name in enumerate(found):
        if name not in columns:
            nearest = nearest_name(name.lower(), columns)
            raise InputError(f"{place}, column {k + 1}", name or "nothing", expected, nearest)
        if name in found[:k]:
            raise InputError(f"{place}, column {k + 1}", f"{name} a second time", expected)
    for name in columns:
        if name not in found:
            raise InputError(f"{place}, column {name!r}", "no such column", expected)
    return [found.index(name) for name in columns]


def _csv_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row starts and its fields, in the order of `columns`."""
    line = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            order = _column_order(f"{path}, line 1", [name.strip() for name in next(reader, [])], columns)
            line = reader.line_num
            for fields in reader:
                start, line = line + 1, reader.line_num
                if len(fields) == len(columns):
                    yield start, [fields[k].strip() for k in order]
                elif fields:
                    _refuse_length(f"{path}, line {start}", fields, order, columns)
    except UnicodeDecodeError:
        raise _not_utf8(path) from None
    except csv.Error as error:
        place = f"{path}, line {line + 1}, column {columns[0]!r} or after"
        raise InputError(place, str(error), "comma-separated fields with closed quotes") from None


def _refuse_length(place: str, fields: list[str], order: list[int], columns: tuple[str, ...]) -> None:
    expected = f"{len(columns)} fields: {','.join(columns[order.index(k)] for k in range(len(columns)))}"
    if len(fields) > len(columns):
        raise InputError(f"{place}, column {len(columns) + 1}", f"{len(fields)} fields", expected)
    missing = columns[order.index(len(fields))]
    raise InputError(f"{place}, column {missing!r}", f"{len(fields)} field{'s'[: len(fields) > 1]}", expected)


def _not_utf8(path: Path) -> InputError:
    """Find the first byte that is not UTF-8."""
    with path.open("rb") as file:
        for line, raw in enumerate(file, 1):
            try:
                raw.decode()
            except UnicodeDecodeError as error:
                place = f"{path}, line {line}, column {raw[: error.start].count(b',') + 1}"
                return InputError(place, f"byte 0x{raw[error.start]:02x}", "text in UTF-8")
    return InputError(str(path), "a broken character at the end", "text in UTF-8")


def _parquet_rows(path: Path) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the number of each row, from 1, and its fields, in the order of `POPULATION_COLUMNS`."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            _column_order(f"{path}, header", schema.names, POPULATION_COLUMNS)
            for name, kind in zip(schema.names, schema.types, strict=True):
                kind = kind.value_type if pa.types.is_dictionary(kind) else kind
                number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
                text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)
                if not (number if name == "minutes" else text):
                    expected = "numbers" if name == "minutes" else "text"
                    raise InputError(f"{path}, header, column {name!r}", f"the type {kind}", expected)
            row = 0
            for batch in file.iter_batches(columns=list(POPULATION_COLUMNS)):
                for fields in zip(*(batch.column(name).to_pylist() for name in POPULATION_COLUMNS), strict=True):
                    row += 1
                    yield row, fields
    except (pa.ArrowException, OSError) as error:
        raise InputError(str(path), str(error).splitlines()[0], "a Parquet file") from None


def _read_graphml(path: Path, edges: _Edges) -> None:
    """Collect nodes and edges of one GraphML graph; all other data in the file are ignored."""
    parser = expat.ParserCreate(namespace_separator=" ")
    seen: dict[str, str] = {}

    def refuse(found: str, expected: str) -> InputError:
        place = f"{path}, line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber + 1}"
        return InputError(place, found, expected)

    def attribute(tag: str, attributes: dict[str, str], name: str, choices: tuple[str, ...] = ()) -> str:
        value = attributes.get(name, "").strip()
        if not value or (choices and value not in choices):
            raise refuse(f"{name}={value!r}", f"<{tag}> with {name}={'|'.join(choices) or 'a user'}")
        return value

    def start(name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if not seen and tag != "graphml":
            raise refuse(f"<{tag}>", "<graphml>")
        if tag in ("hyperedge", "graph") and tag in (*seen, "hyperedge"):
            raise refuse(f"<{tag}>", "one graph without graphs inside nodes and without hyperedges")
        seen.setdefault(tag, "")
        if tag == "graph":
            seen["graph"] = attribute(tag, attributes, "edgedefault", ("directed", "undirected"))
        elif tag == "node":
            node = attribute(tag, attributes, "id")
            edges.number.setdefault(node, len(edges.number))
        elif tag == "edge":
            ends = attribute(tag, attributes, "source"), attribute(tag, attributes, "target")
            directed = seen.get("graph") == "directed"
            if "directed" in attributes:
                directed = attribute(tag, attributes, "directed", ("true", "false")) == "true"
            edges.add(*ends, mutual=not directed)

    parser.StartElementHandler = start
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        place = f"{path}, line {error.lineno}, column {error.offset + 1}"
        raise InputError(place, expat.ErrorString(error.code) or "an error", "well-formed GraphML") from None
    except (LookupError, ValueError) as error:  # an encoding that the parser does not read
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}, line 1, column 1", str(error), "GraphML in UTF-8") from None


def _graph_followers(graph: Any) -> FollowerNetwork:
    """Take over a networkx graph; users are named by the text of its nodes."""
    if not (hasattr(graph, "is_directed") and hasattr(graph, "nodes") and hasattr(graph, "edges")):
        raise InputError("followers", type(graph).__name__, "a path or a networkx graph")
    csr, nodes = from_networkx(graph)
    names = [str(node) for node in nodes]
    if not names:
        raise InputError("networkx graph", "no nodes", "at least one user")
    for name, count in Counter(names).items():
        if count > 1:
            raise InputError("networkx graph", name, "nodes that differ as text")
    order = sorted(range(len(names)), key=names.__getitem__)
    labels, csr = [names[k] for k in order], reordered(csr, order)
    starts = csr.indptr.astype(np.int64).tobytes()
    sha256 = hashlib.sha256("\0".join(labels).encode() + starts + csr.indices.tobytes()).hexdigest()
    self_follows = sum(u == v for u, v in graph.edges())
    named = (len(graph.edges()) - self_follows) * (1 if graph.is_directed() else 2)
    return FollowerNetwork(labels, csr, "networkx graph", sha256, named - len(csr.indices), self_follows)
