"""What mypy must refuse, so that a slip of the pen is found before anything runs; and wide records by keyword."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
WIDE = 6  # fields; a record of more is built by keyword
SLIPS = {
    "attribute": (
        "from sim.world.world import World\ndef f(world: World) -> int:\n    return world.n_publisht\n",
        '"World" has no attribute "n_publisht"',
    ),
    "new_attribute": (
        "from sim.world.world import World\ndef f(world: World) -> None:\n    world.bahtch = 3\n",
        '"World" has no attribute "bahtch"',
    ),
    "hand_over": (
        "from sim.world.week import Week\ndef f(week: Week) -> None:\n    week.bahtch = 3\n",
        '"Week" has no attribute "bahtch"',
    ),
    "model_attribute": (
        "from sim.model import ContentEcosystem\ndef f(model: ContentEcosystem) -> None:\n    model.world.bahtch = 3\n",
        '"World" has no attribute "bahtch"',
    ),
    "lever": (
        "from sim.world.week import Week\ndef f(week: Week) -> float:\n    return week.levers.labeling\n",
        '"Levers" has no attribute "labeling"',
    ),
    "flow": (
        "from sim.money.flows import Account, Flow\nfrom sim.money.ledger import Ledger\n"
        "def f(a: Ledger) -> None: a.post(Flow.WAGSE, Account.STUDIOS, Account.WORKERS, 1)\n",
        '"type[Flow]" has no attribute "WAGSE"',
    ),
    "account": (
        "from sim.money.flows import Account, Flow\nfrom sim.money.ledger import Ledger\n"
        "def f(a: Ledger) -> None: a.post(Flow.WAGES, 'studio', Account.WORKERS, 1)\n",
        'has incompatible type "str"; expected "Account"',
    ),
    "wide_dataclass": (
        "from sim.inputs.followers import FollowerNetwork\nfrom sim.base.graphs import CSR\n"
        "def f(csr: CSR) -> FollowerNetwork: return FollowerNetwork([], csr, '', '', 0, 0, 0, 0, 0)\n",
        'Too many positional arguments for "FollowerNetwork"',
    ),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy says, with the project's settings, of three-line files of which each has one slip."""
    folder = tmp_path_factory.mktemp("slips")
    for name, (source, _) in SLIPS.items():
        (folder / f"{name}.py").write_text(source)
    command = (sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml"))
    files = [str(folder / f"{name}.py") for name in SLIPS]
    environment = os.environ | {"MYPYPATH": str(ROOT)}
    done = subprocess.run([*command, *files], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    return {name: "\n".join(line for line in lines if f"{name}.py:3: error" in line) for name in SLIPS}


@pytest.mark.parametrize("name", SLIPS)
def test_mypy_refuses_a_slip(name: str, said: dict[str, str]) -> None:
    _, expected = SLIPS[name]
    assert expected in said[name], said


class Record(NamedTuple):
    """A NamedTuple or dataclass."""

    name: str
    size: int  # fields
    keywords: bool  # whether a dataclass takes keywords only


def records(source: str) -> Iterator[Record]:
    """Yield the NamedTuples and dataclasses of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            marks = [ast.unparse(mark) for mark in (*node.bases, *node.decorator_list)]
            if any(re.match(r"NamedTuple$|dataclass\b", mark) for mark in marks):
                size = sum(isinstance(part, ast.AnnAssign) for part in node.body)
                kept = any("kw_only=True" in mark or "init=False" in mark for mark in marks)
                yield Record(node.name, size, kept or "NamedTuple" in marks)


def built_by_position(source: str, module: str, wide: set[tuple[str, str]]) -> Iterator[str]:
    """Yield calls that hand anything to a wide record by position, those of `_make` too."""
    tree = ast.parse(source)
    known = {name for home, name in wide if home == module}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name for alias in node.names if (node.module, alias.name) in wide}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).removesuffix("._make") in known:
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"
        if isinstance(node, ast.ClassDef) and node.name in known:
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and call.args and ast.unparse(call.func) == "cls":
                    yield f"{call.lineno}: {ast.unparse(call)[:80]}"


SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "sim").rglob("*.py"))
}
TABLES = {"Outcome", "Info"}  # rows of registries, which stand under each other column by column
WIDE_RECORDS = {
    (module, record.name): record
    for module, source in SOURCES.items()
    for record in records(source)
    if record.size > WIDE and record.name not in TABLES
}


def test_a_wide_record_built_by_position_is_found() -> None:
    fields = "".join(f"    f{k}: int\n" for k in range(WIDE + 1))
    source = f"class Wide(NamedTuple):\n{fields}\n@dataclass(frozen=True)\nclass Data:\n{fields}"
    assert list(records(source)) == [Record("Wide", WIDE + 1, True), Record("Data", WIDE + 1, False)]
    calls = "from a import Wide\nWide(1, f1=2)\nWide(*x)\nWide._make(x)\nWide(**x)\nOther(1)"
    assert len(list(built_by_position(calls, "b", {("a", "Wide")}))) == 3
    own = "class Wide(NamedTuple):\n    def of(cls):\n        return cls(1, f1=2)\n    def by(cls):\n        cls(f1=2)"
    assert list(built_by_position(own, "a", {("a", "Wide")})) == ["3: cls(1, f1=2)"]
    assert not list(built_by_position("from c import Wide\nWide(1)", "b", {("a", "Wide")}))


def test_wide_records_are_built_by_keyword() -> None:
    assert len(WIDE_RECORDS) > 30
    found = [
        f"{module}:{call}"
        for module, source in SOURCES.items()
        for call in built_by_position(source, module, set(WIDE_RECORDS))
    ]
    assert not found, f"name the fields of records of more than {WIDE}:\n" + "\n".join(found)


def test_wide_dataclasses_refuse_positions() -> None:
    """So mypy finds what is built by position; groups of settings are read by name from a tree."""
    found = [place for place, record in WIDE_RECORDS.items() if not record.keywords and "settings" not in place[0]]
    assert not found, f"add kw_only=True: {found}"
