"""Errors are one line of at most 300 characters that can be printed anywhere; offered names are really near."""

import json
import pickle

import pytest

from sim.base.errors import LONGEST, ROOM, InputError, escaped, nearest_name, shortened

LONG = "abc" + "x" * 99_994 + "xyz"


@pytest.mark.parametrize(
    ("key", "value", "expected", "nearest"),
    [
        ("world.consumers", LONG, "a whole number", ""),
        (LONG, 3, "a known parameter", ""),
        ("scenario", "x", LONG, ""),
        ("scenario", "x", "a name", LONG),
        (LONG, LONG, LONG, LONG),
        ("\\" * 999, "\\" * 999, "'" * 999, "\\'" * 999),
        ("world.consumers", 10**5_000, "a whole number", ""),
        ("world.consumers", [10**5_000], "a whole number", ""),
        ("a", "two\nlines\x1b[31m\r\x00\udcff\u2028\u202e", "plain text", ""),
    ],
    ids=["value", "key", "expected", "nearest", "all", "quotes", "digits", "digits in a list", "control"],
)
def test_a_line_is_short_and_can_be_printed(key: str, value: object, expected: str, nearest: str) -> None:
    error = InputError(key, value, expected, nearest)
    line = f"metavalue: {error}"
    assert len(line) <= LONGEST and line.isprintable() and line.encode()
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.value == value
    assert json.dumps(error.fields) and sum(len(str(part)) for part in error.fields.values()) <= LONGEST
    assert list(error.fields) == ["key", "value", "expected", "nearest"]


def test_a_long_value_keeps_both_ends_and_says_its_length() -> None:
    said = str(InputError("input.followers", LONG, "a file", ""))
    assert said.startswith("input.followers: got abcxxx") and said.endswith("xyz, expected a file")
    assert "…(100,000 characters)…" in said and len(said) == ROOM
    assert "some 5,001 digits" in str(InputError("seed", 10**5_000, "a whole number"))
    assert shortened("short", 60) == "short"


def test_control_characters_are_escaped_and_letters_are_not() -> None:
    assert escaped("a\nb\x1b[1m\udcff") == "a\\nb\\x1b[1m\\udcff"
    assert escaped("标签 naïve") == "标签 naïve"


def test_plain_values_stay_numbers_and_lists_in_json() -> None:
    for value in (3, 0.5, True, None, [1, 2], {"a": 1}):
        assert InputError("key", value, "another").fields["value"] == value
    assert InputError("key", float("nan"), "another").fields["value"] == "nan"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("labeling", "labelling"),
        ("LABELLING", "labelling"),
        ("Labling", "labelling"),
        ("label", ""),
        ("obsrved", "observed"),
        ("observer", "observed"),
        ("strangely", ""),
        ("lsh", "lhs"),
        ("o", ""),
        ("x" * 100_000, ""),
        ("", ""),
    ],
    ids=lambda text: text[:10],
)
def test_only_a_near_name_is_offered(name: str, nearest: str) -> None:
    assert nearest_name(name, ["labour", "labelling", "stranded", "observed", "lhs"]) == nearest
