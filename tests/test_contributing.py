"""The worked examples of docs/examples do what they say, in as few files as they say, in a copy of the sources."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.examples import PAGES, Edit, apply, copy_sources, read_edits, restore

MAX_FILES = {"platform": 1, "lever": 5, "outcome": 2, "behaviour": 3, "need": 2}
WEEKS = 9
SMALL = (
    f"time.weeks={WEEKS}", "time.burn_in_weeks=5", "world=tiny", "world.consumers=60", "world.creators=12",
    "world.studios=3", "world.new_items=25", "technology=early_autonomy", "technology.autonomy_lead=260",
    "farms.human_minutes=0.5", "farms.account_cost=0.005", "farms.growth=0.3", "farms.smoothing=2",
    "farms.pioneers=0.3", "money.advertising=3",
)  # fmt: skip
RUN = """
import hashlib, json, sys
import numpy as np
import sim
from sim.model import ContentEcosystem
from sim.settings.scenario import compose

model = ContentEcosystem(settings=compose("baseline", json.loads(sys.argv[1])).settings, rng=1)
for _ in range(int(sys.argv[2])):
    model.step()
frame = model.outcomes()
hashes = {name: hashlib.sha256(np.ascontiguousarray(frame[name]).tobytes()).hexdigest() for name in frame}
items = model.world.items.columns
made = items.card[(items.alive > 0) & (items.card["origin"] == 2)]
copies = len(made) - len(np.unique(np.ascontiguousarray(made["concept"]), axis=0))
flows = {"/".join(key): amount for key, amount in model.world.ledger.flows.items()}
seconds = {p.key: int(s) for p, s in zip(model.world.platforms, model.last_week.tallies.platform_seconds)}
needs = model.world.consumers.columns.needs.shape[1]
print(json.dumps({"home": sim.__file__, "last": frame.iloc[-1].to_dict(), "hashes": hashes, "made": len(made),
                  "copies": copies, "flows": flows, "seconds": seconds, "needs": needs}))
"""


class Copy:
    """A copy of the sources: examples are applied to it, small worlds run in it; kernels are compiled once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.edits: list[Edit] = []
        copy_sources(root)

    def apply(self, name: str) -> None:
        """Apply an example's edits."""
        self.edits = read_edits(PAGES[name].read_text(encoding="utf-8"))
        for edit in self.edits:
            apply(edit, self.root)

    def run(self, *overrides: str) -> dict[str, Any]:
        """Run a small world with some overrides; returns what `RUN` prints."""
        there = os.environ | {"PYTHONPATH": str(self.root), "NUMBA_CACHE_DIR": str(self.root / "machine-code")}
        command = [sys.executable, "-c", RUN, json.dumps([*SMALL, *overrides]), str(WEEKS)]
        said = subprocess.run(command, cwd=self.root, env=there, capture_output=True, text=True, timeout=600)
        assert said.returncode == 0, said.stderr
        found: dict[str, Any] = json.loads(said.stdout)
        assert found["home"].startswith(str(self.root))
        return found


@pytest.fixture(scope="module")
def the_copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("copy"))


@pytest.fixture
def copied(the_copy: Copy) -> Iterator[Copy]:
    """The copy, as the sources are before and after each test."""
    yield the_copy
    restore(the_copy.edits, the_copy.root)
    the_copy.edits = []


@pytest.mark.parametrize("name", PAGES)
def test_an_example_touches_as_few_files_as_it_may(name: str) -> None:
    edits = read_edits(PAGES[name].read_text(encoding="utf-8"))
    assert 0 < len({edit.file for edit in edits}) <= MAX_FILES[name]


def test_an_edit_whose_anchor_is_gone_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\nx = 1\ny = 2\n")
    apply(Edit("a.py", "after", "y = 2", "z = 3\n"), tmp_path)
    assert (tmp_path / "a.py").read_text() == "x = 1\nx = 1\ny = 2\nz = 3\n"
    for anchor in ("x = 1", "gone"):
        with pytest.raises(ValueError, match="name another one"):
            apply(Edit("a.py", "after", anchor, "z = 3\n"), tmp_path)
    with pytest.raises(ValueError, match="say where they go"):
        read_edits("```python\nx = 1\n```\n")


@pytest.mark.parametrize("name", PAGES)
def test_an_example_finds_where_its_edits_go(name: str, copied: Copy) -> None:
    copied.apply(name)
    for edit in copied.edits:
        if edit.file.endswith(".py"):
            compile((copied.root / edit.file).read_text(encoding="utf-8"), edit.file, "exec")


def test_an_outcome_is_recorded(copied: Copy) -> None:
    copied.apply("outcome")
    assert 0.0 < copied.run("platforms=[publisher,video_library]")["last"]["old_uses_share"] < 1.0


def test_a_behaviour_changes_nothing_at_probability_0_and_copies_at_1(copied: Copy) -> None:
    before = copied.run()
    copied.apply("behaviour")
    off, on = copied.run(), copied.run("farms.copy_hits=1")
    assert before["hashes"] == off["hashes"]
    assert off["made"] >= 10 and off["copies"] == 0
    assert on["copies"] > on["made"] / 3


def test_a_lever_moves_money_and_is_expected(copied: Copy) -> None:
    on = ("policy=[listing_fee]", "policy.listing_fee.start=2022-11-28")
    copied.apply("lever")
    off, paid = copied.run(), copied.run(*on, "full_strength.listing_fee=0.001")
    deterred = copied.run(*on, "full_strength.listing_fee=100")
    assert not off["flows"].get("listing fee/farms/regulator")
    assert paid["flows"]["listing fee/farms/regulator"] > 0
    assert deterred["last"]["n_farms"] < off["last"]["n_farms"]  # whoever expects the fee stays away


def test_a_platform_from_any_folder_is_used_and_its_subscriptions_pay_creators(copied: Copy) -> None:
    copied.apply("platform")
    found = copied.run("platforms=[short_video,./podcast.yaml]")
    assert found["seconds"]["podcast"] > 0
    paid = {flow: amount for flow, amount in found["flows"].items() if flow.startswith("licence/")}
    assert list(paid) == ["licence/platforms/creators"] and paid["licence/platforms/creators"] > 0


def test_a_fifth_need_is_served(copied: Copy) -> None:
    copied.apply("need")
    liked, disliked = (copied.run(f"platforms.short_video.fit.play={fit}", "attention.needs.play=1") for fit in (6, -6))
    assert liked["needs"] == disliked["needs"] == 5
    shares = [found["seconds"]["short_video"] / sum(found["seconds"].values()) for found in (liked, disliked)]
    assert shares[0] > 1.3 * shares[1]
