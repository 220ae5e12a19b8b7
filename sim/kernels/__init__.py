"""Numba loops on plain arrays; importing this package first sets where their machine code is cached.

Numba's own cache does not see an edit in a callee's file, so the folder is named by a hash of every source that is
compiled. It lies in the user's cache directory, or in a private temporary one where that cannot be written.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path


def _sources_hash() -> str:
    here = Path(__file__).parent
    digest = hashlib.sha256(sys.version.encode())
    for path in [*sorted(here.glob("*.py")), here.parent / "randomness.py"]:
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = base / "metavalue" / _sources_hash()
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{os.getpid()}"
        probe.touch()
        probe.unlink()
    except (OSError, RuntimeError):
        folder = Path(tempfile.mkdtemp(prefix="metavalue-"))
    return folder


if "NUMBA_CACHE_DIR" not in os.environ:
    os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())


def is_cold() -> bool:
    """Whether the attention kernel has yet to be compiled on this machine."""
    return not any(Path(os.environ["NUMBA_CACHE_DIR"]).rglob("attention*.nbi"))
