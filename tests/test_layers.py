"""Layers and borders, read from the imports: who may use what."""

import ast
from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).resolve().parents[1]
BORDERS = {  # outside library: the files that may import it, relative to the root
    "mesa": ("sim/agents/", "sim/model.py"),
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
LONG = {("sim/world/setup.py", "set_up")}  # lists every field of a world once
LOWER = {"sim": ("analysis", "app"), "analysis": ("app",)}
OBJECTS = (
    "sim.agents",
    "sim.processes",
    "sim.model",
    "sim.measures.recorder",
    "sim.experiment",
    "sim.simulation.simulate",
    "mesa",
)


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


class RunTime(ast.NodeTransformer):
    """Drops what only a type checker reads."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def run_time(source: str) -> str:
    """A source without its imports for type checkers."""
    return ast.unparse(RunTime().visit(ast.parse(source)))


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


def test_one_run_knows_nothing_of_experiments() -> None:
    above = ("sim/experiment/", "sim/__init__.py")  # the latter hands out public names
    assert not [(file, name) for file, name in offenders("sim/", "sim.experiment") if not file.startswith(above)]


def test_processes_never_import_each_other() -> None:
    assert not offenders("sim/processes/", "sim.processes")


def test_kernels_hold_no_model_objects() -> None:
    """At run time; for the type checker they may name the tables of arrays that they take."""
    assert imported(run_time("if TYPE_CHECKING:\n    import a\nif fast:\n    import b")) == {"b"}
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "sim/kernels").glob("*.py")}
    names = {name for source in sources.values() for name in imported(run_time(source))}
    assert "sim.base.tables" in names
    assert not [name for name in names for package in OBJECTS if inside(name, package)]


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
    assert {name for path, name in LONG if path == file} <= over.keys(), f"{file}: LONG names what is short by now"
    long = [f"{name} ({length} lines)" for name, length in over.items() if (file, name) not in LONG]
    assert not long, (
        f"{file}: {', '.join(long)}: give a part that has a name of its own to a helper (most: {MAX_FUNCTION_LINES})"
    )


def test_no_module_has_a_public_functions_name() -> None:
    """Python puts a module that is imported in the place of a function of its package that has its name."""
    folders = {path.stem for path in (ROOT / "sim").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert sim.__all__ and not folders & set(sim.__all__), "rename the module: sim.NAME would be either, by what ran"
