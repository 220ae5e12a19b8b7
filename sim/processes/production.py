"""Production: who makes how many items this week, and what each one is."""

from __future__ import annotations

import numpy as np
from scipy import special

from sim.agents.creators import plan_output
from sim.agents.farms import allowed_share, choose_liars, keep_code
from sim.agents.gifts import draw_gifts
from sim.agents.immersive import is_afforded, work_factor
from sim.agents.items import best_of
from sim.agents.lengths import (
    choose_depth,
    expected_work,
    length_powers,
    liked_depths,
    seconds_an_item,
    worth_to_makers,
)
from sim.agents.moderators import removal_probability
from sim.agents.producers import choose_platforms
from sim.agents.studios import run_projects
from sim.agents.vendors import data_leans
from sim.base.codes import ASSISTED, ERROR, FALSE, FARM, GENERATED, HUMAN, IMPOSTOR, TRUE
from sim.base.groups import slices_by_kind
from sim.base.randomness import derive, gumbel
from sim.base.records import Batch
from sim.base.tables import B1, DIMS, F8, I8, U1, U8
from sim.culture.concepts import assisted, assisted_craft, human_concepts, recombination_weights
from sim.culture.corpora import Model, imitate, prompt
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

RECOMBINATION = {"cap": 3.0, "low": 0.2, "high": 0.5}  # at most thrice as often; part of the other genre: assumption
MAX_ITEMS = 4_096  # per producer and week, so that the number of an item fits its identity
MAX_DRAFTS = 16.0  # per item: assumption
PROMPT_SEEDS, PROMPT_REACH = 32, 1.0  # seeds a prompt is matched against; reach in spreads of the corpus: assumption


def produce_content(world: World, week: Week, settings: Settings) -> None:
    """Make this week's new items, of all producers, and put them into `week.batch`."""
    producer, ordinal = _draw_output(world, week, settings)
    producers = world.producers.columns
    uid = derive("item", producers.uid[producer], world.now * 65_536 + ordinal)
    platforms, made = _choose_listings(world, week, settings, producer, uid)
    producer, uid, platforms = producer[made], uid[made], platforms[made]
    genre = producers.genre[producer].astype(np.int64)
    origin, ai = _origins(world, settings, producer)
    gift, skill = _gifts(world, settings, producer, uid)
    own = _human_concepts(world, settings, producer, genre, uid)
    vendor = _draw_vendors(world, week, platforms[:, 0], uid)
    concept = _ai_concepts(world, settings, genre, uid, origin, ai, own, vendor)
    accuracy = _accuracy(world, week, settings, producer, origin, uid)
    appeal, emotion = _drafted(world, settings, gift, origin, accuracy, uid)
    craft = _craft(world, week, settings, producer, skill, origin, ai, vendor, uid)
    depth = _choose_depths(world, week, settings, producer, genre, platforms[:, 0], uid)
    week.batch = Batch(
        uid=uid,
        producer=producer,
        genre=genre,
        origin=origin,
        ai=ai,
        concept=concept,
        appeal=appeal,
        craft=craft,
        emotion=emotion,
        depth=depth,
        accuracy=accuracy,
        novelty=_novelty(world, genre, concept),
        platforms=platforms,
        vendor=vendor,
    )


def _draw_output(world: World, week: Week, settings: Settings) -> tuple[I8, I8]:
    """Draw how many items each producer makes this week.

    Returns, for each of the n items, the row of its producer, ascending, and its number among that producer's items.
    """
    now = world.now
    producers, streams = world.producers.columns, world.streams
    count = np.zeros(world.producers.n, np.int64)
    n = settings.world.creators
    studios = slice(n, n + settings.world.studios)
    count[studios] = run_projects(
        world.studios.columns, producers.uid[studios], producers.item_work[studios], settings, streams, now
    )
    farms = studios.stop + producers.active[studios.stop : world.producers.n].nonzero()[0]
    number = world.farms.columns.number[producers.cell[farms]]
    # The number of AI producers in a cell is fractional: its last account publishes a part of what the others do.
    busy = (number - producers.account[farms]).clip(0.0, 1.0)
    rate = settings.farms.items * allowed_share(week.levers, settings)
    rows = np.concatenate([np.arange(n), farms])
    mean = np.concatenate([plan_output(world.creators.columns, producers, world.genres.columns, settings), rate * busy])
    count[rows] = streams["output"].poisson(now, producers.uid[rows], mean)
    if count.max(initial=0) > MAX_ITEMS:
        count, week.supply_capped = np.minimum(count, MAX_ITEMS), 1.0
    producer = np.repeat(np.arange(world.producers.n), count)
    return producer, np.arange(len(producer)) - (count.cumsum() - count)[producer]


def _origins(world: World, settings: Settings, producer: I8) -> tuple[U1, F8]:
    """Tell each item's origin (its code) and AI's share of the work in it, each of shape (n,)."""
    producers = world.producers.columns
    kind = producers.kind[producer]
    with_ai = (producers.uses_ai[producer] > 0) & (kind != FARM)
    origin = np.where(with_ai, ASSISTED, HUMAN).astype(np.uint8)
    ai = np.where(with_ai, producers.ai_share[producer], 0.0).astype(np.float64)
    if settings.farms.law == "ai":
        origin[kind == FARM] = GENERATED
        ai[kind == FARM] = 1.0
    return origin, ai


def _draw_vendors(world: World, week: Week, platform: I8, uid: U8) -> I8:
    """Draw the vendor (row) whose model would make each item, by shares of use on its first platform; shape (n,)."""
    shares = week.frontier.platform_shares
    if not shares.size:
        return np.zeros(len(uid), np.int64)
    last = int(week.frontier.shares.nonzero()[0][-1])  # sums of shares may be below 1 by rounding: it takes the rest
    u = world.streams["vendor"].uniform(world.now, uid)
    return np.asarray((u >= shares[:, :last].cumsum(axis=1).T.take(platform, axis=1)).sum(axis=0), np.int64)


def _choose_listings(world: World, week: Week, settings: Settings, producer: I8, uid: U8) -> tuple[I8, B1]:
    """Choose the platforms on which each item is listed, shape (n, 2), -1 for none; and say whether it is made, (n,).

    An item made for an immersive platform is listed on no plain one, and is made only if its maker can afford the extra
    work, which is drawn. An item that no open platform accepts is not made.
    """
    producers, immersive = world.producers.columns, world.charters.immersive
    kind, with_ai = producers.kind[producer], producers.uses_ai[producer]
    takes = world.charters.takes & (world.market.columns.is_open > 0)[:, None, None]
    with_or_without = work_factor(week.frontier.level, np.arange(2) > 0, settings)
    work = np.where(immersive[:, None], with_or_without, 1.0)
    u = world.streams["place"].uniforms(world.now, uid, len(world.platforms) + 1)
    returns = seconds_an_item(world.market.columns)
    platforms = choose_platforms(
        producers,
        producer,
        returns,
        world.farms.columns.expected.reshape(returns.shape),
        takes,
        work,
        gumbel(u),
        u[:, -1],
        settings,
    )
    first, second = platforms.T
    platforms[immersive[first] != immersive[second], 1] = -1
    u = world.streams["immersive"].uniform(world.now, uid)
    return platforms, takes[first, kind, with_ai] & ((kind == FARM) | is_afforded(work[first, with_ai], u))


def _gifts(world: World, settings: Settings, producer: I8, uid: U8) -> tuple[F8, F8]:
    """What each item owes to its maker, in appeal and in craft, shape (n,) each: a human's own gift and skill.

    AI producers' are drawn from the law of humans' at release.
    """
    producers, streams = world.producers.columns, world.streams
    found = producers.mean_appeal[producer].astype(np.float64), producers.skill[producer].astype(np.float64)
    made = (producers.kind[producer] == FARM).nonzero()[0]
    if made.size:
        account = producers.uid[producer[made]]
        for k, values in enumerate(found):
            lasting = streams["farm_gift"].normal(0, account, k)
            fresh = streams["farm_gift"].normal(world.now, uid[made], 2 + k)
            values[made] = draw_gifts(world.gifts[k], lasting, fresh, settings)
    return found


def _homes(world: World, settings: Settings, producer: I8, uid: U8) -> F8:
    """Home concept of each item's author, shape (n, D); an AI producer under the human law has a new one each time."""
    home = world.producers.columns.home[producer].astype(np.float64)
    if settings.farms.law == "human":
        made = (world.producers.columns.kind[producer] == FARM).nonzero()[0]
        kept, fresh = settings.farms.gift_lasting, world.streams["farm_home"].normals(world.now, uid[made], DIMS)
        home[made] = np.sqrt(kept) * home[made] + np.sqrt(1.0 - kept) * fresh
    return home


def _choose_depths(world: World, week: Week, settings: Settings, producer: I8, genre: I8, platform: I8, uid: U8) -> F8:
    """Choose each item's depth, shape (n,), by what it is worth to its maker on its first platform and takes to make.

    `week.ai_work` holds what AI producers then expect the length of an item to take.
    """
    producers, charters, streams = world.producers.columns, world.charters, world.streams
    kind = producers.kind[producer]
    worth = worth_to_makers(world.market.columns, charters.pays, world.now)
    week.ai_work = expected_work(worth[:, FARM], charters.depth_bias, world.usual_work, settings)
    z, u = streams["liking"].normal(world.now, uid), streams["depth"].uniform(world.now, uid)
    liked = liked_depths(producers.depth[producer], kind, charters.depth_bias[platform], z, settings)
    power = length_powers(settings)[(kind == FARM).astype(np.int64)]
    return choose_depth(liked, worth[platform, kind, genre], power, u, settings)


def _human_concepts(world: World, settings: Settings, producer: I8, genre: I8, uid: U8) -> F8:
    """Draw the concept that each author would make without AI, shape (n, D).

    It is near the author's home, and at times blended with a work from the canon of another genre.
    """
    producers, streams, now = world.producers.columns, world.streams, world.now
    imagination = producers.imagination[producer].astype(np.float64)
    concept = human_concepts(
        _homes(world, settings, producer, uid),
        imagination,
        scale=1.0,
        stream=streams["concept"],
        step=now,
        uids=uid,
    )
    genres, culture = settings.world.genres, settings.culture
    if genres < 2:
        return concept
    weight = recombination_weights(
        imagination,
        rate=culture.recombination,
        reference=culture.imagination,
        stream=streams["recombine"],
        step=now,
        uids=uid,
        **RECOMBINATION,
    )
    blended = weight.nonzero()[0]  # items that take from another genre
    u = streams["other_genre"].uniforms(now, uid[blended], 2)
    other = (genre[blended] + 1 + (u[:, 0] * (genres - 1)).astype(np.int64)) % genres
    size = np.array([len(canon.keys) for canon in world.canons])
    row = (size.cumsum() - size)[other] + (u[:, 1] * size[other]).astype(np.int64)
    known = size[other] > 0
    blended, part = blended[known], weight[blended[known], None]
    works = np.concatenate([canon.concepts for canon in world.canons]).take(row[known], axis=0)
    concept[blended] = (1.0 - part) * concept[blended] + part * works
    return concept


def _by_genre(genre: I8, rows: I8, genres: int) -> tuple[I8, list[slice]]:
    """Sort rows of items by genre; return them and, for each genre, the slice of them that belongs to it."""
    rows = rows[genre[rows].argsort(kind="stable")]
    return rows, slices_by_kind(genre[rows], genres)


def _ai_concepts(world: World, settings: Settings, genre: I8, uid: U8, origin: U1, ai: F8, own: F8, vendor: I8) -> F8:
    """Return the items' concepts, shape (n, D), with AI's part in them; `own` are those without AI.

    A generated item gets an imitation of its genre's corpus as its `vendor` sees it; an assisted one blends its
    author's own concept, as a prompt, with AI's drafts, by AI's share `ai`.
    """
    culture, concept, step = settings.culture, own.copy(), world.now
    rows = (origin == GENERATED).nonzero()[0]
    if rows.size:
        rows, models, mine = _by_model(world, settings, genre, vendor, rows)
        concept[rows] = imitate(
            models,
            mine,
            temperature=culture.ai_temperature,
            stream=world.streams["imitate"],
            step=step,
            uids=uid[rows],
        )
    rows = ((origin == ASSISTED) & (ai > 0)).nonzero()[0]
    if rows.size:
        rows, models, mine = _by_model(world, settings, genre, vendor, rows)
        prompts = own.take(rows, axis=0)
        drafts = prompt(
            models,
            mine,
            prompts,
            reach=PROMPT_REACH,
            drafts=culture.assist_drafts,
            candidates=PROMPT_SEEDS,
            temperature=culture.ai_temperature,
            stream=world.streams["prompt"],
            step=step,
            uids=uid[rows],
        )
        concept[rows] = assisted(prompts, drafts, ai[rows])
    return concept


def _by_model(world: World, settings: Settings, genre: I8, vendor: I8, rows: I8) -> tuple[I8, list[Model], list[slice]]:
    """Sort rows of items by the model that has a part in them, of their vendor and genre.

    Returns the rows, the models in use, and for each of these the slice of the rows that belongs to it.
    """
    vendors = world.vendor_state.n
    key = genre[rows] * vendors + vendor[rows]
    rows, key = rows[key.argsort(kind="stable")], np.sort(key)
    used, first = np.unique(key, return_index=True)
    leans = data_leans(world.vendor_state.columns, used % vendors, used // vendors, world.streams["lean"], settings)
    models = [Model(world.corpora[k // vendors], lean) for k, lean in zip(used.tolist(), leans, strict=True)]
    ends = np.append(first[1:], len(key))
    return rows, models, [slice(start, end) for start, end in zip(first.tolist(), ends.tolist(), strict=True)]


def _novelty(world: World, genre: I8, concept: F8) -> F8:
    """Novelty of each new item relative to its genre's canon, shape (n,)."""
    novelty, canons = np.empty(len(genre)), world.canons
    rows, mine = _by_genre(genre, np.arange(len(genre)), len(canons))
    new = concept.take(rows, axis=0).astype(np.float32)
    novelty[rows] = np.concatenate([canon.novelty(new[its]) for canon, its in zip(canons, mine, strict=True)])
    return novelty


def _accuracy(world: World, week: Week, settings: Settings, producer: I8, origin: U1, uid: U8) -> U1:
    """Draw each item's accuracy, shape (n,): true, wrong by mistake, false by intent, or false under another's name.

    Humans lie at a fixed rate; an AI producer lies as long as that pays.
    """
    trust, producers = settings.trust, world.producers.columns
    generated = origin == GENERATED
    error = np.where(generated, week.frontier.error, trust.human_error)
    lie = world.streams["falsehood"].uniform(world.now, uid) < trust.human_falsehood
    made = producer[generated]
    lie[generated] = _liars(world, week, settings, made)
    poses = np.zeros(len(uid), np.bool_)
    poses[generated] = producers.persona[made] >= 0
    mistaken = world.streams["error"].uniform(world.now, uid) < error
    false = np.where(poses, IMPOSTOR, FALSE)
    return np.where(lie, false, np.where(mistaken, ERROR, TRUE)).astype(np.uint8)


def _liars(world: World, week: Week, settings: Settings, rows: I8) -> B1:
    """Decide which AI producers' accounts publish falsehood this week; `rows` are theirs, one per item, shape (n,)."""
    producers = world.producers.columns
    removed = removal_probability(world.charters.moderation, week.levers.content_review, settings)
    platform = producers.cell[rows] // settings.world.genres
    u = world.streams["code"].uniform(0, producers.uid[rows])
    keeps = keep_code(u, week.levers.self_regulation, settings)
    return choose_liars(producers, rows, world.farm_news, removed[platform], keeps, settings)


def _drafted(world: World, settings: Settings, gift: F8, origin: U1, accuracy: U1, uid: U8) -> tuple[F8, F8]:
    """Draw latent appeal and emotion of each item, the best of several drafts; shape (n,) each.

    A false item needs no verification, so that there was time for more drafts. The best draft has the largest sum of
    appeal (sd `a`) and emotion (weight `b`): `top` is that sum in standard deviations, and given it, appeal and emotion
    are drawn from their conditional normal distribution. The maker's `gift` adds to appeal, shape (n,).
    """
    trust, attention = settings.trust, settings.attention
    drafts = 1.0 + trust.draft_budget / (1.0 + np.where(accuracy >= FALSE, 0.0, trust.verification))
    draw = world.streams["appeal"]
    u = draw.uniform(world.now, uid)
    top = special.ndtri(best_of(np.minimum(drafts, MAX_DRAFTS), u))
    noise = draw.normal(world.now, uid, 1)
    a, b = attention.appeal_sd, attention.beta_emotion
    s = np.hypot(a, b)
    appeal = a * (a * top + b * noise) / s + gift
    emotion = (b * top - a * noise) / s
    gap = np.where(origin == GENERATED, settings.technology.emotion_gap, 0.0)
    return appeal, emotion - gap


def _craft(
    world: World,
    week: Week,
    settings: Settings,
    producer: I8,
    skill: F8,
    origin: U1,
    ai: F8,
    vendor: I8,
    uid: U8,
) -> F8:
    """Craft of each item in standard deviations of human craft, shape (n,); `skill` is its maker's, shape (n,)."""
    producers, technology, culture = world.producers.columns, settings.technology, settings.culture
    z = world.streams["craft"].normal(world.now, uid)
    craft = skill + settings.creators.craft_luck * z
    helped, made = (origin == ASSISTED).nonzero()[0], (origin == GENERATED).nonzero()[0]
    if helped.size:
        ceiling = culture.assist_ceiling + week.frontier.level
        craft[helped] = assisted_craft(
            craft[helped],
            skill[helped],
            ai[helped],
            gain=culture.assist_gain,
            ceiling=ceiling,
            prompt_skill=producers.prompt_skill[producer[helped]].astype(np.float64),
        )
    if made.size:
        craft[made] = week.frontier.craft[vendor[made]] + technology.craft_sd * z[made]
    return craft
