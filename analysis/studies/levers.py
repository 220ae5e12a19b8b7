"""What each policy lever is expected to do, written down before any run, and how a run is read against it.

For every lever and package: the outcome that it aims at and one side effect, each with a sign and the reason from which
the sign follows. `python docs/results.py levers` runs each against the same world without it, in pairs. A miss stays in
the table of docs/model.md: it is a finding, and no reason to change what was expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.settings.scenario import members

Reading = Literal["hit", "miss", "no clear effect", "–"]

# Both arms of a pair live in this world: AI can work alone from release and soon pays, so that runs may be short.
EAGER = (
    "time.burn_in_weeks=13", "time.weeks=78", "technology.autonomy_lead=260", "farms.human_minutes=2",
    "farms.account_cost=0.02", "farms.growth=0.3", "farms.smoothing=2", "creators.adoption_rate=0.1",
    "studios.reorganisation=26",
)  # fmt: skip
# A world in which lying pays some AI producers; in the eager one hardly any lies, and no lever can make it fewer.
TEMPTING = ("trust.draft_budget=15", "trust.verification=4", "moderation.vigilance=0.2", "farms.scruple=0.1")
# A world in which studios do lay off, long enough for trades to close; in the eager one nobody needs training.
DISPLACING = ("time.weeks=260", "labour.elasticity=0.3", "studios.cap_create=0.9", "studios.cap_edit=0.9")
START = "2022-11-28"  # the week of release


@dataclass(frozen=True)
class Effect:
    """An outcome, the sign in which it is expected to move (1 or -1), and why."""

    outcome: str
    sign: int
    reason: str


@dataclass(frozen=True)
class Expectation:
    """What a lever aims at and one side effect; `world` and levers `beside` it are the same in both arms."""

    aim: Effect
    side: Effect
    world: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


EXPECTATIONS = {
    "labelling": Expectation(
        Effect("ai_attention_share", -1, "Viewers averse to AI see what they are offered, and the label costs shares."),
        Effect("n_farms", -1, "Less attention pays fewer AI producers."),
    ),
    "watermark": Expectation(
        Effect("detected_share", 1, "A mark in the item is read whoever declares it."),
        Effect("ai_attention_share", -1, "What is read becomes a label, and the label repels."),
    ),
    "ai_exclusion": Expectation(
        Effect("ai_attention_share", -1, "What is labelled is met through follows, friends and queries alone."),
        Effect("n_farms", -1, "AI producers live on recommendation."),
        beside=("labelling",),
    ),
    "fact_check": Expectation(
        Effect("falsehood_exposure_share", -1, "A refuted item is believed and shared less, so that it travels less."),
        Effect("ai_falsehood_share", -1, "What travels less earns less, so that fewer lie."),
        world=TEMPTING,
    ),
    "content_review": Expectation(
        Effect("false_exposure_share", -1, "Half or more of the inaccurate is found before anyone meets it."),
        Effect("trust_mean", 1, "People who meet less that is wrong believe platforms more."),
        world=TEMPTING,
    ),
    "upload_cap": Expectation(
        Effect("ai_supply_share", -1, "Each account uploads less, and accounts are not free."),
        Effect("unit_cost_ai", 1, "An account's keep is spread over fewer items."),
    ),
    "quality_ranking": Expectation(
        Effect("craft_used", 1, "Well-made items are shown more."),
        Effect("creator_views_top3", 1, "The standing of accounts counts too, so that the known are shown more."),
    ),
    "data_rights": Expectation(
        Effect("data_licence_share", 1, "Studios that may withhold their works can sell them."),
        Effect("synthetic_training_share", 1, "Human works are withheld and generated ones are not."),
    ),
    "synthetic_data_market": Expectation(
        Effect("synthetic_training_share", 1, "Half of what is new in training is bought."),
        Effect("training_diversity", -1, "Models' works lie closer together than people's."),
    ),
    "public_computing": Expectation(
        Effect("vendor_hhi_use", -1, "Independents and open weights get better and cheaper, and gain users."),
        Effect("vendor_markup", -1, "What the state bears is passed on in prices, which fall against full cost."),
    ),
    "national_data_platform": Expectation(
        Effect("vendor_gap", -1, "Followers catch up faster, so that the models in use are nearer the best."),
        Effect("licensed_training_share", 1, "More studios license, once for all vendors."),
    ),
    "industry_fund": Expectation(
        Effect("studio_staff", 1, "Grants are income, and studios grow with theirs."),
        Effect("ai_supply_share", -1, "Creators who are paid a grant stay, so that more items are human."),
    ),
    "self_regulation": Expectation(
        Effect("ai_falsehood_share", -1, "Those who keep the code lose by lying."),
        Effect("ai_attention_share", -1, "Those who keep the code declare their items, and the label repels."),
        world=TEMPTING,
    ),
    "automation_levy": Expectation(
        Effect("ai_automated_hours", -1, "Saving hours pays less."),
        Effect("unit_cost", 1, "Hours that are not saved stay in the cost of an item."),
    ),
    "retraining_subsidy": Expectation(
        Effect("employment", 1, "More people reach posts in other trades."),
        Effect("unemployment", 1, "People in training do not search, or would have left: the lock-in of programmes."),
        world=DISPLACING,
    ),
    "integration_cap": Expectation(
        Effect("vendor_hhi_use", -1, "A platform no longer steers its producers to one vendor."),
        Effect("vendor_gap", -1, "Users choose by quality, and the platform's own vendor trails."),
    ),
    "trusted_aigc": Expectation(
        Effect("false_exposure_share", -1, "Review finds the inaccurate."),
        Effect("ai_attention_share", -1, "Standards label what is AI's, and the label repels."),
        world=TEMPTING,
    ),
    "industry_push": Expectation(
        Effect("vendor_gap", -1, "Computing and data that are shared bring followers nearer the best."),
        Effect("studio_staff", 1, "The fund pays studios, which grow with their income."),
    ),
    "ethics_governance": Expectation(
        Effect("falsehood_exposure_share", -1, "The code, review and checks all make lying pay less."),
        Effect("trust_mean", 1, "People who meet less that is wrong believe platforms more."),
        world=TEMPTING,
    ),
}  # fmt: skip


def overrides(name: str = "", expected: Expectation | None = None) -> tuple[str, ...]:
    """What selects a lever or package at full strength from release, beside what both arms have; "" is without it."""
    beside = expected.beside if expected else ()
    levers = dict.fromkeys((*beside, *(members("policy", name) if name else ())))
    chosen = f"policy=[{','.join(levers)}]"
    full = (f"policy.{lever}.{key}" for lever in levers for key in (f"start={START}", "strength=1"))
    return (*EAGER, *(expected.world if expected else ()), chosen, *full)


def read(effect: Effect, low: float | None, high: float | None) -> Reading:
    """Whether the 95 % interval of a paired difference lies on the expected side of zero."""
    if low is None or high is None:
        return "–"
    if effect.sign * (low if effect.sign > 0 else high) > 0:
        return "hit"
    return "miss" if effect.sign * (high if effect.sign > 0 else low) < 0 else "no clear effect"
