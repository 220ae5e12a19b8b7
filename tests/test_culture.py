"""Known answers of concept space: canon, novelty, imitation, perceived AI, measures."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from sim.base.randomness import Stream, derive
from sim.base.tables import F8, U8
from sim.culture.canons import Canon, fading_keys
from sim.culture.concepts import assisted, assisted_craft, human_concepts, recombination_weights
from sim.culture.corpora import Corpus, Model, imitate, prompt, works_of
from sim.culture.detection import call_probability, d_prime_of_accuracy, update_prevalence
from sim.culture.novelty import (
    approach,
    frontier_growth,
    lovelace_pass,
    neighbour_count,
    new_ground,
    pair_similarity,
    rms_pair_distance,
    thin,
    vendi_score,
)
from sim.culture.premium import mean_fit, poisson_fit, premium_curve
from sim.kernels.concepts import (
    _pick,
    _pick_exactly,
    blend_neighbours,
    keep_highest,
    nearest,
    prompted_seeds,
)
from tests.twins.concepts import (
    blend_neighbours_numpy,
    keep_highest_numpy,
    nearest_numpy,
    prompted_seeds_numpy,
)

DIMS = 8


class Turned(Stream):
    """A stream whose normal vectors are turned with the axes of concept space."""

    def __init__(self, name: str, rotation: F8) -> None:
        super().__init__(0, 0, name)
        self.rotation = rotation

    def normals(self, step: int, uids: U8, count: int, draw: int = 0) -> F8:
        z = super().normals(step, uids, count, draw)
        z[:, :DIMS] = z[:, :DIMS] @ self.rotation
        return z


def stream(name: str = "s", replication: int = 0) -> Stream:
    return Stream(1, replication, name)


def people(count: int, step: int, source: Stream | None = None) -> tuple[F8, U8]:
    """Stationary humans: one law for every item."""
    uids = derive("item", step, np.arange(count))
    made = human_concepts(
        np.zeros((count, DIMS)), np.full(count, 0.35), scale=1.0, stream=source or stream("h"), step=step, uids=uids
    )
    return made, uids


def crowd(count: int, step: int) -> tuple[F8, U8]:
    """Humans of unlike homes and imagination: 400 authors, the same in every step."""
    authors = derive("author", 0, np.arange(400))
    home, imagination = stream("home").normals(0, authors, DIMS), 0.35 * np.exp(0.6 * stream("im").normal(0, authors))
    uids = derive("item", step, np.arange(count))
    who = (stream("who").uniform(step, uids) * 400).astype(int)
    return human_concepts(home[who], imagination[who], scale=1.0, stream=stream("h"), step=step, uids=uids), uids


def offer(
    canon: Canon, concepts: F8, attention: F8, uids: U8, *, now: float, stream: Stream, memory: float = 26.0
) -> None:
    canon.offer(concepts, fading_keys(attention, uids, now=now, memory=memory, stream=stream), uids)


def feed(corpus: Corpus, concepts: F8, attention: F8, synthetic: F8, uids: U8, *, step: int, stream: Stream) -> None:
    corpus.offer(works_of(concepts, attention, synthetic), stream.uniform(0, uids), step=step)


def model(corpus: Corpus, lean: F8 | None = None) -> Model:
    return Model(corpus, np.zeros(len(corpus.centre)) if lean is None else lean)


def imitated(corpus: Corpus, lean: F8 | None = None, **given: Any) -> F8:
    return imitate([model(corpus, lean)], [slice(None)], **given)


def prompted(corpus: Corpus, prompts: F8, **given: Any) -> F8:
    return prompt([model(corpus)], [slice(0, len(prompts))], prompts, **given)


def filled(size: int, count: int, replication: int = 0) -> Canon:
    canon = Canon(size, DIMS)
    concepts, uids = people(count, 0, stream("h", replication))
    attention = np.exp(1.5 * stream("a", replication).normal(0, uids))
    offer(canon, concepts, attention, uids, now=0.0, stream=stream("c", replication))
    canon.follow_unit(people(2000, 9, stream("h", replication))[0], 1.0)
    return canon


def taught(capacity: int = 2048, count: int = 2048, mode: str = "accumulate") -> tuple[Corpus, Canon]:
    """A corpus and a canon of the same crowd."""
    canon, corpus = Canon(512, DIMS), Corpus(capacity, np.zeros(DIMS), mode)
    concepts, uids = crowd(2048, 0)
    offer(canon, concepts, np.exp(1.5 * stream("a").normal(0, uids)), uids, now=0.0, stream=stream("c"))
    canon.follow_unit(crowd(2048, 5)[0], 1.0)
    concepts, uids = crowd(count, 1)
    feed(corpus, concepts, np.ones(count), np.zeros(count), uids, step=0, stream=stream("k"))
    corpus.retrain(familiarity=2.0, neighbours=32)
    return corpus, canon


# Kernels


def test_kernels_match_their_twins_and_compile_once() -> None:
    x, uids = people(60, 0)
    bank = x.astype(np.float32)
    own = np.where(np.arange(60) < 40, np.arange(60), -1)
    rows, gaps = nearest(bank, bank, own, 5)
    rows_twin, gaps_twin = nearest_numpy(bank, bank, own, 5)
    np.testing.assert_array_equal(rows, rows_twin)
    np.testing.assert_allclose(gaps, gaps_twin, atol=1e-12)
    cumulative = np.cumsum(np.full(60, 1 / 60))
    source = stream("p")
    ours = prompted_seeds(bank, bank, cumulative, 0.3, (source.key, np.uint64(7)), uids, 4, 16)
    np.testing.assert_array_equal(ours, prompted_seeds_numpy(bank, bank, cumulative, 0.3, source, 7, uids, 4, 16))
    corpus, _ = taught(64, 64)
    prompted(corpus, x, reach=0.3, drafts=2, candidates=8, temperature=0.5, stream=source, step=1, uids=uids)
    assert len(nearest.signatures) == 1 and len(prompted_seeds.signatures) == 1


@pytest.mark.parametrize(("size", "k"), [(1, 1), (40, 3), (64, 10), (65, 11), (300, 70), (900, 5), (1100, 32)])
@pytest.mark.parametrize("copies", [1, 3, 2000])
def test_nearest_are_ordered_as_by_numpy_with_and_without_copies(size: int, k: int, copies: int) -> None:
    rng = np.random.default_rng(size)
    bank = rng.normal(size=(size, 3)).astype(np.float32)[rng.integers(0, -(-size // copies), size)]
    points = np.concatenate([bank[:3], rng.normal(size=(5, 3)).astype(np.float32)])
    own = np.concatenate([np.arange(len(points) - 5) if size > k else np.full(len(points) - 5, -1), np.full(5, -1)])
    rows, gaps = nearest(points, bank, own, k)
    rows_twin, gaps_twin = nearest_numpy(points, bank, own, k)
    np.testing.assert_array_equal(rows, rows_twin)
    np.testing.assert_array_equal(gaps, gaps_twin)


def test_seeds_are_picked_as_exact_weights_say_even_at_their_edges() -> None:
    rng, scratch, single = np.random.default_rng(0), np.zeros(32), np.zeros(32, np.float32)
    for _ in range(50):
        gap = 3.0 * rng.random(32)
        edges = np.cumsum(np.exp(gap.min() - gap))
        edges = edges[:-1] / edges[-1]
        for u in (*edges, *np.nextafter(edges, 0.0), *(edges + 1e-7), *rng.random(32)):
            exact = _pick_exactly(gap, gap.min(), 1.0, u, scratch)
            assert _pick(gap, 1.0, u, scratch, single) == exact


@pytest.mark.parametrize("near", [1, 2, 16])
def test_neighbours_are_blended_as_by_numpy_bit_for_bit(near: int) -> None:
    rng = np.random.default_rng(near)
    bank, rows = rng.normal(size=(300, DIMS)).astype(np.float32), rng.integers(0, 300, (300, near)).astype(np.int32)
    lots, noise, middle = rng.exponential(size=(500, 3)), rng.normal(size=(500, DIMS)), rng.normal(size=(500, DIMS))
    given = rng.integers(0, 300, 500), rng.random((500, 2)), lots, noise, bank, rows, middle, 1.3, 0.7
    np.testing.assert_array_equal(blend_neighbours(*given), blend_neighbours_numpy(*given))


@pytest.mark.parametrize(("size", "held"), [(1, 0), (1, 1), (30, 0), (30, 12), (30, 30)])
def test_the_highest_keys_are_kept_as_by_numpy(size: int, held: int) -> None:
    concepts, uids = people(80, 0)
    keys, rows = np.floor(40.0 * stream("k").uniform(0, uids)), concepts.astype(np.float32)  # some keys are alike
    order = (-keys[:held]).argsort(kind="stable")
    rooms = []
    for keep in (keep_highest, keep_highest_numpy):
        room = np.zeros(size), np.zeros(size, np.uint64), np.zeros((size, DIMS), np.float32)
        for column, given in zip(room, (keys, uids, rows), strict=True):
            column[:held] = given[:held][order]
        offered = np.arange(held // 2, 80)  # some are held already
        count = keep(*room, held, keys[offered], uids[offered], rows[offered])
        assert count == size
        assert keep(*room, count, keys[:0], uids[:0], rows[:0]) == count
        rooms.append(room)
    for ours, twins in zip(*rooms, strict=True):
        np.testing.assert_array_equal(ours, twins)


def test_prompted_seeds_follow_gumbel_max() -> None:
    bank = np.array([[0.0], [1.0], [2.0]], np.float32)
    uids = derive("item", 0, np.arange(40_000))
    prompts = np.zeros((len(uids), 1), np.float32)
    cumulative, start = np.array([0.2, 0.5, 1.0]), (stream().key, np.uint64(0))
    got = prompted_seeds(prompts, bank, cumulative, 1.0, start, uids, 1, 4)[:, 0]
    draws = stream("other").uniform(0, uids[:, None], np.arange(8)[None, :])
    rows = np.searchsorted([0.2, 0.5], draws[:, :4])
    score = -0.5 * bank[rows, 0] ** 2 - np.log(-np.log(draws[:, 4:]))
    want = np.take_along_axis(rows, score.argmax(axis=1)[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(np.bincount(got) / len(uids), np.bincount(want) / len(uids), atol=0.012)


# Humans


def test_human_steps_are_student_t_with_shared_tail() -> None:
    concepts, _ = people(20_000, 3)
    assert stats.kstest(concepts[:, 2] / 0.35, stats.t(3).cdf).pvalue > 0.01
    length = np.square(concepts / 0.35).sum(axis=1) / DIMS
    assert stats.kstest(length, stats.f(DIMS, 3).cdf).pvalue > 0.01


def test_recombination_rate_is_capped_and_weights_bounded() -> None:
    n = 100_000
    uids = derive("item", 0, np.arange(n))
    for imagination, share in ((0.35, 0.05), (0.70, 0.10), (3.5, 0.15)):
        weight = recombination_weights(
            np.full(n, imagination),
            rate=0.05,
            reference=0.35,
            cap=3.0,
            low=0.2,
            high=0.5,
            stream=stream(),
            step=0,
            uids=uids,
        )
        moved = weight[weight > 0]
        assert len(moved) / n == pytest.approx(share, abs=0.006)
        assert moved.min() >= 0.2 and moved.max() <= 0.5 and moved.mean() == pytest.approx(0.35, abs=0.01)


# Canon and novelty


def test_canon_of_one_selects_by_faded_weight() -> None:
    week, attention = np.array([0, 13, 26, 52]), np.array([9.0, 5.0, 2.0, 0.0])
    share = (attention + 1.0) * np.exp(-(52 - week) / 26.0)
    won = np.zeros(4)
    for replication in range(2500):
        canon = Canon(1, DIMS)
        for i in range(4):
            offer(
                canon,
                np.zeros((1, DIMS)),
                attention[i : i + 1],
                derive("item", 1, [i]),
                now=float(week[i]),
                stream=stream("c", replication),
            )
        won[np.flatnonzero(derive("item", 1, np.arange(4)) == canon.uids[0])] += 1
    np.testing.assert_allclose(won / won.sum(), share / share.sum(), atol=0.025)


@pytest.mark.parametrize(("size", "replications"), [(128, 60), (512, 20), (2048, 6)])
@pytest.mark.parametrize("volume", [1, 10])
def test_stationary_humans_have_median_novelty_one(size: int, replications: int, volume: int) -> None:
    medians = []
    for r in range(replications):
        canon = filled(size, 3 * size, r)
        canon.freeze()
        concepts, uids = people(volume * size, 1, stream("h", r))
        offer(canon, concepts, np.zeros(len(uids)), uids, now=26.0, stream=stream("c", r))
        fresh, uids = people(2000, 2, stream("h", r))
        medians.append(np.median(canon.novelty(fresh)))
    assert np.mean(medians) == pytest.approx(1.0, abs=0.03)


def test_novelty_one_is_that_of_the_median_new_work_until_the_unit_is_frozen() -> None:
    canon = filled(128, 128)
    new, uids = people(4000, 4)
    assert np.median(canon.novelty(new)) == pytest.approx(1.0, abs=0.03)
    kept = canon.unit
    canon.follow_unit(10.0 * new, 4.0)
    assert canon.unit > 2 * kept
    canon.freeze()
    kept = canon.unit
    canon.follow_unit(new, 1.0)
    offer(canon, new * 10, np.full(4000, 500.0), uids, now=52.0, stream=stream("c"))
    assert canon.unit == kept


def test_novelty_does_not_depend_on_how_much_a_canon_holds() -> None:
    new, gaps = people(3000, 4)[0], []
    for size in (128, 256, 512, 2048):
        canon = Canon(size, DIMS)
        concepts, uids = people(2 * size, 0)
        offer(canon, concepts, np.ones(2 * size), uids, now=0.0, stream=stream("c"))
        canon.unit = 1.0
        gaps.append(np.quantile(canon.novelty(new), [0.1, 0.5, 0.9]))
    np.testing.assert_allclose(gaps, np.broadcast_to(gaps[-1], (4, 3)), rtol=0.06)


def test_item_enters_once_and_is_left_out_of_its_own_novelty() -> None:
    canon = filled(128, 128)
    keys = canon.keys.copy()
    offer(canon, canon.concepts, np.full(128, 1e6), canon.uids, now=99.0, stream=stream("c"))
    np.testing.assert_array_equal(canon.keys, keys)
    inside, outside = canon.novelty(canon.concepts, np.arange(128)), canon.novelty(canon.concepts)
    assert np.all(inside > outside)


def test_empty_offers_and_requests_are_harmless() -> None:
    corpus, canon = taught(64, 64)
    concepts, uids = people(0, 0)
    unit = canon.unit
    offer(canon, concepts, np.zeros(0), uids, now=1.0, stream=stream())
    feed(corpus, concepts, np.zeros(0), np.zeros(0), uids, step=1, stream=stream())
    assert canon.unit == unit and len(corpus.keys) == 64 and canon.novelty(concepts).shape == (0,)
    made = prompted(
        corpus, concepts, reach=0.2, drafts=3, candidates=8, temperature=0.5, stream=stream(), step=1, uids=uids
    )
    assert made.shape == (0, 3, DIMS) and assisted(concepts, made, 0.3).shape == (0, DIMS)
    assert imitated(corpus, temperature=0.5, stream=stream(), step=1, uids=uids).shape == (0, DIMS)


def test_small_canons_and_restoring() -> None:
    canon = Canon(128, DIMS)
    concepts, uids = people(5, 0)
    np.testing.assert_array_equal(canon.novelty(concepts), 1.0)
    for n in (1, 2, 5):
        offer(canon, concepts[:n], np.ones(n), uids[:n], now=0.0, stream=stream())
        assert np.all(np.isfinite(canon.novelty(concepts)))
    twin = Canon(128, DIMS)
    twin.restore(canon.arrays())
    more, ids = people(200, 1)
    for one in (canon, twin):
        offer(one, more, np.ones(200), ids, now=1.0, stream=stream())
    np.testing.assert_array_equal(canon.keys, twin.keys)
    assert canon.unit == twin.unit and len(canon.sample(64)) == 64
    assert neighbour_count(128) == 3 and neighbour_count(2048) == 40


def test_fixed_subsample_moves_only_with_the_canon() -> None:
    canon = filled(256, 256)
    before = {tuple(row) for row in canon.sample(64)}
    concepts, uids = people(16, 5)
    offer(canon, concepts, np.full(16, 1e9), uids, now=0.0, stream=stream())
    assert len(before & {tuple(row) for row in canon.sample(64)}) > 50  # the 16 newcomers lead by key, not by uid


# Imitation


def test_ai_with_the_human_law_cannot_be_told_by_novelty() -> None:
    canon = filled(512, 1500)
    human, ai = canon.novelty(people(4000, 1)[0]), canon.novelty(people(4000, 2, stream("ai"))[0])
    auc = stats.mannwhitneyu(ai, human).statistic / 4000**2
    assert auc == pytest.approx(0.5, abs=0.02)


def test_novelty_tail_of_ai_falls_with_the_preference_for_the_familiar() -> None:
    corpus, canon = taught()
    human = canon.novelty(crowd(4000, 2)[0])
    uids = crowd(4000, 3)[1]
    tails = []
    for familiarity in (0.0, 1.0, 2.0, 4.0):
        corpus.retrain(familiarity=familiarity, neighbours=32)
        made = imitated(corpus, temperature=0.3, stream=stream("i"), step=1, uids=uids)
        tails.append((human < np.quantile(canon.novelty(made), 0.95)).mean())
    assert np.all(np.diff(tails) < -0.02)


def lineage(mode: str, inflow: float, replication: int, trainings: int = 10) -> F8:
    """AI's median novelty at each training from one release state, where a part `inflow` of new works is human."""
    corpus, canon = taught(1024, mode=mode)
    canon.freeze()
    number, medians = 400, []
    for step in range(10, 10 + trainings):
        uids = derive("made", replication, step * number + np.arange(number))
        made = imitated(corpus, temperature=0.6, stream=stream("i", replication), step=step, uids=uids)
        medians.append(np.median(canon.novelty(made)))
        humans = round(inflow * number)
        made[:humans] = crowd(number, step)[0][:humans]
        attention = np.exp(1.5 * stream("a", replication).normal(step, uids))
        offer(canon, made, attention, uids, now=26.0 * (step - 9), stream=stream("c", replication))
        feed(corpus, made, attention, np.ones(number), uids, step=step, stream=stream("k", replication))
        corpus.retrain(familiarity=2.0, neighbours=32)
    return np.array(medians)


def test_ai_loses_its_novelty_where_own_works_replace_data_and_keeps_it_where_they_add_to_them() -> None:
    """Shumailov et al. 2024: collapse by replacement; Gerstgrasser et al. 2024: bounded by accumulation."""
    for replication in range(3):
        kept, lost = lineage("accumulate", 0.0, replication), lineage("replace", 0.0, replication)
        assert kept[0] == lost[0] and 0.5 < kept[-1] / kept[0] < 1.1
        assert abs(kept[-1] / kept[-4] - 1.0) < 0.05
        assert lost[-1] < 0.7 * kept[-1]


def test_human_works_among_the_new_ones_hold_up_ais_novelty() -> None:
    none, some, half = (lineage("replace", inflow, 0)[-1] for inflow in (0.0, 0.2, 0.5))
    assert none < some < half
    assert half > 0.9 * lineage("accumulate", 0.5, 0)[-1]


@pytest.mark.parametrize("temperature", [0.3, 0.9])
def test_imitating_by_itself_neither_widens_nor_narrows(temperature: float) -> None:
    corpus, _ = taught()
    corpus.retrain(familiarity=0.0, neighbours=0)
    uids = crowd(60_000, 3)[1]
    made = imitated(corpus, temperature=temperature, stream=stream("i"), step=1, uids=uids)
    assert made.var(axis=0).mean() == pytest.approx(corpus.spread**2, rel=0.03)
    np.testing.assert_allclose(made.mean(axis=0), corpus.exemplars.mean(axis=0), atol=0.03)


def test_prompts_without_reach_are_returned_and_without_bound_are_ignored() -> None:
    corpus, _ = taught()
    prompts, uids = crowd(2000, 4)
    asked = {"drafts": 1, "candidates": 8, "temperature": 0.99, "stream": stream("p"), "step": 1, "uids": uids}
    near = prompted(corpus, prompts, reach=1e-3, **asked)[:, 0]
    assert np.abs(near - prompts).max() < 0.2 * np.abs(prompts).max()
    free = prompted(corpus, prompts, reach=1e3, **asked)[:, 0]
    assert abs(np.corrcoef(free[:, 0], prompts[:, 0])[0, 1]) < 0.06
    assert free.var(axis=0).mean() == pytest.approx(corpus.spread**2, rel=0.06)


# Vendors' views


def normal_corpus(count: int = 4000) -> Corpus:
    corpus = Corpus(count, np.zeros(DIMS), "accumulate")
    uids = derive("item", 0, np.arange(count))
    concepts = 2.0 * stream("n").normals(0, uids, DIMS)
    feed(corpus, concepts, np.zeros(count), np.zeros(count), uids, step=0, stream=stream("k"))
    corpus.retrain(familiarity=0.0, neighbours=0)
    return corpus


def test_a_vendors_mean_lies_off_by_its_lean_and_its_spread_is_the_common_one() -> None:
    corpus, lean = normal_corpus(), np.zeros(DIMS)
    assert corpus.view(lean).variance == pytest.approx(corpus.spread**2)
    lean[:2] = 0.3, -0.4
    view = corpus.view(lean)
    np.testing.assert_allclose(view.middle - corpus.view(np.zeros(DIMS)).middle, 2.0 * lean, atol=0.12)
    assert view.variance == pytest.approx(corpus.spread**2, rel=0.05)
    assert corpus.view(lean.copy()) is view and corpus.copy().view(lean) is view
    corpus.retrain(familiarity=0.0, neighbours=0)
    assert corpus.view(lean) is not view


def test_concepts_differ_more_with_more_vendors() -> None:
    corpus, uids, spread = normal_corpus(), derive("item", 1, np.arange(12_000)), []
    for vendors in (1, 2, 8):
        leans = 0.5 * stream("lean").normals(0, derive("model", 0, np.arange(8)), DIMS)[:vendors]
        leans -= leans.mean(axis=0)  # so that the pool of all vendors lies where the corpus does
        ends = np.linspace(0, len(uids), vendors + 1).astype(int)
        made = imitate(
            [model(corpus, lean) for lean in leans],
            [slice(a, b) for a, b in itertools.pairwise(ends)],
            temperature=0.6,
            stream=stream("i"),
            step=1,
            uids=uids,
        )
        spread.append(rms_pair_distance(made))
    assert 1.02 * spread[0] < spread[1] < spread[2]


def generations(mode: str, n: int, count: int, shrink: float, inflow: float, replications: int) -> F8:
    """Mean variance of the corpus in each generation of a model that copies its corpus, drawn in by sqrt(shrink)."""
    humans = round(inflow * n)
    variance = np.zeros(count + 1)
    for r in range(replications):
        human = stream("h", r)
        corpus = Corpus(n * (count + 1), np.zeros(1), mode)
        for g in range(count + 1):
            uids = derive("item", g, np.arange(n))
            made = human.normal(g, uids)[:, None]
            if g:
                corpus.retrain(familiarity=0.0, neighbours=0)
                ai = imitated(corpus, temperature=0.5, stream=stream("i", r), step=g, uids=uids[humans:])
                centre = corpus.exemplars.mean(axis=0)
                made[humans:] = centre + np.sqrt(shrink) * (ai - centre)
            feed(corpus, made, np.ones(n), np.ones(n), uids, step=g, stream=stream("k", r))
            variance[g] += corpus.column("concepts").var() / replications
    return variance


@pytest.mark.parametrize("shrink", [1.0, 0.8])
def test_variance_decays_when_models_replace_their_corpus(shrink: float) -> None:
    got = generations("replace", 10, 5, shrink, 0.0, 600)
    np.testing.assert_allclose(got / got[0], (shrink * (1 - 1 / 10)) ** np.arange(6), atol=0.04)


def test_variance_stays_bounded_when_corpora_accumulate() -> None:
    n = 4
    got = generations("accumulate", n, 5, 1.0, 0.0, 1000)
    want = np.cumprod([1.0, *(1 - 1 / (n * j**2) for j in range(2, 7))])
    np.testing.assert_allclose(got / got[0], want, atol=0.035)


def test_human_inflow_sets_a_floor() -> None:
    h, a = 0.2, 0.7
    got = generations("replace", 1000, 14, a, h, 12)
    assert got[-3:].mean() == pytest.approx(h / (1 - (1 - h) * a), rel=0.06)


def test_frozen_corpus_gives_constant_imitations() -> None:
    corpus, _ = taught(mode="frozen")
    uids = people(100, 4)[1]
    before = imitated(corpus, temperature=0.5, stream=stream("i"), step=1, uids=uids)
    feed(corpus, before, np.ones(100), np.ones(100), uids, step=9, stream=stream("k"))
    corpus.retrain(familiarity=2.0, neighbours=32)
    after = imitated(corpus, temperature=0.5, stream=stream("i"), step=1, uids=uids)
    np.testing.assert_array_equal(before, after)
    assert corpus.synthetic_share == 0.0


def test_offers_reach_imitations_only_through_training() -> None:
    corpus, _ = taught()
    uids = people(100, 4)[1]
    before = imitated(corpus, temperature=0.5, stream=stream("i"), step=1, uids=uids)
    feed(corpus, before + 100.0, np.full(100, 1e6), np.ones(100), uids, step=9, stream=stream("k"))
    np.testing.assert_array_equal(imitated(corpus, temperature=0.5, stream=stream("i"), step=1, uids=uids), before)
    corpus.retrain(familiarity=2.0, neighbours=32)
    assert imitated(corpus, temperature=0.5, stream=stream("i"), step=1, uids=uids).mean() > 50


def test_corpus_modes_keep_what_they_say() -> None:
    kept = {}
    for mode in ("accumulate", "replace", "fixed_size"):
        corpus = Corpus(100, np.zeros(1), mode)
        for step in range(10):
            uids = derive("item", step, np.arange(50))
            feed(
                corpus,
                np.full((50, 1), float(step)),
                np.ones(50),
                np.full(50, step >= 5),
                uids,
                step=step,
                stream=stream("k"),
            )
            corpus.retrain(familiarity=1.0, neighbours=8)
        kept[mode] = np.bincount(corpus.column("concepts")[:, 0].astype(int), minlength=10)
        assert corpus.synthetic_share == pytest.approx(kept[mode][5:].sum() / kept[mode].sum())
    np.testing.assert_array_equal(kept["replace"], [0] * 9 + [50])
    np.testing.assert_array_equal(kept["fixed_size"], [0] * 8 + [50, 50])
    assert kept["accumulate"].sum() == 100 and stats.chisquare(kept["accumulate"]).pvalue > 0.01


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_nearly_empty_corpora_give_numbers(count: int) -> None:
    corpus = Corpus(64, np.full(DIMS, 3.0), "accumulate")
    concepts, uids = people(count, 0)
    feed(corpus, concepts, np.zeros(count), np.zeros(count), uids, step=0, stream=stream())
    corpus.retrain(familiarity=2.0, neighbours=32)
    prompts, askers = people(20, 1)
    made = imitated(corpus, temperature=0.5, stream=stream(), step=1, uids=askers)
    drafts = prompted(
        corpus, prompts, reach=0.2, drafts=3, candidates=8, temperature=0.5, stream=stream(), step=1, uids=askers
    )
    assert np.all(np.isfinite(made)) and np.all(np.isfinite(drafts)) and drafts.shape == (20, 3, DIMS)
    if count == 0:
        np.testing.assert_array_equal(made, 3.0)
        np.testing.assert_array_equal(drafts, np.repeat(prompts[:, None], 3, axis=1))
    if count == 1:
        np.testing.assert_allclose(made, np.tile(concepts.astype(np.float32), (20, 1)), rtol=1e-6)
    assert (corpus.diversity is None) == (count < 2)


def test_averages_use_flat_weights_over_three_exemplars() -> None:
    corpus = Corpus(3, np.zeros(3), "accumulate")
    feed(
        corpus,
        np.eye(3),
        np.ones(3),
        np.zeros(3),
        derive("item", 0, np.arange(3)),
        step=0,
        stream=stream("k"),
    )
    corpus.retrain(familiarity=2.0, neighbours=32)
    made = imitated(corpus, temperature=0.0, stream=stream("i"), step=1, uids=derive("item", 1, np.arange(5000)))
    np.testing.assert_allclose(made.sum(axis=1), 1.0)
    for axis in range(3):  # a coordinate of a flat Dirichlet over three follows Beta(1, 2)
        assert stats.kstest(made[:, axis], stats.beta(1, 2).cdf).statistic < 0.04  # chance: 1e-7; plain uniforms: 0.1


def test_corpus_restores_and_temperature_widens() -> None:
    corpus, _ = taught(512, 1000)
    twin = Corpus(512, np.zeros(DIMS), "accumulate")
    twin.restore(corpus.arrays())
    prompts, uids = people(2000, 4)
    spread = []
    for temperature in (0.0, 0.5, 1.0):
        made = imitated(corpus, temperature=temperature, stream=stream("i"), step=1, uids=uids)
        again = imitated(twin, temperature=temperature, stream=stream("i"), step=1, uids=uids)
        np.testing.assert_array_equal(made, again)
        spread.append(rms_pair_distance(made))
    assert spread == sorted(spread)
    part = imitated(corpus, temperature=1.0, stream=stream("i"), step=1, uids=uids[::-7])
    np.testing.assert_allclose(part, made[::-7], atol=1e-12)
    assert corpus.diversity == twin.diversity
    asked = {"reach": 0.3, "drafts": 4, "candidates": 64, "temperature": 0.5}
    ours = prompted(corpus, prompts, **asked, stream=stream("p"), step=2, uids=uids)
    np.testing.assert_array_equal(ours, prompted(twin, prompts, **asked, stream=stream("p"), step=2, uids=uids))


def test_prompts_pull_drafts_near_and_assistance_homogenises() -> None:
    corpus, _ = taught()
    prompts, uids = crowd(2000, 4)
    drafts = prompted(
        corpus,
        prompts,
        reach=1.0,
        drafts=4,
        candidates=64,
        temperature=0.5,
        stream=stream("p"),
        step=1,
        uids=uids,
    )
    free = imitated(corpus, temperature=0.5, stream=stream("i"), step=1, uids=uids)
    gap = np.linalg.norm(drafts - prompts[:, None], axis=2)
    assert np.median(gap) < 0.8 * np.median(np.linalg.norm(free - prompts, axis=1))
    blend = assisted(prompts, drafts, 0.3)
    np.testing.assert_allclose(np.linalg.norm(blend - prompts, axis=1), 0.3 * gap.min(axis=1))
    assert rms_pair_distance(blend) < rms_pair_distance(prompts)
    np.testing.assert_allclose(assisted(prompts, drafts, np.zeros(2000)), prompts)


def test_assistance_lifts_the_less_skilled() -> None:
    skill = np.array([-1.0, 0.0, 0.5, 2.0])
    lifted = assisted_craft(skill, skill, 0.3, gain=0.4, ceiling=0.5, prompt_skill=1.0) - skill
    np.testing.assert_allclose(lifted, [0.18, 0.06, 0.0, 0.0])


# Being taken for AI


def test_calls_follow_signal_detection() -> None:
    np.testing.assert_allclose(d_prime_of_accuracy(np.array([0.5, 0.55, 0.65])), [0.0, 0.2513, 0.7706], atol=1e-4)
    for prevalence in (0.0, 0.2, 1.0):
        blind = call_probability(np.array([0.0, 1.0]), 0.0, prevalence)
        np.testing.assert_allclose(blind, prevalence)
    d = d_prime_of_accuracy(0.65)
    calls = call_probability(np.array([0.0, 0.5, 1.0]), d, 0.5)
    np.testing.assert_allclose(calls, special.ndtr(np.array([-d / 2, 0.0, d / 2])))
    assert 0.5 * (calls[2] + 1 - calls[0]) == pytest.approx(0.65)
    assert update_prevalence(0.2, 0.6, rate=0.05) == pytest.approx(0.22)


# Measures


def test_lovelace_pass_needs_novelty_on_both_marks_satisfaction_and_exposure() -> None:
    passed = lovelace_pass(
        np.array([2.0, 1.5, 2.0, 2.0]),
        np.array([1.0, 1.0, 0.4, 1.0]),
        np.array([20, 99, 99, 19]),
        trailing=1.2,
        frozen=1.8,
        median=0.5,
        least_exposures=20,
    )
    np.testing.assert_array_equal(passed, [True, False, False, False])


def test_similarity_of_an_isotropic_gaussian() -> None:
    x = np.random.default_rng(1).normal(size=(3000, DIMS))
    length = rms_pair_distance(x)
    assert length == pytest.approx(4.0, abs=0.05)
    assert pair_similarity(x, length) == pytest.approx((1 + 1 / DIMS) ** (-DIMS / 2), abs=0.004)
    some = x[:50]
    pairs = [np.square(some[i] - some[j]).sum() for i in range(50) for j in range(i)]
    assert rms_pair_distance(some) == pytest.approx(np.sqrt(np.mean(pairs)))


def test_vendi_score_counts_clusters() -> None:
    places = np.repeat(100.0 * np.eye(DIMS)[:4], 16, axis=0)
    assert vendi_score(places, 1.0) == pytest.approx(np.log(4))
    assert vendi_score(places[:16], 1.0) == pytest.approx(0.0, abs=1e-9)
    assert frontier_growth(places, np.zeros((64, DIMS)), 1.0) == pytest.approx(np.log(4))
    assert frontier_growth(places[:10], places[:16], 1.0) == pytest.approx(0.0, abs=1e-9)


def test_new_ground_is_zero_when_years_are_alike() -> None:
    years = [people(4000, step)[0] for step in range(12)]
    shares = [new_ground(b, a, least=20, limit=4000) for a, b in itertools.pairwise(years)]
    assert np.mean(shares) == pytest.approx(0.0, abs=0.01)
    far = np.concatenate([years[0][:2000], years[1][:2000] + 100.0])
    assert new_ground(far, years[2], least=20, limit=4000) == pytest.approx(0.45, abs=0.03)
    assert new_ground(years[0] * 0.2, years[1], least=20, limit=500) < -0.08
    assert new_ground(years[0][:5], years[1], least=20, limit=500) is None
    assert len(thin(years[0], 300)) <= 300 and len(thin(years[0], 4000)) == 4000


def test_measures_of_too_few_rows_are_null() -> None:
    one, none = np.zeros((1, DIMS)), np.zeros((0, DIMS))
    assert rms_pair_distance(one) is None and pair_similarity(one, 1.0) is None
    assert vendi_score(none, 1.0) is None and frontier_growth(none, one, 1.0) is None


def test_turning_concept_space_changes_nothing() -> None:
    turn = stats.ortho_group(DIMS, seed=3).rvs()
    results = []
    for rotation in (np.eye(DIMS), turn):
        human = Turned("h", rotation)
        canon, corpus = Canon(256, DIMS), Corpus(512, np.zeros(DIMS), "accumulate")
        concepts, uids = people(800, 0, human)
        offer(canon, concepts, np.ones(800), uids, now=0.0, stream=stream("c"))
        feed(corpus, concepts, np.ones(800), np.zeros(800), uids, step=0, stream=stream("k"))
        corpus.retrain(familiarity=2.0, neighbours=32)
        made = imitated(corpus, temperature=0.5, stream=Turned("i", rotation), step=1, uids=uids)
        length = rms_pair_distance(concepts)
        results.append(
            [
                *canon.novelty(made)[:50],
                length,
                pair_similarity(made, length),
                vendi_score(made[:128], length),
                corpus.diversity,
                new_ground(made, concepts, least=20, limit=800),
            ]
        )
    np.testing.assert_allclose(results[0], results[1], rtol=2e-4, atol=2e-3)


def poisson_slope(uses: F8, columns: F8, cells: F8) -> tuple[float, float] | None:
    """The first slope and its standard error."""
    fit = poisson_fit(uses, columns, cells)
    return None if fit is None else (float(fit[0][0]), float(np.sqrt(fit[1][0, 0])))


def simulated_uses(slope: float, seed: int) -> tuple[F8, F8, F8]:
    """Overdispersed uses in cells of unequal size, with craft correlated with novelty; three cells are silent."""
    rng = np.random.default_rng(seed)
    cell = rng.integers(0, 30, 4000)
    novelty = rng.normal(0, 0.4, 4000) + 0.3 * (cell % 3)
    craft = rng.normal(size=4000) + novelty
    mean = np.exp(slope * novelty + 0.5 * craft + 0.2 * cell - 2.0) * rng.gamma(0.7, 1 / 0.7, 4000)
    uses = rng.poisson(mean * (cell > 2)).astype(float)
    return uses, np.stack([novelty, craft], axis=1), cell.astype(float)


@pytest.mark.parametrize("slope", [0.0, 0.6])
def test_poisson_slope_finds_the_premium_on_novelty(slope: float) -> None:
    found = [poisson_slope(*simulated_uses(slope, seed)) for seed in range(60)]
    estimates, errors = np.array(found, float).T
    assert estimates.mean() == pytest.approx(slope, abs=0.05)
    assert errors.mean() == pytest.approx(estimates.std(), rel=0.35)
    naive = [poisson_slope(v, x[:, :1], c)[0] for v, x, c in (simulated_uses(slope, s) for s in range(10))]
    assert np.mean(naive) > slope + 0.3


def test_poisson_slope_solves_its_equations_and_admits_ignorance() -> None:
    uses, columns, cells = simulated_uses(0.6, 1)
    slope, _ = poisson_slope(uses, columns, cells)
    scaled = poisson_slope(uses, columns * [10.0, 1.0] + 5.0, cells)
    assert scaled[0] == pytest.approx(slope / 10)
    apart = poisson_slope(uses, columns + 10.0 * cells[:, None], cells)
    np.testing.assert_allclose(apart, poisson_slope(uses, columns, cells), rtol=1e-4)
    two = poisson_slope(np.array([30.0, 60.0] * 20), np.array([[0.0], [1.0]] * 20), np.zeros(40))
    assert two[0] == pytest.approx(np.log(2)) and two[1] == pytest.approx(0.0, abs=1e-6)
    doubled = np.column_stack([columns, columns[:, 1]])
    assert poisson_slope(uses, doubled, cells)[0] == pytest.approx(slope, abs=1e-4)
    assert poisson_slope(np.zeros(4000), columns, cells) is None
    assert poisson_slope(uses, columns * [0.0, 1.0], cells) is None
    assert poisson_slope(uses[:3], columns[:3], cells[:3]) is None


def test_premium_is_a_curve_that_may_rise_and_fall_net_of_fit() -> None:
    rng = np.random.default_rng(3)
    found = []
    for _ in range(20):
        x, cell = rng.normal(0.1, 0.5, 3000), rng.integers(0, 6, 3000)
        fit = -0.8 * x + 0.3 * rng.normal(size=3000)  # what is novel lies far from taste
        mean = np.exp(1.0 + 0.4 * (x - np.median(x)) - 0.6 * (x - np.median(x)) ** 2 + fit + 0.2 * cell)
        uses = rng.poisson(mean * rng.gamma(2.0, 0.5, 3000)).astype(float)
        net, mixed = (premium_curve(uses, np.exp(x), c, cell) for c in (fit[:, None], rng.normal(size=(3000, 1))))
        assert net is not None and mixed is not None
        found.append((net.elasticity, mixed.elasticity, *net.effect))
    elasticity, without, *effect = np.mean(found, axis=0)
    assert elasticity == pytest.approx(0.4, abs=0.05) and without < 0.0
    at = np.array([-1.645, -0.6745, 0.0, 0.6745, 1.645]) * 0.5
    np.testing.assert_allclose(effect, 0.4 * at - 0.6 * at**2, atol=0.06)
    assert premium_curve(np.zeros(3000), np.exp(x), fit[:, None], cell) is None


def test_fit_to_an_audience_is_that_of_its_middle_less_half_the_squared_distance() -> None:
    tastes = np.random.default_rng(0).normal(size=(200_000, DIMS))
    works = np.zeros((3, DIMS))
    works[1, 0], works[2, 0] = 1.0, 2.0
    for strength in (0.0, 0.5):
        fit = mean_fit(works, tastes, np.ones(len(tastes)), strength=strength, dot_product=False)
        np.testing.assert_allclose(fit - fit[0], -0.5 * strength / (1 + strength) * works[:, 0] ** 2, atol=0.01)
    far = mean_fit(works, tastes, (tastes[:, 0] > 0).astype(float), strength=0.5, dot_product=True)
    assert np.all(np.diff(far) > 0.3)


def test_later_works_approach_what_they_imitate_and_nothing_else() -> None:
    (before, _), (same, _), makers = people(1500, 0), people(1500, 1), np.arange(1500)
    points, by = people(300, 2)[0], np.arange(1500, 1800)
    assert abs(np.nanmean(approach(points, by, (before, makers), (same, makers), least=30))) < 0.02
    nearer = same.copy()
    nearer += 0.5 * (np.tile(points, (5, 1)) - nearer)
    moved = approach(points, by, (before, makers), (nearer, makers), least=30)
    assert np.nanmean(moved) > 0.05
    own = approach(
        points, by, (before, makers), (np.concatenate([points, same[300:]]), np.r_[by, makers[300:]]), least=30
    )
    assert abs(np.nanmean(own)) < 0.03  # authors who repeat themselves count for nothing
    assert np.isnan(approach(points, by, (before[:20], makers[:20]), (same[:20], makers[:20]), least=30)).all()
