"""Manifests: sealed JSON that says what ran, with the SHA-256 of each file beside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from sim.base.errors import InputError, nearest_name
from sim.simulation.folders import mend, one_name
from sim.simulation.sealed import digest, entry_of, seal, unseal

SCHEMA_VERSION = 2  # of a result's files; 1 had no hashes
NAME = "manifest.json"
LARGEST = 50_000_000  # bytes of a manifest


def write_manifest(folder: Path, manifest: dict[str, Any], files: Iterable[Path]) -> None:
    """Write a manifest with the hashes of files that are already in the directory."""
    hashes = {path.relative_to(folder).as_posix(): digest(path.read_bytes()) for path in sorted(files)}
    (folder / NAME).write_bytes(seal(manifest | {"files": hashes}))


def read_manifest(folder: Path, name: str = NAME) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the manifest of a run or an experiment, and the hashes of its files.

    Raises
    ------
    InputError : there is none, it is not as it was written, or it has another layout.
    """
    mend(folder)
    file = folder / name
    if not file.is_file():
        raise InputError(str(folder), _found(folder), "a directory that `metavalue run` wrote", _neighbour(folder))
    content = _read(file)
    try:
        manifest = unseal(content)
    except ValueError:
        _refuse(file, content)
    if manifest.get("schema_version") != SCHEMA_VERSION:
        _refuse(file, content)
    return manifest, manifest.pop("files", {})


def content_of(folder: Path, name: str, files: dict[str, str]) -> bytes:
    """Read a file of a result, and compare it with its hash in the manifest.

    Raises
    ------
    InputError : it is missing, or not as it was written.
    """
    path = folder.joinpath(*(one_name(str(folder / NAME), part) for part in name.split("/")))
    if name not in files or not path.is_file():
        raise InputError(str(path), "no such file", "the files of a result as they were written")
    content = _bytes(path)
    if digest(content) != files[name]:
        raise InputError(str(path), "other bytes", "the file as it was written; it is damaged or was altered")
    return content


def _read(file: Path) -> bytes:
    """Read a manifest's file, unless it is too large to be one."""
    size = file.stat().st_size
    if size > LARGEST:
        raise InputError(str(file), f"{size / 1e6:,.0f} MB", f"a manifest of at most {LARGEST / 1e6:.0f} MB")
    return _bytes(file)


def _bytes(path: Path) -> bytes:
    """Read a file; an error of the disk becomes an `InputError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a file that can be read") from None


def _refuse(file: Path, content: bytes) -> NoReturn:
    """Refuse a manifest that was altered, or that another version of this program wrote."""
    version = entry_of(content, "schema_version")
    if type(version) is int and version != SCHEMA_VERSION and abs(version) < 1_000:
        source = entry_of(content, "source_hash")
        wrote = f" (source {source[:12]})" if isinstance(source, str) else ""
        expected = f"layout {SCHEMA_VERSION}; the version of the program that wrote it{wrote} reads it, or run it anew"
        raise InputError(str(file), f"a result of layout {version}", expected)
    raise InputError(str(file), "another text", "the manifest as it was written; it is damaged or was altered")


def _found(folder: Path) -> str:
    """Say what is in a place that holds no result."""
    if not folder.is_dir():
        return "a file" if folder.exists() else "no such directory"
    if (folder / "registry.sqlite").is_file():
        return "a sweep (`metavalue analyse` reads it)"
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    return f"a directory with {', '.join(names[:5])}{' …' if names[5:] else ''}" if names else "an empty directory"


def _neighbour(folder: Path) -> str:
    """Return the name of a result nearby that is like the one looked for, or ""."""
    if folder.exists():
        return ""
    known = [path.parent.name for path in folder.parent.glob(f"*/{NAME}")]
    return nearest_name(folder.name, known)
