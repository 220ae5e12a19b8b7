"""Follower networks: edge lists, GraphML and networkx graphs."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.base.errors import InputError
from sim.base.graphs import CSR
from sim.inputs.bounds import MAX_FOLLOWS, MAX_PEOPLE
from sim.inputs.delimited import SUFFIXES, DelimitedFile
from sim.inputs.edges import Edges
from sim.inputs.files import opened, suffix_of
from sim.inputs.graphml import read_graphml
from sim.inputs.words import FOLLOWER_COLUMNS, BadTextError

_SUFFIXES = (SUFFIXES[0], ".graphml", *SUFFIXES[1:])


@dataclass(frozen=True, kw_only=True, eq=False)
class FollowerNetwork:
    """Who follows whom.

    Attributes
    ----------
    labels : the users' names, ascending as text; row i of `csr` is `labels[i]`.
    csr : the follows, each once.
    source : where they come from.
    sha256 : of the file's bytes; of names and follows for a networkx graph.
    duplicates, self_follows : follows that were dropped because they were named before or led to oneself.
    undirected : edges that were read as a follow in both directions.
    respelt : users whose name was written in several ways that differ in blanks or invisible characters only.
    empty_rows : rows without content between others, which were ignored.
    """

    labels: list[str]
    csr: CSR
    source: str
    sha256: str
    duplicates: int
    self_follows: int
    undirected: int = 0
    respelt: int = 0
    empty_rows: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """What was read and what was left out."""
        names = ("duplicates", "self_follows", "undirected", "respelt", "empty_rows")
        return {"users": len(self.labels), "follows": len(self.csr.indices)} | {k: getattr(self, k) for k in names}

    @property
    def notice(self) -> str:
        """What a reader may not expect, in one line; nothing where there is nothing."""
        said = {
            "undirected edges read as two follows each": self.undirected,
            "repeated follows dropped": self.duplicates,
            "self-follows dropped": self.self_follows,
            "users whose name differs in blanks or invisible characters taken as one each": self.respelt,
            "empty rows ignored": self.empty_rows,
        }
        told = ", ".join(f"{count:,} {what}" for what, count in said.items() if count)
        return told and f"{self.source}: {told}"


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
    path, edges, empty_rows = Path(source), Edges(), 0
    suffix = suffix_of(path, _SUFFIXES)
    with opened(path, _SUFFIXES[:2]) as file:
        if suffix == ".graphml":
            sha256 = read_graphml(path, file, edges)
        else:
            table = DelimitedFile(path, file, FOLLOWER_COLUMNS, MAX_FOLLOWS, "follows")
            _collect(table, edges)
            sha256, empty_rows = table.sha256, table.empty_rows
    if not edges.labels:
        raise InputError(str(path), "no users", "at least one follow")
    return _network(edges, str(path), sha256, empty_rows)


def _collect(table: DelimitedFile, edges: Edges) -> None:
    """Add every row of an edge list."""
    line, follower = 0, ""
    try:
        for line, (follower, followed) in table:  # noqa: B007 - where it was, if it is wrong
            edges.add(follower, followed, mutual=False)
    except BadTextError as error:
        column = "follower" if error.text == follower else "followed"
        raise error.at(f"{table.path}, line {line}, column {column!r}") from None


def _network(edges: Edges, source: str, sha256: str, empty_rows: int = 0) -> FollowerNetwork:
    """Make the network of the edges read; without a file's `sha256` it is identified by a hash of its contents."""
    labels, csr = edges.graph()
    duplicates = len(edges.followers) - len(csr.indices)
    return FollowerNetwork(
        labels=labels,
        csr=csr,
        source=source,
        sha256=sha256 or _sha256(labels, csr),
        duplicates=duplicates,
        self_follows=edges.self_follows,
        undirected=edges.undirected,
        respelt=len(edges.respelt),
        empty_rows=empty_rows,
    )


def _graph_followers(graph: Any) -> FollowerNetwork:
    """Take over a networkx graph; users are named by the text of its nodes."""
    place, edges = "networkx graph", Edges()
    if not all(hasattr(graph, name) for name in ("is_directed", "nodes", "edges")):
        raise InputError("followers", type(graph).__name__, "a path or a networkx graph")
    if not len(graph.nodes):
        raise InputError(place, "no nodes", "at least one user")
    for found, bound, what in ((len(graph.nodes), MAX_PEOPLE, "nodes"), (len(graph.edges), MAX_FOLLOWS, "edges")):
        if found > bound:
            raise InputError(place, f"{found:,} {what}", f"at most {bound:,}")
    texts: set[str] = set()
    number: dict[Any, int] = {}
    for node in graph.nodes:
        text = str(node)
        if text in texts:
            raise InputError(place, text, "nodes that differ as text")
        texts.add(text)
        try:
            number[node] = edges.user(text)
        except BadTextError as error:
            raise error.at(f"{place}, node {len(texts)}") from None
    ends = np.array([(number[u], number[v]) for u, v in graph.edges()], np.int32).reshape(-1, 2)
    edges.extend(ends, not graph.is_directed())
    return _network(edges, place, "")


def _sha256(labels: list[str], csr: CSR) -> str:
    """Hash a network's users and follows."""
    starts = csr.indptr.astype(np.int64).tobytes()
    return hashlib.sha256("\0".join(labels).encode() + starts + csr.indices.tobytes()).hexdigest()
