"""Layers and borders, read from the imports: who may use what."""

import ast
from pathlib import Path

import networkx as nx
import pytest

import sim

ROOT = Path(__file__).resolve().parents[1]
BORDERS = {  # outside library: the files that may import it, relative to the root
    "mesa": ("sim/model.py",),
    "hydra": ("sim/settings/scenario.py", "sim/settings/overrides.py"),
    "omegaconf": ("sim/settings/scenario.py",),
    "dask": ("sim/experiment/engines.py",),
    "sqlite3": ("sim/experiment/",),
    "filelock": ("sim/experiment/",),
    "plotly": ("analysis/",),
    "matplotlib": ("analysis/",),
    "SALib": ("analysis/", "sim/experiment/sampling.py"),
    "ema_workbench": ("analysis/",),
    "typer": ("app/",),
    "rich": ("app/",),
}
MAX_LINES, MAX_FUNCTION_LINES = 600, 60
# From the ground up: a file imports from its own layer and from the lines above its own, types included. What stands on
# one line does not know the other, and `sim` itself only hands out the public names.
LAYERS = (
    ("sim.base",),
    ("sim.settings", "sim.kernels"),
    ("sim.inputs", "sim.culture", "sim.money"),
    ("sim.agents",),
    ("sim.world",),
    ("sim.processes", "sim.measures"),
    ("sim.schedule",),
    ("sim.model",),
    ("sim.simulation",),
    ("sim.experiment",),
    ("sim", "analysis"),
    ("app",),
)
# Circles of files in one layer that are broken by an import within a function: commands start each other
CIRCLES = [{"app.__main__", "app.cli"}, {"app.repeat", "app.run"}]


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
MODULES = {
    file.removesuffix(".py").removesuffix("/__init__").replace("/", "."): names for file, names in IMPORTS.items()
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


def layer_of(name: str) -> str | None:
    """The layer that a module lies in: of nested packages the inner one; None for what is not ours."""
    return max((layer for line in LAYERS for layer in line if inside(name, layer)), key=len, default=None)


def test_every_file_lies_in_a_layer() -> None:
    assert layer_of("sim.agents.farms") == "sim.agents" and layer_of("sim.new.file") == "sim" and not layer_of("numpy")
    new = [module for module in MODULES if layer_of(module) == "sim" and module != "sim"]
    assert not new, "name the layer in LAYERS, and draw it in CONTRIBUTING.md"


@pytest.mark.parametrize("line", range(len(LAYERS)), ids=lambda line: " ".join(LAYERS[line]))
def test_a_layer_never_looks_up_or_aside(line: int) -> None:
    below = {layer for lower in LAYERS[:line] for layer in lower}
    for module, names in MODULES.items():
        mine = layer_of(module)
        if mine in LAYERS[line]:
            above = [name for name in sorted(names) if (layer_of(name) or mine) not in below | {mine}]
            assert not above, f"{module} imports {above}: {mine} lies below"


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Groups of modules each of which reaches all others of its group by imports."""
    graph = nx.DiGraph([(name, other) for name, others in imports.items() for other in others & imports.keys()])
    return [group for group in nx.strongly_connected_components(graph) if len(group) > 1]


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circles({"a": {"b"}, "b": {"c", "numpy"}, "c": {"a"}, "d": {"a"}}) == [{"a", "b", "c"}]
    assert sorted(circles(MODULES), key=min) == CIRCLES


@pytest.mark.parametrize("library", sorted(BORDERS))
def test_a_library_stays_behind_its_border(library: str) -> None:
    assert not [(file, name) for file, name in offenders("", library) if not file.startswith(BORDERS[library])]


def test_processes_never_import_each_other() -> None:
    """A process is a file or, where it has several, a package."""
    process = {name: ".".join(name.split(".")[:3]) for name in MODULES if inside(name, "sim.processes")}
    for module, mine in process.items():
        others = [name for name in MODULES[module] if process.get(name, mine) != mine]
        assert not others, f"{module} imports {others}: hand over by the week's record"


def functions(source: str) -> list[tuple[str, int]]:
    """Every function of a source, wherever it stands, with its number of lines from `def` to its end."""
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_length_is_that_of_a_function_without_its_decorators() -> None:
    assert functions("class A:\n    @cached\n    def f(\n        self,\n    ):\n        return 1\n\nx = 2\n") == [
        ("f", 4)
    ]


@pytest.mark.parametrize("file", sorted(IMPORTS))
def test_files_and_functions_are_short(file: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    lines = len(source.splitlines())
    assert lines <= MAX_LINES, f"{file} has {lines} lines: split it by what its parts are for (most: {MAX_LINES})"
    over = {name: length for name, length in functions(source) if length > MAX_FUNCTION_LINES}
    long = [f"{name} ({length} lines)" for name, length in over.items()]
    assert not long, (
        f"{file}: {', '.join(long)}: give a part that has a name of its own to a helper (most: {MAX_FUNCTION_LINES})"
    )


def test_no_module_has_a_public_functions_name() -> None:
    """Python puts a module that is imported in the place of a function of its package that has its name."""
    folders = {path.stem for path in (ROOT / "sim").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert sim.__all__ and not folders & set(sim.__all__), "rename the module: sim.NAME would be either, by what ran"
