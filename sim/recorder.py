"""Recorder: outcomes per week into preallocated columns, and the frames shown beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.agents.consumers import held_trust
from sim.agents.freelancers import RAW, SEGMENTS, TIERS
from sim.agents.studios import item_hours
from sim.agents.workers import HALF_YEAR, JUNIOR, LEFT, META, SENIOR, LabourMarket, is_stuck
from sim.averages import SPAN
from sim.codes import ASSISTED, CREATOR, FARM, GENERATED, HUMAN, STUDIO
from sim.cohorts import YEAR, Cohorts
from sim.culture import pair_similarity, rms_pair_distance
from sim.exhibits import Exhibits
from sim.kernels.columns import read
from sim.kernels.measures import add_weeks, count_listed, sum_back
from sim.ledger import MICRO
from sim.measures.interactive import measure_interactive
from sim.measures.money import measure_money
from sim.measures.platforms import measure_immersive, measure_platforms
from sim.measures.questions import measure_questions
from sim.measures.sums import by_kind, count, mean_known
from sim.measures.truth import measure_truth
from sim.measures.vendors import herfindahl, measure_vendors
from sim.outcomes import OUTCOMES
from sim.tables import F8, I8

if TYPE_CHECKING:
    import pandas as pd

    from sim.model import ContentEcosystem

Values = dict[str, float | None]
SIMILAR_PAIRS = 128  # items of a genre over whose pairs similarity is taken
PLACES = (np.arange(SIMILAR_PAIRS) + 0.5) / SIMILAR_PAIRS  # of these in the week's seconds
COSTS_OF_FARMS = ("farm wages", "accounts")  # flows of money beside fees for models
LEAST_EVENTS = 200  # a rate over fewer events is null
LEAST_LAID_OFF = 20  # people; re-absorption of fewer is null
LEAST_SPREAD = 1e-6  # a correlation over less is null: it would be one of rounding
RANKS = (1, 10, 100)  # at which craft is read
TRAINING = ("synthetic_training_share", "licensed_training_share", "training_diversity")  # outcomes of training alone
LEAST_USES = 5  # in four weeks, of whose share a person counts; fewer where there are not as many sessions


def ratio(top: float, bottom: float, least: float = 0.0) -> float | None:
    """Quotient, or None where the denominator is not above `least`."""
    return float(top) / float(bottom) if bottom > least else None


def share(top: float, bottom: float) -> float:
    """Quotient in [0, 1], 0 where the denominator is empty."""
    return min(max(float(top) / float(bottom), 0.0), 1.0) if bottom > 0 else 0.0


def top_share(amounts: F8, part: float) -> float | None:
    """Share of the total that the top `part` of the entries hold (at least one entry)."""
    total = amounts.sum()
    if total <= 0:
        return None
    n = max(1, round(part * len(amounts)))
    return float(np.sort(amounts)[-n:].sum() / total)


def kendall_distance(before: F8, now: F8 | I8) -> float | None:
    """Share of pairs whose order has changed; None with fewer than two."""
    n = len(before)
    changed = (before[:, None] - before) * (now[:, None] - now) < 0  # every pair twice
    return count(changed) / (n * (n - 1)) if n > 1 else None


def stratified_ratio(
    amount: I8, chosen: npt.NDArray[np.bool_], stratum: npt.NDArray[Any], strata: int
) -> float | None:
    """Mean amount of the chosen over that of the others within strata (Mantel & Haenszel 1959); None without either.

    One half is added to both sums, so that neither is zero; under 200 in all there is no answer.
    """
    group = stratum + strata * chosen
    n, n_of = np.bincount(group, minlength=2 * strata).reshape(2, strata)
    usual, of_chosen = np.bincount(group, amount, minlength=2 * strata).reshape(2, strata)
    total = np.maximum(n + n_of, 1)
    top, bottom = float((of_chosen * n / total).sum()), float((usual * n_of / total).sum())
    return ratio(top + 0.5, bottom + 0.5) if (n * n_of).any() and amount.sum() >= LEAST_EVENTS else None


class Recorder:
    """Columns of outcomes, one row a week; NaN stands for null. It reads the model and writes only its own state."""

    _OWN = ("calls", "past_seconds", "similarity_length", "diversity", "diversity_at_start")

    def __init__(self, model: ContentEcosystem) -> None:
        weeks, world = model.settings.time.weeks, model.settings.world
        self.columns: dict[str, F8] = {name: np.full(weeks, np.nan) for name in OUTCOMES}
        self.first_monday = model.first_monday
        self.calls = np.zeros((4, 4))  # the last four weeks' tallies of calls
        self.past_seconds = np.zeros((len(model.platforms), YEAR))  # of each platform in the last 52 weeks
        self.similarity_length = np.zeros(world.genres)  # distance at which items look alike
        self.cohorts = Cohorts(world.genres, world.new_items)
        self.shown = Exhibits()
        self.diversity = np.full(world.genres, np.nan)  # of the corpora at their last training
        self.diversity_at_start = np.full(world.genres, np.nan)  # at their first
        self.weeks = 0

    def record(self, model: ContentEcosystem) -> None:
        """Write one row."""
        self._calibrate_similarity(model)
        row: Values = {}
        for part in (
            _supply, _attention, _money, _quality, _collaboration, _depth_and_truth, _work, _commissions, _checks,
            measure_interactive, measure_questions, measure_vendors, measure_immersive, measure_platforms,
            measure_money, measure_truth, self._turnover, self._perception, self._training, self._similarity,
            self.cohorts.measure,
        ):  # fmt: skip
            row |= part(model)
        for name, value in row.items():
            if value is not None:
                self.columns[name][model.week] = value
        self.shown.collect(model)
        self.weeks = model.week + 1

    def _calibrate_similarity(self, model: ContentEcosystem) -> None:
        """Until release, follow the unit in which similarity is measured; then keep it."""
        if model.weeks_since_release >= 0:
            return
        batch = model.batch
        for g in range(model.settings.world.genres):
            length = rms_pair_distance(batch.concept[batch.genre == g])
            if length is not None:
                old = self.similarity_length[g]
                self.similarity_length[g] = length if old == 0.0 else old + (length - old) / SPAN

    def _turnover(self, model: ContentEcosystem) -> Values:
        """Order of the platforms against that of the same week a year ago."""
        past, now = self.past_seconds[:, model.week % YEAR].copy(), model.tallies.platform_seconds
        self.past_seconds[:, model.week % YEAR] = now
        there = (past > 0) | (now > 0)
        return {"rank_turnover": kendall_distance(past[there], now[there]) if model.week >= YEAR else None}

    def _perception(self, model: ContentEcosystem) -> Values:
        self.calls[model.week % 4] = model.tallies.calls
        human, n_human, generated, n_generated = self.calls.sum(axis=0)
        return {
            "turing_pass_rate": ratio(generated, n_generated, LEAST_EVENTS),
            "human_pass_rate": ratio(human, n_human, LEAST_EVENTS),
        }

    def _training(self, model: ContentEcosystem) -> Values:
        """Shares and diversity of what models learned from; until models are trained again, those of last week."""
        since = model.weeks_since_release
        if self.weeks > 0 and (since < 0 or since % model.settings.culture.retrain_weeks):
            return {name: self.columns[name][model.week - 1] for name in TRAINING}
        self.diversity = np.array([corpus.diversity or np.nan for corpus in model.corpora])
        first = np.isnan(self.diversity_at_start)
        self.diversity_at_start[first] = self.diversity[first]
        trained = [corpus for corpus in model.corpora if corpus.trained]
        change = self.diversity / self.diversity_at_start
        values = (
            mean_known([corpus.synthetic_share for corpus in trained]),
            mean_known([corpus.licensed_share for corpus in trained]),
            mean_known([float(value) for value in change if np.isfinite(value)]),
        )
        return dict(zip(TRAINING, values, strict=True))

    def _similarity(self, model: ContentEcosystem) -> Values:
        """Look-alikes among new items, and among what was used (items drawn by seconds)."""
        items, batch = model.items.columns, model.batch
        new, lengths = batch.uid.argsort(), self.similarity_length.tolist()
        used = ((items.week_seconds > 0) & (items.alive > 0)).nonzero()[0]
        used, genres = used[items.uid[used].argsort()], len(lengths)
        among_new, among_used = [], []
        for length, mine in zip(lengths, by_kind(new, batch.genre[new], genres), strict=True):
            chosen = mine[:: max(1, len(mine) // SIMILAR_PAIRS)][:SIMILAR_PAIRS]
            among_new.append(_alike(batch.concept.take(chosen, axis=0), length))
        for length, mine in zip(lengths, by_kind(used, items.card["genre"][used], genres), strict=True):
            if mine.size > 1:
                total = items.week_seconds[mine].cumsum()
                drawn = mine[total.searchsorted(PLACES * total[-1])]
                among_used.append(_alike(items.card.take(drawn)["concept"], length))
        return {"pair_similarity": mean_known(among_new), "feed_similarity": mean_known(among_used)}

    def frame(self) -> pd.DataFrame:
        """The outcomes so far: index `date` (Mondays), `week`, one column an outcome."""
        import pandas as pd

        dates = pd.date_range(self.first_monday, periods=self.weeks, freq="7D", name="date")
        data = {"week": np.arange(self.weeks)} | {name: column[: self.weeks] for name, column in self.columns.items()}
        return pd.DataFrame(data, index=dates)

    def exhibits(self, model: ContentEcosystem) -> dict[str, pd.DataFrame]:
        """The frames shown beside the outcomes."""
        return self.shown.frames(model)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """State as named arrays."""
        own = {name: getattr(self, name) for name in self._OWN}
        own["weeks"] = np.array(self.weeks)
        own |= {f"column/{name}": column for name, column in self.columns.items()}
        own |= {f"cohorts/{name}": array for name, array in self.cohorts.arrays().items()}
        own |= {f"shown/{name}": array for name, array in self.shown.arrays().items()}
        return {name: np.array(array) for name, array in own.items()}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up what `arrays` gave."""
        for name in self._OWN:
            setattr(self, name, arrays[name].copy())
        self.weeks = int(arrays["weeks"])
        for name in self.columns:
            self.columns[name] = arrays[f"column/{name}"].copy()
        for part, holder in (("cohorts/", self.cohorts), ("shown/", self.shown)):
            holder.restore({k.removeprefix(part): v for k, v in arrays.items() if k.startswith(part)})


def _supply(model: ContentEcosystem) -> Values:
    batch = model.batch
    n, generated = len(batch.uid), batch.origin == GENERATED
    n_generated = count(generated)
    return {
        "items_new": float(n),
        "ai_supply_share": share(n_generated, n),
        "ai_supply_share_weighted": share(batch.ai.sum(), n),
        "assisted_share": share(count(batch.origin == ASSISTED), n),
        "craft_mean": ratio(batch.craft.sum(), n),
        "novelty_mean": ratio(batch.novelty.sum(), n),
        "novelty_human": ratio(batch.novelty[~generated].sum(), n - n_generated),
    }


def _attention(model: ContentEcosystem) -> Values:
    t = model.tallies
    seconds = t.platform_seconds.sum()
    screen = seconds + t.interactive_seconds[0]
    rows, card, _, views = model.mature
    first = model.items.columns.first[rows]
    odds = stratified_ratio(views, card["origin"] == GENERATED, first, len(model.platforms))
    return {
        "ai_attention_share": share(t.origin_seconds[:, GENERATED].sum(), seconds),
        "ai_attention_share_weighted": share(t.ai_seconds.sum(), seconds),
        "visibility_odds_ratio": odds,
        "screen_share": share(screen, screen + t.off_seconds[0]),
        "platform_hhi": herfindahl(t.platform_seconds),
        "consumer_surplus": ratio(t.surplus[0], t.surplus[1]),
        "slate_fill": ratio(t.filled[0], t.filled[1]),
        "craft_used": ratio(t.craft_seconds[0], seconds),
    }


def _money(model: ContentEcosystem) -> Values:
    fees = {"studios": 0.0, "farms": 0.0}  # of models, by payer
    spent = dict.fromkeys(COSTS_OF_FARMS, 0.0)
    for (flow, payer, _), amount in model.ledger.flows.items():
        if flow == "model fee" and payer in fees:
            fees[payer] += amount
        elif flow in spent:
            spent[flow] += amount
    paid = float(model.payouts.sum())
    producers, batch, studios = model.producers.columns, model.batch, model.studios.columns
    studio = producers.kind[: len(model.payouts)] == STUDIO
    maker = producers.kind[batch.producer]
    n_studio, n_farm = (float(count(maker == kind)) for kind in (STUDIO, FARM))
    by_farms = (sum(spent.values()) + fees["farms"]) / MICRO
    fee_of_studio = fees["studios"] / MICRO / max(n_studio, 1.0)
    hours = studios.hours if studios.hours.any() else studios.par
    started = (hours / item_hours(studios, model.settings)).sum()
    of_studio = float(hours.sum() / started) + fee_of_studio
    return {
        "ai_revenue_share": share(model.payout_origin[GENERATED], model.payout_origin[:3].sum()),
        "ai_revenue_share_weighted": share(model.payout_origin[3], model.payout_origin[:3].sum()),
        "unit_cost": of_studio,
        "unit_cost_ai": ratio(by_farms, n_farm),
        "unit_cost_firms": ratio(of_studio * n_studio + by_farms, n_studio + n_farm),
        "studio_revenue_share": share(model.payouts[studio].sum(), paid),
    }


def _quality(model: ContentEcosystem) -> Values:
    """Craft at ranks of the last four weeks' items, mean over genres that have as many."""
    items = model.items.columns
    card = items.card.take(((items.alive > 0) & (items.week > model.week - 4)).nonzero()[0])
    by_genre = by_kind(card["craft"], card["genre"], model.settings.world.genres)
    ranked = [np.sort(craft) for craft in by_genre if craft.size]
    fewest = min(map(len, ranked), default=0)
    return {
        f"craft_at_rank_{rank}": mean_known([float(mine[-rank]) for mine in ranked]) if fewest >= rank else None
        for rank in RANKS
    }


def _collaboration(model: ContentEcosystem) -> Values:
    producers, world = model.producers.columns, model.settings.world
    active = producers.active[: world.creators] > 0
    automated = model.studios.columns.automated
    card = model.mature.card
    by_creators = (producers.kind[card["producer"]] == CREATOR).nonzero()[0]
    origin, views = card["origin"][by_creators], model.mature.views[by_creators]
    helped, alone = origin == ASSISTED, origin == HUMAN
    appeal = None
    n_helped, n_alone = count(helped), count(alone)
    if n_helped >= 5 and n_alone >= 5:
        usual = (views[alone].sum() + 0.5) / (n_alone + 0.5)
        appeal = float((views[helped].sum() + 0.5) / (n_helped + 0.5) / usual)
    using, studio_using = producers.uses_ai[: world.creators], producers.uses_ai[world.creators :][: world.studios]
    hours = model.studios.columns.hours
    staff = hours.sum()
    return {
        "creator_ai_share": share(count((using > 0) & active), count(active)),
        "studio_ai_share": share(studio_using.sum(), count(hours > 0)),
        "stage_ai_intensity_plan": share((automated[:, 0] * hours).sum(), staff),
        "stage_ai_intensity_create": share((automated[:, 1] * hours).sum(), staff),
        "stage_ai_intensity_edit": share((automated[:, 2] * hours).sum(), staff),
        "assisted_appeal_ratio": appeal,
    }


def _commissions(model: ContentEcosystem) -> Values:
    trades, flows = model.trades, model.ledger.flows
    hand, assisted = (float(part.sum()) for part in trades.orders[:SEGMENTS].reshape(-1, TIERS))
    human, total = hand + assisted, float(trades.orders.sum())
    return {
        "commission_price": trades.basket,
        "novice_share": ratio(trades.orders[:SEGMENTS:TIERS].sum(), human),
        "commissions_human": human,
        "commission_hand_share": ratio(hand, total),
        "commission_assisted_share": ratio(assisted, total),
        "commission_raw_share": ratio(trades.orders[RAW], total),
        "commission_spend": sum(amount for (_, payer, _), amount in flows.items() if payer == "clients") / MICRO,
        "n_freelancers": float(trades.sellers),
    }


def _depth_and_truth(model: ContentEcosystem) -> Values:
    t, people, a = model.tallies, model.consumers.columns, model.settings.attention
    seconds = t.platform_seconds.sum()
    exposures = t.exposures.sum()
    habit = float(read(people.habit).mean())
    trust, users = held_trust(people)
    deep = ratio(t.deep_seconds[0], seconds)
    p = 1.0 / (1.0 + np.exp(-a.deep_base))
    return {
        "deep_time_share": deep,
        "dwell_mean": ratio(seconds, t.views[0]),
        "habit_mean": habit,
        "habit_gain": 4.0 * a.deep_habit * p * (1.0 - p) * (1.0 - a.skim) * max(habit, 0.0),
        "false_exposure_share": ratio(t.exposures[1:].sum(), exposures),
        "falsehood_exposure_share": ratio(t.exposures[2:].sum(), exposures),
        "trust_mean": ratio((trust / np.maximum(users, 1) * t.platform_seconds).sum(), seconds),
        "trust_unweighted": float(trust.sum() / max(users.sum(), 1)),
    }


def _work(model: ContentEcosystem) -> Values:
    """Employment, who is in surplus, and what became of posts and of those who lost theirs."""
    market = model.labour
    people, cells, level = market.workers.columns, market.cells.columns, market.trade.level
    employed, first = market.employed, market.first_employment
    posts = np.bincount(level, employed, minlength=3)
    n, vacancies = posts.sum(), cells.vacancies.sum()
    force = float(count(people.state != LEFT))
    stuck, stranded = (float(count(rows)) for rows in is_stuck(people, cells.access))
    year_ago = cells.past[:, market.step % cells.past.shape[1]]
    names = ("work_displaced", "work_review", "work_reinstated", "work_output", "work_wages")
    return {
        "employment": share(n, len(people.uid)),
        "displacement_rate": share(_of_weeks(market, "displaced", 0), first),
        "job_destruction": share(np.maximum(year_ago - cells.demand, 0.0).sum(), first),
        "structural_surplus": share(stuck, force),
        "stranded": share(stuck + stranded, force + stranded),
        "meta_editor_share": share(posts[META], n),
        "junior_senior_ratio": ratio(posts[JUNIOR], posts[SENIOR]),
        "unemployment": share(force - n, force),
        "vacancy_rate": ratio(vacancies, vacancies + n),
        "reabsorbed_26": _returned(market, "within_26", HALF_YEAR),
        "reabsorbed_52": _returned(market, "within_52", YEAR),
        "reabsorbed_same": _returned(market, "same", YEAR),
        "reabsorbed_meta": _returned(market, "meta", YEAR),
    } | {name: float(part) / first for name, part in zip(names, market.effects, strict=True)}


def _of_weeks(market: LabourMarket, name: str, ago: int) -> int:
    """Sum of a column of the cohorts over the 52 weeks that ended so many weeks ago."""
    return int(sum_back(getattr(market.cohorts.columns, name), market.step - 1 - ago, YEAR))


def _returned(market: LabourMarket, name: str, weeks: int) -> float | None:
    """Share of the laid off, all of so many weeks ago or longer, who came back."""
    laid_off = _of_weeks(market, "laid_off", weeks)
    return ratio(_of_weeks(market, name, weeks), laid_off) if laid_off >= LEAST_LAID_OFF else None


def _alike(concepts: npt.NDArray[Any], length: float) -> float | None:
    """Similarity over the pairs of some concepts; None before `length` is known."""
    return pair_similarity(concepts, length) if length > 0 else None


def _checks(model: ContentEcosystem) -> Values:
    people, world = model.consumers.columns, model.settings.world
    producers, creators = model.producers.columns, model.creators.columns
    active = producers.active[: world.creators] > 0
    posts = add_weeks(people.posts)
    income = creators.income[creators.income > 1e-9]
    values: Values = {
        "n_farms": float(model.farms.columns.number.sum()),
        "n_creators": float(count(active)),
        "n_live": float(count_listed(model.items.columns.places)),
        "supply_capped": float(model.supply_capped),
        "starved_share": ratio(model.n_starved, model.n_aged),
        "creator_views_top3": top_share(creators.views[active], 0.03),
        "creator_income_top1": top_share(income, 0.01),
        "posts_top10": top_share(posts, 0.10),
        "silent_share": count(posts == 0) / len(posts),
        "platforms_per_consumer": count(people.installed) / len(people.uid),
    }
    if model.week % 4 == 3:
        values["shallow_habit_correlation"] = _shallow_habit(model)
    return values


def _shallow_habit(model: ContentEcosystem) -> float | None:
    """Correlation of shallow use over four weeks with the habit it met."""
    people = model.consumers.columns
    rows = people.n_used >= min(LEAST_USES, 28 // float(model.rules.days))
    x, y = people.n_shallow[rows] / people.n_used[rows], read(people.old_habit[rows])
    if len(x) < 20 or np.ptp(x) < LEAST_SPREAD or np.ptp(y) < LEAST_SPREAD:
        return None
    return float(np.corrcoef(x, y)[0, 1])
