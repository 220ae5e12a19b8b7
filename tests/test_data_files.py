"""Data files as people have them: odd names, what Excel writes, ids, and what is told of how they were read."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from sim.base.errors import InputError
from sim.inputs import check_platforms, check_same_people, read_followers, read_population
from tests.datafiles import PEOPLE, follows, refusal, written

GRAPH = "<graphml><graph edgedefault='{}'>{}</graph></graphml>"

# Names


SPELLINGS = ["Zoë", " Zoë", "Zoë\u3000", "\u00a0Zoë", "Zo\u200bë", "\ufeffZoë", "Zoe\u0308", "Zoë\u2060 ", "Z\u00adoë"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_names_that_look_alike_are_one_user_in_every_format(spelling: str, tmp_path: Path) -> None:
    pairs = [("a", "Zoë"), (spelling, "b")]
    lines = "".join(f'"{u}","{v}"\n' for u, v in pairs)
    edges = "".join(f'<edge source="{u}" target="{v}"/>' for u, v in pairs)
    found = [
        read_followers(written(tmp_path, "net.csv", "follower,followed\n" + lines)),
        read_followers(written(tmp_path, "net.graphml", GRAPH.format("directed", edges))),
        read_followers(nx.DiGraph(pairs)),
    ]
    for network in found:
        assert network.labels == ["Zoë", "a", "b"]
        assert follows(network) == {("a", "Zoë"), ("Zoë", "b")}
        assert network.respelt == (spelling != "Zoë")
        assert ("differs in blanks" in network.notice) == (spelling != "Zoë")


def test_blanks_within_a_name_are_one_space_whatever_they_are(tmp_path: Path) -> None:
    pairs = [("Dr\u00a0Li", "b"), ("c", "Dr  Li"), ("Dr\u3000Li", "c"), ("d", "Dr Li ")]
    text = "follower,followed\n" + "".join(f"{u},{v}\n" for u, v in pairs)
    for source in (written(tmp_path, "net.csv", text), nx.DiGraph(pairs)):
        network = read_followers(source)
        assert follows(network) == {("Dr Li", "b"), ("c", "Dr Li"), ("Dr Li", "c"), ("d", "Dr Li")}
        assert network.respelt == 1


def test_names_that_are_only_odd_in_one_way_are_not_told(tmp_path: Path) -> None:
    network = read_followers(written(tmp_path, "net.csv", "follower,followed\na , b\na , b\n b,c\n"))
    assert (network.labels, network.respelt, network.duplicates) == (["a", "b", "c"], 0, 1)
    assert network.notice == f"{tmp_path / 'net.csv'}: 1 repeated follows dropped"


@pytest.mark.parametrize("name", ["\u200b", "\ufeff \u3000", "\u00a0"])
def test_a_name_that_cannot_be_seen_is_no_name_in_any_format(name: str, tmp_path: Path) -> None:
    error = refusal(read_followers, written(tmp_path, "net.csv", f"follower,followed\na,b\nc,{name}\n"))
    assert (error.key, error.value) == (f"{tmp_path / 'net.csv'}, line 3, column 'followed'", "nothing")
    assert refusal(read_followers, nx.DiGraph([("a", name)])).value == "nothing"
    text = GRAPH.format("directed", f"\n<node id='{name}'/>")
    error = refusal(read_followers, written(tmp_path, "net.graphml", text))
    assert "line 2, column 1" in error.key
    people = written(tmp_path, "p.csv", f"age_group,minutes,platforms\na,1,\n{name},1,x\n")
    assert refusal(read_population, people).key == f"{people}, line 3, column 'age_group'"


@pytest.mark.parametrize("name", ["a\x07", "\ud800", "x" * 1001])
def test_names_that_cannot_be_written_are_refused(name: str) -> None:
    error = refusal(read_followers, nx.DiGraph([("a", "b"), ("a", name)]))
    assert error.key == "networkx graph, node 3" and ("U+" in error.value or "1,001" in error.value)


def test_age_groups_and_platforms_that_look_alike_are_one(tmp_path: Path) -> None:
    text = PEOPLE + "18-24,1,video\n 18-24\u3000,1,video ; search\n18\u200b-24,1,\u00a0search\n"
    people = read_population(written(tmp_path, "p.csv", text))
    assert people.age_group == ["18-24"] * 3
    assert people.platforms == [("video",), ("video", "search"), ("search",)]


# What is told


def test_undirected_edges_repeats_and_self_follows_are_counted_alike_in_every_format(tmp_path: Path) -> None:
    edges = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "c")]
    text = "".join(f'<edge source="{u}" target="{v}"/>' for u, v in edges)
    text = GRAPH.format("undirected", text + '<edge source="d" target="a" directed="true"/>')
    path = written(tmp_path, "net.graphml", text)
    network = read_followers(path)
    assert follows(network) == {("a", "b"), ("b", "a"), ("b", "c"), ("c", "b"), ("d", "a")}
    assert (network.undirected, network.duplicates, network.self_follows) == (3, 2, 1)
    assert network.notice == (
        f"{path}: 3 undirected edges read as two follows each, 2 repeated follows dropped, 1 self-follows dropped"
    )
    assert network.counts == {
        "users": 4,
        "follows": 5,
        "duplicates": 2,
        "self_follows": 1,
        "undirected": 3,
        "respelt": 0,
        "empty_rows": 0,
    }
    graph = read_followers(nx.MultiGraph(edges))
    assert (graph.undirected, graph.duplicates, graph.self_follows) == (3, 2, 1)
    assert read_followers(nx.DiGraph([("a", "b")])).notice == ""


# What Excel writes


def excel(text: str, encoding: str = "utf-8-sig", separator: str = ";", ending: str = "\r\n") -> bytes:
    return text.replace("|", separator).replace("\n", ending).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "header", ["age_group|minutes|platforms", "年龄组|每周分钟|平台", " Age Group |MINUTES|Platforms"]
)
def test_a_table_reads_alike_however_excel_wrote_it(
    encoding: str, separator: str, ending: str, header: str, tmp_path: Path
) -> None:
    text = f'{header}\n"18-24"|600|"video;search"\n65+|10080|\n"老年 "|1|search\n'
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    people = read_population(written(tmp_path, "p.csv", mark + excel(text, encoding, separator, ending)))
    assert people.age_group == ["18-24", "65+", "老年"]
    assert people.minutes.tolist() == [600, 10080, 1]
    assert people.platforms == [("video", "search"), (), ("search",)]
    assert people.named_at["search"] == f"{tmp_path / 'p.csv'}, line 2, column 'platforms'"


def test_unicode_text_of_excel_keeps_its_extension(tmp_path: Path) -> None:
    network = read_followers(written(tmp_path, "net.txt", excel("关注者|被关注者\na|b\n", "utf-16", "\t")))
    assert follows(network) == {("a", "b")}
    assert follows(read_followers(written(tmp_path, "net.tsv", "被关注者\t关注者\nb\ta\n"))) == {("a", "b")}


def test_a_hint_at_the_separator_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", "sep=;\r\nage_group;minutes;platforms\r\na;1,5;\r\na;bad;\r\n")
    error = refusal(read_population, path)
    assert error.key == f"{path}, line 4, column 'minutes'"


@pytest.mark.parametrize("separator", ["|", ";", "；", "、", "｜"])
def test_platforms_may_be_separated_by_what_needs_no_quotes(separator: str, tmp_path: Path) -> None:
    text = PEOPLE + f'a,1,"video{separator} search"\n'
    assert read_population(written(tmp_path, "p.csv", text)).platforms == [("video", "search")]


def test_platforms_without_quotes_between_semicolons_are_explained(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", "age_group;minutes;platforms\na;1;video\nb;1;video;search\n")
    error = refusal(read_population, path)
    assert (error.key, error.value) == (f"{path}, line 3, column 4", "4 fields")
    assert "quotes" in error.expected and "|" in error.expected


@pytest.mark.parametrize(
    ("cells", "minutes"),
    [
        (["1,5", "600"], [1.5, 600]),
        (["12,25", "1,200"], [12.25, 1.2]),
        (["0,125"], [0.125]),
        (["1.5", "2.25"], [1.5, 2.25]),
        (["12.5", "1.200"], [12.5, 1.2]),
        (["1234,567"], [1234.567]),
        (["7"], [7]),
    ],
)
@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_are_read_where_commas_do_not_separate(
    cells: list[str], minutes: list[float], separator: str, tmp_path: Path
) -> None:
    text = "age_group|minutes|platforms\n" + "".join(f"a|{cell}|\n" for cell in cells)
    people = read_population(written(tmp_path, "p.csv", text.replace("|", separator)))
    assert people.minutes.tolist() == [pytest.approx(number) for number in minutes]


@pytest.mark.parametrize(
    ("cells", "line", "said"),
    [
        (["600", "1,200"], 3, "thousands"),
        (["1.200"], 2, "thousands"),
        (["1,5", "1.200"], 3, "thousands"),
        (["1.200,5"], 2, "thousands"),
        (["1,5", "2.5"], 3, "mark as before, ','"),
        (["1 200"], 2, "thousands"),
        (["1,2,3"], 2, "minutes"),
        (["1'200"], 2, "thousands"),
        (["1\u202f200"], 2, "thousands"),
        (["-1,5"], 2, "above 0"),
    ],
)
def test_numbers_that_could_be_meant_otherwise_are_refused(
    cells: list[str], line: int, said: str, tmp_path: Path
) -> None:
    text = "age_group;minutes;platforms\n" + "".join(f"a;{cell};\n" for cell in cells)
    path = written(tmp_path, "p.csv", text)
    error = refusal(read_population, path)
    assert error.key == f"{path}, line {line}, column 'minutes'" and said in error.expected
    assert error.value == cells[line - 2]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1,200", "thousands"),
        ("1 200", "thousands"),
        ("1_200", "thousands"),
        ("1\u00a0200", "thousands"),
        ("120 min", "without a unit"),
        ("120分钟", "without a unit"),
        ("2h", "without a unit"),
        ("1,5", "decimal point"),
    ],
)
def test_a_number_is_only_a_number(cell: str, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", f'{PEOPLE}a,1.5,\na,"{cell}",\n')
    error = refusal(read_population, path)
    assert (error.key, error.value) == (f"{path}, line 3, column 'minutes'", cell) and said in error.expected


def test_rows_without_content_are_ignored_and_those_within_told(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", PEOPLE + "a,1,x\n,,\n\n , ,\nb,2,\n,,\n,,,,\n\n")
    people = read_population(path)
    assert (people.age_group, people.empty_rows) == (["a", "b"], 3)
    assert people.notice == f"{path}: 3 empty rows ignored"
    network = read_followers(written(tmp_path, "net.csv", "follower,followed\na,b\n,\nb,c\n,\n"))
    assert (network.labels, network.empty_rows) == (["a", "b", "c"], 1)


def test_empty_columns_at_the_right_are_ignored_and_full_ones_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", "age_group,minutes,platforms,,\na,1,x,,\nb,2,,,\n")
    assert read_population(path).age_group == ["a", "b"]
    path.write_text("age_group,minutes,platforms,,\na,1,x,,\nb,2,,,note\n")
    assert refusal(read_population, path).key == f"{path}, line 3, column 4"


@pytest.mark.parametrize(
    ("encoding", "guess"), [("gbk", "GBK"), ("gb18030", "GBK"), ("latin-1", "Latin-1"), ("cp1252", "Latin-1")]
)
def test_other_encodings_are_named_and_say_how_to_save(encoding: str, guess: str, tmp_path: Path) -> None:
    word = "青年人" if guess == "GBK" else "aînés"
    for name, text, read in (
        ("p.csv", PEOPLE + f"a,1,x\n{word},1,x\n", read_population),
        ("net.csv", f"follower,followed\na,b\n{word},b\n", read_followers),
    ):
        path = written(tmp_path, name, text.encode(encoding))
        error = refusal(read, path)
        assert error.key == f"{path}, line 3, column 1"
        assert guess in error.expected and "CSV UTF-8" in error.expected
    path = written(tmp_path, "h.csv", "年龄组,分钟,平台\n青年,1,x\n".encode("gbk"))
    error = refusal(read_population, path)
    assert error.key == f"{path}, line 1, column 1" and "GBK" in error.expected


def test_a_flaw_in_utf8_is_not_taken_for_another_encoding(tmp_path: Path) -> None:
    text = (PEOPLE + "青年人,1,x\n中年人,1,x\n老年人,1,x\n").encode()
    text = text.replace("年人".encode(), "年".encode()[:-1] + "人".encode())
    error = refusal(read_population, written(tmp_path, "p.csv", text))
    assert "looks like" not in error.expected and ", line 2" in error.key


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"PK\x03\x04\x14\x00", "an Excel workbook or another archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook"),
        ("follower,followed\na,b\n".encode("utf-32"), "text in UTF-32"),
        (b"PAR1\x15\x04", "a Parquet file"),
        ("follower,followed\na,b\n".encode("utf-16-le"), "text in UTF-16 without a byte-order mark"),
        (b"follower,followed\na,\0\n", "a byte of 0"),
        (b"\xff\xfea\x00,\x00b", "a broken character in UTF-16"),
    ],
)
def test_what_is_no_text_is_named(content: bytes, found: str, tmp_path: Path) -> None:
    error = refusal(read_followers, written(tmp_path, "net.csv", content))
    assert error.value == found and "CSV UTF-8" in error.expected


@pytest.mark.parametrize("name", ["people.xlsx", "people.XLS", "people.ods"])
def test_a_workbook_is_refused_with_what_to_do(name: str, tmp_path: Path) -> None:
    for read in (read_followers, read_population):
        error = refusal(read, written(tmp_path, name, b"PK\x03\x04"))
        assert "CSV UTF-8" in error.expected and error.key == str(tmp_path / name)


# Ids


IDS = "id,age_group,minutes,platforms\n"


def test_rows_with_ids_are_their_users_in_any_order(tmp_path: Path) -> None:
    header, *rows = [IDS, "u10,c,10,x\n", "u2,b,2,\n", "u1,a,1,y\n"]
    first = read_population(written(tmp_path, "a.csv", header + "".join(rows)))
    other = read_population(written(tmp_path, "b.csv", header + "".join(reversed(rows))))
    for people in (first, other):
        assert people.ids == ["u1", "u10", "u2"]
        assert (people.age_group, people.minutes.tolist()) == (["a", "c", "b"], [1, 10, 2])
        assert people.platforms == [("y",), ("x",), ()]
    frame = pd.DataFrame({"minutes": [2, 1], "platforms": ["", ""], "age_group": ["b", "a"], "ID": [10, 9]})
    frame.to_parquet(tmp_path / "p.parquet")
    people = read_population(tmp_path / "p.parquet")
    assert (people.ids, people.age_group) == (["10", "9"], ["b", "a"])


NET = nx.DiGraph([("ann", "bob"), ("bob", "cemal"), ("cemal", "ann")])


@pytest.mark.parametrize(
    ("rows", "key", "value", "nearest"),
    [
        (["ann", "bob", "cemil"], ", line 4, column 'id'", "cemil", "cemal"),
        (["ann", "bobby", "cemal", "dot"], ", line 3, column 'id'", "bobby (and 1 more)", "bob"),
        (["ann", "cemal"], ", column 'id'", "no row for 'bob'", ""),
        (["ann", "Bob", "cemal"], ", line 3, column 'id'", "Bob", "bob"),
        (["ann"], ", column 'id'", "no row for 'bob' and 1 more", ""),
    ],
)
def test_ids_and_users_must_be_the_same(rows: list[str], key: str, value: str, nearest: str, tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", IDS + "".join(f"{name},a,1,\n" for name in rows))
    people, network = read_population(path), read_followers(NET)
    error = refusal(lambda table: check_same_people(network, table), people)
    assert (error.key, error.value, error.nearest) == (f"{path}{key}", value, nearest)
    assert "networkx graph" in error.expected


def test_ids_that_look_alike_join(tmp_path: Path) -> None:
    people = read_population(written(tmp_path, "p.csv", IDS + "\u3000cemal,c,3,\nann\u200b,a,1,\nbob ,b,2,\n"))
    check_same_people(read_followers(NET), people)
    assert people.age_group == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("again", "value"), [("bob", "bob a second time"), ("bob\u00a0", "bob a second time"), ("", "nothing")]
)
def test_an_id_stands_once(again: str, value: str, tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", IDS + f"bob,a,1,\nann,a,1,\n{again},a,1,\n")
    error = refusal(read_population, path)
    assert (error.key, error.value) == (f"{path}, line 4, column 'id'", value)
    assert value == "nothing" or "line 2" in error.expected


def test_an_unknown_column_beside_the_ids_is_refused(tmp_path: Path) -> None:
    error = refusal(read_population, written(tmp_path, "p.csv", "id,age_group,minute,platforms\n"))
    assert (error.key, error.nearest) == (f"{tmp_path / 'p.csv'}, line 1, column 3", "minutes")
    error = refusal(read_followers, written(tmp_path, "n.csv", "id,follower,followed\n"))
    assert error.value == "id"


def test_platforms_may_go_by_their_chinese_labels(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("年龄组,每周分钟,平台\n青年,300,短视频；论坛问答\n青年,300,short_video;短视频\n", encoding="utf-8")
    table = read_population(path)
    assert table.platforms == [("short_video", "forum"), ("short_video",)]
    check_platforms(table, ["short_video", "forum"])
    path.write_text("年龄组,每周分钟,平台\n青年,300,短視频\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 2, column 'platforms': got 短視频, .*"):
        check_platforms(read_population(path), ["short_video", "forum"])
    path.write_text("年龄组,每周分钟,平台\n青年,300,论坛问\n", encoding="utf-8")
    with pytest.raises(InputError, match="did you mean '论坛问答'"):
        check_platforms(read_population(path), ["short_video", "forum"])


def test_chinese_headers_are_told_in_chinese_too(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("学号,年龄组,每周分钟,平台\n", encoding="utf-8")
    with pytest.raises(InputError) as wrong:
        read_population(path)
    assert wrong.value.expected.endswith("and perhaps id (or 年龄组, 每周分钟, 平台, 编号)")
    path.write_text("number,age_group,minutes,platforms\n", encoding="utf-8")
    with pytest.raises(InputError) as wrong:
        read_population(path)
    assert wrong.value.expected.endswith("and perhaps id")
