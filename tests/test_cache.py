"""The cache of machine code: damaged or unreadable files never give another result, nor an end."""

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import pytest

from sim.kernels.elementary import compiled


def _twice(x: int) -> int:
    return 2 * x + 1


def fresh() -> Any:
    """The function as a later process has it: compiled or read at its first call."""
    return compiled()(_twice)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.nb?") if path.is_file())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, filled by a first call."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert fresh()(20) == 41 and files(tmp_path)
    return tmp_path


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def scribble(path: Path) -> None:
    path.write_bytes(random.Random(3).randbytes(path.stat().st_size))


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


DAMAGE = [empty, cut, scribble, lengthen, make_folder, link_to_nothing, link_to_itself, Path.unlink]


def test_whole_files_are_used(folder: Path) -> None:
    again = fresh()
    assert again(20) == 41 and sum(again.stats.cache_hits.values()) == 1


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damaged_files_are_compiled_anew(folder: Path, damage: Callable[[Path], object]) -> None:
    for path in files(folder):
        damage(path)
    again = fresh()
    assert again(20) == 41 and not again.stats.cache_hits
    assert fresh()(20) == 41
    last = fresh()
    assert last(20) == 41 and last.stats.cache_hits, "the cache was not mended"


def test_a_folder_in_the_place_of_a_file_gives_way_and_keeps_what_it_holds(folder: Path) -> None:
    for path in (kept := files(folder)):
        make_folder(path)
        (path / "mine").write_text("mine")
    assert fresh()(20) == 41
    again = fresh()
    assert again(20) == 41 and again.stats.cache_hits
    assert len(list(folder.rglob("mine"))) == len(kept)


def test_no_flipped_bit_becomes_machine_code(folder: Path) -> None:
    chance = random.Random(5)
    for _ in range(25):
        path = chance.choice(files(folder))
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        again = fresh()
        assert again(20) == 41 and not again.stats.cache_hits


def test_files_of_other_packages_are_compiled_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba, "__version__", "0.1")
    again = fresh()
    assert again(20) == 41 and not again.stats.cache_hits


def test_a_cache_that_cannot_be_written_is_done_without(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    for path in files(folder):
        path.unlink()
    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(Path, "write_bytes", refuse)
    assert fresh()(20) == 41 and not files(folder)
    monkeypatch.setattr(numba.core.caching.CacheImpl, "_locator_classes", [])  # as where no folder can be written
    assert fresh()(20) == 41
