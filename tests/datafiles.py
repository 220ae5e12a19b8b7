"""Data files for tests: written to a folder, read back as names, and what is said of wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.base.errors import InputError
from sim.inputs import FollowerNetwork

PEOPLE = "age_group,minutes,platforms\n"


def follows(network: FollowerNetwork) -> set[tuple[str, str]]:
    starts = network.csr.indptr
    return {
        (label, network.labels[j])
        for i, label in enumerate(network.labels)
        for j in network.csr.indices[starts[i] : starts[i + 1]]
    }


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refusal(read: Callable[[Any], object], source: object) -> InputError:
    with pytest.raises(InputError) as caught:
        read(source)
    assert "\n" not in str(caught.value)
    return caught.value
