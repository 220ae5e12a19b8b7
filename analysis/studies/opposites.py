"""Two studies of opposite answers: no prediction is built in, and open questions have settings for either answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.intervals import gaps_between
from analysis.studies.markdown import table
from analysis.studies.study import CHEAP_AI, Study, interval_text, late_effect, late_means, measured
from sim.simulation.results import RunResult

Arms = dict[str, list[RunResult]]  # the runs of each arm, by its name

REGION_SETTINGS = {  # overrides that stay within the parameters' ranges, found by search
    "expensive AI": ("farms.human_minutes=40", "farms.account_cost=0.2"),
    "cheap falsehood": (
        *CHEAP_AI, "farms.scruple=0.1", "trust.draft_budget=15", "trust.verification=4", "moderation.vigilance=0.2",
        "trust.ai_error=0.3", "trust.ai_error_floor=0.2",
    ),
    "cheap copies": (
        *CHEAP_AI, "culture.ai_familiarity=4", "culture.ai_temperature=0.3", "attention.novelty_amplitude=3",
        "attention.novelty_peak=1.7", "attention.stance_mean=1", "attention.beta_taste=1",
    ),
    "cheap explorers": (
        *CHEAP_AI, "culture.ai_familiarity=0", "culture.ai_temperature=0.9", "farms.scruple=5", "trust.ai_error=0",
        "trust.ai_error_floor=0",
        "attention.novelty_amplitude=3", "attention.novelty_peak=0.7",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class OppositeRegions:
    """Two regions of the parameters in which a prediction gets opposite answers.

    Attributes
    ----------
    outcome : what is measured over the last three years, against the paired world without AI.
    threshold : what a typical replication is compared with instead, where it is not 0, such as half of attention.
    claim : what is true where the outcome is above the threshold, or above the world without AI.
    regions : names of the two regions in `REGION_SETTINGS`.
    """

    outcome: str
    threshold: float
    claim: str
    regions: tuple[str, str]


OPPOSITE_REGIONS = {  # by prediction
    "P1": OppositeRegions(
        "ai_attention_share",
        0.5,
        "generated items hold more than half of attention",
        ("expensive AI", "cheap explorers"),
    ),
    "P7": OppositeRegions(
        "false_exposure_share", 0.0, "people meet more that is inaccurate", ("cheap falsehood", "cheap explorers")
    ),
    "thesis": OppositeRegions(
        "creativity_premium", 0.0, "novelty pays more with AI", ("cheap copies", "cheap explorers")
    ),
}


@dataclass(frozen=True)
class OpenQuestion:
    """A question that the model leaves open: two settings give opposite answers.

    Attributes
    ----------
    outcome, threshold : as in `OppositeRegions`.
    answers : what a negative and a positive difference mean.
    settings : overrides that lead to the first and to the second answer.
    own_world : whether it needs worlds of its own, since its settings would disturb the other questions.
    """

    outcome: str
    threshold: float
    answers: tuple[str, str]
    settings: tuple[tuple[str, ...], tuple[str, ...]]
    own_world: bool = False


OPEN_QUESTIONS = {
    "human commissions": OpenQuestion(
        "commissions_human", 0.0, ("shrink", "grow"),
        (("commissions.elasticity=0.3",), ("commissions.elasticity=1.8",)),
    ),
    "juniors per senior": OpenQuestion(
        "junior_senior_ratio", 0.0, ("fall", "rise"),
        (("studios.cap_plan=0", "studios.cap_create=0.9", "studios.cap_edit=0"),
         ("studios.cap_plan=0.9", "studios.cap_create=0", "studios.cap_edit=0.9")),
    ),
    "AI's supply": OpenQuestion(
        "ai_supply_share", 0.5, ("low plateau", "high plateau"),
        (("farms.human_minutes=20", "farms.account_cost=0.2"), CHEAP_AI),
    ),
    "vendors": OpenQuestion(
        "vendor_hhi_spend", 0.25, ("not concentrated", "concentrated"),
        (("vendors.fixed_cost=0.003", "vendors.research_returns=0"),
         ("vendors.fixed_cost=0.2", "vendors.research_returns=1", "vendors.quality_sensitivity=8",
          "vendors.open_weights=false")),
    ),
    "depth": OpenQuestion(  # payouts draw cheap AI producers to short or to long formats
        "depth_used", 0.0, ("falls", "rises"),
        ((*CHEAP_AI, "platforms.short_video.payout=0.9", "platforms.video_library.payout=0.1"),
         (*CHEAP_AI, "platforms.short_video.payout=0.1", "platforms.video_library.payout=0.9")),
        own_world=True,
    ),
}  # fmt: skip


def regions(study: Study) -> dict[str, str]:
    """Measure each prediction in two regions where it gets opposite answers."""
    arms_of = {name: study.run("baseline", "no_ai", *texts).arms for name, texts in REGION_SETTINGS.items()}
    rows = []
    for prediction, opposite in OPPOSITE_REGIONS.items():
        outcome, threshold = opposite.outcome, opposite.threshold
        for name in opposite.regions:
            arms = arms_of[name]
            found, effect = late_effect(arms["baseline"], arms["no_ai"], outcome, threshold)
            answer = {"up": "yes", "down": "no", None: "–"}.get(effect, "no clear effect")
            reading = f"{opposite.claim}: {answer}"
            rows.append((prediction, name, measured(outcome, threshold), interval_text(found, threshold), reading))
    head = ("", "region", "against `no_ai`, or a threshold", "difference [95 %]", "reading")
    settings = (f"- {name}: " + ", ".join(f"`{text}`" for text in texts) for name, texts in REGION_SETTINGS.items())
    return {"regions": f"{study.source}\n\n{table(head, rows)}\n\n" + "\n".join(settings)}


def signs(study: Study) -> dict[str, str]:
    """Measure each open question under the settings for its first and for its second answer."""
    arms_of = _run_both_sides(study)
    rows = []
    for key, question in OPEN_QUESTIONS.items():
        outcome, threshold = question.outcome, question.threshold
        for side, texts in enumerate(question.settings):
            arms = arms_of[key, side]
            found, effect = late_effect(arms["baseline"], arms["no_ai"], outcome, threshold)
            negative, positive = question.answers
            rows.append(
                (
                    key,
                    ", ".join(f"`{text}`" for text in texts),
                    measured(outcome, threshold),
                    interval_text(found, threshold),
                    _agreement(arms, outcome, threshold),
                    {"down": negative, "up": positive, None: "–"}.get(effect, "no clear effect"),
                )
            )
    head = ("", "settings", "against `no_ai`, or a threshold", "difference [95 %]", "runs alike in sign", "reading")
    return {"signs": f"{study.source}\n\n{table(head, rows)}"}


def _run_both_sides(study: Study) -> dict[tuple[str, int], Arms]:
    """Run every question's settings for either answer; the arms by question and side (0 or 1).

    Questions share a world where they bear on parts of the model that hardly touch one another: one world has all the
    settings for first answers, another all those for second answers.
    """
    shared = [key for key, question in OPEN_QUESTIONS.items() if not question.own_world]
    alone = [[key] for key, question in OPEN_QUESTIONS.items() if question.own_world]
    arms_of: dict[tuple[str, int], Arms] = {}
    for keys in (shared, *alone):
        for side in (0, 1):
            texts = [text for key in keys for text in OPEN_QUESTIONS[key].settings[side]]
            arms = study.run("baseline", "no_ai", *texts).arms
            arms_of |= {(key, side): arms for key in keys}
    return arms_of


def _agreement(arms: Arms, outcome: str, threshold: float) -> str:
    """Count the replications whose difference has the commoner sign: `11 of 12`."""
    values = late_means(arms["baseline"], outcome)
    against = np.full(values.size, threshold) if threshold else late_means(arms["no_ai"], outcome)
    gaps = gaps_between(values, against)
    return f"{max((gaps > 0).sum(), (gaps < 0).sum())} of {len(gaps)}"
