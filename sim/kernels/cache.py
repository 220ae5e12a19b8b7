"""The cache of machine code: what is damaged or cannot be read is compiled anew, as if it were not there."""

from __future__ import annotations

import hashlib
import os
import pickle
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
