"""Standard output and error that cannot take what is said: nothing that was simulated is lost, and codes stay right."""

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sim.base.files import write_safely
from sim.simulation import simulate
from tests.commands import call

ROOT = Path(__file__).resolve().parents[1]
SMALL = ("world=tiny", "time.weeks=3", "time.burn_in_weeks=2", "world.consumers=60")


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("METAVALUE_DEBUG", raising=False)


class Pipe(io.RawIOBase):
    """What lies behind a stream on which every write fails, until it is mended."""

    def __init__(self, number: int) -> None:
        self.number = number

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.number:
            raise OSError(self.number, os.strerror(self.number))
        return len(data)


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> Iterator[None]:
    """Have every write to standard output or error fail."""
    pipe = Pipe(number)
    with monkeypatch.context() as patch:
        patch.setattr(sys, name, io.TextIOWrapper(io.BufferedWriter(pipe), encoding="utf-8"))
        yield
        pipe.number = 0  # what is left in the buffers goes now


def test_an_encoding_that_lacks_a_character_gets_an_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert call(monkeypatch, "run", *SMALL, "--against", "no_ai", "--replications", "2", "--quiet", "--out", "x") == 0
    assert b"Report: x/report.html" in raw.getvalue() and Path("x/report.html").is_file()
    for words in (["list", "worlds"], ["describe", "no_ai"]):
        assert call(monkeypatch, *words) == 0
    raw.truncate(raw.seek(0))
    assert call(monkeypatch, "list", "worlds", "--json") == 0
    assert any("课堂" in row["label_zh"] or not row["label_zh"].isascii() for row in json.loads(raw.getvalue()))


@pytest.mark.parametrize("words", [("list", "worlds"), ("list", "parameters", "--json"), ("describe", "no_ai"), ()])
def test_a_full_disk_behind_standard_output_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    with broken(monkeypatch, "stdout", errno.ENOSPC):
        assert call(monkeypatch, *words) == 2
    said = capsys.readouterr().err
    assert said == ("metavalue: standard output: got No space left on device, expected a place that takes the answer\n")


def test_results_stay_when_the_answer_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with broken(monkeypatch, "stdout", errno.ENOSPC):
        assert call(monkeypatch, "run", *SMALL, "--quiet", "--out", "x") == 2
    assert capsys.readouterr().err.endswith("a place that takes the answer (the results are in x)\n")
    with broken(monkeypatch, "stdout", errno.EPIPE):
        assert call(monkeypatch, "run", *SMALL, "--quiet", "--out", "y") == 0
    assert capsys.readouterr().err.endswith("metavalue: the results are in y\n")
    assert all({"manifest.json", "report.html"} <= set(os.listdir(out)) for out in "xy")
    with broken(monkeypatch, "stdout", errno.EPIPE):
        assert call(monkeypatch, "list", "worlds") == 0
    assert not capsys.readouterr().err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="has no device that is always full")
def test_a_full_disk_hides_no_other_end_of_a_command() -> None:
    program = [sys.executable, "-m", "app", "describe", "no_aii"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(program, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2 and "did you mean 'no_ai'?" in done.stderr


def test_nobody_who_listens_to_progress_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    with broken(monkeypatch, "stderr", errno.EPIPE):
        assert call(monkeypatch, "run", *SMALL, "--out", "x") == 0
    assert Path("x/report.html").is_file()


def test_a_name_that_no_manifest_could_hold_is_refused_before_a_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(simulate, "simulate", lambda *_: pytest.fail("simulated"))
    for words in (["--out", "out\udce9"], ["input.followers=a\udce9.csv"], ["--config", "\udce9.yaml"]):
        assert call(monkeypatch, "run", *SMALL, *words) == 2
        said = capsys.readouterr()
        assert "words in UTF-8" in said.err and said.err.isascii() and said.err.count("\n") == 1 and not said.out
    assert not os.listdir()


@pytest.mark.parametrize("kept", [False, True])
def test_a_full_disk_at_the_end_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kept: bool
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: no space")

    from analysis import report

    more = ("--checkpoint-every", "2") if kept else ()
    with monkeypatch.context() as patch:
        patch.setattr(report, "write_report", full)
        assert call(patch, "run", *SMALL, "--quiet", "--out", "x", *more) == 1
    said = capsys.readouterr().err
    rest = "; mend it, then `metavalue run --resume x` goes on" if kept else ""
    assert said.endswith(f"metavalue: nothing was written to x: No space left on device{rest}\n")
    assert os.listdir() == ([".x.checkpoint"] if kept else [])
    if kept:
        monkeypatch.setattr(simulate, "simulate", lambda *_: pytest.fail("simulated again"))
        assert call(monkeypatch, "run", "--resume", "x", "--quiet") == 0 and os.listdir() == ["x"]


def test_a_page_that_cannot_be_written_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "run", *SMALL, "--quiet", "--out", "x") == 0
    before = Path("x/report.html").read_bytes()
    opened = os.open

    def read_only(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), os.fspath(path))
        return opened(path, flags, *rest, **named)

    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only)
        assert call(patch, "report", "x") == 2
    assert capsys.readouterr().err == (
        "metavalue: x: got Read-only file system, expected a directory that can be written\n"
    )
    assert Path("x/report.html").read_bytes() == before


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_safely(tmp_path / "file", lambda file: file.write(b"half") / 0)
    assert os.listdir(tmp_path) == ["file"] and (tmp_path / "file").read_text() == "old"
