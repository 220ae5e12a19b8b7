"""A user's own data in a run: whose row is whose, how many groups of age, how many people, and what is told."""

from __future__ import annotations

import random
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import sim
from app import cli
from sim.base.errors import InputError
from sim.model import ContentEcosystem
from sim.settings.scenario import compose
from sim.simulation.cases import Case, prepare
from tests.datafiles import PEOPLE, written

TINY = ["world=tiny", "time.weeks=4", "time.burn_in_weeks=2"]
RING = [(str(k), str(k % 30 + 1)) for k in range(1, 31)] + [("10", "2"), ("2", "20")]
IDS = "id,age_group,minutes,platforms\n"


def pairs(case: Case) -> set[tuple[str, str]]:
    """Who follows whom in a model, by age group."""
    model = ContentEcosystem(
        settings=case.scenario.settings, rng=0, followers=case.followers, population=case.population
    )
    graph, names = model.world.graph, np.array(model.world.age_groups)[model.world.consumers.columns.age]
    tails = np.repeat(np.arange(len(names)), np.diff(graph.indptr))
    return set(zip(names[tails].tolist(), names[graph.indices].tolist(), strict=True))


def edge_list(folder: Path, edges: list[tuple[str, str]]) -> Path:
    return written(folder, "net.csv", "follower,followed\n" + "".join(f"{u},{v}\n" for u, v in edges))


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_row_with_an_id_is_that_users(shuffled: bool, tmp_path: Path) -> None:
    rows, edges = [f"{k},group {k},{k + 100},\n" for k in range(1, 31)], list(RING)
    if shuffled:
        random.Random(1).shuffle(rows)
        random.Random(2).shuffle(edges)
    people = written(tmp_path, "people.csv", IDS + "".join(rows))
    case = prepare(compose(overrides=TINY), edge_list(tmp_path, edges), people)
    assert pairs(case) == {(f"group {u}", f"group {v}") for u, v in RING}
    assert not case.notices
    groups = sim.run(case.scenario, followers=case.followers, population=case.population).exhibits["groups"]
    minutes = dict(zip(groups["age_group"], groups["minutes"], strict=True))
    assert all(minutes[f"group {k}"] == pytest.approx(k + 100, abs=0.2) for k in range(1, 31))


def test_rows_without_ids_are_the_users_in_the_order_of_their_names_as_text(tmp_path: Path) -> None:
    names = sorted(str(k) for k in range(1, 31))
    people = written(tmp_path, "people.csv", PEOPLE + "".join(f"group {name},60,\n" for name in names))
    network = edge_list(tmp_path, RING)
    case = prepare(compose(overrides=TINY), network, people)
    assert pairs(case) == {(f"group {u}", f"group {v}") for u, v in RING}
    assert case.notices == [
        f"{people} has no column id: its rows belong to the users of {network} in the order of their names as text "
        "(1, 10, 11, 12 …)"
    ]
    assert not prepare(compose(overrides=TINY), None, people).notices


def test_the_second_arm_shares_joined_data(tmp_path: Path) -> None:
    people = written(tmp_path, "people.csv", IDS + "".join(f"{k},a,60,\n" for k in range(1, 31)))
    world = sim.compare(
        "baseline", "no_ai", replications=1, overrides=TINY, followers=edge_list(tmp_path, RING), population=people
    )
    assert all(runs[0].manifest["settings"]["world"]["consumers"] == 30 for runs in world.arms.values())


def test_ids_that_are_not_the_networks_are_refused_before_a_run(tmp_path: Path) -> None:
    people = written(tmp_path, "people.csv", IDS + "".join(f"{k},a,60,\n" for k in [*range(1, 30), 31]))
    with pytest.raises(InputError) as caught:
        prepare(compose(overrides=TINY), edge_list(tmp_path, RING), people)
    assert (caught.value.key, caught.value.value) == (f"{people}, line 31, column 'id'", "31")
    assert "net.csv" in caught.value.expected


@pytest.mark.parametrize("number", [256, 257, 1000])
def test_any_number_of_age_groups_up_to_a_thousand(number: int, tmp_path: Path) -> None:
    rows = [f"{k / 10},{10 + k},\n" for k in range(number)]
    case = prepare(compose(overrides=TINY), None, written(tmp_path, "people.csv", PEOPLE + "".join(rows)))
    groups = sim.run(case.scenario, population=case.population).exhibits["groups"]
    minutes = dict(zip(groups["age_group"], groups["minutes"], strict=True))
    assert len(minutes) == number and (groups["consumers"] == 1).all()
    assert all(minutes[f"{k / 10}"] == pytest.approx(10 + k, abs=0.2) for k in range(number))


@pytest.mark.parametrize("overrides", [[], ["world.columns=compact"]])
def test_groups_beyond_a_byte_are_kept_apart_however_columns_are_held(overrides: list[str], tmp_path: Path) -> None:
    rows = [f"group {k % 300:03},{10 + k % 300},\n" for k in range(600)]
    case = prepare(compose(overrides=[*TINY, *overrides]), None, written(tmp_path, "p.csv", PEOPLE + "".join(rows)))
    model = ContentEcosystem(settings=case.scenario.settings, rng=0, population=case.population)
    assert np.bincount(model.world.consumers.columns.age).tolist() == [2] * 300


def test_more_age_groups_are_refused_where_the_first_stands(tmp_path: Path) -> None:
    path = written(tmp_path, "people.csv", PEOPLE + "".join(f"{k},60,\n" for k in range(1001)))
    with pytest.raises(InputError) as caught:
        prepare(compose(overrides=TINY), None, path)
    assert caught.value.key == f"{path}, line 1002, column 'age_group'"
    assert caught.value.expected == "at most 1,000 age groups"


@pytest.mark.parametrize("number", [1, 2, 9])
def test_too_few_people_are_told_with_their_file(number: int, tmp_path: Path) -> None:
    people = written(tmp_path, "people.csv", PEOPLE + "a,60,\n" * number)
    names = [str(k) for k in range(number)]
    for data in ((None, people), (edge_list(tmp_path, list(zip(names, names, strict=True))), None)):
        with pytest.raises(InputError) as caught:
            prepare(compose(overrides=TINY), *data)
        assert caught.value.key == str(data[0] or data[1])
        assert caught.value.value == ("1 person" if number == 1 else f"{number} people")
        assert caught.value.expected == "10 to 10,000,000 people (world.consumers)"


def test_how_data_were_read_is_told_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nx.write_graphml(nx.karate_club_graph(), tmp_path / "net.graphml")
    people = written(tmp_path, "people.csv", PEOPLE + "a,60,\n,,\n" * 34)
    out, data = tmp_path / "out", [f"input.followers={tmp_path / 'net.graphml'}", f"input.population={people}"]
    monkeypatch.setattr("sys.argv", ["metavalue", "run", *TINY, *data, "--out", str(out), "--quiet"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("metavalue: note: ")]
    assert [line.removeprefix("metavalue: note: ") for line in lines] == [
        f"{tmp_path / 'net.graphml'}: 78 undirected edges read as two follows each",
        f"{people}: 33 empty rows ignored",
        f"{people} has no column id: its rows belong to the users of {tmp_path / 'net.graphml'} in the order of their "
        "names as text (0, 1, 10, 11 …)",
    ]
    manifest = sim.load(out / "runs" / "baseline" / "0").manifest
    assert manifest["data"]["followers"] == {
        "users": 34,
        "follows": 156,
        "duplicates": 0,
        "self_follows": 0,
        "undirected": 78,
        "respelt": 0,
        "empty_rows": 0,
    }
    assert manifest["data"]["population"] == {"users": 34, "age_groups": 1, "ids": 0, "empty_rows": 33}
    assert manifest["notices"] == [line.removeprefix("metavalue: note: ") for line in lines]
