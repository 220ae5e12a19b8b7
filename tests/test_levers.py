"""Policy levers: each has a file and an expectation, none acts at strength 0 or before its date; strong ones act."""

from __future__ import annotations

import ast
import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest

from analysis.studies.levers import EAGER, EXPECTATIONS, Effect, overrides, read
from sim.agents.farms import keep_code
from sim.base.errors import InputError
from sim.base.outcomes import OUTCOMES
from sim.experiment.sweep_file import build_plan
from sim.model import ContentEcosystem
from sim.settings import Lever, PlatformRules, Settings, registry, scenario
from sim.settings.levers import LEVERS
from sim.settings.scenario import FOLDER, compose, members, metadata, names, read_yaml, settings_of
from tests.bench import society
from tests.worlds import base, differences, opened, patched

PACKAGES = {
    "trusted_aigc": ["labelling", "watermark", "data_rights", "content_review", "synthetic_data_market"],
    "industry_push": ["public_computing", "national_data_platform", "industry_fund"],
    "ethics_governance": ["data_rights", "self_regulation", "content_review", "fact_check"],
}
DATE = "2022-12-12"
SIM = FOLDER.parent / "sim"


# Files and expectations


def test_every_lever_has_a_file_and_every_file_is_of_a_lever_or_package() -> None:
    without = sorted(set(LEVERS) - set(names("policy")))
    assert not without, f"write scenarios/policy/NAME.yaml (start, strength, source, expected) for {without}"
    files = {name for name in names("policy") if members("policy", name) == [name]}
    unknown = sorted(files - set(LEVERS))
    assert not unknown, f"declare {unknown} as rows of Levers in sim/settings/levers.py, or remove their files"
    assert {name: members("policy", name) for name in names("policy") if name not in LEVERS} == PACKAGES


def test_a_lever_s_file_leaves_its_labels_to_its_row() -> None:
    for name in LEVERS:
        meta = read_yaml((FOLDER / "policy" / f"{name}.yaml").read_text(encoding="utf-8"))["meta"]
        assert set(meta) == {"source", "expected"}, f"{name}: its labels stand in sim/settings/levers.py"


@functools.cache
def strengths_read() -> dict[str, set[str]]:
    """Names of the levers whose strength each module reads in its code, as `levers.NAME`."""
    read: dict[str, set[str]] = {}
    for path in SIM.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names_read = {
            node.attr
            for node in nodes
            if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("levers")
        }
        read[".".join(path.relative_to(SIM).with_suffix("").parts)] = names_read
    return read


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_s_row_says_truly_what_it_does_and_where(name: str) -> None:
    row, known = LEVERS[name], registry()
    assert row.label and row.label_zh, f"{name}: write its labels in both languages"
    assert row.description.endswith("."), f"{name}: say in a sentence what it does"
    assert row.description_zh.endswith("。"), f"{name}: say in a Chinese sentence what it does"
    assert row.full, f"{name}: declare what it does at full strength, as a parameter of FullStrength for instance"
    assert set(row.full) <= set(known), f"{name}: {set(row.full) - set(known)} are no parameters"
    for path in row.full:
        assert known[path].info.low is not None, f"{name}: {path} has no range"
    found = {module for module, read in strengths_read().items() if name in read}
    assert found == set(row.acts), f"{name}: `acts` says {row.acts}, but it is read in {sorted(found)}"


def test_what_full_strength_does_belongs_to_a_lever() -> None:
    used = {path for row in LEVERS.values() for path in row.full}
    unused = [path for path in registry() if path.startswith("full_strength.") and path not in used]
    assert not unused, f"name {unused} in the row of the lever whose they are (`full` in sim/settings/levers.py)"


def test_a_sweep_varies_what_full_strength_does_over_its_range() -> None:
    every = {path for row in LEVERS.values() for path in row.full}
    plan = build_plan({"base": "baseline", "uncertainties": sorted(every), "samples": 4, "overrides": ["world=tiny"]})
    points = plan.points()
    for path in every:
        info = registry()[path].info
        assert points[path].nunique() > 1 and points[path].between(info.low, info.high).all(), path


def test_a_file_without_an_expectation_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario, "_document", lambda group, name: {"meta": {"source": "x"}})
    with pytest.raises(InputError, match=r"upload_cap\.yaml, meta\.expected: got nothing"):
        scenario.expected_of("upload_cap")


def test_every_lever_and_package_has_an_expectation() -> None:
    assert set(names("policy")) == set(EXPECTATIONS)
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


# What full strength does


EVENTFUL = {  # lies pay those who keep a code too, items are checked, models learn anew, a platform finds AI's items
    "time.weeks": 14, "trust.draft_budget": 15.0, "trust.verification": 4.0, "trust.discernment": 0.0,
    "trust.literacy_sd": 0.0, "trust.human_falsehood": 0.1, "moderation.vigilance": 0.0, "farms.scruple": 0.02,
    "farms.compliance": 1.0, "farms.code_scruple": 0.1, "moderation.flag_rate": 0.5, "moderation.check_days": 0.25,
    "platforms.short_video.detection": 1.0, "vendors.open_delay": 0, "culture.retrain_weeks": 4,
    "platforms.short_video.ad_price": 1.0, "platforms.publisher.ad_price": 1.0,  # so that AI producers come
    "vendors.licence_rate": 0.001, "world.studios": 12,  # so that vendors outlive what data cost, and many may license
}  # fmt: skip
JOBLESS = {  # for over a quarter
    "time.weeks": 30, "labour.jobs": 0.6, "labour.reach": 0.05, "labour.retraining_weeks": 4,
    "labour.retraining_rate": 0.2,
}  # fmt: skip


@functools.cache
def at_full_strength(name: str, path: str = "", value: float = 0.0) -> pd.DataFrame:
    """What a world with one lever at full strength from release on tells; perhaps with a parameter at another value."""
    jobless = name == "retraining_subsidy"
    settings = patched(base(), (JOBLESS if jobless else EVENTFUL) | ({path: value} if path else {}))
    settings = dataclasses.replace(settings, policy={name: Lever("2022-11-28", 1.0)})
    model = opened(settings, settings.time.weeks, rng=3)
    flows = model.exhibits()["flows"]
    return pd.concat([model.outcomes().reset_index(drop=True), flows.reset_index(drop=True)], axis=1)


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, row in LEVERS.items() for path in row.full])
def test_what_a_lever_does_at_full_strength_can_be_varied(name: str, path: str) -> None:
    parameter = registry()[path]
    low, high, default = parameter.info.low, parameter.info.high, parameter.default
    assert low is not None and high is not None
    value = (low + default) / 2 if default > low else (default + high) / 2
    same = at_full_strength(name, path, value).equals(at_full_strength(name))
    assert not same, f"{path} changes nothing in a world with {name} at full strength: it is dead, or not this lever's"


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
        farms__scruple=0.05,
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
