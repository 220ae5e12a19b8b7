"""Made-up runs in the shape of real ones, so that analysis is tested without the model."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sim.base.outcomes import OUTCOMES
from sim.settings import Settings, parameters_of

START = "2021-11-29"
PLATFORMS = ("short_video", "video_library", "microblog", "open_text", "forum", "search", "publisher")
# last level and change by AI of a few outcomes; others wander round one half without effect
LEVELS = {
    "items_new": (1200.0, 900.0),
    "deep_time_share": (0.42, -0.05),
    "depth_used": (0.3, -0.04),
    "dwell_mean": (41.0, -4.0),
    "trust_mean": (0.78, -0.02),
    "unit_cost": (11.0, -2.5),
    "craft_mean": (0.1, -0.15),
    "creativity_premium": (0.2, 0.08),
    "frontier_growth": (0.02, -0.01),
    "n_farms": (0.0, 60.0),
    "n_live": (9000.0, 2500.0),
    "platforms_per_consumer": (3.1, 0.0),
    "false_exposure_share": (0.05, 0.02),
    "lovelace_pass_rate": (0.0, 0.012),
    "lovelace_human_rate": (0.05, 0.0),
}


@dataclass
class Run:
    """Stands in for sim.simulation.results.RunResult."""

    outcomes: pd.DataFrame
    manifest: dict[str, Any]
    exhibits: dict[str, pd.DataFrame]


@dataclass
class Comparison:
    """Stands in for sim.experiment.pairing.Comparison."""

    scenario: str
    against: str | None
    arms: dict[str, list[Run]]
    manifest: dict[str, Any] = field(default_factory=dict)


def outcomes(ai: bool, replication: int, weeks: int = 312, burn_in: int = 52) -> pd.DataFrame:
    """Plausible outcomes: noise shared by both arms of a replication, and a rise after the release with AI."""
    dates = pd.date_range(START, periods=weeks, freq="7D", name="date")
    week = np.arange(weeks)
    rise = 1 / (1 + np.exp(-(week - burn_in - 80) / 30)) * (week >= burn_in) if ai else np.zeros(weeks)
    shared, own = np.random.default_rng(replication), np.random.default_rng((replication, int(ai)))
    columns: dict[str, Any] = {"week": week}
    for place, (name, outcome) in enumerate(OUTCOMES.items()):
        base, change = LEVELS.get(name, (0.3 + 0.05 * (place % 5), 0.0))
        if outcome.of_ai and name not in LEVELS:
            base, change = 0.0, 0.15 + 0.1 * (place % 4)
        level = 0.04 * (0.1 + abs(base))
        noise = level * (shared.normal() + 0.4 * own.normal() + 0.3 * shared.normal(size=weeks))
        values = base + change * rise + noise * ((base != 0) | (rise > 0))
        if outcome.unit == "share":
            values = values.clip(0, 1)
        if outcome.every > 1:
            values[week % outcome.every != outcome.every - 1] = np.nan
        if outcome.nullable and outcome.of_ai:
            values[rise == 0] = np.nan
        columns[name] = values
    return pd.DataFrame(columns, index=dates)


def exhibits(ai: bool, replication: int, weeks: int = 312, groups: bool = True) -> dict[str, pd.DataFrame]:
    """Works, nodes, edges, groups, platforms and flows of one run."""
    rng = np.random.default_rng((replication, 7))
    rows = []
    for week in range(0, weeks, 26):
        for origin in ("human", "assisted", "generated") if ai and week >= 52 else ("human",):
            spread = {"human": 1.0, "assisted": 0.8, "generated": 0.5}[origin]
            points = rng.standard_t(3, (120, 8)) * spread * np.linspace(1, 0.4, 8)
            frame = pd.DataFrame(points.astype("f4"), columns=[f"c{axis}" for axis in range(8)])
            rows.append(
                frame.assign(
                    week=week,
                    date=pd.Timestamp(START) + pd.Timedelta(weeks=week),
                    origin=origin,
                    genre=rng.integers(0, 8, 120),
                    novelty=1.0,
                )
            )
    kinds = ["consumer"] * 90 + ["creator"] * 40 + ["studio"] * 10 + ["farm"] * (10 if ai else 0)
    nodes = pd.DataFrame(
        {
            "id": np.arange(len(kinds)) * 10,
            "kind": kinds,
            "genre": rng.integers(0, 8, len(kinds)),
            "followers": rng.pareto(1.1, len(kinds)) * 10,
            "age_group": "18-24",
        }
    )
    heavy = nodes["followers"] / nodes["followers"].sum()
    edges = pd.DataFrame({"source": rng.choice(nodes["id"], 420), "target": rng.choice(nodes["id"], 420, p=heavy)})
    ages = ["18-24", "25-39", "40-59", "60+"] if groups else ["all"]
    table = pd.DataFrame(
        {
            "age_group": ages,
            "consumers": 5000,
            "minutes": 800.0,
            "deep_time_share": np.linspace(0.3, 0.5, len(ages)) - 0.04 * ai,
            "trust_mean": np.linspace(0.7, 0.8, len(ages)),
            "ai_attention_share": np.linspace(0.3, 0.2, len(ages)) * ai,
        }
    )
    dates = pd.date_range(START, periods=weeks, freq="7D")
    each = [
        pd.DataFrame(
            {
                "week": np.arange(weeks),
                "date": dates,
                "platform": name,
                "attention_share": (k + 1 + np.sin(np.arange(weeks) / 40 + k) / 3),
                "trust": 0.7,
                "ai_attention_share": ai * np.clip((np.arange(weeks) - 52) / 600, 0, 1) * (k + 1) / 7,
            }
        )
        for k, name in enumerate(PLATFORMS)
    ]
    platforms = pd.concat(each, ignore_index=True)
    platforms["attention_share"] /= platforms.groupby("week")["attention_share"].transform("sum")
    kinds_of_flow = [
        ("advertising", "advertisers", "platforms", 10.0, 12.0),
        ("subscriptions", "households", "platforms", 2.0, 2.0),
        ("payout", "platforms", "creators", 4.0, 3.0),
        ("payout", "platforms", "farms", 0.0, 2.0 * ai),
        ("model fee", "farms", "vendors", 0.0, 0.5 * ai),
        ("sales", "world", "advertisers", 10.0, 12.0),
    ]
    flows = pd.concat(
        [
            pd.DataFrame({"week": np.arange(weeks), "date": dates}).assign(
                flow=flow, payer=payer, payee=payee, amount=np.where(np.arange(weeks) < 52, early, late)
            )
            for flow, payer, payee, early, late in kinds_of_flow
        ],
        ignore_index=True,
    )
    flows = flows[flows["amount"] > 0]
    return {
        "works": pd.concat(rows, ignore_index=True),
        "nodes": nodes,
        "edges": edges,
        "groups": table,
        "platforms": platforms,
        "flows": flows,
    }


def settings(scenario: str) -> dict[str, Any]:
    """The registry's defaults as the nested tree of a manifest."""
    tree: dict[str, Any] = {}
    for parameter in parameters_of(Settings):
        paths = (
            [parameter.path.replace("*", name) for name in PLATFORMS]
            if parameter.path.startswith("platforms")
            else [parameter.path]
        )
        for path in paths if "policy" not in parameter.path else []:
            *groups, last = path.split(".")
            node = tree
            for group in groups:
                node = node.setdefault(group, {})
            node[last] = parameter.default
    tree["technology"]["ai"] = scenario != "no_ai"
    return tree


def comparison(replications: int = 5, paired: bool = True, weeks: int = 312, groups: bool = True) -> Comparison:
    """Baseline, perhaps against no_ai, with all exhibits."""
    arms = {}
    for arm in ("baseline", "no_ai") if paired else ("baseline",):
        ai = arm != "no_ai"
        manifest = {
            "scenario": arm,
            "preset": arm,
            "levers": [],
            "warnings": [],
            "scenario_hash": "ab" * 32,
            "overrides": ["world=standard", "culture.imagination=0.4"],
            "seed": 0,
            "model_version": "0.1.0",
            "source_hash": "cd" * 32,
            "commit": "0123abc",
            "run_id": "ef" * 8,
            "python": "3.11.2",
            "packages": {"numpy": "2.4.0"},
            "machine": "x86_64",
            "started": "2026-01-05T12:00:00",
            "wall_s": 19.5,
            "threads": 1,
            "settings": settings(arm),
        }
        arms[arm] = [Run(outcomes(ai, k, weeks), manifest, exhibits(ai, k, weeks, groups)) for k in range(replications)]
    manifest = arms["baseline"][0].manifest | {"against": "no_ai" if paired else None, "replications": replications}
    return Comparison("baseline", "no_ai" if paired else None, arms, manifest)
