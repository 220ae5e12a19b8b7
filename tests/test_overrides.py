"""Overrides on a command line: what is read as it was meant, and what is refused with the right way to say it."""

from typing import Any

import pytest

from sim.base.errors import LONGEST, InputError
from sim.settings.overrides import alternatives, parse_override
from sim.settings.scenario import compose


def refused(word: str, *more: str) -> InputError:
    with pytest.raises(InputError) as caught:
        compose(overrides=[*more, word])
    line = f"metavalue: {caught.value}"
    assert len(line) <= LONGEST and line.isprintable()
    return caught.value


@pytest.mark.parametrize(
    ("word", "pair"),
    [
        ("trust.rate=0.05", ("trust.rate", 0.05)),
        ("trust.rate = 0.05", ("trust.rate", 0.05)),
        ("world.consumers=1_000", ("world.consumers", 1000)),
        ("trust.rate=5e-2", ("trust.rate", 0.05)),
        ("policy＝［labelling，upload_cap］", ("policy", ["labelling", "upload_cap"])),
        ("policy=【labelling、upload_cap】", ("policy", ["labelling", "upload_cap"])),
        ("trust.rate=０．０５", ("trust.rate", 0.05)),
        ("ｗorld＝tiny", ("world", "tiny")),
        ("time=｛weeks：8｝", ("time", {"weeks": 8})),
        ("input.followers=a,b.csv", ("input.followers", "a,b.csv")),
        ("input.followers='a,b.csv'", ("input.followers", "a,b.csv")),
        ("input.followers=数据，一（1）.csv", ("input.followers", "数据，一（1）.csv")),
        ("input.followers=my file (1), new.csv", ("input.followers", "my file (1), new.csv")),
        ("input.followers=a=b.csv", ("input.followers", "a=b.csv")),
    ],
)
def test_words_are_read_as_they_were_meant(word: str, pair: tuple[str, Any]) -> None:
    assert parse_override(word) == pair


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("policy.labelling.strength=0,5", "policy.labelling.strength=0.5"),
        ("policy.labelling.strength=0，5", "policy.labelling.strength=0.5"),
        ("policy.labelling.strength='0,5'", "0.5"),
        ("policy.labelling.strength=50%", "0.5"),
        ("policy.labelling.strength=,5", "policy.labelling.strength=0.5"),
        ("trust.rate=-0,05", "trust.rate=-0.05"),
        ("policy.labelling.strength=1,000", "policy.labelling.strength=1.000"),
        ("world.consumers=20,000", "world.consumers=20000"),
        ("world.consumers=300,40", ""),
        ("world.consumers=1,000,000", "world.consumers=1000000"),
        ("farms.human_minutes=5min", "5"),
        ("farms.human_minutes=5 min/item", "5"),
        ("time.weeks=010", "10"),
        ("trust.rate=00.05", "0.05"),
        ("time.weeks=0_1", "1"),
        ("time.weeks=8周", "time.weeks=8"),
        ("farms.law=yes", ""),
        ("technology.released=on", "true"),
        ("technology.released=No", "false"),
        ("time.weeks=1:30", ""),
        ("time.weeks=0x1F", ""),
        ("time.weeks=1e999", ""),
        ("time.weeks=eight", ""),
        ("policy=labelling,upload_cap", "policy=[labelling,upload_cap]"),
        ("platforms=forum,photo", "platforms=[forum,photo]"),
        ("human_minutes=5", "farms.human_minutes"),
        ("wrold=tiny", "world"),
        ("World=tiny", "world"),
        ("policy=[Labeling]", "labelling"),
        ("scenario=tiny", "world=tiny"),
        ("scenario=labelling", "policy=[labelling]"),
        ("label=mine", ""),
        ("time={weeks:8,weeks:9}", ""),
        ("trust_mean=0.5", ""),
    ],
)
def test_a_wrong_word_is_told_how_it_is_written(word: str, nearest: str) -> None:
    assert refused(word, "policy=[labelling]").nearest == nearest


def test_a_decimal_comma_is_told_and_a_list_is_not_offered() -> None:
    error = refused("policy.labelling.strength=0,5", "policy=[labelling]")
    assert "a decimal point" in error.expected and "[0,5]" not in str(error)


def test_an_outcome_or_a_label_is_not_a_parameter() -> None:
    assert "this is an outcome" in refused("trust_mean=0.5").expected
    assert "labour" not in str(refused("label=mine")) and "under meta:" in refused("meta.label=x").expected


@pytest.mark.parametrize(
    "word",
    [
        "seed=" + "9" * 5000,
        "world.consumers=" + "9" * 5000,
        "world.consumers=[" + "9" * 5000 + "]",
        "world.consumers=-" + "9" * 400,
        "trust.rate=" + "9" * 400,
        "trust.rate=1" + "0" * 4000,
        "world.consumers=" + "[" * 10_000,
        "world.consumers=" + "[" * 4_000 + "]" * 4_000,
        "policy=" + "(" * 9_000,
        "policy=" + "{a:" * 3_000,
        "input.followers=" + "x" * 100_000,
        "policy=" + "x" * 9_000,
        "policy=[" + "x," * 4_000 + "x]",
        "x" * 100_000,
        "x" * 100_000 + "=1",
        "=" * 100_000,
        "world." + "x" * 9_000 + "=1",
        "input.followers=a\0b",
        "input.followers='a\nb'",
        "input.followers=\x1b[31m",
        "input.followers=\udcff.csv",
        "time.release=\udcff",
        "world=\udcff",
        "\udcff=1",
        "policy=\x00",
        "world.consumers=\n",
        "+a=b",
        "~a",
        "++a=b",
        "a=${x}",
        "world.consumers=${x}",
        "a@b=c",
        "a/b=c",
        "a b=c",
        "=",
        "a",
        "",
    ],
    ids=lambda word: repr(word[:24]) + str(len(word)),
)
def test_any_word_is_refused_in_one_short_line(word: str) -> None:
    refused(word)


def test_a_comma_parts_the_values_of_a_sweep() -> None:
    assert alternatives("trust.rate=0.01,0.05") == ("trust.rate", [0.01, 0.05])
    assert alternatives("trust.rate＝0.01，0.05") == ("trust.rate", [0.01, 0.05])
    assert alternatives("input.followers=a.csv,b.csv") == ("input.followers", ["a.csv", "b.csv"])
    assert alternatives("input.followers='a,b.csv'") == ("input.followers", ["a,b.csv"])
    assert alternatives("policy=[labelling]") == ("policy", ["labelling"])
    for word in ("trust.rate=(", "trust.rate=range(0,1,", "trust.rate=" + "9" * 5000, "trust.rate=choice()"):
        with pytest.raises(InputError):
            alternatives(word)


def test_one_override_may_stand_for_a_list_of_one() -> None:
    assert compose(overrides="world=tiny").settings.world.consumers == 500
    with pytest.raises(InputError, match="override: got 3, expected a text"):
        compose(overrides=[3])  # type: ignore[list-item]
