"""The hooks before a commit need no network, name checks that exist, and pass or fail as the files deserve."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
(REPOSITORY,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in REPOSITORY["hooks"]}


def run(hook: str, *files: Path) -> int:
    """Run a hook's command from the root, as pre-commit does, and return its exit code."""
    command = shlex.split(HOOKS[hook]["entry"])
    if not (ROOT / command[0]).exists():
        pytest.skip(f"{command[0]} is missing: `make test` sets it up")
    return subprocess.run([*command, *map(str, files)], cwd=ROOT, capture_output=True, timeout=120).returncode


def test_hooks_are_local() -> None:
    assert REPOSITORY["repo"] == "local"
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}


def test_every_hook_is_a_part_of_make_test_and_its_files_exist() -> None:
    target = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ntest:")[2].partition("\n\n")[0]
    for hook in HOOKS.values():
        tool, *words = [word for word in shlex.split(hook["entry"]) if word != "--force-exclude"]
        assert tool.startswith(".venv/bin/")
        assert f"$(BIN)/{tool.removeprefix('.venv/bin/')} {words[0] if words else ''}".strip() in target, hook["entry"]
        assert all((ROOT / word).is_file() for word in words if word.startswith("tests/")), hook["entry"]


def test_ruff_passes_a_clean_file_and_refuses_an_unused_import(tmp_path: Path) -> None:
    file = tmp_path / "change.py"
    file.write_text('"""A change."""\n\nX = 1\n')
    assert run("ruff", file) == 0
    file.write_text('"""A change."""\n\nimport os\n')
    assert run("ruff", file) == 1


def test_format_leaves_a_clean_file_and_mends_another(tmp_path: Path) -> None:
    file = tmp_path / "change.py"
    file.write_text('"""A change."""\n\nX = 1\n')
    assert run("ruff-format", file) == 0 and file.read_text().endswith("X = 1\n")
    file.write_text('"""A change."""\n\nX = [1,2]\n')
    assert run("ruff-format", file) == 0 and file.read_text().endswith("X = [1, 2]\n")
