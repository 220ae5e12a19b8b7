"""A run is repeated bit for bit from its manifest, or it is said what is missing, has changed or is another program."""

import html
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.base.errors import InputError
from sim.experiment.pairing import Comparison
from sim.simulation import simulate
from sim.simulation.results import RunResult
from sim.simulation.sealed import seal
from tests.commands import call

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = 60
CONFIG = "time: {weeks: 5, burn_in_weeks: 2}\nculture: {imagination: 0.41}\nworld: tiny\n"


def same(one: RunResult, other: RunResult) -> None:
    """Every bit of outcomes and exhibits, and all that says what ran."""
    pd.testing.assert_frame_equal(one.outcomes, other.outcomes, check_exact=True, check_freq=False)
    assert one.exhibits.keys() == other.exhibits.keys()
    for name, frame in one.exhibits.items():
        pd.testing.assert_frame_equal(frame, other.exhibits[name], check_exact=True)
    aside = {"started", "wall_s", "threads", "directory"}
    assert {k: v for k, v in one.manifest.items() if k not in aside} == {
        k: v for k, v in other.manifest.items() if k not in aside
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment of two arms with a file of changes, own data and a policy, as the command line wrote it."""
    folder = tmp_path_factory.mktemp("first")
    rows = [f"u{k},u{(k * 7 + 1) % PEOPLE}" for k in range(PEOPLE)]
    (folder / "net.csv").write_text("\n".join(["follower,followed", *rows]))
    (folder / "mine.yaml").write_text(CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        words = ("--config", "mine.yaml", "input.followers=net.csv", "--against", "baseline", "--with", "labelling",
                 "--seed", "7", "--replications", "2", "--quiet", "--out", "out")  # fmt: skip
        assert call(patch, "run", "baseline", *words) == 0
    (folder / "mine.yaml").unlink()  # its content stands in the manifest
    return folder


def test_an_experiment_is_repeated_bit_for_bit_from_anywhere(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "run", "--from", str(place / "out"), "--threads", "2", "--quiet", "--out", "x") == 0
    one, other = sim.load(place / "out"), sim.load("x")
    assert isinstance(one, Comparison) and isinstance(other, Comparison)
    assert list(other.arms) == ["baseline+labelling", "baseline"] == list(one.arms)
    for arm, runs in one.arms.items():
        for run, again in zip(runs, other.arms[arm], strict=True):
            same(run, again)
    assert other.manifest["run_id"] == one.manifest["run_id"] and "may differ" not in capsys.readouterr().err
    assert other.manifest["command"] == one.manifest["command"] and one.manifest["command"][1:3] == ["run", "baseline"]
    assert one.manifest["config"] == other.manifest["config"] == {"source": "mine.yaml", "text": CONFIG}


def test_a_single_run_is_repeated_with_its_own_replication(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    manifest = place / "out" / "runs" / "baseline+labelling" / "1" / "manifest.json"
    assert call(monkeypatch, "run", "--from", str(manifest), "--json", "--quiet") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["out"] == os.path.join("outputs", "baseline+labelling-1") and said["replication"] == 1
    one, other = sim.load(manifest.parent), sim.load(said["out"])
    assert isinstance(one, RunResult) and isinstance(other, RunResult)
    same(one, other)
    again = sim.repeat(manifest, threads=2)
    assert isinstance(again, RunResult)
    same(one, again)


def test_the_line_on_the_page_gives_the_same_runs(place: Path) -> None:
    page = (place / "out" / "report.html").read_text(encoding="utf-8")
    lines = html.unescape(re.findall(r"<pre>(?:<code>)?(metavalue run [^<]*)", page)[0]).splitlines()
    assert shlex.split(lines[-1], comments=False)[1:] == sim.load(place / "out").manifest["command"]
    program, *words = shlex.split(lines[0])
    assert program == "metavalue"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "app", *words, "--json", "--quiet"],
        cwd=place / "out", env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    arms = sim.load(place / "out").manifest["arms"]
    assert json.loads(done.stdout)["run_ids"] == [run_id for arm in arms.values() for run_id in arm["run_ids"]]


def test_data_that_are_missing_or_changed_are_named(place: Path, tmp_path: Path) -> None:
    net = place / "net.csv"
    text = net.read_text()
    try:
        net.rename(tmp_path / "moved.csv")
        with pytest.raises(InputError, match=r"input.followers: got net.csv, expected the data that ran: a file"):
            sim.repeat(place / "out")
        again = sim.repeat(place / "out/runs/baseline/0", followers=tmp_path / "moved.csv")
        assert again.manifest["run_id"] == sim.load(place / "out/runs/baseline/0").manifest["run_id"]
        net.write_text(text + "\nu3,u9")
        with pytest.raises(InputError, match=r"input.followers: got .*net.csv, expected .*they changed"):
            sim.repeat(place / "out")
    finally:
        net.write_text(text)


def copied(place: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The experiment's manifest elsewhere, changed, and sealed again as only this program would."""
    manifest = json.loads((place / "out" / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    (tmp_path / "manifest.json").write_bytes(seal(manifest))
    return tmp_path / "manifest.json"


def arm(manifest: dict[str, Any]) -> dict[str, Any]:
    return manifest["arms"]["baseline"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(seed=8),
        lambda m: m.update(seed="7"),
        lambda m: m.update(replications=3),
        lambda m: m.update(replications=10**12),
        lambda m: m.pop("directory"),
        lambda m: m.update(arms=[1]),
        lambda m: arm(m)["settings"]["culture"].update(imagination=0.4),
        lambda m: arm(m)["settings"]["culture"].update(imagination="much"),
        lambda m: arm(m)["settings"].update(other=1),
        lambda m: arm(m).update(settings=None),
        lambda m: arm(m).update(preset="../../x"),
        lambda m: m["arms"].update({"../x": arm(m)}),
        lambda m: arm(m).pop("run_ids"),
        lambda m: arm(m)["inputs"].update(followers=3),
        lambda m: arm(m)["inputs"].update(children={"source": "net.csv", "sha256": ""}),
        lambda m: m.update(schema_version=9),
    ],
)
def test_a_manifest_that_is_not_as_it_was_written_is_refused(
    place: Path,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = copied(place, tmp_path, change)
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "run", "--from", str(file), "--quiet", "--out", "x") == 2
    said = capsys.readouterr().err
    assert re.fullmatch(r"metavalue: [^\n]{1,290}\n", said) and os.listdir() == ["manifest.json"]


def test_a_copy_of_a_manifest_may_have_another_name(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "of the first.json"
    copy.write_bytes((place / "out/runs/baseline/0/manifest.json").read_bytes())
    again = sim.repeat(copy)
    assert again.manifest["run_id"] == sim.load(place / "out/runs/baseline/0").manifest["run_id"]


def test_what_is_no_manifest_is_refused(place: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[" * 100_000)
    for path in (tmp_path, tmp_path / "manifest.json", tmp_path / "none", place, place / "net.csv"):
        with pytest.raises(InputError):
            sim.repeat(path)


def test_another_program_is_warned_of(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def older(manifest: dict[str, Any]) -> None:
        manifest["source_hash"] = "ab" * 32
        manifest["packages"] = manifest["packages"] | {"numpy": "1.0"}

    file = copied(place, tmp_path, older)
    monkeypatch.setattr("sim.experiment.repeat.run_arms", lambda *_, **__: None)
    with pytest.warns(UserWarning, match=r"numbers may differ.*source_hash abababababab \(now .*numpy 1.0 \(now"):
        sim.repeat(file)


@pytest.mark.parametrize(
    "words",
    [
        ("no_ai",),
        ("time.weeks=3",),
        ("--seed", "1"),
        ("--against", "no_ai"),
        ("--config", "x"),
        ("--replications", "2"),
        ("--checkpoint-every", "2"),
        ("--resume", "out"),
        ("--with", "labelling"),
    ],
    ids=" ".join,
)
def test_what_a_manifest_has_fixed_cannot_be_said_beside_it(
    place: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(simulate, "simulate", lambda *_: pytest.fail("simulated"))
    monkeypatch.chdir(place)
    assert call(monkeypatch, "run", "--from", "out", *words) == 2
    assert "nothing beside it but" in capsys.readouterr().err
