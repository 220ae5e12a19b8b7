"""What the project declares of itself is the same everywhere: licence, versions of Python, the forge's check."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
READMES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")}
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8"))


def test_licence_is_declared_once_and_repeated_by_its_spdx_name() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert PROJECT["license"] == citation["license"] == "MIT"
    for name, text in READMES.items():
        assert f"https://spdx.org/licenses/{PROJECT['license']}.html" in text, name
    assert not [line for line in PROJECT["classifiers"] if line.startswith("License")]  # the expression replaces it


def test_version_is_cited_as_it_is_built() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]


def test_the_forge_runs_the_whole_check_on_every_declared_python() -> None:
    *_, python, check = WORKFLOW["jobs"]["linux"]["steps"]
    assert check == {"run": ".ci/run"} and os.access(ROOT / ".ci" / "run", os.X_OK)
    versions = python["with"]["python-version"].split()
    declared = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert sorted(versions) == sorted(declared)
    assert versions[-1] == PROJECT["requires-python"].removeprefix(">=")  # the last one is `python3`


def test_readmes_say_where_it_runs() -> None:
    for name, text in READMES.items():
        assert all(word in text for word in ("Linux", "macOS", "Windows", *WORKFLOW["jobs"]["linux"]["steps"][1]["with"]
                                             ["python-version"].split())), name  # fmt: skip
