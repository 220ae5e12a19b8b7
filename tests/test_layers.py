"""Layers and borders, read from the imports: who may use what."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BORDERS = {  # outside library: the files that may import it, relative to the root
    "mesa": ("sim/agents/", "sim/model.py"),
    "hydra": ("sim/scenario.py",),
    "omegaconf": ("sim/scenario.py",),
    "dask": ("sim/experiment/engines.py",),
    "plotly": ("analysis/",),
    "matplotlib": ("analysis/",),
    "typer": ("app/",),
    "rich": ("app/",),
}
LOWER = {"sim": ("analysis", "app"), "analysis": ("app",)}
OBJECTS = ("sim.agents", "sim.processes", "sim.model", "sim.recorder", "sim.experiment", "sim.simulate", "mesa")


def imported(source: str, package: str = "") -> set[str]:
    """Full names of all modules that a source imports, wherever in the file, relative ones resolved."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join(parts[: len(parts) - node.level + 1] + ([base] if base else []))
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def inside(name: str, package: str) -> bool:
    """Whether a module is a package or lies in it."""
    return name == package or name.startswith(package + ".")


IMPORTS = {
    path.relative_to(ROOT).as_posix(): imported(
        path.read_text(encoding="utf-8"), ".".join(path.relative_to(ROOT).parent.parts)
    )
    for layer in ("sim", "analysis", "app")
    for path in sorted((ROOT / layer).rglob("*.py"))
}


def offenders(folder: str, *packages: str) -> list[tuple[str, str]]:
    """Files below a folder (or one file) that import any of the packages, other than themselves."""
    return [
        (file, name)
        for file, names in IMPORTS.items()
        if file.startswith(folder)
        for name in sorted(names)
        for package in packages
        if inside(name, package) and not inside(name, file.removesuffix(".py").replace("/", "."))
    ]


def test_relative_imports_are_resolved() -> None:
    assert "sim.agents.farms" in imported("from ..agents import farms", "sim.processes")
    assert "sim.processes.labour" in imported("from . import labour", "sim.processes")
    assert len(IMPORTS) > 10


@pytest.mark.parametrize("layer", sorted(LOWER))
def test_a_layer_never_looks_up(layer: str) -> None:
    assert not offenders(layer + "/", *LOWER[layer])


@pytest.mark.parametrize("library", sorted(BORDERS))
def test_a_library_stays_behind_its_border(library: str) -> None:
    assert not [(file, name) for file, name in offenders("", library) if not file.startswith(BORDERS[library])]


def test_processes_never_import_each_other() -> None:
    assert not offenders("sim/processes/", "sim.processes")


def test_kernels_hold_no_model_objects() -> None:
    assert not offenders("sim/kernels/", *OBJECTS)
