"""What is put otherwise than the command line takes it: told how it is put, in one short line, with exit code 2."""

import errno
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from app import sweep
from app.arguments import part
from app.listing import KINDS
from sim.base.errors import LONGEST, InputError
from sim.experiment import runner
from sim.experiment.shards import Finished
from sim.experiment.store import Todo
from sim.simulation import simulate
from tests.stores import done, small
from tests.test_cli import Call, Said, call

__all__ = ["call"]  # a fixture
LONG = "x" * 100_000


def refused(call: Call, *words: str) -> str:
    """Expect exit code 2 and one line that any terminal can show; and the same in JSON."""
    said = call(*words)
    line = said.err.removesuffix("\n")
    assert said.code == 2 and not said.out and line.startswith("metavalue: "), said
    assert len(line) <= LONGEST and line.isprintable()
    said = call(*words, "--json")
    if "no such option: --json" not in said.err.lower():
        assert said.code == 2 and said.out.isascii() and len(json.loads(said.out)["error"]["expected"]) < LONGEST
    return line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run baseline no_ai", "did you mean '--against no_ai'?"),
        ("run baseline tiny", "already baseline"),
        ("run mine.yaml", "did you mean '--config mine.yaml'?"),
        ("run net.csv", "input.followers=net.csv"),
        ("run farms.human_minutes = 5", "did you mean 'farms.human_minutes=5'?"),
        ("run farms.human_minutes= 5", "did you mean 'farms.human_minutes=5'?"),
        ("run farms.human_minutes =5", "did you mean 'farms.human_minutes=5'?"),
        ("sweep plan baseline trust.rate = 0.01,0.05", "did you mean 'trust.rate=0.01,0.05'?"),
        ("run farms.human_minutes 5", "did you mean 'farms.human_minutes=5'?"),
        ("run farms.human_minutes=5min", "did you mean '5'?"),
        ("run tiny", "did you mean 'world=tiny'?"),
        ("run labelling", "did you mean 'policy=[labelling]'?"),
        ("run seed=3", "did you mean '--seed 3'?"),
        ("run against=no_ai", "did you mean '--against no_ai'?"),
        ("run with=labelling", "did you mean '--with labelling'?"),
        ("run world=tinny", "did you mean 'tiny'?"),
        ("run wrold=tiny", "did you mean 'world'?"),
        ("run policy=[labeling]", "did you mean 'labelling'?"),
        ("run policy=labelling,licensing", "did you mean 'policy=[labelling,licensing]'?"),
        ("run policy=[labelling] policy.labelling.strength=0,5", "'policy.labelling.strength=0.5'?"),
        ("run trust_mean=0.5", "this is an outcome"),
        ("run label=mine", "under meta:"),
        ("run --against=", "--against: got nothing"),
        ("run --replication 5", "--replications"),
        ("rum", "'run'"),
        ("sweep rum", "'run'"),
        ("--verson", "--version"),
        ("list scenaro", "did you mean 'scenarios'?"),
        ("describe", "Missing argument 'NAME'"),
        ("describe obsreved", "did you mean 'observed'?"),
        ("describe No-AI", "did you mean 'no_ai'?"),
        ("describe truth_of_all", "`metavalue list` shows\n"),
        ("describe 内容", "labels like this have"),
        ("run baseline seed 5", "did you mean '--seed 5'?"),
        ("run －－seed 5", "did you mean '--seed 5'?"),
        ("run baseline ——seed 5", "did you mean '--seed 5'?"),
        ("run SEED 5", "did you mean '--seed 5'?"),
        ("run baseline vs no_ai", "did you mean '--against no_ai'?"),
        ("run time.weeks:5", "did you mean 'time.weeks=5'?"),
        ("run time.weeks：5", "did you mean 'time.weeks=5'?"),
        ("run --with labelling=0.5", "did you mean 'labelling:0.5'?"),
        ("run --with labelling=5", "expected NAME[:STRENGTH][@DATE]\n"),
        ("run --seed 1e3", "valid integer"),
        ("run --seed=-1", "from 0 to"),
    ],
)
def test_what_is_put_otherwise_is_told_how_it_is_put(call: Call, words: str, said: str) -> None:
    line = refused(call, *words.split())
    assert said in line + "\n"


@pytest.mark.parametrize(
    "words",
    [
        ["run", LONG],
        ["run", f"{LONG}=1"],
        ["run", f"input.followers={LONG}"],
        ["run", "--against", LONG],
        ["run", "--config", LONG],
        ["run", "--seed", "9" * 5000],
        ["run", "--seed", LONG],
        ["run", f"--{LONG}"],
        [LONG],
        ["run", "world.consumers=" + "9" * 5000],
        ["run", "policy=" + "[" * 10_000],
        ["run", "--resume", LONG],
        ["list", LONG],
        ["describe", LONG],
        ["report", LONG],
        ["analyse", LONG],
        ["sweep", LONG],
        ["sweep", "status", LONG],
        ["sweep", "plan", LONG],
        ["sweep", "merge", LONG],
        ["run", "\x1b[31m\nred"],
        ["run", "\udcff"],
        ["run", "world=\udcff"],
        ["run", "input.followers=\udcff.csv"],
        ["describe", "\udcff\x00"],
        ["run", "--config", "a\0b"],
        ["list", "\udcff"],
        ["\udcff"],
        ["run", "--\udcff"],
        ["run", ""],
        ["run", " "],
        ["describe", ""],
        ["list", ""],
        [""],
        ["run", "+a=b"],
        ["run", "~a"],
        ["run", "a=${x}"],
    ],
    ids=lambda words: " ".join(words)[:40].encode("unicode_escape").decode(),
)
def test_no_word_makes_more_than_one_short_line(call: Call, words: list[str]) -> None:
    refused(call, *words)


def test_counts_beyond_their_bounds_are_refused_before_memory_goes(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "prepare", lambda *_: pytest.fail("went on"))
    for words, bound in (
        (["--replications", "1000000000"], "1 to 10,000"), (["--replications", "9" * 30], "1 to 10,000"),
        (["--threads", "1000000000"], "1 to 1,024"), (["--seed", "9" * 30], "0 to 4294967295"),
        (["time.weeks=1000000000"], "1 to 1,040"), (["world.consumers=1e300"], "10 to 10,000,000"),
    ):  # fmt: skip
        assert bound in refused(call, "run", "world=tiny", *words)


def test_singular_names_of_kinds_do_too(call: Call) -> None:
    for word, kind in (("scenario", "scenarios"), ("policy", "policies"), ("technology", "technologies")):
        assert call("list", word).out == call("list", kind).out
    assert "technologies" in KINDS and "early_autonomy" in call("list", "technologies").out


def test_names_in_any_case_and_labels_can_be_described(call: Call) -> None:
    assert "technologies" in call("describe", "observed").out and "As observed" in call("describe", "observed").out
    for words in ("No_AI", "Crisis of trust", "信任危机", "sis of TRU"):
        said: Said = call("describe", words)
        name = "no_ai" if words == "No_AI" else "trust_crisis"
        assert said.code == 0 and f"name: {name}\n" in said.out


def test_version_and_help_end_with_0(call: Call) -> None:
    said = call("--version")
    assert (said.code, said.out) == (0, version("metavalue") + "\n")
    for words in ([], ["sweep"]):
        said = call(*words)
        assert said.code == 0 and "Usage" in said.out and not said.err


def test_the_package_is_the_command_too() -> None:
    said = subprocess.run([sys.executable, "-m", "app", "--version"], capture_output=True, text=True, check=True)
    assert (said.stdout, said.stderr) == (version("metavalue") + "\n", "")


def test_a_too_long_name_of_a_file_is_wrong_input_wherever_it_is_met(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENAMETOOLONG, "File name too long", LONG)

    monkeypatch.setattr("sim.experiment.arms.compose_arms", fail)
    assert "a name that a file can have" in refused(call, "run", "world=tiny")


def test_words_are_parted() -> None:
    assert part([]) == ("", []) and part(["no_ai"]) == ("no_ai", [])
    assert part(["world=tiny", "no_ai", "policy＝［labelling］"]) == ("no_ai", ["world=tiny", "policy＝［labelling］"])
    assert part(["input.followers=", "time.weeks=3"]) == ("", ["input.followers=", "time.weeks=3"])
    for words in (["a", "="], ["=", "a"], ["a＝", "1"], ["a", ""], ["no_ai", "null_cost"]):
        with pytest.raises(InputError):
            part(words)


def test_a_failed_run_of_a_sweep_is_told_in_one_short_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(work: object, run: Todo) -> Finished:
        return Finished(run.run_id, 0.5, None, f"Traceback:\nValueError: \x1b[1m{LONG}")

    monkeypatch.setattr(runner, "do_run", fail)
    sweep._print_status(done(tmp_path / "kept", small(samples=1)), False)
    line = next(line for line in capsys.readouterr().out.splitlines() if "failed " in line)
    assert re.match(r"  failed \w{16}: ValueError: \\x1b\[1mxxx", line) and len(line) <= LONGEST
