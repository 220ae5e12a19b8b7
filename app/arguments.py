"""Arguments of `metavalue run`: a scenario and overrides. A common slip is answered with how it is written."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from sim.base.errors import InputError

OPTIONS = ("against", "config", "out", "precision", "replications", "resume", "seed", "threads", "with")
DASHES = "-－—–−"  # a Chinese keyboard's and a text processor's beside the plain one
DATA = (".csv", ".tsv", ".parquet", ".graphml", ".gexf", ".xlsx")


def part(words: list[str]) -> tuple[str, list[str]]:
    """Split words into the scenario (the one word without `=`) and the overrides.

    Raises
    ------
    InputError : several scenarios, a file, or `=` with blanks around it.
    """
    refuse_blanks(words)
    changes = [word for word in words if "=" in word or "＝" in word or word.startswith(("+", "~"))]
    for change in changes:
        key, _, value = change.partition("=")
        if key in OPTIONS:
            raise InputError(key, value, "an option, with two dashes", f"--{key} {value}")
    scenarios = [word for word in words if word not in changes]
    if not scenarios:
        return "", changes
    if len(scenarios) > 1:
        raise _several(scenarios)
    name, ending = scenarios[0], Path(scenarios[0]).suffix.lower()
    if not name.strip():
        raise InputError("scenario", "an empty word", "a scenario's name, or nothing")
    key, mark, value = name.replace("：", ":").partition(":")
    if mark and _is_parameter(key):
        raise InputError("change", name, "key=value", f"{key}={value.strip()}")
    if ending in (".yaml", ".yml"):
        raise InputError("scenario", name, "a scenario's name; a file of changes is an option", f"--config {name}")
    if ending in DATA:
        raise InputError("scenario", name, f"a scenario's name; data are input.followers={name} or input.population=…")
    return name, changes


def refuse_blanks(words: Sequence[str]) -> None:
    """Refuse `key = value`, `key= value` and `key =value`, and say how to write them.

    Raises
    ------
    InputError : one of these, with the word that it should be.
    """
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else ""
        if i and word[:1] in ("=", "＝"):
            put = [words[i - 1], *([word[0], following] if len(word) == 1 else [word])]
        elif word[-1:] in ("=", "＝") and following and not set(following) & {"=", "＝"}:
            put = [word, following]
        else:
            continue
        raise InputError("change", " ".join(put), "key=value without blanks", "".join(put).replace("＝", "="))


def _several(scenarios: list[str]) -> InputError:
    """Return the error for several scenarios: how to write a second one, or a value that stands apart from its key."""
    from sim.settings.scenario import names

    first, second, *_ = scenarios
    if _is_parameter(first):
        return InputError("change", f"{first} {second}", "key=value", f"{first}={second}")
    for word, following in itertools.pairwise([*scenarios, ""]):
        option = word.strip(DASHES).casefold()
        if option in OPTIONS and word != f"--{option}":
            given = f"--{option} {following}".rstrip()
            return InputError("option", f"{word} {following}".rstrip(), "an option, with two dashes", given)
    expected = f"key=value (the scenario is already {first})"
    other = next((word for word in scenarios[1:] if word in names("scenario")), "")
    return InputError("scenario", second, expected, f"--against {other}" if other else "")


def _is_parameter(key: str) -> bool:
    """Whether a key is the path of a parameter."""
    from sim.settings import registry, starred

    return starred(key) in registry()
