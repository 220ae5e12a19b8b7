"""The package of settings: what it may import, how large its files are, and that its names are its own."""

import ast
from pathlib import Path

import sim.settings
from sim.settings import Settings, parameters_of, registry

SIM = Path(sim.settings.__file__).resolve().parents[1]
ALLOWED = {"base": ("sim.base",), "settings": ("sim.base", "sim.settings")}  # a layer: what of sim it may import
MAX_LINES = 600


def imports(path: Path) -> set[str]:
    """Modules of sim that a file imports by name, wherever in it."""
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    found |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return {name for name in found if name.startswith("sim.")}


def classes(folder: Path) -> set[str]:
    """Public classes that the files of a folder define."""
    trees = [ast.parse(path.read_text("utf-8")) for path in folder.rglob("*.py")]
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}


def test_base_imports_only_base_and_settings_only_these_two() -> None:
    for layer, allowed in ALLOWED.items():
        files = sorted((SIM / layer).glob("*.py"))
        assert len(files) > 5
        for path in files:
            assert all(name.startswith(allowed) for name in imports(path)), path


def test_no_class_of_settings_has_the_name_of_something_else() -> None:
    own = {name for name in classes(SIM / "settings") if not name.startswith("_")}
    others = set().union(
        *(classes(folder) for folder in SIM.iterdir() if folder.is_dir() and folder.name != "settings")
    )
    assert "PlatformRules" in own and "Platform" in others
    assert not own & others, "call settings of an entity its rules, such as PlatformRules for those of Platform"


def test_no_file_of_settings_is_longer_than_a_topic() -> None:
    for path in (SIM / "settings").glob("*.py"):
        lines = path.read_text("utf-8").count("\n")
        assert lines < MAX_LINES, f"{path.name} has {lines} lines; give a group of parameters a file of its own"


def test_the_package_gives_what_it_names() -> None:
    assert sorted(sim.settings.__all__) == sorted(set(sim.settings.__all__))
    assert all(hasattr(sim.settings, name) for name in sim.settings.__all__)
    assert list(registry().values()) == list(parameters_of(Settings))
