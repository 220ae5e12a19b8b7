"""Sealed JSON: readable text, accepted by any reader, whose last entry is the SHA-256 of all that stands before it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

SEAL, END = b',\n  "sha256": "', b'"\n}\n'


def digest(content: bytes) -> str:
    """Hash some bytes (SHA-256, hexadecimal)."""
    return hashlib.sha256(content).hexdigest()


def seal(value: dict[str, Any]) -> bytes:
    """Write an object as sealed JSON, whatever characters its names of files have."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    head = text.encode("utf-8", "backslashreplace").removesuffix(b"\n}")  # half a character becomes JSON's own escape
    return head + SEAL + digest(head).encode() + END


def unseal(content: bytes) -> dict[str, Any]:
    """Read what `seal` wrote, after checking that it is unaltered.

    Raises
    ------
    ValueError : it is not as it was written.
    """
    head, _, rest = content.rpartition(SEAL)
    if rest != digest(head).encode() + END:
        raise ValueError("altered")
    value: dict[str, Any] = json.loads(content)
    del value["sha256"]
    return value


def entry_of(content: bytes, key: str) -> Any:
    """Look up an entry, such as the version, of JSON that may be altered; None where there is none."""
    try:
        value, _ = json.JSONDecoder().raw_decode(content.decode())
        return value.get(key) if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        return None
