"""Write docs/parameters.md and docs/outcomes.md from the two registries, docs/api.md from docstrings (`make docs`)."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from analysis.studies.markdown import table
from sim.base.outcomes import OUTCOMES, Outcome
from sim.money.flows import Account, Flow
from sim.settings import Parameter, Settings, parameters_of
from sim.settings.levers import LEVERS

HERE = Path(__file__).resolve().parent
PREDICTIONS = {
    "P1": "P1 · AI as an equal producer · AI成为对等的内容生产者",
    "P2": "P2 · More, better, cheaper · 量增质升本降",
    "P3": "P3 · Human and AI together · 人机协作",
    "P4": "P4 · Interaction as consumption · 人机交互成为消费方式",
    "P5": "P5 · AI giants · AI巨头崛起",
    "P6": "P6 · Synthetic data, immersive media · 合成数据与沉浸媒体",
    "P7": "P7 · Shallow and false · 浅层化与虚假",
    "P8": "P8 · Work · 就业冲击",
    "thesis": "Thesis · Creativity is the meta-value · 创造力是元价值",
    "": "Checks of the model · 模型检验",
}


def written(value: object) -> str:
    """Write a default or bound as a user would type it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def span(parameter: Parameter) -> str:
    """Say which values a parameter takes."""
    info = parameter.info
    if info.low is not None and info.high is not None:
        return f"{written(info.low)} to {written(info.high)}"
    return ", ".join(f"`{name}`" for name in info.choices) or ("true, false" if parameter.type == "bool" else "text")


def parameter_row(parameter: Parameter) -> tuple[str, ...]:
    """Lay out one parameter."""
    info = parameter.info
    default = f"`{written(parameter.default)}`" if parameter.default != "" else ""
    role = info.role + (f", {info.prior}" if info.prior else "")
    names = (f"`{parameter.path}`", info.label, info.label_zh)
    return (*names, default, span(parameter), info.unit, role, info.description, info.source)


def lever_row(name: str) -> tuple[str, ...]:
    """Lay out one lever, with the parameters that say what it does at full strength."""
    row = LEVERS[name]
    full = ", ".join(f"`{path}`" for path in row.full)
    texts = (row.label, row.label_zh, row.description, row.description_zh)
    return (f"`{name}`", *texts, full, "only AI's" if row.of_ai else "")


def parameters() -> str:
    """Write the page of parameters, a table for each group of the settings."""
    head = ("path", "label", "名称", "default", "range", "unit", "role, prior", "description", "source")
    rows = list(parameters_of(Settings))
    varied = sum(bool(parameter.info.prior) for parameter in rows)
    parts = [
        "# Parameters · 参数",
        "Written by `make docs` from `sim/settings`; don't edit. `*` stands for the name of a platform or a "
        "policy. Any of these can be set on the command line (`metavalue run baseline farms.human_minutes=20`). "
        "I1, C4 and the like name rows of [evidence.md](evidence.md); *assumption* marks a value that no source fixes.",
        f"{len(rows)} parameters, {varied} of them with a prior.",
    ]
    for group, members in groupby(rows, key=lambda parameter: parameter.path.split(".")[0]):
        parts += [f"## {group}", table(head, map(parameter_row, members))]
    parts += [
        "## Levers · 政策杠杆",
        "A lever's strength (`policy.*.strength`) is the share of cases that it reaches. The parameters named beside "
        "it say what full strength does. *Only AI's*: without AI it changes nothing.",
        table(("lever", "label", "名称", "what it does", "作用", "at full strength", "notes"), map(lever_row, LEVERS)),
    ]
    return "\n\n".join(parts) + "\n"


def outcome_row(outcome: Outcome) -> tuple[str, ...]:
    """Lay out one outcome; headline outcomes are bold."""
    name = f"**`{outcome.name}`**" if outcome.headline else f"`{outcome.name}`"
    notes = ["may be null"] * outcome.nullable + ["net of the twin"] * outcome.twin + ["only AI's"] * outcome.of_ai
    notes += [f"every {outcome.every} weeks"] * (outcome.every > 1)
    arrow = {"up": "↑", "down": "↓", "": ""}[outcome.direction]
    names = (name, outcome.label, outcome.label_zh)
    return (*names, outcome.unit, outcome.definition, outcome.aggregation, arrow, "; ".join(notes), outcome.source)


def outcomes() -> str:
    """Write the page of outcomes, a table for each prediction that has any."""
    head = ("name", "label", "名称", "unit", "definition", "over", "expected", "notes", "source")
    parts = [
        "# Outcomes · 指标",
        "Written by `make docs` from `sim/base/outcomes.py`; don't edit. Bold names answer their prediction. "
        "*Expected* is the direction in which the report of 2023 sees generative AI push an outcome; the model is free "
        "to disagree. "
        "*Net of the twin* means that only the difference from the paired arm is meaningful; *only AI's*, that a world "
        "without AI can have nothing of it, so that it is not held against one.",
    ]
    for prediction, title in PREDICTIONS.items():
        members = [outcome for outcome in OUTCOMES.values() if outcome.prediction == prediction]
        if members:
            parts += [f"## {title}", table(head, map(outcome_row, members))]
    return "\n\n".join(parts) + "\n"


PUBLIC = (  # what users may rely on: it changes only with a line in CHANGELOG.md that says so
    "sim.run",
    "sim.compare",
    "sim.load",
    "sim.repeat",
    "sim.model.ContentEcosystem",
    "sim.model.ScenarioModel",
    "sim.schedule.open_world",
    "sim.schedule.run_week",
    "sim.settings.scenario.compose",
    "sim.simulation.results.RunResult",
    "sim.experiment.pairing.Comparison",
    "analysis.statistics.summarise",
)


def described(path: str) -> str:
    """Lay out a public function or class: signature, docstring, and the first lines of its methods."""
    module, _, name = path.rpartition(".")
    entry = getattr(importlib.import_module(module), name)
    words = ", ".join(_taken(entry))
    parts = [f"## `{path}`", f"```text\n{name}({words})\n```", f"```text\n{inspect.getdoc(entry)}\n```"]
    if inspect.isclass(entry):
        methods = {key: member for key, member in vars(entry).items() if key[0] != "_" and inspect.isfunction(member)}
        parts += [
            f"- `{key}`: {(inspect.getdoc(member) or '').partition(chr(10))[0]}" for key, member in methods.items()
        ]
    return "\n\n".join(parts)


def _taken(entry: Any) -> Iterator[str]:
    """Names of the parameters of a function, or of a class's making; those after `*` are given by name."""
    starred = False
    for given in inspect.signature(entry).parameters.values():
        if given.kind is given.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        if given.kind not in (given.VAR_POSITIONAL, given.VAR_KEYWORD):
            yield given.name


def api() -> str:
    """Write the page of public names, from their docstrings."""
    head = (
        "# Public names · 公开接口",
        "Written by `make docs` from docstrings; don't edit. These names are public and stable: they change only with "
        "a line in [CHANGELOG.md](../CHANGELOG.md). Everything else may change with any version. Parameters after `*` "
        "are given by name.",
    )
    return "\n\n".join((*head, *map(described, PUBLIC))) + "\n"


def flow_row(flow: Flow) -> tuple[str, ...]:
    """Lay out one flow of money."""
    sides = (", ".join(account.label for account in accounts) for accounts in (flow.payers, flow.payees))
    return (f"`{flow.value}`", flow.label, flow.label_zh, *sides, flow.amount, "; ".join(flow.groups))


def flows() -> str:
    """Write the page of flows of money and of classes of accounts."""
    head = ("flow", "label", "名称", "from", "to", "amount", "part of")
    accounts = [(f"`{account.value}`", account.label, account.label_zh) for account in Account]
    parts = [
        "# Flows of money · 资金流",
        "Written by `make docs` from `sim/money/flows.py`; don't edit. Everything that is paid in a week is one of "
        "these flows, between two classes of accounts; the exhibit `flows` of a run holds them by week. *Part of* "
        "names the sums from which outcomes are made.",
        table(head, map(flow_row, Flow)),
        "## Accounts · 账户",
        table(("account", "label", "名称"), accounts),
    ]
    return "\n\n".join(parts) + "\n"


PAGES = {"parameters.md": parameters, "outcomes.md": outcomes, "flows.md": flows, "api.md": api}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
