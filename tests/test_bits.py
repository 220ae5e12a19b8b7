"""The proof that a change alters no bit can itself be trusted."""

from dataclasses import replace

import numpy as np
import pytest

from tests import bits

CASE = bits.Case("baseline", ("world=tiny", "time.weeks=8", "time.burn_in_weeks=3"))


def test_the_same_run_has_the_same_bits_and_another_seed_others() -> None:
    found = bits.bits_of(CASE)
    assert found == bits.bits_of(CASE)
    other = bits.bits_of(replace(CASE, seed=1))
    assert found["outcome items_new"] != other["outcome items_new"]


def test_a_model_made_anew_in_mid_run_ends_with_the_same_bits() -> None:
    assert bits.bits_of(replace(CASE, halfway=True)) == bits.bits_of(CASE)


def test_one_bit_of_a_value_its_type_and_its_shape_count() -> None:
    values = np.arange(6.0)
    nudged = values.copy()
    nudged[3] = np.nextafter(nudged[3], 9.0)
    hashes = [bits.hash_of(one) for one in (values, nudged, values.astype(np.float32), values.reshape(2, 3))]
    assert len(set(hashes)) == 4


def test_what_differs_and_what_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    old = {"run": {"state a": "1", "state b": "2", "state c": "3"}, "other": {}}
    new = {"run": {"state a": "1", "state b": "7", "state d": "3"}}
    assert bits.differences(old, new) == ["other: not run", "run: state c is gone", "run: state b differs"]
    monkeypatch.setattr(bits, "RENAMED", {"state c": "state d"})
    monkeypatch.setattr(bits, "DROPPED", {"state b": "nothing reads it"})
    assert bits.differences(old, new) == ["other: not run"]


def test_the_longest_beginning_of_a_name_that_fits_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bits, "RENAMED", {"state a/": "state b/", "state a/c/": "state d/"})
    names = ("state a/x", "state a/c/x", "state ab")
    assert [bits.name_now(name) for name in names] == ["state b/x", "state d/x", "state ab"]
