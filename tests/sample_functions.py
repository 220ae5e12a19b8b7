"""Print functions drawn by a seed (`make sample-functions SEED=1`), for a reader to say in a minute what each does."""

import argparse
import ast
import random
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("sim", "analysis", "app")
SIZE = 15


def functions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield a module's functions and methods with their qualified names; inner functions stay with their outer one."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node.body, f"{prefix}{node.name}.")


def text_of(node: ast.FunctionDef, lines: list[str]) -> str:
    """Cut a function out of its file, with its decorators."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(lines[first - 1 : node.end_lineno])


def sample(seed: int, size: int = SIZE, root: Path = ROOT) -> list[tuple[str, str, str]]:
    """Draw functions without replacement: file with line, qualified name and source of each."""
    found = []
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            lines = source.splitlines()
            for name, node in functions(ast.parse(source).body):
                found.append((f"{path.relative_to(root).as_posix()}:{node.lineno}", name, text_of(node, lines)))
    return random.Random(seed).sample(found, size)


def main() -> None:
    """Print the sample that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=SIZE)
    asked = parser.parse_args()
    for number, (place, name, source) in enumerate(sample(asked.seed, asked.size), 1):
        print(f"{number}. {name}  ({place})\n\n{source}\n\n{'-' * 80}\n")


if __name__ == "__main__":
    main()
