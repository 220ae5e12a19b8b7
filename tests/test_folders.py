"""Directories of results: one process at a time, whole or not at all, and in order again after any kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.base.errors import InputError
from sim.base.files import BusyError, hold, write_safely
from sim.simulation import folders, simulate
from sim.simulation.folders import mend, staged
from tests import kills
from tests.commands import call

ROOT = Path(__file__).resolve().parents[1]
# A result of some files, without a simulation: `write.py NAME TEXT`.
FILL = """
from sim.simulation.folders import staged
with staged({out!r}, overwrite=True) as folder:
    for name in ("manifest.json", "report.html", "runs/a/0/outcomes.parquet", "runs/a/0/manifest.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text({text!r})
"""


def program(out: Path, text: str) -> tuple[str, str]:
    return "-c", FILL.format(out=str(out), text=text)


def fill(out: Path, text: str) -> None:
    exec(FILL.format(out=str(out), text=text))


def held(out: Path) -> set[str]:
    """What the files of a whole result say."""
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) == 4
    return {path.read_text() for path in files}


@pytest.mark.parametrize("exchange", [True, False])
def test_a_kill_at_any_step_of_overwriting_leaves_old_or_new_whole(tmp_path: Path, exchange: bool) -> None:
    count = kills.steps(tmp_path, *program(tmp_path / "out", "counted"), exchange=exchange)
    assert count > 10
    found = []
    fill(tmp_path / "out", "old")
    more = kills.steps(tmp_path, *program(tmp_path / "out", "old"), exchange=exchange)
    for k in range(1, more + 1):
        assert kills.kill(k, tmp_path, *program(tmp_path / "out", "new"), exchange=exchange)
        mend(tmp_path / "out")  # as every command does that looks for the result
        found += held(tmp_path / "out")
        fill(tmp_path / "out", "old")
        assert os.listdir(tmp_path) == ["out"], f"litter after a kill at step {k}"
    assert found == sorted(found, reverse=True) and set(found) == {"old", "new"}


def test_a_kill_at_any_step_of_a_first_write_leaves_all_or_nothing(tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    for k in range(1, kills.steps(tmp_path, *program(tmp_path / "a" / "counted", "")) + 1):
        kills.kill(k, tmp_path, *program(out, "new"))
        assert not out.exists() or held(out) == {"new"}
        fill(tmp_path / "a" / "other", "next")  # a command for another place cleans this one too
        assert {"counted", "other"} <= set(os.listdir(tmp_path / "a")) <= {"counted", "other", "out"}
        assert not out.exists() or held(out) == {"new"}
    assert held(out) == {"new"}


def test_a_second_process_is_refused_at_its_start_and_nothing_is_lost(tmp_path: Path) -> None:
    with staged(tmp_path / "out") as folder:
        (folder / "manifest.json").write_text("first")
        for given in ({}, {"overwrite": True}):
            with pytest.raises(InputError, match="another run that"), staged(tmp_path / "out", **given):
                raise AssertionError("must not be reached")
    assert os.listdir(tmp_path) == ["out"] and (tmp_path / "out" / "manifest.json").read_text() == "first"


def test_what_appears_under_the_name_meanwhile_is_spared_and_the_result_kept(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the results are in .*out\.2"), staged(tmp_path / "out") as folder:
        (folder / "manifest.json").write_text("ours")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "notes").write_text("mine")
    assert (tmp_path / "out" / "notes").read_text() == "mine"
    assert (tmp_path / "out.2" / "manifest.json").read_text() == "ours" and len(os.listdir(tmp_path)) == 2


def test_neighbours_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".x.partial").mkdir()
    (tmp_path / ".y.running").write_text("of another program")
    (tmp_path / ".y.partial").mkdir()
    with staged(tmp_path / "out"):
        pass
    assert sorted(os.listdir(tmp_path)) == [".x.partial", ".y.partial", ".y.running", "out"]


def test_an_error_between_the_two_steps_gives_the_old_result_its_name_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "out", "old")
    monkeypatch.setattr(folders, "exchange", lambda *_: False)
    rename: Callable[..., Any] = Path.rename

    def fail(path: Path, target: Path) -> Any:
        if path.name.endswith(".partial"):
            raise OSError("no")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="no"):
        fill(tmp_path / "out", "new")
    assert os.listdir(tmp_path) == ["out"] and held(tmp_path / "out") == {"old"}


@pytest.mark.parametrize("name", ["out\udce9", "a\udce9/out", "out\0"])
def test_a_name_that_nothing_can_show_is_refused_at_the_start(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="a name in UTF-8") as refused, staged(tmp_path / name):
        raise AssertionError("must not be reached")
    assert str(refused.value).isprintable() and not os.listdir(tmp_path)


def test_all_of_a_result_is_on_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    fill(tmp_path / "out", "text")
    draft = str(tmp_path / ".out.partial")
    inside = {str(path).replace(str(tmp_path / "out"), draft) for path in (tmp_path / "out").rglob("*")}
    assert inside | {draft} <= set(synced) and synced[-1] == str(tmp_path)


def test_a_file_is_held_by_one_process_and_free_after_its_death(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from sim.base.files import hold\n"
        f"with hold(Path({str(tmp_path / 'held')!r})): print('holds', flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=pipe, stdout=pipe) as other:
        assert other.stdout is not None and other.stdout.readline() == b"holds\n"
        with pytest.raises(BusyError), hold(tmp_path / "held", patience=0.0):
            raise AssertionError("must not be reached")
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert (tmp_path / "held").exists()
        with hold(tmp_path / "held", patience=0.0):
            pass
    assert not os.listdir(tmp_path)


def test_a_draft_of_a_killed_process_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".file.partial").write_text("half of something long")
    write_safely(tmp_path / "file", lambda file: file.write(b"whole"))
    assert os.listdir(tmp_path) == ["file"] and (tmp_path / "file").read_bytes() == b"whole"


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small result, as the command wrote it."""
    monkeypatch.chdir(tmp_path)
    small = ("world=tiny", "time.weeks=3", "time.burn_in_weeks=2", "world.consumers=60")
    assert call(monkeypatch, "run", *small, "--quiet", "--out", "out") == 0
    return tmp_path / "out"


def kill_between_two_steps(result: Path) -> None:
    """What a SIGKILL between the two renames leaves where names cannot be exchanged."""
    result.rename(result.with_name(".out.old"))
    result.with_name(".out.partial").mkdir()
    result.with_name(".out.running").touch()


def test_every_command_finds_an_old_result_that_a_killed_one_left(
    result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in result.rglob("*.parquet")}
    commands: list[Callable[[], object]] = [
        lambda: call(monkeypatch, "report", "out"),
        lambda: call(monkeypatch, "run", "--resume", "out"),
        lambda: call(monkeypatch, "run", "--from", "out", "--out", "again", "--quiet"),
        lambda: sim.load("out"),
        lambda: sim.load("out/runs/baseline/0"),
    ]
    for command in commands:
        kill_between_two_steps(result)
        assert command() != 2
        assert {path.name: path.read_bytes() for path in result.rglob("*.parquet")} == before
        assert set(os.listdir()) <= {"out", "again"}
    result.with_name(".out.partial").mkdir()
    result.with_name(".out.running").touch()
    assert call(monkeypatch, "run", "--resume", "out") == 0 and set(os.listdir()) == {"out", "again"}
    kill_between_two_steps(result)
    assert call(monkeypatch, "run", "world=tiny", "--quiet", "--out", "out") == 2  # it is there, and stays
    assert {path.name: path.read_bytes() for path in result.rglob("*.parquet")} == before


def test_of_two_commands_into_one_place_one_wins(
    result: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(simulate, "simulate", lambda *_: pytest.fail("simulated"))
    with staged("new") as folder, staged("out", overwrite=True) as other:
        for words in (["--out", "new"], ["--out", "new", "--overwrite"], ["--out", "out", "--overwrite"]):
            assert call(monkeypatch, "run", "world=tiny", "--quiet", *words) == 2
            assert "another run that still goes on writes there" in capsys.readouterr().err
        for place in (folder, other):
            (place / "manifest.json").write_text("first")
    assert Path("new/manifest.json").read_text() == Path("out/manifest.json").read_text() == "first"
    assert sorted(os.listdir()) == ["new", "out"]
