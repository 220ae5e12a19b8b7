"""Numba loops on plain arrays; importing this package first sets where their machine code is cached.

Numba's own cache does not see an edit in a callee's file, so the folder is named by a hash of every source that is
compiled. It lies in the user's cache directory, or where that cannot be written in one of the user's own beside other
temporary files, which the next run finds again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

OUTSIDE = ("codes.py", "randomness.py", "tables.py")  # sources elsewhere that are compiled too


def _sources_hash() -> str:
    here = Path(__file__).parent
    digest = hashlib.sha256(sys.version.encode())
    for path in [*sorted(here.glob("*.py")), *(here.parent / name for name in OUTSIDE)]:
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


def is_cold() -> bool:
    """Whether the attention kernel has yet to be compiled on this machine."""
    return not any(Path(os.environ["NUMBA_CACHE_DIR"]).rglob("attention*.nbc"))
