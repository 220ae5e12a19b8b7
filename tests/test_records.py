"""Long studies go on where they were stopped, keep what made them, and write their pages from what is kept."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.studies import __main__ as command
from analysis.studies import inert, record, sizes, spreads, study, table, variance
from analysis.studies.study import Study
from sim.base.errors import InputError
from sim.settings.scenario import compose, with_values

SHORT = ("time.weeks=20", "time.burn_in_weeks=6")
PLAN = Study("the command", "tiny", 3, 1, 1, SHORT)
RECORDS = sorted(record.FOLDER.glob("*.json"))


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tables of runs lie in a directory of the test's own."""
    monkeypatch.setattr(table, "FOLDER", tmp_path)


def silent(_: str) -> None:
    """Tell nothing."""


def once(done: list[int], k: int) -> table.Numbers:
    """Work that counts how often it is done."""
    done.append(k)
    return {"value": 10.0 * k, "gone": float("nan")}


def test_rows_that_are_there_are_not_done_again(tmp_path: Path) -> None:
    done: list[int] = []
    tasks = [table.Task(f"key {k}", {"arm": "a", "replication": k}, once, (done, k)) for k in range(4)]
    first = table.rows_of(tasks[:2], 1, silent)
    assert done == [0, 1] and first[1]["value"] == 10.0 and first[1]["arm"] == "a"
    path = tmp_path / "runs.jsonl"
    path.write_text(path.read_text() + '["key 2", {"value"')  # cut off by a kill
    rows = table.rows_of(tasks, 1, silent)
    assert done == [0, 1, 2, 3] and [row["value"] for row in rows] == [0.0, 10.0, 20.0, 30.0]
    assert len(table.rows_of(tasks, 1, silent)) == 4 and done == [0, 1, 2, 3]
    assert np.isnan(table.column(rows, "gone", arm="a")).all() and table.column(rows, "gone", arm="b").size == 0


def test_workers_give_the_rows_that_one_process_gives() -> None:
    scenario = compose("baseline", PLAN.texts())
    tasks = [table.run_task(scenario, 1, k) for k in range(2)]
    alone = table.rows_of(tasks, 1, silent)
    (table.FOLDER / "runs.jsonl").unlink()
    both = table.rows_of(tasks, 2, silent)
    for a, b in zip(alone, both, strict=True):
        assert json.dumps(a | {"cpu_s": 0}) == json.dumps(b | {"cpu_s": 0})  # as text, nulls are equal too
        assert a["cpu_s"] > 0.0


def test_a_row_is_of_its_run_and_its_luck() -> None:
    scenario = compose("baseline", PLAN.texts())
    other = with_values(scenario, {"attention.skim": 0.3})
    tasks = [
        table.run_task(scenario, 1, 0), table.run_task(other, 1, 0),
        table.run_task(scenario, 2, 0), table.run_task(scenario, 1, 1),
        table.run_task(scenario, 1, 0, luck=1),
    ]  # fmt: skip
    assert len({task.key for task in tasks}) == len(tasks)


def test_spreads_measure_every_arm(monkeypatch: pytest.MonkeyPatch) -> None:
    switches = {spreads.INDEPENDENT: "pools.explore=0.5", "another": "farms.growth=0.2"}
    arms = {spreads.AS_IT_IS: (), **{name: (text,) for name, text in switches.items()}}
    monkeypatch.setattr(spreads, "ARMS", arms)
    monkeypatch.setattr(spreads, "SPREAD_OUTCOMES", ("items_new", "trust_mean"))
    found = record.rounded(record.record_of(PLAN, spreads.measure(PLAN)))
    assert list(found["arms"]) == list(arms)
    level = found["arms"]["another"]["items_new"]
    assert level["sd"] == pytest.approx(np.std(level["values"], ddof=1), rel=1e-3) and "controlled" not in level
    text = spreads.tell(found)["spreads_tiny"]
    assert text.startswith("`the command`") and text.count("\n| ") == 1 + 1 + 2 * len(arms)


def test_verdicts_on_spreads() -> None:
    def arm(mean: float, sd: float) -> dict[str, Any]:
        return {name: {"mean": mean, "sd": sd, "n": 48} for name in spreads.SPREAD_OUTCOMES}

    arms = {spreads.AS_IT_IS: arm(0.6, 0.06), spreads.INDEPENDENT: arm(0.63, 0.1)}
    lines = spreads.verdicts({"world": "classroom", "arms": arms})
    assert [line.split(": ")[-1] for line in lines] == ["missed.", "missed.", "met.", "missed."]
    assert "differ by -0.030 (standard error 0.017)" in lines[1]


def test_mends_are_switches_of_the_model() -> None:
    """What a study switches off exists, and is on by default."""
    usual = compose("baseline").settings
    for text in spreads.MENDS.values():
        assert compose("baseline", [text]).settings != usual, text


def test_sizes_differ_in_size_alone() -> None:
    base = compose("baseline", ["world=classroom"])
    more, same = sizes.scaled(base, 10.0).settings, sizes.scaled(base, 1.0).settings
    assert same == base.settings
    for name in sizes.PER_HEAD:
        assert getattr(more.world, name) == pytest.approx(10 * getattr(base.settings.world, name))
    assert (more.world.genres, more.world.slate, more.attention) == (
        base.settings.world.genres, base.settings.world.slate, base.settings.attention,
    )  # fmt: skip
    assert [sizes.replications_of(factor, 24) for factor in sizes.FACTORS] == [24, 24, 6]


def test_sizes_of_a_tiny_world_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "FACTORS", (1.0, 2.0))
    monkeypatch.setattr(sizes, "SHARES", ("trust_mean", "platform_hhi"))
    monkeypatch.setattr(sizes, "RELATIVE", ("items_new",))
    found = record.rounded(record.record_of(PLAN, sizes.measure(PLAN)))
    assert found["people"] == [500, 1000] and found["levels"]["500"]["trust_mean"]["n"] == 3
    told = {row["outcome"]: row["gaps"][0]["verdict"] for row in found["differences"]}
    assert told == {"trust_mean": "inside", "platform_hhi": told["platform_hhi"], "items_new": "outside"}
    assert "| `items_new` |" in sizes.tell(found)["sizes"]


def test_differences_of_unequal_samples_by_hand() -> None:
    """Welch's example has no closed form; two samples of known variances have."""
    one, other = np.array([1.0, 2.0, 3.0]), np.array([4.0, 6.0, 8.0, 10.0, np.nan])
    mean, low, high = sizes.difference(one, other)
    error, freedom = (1 / 3 + (20 / 3) / 4) ** 0.5, (1 / 3 + 5 / 3) ** 2 / ((1 / 3) ** 2 / 2 + (5 / 3) ** 2 / 3)
    assert mean == 5.0 and (high - low) / 2 / error == pytest.approx(2.7, abs=0.2) and 4 < freedom < 5
    assert sizes.difference(np.ones(3), np.full(3, 2.0)) == (1.0, 1.0, 1.0)


def test_verdicts_on_sizes() -> None:
    found = [sizes.verdict(low, high, 0.08) for low, high in ((-0.08, 0.02), (-0.1, 0.02), (0.09, 0.2), (-0.3, -0.1))]
    assert found == ["inside", "open", "outside", "outside"]
    assert sizes.overall(["inside", "outside", "open"]) == "outside" and sizes.overall(["inside"]) == "inside"


def test_a_relative_difference_is_one_of_the_usual_level() -> None:
    values = {n: {"depth_used": np.array([0.2, 0.3, 0.4]) * f} for n, f in ((10, 1.0), (100, 1.5))}
    found = sizes.compare("depth_used", values, 100)
    assert found["gaps"][0]["difference"] == pytest.approx(0.15 / 0.45) and found["bound"] == sizes.PART


def test_futures_of_a_world_share_it_until_release() -> None:
    settings = (*SHORT, "technology.autonomy_lead=260")
    case = table.prepare(compose("baseline", ["world=tiny", *settings]))
    found, plain = variance.futures_of_world(case, 1, 0, 2), table.levels_of_run(case, 1, 0)
    assert all(found[f"{name} 0"] == plain[name] for name in ("items_new", "trust_mean"))
    assert any(found[f"{name} 1"] != plain[name] for name in ("items_new", "trust_mean"))


def test_the_ledger_of_a_tiny_world() -> None:
    plan = Study("the command", "tiny", 2, 1, 1, SHORT)
    found = record.rounded(record.record_of(plan, variance.measure(plan)))
    row = found["outcomes"]["items_new"]["priors"]
    assert [part["source"] for part in row["sources"]] == list(variance.SOURCES) and row["draws"] == 2
    assert "| `items_new` |" in variance.tell(found)["variance"]


def test_records_say_what_made_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "FOLDER", tmp_path)
    made = record.rounded(record.record_of(PLAN, {"share": 1 / 3, "none": float("nan"), "list": [np.pi]}))
    path = record.keep("toy", made)
    assert json.loads(path.read_text()) == record.read_record("toy", "tiny") == made
    assert made["share"] == 0.33333 and made["none"] is None and made["list"] == [3.1416]
    assert set(record.MADE_BY) <= set(made)
    with pytest.raises(InputError, match=r"analysis.studies other --world tiny"):
        record.read_record("other", "tiny")


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_kept_records_have_their_source_and_their_page(path: Path) -> None:
    name, world = path.stem.split("-")
    kept = record.read_record(name, world)
    assert set(record.MADE_BY) <= set(kept) and kept["world"] == world and len(kept["source_hash"]) == 64
    usual = command.RECORDED[name]
    page = (command.DOCS / usual.page).read_text(encoding="utf-8")
    for block, text in usual.tell(kept).items():
        assert f"<!-- results: {block} -->\n{text}\n<!-- end -->" in page, f"run the study with --tell --write: {block}"


def test_screening_a_small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inert, "AREAS", {"some": ("pools.promoted", "pools.shrinkage", "farms.code_scruple")})
    monkeypatch.setattr(inert, "LUCKS", 1)
    plan = Study("the command", "tiny", 2, 1, 1, ("time.weeks=8", "time.burn_in_weeks=4"))
    found = record.rounded(record.record_of(plan, inert.measure(plan)))
    assert list(found["tried"]) == ["pools.promoted", "pools.shrinkage", "farms.code_scruple"]
    assert found["inert"]["farms.code_scruple"]["same"]  # nobody promises the code without the lever
    told = inert.tell(found)
    assert "| `farms.code_scruple` | 0.0 and 5.0 | none in any digit |" in told["inert"]


def test_the_command_tells_what_is_kept_and_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(record, "FOLDER", tmp_path)

    def measure(_: Study) -> Mapping[str, Any]:
        return {"arms": {}}

    toy = command.Recorded(measure, lambda kept: {"toy": kept["command"]}, "tiny", 2, "toy.md")  # type: ignore[arg-type]
    monkeypatch.setitem(command.ALL, "toy", toy)  # type: ignore[arg-type]
    monkeypatch.setattr(command, "DOCS", tmp_path)
    page = tmp_path / "toy.md"
    page.write_text("<!-- results: toy -->\n<!-- end -->\n")
    assert command.main(["toy", "--tell"]) == 2
    assert command.main(["toy", "--write", "pools.explore=0.5"]) == 0
    line = "python -m analysis.studies toy --world tiny --replications 2 --seed 1 pools.explore=0.5"
    assert line in page.read_text() and capsys.readouterr().out.strip() == line
    assert command.main(["toy", "--tell"]) == 0


def test_studies_that_fill_model_md_take_changes_too() -> None:
    plan = Study("line", "classroom", 1, 1, 1, ("time.burn_in_weeks=9",))
    assert plan.weeks_before == 9 and plan.texts("a=b") == ("world=classroom", "time.burn_in_weeks=9", "a=b")
    assert study.HEADLINES
