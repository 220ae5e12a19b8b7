"""Every parameter and outcome is complete, in range, labelled in two languages, and used."""

import dataclasses
import math
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from analysis.text import sentences
from sim.base.outcomes import OUTCOMES, Outcome
from sim.model import ContentEcosystem
from sim.settings import Parameter, Settings, parameters_of
from sim.settings.levers import LEVERS
from sim.settings.scenario import compose

ROOT = Path(__file__).resolve().parents[1]
PARAMETERS = list(parameters_of(Settings))
MAX_UNCERTAINTIES = 40  # 15 calibrated and 25 with a prior
BURN_IN, WEEKS = 12, 66  # over a year after the release: AI is taken up, farms enter, payouts are bargained
CJK = re.compile(r"[\u4e00-\u9fff]")
PREDICTIONS = {"", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "thesis"}


def path_of(parameter: Parameter) -> str:
    return parameter.path


@pytest.mark.parametrize("parameter", PARAMETERS, ids=path_of)
def test_metadata_is_complete(parameter: Parameter) -> None:
    info = parameter.info
    assert info.label.strip() and CJK.search(info.label_zh)
    assert not CJK.search(info.label)
    assert info.description.endswith(".") and info.source.strip()
    assert info.role in ("uncertainty", "lever", "structure")
    assert (info.role == "uncertainty") == bool(info.prior)


@pytest.mark.parametrize("parameter", PARAMETERS, ids=path_of)
def test_default_is_of_its_type_and_in_range(parameter: Parameter) -> None:
    info, value = parameter.info, parameter.default
    assert type(value).__name__ == parameter.type
    if isinstance(value, bool):
        assert (info.low, info.high, info.choices) == (None, None, ())
    elif isinstance(value, (int, float)):
        assert info.unit and info.low is not None and info.high is not None
        assert math.isfinite(value) and info.low <= value <= info.high and info.low < info.high
        assert info.prior != "loguniform" or info.low > 0
    else:
        assert not info.choices or value in info.choices
        if "ISO date" in info.description and value:
            date.fromisoformat(value)


def test_labels_and_paths_are_unique() -> None:
    for values in (
        [parameter.path for parameter in PARAMETERS],
        [parameter.info.label for parameter in PARAMETERS],
        [parameter.info.label_zh for parameter in PARAMETERS],
        [outcome.label for outcome in OUTCOMES.values()],
        [outcome.label_zh for outcome in OUTCOMES.values()],
    ):
        assert len(values) == len(set(values)), sorted({value for value in values if values.count(value) > 1})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_group_has_a_title_in_reports(language: str) -> None:
    groups = {parameter.path.split(".")[0] for parameter in PARAMETERS}
    missing = groups - sentences(language)["parameters"]["groups"].keys()
    assert not missing, f"write a title for {sorted(missing)} at parameters.groups in analysis/text/{language}.yaml"


def test_few_enough_uncertainties() -> None:
    assert 0 < sum(bool(parameter.info.prior) for parameter in PARAMETERS) <= MAX_UNCERTAINTIES


@pytest.fixture(scope="module")
def read() -> set[str]:
    """Run a tiny world with every lever and list the parameters that the model looks at.

    Pay that does not fall and impatient creditors close some of many small studios after their first year, so that
    founding has a place.
    """
    seen: set[str] = set()
    watched = {kind: prefix for prefix, kind in groups(Settings)}
    levers = [f"policy=[{','.join(LEVERS)}]", *(f"policy.{name}.start=2022-12-05" for name in LEVERS)]
    sizes = ["world=tiny", "world.genres=8", f"time.weeks={WEEKS}", f"time.burn_in_weeks={BURN_IN}",
             "creators.adoption_rate=0.1", "farms.human_minutes=0.5", "farms.account_cost=0.005",
             "platforms=[short_video,microblog,search,publisher,ai_native,immersive]", "interactive.opening=4",
             "platforms.immersive.opens=2022-12-05", "studios.least_pay=1", "studios.insolvency_weeks=1",
             "world.studios=12"]  # fmt: skip
    settings = compose("autonomous", sizes + levers).settings
    with pytest.MonkeyPatch.context() as patch:
        for kind, prefix in watched.items():
            patch.setattr(kind, "__getattribute__", watch(seen, prefix))
        model = ContentEcosystem(settings=settings, rng=1)
        for _ in range(WEEKS):
            model.step()
        model.outcomes()
        model.exhibits()
    return seen


def groups(kind: type, prefix: str = "") -> Iterator[tuple[str, type]]:
    """List the groups of a settings tree by the prefix of their parameters' paths."""
    yield prefix, kind
    for name, hint in get_type_hints(kind).items():
        if dataclasses.is_dataclass(hint):
            yield from groups(hint, f"{prefix}{name}.")
        elif get_origin(hint) is not None and dataclasses.is_dataclass(get_args(hint)[-1]):
            yield from groups(get_args(hint)[-1], f"{prefix}{name}.*.")


def watch(seen: set[str], prefix: str) -> Callable[[object, str], Any]:
    """Make a reader of attributes that notes which ones were read."""

    def get(self: object, name: str) -> Any:
        seen.add(prefix + name)
        return object.__getattribute__(self, name)

    return get


def test_every_parameter_is_read(read: set[str]) -> None:
    """A parameter that neither a run nor the runner around the model looks at is a dead option."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "sim").rglob("*.py"))
    around = set(re.findall(r"\bsettings\.((?:input|time)\.\w+)", source))
    assert not [parameter.path for parameter in PARAMETERS if parameter.path not in read | around]


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome_is_complete(name: str) -> None:
    outcome: Outcome = OUTCOMES[name]
    assert outcome.name == name and re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert outcome.label.strip() and CJK.search(outcome.label_zh) and not CJK.search(outcome.label)
    assert outcome.unit and outcome.definition.endswith(".") and outcome.aggregation and outcome.source
    assert outcome.direction in ("up", "down", "") and outcome.prediction in PREDICTIONS
    assert outcome.every == 1 or (outcome.every > 1 and outcome.nullable)
    assert not outcome.headline or outcome.prediction


def test_every_prediction_with_outcomes_has_a_headline() -> None:
    asked = {outcome.prediction for outcome in OUTCOMES.values()} - {""}
    assert asked == {outcome.prediction for outcome in OUTCOMES.values() if outcome.headline}
