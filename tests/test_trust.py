"""Known answers of truth, trust and perceived AI: evidence, falsehood's reach, the pass rate of a Turing test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from sim.agents.consumers import hear_news
from sim.agents.producers import create_producers
from sim.base.codes import FALSE, GENERATED, TRUE
from sim.base.randomness import Stream, Streams, derive
from sim.base.records import DECLARED
from sim.base.tables import F8
from sim.culture.detection import call_probability, d_prime_of_accuracy
from sim.processes.production import _drafted
from sim.settings import PlatformRules, Settings
from tests.bench import Bench, change, crowd, part_of_world, society

EVEN = np.zeros((4, len(Settings().platforms)))  # every platform fits every need alike


# Trust


def believed(false_share: float, start: float, discernment: float, ticks: int, rate: float = 0.05) -> F8:
    """Trust of 500 consumers in a platform on which every fifth, or so, item is false; mean after each tick."""
    bench = Bench(500, 1_000, seen=2, trust_step=rate)
    bench.items.card["accuracy"] = np.where((np.arange(1_000) + 0.5) / 1_000 < false_share, 1 + np.arange(1_000) % 2, 0)
    bench.people.trust[:], bench.people.discernment[:] = start, discernment
    found = []
    for tick in range(ticks):
        bench.session(tick)
        found.append(bench.people.trust.mean())
    return np.array(found)


@pytest.mark.parametrize("start", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("false_share", [0.1, 0.4])
def test_trust_tracks_accuracy_from_any_start(false_share: float, start: float) -> None:
    trust = believed(false_share, start, 1.5, 400)
    assert trust[-100:].mean() == pytest.approx(1.0 - false_share, abs=0.04)


def test_trust_moves_slowly_with_little_evidence_and_never_without() -> None:
    weak, strong = believed(0.4, 0.9, 0.5, 100), believed(0.4, 0.9, 1.5, 100)
    assert 0.9 > weak[-1] > strong[-1] + 0.05
    assert (0.9 - believed(0.4, 0.9, 1.5, 20, rate=0.01)[-1]) < (0.9 - strong[19]) / 2
    np.testing.assert_allclose(believed(0.4, 0.9, 0.0, 50), 0.9, atol=1e-6)


@pytest.mark.parametrize("accuracy", [0.5, 0.8, 0.95])
def test_truth_that_comes_out_brings_trust_to_the_accuracy_shown(accuracy: float) -> None:
    """By itself, from above and below alike."""
    bench = Bench(500, 1_000, seen=2, checked_step=0.01)
    bench.items.card["accuracy"] = np.arange(1_000) % 20 >= 20 * accuracy
    bench.people.trust[:, 0], bench.people.discernment[:] = np.where(np.arange(500) % 2, 0.1, 0.99), 0.0
    for tick in range(150):
        bench.session(tick)
    assert bench.people.trust.mean() == pytest.approx(accuracy, abs=0.015)
    assert bench.people.trust.std() < 0.05


def test_trust_as_such_does_not_move_screen_time() -> None:
    """Trust counts from where a world of humans starts: its weight favours platforms, not screens."""
    shares = []
    for weight in (0.0, 12.0):
        model = society(2, trust__weight=weight, trust__rate=0.003)
        shares.append(model.world.memory.outcomes["screen_share"][:2].mean())
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


def test_judgement_is_the_posterior() -> None:
    """Items judged true with probability p are true p of the time, and trust stays within its bounds."""
    bench = Bench(40_000, 500, trust_step=1.0)
    bench.items.card["accuracy"] = np.arange(500) % 10 < 3
    bench.people.trust[:], bench.people.discernment[:] = 0.7, 1.0
    events = bench.session()
    right = bench.items.card["accuracy"][events.listing] == 0
    assert events.judged.mean() == pytest.approx(0.7, abs=0.01)
    for low, high in ((0.0, 0.5), (0.5, 0.65), (0.65, 0.8), (0.8, 1.0)):
        bin_ = (events.judged >= low) & (events.judged < high)
        assert bin_.sum() > 500
        assert right[bin_].mean() == pytest.approx(events.judged[bin_].mean(), abs=0.07)
    trust = bench.people.trust
    assert trust.min() >= 0.005 and trust.max() <= 0.995


def test_trust_is_kept_by_platform_and_draws_viewers() -> None:
    bench = Bench(2_000, 400, platforms=2, seen=2, trust_step=0.05)
    bench.items.card["accuracy"] = bench.listings.platform == 1  # all that the second shows is false
    bench.people.discernment[:] = 1.5
    for tick in range(100):
        bench.session(tick)
    assert bench.people.trust[:, 0].mean() > 0.92 and bench.people.trust[:, 1].mean() < 0.45
    bench.rule(trust_weight=4.0, nest=1.0)
    place = bench.listings.platform[bench.session(100).listing]
    expected = special.expit(4.0 * (bench.people.trust[:, 0] - bench.people.trust[:, 1])).mean()
    assert (place == 0).mean() == pytest.approx(expected, abs=0.03)


# Falsehood


def shared_by_truth(discernment: float, doubt: float = 1.0) -> tuple[float, float]:
    """Part of true and of false items used that their users share."""
    bench = Bench(40_000, 100, share_doubt=doubt, share_base=0.0, days=1.0)
    bench.people.activity[:], bench.people.discernment[:], bench.people.trust[:] = 50.0, discernment, 0.7
    bench.items.card["accuracy"] = np.where(np.arange(100) % 2, FALSE, TRUE)
    events = bench.session()
    false = bench.items.card["accuracy"][events.listing] == FALSE
    return float(events.shares[~false].mean()), float(events.shares[false].mean())


def test_doubt_holds_falsehood_back_where_it_is_seen() -> None:
    true, false = shared_by_truth(0.0)
    assert false == pytest.approx(true, abs=0.015)
    true, false = shared_by_truth(1.5)
    assert false < true - 0.05
    assert true - false < (lambda t, f: t - f)(*shared_by_truth(1.5, doubt=3.0)) - 0.05


def drafted(accuracy: int, verification: float, budget: float = 3.0) -> tuple[F8, F8]:
    """Latent appeal and emotion of 20,000 items of one accuracy."""
    n = 20_000
    settings = change(
        Settings(),
        trust__verification=verification,
        trust__draft_budget=budget,
        attention__appeal_sd=0.8,
        attention__beta_emotion=0.3,
    )
    world = part_of_world(now=0, streams=Streams(0, 0), producers=create_producers(settings))
    uid = derive("item", 0, np.arange(n))
    return _drafted(world, settings, np.zeros(n, int), np.zeros(n, np.uint8), np.full(n, accuracy, np.uint8), uid)


def test_falsehood_has_no_advantage_where_verification_is_free() -> None:
    for true, false in zip(drafted(TRUE, 0.0), drafted(FALSE, 0.0), strict=True):
        np.testing.assert_array_equal(true, false)
    ahead = [drafted(FALSE, cost)[0].mean() - drafted(TRUE, cost)[0].mean() for cost in (0.5, 1.0, 4.0)]
    assert 0.02 < ahead[0] < ahead[1] < ahead[2]


def test_appeal_and_emotion_are_those_of_the_best_draft() -> None:
    """Of m drafts the sum of appeal and weighted emotion is the largest; one draft is plain normal."""
    appeal, emotion = drafted(FALSE, 1.0, budget=0.0)
    assert stats.kstest(appeal / 0.8, "norm").pvalue > 1e-3 and stats.kstest(emotion, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(appeal, emotion)[0, 1]) < 0.03
    appeal, emotion = drafted(FALSE, 1.0, budget=3.0)
    z = Stream(0, 0, "drafts").normals(0, derive("item", 1, np.arange(20_000)), 8)
    sums = 0.8 * z[:, :4] + 0.3 * z[:, 4:]
    best = np.arange(20_000), sums.argmax(axis=1)
    assert appeal.mean() == pytest.approx(0.8 * z[:, :4][best].mean(), abs=0.03)
    assert emotion.mean() == pytest.approx(z[:, 4:][best].mean(), abs=0.03)
    assert (0.8 * appeal / 0.8 + 0.3 * emotion).std() == pytest.approx(sums.max(axis=1).std(), rel=0.03)
    most = [drafted(FALSE, 1.0, budget=b)[0] for b in (15.0, 99.0)]
    np.testing.assert_array_equal(*most)  # at most sixteen drafts


def reach(verification: float) -> tuple[F8, F8]:
    """Uses of true and of false human items in a small world where nobody can tell them apart."""
    feed = PlatformRules(
        followed=0.0, friends=0.2, interest=0.4, trending=0.1, exploration=0.3, freshness=2.0, theta=1.0, moderation=0.0
    )
    model = society(
        9,
        platforms={"a": feed},
        trust__verification=verification,
        trust__draft_budget=15.0,
        trust__discernment=0.0,
        trust__literacy_sd=0.0,
        trust__human_falsehood=0.3,
        trust__human_error=0.0,
        world__consumers=3_000,
        world__new_items=1_200.0,
    )
    items = model.world.items.columns
    rows = np.flatnonzero((items.week >= 2) & (items.week <= 6) & (items.uid > 0))
    false = items.card["accuracy"][rows] == FALSE
    return items.chosen[rows[~false]], items.chosen[rows[false]]


def test_falsehood_reaches_as_many_as_truth_where_it_saves_nothing_and_nobody_can_tell() -> None:
    true, false = reach(0.0)
    assert len(false) > 1_000
    assert stats.mannwhitneyu(true, false).pvalue > 1e-3
    assert np.log1p(false).mean() == pytest.approx(np.log1p(true).mean(), abs=0.15)
    true, false = reach(4.0)
    assert stats.mannwhitneyu(true, false, alternative="less").pvalue < 1e-12
    assert false.mean() / true.mean() > 1.3


# Perceived AI


def pass_rates(d_prime: float, prevalence: float = 0.3, **values: float) -> tuple[float, float]:
    """Mean probability that human and generated items are judged human."""
    bench = Bench(2_000, 100)
    bench.people.d_prime[:], bench.people.prevalence[:] = d_prime, prevalence
    bench.items.card["origin"] = np.where(np.arange(100) % 2, GENERATED, 0)
    bench.items.card["detectability"] = np.arange(100) % 2 * values.get("detectability", 1.0)
    calls = bench.session().calls.sum(axis=0)
    return float(calls[0] / calls[1]), float(calls[2] / calls[3])


@pytest.mark.parametrize("prevalence", [0.05, 0.3, 0.7])
def test_calls_are_alike_without_sensitivity_and_follow_signal_detection(prevalence: float) -> None:
    human, generated = pass_rates(0.0, prevalence)
    assert human == pytest.approx(generated, abs=1e-9) and human == pytest.approx(1 - prevalence, abs=2e-3)
    for d_prime in (0.25, 0.77, 2.0):
        human, generated = pass_rates(d_prime, prevalence)
        assert human == pytest.approx(float(1 - call_probability(0.0, d_prime, prevalence)), abs=2e-3)
        assert generated == pytest.approx(float(1 - call_probability(1.0, d_prime, prevalence)), abs=2e-3)


def test_the_pass_rate_falls_with_sensitivity_and_belief() -> None:
    rates = [pass_rates(d)[1] for d in (0.0, 0.25, 0.77, 2.0, 4.0)]
    assert (np.diff(rates) < -0.02).all()
    assert pass_rates(0.25, 0.6)[1] < pass_rates(0.25, 0.1)[1] - 0.2
    # craft makes AI harder to detect
    assert pass_rates(2.0, detectability=0.3)[1] > pass_rates(2.0, detectability=1.0)[1] + 0.2


def test_declared_items_are_known_and_not_counted_as_judged() -> None:
    bench = Bench(5_000, 60)
    bench.items.card["origin"] = np.where(np.arange(60) % 2, GENERATED, 0)
    bench.items.card["detectability"] = np.where(np.arange(60) % 2, DECLARED, 0.0)
    bench.people.stance[:] = 1.0
    events = bench.session()
    assert events.calls[:, 2:].sum() == 0 and events.calls[:, 1].sum() > 0
    generated = events.slate % 2 == 1
    p_human = 1 - call_probability(0.0, 0.0, 0.3)
    # Creeds weigh a neutral item by one: utility falls by 1 where AI is known, by the rate of calls elsewhere.
    law = special.softmax(np.where(generated, -1.0, -(1 - p_human)), axis=1)
    full = (events.slate >= 0).all(axis=1)
    expected = (law * generated)[full].sum(axis=1).mean()
    assert (events.listing[full] % 2 == 1).mean() == pytest.approx(expected, abs=0.02)
    bench.people.stance[:] = -1.0  # some welcome AI as a new art
    assert (bench.session(1).listing % 2 == 1).mean() > 0.55


def test_aversion_weighs_by_creed() -> None:
    def used(creed: int, name: str, value: float) -> float:
        """Use of generated items half of which have more of a trait: the part of the latter."""
        bench = Bench(20_000, 60, novelty_peak=9.0)
        bench.people.stance[:], bench.people.creed[:] = 2.0, creed
        bench.items.card["origin"], bench.items.card["detectability"] = GENERATED, DECLARED
        more = np.arange(60) % 2 == 1
        if name == "emotion":
            bench.items.card["emotion"] = np.where(more, value, 0.0)
        else:
            bench.people.n_seen[:] = 1
            bench.items.card["concept"][:, 0] = np.where(more, 4.0 * value, 4.0)  # unit of 4: novelty `value` against 1
        return float(more[bench.session().listing].mean())

    assert used(0, "emotion", 2.0) < 0.3  # soulless: worst where it plays on feelings
    assert used(1, "emotion", 2.0) == pytest.approx(0.5, abs=0.02)
    assert used(1, "novelty", 3.0) > 0.65  # derivative: forgiven where it is new
    assert used(0, "novelty", 3.0) == pytest.approx(0.5, abs=0.02)


def test_expertise_sharpens_both_kinds_of_judgement() -> None:
    settings = change(
        Settings(),
        world__consumers=20_000,
        culture__detection_accuracy=0.55,
        culture__detection_training=0.05,
        trust__discernment=0.5,
        trust__literacy_sd=0.4,
    )
    people = crowd(settings, EVEN)
    assert d_prime_of_accuracy(0.55) == pytest.approx(0.25, abs=0.01)
    assert np.median(people.d_prime) == pytest.approx(d_prime_of_accuracy(0.55), abs=0.01)
    assert np.corrcoef(people.expertise, people.d_prime)[0, 1] > 0.9
    seen = people.expertise > -1  # below, discernment ends at 0
    slope = np.polyfit(people.expertise[seen], people.discernment[seen], 1)[0]
    assert slope == pytest.approx(0.4, abs=0.01)
    assert people.d_prime.min() >= 0 and people.discernment.min() >= 0


def test_beliefs_follow_the_news_not_the_own_calls() -> None:
    settings = change(Settings(), world__consumers=5_000, culture__news_noise=0.5)
    people = crowd(settings, EVEN)
    rounding = Stream(0, 0, "rounding")
    for week in range(200):
        hear_news(people, 0.3, 0.05, rounding, week)
    odds = special.logit(people.prevalence.astype(float))
    assert odds.mean() == pytest.approx(special.logit(0.3), abs=0.03) and odds.std() == pytest.approx(0.5, rel=0.05)
    hear_news(people, 0.0, 1.0, rounding, 200)
    assert people.prevalence.max() < 0.01 and people.prevalence.min() > 0.0


def test_a_world_that_spots_better_passes_less() -> None:
    def rates(accuracy: float) -> tuple[float, float]:
        model = society(12, farms=300, culture__detection_accuracy=accuracy, culture__detection_training=0.0)
        human, n_human, generated, n_generated = model.world.memory.calls.sum(axis=0)
        return float(human / n_human), float(generated / n_generated)

    (human, blind), (_, sharp) = rates(0.5), rates(0.65)
    assert blind == pytest.approx(human, abs=0.01)
    assert sharp < blind - 0.02
