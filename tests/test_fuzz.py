"""Wrong inputs drawn from a seed: a part of what `make fuzz` tries."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.__main__ import piece
from tests.fuzz.cases import WRONG, Case, case_of
from tests.fuzz.flips import DIFFERENT, try_flips
from tests.fuzz.harness import ROOT, Said, faults_of

INPUTS, ALONE, FLIPS = 150, 10, 60
SEED = 7


@pytest.mark.parametrize(("first", "count", "apart"), [(0, INPUTS, False), (INPUTS, ALONE, True)])
def test_wrong_inputs_end_with_one_clear_line(first: int, count: int, apart: bool) -> None:
    found = piece(SEED, first, count, apart)
    assert len(found) == count
    faults = [(number, one) for number, one in enumerate(found, first) if one["faults"]]
    assert not faults, faults


def test_a_flipped_bit_is_refused_or_changes_nothing(tmp_path: Path) -> None:
    found = try_flips(tmp_path, FLIPS, SEED)
    assert sum(found.values()) == FLIPS
    assert not any(outcome == DIFFERENT for _, outcome in found), found
    assert found[".parquet", "refused"] > 0


def test_cases_are_the_same_for_the_same_seed() -> None:
    assert [case_of(1, k) for k in range(30)] == [case_of(1, k) for k in range(30)]
    assert case_of(1, 0) != case_of(2, 0)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (Said(WRONG, "", "metavalue: x: got 1, expected 2\n", False, 1.0, 1), None),
        (Said(1, "", "metavalue: x\n", False, 1.0, 1), "exit code 1"),
        (Said(WRONG, "", "Traceback (most recent call last)\nmetavalue: x\n", False, 1.0, 1), "a traceback"),
        (Said(WRONG, "", "metavalue: " + "x" * 301 + "\n", False, 1.0, 1), "an error of"),
        (Said(WRONG, "", "metavalue: a\nmetavalue: b\n", False, 1.0, 1), "2 error lines"),
        (Said(WRONG, "", "metavalue: a\n", False, 21.0, 1), "21 s"),
        (Said(WRONG, "", "metavalue: a\n", False, 1.0, 2**31), "2048 MiB"),
        (Said(0, "", "", True, 1.0, 1), "a wrong input was taken"),
    ],
)
def test_the_judge_sees_each_fault(said: Said, fault: str | None) -> None:
    faults = faults_of(Case("value", ("run", "x=1")), said)
    assert (not faults) if fault is None else any(fault in text for text in faults)


def test_the_memory_of_a_process_is_not_that_of_the_one_that_started_it() -> None:
    """A process that has held 300 MB starts another that holds little and asks for its own peak."""
    child = "from tests.memory import peak_bytes; print(peak_bytes())"
    parent = f"""
import subprocess, sys
held = bytearray(b"1") * 300_000_000
said = subprocess.run([sys.executable, "-c", {child!r}], capture_output=True, text=True, check=True).stdout
from tests.memory import peak_bytes
print(peak_bytes(), said)
"""
    done = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, cwd=ROOT, check=False)
    own, others = map(int, done.stdout.split())
    assert own > 300_000_000 > 100_000_000 > others > 1_000_000, done.stderr
