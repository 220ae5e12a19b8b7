"""The command line: exit codes, one-line errors with nothing written, listings, progress, interruption."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analysis import report
from app import listing
from sim.base.outcomes import OUTCOMES
from sim.settings.scenario import names
from sim.simulation import simulate
from tests import commands

ROOT = Path(__file__).resolve().parents[1]
TINY = ("world=tiny", "time.weeks=6", "time.burn_in_weeks=3")
ROW = {
    "unit", "scale", "values", "n", "nulls", "mean", "typical", "low", "high", "conditional", "zeros", "ones",
    "against", "against_values", "difference", "differences", "difference_low", "difference_high", "correlation",
    "run_ratio", "effect", "reasons", "reason",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process, inside an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("METAVALUE_DEBUG", raising=False)

    def call(*words: str) -> Said:
        return Said(commands.call(monkeypatch, *words), *capsys.readouterr())

    return call


def refuse(call: Call, *words: str) -> dict[str, Any]:
    """Expect exit code 2, one line without traceback, nothing written; and the same as JSON."""
    before = sorted(Path.cwd().rglob("*"))
    said = call(*words)
    assert said.code == 2, said
    assert re.fullmatch(r"metavalue: [^\n]+\n", said.err) and not said.out
    said = call(*words, "--json")
    error: dict[str, Any] = json.loads(said.out)["error"]
    assert said.code == 2 and list(error) == ["key", "value", "expected", "nearest"] and said.err.count("\n") == 1
    assert sorted(Path.cwd().rglob("*")) == before
    return error


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (["no_aj"], "no_ai"),
        (["--against", "no_aj"], "no_ai"),
        (["policy=labeling"], "labelling"),
        (["world.consumer=300"], "world.consumers"),
        (["world.consumers=1"], ""),
        (["world.consumers=abc"], ""),
        (["world.consumers=true"], ""),
        (["culture.imagination=nan"], ""),
        (["world.consumers=null"], ""),
        (["world._target_=os.getcwd"], None),
        (["world.consumers=${time.weeks}"], ""),
        (["+a.b=1"], ""),
        (["~world"], ""),
        (["no_ai", "baseline"], "--against baseline"),
        (["input.followers=missing.csv"], ""),
        (["input.population=missing.csv"], ""),
        (["--config", "missing.yaml"], ""),
        (["--against", "baseline"], ""),
        (["--replications", "0"], ""),
        (["--seed", "-1"], ""),
        (["--threads", "0"], ""),
        (["--seed", "x"], ""),
        (["--agianst", "no_ai"], "--against"),
    ],
    ids=str,
)
def test_wrong_input_ends_with_2(call: Call, words: list[str], nearest: str | None) -> None:
    error = refuse(call, "run", *words)
    assert nearest is None or error["nearest"] == nearest


def test_arguments_of_functions_are_told_as_options(call: Call) -> None:
    error = refuse(call, "run", *TINY, "--against", "baseline")
    assert error["key"] == "--against" and "--with NAME puts a lever" in error["expected"]
    assert refuse(call, "run", *TINY, "--with", "labeling", "--against", "baseline")["key"] == "--with"


def test_malformed_data_name_file_line_and_column(call: Call) -> None:
    Path("net.csv").write_text("follower,followed\na,b\nc\n")
    error = refuse(call, "run", *TINY, "input.followers=net.csv")
    assert error["key"] == "net.csv, line 3, column 'followed'"
    Path("net.graphml").write_text("<graphml><graph>")
    refuse(call, "run", *TINY, "input.followers=net.graphml")
    Path("people.csv").write_text("age_group,minutes,platforms\n18-24,-1,forum\n")
    assert "line 2" in refuse(call, "run", *TINY, "input.population=people.csv")["key"]
    Path("mine.yaml").write_text("world: {consumers: 3")
    refuse(call, "run", "--config", "mine.yaml")


def test_taken_or_unwritable_places_are_refused_before_the_run(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "simulate", lambda *_: pytest.fail("simulated"))
    Path("taken").mkdir()
    Path("file").write_text("x")
    Path("others").mkdir()
    Path("others", "notes").write_text("x")
    error = refuse(call, "run", *TINY, "--out", "taken")
    assert error["key"] == "--out" and "; --overwrite replaces it" in error["expected"]
    refuse(call, "run", *TINY, "--out", "file")
    refuse(call, "run", *TINY, "--out", "file/out")
    refuse(call, "run", *TINY, "--out", "others", "--overwrite")
    if Path("/proc/self").exists():
        refuse(call, "run", *TINY, "--out", "/proc/out")


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--fast"],
        ["run", "--out"],
        ["lst"],
        ["list"],
        ["list", "scenaros"],
        ["describe"],
        ["describe", "no_aj"],
        ["report"],
        ["report", "missing"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(call: Call, words: list[str]) -> None:
    assert call(*words).code == 2
    assert re.fullmatch(r"metavalue: [^\n]+\n", call(*words).err)


def test_without_a_command_there_is_help(call: Call) -> None:
    said = call()
    assert said.code == 0 and "metavalue run" in said.out


def test_a_run_keeps_the_contract(call: Call) -> None:
    said = call("run", *TINY, "--against", "no_ai", "--replications", "2", "--seed", "3", "--out", "a/b", "--json")
    assert said.code == 0, said.err
    result = json.loads(said.out)
    fields = ["format", "schema_version", "name", "scenario", "against", "seed", "replications", "out", "report"]
    assert list(result) == [*fields, "run_ids", "wall_s", "weeks", "averaged", "warnings", "outcomes"]
    assert (result["name"], result["scenario"], result["against"]) == ("b", "baseline", "no_ai")
    assert (result["seed"], result["replications"], result["weeks"], result["out"]) == (3, 2, 6, "a/b")
    assert len(set(result["run_ids"])) == 4 and set(result["outcomes"]) == set(OUTCOMES)
    assert result["format"] == 2
    assert all(set(row) == ROW for row in result["outcomes"].values())
    bands = ("typical", "low", "high", "difference_low", "difference_high", "effect")
    assert all(row[key] is None for row in result["outcomes"].values() for key in bands)
    assert all(row["reason"] and len(row["values"]) == 2 for row in result["outcomes"].values() if row["differences"])
    out = Path("a/b")
    assert {path.name for path in out.iterdir()} == {"manifest.json", "report.html", "runs"}
    for arm in ("baseline", "no_ai"):
        for replication in ("0", "1"):
            found = {path.name for path in (out / "runs" / arm / replication).iterdir()}
            assert found >= {"manifest.json", "outcomes.parquet"}
    assert re.search(r"^12 of 24 weeks, .* per second, .* left$", said.err, re.M)
    before = (out / "report.html").read_text(encoding="utf-8")
    (out / "report.html").unlink()
    assert call("report", "a/b").code == 0
    assert (out / "report.html").read_text(encoding="utf-8") == before


def test_every_key_of_the_json_is_documented(call: Call) -> None:
    page = (ROOT / "outputs" / "README.md").read_text(encoding="utf-8").split("## What `--json` prints")[1]
    result = json.loads(call("run", *TINY, "--json", "--quiet").out)
    documented = set(re.findall(r"`(\w+)`", page))
    assert set(result) <= documented and documented >= ROW and "2" in page


def test_a_single_run_prints_a_table_and_overwrites_when_told(call: Call) -> None:
    said = call("run", *TINY, "--quiet")
    assert said.code == 0
    warned = r"metavalue: warning: AI (makes no item by itself|plays no part) [^\n]*\n"  # in three weeks
    assert re.fullmatch(warned, said.err)
    assert "Depth of use" in said.out and "Report: outputs/baseline/report.html" in said.out
    assert Path("outputs/baseline/runs/baseline/0/outcomes.parquet").is_file()
    refuse(call, "run", *TINY)
    assert call("run", *TINY, "--quiet", "--overwrite").code == 0
    assert os.listdir("outputs") == ["baseline"]


def test_a_config_file_names_the_scenario(call: Call) -> None:
    Path("mine.yaml").write_text("scenario: no_ai\nworld: tiny\ntime: {weeks: 3, burn_in_weeks: 2}\n")
    assert call("run", "--config", "mine.yaml", "--quiet").code == 0
    assert json.loads(Path("outputs/no_ai/manifest.json").read_text(encoding="utf-8"))["weeks"] == 3


@pytest.mark.parametrize("kind", [ZeroDivisionError, EOFError])  # the second, click takes for Ctrl-C
def test_a_failing_model_ends_with_1_and_leaves_nothing(
    call: Call, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise kind("two\nlines " + "x" * 100_000)

    monkeypatch.setattr("sim.schedule.run_week", fail)
    said = call("run", *TINY, "--quiet")
    line = said.err.strip("\n")
    assert said.code == 1 and line.startswith(f"metavalue: the run failed: {kind.__name__}: two lines xxx")
    assert "…(100,010 characters)…" in line and line.endswith("(METAVALUE_DEBUG=1 shows where)")
    assert len(line) <= 300 and "\n" not in line
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_stop_ends_all_processes_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    command = (sys.executable, "-m", "app.cli", "run", "world=classroom", "--replications", "2", "--out", "a/out")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        text=True,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # a suite in the background, or of nohup, ignores it
    ) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("weeks" in line for line in lines)
        os.killpg(process.pid, number)
        rest = process.stderr.read()
        assert process.wait(60) == 130
    assert rest.splitlines()[-1] == "metavalue: interrupted; nothing was written" and "Traceback" not in rest
    assert not list(tmp_path.iterdir())
    with pytest.raises(ProcessLookupError):
        for _ in range(100):  # Python's own resource tracker follows its parent a moment later
            os.killpg(process.pid, 0)
            time.sleep(0.1)


def test_ctrl_c_while_results_are_written_waits_and_says_where_they_are(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = report.write_report

    def press_and_write(*arguments: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        write(*arguments)

    monkeypatch.setattr(report, "write_report", press_and_write)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        said = call("run", *TINY, "--quiet", "--out", "kept")
    finally:
        signal.signal(signal.SIGINT, before)
    assert (said.code, said.err) == (130, "metavalue: interrupted; the results are in kept\n")
    assert os.listdir() == ["kept"] and {"manifest.json", "report.html"} <= set(os.listdir("kept"))


@pytest.mark.parametrize("kind", listing.KINDS)
def test_listings(call: Call, kind: str) -> None:
    rows = json.loads(call("list", kind, "--json").out)
    fields = {"parameters": {"path", "type", "default"}, "outcomes": {"name", "definition"}}
    wanted = fields.get(kind, {"name", "description"}) | {"label", "label_zh"}
    assert rows and all(wanted <= set(row) for row in rows)
    plain = call("list", kind).out
    assert all(row.get("name", row.get("path")) in plain for row in rows)  # none is broken


def test_everything_listed_can_be_described(call: Call) -> None:
    for name in [*names("scenario"), *names("world"), *names("platforms"), *names("policy"), "trust_mean"]:
        said = call("describe", name)
        assert said.code == 0 and "label_zh: " in said.out
    assert "technology = none" in call("describe", "no_ai").out
    assert "at full strength: full_strength.upload_cap = 0.9" in call("describe", "upload_cap").out
    assert "high: 6.0" in call("describe", "platforms.forum.theta").out
    assert "  0.2 in platforms=short_video\n" in call("describe", "platforms.short_video.ad_price").out
    assert "photo" in call("describe", "platforms.*.ad_price").out
    assert "photo" not in call("describe", "platforms.short_video.ad_price").out
    group = call("describe", "farms").out
    assert "farms.scruple " in group and "Human minutes per item" in group
