"""Results: what a run leaves, that it reads back, that it is written whole or not at all; pairs and their processes."""

import json
import os
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pytest
from pyarrow import parquet

import sim
from sim.base.errors import InputError
from sim.base.outcomes import OUTCOMES
from sim.experiment import engines
from sim.experiment.pairing import Comparison, load_comparison
from sim.settings.scenario import compose
from sim.simulation.cases import prepare
from sim.simulation.folders import staged
from sim.simulation.results import RunResult, load_run
from sim.simulation.sealed import seal

TINY = ["world=tiny", "time.weeks=6", "time.burn_in_weeks=3"]
MANIFEST = {
    "schema_version", "run_id", "scenario", "scenario_hash", "overrides", "seed", "model_version", "source_hash",
    "commit", "python", "packages", "machine", "started", "wall_s", "threads",
}  # fmt: skip


@pytest.fixture(scope="module")
def pair() -> Comparison:
    """Two arms, two replications, over two processes."""
    return sim.compare("baseline", "no_ai", seed=5, replications=2, overrides=TINY, workers=2)


def same(a: RunResult, b: RunResult) -> None:
    pd.testing.assert_frame_equal(a.outcomes, b.outcomes, check_freq=False, check_exact=True)
    assert a.manifest == b.manifest
    assert set(a.exhibits) == set(b.exhibits)
    for name, frame in a.exhibits.items():
        pd.testing.assert_frame_equal(frame, b.exhibits[name], check_exact=True, check_dtype=False)


def test_a_run_is_reproducible_and_independent_of_processes(pair: Comparison) -> None:
    run = sim.run("no_ai", seed=5, replication=1, overrides=TINY)
    pd.testing.assert_frame_equal(run.outcomes, pair.arms["no_ai"][1].outcomes, check_exact=True)
    assert run.manifest["run_id"] == pair.arms["no_ai"][1].manifest["run_id"]
    assert not run.outcomes.equals(pair.arms["no_ai"][0].outcomes)


def test_outcomes_are_dated_weeks(pair: Comparison) -> None:
    frame = pair.arms["baseline"][0].outcomes
    assert list(frame.columns) == ["week", *OUTCOMES]
    assert frame.index.name == "date" and set(frame.index.day_name()) == {"Monday"}
    assert frame.index[3].date().isoformat() == "2022-11-28" and list(frame["week"]) == list(range(6))


def test_results_are_told_in_a_line(pair: Comparison) -> None:
    run = pair.arms[pair.scenario][0]
    weeks = len(run.outcomes)
    assert repr(run) == f"<RunResult of scenario {pair.scenario}, seed 5, replication 0: {weeks} weeks>"
    assert repr(pair).startswith(f"<Comparison of seed 5, {pair.scenario}: ") and len(repr(pair)) < 100


def test_manifest_says_what_ran(pair: Comparison) -> None:
    manifests = [run.manifest for runs in pair.arms.values() for run in runs]
    assert all(set(manifest) >= MANIFEST for manifest in [*manifests, pair.manifest])
    assert len({manifest["run_id"] for manifest in manifests}) == 4
    assert [manifest["replication"] for manifest in manifests] == [0, 1, 0, 1]
    assert pair.manifest["arms"]["no_ai"]["run_ids"] == [manifest["run_id"] for manifest in manifests[2:]]
    assert manifests[0]["settings"]["world"]["consumers"] == 500 and manifests[0]["overrides"] == TINY


def test_a_run_reads_back(pair: Comparison, tmp_path: Path) -> None:
    run = pair.arms["baseline"][0]
    assert run.exhibits and run.outcomes.isna().any().any()
    run.save(tmp_path / "a" / "run")
    same(run, sim.load(tmp_path / "a" / "run"))
    assert os.listdir(tmp_path / "a") == ["run"]


def test_columns_carry_units_and_labels_and_nulls(pair: Comparison, tmp_path: Path) -> None:
    path = pair.arms["baseline"][0].save(tmp_path / "run") / "outcomes.parquet"
    table = parquet.read_table(path)
    assert table.schema.names[:2] == ["date", "week"] and str(table.schema.field("date").type) == "date32[day]"
    for name, outcome in OUTCOMES.items():
        texts = table.schema.field(name).metadata
        assert texts[b"unit"].decode() == outcome.unit and texts[b"label_zh"].decode() == outcome.label_zh
    frame = pair.arms["baseline"][0].outcomes
    assert [table[name].null_count for name in frame.columns] == list(frame.isna().sum())


def test_a_comparison_reads_back(pair: Comparison, tmp_path: Path) -> None:
    pair.save(tmp_path / "out")
    again = load_comparison(tmp_path / "out")
    assert (again.scenario, again.against, again.manifest) == ("baseline", "no_ai", pair.manifest)
    for arm, runs in pair.arms.items():
        for run, other in zip(runs, again.arms[arm], strict=True):
            same(run, other)
    with pytest.raises(InputError, match="runs/baseline/0"):
        load_run(tmp_path / "out")
    whole = sim.load(tmp_path / "out")
    assert isinstance(whole, Comparison) and list(whole.arms) == ["baseline", "no_ai"]
    assert isinstance(sim.load(tmp_path / "out/runs/no_ai/1"), RunResult)
    with pytest.raises(InputError, match="above runs"):
        load_comparison(tmp_path / "out" / "runs" / "baseline" / "0")


def test_what_is_no_result_is_refused(pair: Comparison, tmp_path: Path) -> None:
    path = pair.arms["no_ai"][0].save(tmp_path / "run")
    breaks: list[Callable[[], Any]] = [
        lambda: (path / "outcomes.parquet").write_bytes(b"PAR1"),
        (path / "outcomes.parquet").unlink,
        lambda: (path / "manifest.json").write_text("{}"),
        lambda: (path / "manifest.json").write_text("{"),
        (path / "manifest.json").unlink,
    ]
    for damage in breaks:
        damage()
        with pytest.raises(InputError):
            sim.load(path)


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(failure: type[BaseException], tmp_path: Path) -> None:
    def fill() -> None:
        with staged(tmp_path / "a" / "b" / "out") as folder:
            (folder / "half").write_text("x")
            raise failure

    with pytest.raises(failure):
        fill()
    assert not list(tmp_path.iterdir())


def test_a_failure_keeps_the_earlier_result(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with staged(out) as folder:
        (folder / "manifest.json").write_text("old")

    def fill() -> None:
        with staged(out, overwrite=True) as folder:
            (folder / "manifest.json").write_text("new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fill()
    assert (out / "manifest.json").read_text() == "old" and os.listdir(tmp_path) == ["out"]
    with staged(out, overwrite=True) as folder:
        (folder / "report.html").write_text("new")
    assert os.listdir(out) == ["report.html"] and os.listdir(tmp_path) == ["out"]


def test_overwriting_spares_what_is_not_ours(tmp_path: Path) -> None:
    """A slip of --out must not cost a home directory."""
    for name in ("notes.txt", "runs"):  # without a manifest, even a folder `runs` may be someone else's
        out = tmp_path / name
        out.mkdir()
        (out / name).write_text("mine")
        with pytest.raises(InputError, match=re.escape(name)), staged(out, overwrite=True):
            raise AssertionError("must not be reached")
        assert (out / name).read_text() == "mine"


def test_taken_or_impossible_places_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for place in (tmp_path, file, file / "out", tmp_path / "link", tmp_path / ("x" * 300)):
        with pytest.raises(InputError, match=r"^path: "), staged(place):
            raise AssertionError("must not be reached")
    assert sorted(os.listdir(tmp_path)) == ["file", "link"]


def test_the_same_arm_twice_is_refused() -> None:
    for against, overrides in (("baseline", []), ("no_ai", ["technology=observed"])):
        with pytest.raises(InputError, match=r"^b: .*levers='NAME' puts"):
            sim.compare("baseline", against, overrides=[*TINY, *overrides])


def test_wrong_counts_are_refused() -> None:
    for counts in ({"seed": -1}, {"replications": 0}, {"threads": 0}, {"seed": 2**32}):
        with pytest.raises(InputError):
            sim.compare("baseline", overrides=TINY, **counts)  # type: ignore[arg-type]


def test_data_set_the_size_of_the_world(tmp_path: Path) -> None:
    graph = nx.les_miserables_graph()
    size = prepare(compose(overrides=TINY), graph).scenario.settings.world
    assert (size.consumers, size.creators, size.studios, size.new_items) == (77, 6, 1, 5.0)
    kept = prepare(compose(overrides=[*TINY, "world.creators=30"]), graph).scenario.settings.world
    assert (kept.consumers, kept.creators) == (77, 30)
    table = tmp_path / "people.csv"
    table.write_text("age_group,minutes,platforms\n" + "18-24,900,short_video;microblog\n" * 40)
    assert prepare(compose(overrides=[*TINY, f"input.population={table}"])).scenario.settings.world.creators == 3
    with pytest.raises(InputError, match="77 and 40"):
        prepare(compose(overrides=TINY), graph, table)
    with pytest.raises(InputError, match=r"world\.consumers"):
        prepare(compose(overrides=TINY), nx.path_graph(3))
    table.write_text("age_group,minutes,platforms\n" + "18-24,900,forum\n" * 40)
    with pytest.raises(InputError, match="line 2"):
        prepare(compose(overrides=TINY), None, table)


def test_data_enter_the_run_and_its_identity(tmp_path: Path) -> None:
    path = tmp_path / "net.graphml"
    nx.write_graphml(nx.karate_club_graph(), path)
    texts = [*TINY, f"input.followers={path}"]
    run = sim.run(overrides=texts)
    assert run.manifest["inputs"]["followers"]["source"] == str(path)
    assert run.manifest["settings"]["world"]["consumers"] == 34
    nx.write_graphml(nx.florentine_families_graph(), path)
    case, other = prepare(compose(overrides=texts)), run.manifest["run_id"]
    assert sim.run(case.scenario).manifest["run_id"] != other


def test_a_failing_run_ends_all_workers() -> None:
    case = prepare(compose(overrides=TINY))
    broken = replace(case, followers=object())  # type: ignore[arg-type]
    jobs = [engines.Job(item, 0, 0, 1) for item in (broken, case)]
    with pytest.raises(AttributeError):
        engines.run_all(jobs, 2, lambda: None)


def test_progress_counts_every_week_of_every_run() -> None:
    seen: list[tuple[int, int]] = []
    sim.compare("baseline", replications=2, overrides=TINY, workers=2, progress=lambda *counts: seen.append(counts))
    assert seen == [(k, 12) for k in range(1, 13)]


def test_manifest_is_json_for_every_reader(pair: Comparison, tmp_path: Path) -> None:
    text = (pair.save(tmp_path / "out") / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name))["against"] == "no_ai"


def test_a_wrong_place_says_what_is_there(pair: Comparison, tmp_path: Path) -> None:
    pair.save(tmp_path / "baseline")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "registry.sqlite").touch()
    told = {
        "": "a directory with baseline, empty, file, sweep", "empty": "an empty directory", "file": "a file",
        "sweep": "a sweep", "baselin": "no such directory.*did you mean 'baseline'", "none": "no such directory",
    }  # fmt: skip
    for name, what in told.items():
        with pytest.raises(InputError, match=what):
            sim.load(tmp_path / name)


def test_what_the_package_has_is_listed() -> None:
    assert {"compare", "load", "repeat", "run"} <= set(dir(sim)) and all(getattr(sim, name) for name in sim.__all__)


@pytest.mark.parametrize(
    "change",
    [
        {"arms": {"../../secret": {}}, "scenario": "../../secret", "against": None},
        {"arms": {"/etc": {}}, "scenario": "/etc", "against": None},
        {"arms": {"a" * 300: {}}, "scenario": "a" * 300, "against": None},
        {"arms": [], "scenario": None},
        {"arms": 3},
        {"replications": "2"},
        {"replications": 10**9},
        {"scenario": "other"},
        {"against": 7},
        {"schema_version": [1]},
    ],
    ids=lambda change: str(change)[:40],
)
def test_a_forged_manifest_is_refused_in_one_line(pair: Comparison, tmp_path: Path, change: dict[str, Any]) -> None:
    pair.save(tmp_path / "out")
    file = tmp_path / "out" / "manifest.json"
    told = json.loads(file.read_text())
    for forged in (json.dumps(told | change).encode(), seal(told | change)):
        file.write_bytes(forged)
        with pytest.raises(InputError) as refused:
            sim.load(tmp_path / "out")
    assert len(str(refused.value)) <= 300 and "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["9" * 5_000, "[" * 5_000, "[" * 100_000, "\udce9", "{", "1e999"])
def test_json_that_no_reader_takes_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"manifest\.json"):
        sim.load(tmp_path)


def test_a_bit_that_flips_anywhere_in_a_result_is_told(pair: Comparison, tmp_path: Path) -> None:
    out = pair.save(tmp_path / "out")
    draw = random.Random(1)
    for file in sorted(path for path in out.rglob("*") if path.is_file()):
        content = file.read_bytes()
        for at in draw.sample(range(len(content)), 12):
            file.write_bytes(content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :])
            with pytest.raises(InputError) as refused:
                load_comparison(out)
            assert len(str(refused.value)) <= 300 and "\n" not in str(refused.value)
        file.write_bytes(content)
    assert load_comparison(out).manifest == pair.manifest


def test_a_run_in_the_place_of_another_is_told(pair: Comparison, tmp_path: Path) -> None:
    runs = pair.save(tmp_path / "out") / "runs" / "baseline"
    (runs / "0").rename(runs / "x")
    (runs / "1").rename(runs / "0")
    (runs / "x").rename(runs / "1")
    assert isinstance(sim.load(runs / "0"), RunResult)
    with pytest.raises(InputError, match=r"baseline/0/manifest\.json: got other bytes"):
        load_comparison(tmp_path / "out")


def test_results_of_an_earlier_layout_are_named(pair: Comparison, tmp_path: Path) -> None:
    file = pair.save(tmp_path / "out") / "manifest.json"
    manifest = json.loads(file.read_text())
    file.write_text(json.dumps(manifest | {"schema_version": 1}))
    source = manifest["source_hash"][:12]
    with pytest.raises(
        InputError, match=rf"got a result of layout 1, expected layout 2; .*\(source {source}\) reads it"
    ):
        sim.load(tmp_path / "out")


def test_a_taken_place_is_told_in_the_words_of_python(tmp_path: Path) -> None:
    result = sim.run("baseline", overrides=TINY)
    result.save(tmp_path / "mine")
    with pytest.raises(InputError, match=r"^path: got \S+, .*overwrite=True replaces"):
        result.save(tmp_path / "mine")
    result.save(tmp_path / "mine", overwrite=True)
