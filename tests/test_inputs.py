"""A user's own networks and populations: real ones read back the same, malformed ones explained by place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from sim.inputs import PopulationTable, check_platforms, read_followers, read_population
from tests.datafiles import PEOPLE, follows, refusal, written

REAL = {
    "karate": nx.karate_club_graph,
    "miserables": nx.les_miserables_graph,
    "davis": nx.davis_southern_women_graph,
    "florentine": nx.florentine_families_graph,
}


@pytest.mark.parametrize("make", REAL.values(), ids=REAL)
@pytest.mark.parametrize("directed", [False, True])
def test_real_networks_read_alike_in_every_form(make: Callable[[], nx.Graph], directed: bool, tmp_path: Path) -> None:
    graph = make()
    if directed:
        graph = nx.DiGraph(graph.edges)  # each tie one way
    pairs = {(str(u), str(v)) for u, v in graph.edges}
    expected = pairs if directed else pairs | {(v, u) for u, v in pairs}
    named = nx.relabel_nodes(graph.__class__(graph.edges), str)
    nx.write_graphml(named, tmp_path / "net.graphml")
    pd.DataFrame(sorted(expected), columns=["follower", "followed"]).to_csv(tmp_path / "net.csv", index=False)
    found = [read_followers(source) for source in (graph, tmp_path / "net.graphml", str(tmp_path / "net.csv"))]
    for network in found:
        assert follows(network) == expected
        assert network.labels == sorted(map(str, graph.nodes))
        assert np.array_equal(network.csr.indices, found[0].csr.indices)
        assert (network.duplicates, network.self_follows) == (0, 0)
    assert found[2].sha256 == hashlib.sha256((tmp_path / "net.csv").read_bytes()).hexdigest()
    assert found[2].source == str(tmp_path / "net.csv")


def test_repeats_and_self_follows_are_dropped_and_counted(tmp_path: Path) -> None:
    network = read_followers(written(tmp_path, "net.csv", "follower,followed\na,b\nb,b\na,b\n\nb,a\na,b\nc,c\n"))
    assert follows(network) == {("a", "b"), ("b", "a")}
    assert (network.labels, network.duplicates, network.self_follows) == (["a", "b", "c"], 2, 2)
    graph = nx.MultiDiGraph([(1, 2), (1, 2), (3, 3)])
    network = read_followers(graph)
    assert (len(network.csr.indices), network.duplicates, network.self_follows) == (1, 1, 1)


def test_lines_and_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    plain = read_followers(written(tmp_path, "a.csv", 'follower,followed\nx,y\n"z, Dr.",x\n'))
    other = read_followers(
        written(tmp_path, "b.csv", '\ufefffollowed , follower\r\nx, "z, Dr."\r\ny,x\r\n'.replace(', "', ',"'))
    )
    assert follows(plain) == follows(other) == {("x", "y"), ("z, Dr.", "x")}
    assert plain.labels == other.labels


def test_equal_graphs_have_equal_hashes() -> None:
    first, same = read_followers(nx.DiGraph([(1, 2), (3, 1)])), read_followers(nx.DiGraph([(3, 1), (1, 2)]))
    assert first.sha256 == same.sha256 != read_followers(nx.DiGraph([(1, 2), (1, 3)])).sha256


def test_graphml_keeps_lone_users_and_single_directed_edges(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="d0" for="node" attr.name="age" attr.type="int"/><graph edgedefault="undirected">\n'
        '<node id="a"><data key="d0">old</data></node><node id="b"/><node id="c"/><node id="d"/>\n'
        '<edge source="a" target="b"/><edge source="b" target="c" directed="true"/></graph></graphml>'
    )
    network = read_followers(written(tmp_path, "net.graphml", text))
    assert network.labels == ["a", "b", "c", "d"]
    assert follows(network) == {("a", "b"), ("b", "a"), ("b", "c")}


@pytest.mark.parametrize(
    ("text", "key", "value", "nearest"),
    [
        ("folower,followed\na,b\n", ", line 1, column 1", "folower", "follower"),
        ("follower;folowed\na;b\n", ", line 1, column 2", "folowed", "followed"),
        ("follower|followed\na|b\n", ", line 1, column 1", "follower|followed", ""),
        ("follower,follower\na,b\n", ", line 1, column 2", "follower a second time", ""),
        ("follower\na\n", ", line 1, column 'followed'", "no such column", ""),
        ("follower,followed,weight\na,b,1\n", ", line 1, column 3", "weight", ""),
        ("\nfollower,followed\na,b\n", ", line 1, column 'follower'", "no such column", ""),
        ("follower,followed\na,b\n\na\n", ", line 4, column 'followed'", "1 field", ""),
        ("follower,followed\na,b\na,b,c\n", ", line 3, column 3", "3 fields", ""),
        ("follower,followed\na,b\n , c\n", ", line 3, column 'follower'", "nothing", ""),
        ('follower,followed\n"a\nb",c\nd,\n', ", line 4, column 'followed'", "nothing", ""),
        ('follower,followed\na,b\nc,"d\ne,f\n', ", line 3, column 'follower' or after", "unexpected end of data", ""),
        ("follower,followed\n", "", "no users", ""),
        ("", "", "an empty file", ""),
        ("follower,followed\na,b\nc,é\n".encode("latin-1"), ", line 3, column 2", "byte 0xe9", ""),
    ],
)
def test_a_malformed_edge_list_is_explained(
    text: str | bytes, key: str, value: str, nearest: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "net.csv", text)
    error = refusal(read_followers, path)
    assert (error.key, error.value, error.nearest) == (f"{path}{key}", value, nearest)


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("<graphml>\n<graph edgedefault='directed'>\n<node id='a'></graph></graphml>", "line 3, column", "mismatch"),
        (
            "<graphml>\n<graph edgedefault='directed'>\n  <edge source='a'/></graph></graphml>",
            "line 3, column 3",
            "target=''",
        ),
        ("<graphml>\n<graph edgedefault='directed'><node/></graph></graphml>", "line 2, column 31", "id=''"),
        ("<graphml>\n<graph edgedefault='both'/></graphml>", "line 2, column 1", "edgedefault='both'"),
        (
            "<graphml><graph edgedefault='directed'>\n<edge source='a' target='b' directed='1'/></graph></graphml>",
            "line 2, column 1",
            "directed='1'",
        ),
        ("<graphml><graph edgedefault='directed'>\n<hyperedge/></graph></graphml>", "line 2", "<hyperedge>"),
        ("<graphml><graph edgedefault='directed'/>\n<graph edgedefault='directed'/></graphml>", "line 2", "<graph>"),
        ("<gexf><graph/></gexf>", "line 1, column 1", "<gexf>"),
        ("<?xml version='1.0' encoding='gbk'?><graphml/>", "line 1", "multi-byte"),
        ("a,b\n", "line 1, column 1", "syntax error"),
        ("<graphml/>", "net.graphml", "no users"),
    ],
)
def test_a_malformed_graphml_is_explained(text: str, place: str, found: str, tmp_path: Path) -> None:
    path = written(tmp_path, "net.graphml", text)
    error = refusal(read_followers, path)
    assert error.key.startswith(str(path)) and place in error.key and found in str(error.value)


def test_what_is_no_network_is_refused() -> None:
    assert refusal(read_followers, 7).value == "int"
    assert refusal(read_followers, nx.Graph()).value == "no nodes"
    assert refusal(read_followers, nx.Graph([(1, "1")])).value == "1"
    assert refusal(read_followers, nx.Graph([(0, 1), (1, "1")])).value == "1"


@pytest.mark.parametrize("read", [read_followers, read_population])
def test_a_file_that_cannot_be_read_is_explained(read: Callable[[Any], object], tmp_path: Path) -> None:
    (tmp_path / "people.csv").touch()
    (tmp_path / "folder.csv").mkdir()
    missing = refusal(read, tmp_path / "poeple.csv")
    assert (missing.value, missing.nearest) == ("no such file", "people.csv")
    wrong = refusal(read, tmp_path / "people.cvs")
    assert (wrong.key, wrong.value, wrong.nearest) == (str(tmp_path / "people.cvs"), ".cvs", ".csv")
    assert refusal(read, str(tmp_path / "people")).value == "no extension"
    assert refusal(read, tmp_path / "folder.csv").value == "is a directory"
    assert refusal(read, tmp_path / "people.csv").value == "an empty file"


def table(path: Path) -> PopulationTable:
    people = read_population(path)
    assert people.age_group == ["18-24", "65+", "18-24"]
    assert people.minutes.dtype == np.float32
    assert people.minutes.tolist() == [600.5, 10080, 1]
    assert people.platforms == [("video", "search"), (), ("search",)]
    assert people.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    return people


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "platforms": ["video; search;video", None, "search"],
            "minutes": [600.5, 10080, 1],
            "age_group": ["18-24", "65+", "18-24"],
        }
    )


def test_a_population_reads_alike_from_csv_and_parquet(tmp_path: Path) -> None:
    frame().to_csv(tmp_path / "p.csv", index=False)
    frame().to_parquet(tmp_path / "p.parquet")
    frame().astype({"age_group": "category", "minutes": "float32"}).to_parquet(tmp_path / "c.parquet")
    assert table(tmp_path / "p.csv").named_at["search"] == f"{tmp_path / 'p.csv'}, line 2, column 'platforms'"
    assert table(tmp_path / "p.parquet").named_at["search"] == f"{tmp_path / 'p.parquet'}, row 1, column 'platforms'"
    table(tmp_path / "c.parquet")


def test_nobody_needs_a_preference(tmp_path: Path) -> None:
    frame().assign(platforms=None, minutes=[1, 2, 3]).to_parquet(tmp_path / "p.parquet")
    assert read_population(tmp_path / "p.parquet").platforms == [(), (), ()]


def test_an_unknown_platform_is_refused_where_it_is_first_named(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", PEOPLE + "a,1,video\n\na,1,video;serch\na,1,serch\n")
    people = read_population(path)
    error = refusal(lambda known: check_platforms(people, known), ["video", "search"])
    assert (error.key, error.value) == (f"{path}, line 4, column 'platforms'", "serch")
    assert error.nearest == "search" and "search, video" in error.expected
    check_platforms(people, ["video", "serch", "other"])


@pytest.mark.parametrize(
    "minutes", ["nan", "inf", "-inf", "-1", "0", "-0", "1e-60", "10080.1", "1e999", "ten", "1,5", "0x10", ""]
)
def test_impossible_minutes_are_refused(minutes: str, tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", f'{PEOPLE}a,60,\na,"{minutes}",\na,bad,\n')
    error = refusal(read_population, path)
    assert (error.key, error.value) == (f"{path}, line 3, column 'minutes'", minutes or "nothing")
    assert "10080" in error.expected


@pytest.mark.parametrize(
    ("text", "key", "value", "nearest"),
    [
        ("age,minutes,platforms\n", ", line 1, column 1", "age", "age_group"),
        ("age_group,minutes,platfroms\n", ", line 1, column 3", "platfroms", "platforms"),
        ("age_group,minutes\na,1\n", ", line 1, column 'platforms'", "no such column", ""),
        (PEOPLE, "", "no rows", ""),
        (PEOPLE + "a,1\n", ", line 2, column 'platforms'", "2 fields", ""),
        (PEOPLE + "a,1,x\n ,1,x\n", ", line 3, column 'age_group'", "nothing", ""),
        (PEOPLE + "a,1,x;;y\n", ", line 2, column 'platforms'", "x;;y", ""),
        (PEOPLE + "a,1,x\na,1,x,y\n", ", line 3, column 4", "4 fields", ""),
        ((PEOPLE + "a,1,x\n老,1,x\n").encode("gbk"), ", line 3, column 1", "byte 0xc0", ""),
    ],
)
def test_a_malformed_population_is_explained(
    text: str | bytes, key: str, value: str, nearest: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "p.csv", text)
    error = refusal(read_population, path)
    assert (error.key, error.value, error.nearest) == (f"{path}{key}", value, nearest)


@pytest.mark.parametrize(
    ("change", "key", "value"),
    [
        ({"minutes": [1.0, float("nan"), 2.0]}, ", row 2, column 'minutes'", "nan"),
        ({"minutes": [1.0, 2.0, float("inf")]}, ", row 3, column 'minutes'", "inf"),
        ({"minutes": [1.0, -2.0, 1.0]}, ", row 2, column 'minutes'", "-2.0"),
        ({"minutes": ["1", "2", "3"]}, ", header, column 'minutes'", "the type string"),
        ({"minutes": [True, True, True]}, ", header, column 'minutes'", "the type bool"),
        ({"age_group": [18, 25, 65]}, ", header, column 'age_group'", "the type int64"),
        ({"age_group": ["a", None, "b"]}, ", row 2, column 'age_group'", "nothing"),
        ({"platforms": [["x"], ["y"], []]}, ", header, column 'platforms'", "the type list<element: string>"),
        ({"platforms": ["x", "y", "x;"]}, ", row 3, column 'platforms'", "x;"),
        ({"platform": ["x", "y", "x"]}, ", header, column 4", "platform"),
    ],
)
def test_a_malformed_parquet_is_explained(change: dict[str, list[Any]], key: str, value: str, tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {"age_group": ["a", "b", "c"], "minutes": [1, 2, 3], "platforms": ["", "x", None]}
    path = tmp_path / "p.parquet"
    parquet.write_table(pa.table(columns | change), path)
    error = refusal(read_population, path)
    assert (error.key, error.value) == (f"{path}{key}", value)


def test_what_is_no_parquet_is_explained(tmp_path: Path) -> None:
    path = written(tmp_path, "p.parquet", PEOPLE)
    assert refusal(read_population, path).expected == "a Parquet file"
    parquet.write_table(
        pa.table(
            {
                "age_group": pa.array([], pa.string()),
                "minutes": pa.array([], pa.float32()),
                "platforms": pa.array([], pa.string()),
            }
        ),
        path,
    )
    assert refusal(read_population, path).value == "no rows"
    parquet.write_table(pa.table({"minutes": [1]}), path)
    assert refusal(read_population, path).key == f"{path}, column 'age_group'".replace(",", ", header,", 1)
