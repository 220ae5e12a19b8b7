"""The cache of machine code: what is damaged or cannot be read is compiled anew, as if it were not there.

Numba's own cache does not see an edit in a callee's file, so the folder is named by a hash of every source that is
compiled. It lies in the user's cache directory, or where that cannot be written in one of the user's own beside other
temporary files, which the next run finds again.
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
SEAL = hashlib.sha256().digest_size  # bytes at a file's head


SIM = Path(__file__).resolve().parents[1]
COMPILED = ("kernels", "base")  # packages with sources that are compiled, or that compiled sources take constants from


def _sources_hash() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(path for package in COMPILED for path in (SIM / package).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
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
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "metavalue"


def _in_temporary() -> Path:
    """A folder that no other user can have filled: what lies in it is run."""
    user = os.getuid() if hasattr(os, "getuid") else None
    folder = Path(tempfile.gettempdir()) / f"metavalue-{'' if user is None else user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (user is not None and (found.st_uid != user or found.st_mode & 0o022)):
        raise PermissionError(folder)
    return folder


if "NUMBA_CACHE_DIR" not in os.environ:
    os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())
    cast(Any, numba).config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]  # it read the environment when it was imported


def is_cold() -> bool:
    """Whether the attention kernel has yet to be compiled on this machine."""
    return not any(Path(os.environ["NUMBA_CACHE_DIR"]).rglob("attention*.nbc"))


def cached(**options: Any) -> Callable[[Function], Function]:
    """Compile with numba, and keep the machine code for later processes where there is a place for it."""

    def compile_and_keep(function: Function) -> Function:
        dispatcher = njit(**options)(function)
        with suppress(RuntimeError):  # nothing can be written anywhere: each process compiles
            dispatcher._cache = SealedCache(function)
        return cast(Function, dispatcher)

    return compile_and_keep


class SealedCache(FunctionCache):
    """Numba's cache of a function, which reads no damaged file and needs none.

    Numba's own files carry no hash: a flipped bit in them is run as machine code, a cut one ends the process.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        cast(Any, super()).__init__(function)
        stamp = f"{numba.__version__} {self._impl.locator.get_source_stamp()}"
        self._cache_file: Any = SealedFiles(Path(self._cache_path), self._impl.filename_base, stamp)

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return the machine code for a signature, or None where it has to be compiled."""
        try:
            return cast(Any, super()).load_overload(signature, target)
        except Exception:  # whole, but of other packages than today's
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep the machine code for a signature, where that can be written."""
        with suppress(OSError):
            cast(Any, super()).save_overload(signature, compiled)


class SealedFiles:
    """A file for each signature of a function; it begins with a hash of its content and of what it was made by."""

    def __init__(self, folder: Path, name: str, stamp: str) -> None:
        self._folder, self._name, self._stamp = folder, name, stamp.encode()

    def load(self, key: Any) -> Any:
        """Return what was kept under a key, or None where nothing whole is."""
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        if self._seal(content[SEAL:]) != content[:SEAL]:
            return None
        known, data = pickle.loads(content[SEAL:])
        return data if known == key else None

    def save(self, key: Any, data: Any) -> None:
        """Keep data under a key, whole or not at all."""
        content = dumps((key, data))
        path = self._path(key)
        draft = path.with_name(f"{path.name}.{uuid.uuid4().hex[:16]}")
        try:
            draft.write_bytes(self._seal(content) + content)
            if path.is_dir() and not path.is_symlink():  # someone else's: it gives way, or each process would compile
                path.rename(draft.with_suffix(".aside"))
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)

    def _path(self, key: Any) -> Path:
        return self._folder / f"{self._name}.{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.nbc"

    def _seal(self, content: bytes) -> bytes:
        return hashlib.sha256(self._stamp + content).digest()
