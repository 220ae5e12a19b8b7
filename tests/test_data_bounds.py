"""Data that would hang a reader or fill memory: refused by name of the bound, before they are read."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from sim.inputs import bounds, delimited, edges, followers, graphml, population, read_followers, read_population, words
from sim.inputs import parquet as tables
from tests.datafiles import PEOPLE, refusal, written

READERS = [read_followers, read_population]
GRAPH = "<graphml><graph edgedefault='directed'>{}</graph></graphml>"
ALLOWED = 2**30  # bytes of memory of a process that reads, over what it has once all is imported
CHILD = """
import sys
import pyarrow.compute, pyarrow.parquet
from sim.base.errors import InputError
from sim.inputs import read_followers, read_population
from tests.memory import peak_bytes

before = peak_bytes()
try:
    {"f": read_followers, "p": read_population}[sys.argv[1]](sys.argv[2])
except InputError as error:
    print(peak_bytes() - before, error)
"""


def refusal_of_a_process(kind: str, path: Path) -> str:
    """Read in a process of its own, which ends if it takes 20 seconds; return what it said after checking memory."""
    words = [sys.executable, "-c", CHILD, kind, str(path)]
    found_here = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(words, capture_output=True, text=True, timeout=40, env=found_here)
    assert done.returncode == 0 and done.stdout, done.stderr
    taken, _, said = done.stdout.partition(" ")
    assert int(taken) < ALLOWED
    return said


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("kind", "found"), [("pipe", "a named pipe"), ("socket", "a socket"), ("device", "a device"), ("link", "a device")]
)
def test_only_regular_files_are_opened(read: Any, kind: str, found: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    path = Path("data.csv")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(path))
    elif kind == "link":
        path.symlink_to("/dev/zero")
    else:
        path = tmp_path / "zero.csv"
        path.symlink_to("/dev/null")
    assert refusal(read, path).value == found


def test_a_link_to_a_regular_file_is_read_and_one_to_nothing_refused(tmp_path: Path) -> None:
    written(tmp_path, "people", PEOPLE + "a,1,\n")
    (tmp_path / "p.csv").symlink_to(tmp_path / "people")
    assert read_population(tmp_path / "p.csv").age_group == ["a"]
    (tmp_path / "q.csv").symlink_to(tmp_path / "nowhere")
    assert refusal(read_population, tmp_path / "q.csv").value == "no such file"
    (tmp_path / "r.csv").symlink_to("/proc/self/status")
    assert refusal(read_population, tmp_path / "r.csv").value == "an empty file"
    (tmp_path / "s.csv").symlink_to(tmp_path / "s.csv")
    assert "symbolic links" in refusal(read_population, tmp_path / "s.csv").value


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("name", ["a\0.csv", "x" * 300 + ".csv", "no/such/folder/a.csv", "\udcff.csv"])
def test_names_that_no_file_has_are_refused(read: Any, name: str) -> None:
    assert refusal(read, name).key == name


def test_what_is_no_path_is_refused() -> None:
    assert (refusal(read_population, 7).value, refusal(read_population, nx.Graph()).value) == ("int", "Graph")
    assert refusal(read_followers, [("a", "b")]).value == "list"


@pytest.mark.parametrize("read", READERS)
def test_a_file_of_more_bytes_is_refused_unread(read: Any, tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(2**40)
    error = refusal(read, path)
    assert (error.value, error.expected) == (f"{2**40:,} bytes", f"at most {bounds.MAX_FILE_BYTES:,} bytes")


def test_a_gigabyte_of_zeros_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "zeros.csv"
    with path.open("wb") as file:
        file.truncate(2**30)
    assert "got a byte of 0" in refusal_of_a_process("f", path)
    with path.open("r+b") as file:
        file.write(PEOPLE.encode() + b"a,1,x\n" * 100_000)
        file.truncate(2**30)
    said = refusal_of_a_process("p", path)
    assert "line 100002" in said and f"at most {bounds.MAX_LINE_BYTES:,} bytes" in said


def test_more_lines_than_are_read_are_counted_first(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(population, "MAX_PEOPLE", 5)
    monkeypatch.setattr(delimited, "MAX_EMPTY_ROWS", 2)
    assert len(read_population(written(tmp_path, "p.csv", PEOPLE + "a,1,\n" * 5)).age_group) == 5
    error = refusal(read_population, written(tmp_path, "p.csv", PEOPLE + "bad\n" * 9))
    assert (error.key, error.expected) == (str(tmp_path / "p.csv"), "at most 5 people")
    error = refusal(read_population, written(tmp_path, "p.csv", PEOPLE.replace("\n", "\r") + "bad\r" * 9))
    assert error.expected == "at most 5 people"
    error = refusal(read_population, written(tmp_path, "p.csv", PEOPLE + "a,1,\n,,\n,,\n,,\n"))
    assert (error.value, error.expected) == ("3 empty rows", "at most 2")
    monkeypatch.setattr(followers, "MAX_FOLLOWS", 3)
    assert "at most 3 follows" in str(refusal(read_followers, written(tmp_path, "n.csv", "follower,followed\n" * 9)))


def test_users_and_follows_are_counted_in_every_format(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(edges, "MAX_PEOPLE", 3)
    monkeypatch.setattr(followers, "MAX_PEOPLE", 3)
    path = written(tmp_path, "n.csv", "follower,followed\na,b\nc,d\n")
    error = refusal(read_followers, path)
    assert (error.key, error.expected) == (f"{path}, line 3, column 'followed'", "at most 3")
    nodes = "".join(f"\n<node id='{k}'/>" for k in range(4))
    error = refusal(read_followers, written(tmp_path, "n.graphml", GRAPH.format(nodes)))
    assert "line 5, column 1" in error.key and error.expected == "at most 3"
    assert refusal(read_followers, nx.path_graph(4)).value == "4 nodes"
    monkeypatch.setattr(followers, "MAX_FOLLOWS", 2)
    monkeypatch.setattr(graphml, "MAX_FOLLOWS", 2)
    text = GRAPH.format("<edge source='a' target='b'/>" * 2 + "\n<edge source='a' target='b'/>")
    assert "line 2, column 1" in refusal(read_followers, written(tmp_path, "n.graphml", text)).key
    assert refusal(read_followers, nx.MultiGraph([(0, 1)] * 3)).value == "3 edges"


def test_long_cells_are_refused(tmp_path: Path) -> None:
    long, most = "x" * 1001, f"at most {bounds.MAX_CHARACTERS:,} characters"
    for text, column in ((f"{long},1,", "age_group"), (f"a,1,{long}", "platforms")):
        path = written(tmp_path, "p.csv", f"{PEOPLE}a,1,\n{text}\n")
        error = refusal(read_population, path)
        assert (error.key, error.value) == (f"{path}, line 3, column '{column}'", "1,001 characters")
        assert error.expected == most
    path = written(tmp_path, "n.csv", f"follower,followed\na,b\na,{long}\n")
    assert refusal(read_followers, path).key == f"{path}, line 3, column 'followed'"
    path = written(tmp_path, "n.csv", f"follower,{long}\n")
    assert refusal(read_followers, path).key == f"{path}, line 1, column 2"
    path = written(tmp_path, "n.csv", "follower,followed\na,b\n" + '"' + "x\n" * 10**6 + '",b\n')
    error = refusal(read_followers, path)
    assert error.key == f"{path}, line 3" and "1,000 characters" in error.expected


def test_a_long_attribute_or_comment_is_not_waited_for(tmp_path: Path) -> None:
    long = "x" * 2**24
    for piece in (f"<node id='{long}'/>", f"<!--{long}-->", f"<node id='a' note='{long}'/>", f"<{long}/>"):
        path = written(tmp_path, "n.graphml", GRAPH.format("\n" + piece))
        error = refusal(read_followers, path)
        assert error.value == "a longer tag" and f"{bounds.MAX_TAG_BYTES:,}" in error.expected
    path = written(tmp_path, "n.graphml", GRAPH.format(f"\n<node id='{long[:2000]}'/>"))
    error = refusal(read_followers, path)
    assert error.value == "2,000 characters" and "line 2, column 1" in error.key


def test_graphml_expands_no_entities_and_keeps_no_endless_names(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY a{k + 1} "{f"&a{k};" * 10}">' for k in range(9))
    head = f'<?xml version="1.0"?>\n<!DOCTYPE graphml [<!ENTITY a0 "ha">{laughs}]>\n'
    error = refusal(read_followers, written(tmp_path, "n.graphml", head + GRAPH.format("<node id='&a9;'/>")))
    assert "line 2" in error.key and "declarations" in error.expected
    for text in (
        "<d>" * 2000, "".join(f"<d{k}/>" for k in range(2000)), "".join(f"<d a{k}=''/>" for k in range(2000)),
    ):  # fmt: skip
        assert refusal(read_followers, written(tmp_path, "n.graphml", GRAPH.format(text))).expected == "at most 1,000"
    head = '<!DOCTYPE graphml SYSTEM "http://graphml.graphdrawing.org/dtds/1.0rc/graphml.dtd">\n'
    path = written(tmp_path, "n.graphml", head + GRAPH.format("<edge source='a' target='b'/>"))
    assert read_followers(path).labels == ["a", "b"]


def people(count: int, **change: Any) -> pa.Table:
    columns = {"age_group": pa.array(["a"]).take(pa.array(np.zeros(count, np.int64))), "minutes": pa.repeat(1.0, count)}
    return pa.table(columns | {"platforms": pa.nulls(count, pa.string())} | change)


def test_rows_in_parquet_are_known_from_the_metadata(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "p.parquet"
    parquet.write_table(people(2_000), path)
    monkeypatch.setattr(tables, "MAX_PEOPLE", 1_999)
    error = refusal(read_population, path)
    assert (error.key, error.value, error.expected) == (str(path), "2,000 rows", "at most 1,999 people")


def test_a_small_parquet_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "p.parquet"
    same = pa.DictionaryArray.from_arrays(np.zeros(4096, np.int32), ["x" * 2**20])
    parquet.write_table(people(4096, platforms=same), path, compression="zstd")
    assert path.stat().st_size < 100_000
    said = refusal_of_a_process("p", path)
    assert "column 'platforms'" in said and "at most 1,000 characters" in said
    monkeypatch.setattr(tables, "MAX_GROUP_BYTES", 2**20)
    parquet.write_table(people(1, age_group=["x" * 2**20]), path, compression="zstd", use_dictionary=False)
    error = refusal(read_population, path)
    assert error.key == f"{path}, row group 1" and "at most 1,048,576" in error.expected


def test_ids_in_parquet_are_read_whether_packed_or_not(tmp_path: Path) -> None:
    path, names = tmp_path / "p.parquet", [f"u{k:05}" for k in range(40_000)]
    for packed in (True, False):
        parquet.write_table(people(40_000, id=names[::-1]), path, use_dictionary=packed, row_group_size=30_000)
        table = read_population(path)
        assert table.ids == names and table.lines is not None and table.lines[[0, -1]].tolist() == [40_000, 1]
    wide = pa.array(names[::-1], pa.large_string())
    parquet.write_table(people(40_000, id=wide), path)
    assert read_population(path).ids == names
    parquet.write_table(people(40_000, id=np.arange(40_000)), path)
    assert read_population(path).ids == sorted(map(str, range(40_000)))
    parquet.write_table(people(3, id=[1.0, 2.0, 3.0]), path)
    error = refusal(read_population, path)
    assert (error.key, error.expected) == (f"{path}, header, column 'id'", "text or whole numbers")


@pytest.mark.parametrize("cut", [5, 100, 400])
def test_a_damaged_parquet_is_explained(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    parquet.write_table(people(100), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert refusal(read_population, path).expected == "a Parquet file"
    broken = pa.Array.from_buffers(pa.string(), 1, [None, *pa.array([b"\xff\xfe"]).buffers()[1:]])
    parquet.write_table(people(1, platforms=broken), path)
    assert refusal(read_population, path).expected == "a Parquet file"


def test_bounds_let_a_nation_in() -> None:
    assert bounds.MAX_PEOPLE >= 10_000_000 and bounds.MAX_FOLLOWS >= 10 * bounds.MAX_PEOPLE
    assert bounds.MAX_FILE_BYTES >= 20 * bounds.MAX_FOLLOWS


def test_the_page_about_data_names_every_bound_and_column() -> None:
    text = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
    for name, bound in vars(bounds).items():
        if isinstance(bound, int):
            assert re.search(rf"\b{bound:,}\b", text), name
    for column, aliases in (words.FOLLOWER_COLUMNS | words.POPULATION_COLUMNS).items():
        assert f"| `{column}` | {', '.join(aliases)} |" in text
