"""Production: who makes how many items this week, and what each one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from sim.agents.creators import plan_output
from sim.agents.farms import CAP_SHARE, choose_falsehood, keep_code, learned_gain, strike_cost
from sim.agents.immersive import is_afforded, work_factor
from sim.agents.items import best_of
from sim.agents.moderators import removal_odds
from sim.agents.producers import choose_depth, choose_platforms
from sim.agents.studios import run_projects
from sim.base.codes import ASSISTED, ERROR, FALSE, FARM, GENERATED, HUMAN, IMPOSTOR, TRUE
from sim.base.groups import spans
from sim.base.randomness import derive, gumbel
from sim.base.records import Batch
from sim.base.tables import B1, F8, I8, U1, U8
from sim.culture.works import assisted, assisted_craft, human_concepts, imitate, prompt, recombination_weights

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

RECOMBINATION = {"cap": 3.0, "low": 0.2, "high": 0.5}  # at most thrice as often; part of the other genre: assumption
MOST_ITEMS = 4_096  # of a producer a week: its ordinals stay within an item's identity
MOST_DRAFTS = 16.0  # of an item: assumption
PROMPT_SEEDS, PROMPT_LENGTH = 32, 0.25  # seeds a prompt is matched against; reach in rms pair distances: assumption


def produce_content(model: ContentEcosystem) -> None:
    """Make this week's items, from every producer, into `model.batch`."""
    producer, ordinal = _plan(model)
    producers = model.producers.columns
    uid = derive("item", producers.uid[producer], model.week * 65_536 + ordinal)
    platforms, made = _places(model, producer, uid)
    producer, uid, platforms = producer[made], uid[made], platforms[made]
    genre = producers.genre[producer].astype(np.int64)
    origin, ai = _origins(model, producer)
    own = _human_concepts(model, producer, genre, uid)
    concept = _ai_concepts(model, genre, uid, origin, ai, own)
    accuracy = _accuracy(model, producer, origin, uid)
    appeal, emotion = _drafted(model, producer, origin, accuracy, uid)
    vendor = _vendors(model, platforms[:, 0], uid)
    craft = _craft(model, producer, origin, ai, vendor, uid)
    depth = choose_depth(
        producers,
        producer,
        platforms[:, 0],
        model.market.columns.returns,
        model.charters.depth_bias,
        model.streams["depth"].normal(model.week, uid),
        model.settings,
    )
    model.batch = Batch(
        uid,
        producer,
        genre,
        origin,
        ai,
        concept,
        appeal,
        craft,
        emotion,
        depth,
        accuracy,
        _novelty(model, genre, concept),
        platforms,
        vendor,
    )


def _plan(model: ContentEcosystem) -> tuple[I8, I8]:
    """Producer row and ordinal within the week of every new item, producers in order."""
    settings, week = model.settings, model.week
    producers, streams = model.producers.columns, model.streams
    count = np.zeros(model.producers.n, np.int64)
    n = settings.world.creators
    studios = slice(n, n + settings.world.studios)
    count[studios] = run_projects(model.studios.columns, producers.uid[studios], settings, streams, week)
    farms = studios.stop + producers.active[studios.stop : model.producers.n].nonzero()[0]
    number = model.farms.columns.number[producers.cell[farms]]
    busy = (number - producers.account[farms]).clip(0.0, 1.0)  # the last account of a cell is a part of one
    rate = settings.farms.items * (1.0 - CAP_SHARE * model.levers["upload_cap"])
    rows = np.concatenate([np.arange(n), farms])
    mean = np.concatenate([plan_output(model.creators.columns, producers, settings), rate * busy])
    count[rows] = streams["output"].poisson(week, producers.uid[rows], mean)
    count = np.minimum(count, MOST_ITEMS)
    producer = np.repeat(np.arange(model.producers.n), count)
    return producer, np.arange(len(producer)) - (count.cumsum() - count)[producer]


def _origins(model: ContentEcosystem, producer: I8) -> tuple[U1, F8]:
    """Origin of each item and AI's share of the work in it."""
    producers = model.producers.columns
    kind = producers.kind[producer]
    assisted_ = (producers.uses_ai[producer] > 0) & (kind != FARM)
    origin = np.where(assisted_, ASSISTED, HUMAN).astype(np.uint8)
    ai = np.where(assisted_, producers.ai_share[producer], 0.0).astype(np.float64)
    if model.settings.farms.law == "ai":
        origin[kind == FARM] = GENERATED
        ai[kind == FARM] = 1.0
    return origin, ai


def _vendors(model: ContentEcosystem, place: I8, uid: U8) -> I8:
    """Vendor that would serve each item, of the first platform `place`."""
    shares = model.frontier.places
    if not shares.size:
        return np.zeros(len(uid), np.int64)
    last = int(model.frontier.shares.nonzero()[0][-1])  # takes what is left: sums of shares may end below 1 by rounding
    u = model.streams["vendor"].uniform(model.week, uid)
    return np.asarray((u >= shares[:, :last].cumsum(axis=1).T.take(place, axis=1)).sum(axis=0), np.int64)


def _places(model: ContentEcosystem, producer: I8, uid: U8) -> tuple[I8, B1]:
    """Platforms on which each item is listed, shape (n, places), -1 for none; and whether it is made.

    An immersive item is one made for an immersive platform; it is listed on no other, and made if the work that its
    maker has for an item suffices. What no open platform takes is not made.
    """
    producers, immersive = model.producers.columns, model.charters.immersive
    kind, with_ai = producers.kind[producer], producers.uses_ai[producer]
    takes = model.charters.takes & (model.market.columns.is_open > 0)[:, None, None]
    with_or_without = work_factor(model.frontier.level, np.arange(2) > 0, model.settings)
    work = np.where(immersive[:, None], with_or_without, 1.0)
    u = model.streams["place"].uniforms(model.week, uid, len(model.platforms) + 1)
    platforms = choose_platforms(
        producers,
        producer,
        model.market.columns.returns.sum(axis=2),
        takes,
        work,
        gumbel(u),
        u[:, -1],
        model.settings,
    )
    first, second = platforms.T
    platforms[immersive[first] != immersive[second], 1] = -1
    u = model.streams["immersive"].uniform(model.week, uid)
    return platforms, takes[first, kind, with_ai] & ((kind == FARM) | is_afforded(work[first, with_ai], u))


def _human_concepts(model: ContentEcosystem, producer: I8, genre: I8, uid: U8) -> F8:
    """What each author would make alone."""
    producers, streams, week = model.producers.columns, model.streams, model.week
    imagination = producers.imagination[producer].astype(np.float64)
    concept = human_concepts(
        producers.home[producer].astype(np.float64),
        imagination,
        scale=1.0,
        stream=streams["concept"],
        step=week,
        uids=uid,
    )
    genres, culture = model.settings.world.genres, model.settings.culture
    if genres < 2:
        return concept
    weight = recombination_weights(
        imagination,
        rate=culture.recombination,
        reference=culture.imagination,
        stream=streams["recombine"],
        step=week,
        uids=uid,
        **RECOMBINATION,
    )
    blended = weight.nonzero()[0]
    u = streams["other_genre"].uniforms(week, uid[blended], 2)
    other = (genre[blended] + 1 + (u[:, 0] * (genres - 1)).astype(np.int64)) % genres
    size = np.array([len(canon.keys) for canon in model.canons])
    row = (size.cumsum() - size)[other] + (u[:, 1] * size[other]).astype(np.int64)
    known = size[other] > 0
    blended, part = blended[known], weight[blended[known], None]
    works = np.concatenate([canon.concepts for canon in model.canons]).take(row[known], axis=0)
    concept[blended] = (1.0 - part) * concept[blended] + part * works
    return concept


def _by_genre(genre: I8, rows: I8, genres: int) -> tuple[I8, list[slice]]:
    """Rows of items, one genre after another, and where each genre's are among them."""
    rows = rows[genre[rows].argsort(kind="stable")]
    return rows, spans(genre[rows], genres)


def _ai_concepts(model: ContentEcosystem, genre: I8, uid: U8, origin: U1, ai: F8, own: F8) -> F8:
    """Replace or blend concepts where AI had a part in them."""
    culture, corpora, concept = model.settings.culture, model.corpora, own.copy()
    common: dict[str, Any] = {"temperature": culture.ai_temperature, "step": model.week}
    rows, mine = _by_genre(genre, (origin == GENERATED).nonzero()[0], len(corpora))
    if rows.size:
        concept[rows] = imitate(corpora, mine, stream=model.streams["imitate"], uids=uid[rows], **common)
    rows, mine = _by_genre(genre, ((origin == ASSISTED) & (ai > 0)).nonzero()[0], len(corpora))
    if rows.size:
        prompts = own.take(rows, axis=0)
        drafts = prompt(
            corpora,
            mine,
            prompts,
            lengths=[PROMPT_LENGTH * (corpus.width or 1.0) for corpus in corpora],
            drafts=culture.assist_drafts,
            candidates=PROMPT_SEEDS,
            stream=model.streams["prompt"],
            uids=uid[rows],
            **common,
        )
        concept[rows] = assisted(prompts, drafts, ai[rows])
    return concept


def _novelty(model: ContentEcosystem, genre: I8, concept: F8) -> F8:
    """Novelty of each new item, in its genre's canon."""
    novelty, canons = np.empty(len(genre)), model.canons
    rows, mine = _by_genre(genre, np.arange(len(genre)), len(canons))
    new = concept.take(rows, axis=0).astype(np.float32)
    novelty[rows] = np.concatenate([canon.novelty(new[its]) for canon, its in zip(canons, mine, strict=True)])
    return novelty


def _accuracy(model: ContentEcosystem, producer: I8, origin: U1, uid: U8) -> U1:
    """Whether an item is right, wrong by mistake, or false by intent, perhaps under another's name.

    Humans lie at a fixed rate; an AI producer lies as long as it pays.
    """
    trust, producers = model.settings.trust, model.producers.columns
    generated = origin == GENERATED
    error = np.where(generated, model.frontier.error, trust.human_error)
    lie = model.streams["falsehood"].uniform(model.week, uid) < trust.human_falsehood
    made = producer[generated]
    lie[generated] = _liars(model, made)
    poses = np.zeros(len(uid), np.bool_)
    poses[generated] = producers.persona[made] >= 0
    slip = model.streams["error"].uniform(model.week, uid) < error
    false = np.where(poses, IMPOSTOR, FALSE)
    return np.where(lie, false, np.where(slip, ERROR, TRUE)).astype(np.uint8)


def _liars(model: ContentEcosystem, rows: I8) -> B1:
    """Which of some AI producers' accounts lie this week, shape (n,)."""
    producers = model.producers.columns
    caught = removal_odds(model.charters.moderation, model.levers["content_review"], model.settings)
    platform = producers.cell[rows] // model.settings.world.genres
    gain, fine = learned_gain(model.paid_by_truth), strike_cost(model.settings)
    u = model.streams["code"].uniform(0, producers.uid[rows])
    code = model.settings.farms.code_scruple * keep_code(u, model.levers["self_regulation"], model.settings)
    scruple = producers.scruple[rows] + code.astype(np.float32)
    return choose_falsehood(scruple, gain, caught[platform], fine)


def _drafted(model: ContentEcosystem, producer: I8, origin: U1, accuracy: U1, uid: U8) -> tuple[F8, F8]:
    """Latent appeal and emotion of the best of several drafts: a false item saves verification, so it had more.

    Drafts are judged by appeal and emotion together; the best sum is shared between the two as normal regression does.
    """
    trust, attention = model.settings.trust, model.settings.attention
    drafts = 1.0 + trust.draft_budget / (1.0 + np.where(accuracy >= FALSE, 0.0, trust.verification))
    draw = model.streams["appeal"]
    best = draw.uniform(model.week, uid)
    top = special.ndtri(best_of(np.minimum(drafts, MOST_DRAFTS), best))
    noise = draw.normal(model.week, uid, 1)
    a, b = attention.appeal_sd, attention.beta_emotion
    s = np.hypot(a, b)
    appeal = a * (a * top + b * noise) / s + model.producers.columns.gift[producer]
    emotion = (b * top - a * noise) / s
    gap = np.where(origin == GENERATED, model.settings.technology.emotion_gap, 0.0)
    return appeal, emotion - gap


def _craft(model: ContentEcosystem, producer: I8, origin: U1, ai: F8, vendor: I8, uid: U8) -> F8:
    """Craft in standard deviations of human craft."""
    producers, technology, culture = model.producers.columns, model.settings.technology, model.settings.culture
    z = model.streams["craft"].normal(model.week, uid)
    skill = producers.skill[producer].astype(np.float64)
    craft = skill + model.settings.creators.craft_luck * z
    helped, made = (origin == ASSISTED).nonzero()[0], (origin == GENERATED).nonzero()[0]
    if helped.size:
        ceiling = culture.assist_ceiling + model.frontier.level
        craft[helped] = assisted_craft(
            craft[helped],
            skill[helped],
            ai[helped],
            gain=culture.assist_gain,
            ceiling=ceiling,
            prompt_skill=producers.prompt_skill[producer[helped]].astype(np.float64),
        )
    if made.size:
        craft[made] = model.frontier.craft[vendor[made]] + technology.craft_sd * z[made]
    return craft
