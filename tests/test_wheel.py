"""A built wheel, installed away from the sources, runs a scenario."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("sim", "analysis", "app", "scenarios")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def do(*command: str, cwd: Path, **environment: str) -> str:
    """Run a command, show what it said if it fails, and return its output."""
    inherited = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    done = subprocess.run(command, cwd=cwd, env=inherited | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from a copy of the sources, without a network, and unpack it into an empty folder."""
    pytest.importorskip("setuptools", minversion="77", reason="setuptools 77 builds the wheel")
    source, wheels, site = (tmp_path_factory.mktemp(name) for name in ("source", "wheels", "site"))
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    options = ("--no-deps", "--no-index")
    log = wheels / "log"
    build = ("--log", str(log), "wheel", *options, "--no-build-isolation", "--wheel-dir", str(wheels), ".")
    do(*PIP, *build, cwd=source, PYTHONDONTWRITEBYTECODE="")
    said = log.read_text(encoding="utf-8")
    assert "running bdist_wheel" in said
    assert not [line for line in said.splitlines() if "warning" in line.lower()], said
    (wheel,) = wheels.glob("metavalue-*.whl")
    do(*PIP, "install", *options, "--target", str(site), str(wheel), cwd=wheels)
    return site


def test_wheel_holds_every_file_of_the_packages(installed: Path) -> None:
    for name in PACKAGES:
        files = {path.relative_to(ROOT) for path in (ROOT / name).rglob("*") if path.is_file()}
        missing = [str(path) for path in files if "__pycache__" not in path.parts and not (installed / path).exists()]
        assert not missing, missing


def test_wheel_runs_away_from_the_sources(installed: Path, tmp_path: Path) -> None:
    path = str(installed)
    where = do(sys.executable, "-c", "import sim; print(sim.__file__)", cwd=tmp_path, PYTHONPATH=path)
    assert where.startswith(path)
    cache = str(tmp_path / "cache")  # kernels at a new place compile anew: that is most of this test's time
    command = (str(installed / "bin" / "metavalue"), "run", "world=classroom", "time.weeks=8", "--json", "--quiet")
    said = json.loads(do(*command, cwd=tmp_path, PYTHONPATH=path, XDG_CACHE_HOME=cache))
    assert said["weeks"] == 8
    assert (tmp_path / said["out"] / "manifest.json").is_file()
