"""Which source of the model a process runs: hashed before its modules are loaded, and tried against the disk after."""

from __future__ import annotations

import functools
import hashlib
import importlib
import pkgutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def hash_on_disk() -> str:
    """SHA-256 of the model's sources and packaged scenarios, as they lie on disk now."""
    digest = hashlib.sha256()
    files = [*(ROOT / "sim").rglob("*.py"), *(ROOT / "scenarios").rglob("*.yaml")]
    for path in sorted(filter(Path.is_file, files), key=lambda path: path.relative_to(ROOT).as_posix()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


_AT_START = hash_on_disk()  # taken as the first modules of the model are imported: an edit after that does not move it


def source_hash() -> str:
    """SHA-256 of the sources that this process has loaded; what was edited since makes no difference."""
    return _AT_START


@functools.cache
def began_whole() -> bool:
    """Whether the disk held what this process began with when this was first asked: what was loaded by then is that."""
    return hash_on_disk() == _AT_START


@functools.cache
def is_one_source() -> bool:
    """Whether all modules of the model come from the source of `source_hash`; loads those that are not loaded yet.

    An edit between the first import and the last would mix two sources in one process.
    """
    for module in pkgutil.walk_packages([str(ROOT / "sim")], "sim."):
        importlib.import_module(module.name)
    return hash_on_disk() == _AT_START
