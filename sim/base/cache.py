"""The cache of compiled machine code: a damaged or unreadable entry counts as missing and is compiled again.

Numba's own cache does not notice an edit in a callee's file, so the folder is named by a hash of every source that is
compiled. It lies in the user's cache directory, or, where that is not writable, in a folder of the user's own in the
temporary directory, which later runs find again.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
import tempfile
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit
from numba.core import serialize
from numba.core.caching import FunctionCache

Function = TypeVar("Function", bound=Callable[..., Any])
dumps = cast(Any, serialize).dumps  # numba has no types
SEAL = hashlib.sha256().digest_size  # bytes of the hash at the head of each file


SIM = Path(__file__).resolve().parents[1]
COMPILED = ("kernels", "base")  # packages with sources that are compiled, or that compiled sources take constants from


def _sources_hash() -> str:
    """Hash (16 hex digits) of Python's version and all sources in `COMPILED`; it names the cache's folder."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(path for package in COMPILED for path in (SIM / package).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """Return the first folder for compiled code that can be written.

    It is tried in this order: the user's cache, the temporary directory, a new folder for this process alone.
    """
    for place in (_in_cache, _in_temporary):
        try:
            folder = place() / _sources_hash()
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".{os.getpid()}"
            probe.touch()
            probe.unlink()
            return folder
        except (OSError, RuntimeError):
            pass
    return Path(tempfile.mkdtemp(prefix="metavalue-"))


def _in_cache() -> Path:
    """Folder under XDG_CACHE_HOME or ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "metavalue"


def _in_temporary() -> Path:
    """Folder of this user in the temporary directory; PermissionError if other users can write to it.

    Cached code is executed, so nobody else may be able to place files there.
    """
    user = os.getuid() if hasattr(os, "getuid") else None
    folder = Path(tempfile.gettempdir()) / f"metavalue-{'' if user is None else user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (user is not None and (found.st_uid != user or found.st_mode & 0o022)):
        raise PermissionError(folder)
    return folder


if "NUMBA_CACHE_DIR" not in os.environ:
    os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())
    cast(Any, numba).config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]  # numba read the variable when it was imported


def is_cold() -> bool:
    """True if no compiled attention kernel is cached yet, so that the first run will spend time compiling."""
    return not any(Path(os.environ["NUMBA_CACHE_DIR"]).rglob("attention*.nbc"))


def cached(**options: Any) -> Callable[[Function], Function]:
    """Decorator: compile a function with numba's `njit(**options)` and cache its machine code on disk in sealed files.

    Where nothing can be written, the function is compiled in every process.
    """

    def compile_and_keep(function: Function) -> Function:
        dispatcher = njit(**options)(function)
        with suppress(RuntimeError):  # no writable place: each process compiles for itself
            dispatcher._cache = SealedCache(function)
        return cast(Function, dispatcher)

    return compile_and_keep


class SealedCache(FunctionCache):
    """Numba's cache of one function, stored in sealed files, so that damaged files are ignored and none are required.

    Numba's own files carry no hash: a flipped bit would be run as machine code, and a truncated file ends the process.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        cast(Any, super()).__init__(function)
        stamp = f"{numba.__version__} {self._impl.locator.get_source_stamp()}"
        self._cache_file: Any = SealedFiles(Path(self._cache_path), self._impl.filename_base, stamp)

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return the cached machine code for a signature of argument types, or None if it must be compiled."""
        try:
            return cast(Any, super()).load_overload(signature, target)
        except Exception:  # undamaged, but pickled by other versions of packages
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Cache the machine code for a signature of argument types; do nothing if it cannot be written."""
        with suppress(OSError):
            cast(Any, super()).save_overload(signature, compiled)


class SealedFiles:
    """A store of pickled data, one file per key; each file begins with a seal, a hash of its content and of `stamp`.

    `stamp` names what made the data (numba's version, the source's time stamp); files with another stamp count as
    damaged.
    """

    def __init__(self, folder: Path, name: str, stamp: str) -> None:
        self._folder, self._name, self._stamp = folder, name, stamp.encode()

    def load(self, key: Any) -> Any:
        """Return the data stored under a key, or None if its file is missing or damaged."""
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        if self._seal(content[SEAL:]) != content[:SEAL]:
            return None
        known, data = pickle.loads(content[SEAL:])
        return data if known == key else None

    def save(self, key: Any, data: Any) -> None:
        """Store data under a key; the file appears only once it is completely written."""
        content = dumps((key, data))
        path = self._path(key)
        draft = path.with_name(f"{path.name}.{uuid.uuid4().hex[:16]}")
        try:
            draft.write_bytes(self._seal(content) + content)
            if path.is_dir() and not path.is_symlink():
                # Something foreign is in the way: it is moved aside, or every process would compile.
                path.rename(draft.with_suffix(".aside"))
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)

    def _path(self, key: Any) -> Path:
        """File of a key in the cache folder."""
        return self._folder / f"{self._name}.{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.nbc"

    def _seal(self, content: bytes) -> bytes:
        """Hash of the stamp and the content."""
        return hashlib.sha256(self._stamp + content).digest()
