"""Policy levers: each has a file and an expectation, none acts at strength 0 or before its date; strong ones act."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest

from analysis.studies.levers import EAGER, EXPECTATIONS, Effect, overrides, read
from sim.agents.farms import keep_code
from sim.base.errors import InputError
from sim.base.outcomes import OUTCOMES
from sim.model import ContentEcosystem
from sim.settings import Lever, PlatformRules, Settings
from sim.settings.levers import LEVERS
from sim.settings.scenario import compose, members, metadata, names, settings_of
from tests.bench import society
from tests.worlds import base, differences, opened, patched

PACKAGES = {
    "trusted_aigc": ["labelling", "watermark", "data_rights", "content_review", "synthetic_data_market"],
    "industry_push": ["public_computing", "national_data_platform", "industry_fund"],
    "ethics_governance": ["data_rights", "self_regulation", "content_review", "fact_check"],
}
DATE = "2022-12-12"


# Files and expectations


def test_every_lever_and_package_has_a_file_and_an_expectation() -> None:
    assert set(names("policy")) == {*LEVERS, *PACKAGES} == set(EXPECTATIONS)
    for expected in EXPECTATIONS.values():
        assert {expected.aim.outcome, expected.side.outcome} <= set(OUTCOMES) and set(expected.beside) <= set(LEVERS)
        assert expected.aim.outcome != expected.side.outcome
        assert all(abs(effect.sign) == 1 and effect.reason.endswith(".") for effect in (expected.aim, expected.side))


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_is_one_file_that_sets_its_own_date_and_strength(name: str) -> None:
    assert {path for path, _ in settings_of("policy", name)} == {f"policy.{name}.start", f"policy.{name}.strength"}
    assert members("policy", name) == [name] and all(metadata("policy", name).values())


def test_expectations_are_run_at_full_strength_beside_the_same_world() -> None:
    composed = functools.cache(lambda texts: compose("baseline", texts))
    for name, expected in EXPECTATIONS.items():
        with_, without = (composed(overrides(n, expected)) for n in (name, ""))
        assert dataclasses.replace(with_.settings, policy={}) == dataclasses.replace(without.settings, policy={})
        assert set(without.settings.policy) == set(expected.beside)
        assert set(with_.settings.policy) == {*expected.beside, *members("policy", name)}
        assert set(with_.settings.policy.values()) == {Lever("2022-11-28", 1.0)}


def test_reading_of_an_interval() -> None:
    up, down = Effect("trust_mean", 1, "."), Effect("trust_mean", -1, ".")
    assert [read(up, *band) for band in ((0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1))] == ["hit", "miss", "no clear effect"]
    assert [read(down, *band) for band in ((0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1))] == ["miss", "hit", "no clear effect"]
    assert read(up, 0.0, 0.0) == read(down, 0.0, 0.0) == "no clear effect" and read(up, None, None) == "–"


# Packages


def test_a_package_stands_for_its_levers() -> None:
    for package, levers in PACKAGES.items():
        chosen = compose(overrides=[f"policy={package}"]).settings.policy
        assert list(chosen) == levers == members("policy", package)
        assert chosen == compose(overrides=[f"policy=[{','.join(levers)}]"]).settings.policy
        assert all(metadata("policy", package).values())
    weak = compose(overrides=["policy=trusted_aigc", "policy.labelling.strength=0.3"]).settings.policy
    assert weak["labelling"].strength == 0.3 and weak["data_rights"].strength == 1.0


def test_packages_and_levers_combine_each_lever_once() -> None:
    chosen = compose(overrides=["policy=[trusted_aigc,ethics_governance,labelling,upload_cap]"]).settings.policy
    assert set(chosen) == {*PACKAGES["trusted_aigc"], *PACKAGES["ethics_governance"], "upload_cap"}
    assert list(compose(overrides=["policy=[labelling,data_rights]"]).settings.policy) == ["labelling", "data_rights"]


def test_a_package_has_no_strength_of_its_own() -> None:
    with pytest.raises(InputError, match="one of its levers: public_computing"):
        compose(overrides=["policy=industry_push", "policy.industry_push.strength=0.3"])


# Strength 0, and the time before the date


@functools.cache
def without(weeks: int) -> ContentEcosystem:
    return opened(dataclasses.replace(base(), policy={}), weeks, rng=3)


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_of_strength_zero_changes_nothing(name: str) -> None:
    off = dataclasses.replace(base(), policy={name: Lever(DATE, 0.0)})
    assert differences(opened(off, 9, rng=3), without(9)) == []


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_changes_nothing_before_its_date(name: str) -> None:
    on = dataclasses.replace(base(), policy={name: Lever(DATE, 1.0)})
    weeks = without(0).world.calendar.week_of(DATE)
    assert 5 < weeks < 9 and differences(opened(on, weeks, rng=3), without(weeks)) == []


# Self-regulation


def test_a_code_is_kept_by_a_part_of_accounts() -> None:
    u = (np.arange(1_000) + 0.5) / 1_000
    for strength, compliance in ((0.0, 1.0), (1.0, 0.0), (1.0, 0.3), (0.5, 0.6), (1.0, 1.0)):
        kept = keep_code(u, strength, patched(Settings(), {"farms.compliance": compliance}))
        assert kept.mean() == pytest.approx(strength * compliance)


@functools.cache
def liars(strength: float, compliance: float, code_scruple: float) -> tuple[float, float]:
    """Shares of AI producers' items that lie and that are labelled, where lying pays many and nothing is detected."""
    feed = PlatformRules(
        followed=0.0, friends=0.2, interest=0.4, exploration=0.3, freshness=2.0, theta=1.0, moderation=0.05
    )
    model = society(
        16,
        rng=1,
        farms=200,
        platforms={"a": feed},
        trust__human_falsehood=0.1,
        trust__draft_budget=15.0,
        trust__verification=4.0,
        trust__discernment=0.0,
        trust__literacy_sd=0.0,
        farms__compliance=compliance,
        farms__code_scruple=code_scruple,
        policy={"self_regulation": Lever("2020-01-06", strength)},
    )
    lies, labelled = (model.world.memory.outcomes[name][12:16] for name in ("ai_falsehood_share", "detected_share"))
    return float(np.mean(lies)), float(np.mean(labelled))


def test_who_keeps_the_code_declares_and_lies_less() -> None:
    lies, labelled = liars(0.0, 1.0, 5.0)
    assert lies > 0.25 and labelled == 0.0
    assert liars(1.0, 0.0, 5.0) == (lies, labelled)  # nobody keeps it
    assert liars(1.0, 1.0, 5.0)[0] < 0.02 and liars(1.0, 1.0, 5.0)[1] == 1.0
    kept = liars(1.0, 0.3, 5.0)
    assert 0.4 * lies < kept[0] < 0.95 * lies and kept[1] == pytest.approx(0.3, abs=0.08)
    assert liars(1.0, 0.3, 0.0)[0] > kept[0]  # who declares but has no more scruples lies on


# Signs of strong levers


SMALL = (
    *EAGER, "world=tiny", "world.consumers=300", "world.creators=60", "time.weeks=40", "time.burn_in_weeks=8",
    "money.advertising=0.3",
)  # fmt: skip


@functools.cache
def late(name: str = "") -> dict[str, float]:
    """Mean outcomes of the last 12 weeks, with a lever at full strength from release on."""
    policy = {name: Lever("2022-11-28", 1.0)} if name else {}
    world = dataclasses.replace(compose("baseline", SMALL).settings, policy=policy)
    frame = opened(world, 40, rng=5).outcomes().iloc[-12:]
    return {outcome: float(frame[outcome].mean()) for outcome in frame}


@pytest.mark.parametrize(
    ("name", "outcome", "sign"),
    [
        ("labelling", "detected_share", 1),
        ("upload_cap", "ai_supply_share", -1),
        ("content_review", "false_exposure_share", -1),
        ("synthetic_data_market", "synthetic_training_share", 1),
        ("self_regulation", "detected_share", 1),
    ],
)
def test_a_strong_lever_moves_what_it_acts_on(name: str, outcome: str, sign: int) -> None:
    assert sign * (late(name)[outcome] - late()[outcome]) > 0
