"""Checkpoints: a run killed at any week ends as one never killed; a damaged or foreign checkpoint is refused."""

import dataclasses
import errno
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.base.errors import InputError
from sim.experiment.pairing import load_comparison
from sim.experiment.workplace import FILE, Experiment, Workplace, held, open_workplace, place_of, read_workplace
from sim.settings.scenario import compose
from sim.simulation import simulate
from sim.simulation.cases import prepare
from sim.simulation.checkpoint import Checkpoint, read_checkpoint, read_week, write_checkpoint
from sim.simulation.results import RunResult, load_run
from sim.simulation.sealed import END, SEAL, digest, seal, unseal
from sim.simulation.simulate import describe_case
from tests import commands

ROOT = Path(__file__).resolve().parents[1]
WEEKS, BURN_IN = 12, 6
SMALL = ("world=tiny", f"time.weeks={WEEKS}", f"time.burn_in_weeks={BURN_IN}", "world.consumers=60")
TIMES = {"started", "wall_s"}
ELSEWHERE = simulate.environment() | {"source_hash": "ab" * 16}  # another source of the model


class KilledError(Exception):
    """Stands for a kill between two weeks."""


def interrupted(path: Path, week: int, every: int = 1) -> None:
    """Run with checkpoints and stop after a week."""

    def stop(done: int, total: int) -> None:
        if done == week:
            raise KilledError

    with pytest.raises(KilledError):
        sim.run("baseline", seed=3, overrides=SMALL, progress=stop, checkpoint=path, checkpoint_every=every)


def check_same(one: RunResult, other: RunResult) -> None:
    """Every bit of outcomes, exhibits and manifest, times aside."""
    pd.testing.assert_frame_equal(one.outcomes, other.outcomes, check_exact=True)
    assert one.exhibits.keys() == other.exhibits.keys()
    for name, frame in one.exhibits.items():
        pd.testing.assert_frame_equal(frame, other.exhibits[name], check_exact=True)
    assert one.manifest.keys() == other.manifest.keys()
    assert all(one.manifest[key] == other.manifest[key] for key in one.manifest.keys() - TIMES)


@pytest.fixture(scope="module")
def whole() -> RunResult:
    return sim.run("baseline", seed=3, overrides=SMALL)


@pytest.mark.parametrize("week", [1, BURN_IN - 1, BURN_IN, BURN_IN + 1, WEEKS])
def test_a_run_goes_on_bit_for_bit_from_any_week(whole: RunResult, tmp_path: Path, week: int) -> None:
    interrupted(tmp_path / "state", week)
    assert read_week(tmp_path / "state") == week
    seen: list[int] = []
    resumed = sim.run(
        "baseline", seed=3, overrides=SMALL, checkpoint=tmp_path / "state", progress=lambda done, _: seen.append(done)
    )
    assert seen == list(range(week + 1, WEEKS + 1))
    check_same(whole, resumed)


def test_checkpoints_are_left_every_so_many_weeks_and_leave_no_drafts(tmp_path: Path) -> None:
    interrupted(tmp_path / "state", 8, every=3)
    assert read_week(tmp_path / "state") == 6
    assert os.listdir(tmp_path) == ["state"]
    assert read_week(tmp_path / "none") == 0
    with pytest.raises(InputError, match="from 1"):
        Checkpoint(tmp_path, 0)


@pytest.fixture
def left(tmp_path: Path) -> Iterator[Path]:
    """A checkpoint of week 2."""
    interrupted(tmp_path / "state", 2)
    yield tmp_path / "state"


def test_a_checkpoint_holds_no_pickle(left: Path) -> None:
    with left.open("rb") as file:
        for _ in range(3):
            file.readline()
        with np.load(file, allow_pickle=False) as arrays:
            assert len(arrays.files) > 100 and not any(arrays[name].dtype.hasobject for name in arrays.files)


@pytest.mark.parametrize(("place", "share"), [(0, 0.0), (-1, 0.3), (-1, 0.9)])
def test_a_damaged_checkpoint_is_refused_in_one_line(left: Path, place: int, share: float) -> None:
    bytes_ = bytearray(left.read_bytes())
    bytes_[int(share * len(bytes_))] ^= 1
    left.write_bytes(bytes_)
    with pytest.raises(InputError, match="damaged") as refused:
        sim.run("baseline", seed=3, overrides=SMALL, checkpoint=left)
    assert "\n" not in str(refused.value)


def test_a_checkpoint_cut_short_is_refused(left: Path) -> None:
    for share in (0.0, 0.001, 0.5, 0.999):
        cut = left.with_name("cut")
        cut.write_bytes(left.read_bytes()[: int(share * left.stat().st_size)])
        with pytest.raises(InputError, match="damaged"):
            read_week(cut)


def test_a_checkpoint_of_an_older_format_is_refused_with_the_source_that_reads_it(left: Path) -> None:
    _, seal_, header, *arrays = left.read_bytes().split(b"\n")
    for given, said in ((header, f" (source {json.loads(header)['source_hash'][:12]})"), (b"\xff[", "")):
        left.write_bytes(b"\n".join([b"metavalue checkpoint 1", seal_, given, *arrays]))
        expected = f"expected format 2; the version of the program that wrote it{said} reads it"
        for read in (lambda: read_week(left), lambda: sim.run("baseline", seed=3, overrides=SMALL, checkpoint=left)):
            with pytest.raises(InputError, match=re.escape(f"got a checkpoint of format 1, {expected}")):
                read()


def test_a_foreign_checkpoint_is_refused_with_what_differs(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(match: str, seed: int = 3, replication: int = 0, *more: str) -> None:
        with pytest.raises(InputError, match=match):
            sim.run("baseline", seed=seed, replication=replication, overrides=(*SMALL, *more), checkpoint=left)

    refused("with seed 3, expected seed 4", 4)
    refused("with replication 0", 3, 1)
    refused("with scenario_hash", 3, 0, "culture.imagination=0.41")
    with monkeypatch.context() as patch:
        patch.setattr(simulate, "environment", lambda: ELSEWHERE)
        refused("with source_hash [0-9a-f]+…, expected source_hash abab")


def test_a_checkpoint_of_other_data_is_refused(tmp_path: Path) -> None:
    net = tmp_path / "net.csv"
    rows = [f"u{k},u{(k * 7 + 1) % 60}" for k in range(60)]
    net.write_text("\n".join(["follower,followed", *rows]))
    given = {"seed": 3, "overrides": SMALL, "followers": net, "checkpoint": tmp_path / "state", "checkpoint_every": 4}
    first = sim.run("baseline", **given)
    check_same(first, sim.run("baseline", **given))
    net.write_text("\n".join(["follower,followed", *rows, "u3,u9"]))
    with pytest.raises(InputError, match="with inputs"):
        sim.run("baseline", **given)


def test_the_last_good_checkpoint_stays_when_the_next_cannot_be_written(
    left: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    manifest = describe_case(prepare(compose("baseline", SMALL)), 3, 0) | {"started": "2026-01-01T00:00:00"}
    before = left.read_bytes()
    with pytest.raises(ValueError, match="allow_pickle"):
        write_checkpoint(left, manifest, 3, 0.0, {"bad": np.array([object()])})
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "fsync", full)
        write_checkpoint(left, manifest, 3, 0.0, {"good": np.zeros(3)})
    assert left.read_bytes() == before and os.listdir(left.parent) == ["state"]
    stored = read_checkpoint(left, manifest)
    assert stored is not None and stored.week == 2


# Experiments


def small_experiment(**changes: object) -> Experiment:
    experiment = Experiment(cases=[prepare(compose("baseline", SMALL))], seed=3, replications=1, threads=1, every=2)
    return dataclasses.replace(experiment, **changes)  # type: ignore[arg-type]


def test_compare_goes_on_from_its_directory(tmp_path: Path) -> None:
    given = {"seed": 1, "replications": 2, "overrides": SMALL, "workers": 1}
    undisturbed = sim.compare("baseline", "no_ai", **given)

    def stop(done: int, total: int) -> None:
        if done == 2 * WEEKS + 5:
            raise KilledError

    kept = {"checkpoint": tmp_path / "kept", "checkpoint_every": 2}
    with pytest.raises(KilledError):
        sim.compare("baseline", "no_ai", progress=stop, **given, **kept)
    assert Workplace(tmp_path / "kept", 2).folder.joinpath("runs/no_ai/0/result/manifest.json").is_file()
    seen: list[int] = []
    resumed = sim.compare("baseline", "no_ai", progress=lambda done, _: seen.append(done), **given, **kept)
    assert seen == list(range(2 * WEEKS + 4, 4 * WEEKS + 1))
    for arm, runs in undisturbed.arms.items():
        for one, other in zip(runs, resumed.arms[arm], strict=True):
            other.save(tmp_path / "other", overwrite=True)
            one.save(tmp_path / "one", overwrite=True)
            check_same(load_run(tmp_path / "one"), load_run(tmp_path / "other"))
            for file in (tmp_path / "one").glob("*.parquet"):
                assert file.read_bytes() == (tmp_path / "other" / file.name).read_bytes(), file.name
    with pytest.raises(InputError, match="with seed 1"):
        sim.compare("baseline", "no_ai", **given | {"seed": 2}, **kept)


def test_an_experiment_is_read_as_it_was_written_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    experiment = small_experiment()
    open_workplace(out, experiment)
    place, read = read_workplace(out)
    assert place == Workplace(place_of(out), 2)
    assert read.cases[0].scenario == experiment.cases[0].scenario
    assert dataclasses.replace(read, cases=[]).__dict__ == dataclasses.replace(experiment, cases=[]).__dict__
    with pytest.raises(InputError, match="--resume goes on"):
        open_workplace(out, experiment)
    open_workplace(out, small_experiment(overwrite=True))
    file = place_of(out) / FILE
    file.write_bytes(file.read_bytes().replace(b'"seed": 3', b'"seed": 4'))
    with pytest.raises(InputError, match="damaged"):
        read_workplace(out)
    with pytest.raises(InputError, match="interrupted run"):
        read_workplace(tmp_path / "nothing")


def test_two_programs_never_work_in_one_place(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "kept", 2)
    given = {"seed": 1, "replications": 1, "overrides": SMALL, "checkpoint": place.folder}
    with held(place), pytest.raises(InputError, match="no other run is at work"):
        sim.compare("baseline", **given)
    assert not os.listdir(place.folder)


def forge(out: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change an experiment's description, as somebody would who knows how it is sealed."""
    file = place_of(out) / FILE
    described = unseal(file.read_bytes())
    change(described)
    file.write_bytes(seal(described))


def rename(described: dict[str, Any], name: str) -> None:
    arm = described["arms"][0]
    arm["arm"] = name
    arm["identity"]["scenario"] = name or arm["scenario"]["name"]


@pytest.mark.parametrize("name", ["../../outside", "/outside", "a/b", "..", "a" * 300, "a\nb"])
def test_a_forged_name_leads_nowhere_outside(tmp_path: Path, name: str) -> None:
    out = tmp_path / "deep" / "deep" / "out"
    out.parent.mkdir(parents=True)
    open_workplace(out, small_experiment())
    forge(out, lambda described: rename(described, name))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match="a name"):
        place, experiment = read_workplace(out)
        place.checkpoint(experiment.cases[0], 0)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_leads_nowhere_outside(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    experiment = small_experiment()
    place = open_workplace(tmp_path / "out", experiment)
    (place.folder / "runs").symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="link that leads out"):
        place.checkpoint(experiment.cases[0], 0)
    (tmp_path / "outside" / FILE).write_bytes((place.folder / FILE).read_bytes())
    place_of(tmp_path / "other").symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="not a link"):
        read_workplace(tmp_path / "other")
    with pytest.raises(InputError, match="not a link"):
        open_workplace(tmp_path / "other", small_experiment(overwrite=True))
    assert os.listdir(tmp_path / "outside") == [FILE]


@pytest.mark.parametrize(
    "change",
    [
        lambda described: described.update(seed="3"),
        lambda described: described.update(replications=1e9),
        lambda described: described.update(threads=0),
        lambda described: described.update(arms=[3]),
        lambda described: described.pop("every"),
        lambda described: described["arms"][0].pop("identity"),
        lambda described: described["arms"][0]["scenario"].update(settings=[]),
        lambda described: described["arms"][0]["scenario"].update(colour="red"),
    ],
)
def test_a_forged_experiment_is_refused_in_one_line(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    open_workplace(tmp_path / "out", small_experiment())
    forge(tmp_path / "out", change)
    with pytest.raises(InputError) as refused:
        read_workplace(tmp_path / "out")
    assert len(str(refused.value)) <= 300


def test_a_number_of_thousands_of_digits_is_refused(tmp_path: Path, left: Path) -> None:
    open_workplace(tmp_path / "out", small_experiment())
    file = place_of(tmp_path / "out") / FILE
    text = b'{"format": ' + b"9" * 5_000
    file.write_bytes(text + SEAL + digest(text).encode() + END)
    with pytest.raises(InputError, match="damaged"):
        read_workplace(tmp_path / "out")
    magic, _, _, *arrays = left.read_bytes().split(b"\n")
    rest = b"\n".join([text + b"}", *arrays])
    left.write_bytes(b"\n".join([magic, hashlib.sha256(rest).hexdigest().encode(), rest]))
    with pytest.raises(InputError, match="damaged"):
        read_week(left)


# The command line


def command(*words: str, folder: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(
        (sys.executable, "-m", "app.cli", *words),
        cwd=folder,
        env=environment,
        text=True,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )


def kill_when(process: subprocess.Popen[str], ready: Path, week: int) -> None:
    """Send kill -9 once a checkpoint holds at least so many weeks."""
    for _ in range(3000):
        assert process.poll() is None, process.communicate()
        if ready.exists() and read_week(ready) >= week:
            break
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def finish(*words: str, folder: Path) -> str:
    with command(*words, folder=folder) as process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


def test_kill_9_from_the_command_line_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two arms on two workers, with a user's own followers; killed in burn-in and after release."""
    rows = [f"u{k},u{(k * 7 + 1) % 80}" for k in range(80)]
    (tmp_path / "net.csv").write_text("\n".join(["follower,followed", *rows]))
    monkeypatch.chdir(tmp_path)
    given = ["world=tiny", "time.weeks=60", "time.burn_in_weeks=20", "input.followers=net.csv"]
    whole = sim.compare("baseline", "no_ai", 0, 1, overrides=given, workers=1)
    whole.save("whole")
    words = ("run", "baseline", "--against", "no_ai", *given, "--quiet", "--out", "cut", "--checkpoint-every", "3")
    state = tmp_path / ".cut.checkpoint/runs/baseline/0/state"
    kill_when(command(*words, folder=tmp_path), state, 3)
    kill_when(command("run", "--resume", "cut", "--quiet", folder=tmp_path), state, 36)
    assert not (tmp_path / "cut").exists()
    summary = json.loads(finish("run", "--resume", str(tmp_path / "cut"), "--json", folder=tmp_path.parent))
    assert sorted(os.listdir(tmp_path)) == ["cut", "net.csv", "whole"]
    files = sorted(path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("*.parquet"))
    assert len(files) == 2 * 12
    for file in files:
        assert (tmp_path / "whole" / file).read_bytes() == (tmp_path / "cut" / file).read_bytes(), file
    again = load_comparison("cut")
    assert again.manifest["run_id"] == whole.manifest["run_id"] and again.manifest["inputs"] == whole.manifest["inputs"]
    assert summary["run_ids"] == [run.manifest["run_id"] for runs in again.arms.values() for run in runs]


def test_resume_from_the_command_line_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str]:
        return commands.call(monkeypatch, "run", *words), capsys.readouterr().err

    def refused(*words: str) -> str:
        code, said = call(*words)
        assert code == 2 and re.fullmatch(r"metavalue: [^\n]+\n", said), said
        return said

    assert "interrupted run" in refused("--resume", "nothing")
    assert "from 1" in refused(*SMALL, "--checkpoint-every", "0")
    for beside in (["no_ai"], ["--seed", "1"], ["--threads", "2"], ["--checkpoint-every", "3"]):
        assert "nothing beside it" in refused("--resume", "nothing", *beside)
    open_workplace(tmp_path / "out", small_experiment())
    for checkpoints in ([], ["--checkpoint-every", "3"]):
        assert "--resume goes on" in refused(*SMALL, "--out", "out", *checkpoints)
    state = place_of("out") / "runs/baseline/0/state"
    interrupted(state, 3)
    good = state.read_bytes()
    state.write_bytes(good[:-9])
    assert "damaged" in refused("--resume", "out", "--quiet")
    state.write_bytes(good)
    monkeypatch.setattr(simulate, "environment", lambda: ELSEWHERE)
    assert "source_hash" in refused("--resume", "out", "--quiet")
    monkeypatch.undo()
    shutil.rmtree(place_of(tmp_path / "out"))
    sim.compare("baseline", seed=3, replications=1, overrides=SMALL).save(tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    assert call("--resume", "out") == (0, "")  # finished: there is nothing left to do
    open_workplace(tmp_path / "out", small_experiment(overwrite=True))
    assert call(*SMALL, "--out", "out", "--overwrite", "--quiet")[0] == 0
    assert not place_of("out").exists()  # what was interrupted is forgotten with the results that it would have had


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_how_to_go_on(tmp_path: Path, number: int) -> None:
    with command(
        "run", "world=tiny", "time.weeks=300", "--out", "out", "--checkpoint-every", "1", "--quiet", folder=tmp_path
    ) as process:
        state = tmp_path / ".out.checkpoint/runs/baseline/0/state"
        while not state.exists():
            time.sleep(0.05)
        os.kill(process.pid, number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and err == "metavalue: interrupted; `metavalue run --resume out` goes on\n"
    assert os.listdir(tmp_path) == [".out.checkpoint"]
