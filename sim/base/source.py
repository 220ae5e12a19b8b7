"""Which source code a process runs: a hash taken before its modules are imported, to compare with the disk later."""

from __future__ import annotations

import functools
import hashlib
import importlib
import pkgutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def hash_on_disk() -> str:
    """SHA-256 of the model's source files and packaged scenarios, as they are on disk now."""
    digest = hashlib.sha256()
    files = [*(ROOT / "sim").rglob("*.py"), *(ROOT / "scenarios").rglob("*.yaml")]
    for path in sorted(filter(Path.is_file, files), key=lambda path: path.relative_to(ROOT).as_posix()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


_AT_START = hash_on_disk()  # taken when the first module is imported; later edits do not change it


def source_hash() -> str:
    """SHA-256 of the sources at the time this process began to import them; later edits make no difference."""
    return _AT_START


@functools.cache
def started_unedited() -> bool:
    """Whether the sources on disk were still unedited when this was first called (the answer is cached)."""
    return hash_on_disk() == _AT_START


@functools.cache
def is_one_source() -> bool:
    """Import every module of `sim`, then tell whether the sources on disk still have the hash `source_hash`.

    If not, an edit between the first import and the last may have mixed two versions in this process.
    """
    for module in pkgutil.walk_packages([str(ROOT / "sim")], "sim."):
        importlib.import_module(module.name)
    return hash_on_disk() == _AT_START
