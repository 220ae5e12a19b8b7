"""Scenarios: what composes, what wins over what, and what is refused in one line."""

import operator
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, asdict
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from sim.base.errors import InputError
from sim.settings import Parameter, PlatformRules, Settings, parameters_of
from sim.settings.scenario import (
    FOLDER,
    MEMBERS,
    build,
    catalogue,
    compose,
    leaves,
    metadata,
    names,
    outcomes,
    parameters,
    settings_of,
    start_date,
    with_values,
)

WORLDS = {  # consumers, creators, studios, genres, platforms, sessions a day, slate, new items, canon
    "tiny": (500, 40, 3, 3, 3, 1.0, 6, 30.0, 128),
    "classroom": (2_000, 1_610, 42, 8, 9, 0.25, 8, 420.0, 512),
    "standard": (20_000, 9_200, 240, 8, 9, 0.25, 8, 2_400.0, 512),
    "city": (1_000_000, 230_000, 6_000, 8, 9, 0.25, 8, 60_000.0, 512),
    "nation": (10_000_000, 2_300_000, 60_000, 8, 9, 0.142857, 8, 600_000.0, 512),
}
NUMBERS = [
    parameter
    for parameter in parameters_of(Settings)
    if parameter.type in ("int", "float") and "*" not in parameter.path
]


def refused(*overrides: str, name: str = "", config: Path | None = None) -> InputError:
    """Compose, expecting a refusal in one line."""
    with pytest.raises(InputError) as caught:
        compose(name, overrides, config)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("world", WORLDS)
def test_worlds_have_the_sizes_of_the_table(world: str) -> None:
    settings = compose(overrides=[f"world={world}"]).settings
    size = settings.world
    found = (size.consumers, size.creators, size.studios, size.genres, len(settings.platforms))
    assert (*found, size.sessions_per_day, size.slate, size.new_items, size.canon) == WORLDS[world]
    assert size.memory == ("items" if world == "tiny" else "mean")
    many = world == "nation"  # of whom fewer bytes each can be held
    assert (size.columns, size.follows, settings.spread.friends) == (("compact", 8, 8) if many else ("full", 16, 12))
    assert (settings.time.weeks, settings.time.burn_in_weeks) == ((26, 13) if world == "tiny" else (312, 52))


@pytest.mark.parametrize("world", WORLDS)
def test_worlds_have_as_much_of_everything_for_a_head(world: str) -> None:
    """Makers and their items are simulated by as many rows as precision asks for; what these stand for is the same."""
    size = compose(overrides=[f"world={world}"]).settings.world
    assert size.freelancers / size.consumers == pytest.approx(0.05)
    if world == "tiny":  # for tests
        return
    a_head = {"creators": 0.575, "studios": 0.015, "new_items": 0.15}
    for name, ratio in a_head.items():
        assert getattr(size, name) * size.items_per_row / size.consumers == pytest.approx(ratio, rel=1e-6), name


def test_worlds_for_results_differ_in_nothing_but_their_numbers() -> None:
    free = {"consumers", "creators", "studios", "freelancers", "new_items", "items_per_row", "workers"}
    standard, *others = [compose(overrides=[f"world={name}"]).settings for name in ("standard", "classroom", "city")]
    nation = compose(overrides=["world=nation"]).settings
    by_memory = {"sessions_per_day", "follows", "columns"}  # a nation would not fit otherwise
    for settings in (*others, nation):
        assert settings.platforms == standard.platforms
        left = free | by_memory if settings is nation else free
        same = {name: value for name, value in asdict(settings.world).items() if name not in left}
        assert same == {name: value for name, value in asdict(standard.world).items() if name not in left}


def test_scenarios_differ_from_the_baseline_where_they_say() -> None:
    expected: dict[str, dict[str, Any]] = {
        "baseline": {},
        "no_ai": {"technology.released": False},
        "assistive": {"technology.autonomous": False},
        "autonomous": {"technology.autonomy_lead": 52.0},
        "null_more_humans": {"farms.law": "human"},
        "null_cost": {
            "farms.law": "human", "attention.choice": "random", "attention.position": 0.0, "attention.affinity_sd": 0.0,
            "attention.satisfaction_weight": 0.0, "attention.deep_pleasure": 0.0, "trust.weight": 0.0,
        },
        "immersive_boom": {
            "immersive.multiple": 20.0, "immersive.automatable": 0.97, "immersive.network": 5.0,
            "immersive.headset": 0.5,
        },
        "creativity_premium": {
            "attention.novelty_amplitude": 3.0, "attention.novelty_peak": 1.7, "attention.satiation": 1.2,
            "policy": ["quality_ranking"],
        },
        "trust_crisis": {"trust.draft_budget": 15, "trust.verification": 4, "moderation.vigilance": 0.2},
        "open_weights": {"vendors.open_delay": 0, "vendors.open_gap": 0.03},
        "closed_oligopoly": {"vendors.open_weights": False, "vendors.fixed_cost": 0.6},
        "synthetic_loop": {
            "vendors.withheld_share": 0.9, "vendors.synthetic_part": 0.8, "culture.corpus_mode": "replace",
        },
        "data_rich": {"vendors.licensed_share": 0.8, "vendors.filtered_share": 0.8, "vendors.synthetic_part": 0.0},
    }  # fmt: skip
    assert set(names("scenario")) == set(expected)
    base = compose().tree
    for name, changes in expected.items():
        tree = compose(name).tree
        differing: dict[str, Any] = {
            f"{group}.{key}": value
            for group, values in tree.items()
            if group not in ("platforms", "policy")
            for key, value in values.items()
            if value != base[group][key]
        }
        if tree["policy"]:
            differing["policy"] = list(tree["policy"])
        assert differing == changes and tree["platforms"] == base["platforms"]


def test_every_file_says_what_it_is() -> None:
    for group in ("scenario", "world", "technology", "platforms", "policy"):
        for row in catalogue(group):
            assert all(row[key] for key in ("name", "label", "label_zh", "description", "description_zh")), row
    assert all(metadata("policy", name)["source"] for name in names("policy"))
    assert set(names("platforms")) == {
        "short_video",
        "video_library",
        "microblog",
        "open_text",
        "forum",
        "search",
        "publisher",
        "photo",
        "ai_native",
        "immersive",
    }


def test_platforms_are_small_deltas_that_differ() -> None:
    kinds = set()
    for name in names("platforms"):
        paths = dict(settings_of("platforms", name))
        assert set(paths) <= {f"platforms.{name}.{key}" for key, _ in leaves(asdict(PlatformRules()))}
        kinds.add(paths[f"platforms.{name}.kind"])
    assert len(kinds) == 10


def test_a_scenario_sets_nothing_that_a_group_sets() -> None:
    """Else the preset, which comes last, would silently beat a group named on the command line."""
    of_groups = {
        path
        for group in ("world", "technology", "platforms", "policy")
        for name in names(group)
        for path, _ in settings_of(group, name)
    }
    of_groups |= {
        parameter.path for parameter in parameters_of(Settings) if parameter.path.startswith(("world.", "technology."))
    }
    for name in names("scenario"):
        assert not of_groups & {path for path, _ in settings_of("scenario", name)}
    for name in names("world"):
        others = {
            path
            for group in ("technology", "platforms", "policy")
            for name in names(group)
            for path, _ in settings_of(group, name)
        }
        assert not others & {path for path, _ in settings_of("world", name)}


def test_a_group_on_the_command_line_beats_the_preset() -> None:
    assert compose("no_ai", ["technology=observed"]).settings.technology.released
    assert list(compose(overrides=["world=tiny", "platforms=[photo,forum]"]).settings.platforms) == ["photo", "forum"]


def test_policies() -> None:
    two = compose(overrides=["policy=[labelling,upload_cap]", "policy.labelling.strength=0.3"]).settings.policy
    assert set(two) == {"labelling", "upload_cap"} and two["labelling"].strength == 0.3
    assert list(compose(overrides=["policy=labelling"]).settings.policy) == ["labelling"]
    assert not compose(overrides=["policy=labelling", "policy=[]"]).settings.policy


def test_values_beat_groups_in_any_order_and_the_last_value_wins() -> None:
    texts = ["world.consumers=500", "world.consumers=600", "world=classroom"]
    assert compose(overrides=texts).settings.world.consumers == 600


@pytest.mark.parametrize(
    ("override", "nearest"),
    [
        ("world.consumer=300", "world.consumers"),
        ("consumers=300", "world.consumers"),
        ("worlds=tiny", "world"),
        ("world=tinny", "tiny"),
        ("technology=obsrved", "observed"),
        ("policy=labeling", "labelling"),
        ("policy=[labelling,upload_cup]", "upload_cap"),
        ("platforms=[short_vidio]", "short_video"),
        ("platforms.short_vidio.theta=3", "platforms.short_video.theta"),
        ("scenario=basline", "baseline"),
        ("culture.corpus_mode=acumulate", "accumulate"),
    ],
)
def test_the_nearest_name_is_offered(override: str, nearest: str) -> None:
    assert refused(override).nearest == nearest


def test_a_misspelt_scenario_is_refused() -> None:
    error = refused(name="no_aj")
    assert (error.key, error.value, error.nearest) == ("scenario", "no_aj", "no_ai")


@pytest.mark.parametrize(
    "override",
    [
        "world.consumers=9",
        "world.consumers=3.5",
        "world.consumers=true",
        "world.consumers=many",
        "world.consumers='300'",
        "world.consumers=null",
        "world.consumers=nan",
        "world.consumers=[300]",
        "world.consumers=",
        "world.consumers=300,400",
        "world.consumers=range(300,400)",
        "world.consumers=${world.creators}",
        "world.consumers=1e400",
        "world.consumers.x=1",
        "culture.imagination=nan",
        "culture.imagination=inf",
        "culture.imagination=-inf",
        "culture.imagination=0.7",
        "culture.imagination=null",
        "culture.imagination=true",
        "culture.imagination=(",
        "culture=3",
        "technology.released=1",
        "technology.released=null",
        "technology.released=yes please",
        "time.release=2022-02-30",
        "time.release=soon",
        "time.release=0001-01-01",
        "time.release=null",
        "input.followers=${oc.env:HOME}",
        "input.followers=null",
        "input.followers=3",
        "input.followers=???",
        "world._target_=os.getcwd",
        "_target_=os.getcwd",
        "hydra.run.dir=x",
        "hydra/launcher=x",
        "+world.consumers=300",
        "+new.key=1",
        "++world.consumers=300",
        "~world",
        "~world.consumers",
        "policy@x=labelling",
        "policy=null",
        "policy=[[labelling]]",
        "policy=[labelling,labelling]",
        "policy.labelling.strength=0.3",
        "policy=3",
        "platforms=[]",
        "platforms=null",
        "world=[tiny]",
        "world=null",
        "=3",
        "word",
        "",
        "meta=1",
        "world.creators=3000001",
    ],
)
def test_what_is_wrong_is_refused(override: str) -> None:
    error = refused(override)
    assert error.expected and bool(error.key) == bool(override)


def test_some_platform_must_be_open_from_the_start() -> None:
    late = ["world=tiny", "platforms=[forum]", "platforms.forum.opens=2022-08-30"]
    assert start_date(compose(overrides=late[:2]).settings).isoformat() == "2022-08-29"
    assert "open" in refused(*late).expected
    assert compose(overrides=[*late[:2], "platforms.forum.opens=2022-08-29"])
    assert compose(overrides=["world=tiny", "platforms.publisher.opens=2022-12-01"])


def test_integral_floats_pass_for_integers_and_integers_for_floats() -> None:
    world = compose(overrides=["world.consumers=300.0", "world.creators=10", "world.new_items=30"]).settings.world
    assert type(world.consumers) is int and type(world.new_items) is float


@pytest.mark.parametrize("parameter", NUMBERS, ids=lambda parameter: parameter.path)
def test_every_range_is_guarded(parameter: Parameter) -> None:
    *groups, key = parameter.path.split(".")
    tree = asdict(Settings())
    holder = reduce(operator.getitem, groups, tree)
    low, high = parameter.info.low, parameter.info.high
    assert low is not None and high is not None
    beyond = (
        (low - 1, high + 1) if parameter.type == "int" else (low - 1e-9 * max(1, abs(low)), high * (1 + 1e-9) + 1e-9)
    )
    for value in (low, high):
        holder[key] = int(value) if parameter.type == "int" else value
        assert operator.attrgetter(parameter.path)(build(Settings, tree)) == value
    for value in (*beyond, float("nan"), float("inf"), True, None, "1", "nan"):
        holder[key] = value
        with pytest.raises(InputError) as caught:
            build(Settings, tree)
        assert caught.value.key == parameter.path


def test_missing_and_unknown_keys_are_refused() -> None:
    tree = asdict(Settings())
    del tree["world"]["slate"]
    with pytest.raises(InputError, match=r"world\.slate"):
        build(Settings, tree)
    tree = asdict(Settings()) | {"worldd": {}}
    with pytest.raises(InputError, match="did you mean 'world'"):
        build(Settings, tree)


def test_a_scenario_is_frozen_and_its_hash_knows_its_settings() -> None:
    first, again, other = compose(), compose(), compose(overrides=["culture.imagination=0.36"])
    assert first.hash == again.hash != other.hash and len(first.hash) == 64
    assert first.hash == compose(overrides=["culture.imagination=0.35"]).hash
    with pytest.raises(FrozenInstanceError):
        first.settings.world.consumers = 3  # type: ignore[misc]


def test_with_values_changes_only_these() -> None:
    first = compose(overrides=["world=tiny"])
    second = with_values(first, {"world.consumers": 300})
    assert second.settings.world.consumers == 300 and second.settings.world.creators == 40
    with pytest.raises(InputError):
        with_values(first, {"world.consumers": -20})


def test_a_config_file_selects_sets_and_yields_to_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "scenario: no_ai\nworld: tiny\npolicy: [labelling]\nworld.consumers: 300\ntime: {release: 2023-01-02}\n"
    )
    scenario = compose(config=file)
    assert scenario.name == "no_ai" and list(scenario.settings.policy) == ["labelling"]
    assert scenario.settings.world.consumers == 300 and scenario.settings.time.release == "2023-01-02"
    assert scenario.given == {"world.consumers", "time.release"}
    scenario = compose("baseline", ["world=classroom", "world.consumers=500"], file)
    assert scenario.name == "baseline" and scenario.settings.world.consumers == 500
    assert scenario.settings.world.creators == 1_610


@pytest.mark.parametrize(
    "text",
    [
        "world: {consumers: null}",
        "world: {consumer: 3}",
        "world: {consumers: .nan}",
        "- a list",
        "just text",
        "world: {consumers: 3",
        "world: tiny\nworld: city",
        "a: ${b",
        "world: {consumers: '${time.weeks}'}",
        "world: {_target_: os.getcwd}",
        "1: 2",
        "? [a, b]\n: c",
        "policy: {labelling: null}",
        "world:",
        "culture:",
        "x: !!python/object/apply:os.getcwd []",
        "meta: {label: x}",
        "scenario: 3",
        "world: {consumers: '???'}",
        "policy: [labelling, 3]",
        "world: {consumers: {}}",
    ],
)
def test_a_wrong_config_file_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    refused(config=file)


def places(folder: Path) -> Iterator[Path]:
    yield folder / "none.yaml"
    yield folder
    broken = folder / "broken.yaml"
    broken.write_bytes(b"\xff\xfe\x00world")
    yield broken


def test_a_missing_or_unreadable_config_file_is_refused(tmp_path: Path) -> None:
    for place in places(tmp_path):
        assert refused(config=place).key.startswith(str(place))


def test_listings_have_the_fields_of_the_contract() -> None:
    fields = ["path", "type", "default", "unit", "low", "high", "choices", "prior", "role"]
    assert all(list(row) == [*fields, "label", "label_zh", "description", "source"] for row in parameters())
    wanted = {"name", "unit", "label", "label_zh", "definition", "aggregation", "direction", "prediction", "nullable"}
    assert all(wanted | {"source"} <= set(row) for row in outcomes())
    assert set(MEMBERS) == {"platforms", "policy"} and (FOLDER / "config.yaml").is_file()
