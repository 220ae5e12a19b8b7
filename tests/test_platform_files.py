"""A user's own platform comes from a file in any folder, is checked like a packaged one, and outlives the file."""

from pathlib import Path

import pytest

from sim.agents.platforms import found_platforms, read_charters
from sim.base.clock import Calendar
from sim.base.codes import CREATOR, FARM, STUDIO
from sim.base.errors import InputError
from sim.experiment.from_manifest import read_recorded
from sim.experiment.plan import Plan
from sim.experiment.sweep_file import build_plan, plan_files, read_plan
from sim.settings import PlatformRules
from sim.settings.platform_files import written_out
from sim.settings.scenario import compose
from tests.commands import call
from tests.worlds import opened

CALENDAR = Calendar("2022-11-28", 13, 1)
PODCAST = """\
platforms:
  podcast:
    fit:
      inform: 1.0
    followed: 0.7
    opens: "2022-09-05"
    shows_counts: false
    subscription: 0.05
    subscription_pays: creators
"""


@pytest.fixture
def podcast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform's file, in the folder in which the test works."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "podcast.yaml"
    path.write_text(PODCAST)
    return path


def refused(path: Path, text: str, *overrides: str) -> InputError:
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        compose("baseline", ["world=tiny", f"platforms=[short_video,{path}]", *overrides])
    return caught.value


def test_a_file_is_laid_over_the_defaults_and_overrides_over_the_file(podcast: Path) -> None:
    settings = compose("", ["world=tiny", "platforms=[./podcast.yaml,short_video]", "platforms.podcast.followed=0.5"])
    assert list(settings.settings.platforms) == ["podcast", "short_video"]
    rules = settings.settings.platforms["podcast"]
    assert (rules.fit.inform, rules.followed, rules.theta) == (1.0, 0.5, PlatformRules().theta)
    assert settings.given == {"platforms.podcast.followed"}
    assert "podcast" in compose("", ["world=tiny", "platforms=[podcast.yaml,short_video]"]).settings.platforms


def test_a_file_of_changes_lists_it_too(podcast: Path) -> None:
    changes = podcast.parent / "changes.yaml"
    changes.write_text("world: tiny\nplatforms:\n  - short_video\n  - ./podcast.yaml\n")
    listed = ["world=tiny", "platforms=[short_video,./podcast.yaml]"]
    assert compose(config=changes).hash == compose(overrides=listed).hash
    changes.write_text("world: tiny\nplatforms: [short_video, ./podcast.yaml]\nplatforms.podcast.theta: 9\n")
    with pytest.raises(InputError, match=r"changes\.yaml, line 3, platforms\.podcast\.theta: got 9"):
        compose(config=changes)


@pytest.mark.parametrize(
    ("text", "line", "key", "value", "nearest"),
    [
        ("platforms:\n  podcast:\n    tetha: 3\n", 3, "platforms.podcast.tetha", 3, "platforms.podcast.theta"),
        ("platforms:\n  podcast:\n    theta: 30\n", 3, "platforms.podcast.theta", 30, ""),
        ("platforms:\n  podcast:\n    fit:\n      infrm: 1\n", 4, "platforms.podcast.fit.infrm", 1,
         "platforms.podcast.fit.inform"),
        ("platforms:\n  podcast:\n    open_to: studio\n", 3, "platforms.podcast.open_to", "studio", "studios"),
        ("platforms:\n  podcasts:\n    theta: 3\n", 1, "platforms", "podcasts", ""),
        ("platforms:\n  podcast: 3\n", 2, "platforms.podcast", "3", ""),
        ("theta: 3\n", 1, "theta", "3", ""),
        ("meta:\n  lable: x\nplatforms:\n  podcast:\n    theta: 3\n", 2, "meta.lable", "lable", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_key_value_and_nearest_name(
    text: str, line: int, key: str, value: object, nearest: str, podcast: Path
) -> None:
    error = refused(podcast, text)
    assert (error.key, error.value, error.nearest) == (f"{podcast}, line {line}, {key}", value, nearest)


def test_a_name_is_that_of_the_file_and_of_no_packaged_platform(tmp_path: Path) -> None:
    assert "another name" in refused(tmp_path / "forum.yaml", "platforms:\n  forum:\n    theta: 3\n").expected
    assert "letters" in refused(tmp_path / "my-pods.yaml", "platforms:\n  my-pods:\n    theta: 3\n").expected
    twice = "platforms=[{pods:{theta:1}},{pods:{theta:2}}]"
    assert "each name once" in refused(tmp_path / "a.yaml", "platforms: {a: {theta: 1}}", twice).expected
    assert refused(tmp_path / "pods.yaml", "").key == str(tmp_path / "pods.yaml")
    with pytest.raises(InputError, match=r"^gone/pods\.yaml: got .?no such file"):
        compose(overrides=["platforms=[short_video,gone/pods.yaml]"])
    with pytest.raises(InputError, match="or a YAML file; did you mean 'forum'"):
        compose(overrides=["platforms=[short_video,forums]"])


def test_a_file_written_out_in_an_override_says_the_same(podcast: Path) -> None:
    named = "platforms=[short_video,./podcast.yaml,microblog]"
    said = written_out(named)
    assert ".yaml" not in said
    one, other = (compose(overrides=["world=tiny", text]) for text in (named, said))
    assert one.hash == other.hash
    for text in ("platforms=[short_video]", "platforms.forum.theta=3", "time.weeks=5", "platforms=forum"):
        assert written_out(text) == text


def test_a_run_is_repeated_when_the_file_is_gone(podcast: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("world=tiny", "time.weeks=3", "time.burn_in_weeks=2", "platforms=[short_video,./podcast.yaml]")
    assert call(monkeypatch, "run", "baseline", *words, "--quiet", "--out", "out") == 0
    before = compose("baseline", words).hash
    podcast.unlink()
    assert read_recorded("out").cases[0].scenario.hash == before
    assert call(monkeypatch, "run", "--from", "out", "--quiet", "--out", "again") == 0


def test_a_sweep_keeps_what_the_file_says(podcast: Path) -> None:
    words = ["world=tiny", "platforms=[short_video,./podcast.yaml]", "platforms.podcast.followed=0.1,0.9"]
    plan = read_plan("baseline", words)
    composed = plan.cases["baseline"].scenario.hash
    podcast.unlink()
    again = Plan.from_tree(plan.to_tree())
    assert again.cases["baseline"].scenario.hash == composed
    for name, content in plan_files(plan).items():
        Path(name).write_bytes(content)
    assert read_plan("plan.yaml").cases["baseline"].scenario.hash == composed
    with pytest.raises(InputError, match="no such file"):
        build_plan({"name": "x", "overrides": words[:2]})


# What the properties say


def test_who_may_publish_and_whom_subscriptions_pay_are_properties() -> None:
    rules = {
        "a": PlatformRules(),
        "b": PlatformRules(open_to="studios", subscription_pays="creators"),
        "c": PlatformRules(open_to="ai", subscription_pays="producers"),
    }
    charters = read_charters(found_platforms(rules, CALENDAR))
    without, with_ai = charters.takes.transpose(2, 0, 1).astype(int)
    assert without.tolist() == [[1, 1, 1], [0, 1, 0], [0, 0, 1]] and with_ai.tolist() == [
        [1, 1, 1],
        [0, 1, 0],
        [1, 0, 1],
    ]
    assert charters.licensed[:, [CREATOR, STUDIO, FARM]].astype(int).tolist() == [[0, 1, 0], [1, 0, 0], [1, 1, 1]]
    assert charters.native.tolist() == [False, False, True]


def test_a_kind_keys_draws_and_is_the_name_where_it_is_left_out() -> None:
    def uids(**rules: PlatformRules) -> dict[str, int]:
        return {p.key: int(p.uid) for p in found_platforms(rules, CALENDAR)}

    named = uids(podcast=PlatformRules(), feed=PlatformRules(kind="interest_feed"))
    assert named["feed"] == uids(other=PlatformRules(kind="interest_feed"))["other"]
    assert named["podcast"] == uids(other=PlatformRules(kind="podcast"))["other"]
    assert len({*named.values(), *uids(a=PlatformRules(kind="x"), b=PlatformRules(kind="x")).values()}) == 4


@pytest.mark.parametrize("paid", ["studios", "creators", "producers"])
def test_whom_subscriptions_pay_earns_from_them_and_knows_it(paid: str) -> None:
    """Nothing else is paid here, so that creators earn nothing, and AI producers stay away, unless they are meant."""
    only = f"platforms=[{{club:{{payout:0,ad_load:0,subscription:0.05,subscription_pays:{paid}}}}}]"
    eager = (
        "technology=early_autonomy", "technology.autonomy_lead=260", "technology.item_price=0.001",
        "farms.human_minutes=0.5", "farms.account_cost=0.005", "farms.growth=0.3", "farms.smoothing=2",
    )  # fmt: skip
    size = ("world=tiny", "world.consumers=60", "world.creators=12", "time.weeks=9", "time.burn_in_weeks=4")
    model = opened(compose("", [*size, *eager, only]).settings, 9)
    earned = model.world.creators.columns.income.sum()
    assert (earned > 0) == (paid != "studios")
    assert (model.outcomes()["n_farms"].iloc[-1] > 0) == (paid == "producers")
