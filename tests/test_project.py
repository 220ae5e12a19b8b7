"""What the project declares of itself is the same everywhere: licence, versions of Python, the forge's check."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

from tests.test_layers import LAYERS

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


def test_the_guide_names_files_steps_and_targets_that_exist() -> None:
    from sim.schedule import WEEK

    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:sim|analysis|app|tests|scenarios|docs|\.ci|\.github)(?:/[\w./-]+)?)`", guide)
    paths += re.findall(r"\]\(([^)#]+)\)", guide)
    missing = [path for path in paths if "NAME" not in path and not (ROOT / path).exists()]
    assert len(paths) > 30 and not missing, f"CONTRIBUTING.md names what is gone: {missing}"
    steps = re.findall(r"^\d+\. `(\w+)`", guide, re.M)
    assert steps == [step.__name__ for step in WEEK], "list the steps of sim/schedule.py in CONTRIBUTING.md"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{target}:" in makefile for target in re.findall(r"make ([a-z-]+)", guide))


def test_the_guide_maps_every_layer_in_order() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(sim/[\w.]+|analysis|app)` \|", guide, re.M)
    mapped = [row.removesuffix(".py").replace("/", ".") for row in rows]
    line = {layer: number for number, layers in enumerate(LAYERS) for layer in layers if layer != "sim"}
    assert set(mapped) == set(line), "draw in CONTRIBUTING.md what LAYERS of tests/test_layers.py has"
    assert mapped == sorted(mapped, key=line.__getitem__), "order the map of CONTRIBUTING.md as LAYERS are"
