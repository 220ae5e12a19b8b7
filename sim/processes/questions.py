"""Questions: search, forum, chatbot or own knowledge; what was answered in public, and what publishers live on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np

from sim.agents.askers import (
    FIRST,
    FORUM,
    INFORMATIONAL,
    SEARCH,
    TYPES,
    Askers,
    Queries,
    Tried,
    answer,
    appeal,
    chances,
    coverage,
    create_askers,
    draw_queries,
    learn_channels,
    of_topic,
    pursue,
    usable,
)
from sim.agents.consumers import users_by_platform
from sim.base.averages import SPAN, warm_span
from sim.base.tables import B1, F8, Column, Population
from sim.settings import Questions

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

LIVES = np.array([104.0, 26.0])  # weeks in which what answers lasting and fresh questions fades: assumption
KEPT = np.exp(-1.0 / LIVES)  # of it a week later
REFERRAL_WEEKS = 26.0  # over which publishers average their referrals: assumption
REFERENCE_WEEKS = 52.0  # over which what a world without AI has is averaged
MONTH = 4
SETTLING_WEEKS = 60  # of askers who learn, before the world opens; references are means of the last half
HASTE = 0.3  # step of learning while settling


class Web(NamedTuple):
    """What can answer questions, and what it lives on; one row. Stocks are over those before release."""

    answers: Annotated[F8, Column("f8", "1", "stock of public answers", ("types", "topics"), 1)]
    pages: Annotated[F8, Column("f8", "1", "stock of publishers' pages", ("topics",), 1)]
    learned_answers: Annotated[F8, Column("f8", "1", "the same as models last learned it", ("types", "topics"))]
    learned_pages: Annotated[F8, Column("f8", "1", "the same as models last learned it", ("topics",))]
    answered: Annotated[F8, Column("f8", "share", "share of public questions answered, 8-week mean")]
    asks: Annotated[F8, Column("f8", "queries/week", "public questions a head, 8-week mean")]
    reads: Annotated[F8, Column("f8", "reads/week", "reads of public answers a head, 8-week mean")]
    referrals: Annotated[F8, Column("f8", "clicks/week", "clicks through to publishers a head, 26-week mean")]
    asks_before: Annotated[F8, Column("f8", "queries/week", "public questions a head before release")]
    reads_before: Annotated[F8, Column("f8", "reads/week", "reads of public answers a head before release")]
    answers_before: Annotated[F8, Column("f8", "answers/week", "first answers a head before release", ("types",))]
    referrals_before: Annotated[F8, Column("f8", "clicks/week", "clicks to publishers a head before release")]
    output_before: Annotated[F8, Column("f8", "items/week", "publishers' new items before release")]
    past_asks: Annotated[F8, Column("f8", "queries", "public questions a head in each of four weeks", ("month",))]
    past_answers: Annotated[F8, Column("f8", "answers", "first answers a head in each of them", ("month",))]
    past_referrals: Annotated[F8, Column("f8", "clicks", "clicks to publishers a head in each of them", ("month",))]


class Flows(NamedTuple):
    """A week of questions, a head."""

    tried: F8  # (channels,) attempts
    first: F8  # (channels,) first attempts
    queries: float
    solved: float
    asks: F8  # (types,) public questions
    answers: F8  # (types,) first answers to them
    clicks: F8  # (2,) of searches, on public answers and on publishers' pages
    referrals: float  # clicks of informational queries on publishers' pages


def open_questions(model: ContentEcosystem) -> None:
    """Let askers learn what channels bring in a world without AI, and note what such a world asks, reads and clicks.

    Note also from which week on summaries may stand above each platform's results: `model.layers_open`.
    """
    settings = model.settings
    model.layers_open = [model.week_of(p.rules.answer_layer_opens) for p in model.platforms]
    model.askers = create_askers(model.consumers.columns, settings, model.streams)
    model.web = Population(Web, 1, {"types": len(TYPES), "topics": len(LIVES), "month": MONTH})
    model.web.n = 1
    askers, web = model.askers.columns, model.web.columns
    web.answered[:] = -np.expm1(-settings.questions.offers)
    ever, weeks = may_open(model), []  # a channel that opens later is compared with one open from the start
    is_open = open_channels(model, ever)
    web.answers[:], web.pages[:] = is_open[FORUM], publishers(model, ever).any()
    able = usable(np.zeros(len(askers.uid), np.bool_), is_open)
    live, part = coverage(web.answers[0], web.pages[0], settings.questions)
    for week in range(SETTLING_WEEKS):
        queries = draw_queries(askers, settings.questions.fresh_share, model.streams["earlier_questions"], week)
        success = chances(askers, queries, live, live, float(web.answered[0]), 0.0, settings.questions)
        value = _appeal(askers, web, settings.questions) if 3 * week >= SETTLING_WEEKS else np.zeros((2, *able.shape))
        tried = pursue(queries, np.where(able, value, -np.inf), success)
        learn_channels(askers, tried, success, HASTE)
        weeks.append(_flows(queries, tried, success, part, np.zeros(len(TYPES)), web, settings.questions))
    settled = weeks[2 * SETTLING_WEEKS // 3 :]
    web.asks[:] = web.asks_before[:] = np.mean([flows.asks.sum() for flows in settled])
    web.reads[:] = web.reads_before[:] = np.mean([reads_of(flows) for flows in settled])
    web.answers_before[0] = np.mean([flows.asks for flows in settled], axis=0) * web.answered[0]
    web.referrals[:] = web.referrals_before[:] = np.mean([flows.referrals for flows in settled])
    at_start = model.market.columns.is_open > 0
    now, pages = open_channels(model, at_start), publishers(model, at_start).any()
    web.answers[:], web.pages[:] = now[FORUM], pages
    web.past_asks[:], web.past_answers[:] = now[FORUM] * web.asks_before[0], now[FORUM] * web.answers_before.sum()
    web.past_referrals[:] = now[SEARCH] * pages * web.referrals_before[0]


def ask_questions(model: ContentEcosystem) -> None:
    """One week of questions: they go from channel to channel, and leave answers and clicks behind."""
    rule, askers, web = model.settings.questions, model.askers.columns, model.web.columns
    answers, pages = np.concatenate([web.answers, web.learned_answers]), np.concatenate([web.pages, web.learned_pages])
    (live, learned), (part, _) = coverage(answers, pages, rule)
    queries = draw_queries(askers, rule.fresh_share, model.streams["questions"], model.week)
    success = chances(askers, queries, live, learned, float(web.answered[0]), model.frontier.level, rule)
    is_open = open_channels(model, model.market.columns.is_open > 0)
    able = usable(model.adopters.columns.adopted[askers.person] > 0, is_open)
    tried = pursue(queries, np.where(able, _appeal(askers, web, rule), -np.inf), success)
    learn_channels(askers, tried, success, rule.learning)
    layer = np.array([answer_layer(model), 0.0])
    model.asked = _flows(queries, tried, success, part, layer, web, rule)
    _remember(model, is_open)
    _train(model)


def may_open(model: ContentEcosystem) -> B1:
    """Which platforms are open at some time of the run, or may enter by then, shape (K,)."""
    return np.asarray(model.charters.opens <= model.settings.time.weeks)


def open_channels(model: ContentEcosystem, platforms: B1) -> B1:
    """Which channels there are where these platforms are open (K,); a chatbot and own knowledge there always are."""
    kinds = {p.rules.kind for p, is_open in zip(model.platforms, platforms.tolist(), strict=True) if is_open}
    return np.array(["search" in kinds, "forum" in kinds, True, True])


def answer_layer(model: ContentEcosystem) -> float:
    """Share of informational searches above whose results a summary stands, mean over search platforms by users."""
    if not model.vendors or model.weeks_since_release < 0:
        return 0.0
    is_open = model.market.columns.is_open
    search = [k for k, p in enumerate(model.platforms) if p.rules.kind == "search" and is_open[k]]
    shown = [model.platforms[k].rules.answer_layer * (model.layers_open[k] <= model.week) for k in search]
    if not any(shown):
        return 0.0
    users = users_by_platform(model.consumers.columns)[search] + 1.0
    return float((users * shown).sum() / max(float(users.sum()), 1.0))


def reads_of(flows: Flows) -> float:
    """Reads of public answers a head: clicks from search, and those who ask themselves."""
    return float(flows.clicks[0] + flows.asks.sum())


def _appeal(askers: Askers, web: Web, rule: Questions) -> F8:
    """Utility of each channel at first and at later attempts, as the web is now; shape (2, channels, n)."""
    return appeal(askers, float(web.asks[0]), float(web.asks_before[0]), rule)


def _flows(queries: Queries, tried: Tried, success: F8, part: F8, layer: F8, web: Web, rule: Questions) -> Flows:
    """Sum up a week, a head.

    Parameters
    ----------
    part : of what search covers, that which pages give, by type and topic, shape (2, 2).
    layer : share of searches with a summary, by type, shape (2,).
    """
    n = queries.weight.shape[1]
    total = tried.total / n
    asks = total[FORUM].sum(axis=1)
    drawn = float(web.reads[0] / web.reads_before[0]) if web.reads_before[0] > 0 else 1.0
    answers = answer(asks, rule.offers * float(web.asks_before[0]) * drawn**rule.reads_exponent)
    rate = rule.click_rate * (1.0 - rule.summary_suffices * layer)
    click = rate[:, None] * total[SEARCH] * success[SEARCH]
    on_pages = (click * of_topic(part, queries.fresh)).sum(axis=1)
    read = float(on_pages.sum())
    return Flows(
        total.sum(axis=(1, 2)),
        tried.made[FIRST].sum(axis=(1, 2)) / n,
        float(queries.weight.sum() / n),
        float((total * success).sum()),
        asks,
        answers,
        np.array([float(click.sum()) - read, read]),
        float(on_pages[INFORMATIONAL]),
    )


def publishers(model: ContentEcosystem, platforms: B1) -> B1:
    """Which of the platforms that are open, shape (K,), are publishers."""
    return model.charters.publisher & platforms


def _remember(model: ContentEcosystem, is_open: B1) -> None:
    """Fade the stocks and add the week's; until release follow what a world without AI has.

    `is_open` says which channels there are.
    """
    web, flows, rule = model.web.columns, model.asked, model.settings.questions
    now = model.market.columns.is_open > 0
    publisher, platforms = publishers(model, now), model.batch.platforms
    output = float((publisher[platforms] & (platforms >= 0)).any(axis=1).sum())
    asks, reads = float(flows.asks.sum()), reads_of(flows)
    answered, month = float(flows.answers.sum()), model.week % MONTH
    web.past_asks[0, month], web.past_answers[0, month], web.past_referrals[0, month] = asks, answered, flows.referrals
    web.referrals[0] += (flows.referrals - web.referrals[0]) / REFERRAL_WEEKS
    web.asks[0] += (asks - web.asks[0]) / SPAN
    web.reads[0] += (reads - web.reads[0]) / SPAN
    if asks > 0:
        web.answered[0] += (answered / asks - web.answered[0]) / SPAN
    if model.weeks_since_release < 0 and (is_open == open_channels(model, may_open(model))).all():
        _follow(web, flows, output, model.week)
    fed = over(web.referrals[0], web.referrals_before[0])
    pages = over(output, web.output_before[0]) * (1.0 - rule.referral_reliance * (1.0 - fed))
    answers = np.array([over(*pair) for pair in zip(flows.answers, web.answers_before[0], strict=True)])
    web.answers[0] = KEPT * web.answers[0] + (1.0 - KEPT) * (answers[:, None] * is_open[FORUM])
    web.pages[0] = KEPT * web.pages[0] + (1.0 - KEPT) * pages * publisher.any()


def _follow(web: Web, flows: Flows, output: float, week: int) -> None:
    """Move the references of a world without AI towards what it has."""
    web.output_before[:] += (output - web.output_before) / warm_span(week, REFERENCE_WEEKS)
    pairs = (
        (web.asks_before, web.asks), (web.reads_before, web.reads), (web.referrals_before, web.referrals),
        (web.answers_before, flows.answers),
    )  # fmt: skip
    for before, now in pairs:
        before[:] += (now - before) / REFERENCE_WEEKS


def over(now: float, before: float) -> float:
    """Quotient of a flow and its reference, 1 where there is no reference."""
    return now / before if before > 0 else 1.0


def _train(model: ContentEcosystem) -> None:
    """Let models learn what the web holds when they are trained; until then what they know of fresh topics fades."""
    web, since = model.web.columns, model.weeks_since_release
    if not model.vendors or since < 0:
        return
    web.learned_answers[0, :, 1] *= KEPT[1]
    web.learned_pages[0, 1] *= KEPT[1]
    if since % model.settings.culture.retrain_weeks == 0:
        web.learned_answers[:], web.learned_pages[:] = web.answers, web.pages
