"""Sizes beyond what the kernels' records hold are refused in one line."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.base.errors import InputError
from sim.base.records import CARD
from sim.settings import Settings, scenario, sizes
from sim.settings.needs import MAX_NEEDS, NEEDS, Need
from sim.settings.scenario import compose
from sim.settings.sizes import MAX_PLATFORMS, check_sizes


def crowded(count: int) -> Settings:
    """A world with so many platforms, all alike."""
    settings = compose("baseline", "world=tiny").settings
    rules = settings.platforms["short_video"]
    return replace(settings, platforms={f"platform_{number}": rules for number in range(count)})


@pytest.fixture
def many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Files of more platforms than can be told apart, among the packaged ones."""
    folder = tmp_path / "scenarios"
    shutil.copytree(scenario.FOLDER, folder)
    files = [f"platform_{number}" for number in range(MAX_PLATFORMS + 1)]
    source = (folder / "platforms" / "short_video.yaml").read_text("utf-8")
    for name in files:
        text = source.replace("\n  short_video:", f"\n  {name}:")
        assert text != source
        (folder / "platforms" / f"{name}.yaml").write_text(text, "utf-8")
    monkeypatch.setattr(scenario, "FOLDER", folder)
    caches = (scenario.names, scenario._document)
    for cached in caches:
        cached.cache_clear()
    yield files
    for cached in caches:
        cached.cache_clear()


def test_a_platform_more_than_a_record_has_bits_is_refused() -> None:
    assert MAX_PLATFORMS == 32
    check_sizes(crowded(MAX_PLATFORMS))
    with pytest.raises(InputError, match=r"^platforms: got '?33 platforms'?, expected at most 32$"):
        check_sizes(crowded(MAX_PLATFORMS + 1))


def test_a_scenario_with_too_many_platforms_is_refused(many_files: list[str]) -> None:
    tiny = "world=tiny"
    assert len(compose("baseline", [tiny, f"platforms=[{','.join(many_files[:-1])}]"]).settings.platforms) == 32
    with pytest.raises(InputError, match="33 platforms"):
        compose("baseline", [tiny, f"platforms=[{','.join(many_files)}]"])


@pytest.mark.parametrize("dims", [4, 9])
def test_dimensions_other_than_a_card_holds_are_refused(dims: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "DIMS", dims)
    with pytest.raises(InputError, match=f"^DIMS: got {dims}, expected 8"):
        check_sizes(crowded(1))


def test_a_card_beyond_a_cache_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "CARD", np.dtype([*CARD.descr, ("more", "f4")]))
    with pytest.raises(InputError, match="68 now"):
        check_sizes(crowded(1))


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.name)
def test_a_need_has_its_words_in_both_languages(need: Need) -> None:
    assert need.label and need.description, f"{need.name}: write `label` and `description` in sim/settings/needs.py"
    assert re.search(r"[\u4e00-\u9fff]", need.label_zh), f"{need.name}: write `label_zh` in sim/settings/needs.py"


@pytest.mark.parametrize("count", [0, MAX_NEEDS + 1])
def test_more_needs_than_consumers_have_draws_for_are_refused(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "NEEDS", NEEDS[:1] * count)
    with pytest.raises(InputError, match=f"^NEEDS: got .?{count} needs.?, expected 1 to 10"):
        check_sizes(crowded(1))
