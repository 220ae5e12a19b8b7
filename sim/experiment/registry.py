"""The registry of a sweep's store: one SQLite file, whose every row counts in a seal that is tried before it is read.

A table's seal is the sum of its rows' hashes. Triggers of a writing connection keep it in step with each row that is
inserted, changed or removed; a reader adds it up anew. So a value that the disk has changed is reported, never read.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sim.base.errors import InputError

VERSION = 2
NAME = "registry.sqlite"
WAIT_SECONDS = 30.0  # for another reader or writer
BESIDE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY",
          "SQLITE_PERM")  # errors of the place, not of the file  # fmt: skip
MASK = 2**62 - 1  # of sums, so that none overflows SQLite's integers
SCHEMA = """
create table facts (name text primary key, value text not null) without rowid;
create table plans (plan text primary key, source text not null, tree text not null) without rowid;
create table points (point integer primary key, factors text not null);
create table jobs (
    run_id text primary key, number integer not null, plan text not null, status text not null default 'planned',
    wall_s real, shard text, error text
) without rowid;
create table runs (
    point integer, arm text, replication integer, run_id text not null, start text not null, burn_in integer not null,
    primary key (point, arm, replication)
) without rowid;
create table shards (name text primary key, runs integer, bytes integer, sha256 text) without rowid;
create table seals (name text primary key, sum integer not null) without rowid;
create index jobs_by_number on jobs (status, number);
create index runs_by_id on runs (run_id);
"""


class StoreError(RuntimeError):
    """The store cannot be written or read; what is registered is safe."""


def _columns() -> dict[str, tuple[str, ...]]:
    """Read the names of columns by table from the schema."""
    with closing(sqlite3.connect(":memory:")) as registry:
        registry.executescript(SCHEMA)
        tables = [name for (name,) in registry.execute("select name from sqlite_master where type = 'table'")]
        return {
            table: tuple(row[1] for row in registry.execute(f"pragma table_info({table})"))
            for table in tables
            if table != "seals"
        }


COLUMNS = _columns()


def hash_of_row(*values: Any) -> int:
    """Hash a row to a number of 56 bits."""
    return int.from_bytes(hashlib.blake2b(repr(values).encode(), digest_size=7).digest())


def exists(folder: Path) -> bool:
    """Whether a folder has a registry."""
    return os.path.isfile(folder / NAME)


def new() -> sqlite3.Connection:
    """Make a registry in memory; its `serialize` gives the content of the file."""
    registry = sqlite3.connect(":memory:", isolation_level=None)
    registry.executescript(SCHEMA)
    registry.executemany("insert into seals values (?, 0)", [(table,) for table in COLUMNS])
    _keep_seals(registry)
    note(registry, {"version": VERSION})
    return registry


@contextmanager
def writing(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a transaction that changes the registry: in the end all of it is on disk, or nothing."""
    with closing(_connect(folder, "mode=rw")) as registry:
        registry.execute("pragma synchronous = full")
        _keep_seals(registry)
        registry.execute("begin immediate")
        try:
            yield registry
            registry.execute("commit")
        except BaseException:
            if registry.in_transaction:
                registry.execute("rollback")
            raise


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a consistent view of the registry, after checking that every row is as it was written.

    Raises
    ------
    StoreError : it is gone, cannot be read, or is damaged.
    """
    path = folder / NAME
    try:
        with closing(_readable(folder)) as registry:
            _try_version(folder, registry)
            _try_seals(path, registry)
            yield registry
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        reason = str(error).splitlines()[0]
        if getattr(error, "sqlite_errorname", "").startswith(BESIDE):
            raise StoreError(f"{path} cannot be read: {reason}") from None
        raise _damaged(path, reason) from None


def note(registry: sqlite3.Connection, facts: Mapping[str, Any]) -> None:
    """Store facts about the sweep."""
    registry.executemany(
        "insert into facts values (?, ?) on conflict (name) do update set value = excluded.value",
        [(name, str(value)) for name, value in facts.items()],
    )


def facts_of(registry: sqlite3.Connection) -> dict[str, str]:
    """Return all facts about the sweep."""
    return dict(registry.execute("select name, value from facts"))


def _connect(folder: Path, mode: str) -> sqlite3.Connection:
    """Connect to the registry's file in a mode of SQLite's (`mode=rw`, `mode=ro`)."""
    if not exists(folder):
        raise StoreError(f"{folder} is gone, or its {NAME} is; run the sweep again")
    uri = f"{(folder / NAME).absolute().as_uri()}?{mode}"
    return sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS, isolation_level=None)


def _readable(folder: Path) -> sqlite3.Connection:
    """Open a registry for reading.

    Only a process that may write can undo the transaction that a killed driver left half done, so it opens for writing.
    """
    modes = ("mode=rw",) if os.access(folder, os.W_OK) else ("mode=ro", "mode=ro&immutable=1")
    for mode in modes:
        registry = _connect(folder, mode)
        try:
            registry.execute("begin")
            registry.execute("select count(*) from sqlite_master").fetchone()
            return registry
        except sqlite3.Error:
            registry.close()
            if mode == modes[-1]:
                raise
    raise AssertionError  # never: the last mode returns or raises


def _try_version(folder: Path, registry: sqlite3.Connection) -> None:
    """Refuse a registry of another layout."""
    facts = facts_of(registry)
    version = facts.get("version", "none")
    if version != str(VERSION):
        source = facts.get("source", "unknown")[:12]
        raise InputError(
            str(folder),
            f"a sweep of layout {version}",
            f"layout {VERSION}; the version of the program that wrote it (source {source}) reads it",
        )


def _try_seals(path: Path, registry: sqlite3.Connection) -> None:
    """Refuse a registry in which any row, page or index is not as it was written."""
    said = registry.execute("pragma integrity_check(1)").fetchone()[0]
    if said != "ok":
        raise _damaged(path, said.splitlines()[-1])
    seals = dict(registry.execute("select name, sum from seals"))
    for table, columns in COLUMNS.items():
        rows = registry.execute(f"select {', '.join(columns)} from {table}")
        if sum(hash_of_row(*row) for row in rows) & MASK != seals.get(table):
            raise _damaged(path, f"its table {table} is not as it was written")


def _damaged(path: Path, reason: str) -> StoreError:
    """Return the error about a damaged registry."""
    return StoreError(
        f"{path} is damaged: {reason}; once it is moved away, `metavalue sweep resume` rebuilds it from the shards"
    )


def _keep_seals(registry: sqlite3.Connection) -> None:
    """Keep every table's seal in step with its rows while this connection lasts, by triggers."""
    registry.create_function("hash_of_row", -1, hash_of_row, deterministic=True)
    for table, columns in COLUMNS.items():
        new, old = (f"hash_of_row({', '.join(f'{which}.{name}' for name in columns)})" for which in ("new", "old"))
        for event, change in (("insert", f"+ {new}"), ("delete", f"- {old}"), ("update", f"+ {new} - {old}")):
            registry.execute(
                f"create temp trigger {table}_{event} after {event} on main.{table} begin "
                f"update seals set sum = (sum {change}) & {MASK} where name = '{table}'; end"
            )
