"""Files of sweeps: a table is read as it is written, and a plan that was written down runs again as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sim.base.errors import InputError
from sim.experiment.plan import Plan
from sim.experiment.point_table import MAX_ROWS
from sim.experiment.store import Store
from sim.experiment.sweep_file import build_plan, plan_files, read_plan

HEADER = "farms.human_minutes,farms.items"


def tabled(place: Path, text: str | bytes, **keys: Any) -> Plan:
    """The plan of a table."""
    path = place / "points.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return build_plan({"name": "x", "overrides": ["world=tiny"], "design": "csv", "table": str(path)} | keys)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"{HEADER}\n5,14\n6,15\n", [(5.0, 14.0), (6.0, 15.0)]),
        (f"\ufeff{HEADER}\r\n5,14\r\n\r\n6,15\r\n,\r\n,\r\n", [(5.0, 14.0), (6.0, 15.0)]),
        (HEADER.replace(",", ";") + "\n5;14\n", [(5.0, 14.0)]),
        (HEADER.replace(",", "\t") + "\n5\t14\n", [(5.0, 14.0)]),
        ('"farms.human_minutes", "farms.items"\n" 5 ",1.4e1\n', [(5.0, 14.0)]),
        (
            "farms.law,vendors.open_weights,vendors.giants\nai,TRUE,2.0\nhuman,false,3\n",
            [("ai", True, 2), ("human", False, 3)],
        ),
        ("time.release,labelling\n2022-11-28,1\n2024-02-26,0.50\n", [("2022-11-28", 1.0), ("2024-02-26", 0.5)]),
        ("trust.rate\n0.01\n0.010000001\n\n", [(0.01,), (0.010000001,)]),
    ],
)
def test_what_is_written_in_a_table_is_run(tmp_path: Path, text: str, rows: list[tuple[Any, ...]]) -> None:
    plan = tabled(tmp_path, text)
    assert list(plan.rows) == rows and [[*map(type, row)] for row in plan.rows] == [[*map(type, row)] for row in rows]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEADER}\n5,14,20\n6,15,21\n", "points.csv, line 2: got 3 fields, expected 2, as the header has"),
        (f"{HEADER}\n5,14\n6\n", "points.csv, line 3: got 1 field, expected 2"),
        (f"{HEADER}\n5,14\n,\n6,15\n", "points.csv, line 3, column farms.human_minutes: got nothing"),
        ("trust.rate\n0.01\n\n0.02\n", "points.csv, line 3, column trust.rate: got nothing"),
        ("trust.rate\n010\n", "line 2, column trust.rate: got 010, expected a number"),
        ("vendors.giants\n02\n", "line 2, column vendors.giants: got 02, expected a whole number"),
        ("vendors.giants\n2.5\n", "got 2.5, expected a whole number"),
        ("vendors.giants\nTRUE\n", "got TRUE, expected a whole number"),
        ("vendors.open_weights\n1\n", "got 1, expected true or false"),
        ("trust.rate\nNA\n", "got NA, expected a number"),
        ("trust.rate\nnan\n", "got nan, expected a number"),
        ("trust.rate\n1e400\n", "got 1e400, expected a number"),
        ("trust.rate\n٠.٠١\n", "expected a number"),
        ("trust.rate\n1_0\n", "got 1_0, expected a number"),
        ('trust.rate\n"0,01"\n', "line 2, column trust.rate: got 0,01"),
        ("trust.rate;labelling\n0,01;1\n", "line 2, column trust.rate: got 0,01"),
        ("farms.law\nNA\n", "got NA, expected one of ai, human"),
        ("trust.rat\n0.01\n", "header, column 1: got trust.rat, .* did you mean 'trust.rate'"),
        ("0.5,0.3\n0.1,0.2\n", "header, column 1: got 0.5, expected a parameter or a policy"),
        (",trust.rate\n1,0.01\n", "header, column 1: got nothing"),
        ("# a note\ntrust.rate\n0.01\n", "header, column 1: got # a note"),
        ("trust.rate\n# a note\n", "line 2, column trust.rate: got # a note"),
        ("trust.rate,trust.rate\n0.01,0.02\n", "header: got trust.rate, expected each once"),
        ("labelling,policy.labelling.strength\n1,1\n", "labelling sets policy.labelling.strength too"),
        ("trusted_aigc,labelling\n1,1\n", "trusted_aigc sets policy.labelling.strength too"),
        ("trust.rate\n0.01\n0.02\n0.010\n", "line 4: got the point of line 2 again, expected each point once"),
        ("input.followers\na.csv\n", "no data file among factors"),
        ("a;b,c\n1,2\n", "line 1: got a;b,c"),
        ('trust.rate\n"0.01\n', "line 2: .*closed quotes"),
        (b"trust.rate\n\xc7\xd0\n", "line 2: got byte 0xc7, .*save it as CSV UTF-8"),
        ("", "got an empty file"),
        ("\n\n", "got an empty file"),
        ("trust.rate\n\n", "got no rows"),
        ("trust.rate\n" + "\n".join(f"0.01{k:06d}" for k in range(MAX_ROWS + 1)), "more than 100,000 rows"),
    ],
)
def test_what_a_table_leaves_open_is_refused_by_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(InputError, match=said) as wrong:
        tabled(tmp_path, text)
    assert "\n" not in str(wrong.value)


def test_only_regular_files_are_tables(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for source in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError, match=r"got (no regular file|a directory)"):
            build_plan({"design": "csv", "table": str(source)})


def test_an_override_of_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"overrides: got trust.rate, .*the factor trust.rate"):
        tabled(tmp_path, "trust.rate\n0.01\n", overrides=["world=tiny", "trust.rate=0.02"])


PLANS: dict[str, dict[str, Any]] = {
    "grid": {"levers": {"labelling": [0, 0.5], "farms.law": ["ai", "human"]}},
    "grid over a range": {"design": "grid", "samples": 3, "uncertainties": {"trust.rate": [0.01, 0.02]}},
    "lhs": {
        "levers": {"labelling": [0, 1], "time.release": ["2022-11-28", "2024-02-26"]}, "samples": 5, "against": "no_ai",
        "uncertainties": {"farms.account_cost": None, "vendors.open_weights": "choice(true,false)", "farms.law":
                          "choice(ai,human)", "vendors.giants": "choice(1,3)", "trust.rate": "choice(0.01,0.0125)"},
    },
    "sobol": {"design": "sobol", "samples": 4, "uncertainties": {"trust.rate": [0.01, 0.02], "farms.removal": None}},
    "morris": {"design": "morris", "samples": 2, "uncertainties": ["trust.rate", "vendors.giants"], "replications": 2},
}  # fmt: skip


def ids(plan: Plan, place: Path) -> list[str]:
    """Run ids in order, as a store plans them."""
    store = Store.create(place, plan)
    with store.lock():
        store.enlist()
    return [str(run) for run in store.runs()["run_id"]]


@pytest.mark.parametrize("case", [*PLANS, "csv"])
def test_a_plan_that_was_written_runs_again_with_the_same_ids(
    tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the store's folder alone, wherever the command is given."""
    meta = {"label": "010", "label_zh": "1e3", "description": "on"}
    shared = {"overrides": ["world=tiny", "time.weeks=4"], "meta": meta}
    if case == "csv":
        text = "labelling,trust.rate,farms.law,time.release\n0,0.01,ai,2022-11-28\n1,0.0125,human,2024-02-26\n"
        plan = tabled(tmp_path, text, **shared, against="no_ai")
    else:
        plan = build_plan({"name": "on", "seed": 7, "outcomes": ["trust_mean"]} | shared | PLANS[case])
    planned = ids(plan, tmp_path / "a")
    (tmp_path / "points.csv").unlink(missing_ok=True)
    monkeypatch.chdir(tmp_path)
    again = read_plan("a/plan.yaml")
    assert again == plan and Plan.from_tree(again.to_tree()) == plan
    assert ids(again, tmp_path / "b") == planned and len(planned) > 1


def test_a_table_is_looked_for_beside_its_file_and_from_the_command_line_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plans").mkdir()
    Path("plans/mine.yaml").write_text("design: csv\ntable: p.csv\n")
    Path("plans/p.csv").write_text("trust.rate\n0.01\n")
    Path("p.csv").write_text("trust.rate\n0.02\n")
    assert read_plan("plans/mine.yaml").rows == ((0.01,),)
    assert read_plan("plans/mine.yaml", ["table=p.csv"]).rows == ((0.02,),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("samples: 010\nuncertainties: [trust.rate]\n", "line 1: got 010, expected a number without leading zeros"),
        ("uncertainties: [trust.rate]\nmeta: hello\n", "line 2, meta: got hello"),
        ("overrides: world=tiny\n", "line 1, overrides: got world=tiny, expected a list"),
        ("overrides:\n  - world: tiny\n", "line 1, overrides: .*expected a list of key=value"),
        ("levers:\n  labelling: [0, 1]\n  labelling: [0, 0.5]\n", "labelling"),
        ("levers:\n  labelling: [0, 0, 1]\n", "line 2, levers.labelling: got 0, 0, 1"),
        ("? [a, b]\n: 1\n", "."),
        ("5: 1\n", "5: got 1, expected one of name"),
        ("- a\n- b\n", "."),
        ("", "an empty file"),
        ("# nothing\n", "an empty file"),
    ],
)
def test_a_sweep_file_that_says_something_else_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(InputError, match=said) as wrong:
        read_plan(str(tmp_path / "mine.yaml"))
    assert "\n" not in str(wrong.value)


def test_keys_of_the_file_alone_are_refused_on_the_command_line() -> None:
    for word in ("levers=labelling", "meta=x", "overrides=world=tiny", "uncertainties=trust.rate"):
        with pytest.raises(InputError, match="a key of the file alone"):
            read_plan("first_look", [word])


def test_changes_of_the_command_line_are_not_blamed_on_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("samples: 3\nuncertainties: [trust.rate]\n")
    with pytest.raises(InputError, match=r"^samples: got 0"):
        read_plan(str(tmp_path / "mine.yaml"), ["samples=0"])


def test_written_plan_quotes_what_yaml_would_take_for_something_else() -> None:
    plan = build_plan({"name": "x", "meta": {"label": "010", "label_zh": "no", "description": "2022-11-28"}})
    text = plan_files(plan)["plan.yaml"].decode()
    assert 'label: "010"' in text and 'label_zh: "no"' in text and 'description: "2022-11-28"' in text
