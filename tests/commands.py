"""A command run in this process, as `metavalue WORDS` runs it in one of its own."""

from __future__ import annotations

import sys

import pytest

from app import cli


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run a command; returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["metavalue", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)
