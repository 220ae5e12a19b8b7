"""The schedule of a week: which steps there are, in which order, and which fields of the world each may write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from threadpoolctl import ThreadpoolController

from sim.base.outcomes import OUTCOMES
from sim.base.randomness import Streams
from sim.inputs import FollowerNetwork, PopulationTable
from sim.measures.recorder import record
from sim.processes.adaptation import adapt_agents
from sim.processes.attention import allocate_attention, prepare_sessions
from sim.processes.commission import trade_commissions
from sim.processes.farms import adapt_farms
from sim.processes.firms import book_results, steer_firms
from sim.processes.interaction import take_up_interactive
from sim.processes.labour import match_labour
from sim.processes.memory import remember_works
from sim.processes.moderation import check_facts, moderate_accounts
from sim.processes.payment import settle_payments
from sim.processes.platforms import guide_platforms, note_visits
from sim.processes.policy import apply_policy
from sim.processes.production import produce_content
from sim.processes.publication import publish_items
from sim.processes.questions import ask_questions
from sim.processes.spread import spread_shares
from sim.processes.technology import advance_technology, sell_models
from sim.settings import Settings
from sim.settings.sizes import check_sizes
from sim.world.setup import set_up
from sim.world.week import Week, open_week
from sim.world.world import World

Step = Callable[[World, Week, Settings], None]

# More threads for the linear algebra of small matrices would fight over the cores with the runs beside them and change
# low-order bits. NumPy and SciPy, whose libraries these are, have been imported by now.
BLAS = ThreadpoolController().select(user_api="blas")


def live_days(world: World, week: Week, settings: Settings) -> None:
    """Run the week's ticks, each with the steps of `TICK`: sessions, sharing, count of visits, fact checks."""
    prepare_sessions(world, week, settings)
    for _ in range(world.calendar.ticks_per_week):
        for happen in TICK:
            happen(world, week, settings)
        world.tick += 1


TICK: tuple[Step, ...] = (allocate_attention, spread_shares, note_visits, check_facts)  # of a day, in order

WEEK: tuple[Step, ...] = (
    apply_policy,
    steer_firms,
    advance_technology,
    produce_content,
    publish_items,
    take_up_interactive,
    live_days,
    ask_questions,
    moderate_accounts,
    trade_commissions,
    sell_models,
    guide_platforms,
    settle_payments,
    book_results,
    adapt_agents,
    adapt_farms,
    match_labour,
    remember_works,
    record,
)  # the whole schedule of a week, in order


# Fields of the world in which each step may change anything; a test holds every step to it.
WRITES: dict[Callable[..., object], frozenset[str]] = {
    open_week: frozenset({"items", "consumers", "room"}),
    apply_policy: frozenset(),
    steer_firms: frozenset({"studios", "producers"}),
    advance_technology: frozenset({"corpora", "vendor_state"}),
    produce_content: frozenset({"studios"}),
    publish_items: frozenset(
        {
            "items", "listings", "producers", "market", "blocked",
            "n_serial", "n_published", "n_removed", "n_retired",
        }
    ),
    take_up_interactive: frozenset({"adopters", "consumers", "ai_subscribers"}),
    live_days: frozenset({"consumers", "items", "listings", "producers", "market", "room", "tick"}),
    ask_questions: frozenset({"askers", "web"}),
    moderate_accounts: frozenset({"producers", "listings", "reach"}),
    trade_commissions: frozenset({"freelancers", "segments", "viable_freelancers"}),
    sell_models: frozenset(),
    guide_platforms: frozenset({"market", "consumers"}),
    settle_payments: frozenset({"ledger", "vendor_state", "safe_reference"}),
    book_results: frozenset({"studios", "producers", "market", "studio_pay"}),
    adapt_agents: frozenset(
        {
            "consumers", "producers", "creators", "studios", "market", "genres", "income_reference", "seen_gain",
            "usual_work",
        }
    ),
    adapt_farms: frozenset({"farms", "producers", "farm_news", "gifts"}),
    match_labour: frozenset({"labour"}),
    remember_works: frozenset({"canons", "corpora", "memory_unit"}),
    record: frozenset({"memory"}),
}  # fmt: skip


def open_world(
    settings: Settings,
    seed: int = 0,
    replication: int = 0,
    *,
    threads: int = 1,
    followers: FollowerNetwork | None = None,
    population: PopulationTable | None = None,
) -> World:
    """Set up the world of a scenario, before its first week.

    Parameters
    ----------
    seed, replication : key every draw.
    threads : threads for the daily sessions; they change no bit.
    followers, population : a user's own data, which set the number of consumers.
    """
    check_sizes(settings)
    with BLAS.limit(limits=1):
        return set_up(
            settings, Streams(seed, replication), OUTCOMES, threads=threads, followers=followers, population=population
        )


def run_week(world: World, settings: Settings) -> Week:
    """Run one week through the schedule; returns what happened in it.

    Parameters
    ----------
    settings : those that the world was set up from; its policy alone may be another.

    Raises
    ------
    ValueError : all weeks of the scenario are over, or other settings than its policy have changed.
    """
    if settings is not world.settings and replace(settings, policy=world.settings.policy) != world.settings:
        raise ValueError("a world goes on under the settings that it was set up from; only its policy may change")
    if world.now >= settings.time.weeks:
        raise ValueError(f"the scenario ends after {settings.time.weeks} weeks (time.weeks)")
    with BLAS.limit(limits=1):
        week = open_week(world, settings)
        for step in WEEK:
            step(world, week, settings)
    world.now += 1
    return week
