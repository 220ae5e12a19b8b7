"""Levers added to one arm of a comparison by name: `labelling`, `content_review:0.5`, `trusted_aigc@2024-01-01`.

`policy=[labelling]` selects a policy for every arm. `--with labelling` (in Python `levers="labelling"`) adds it to the
first arm only, so that `metavalue run baseline --with labelling --against baseline` shows what the policy changes.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from sim.base.errors import ArgumentError, nearest_name
from sim.settings import Lever, Settings
from sim.settings.overrides import WIDE
from sim.settings.scenario import YEARS, Scenario, build, members, names, settings_of

ARGUMENT = "levers"
FORM = "NAME[:STRENGTH][@DATE]"
SHOWN = f"{FORM} with a name that `metavalue list policies` shows"
PART = re.compile(r"(?P<name>[^:@=\s]+)(?P<strength>:[^:@]*)?(?P<date>@[^:@]*)?", re.ASCII)
NUMBER = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)


@dataclass(frozen=True)
class AddedLever:
    """A lever or package to add; a strength or start of None is left as in its file."""

    name: str
    strength: float | None = None
    start: str | None = None

    def __str__(self) -> str:
        """Write it as on the command line."""
        strength = "" if self.strength is None else f":{self.strength:.12g}"
        return self.name + strength + ("" if self.start is None else f"@{self.start}")


def with_levers(scenario: Scenario, texts: str | Iterable[str]) -> Scenario:
    """Return the scenario with some levers added.

    Parameters
    ----------
    texts : `NAME[:STRENGTH][@DATE]`, one per text or several with commas between them; a package stands for its levers.

    Raises
    ------
    InputError : a text is malformed, names no policy or one that is in already, or a value is out of range.
    """
    added = read_added_levers(texts)
    if not added:
        return scenario
    held, levers = scenario.settings.policy, _levers(added)
    for name in levers:
        if name in held:
            theirs = AddedLever(name, held[name].strength, held[name].start)
            expected = f"a lever that {scenario.name} and its overrides do not hold already (they do: {theirs})"
            raise ArgumentError(ARGUMENT, name, expected)
    tree = scenario.tree
    tree["policy"] |= {name: asdict(levers[name]) for name in sorted(levers)}  # no matter in which order they are given
    return replace(scenario, settings=build(Settings, tree), levers=(*scenario.levers, *map(str, added)))


def read_added_levers(texts: str | Iterable[str]) -> list[AddedLever]:
    """Read which levers are to be added.

    Raises
    ------
    InputError : as in `with_levers`.
    """
    if isinstance(texts, Mapping) or not isinstance(texts, Iterable):
        raise ArgumentError(ARGUMENT, repr(texts), f"texts of the form {FORM}")
    added: list[AddedLever] = []
    for text in (texts,) if isinstance(texts, str) else texts:
        if not isinstance(text, str):
            raise ArgumentError(ARGUMENT, text, f"texts of the form {FORM}")
        plain = unicodedata.normalize("NFKC", text.translate(WIDE))
        if not plain.isascii():
            raise ArgumentError(ARGUMENT, text, SHOWN)
        if plain != text:
            raise ArgumentError(ARGUMENT, text, "half-width letters, digits and marks", plain)
        parts = [part.strip() for part in text.split(",")]
        for before, part in zip(["", *parts], parts, strict=False):
            if re.fullmatch(r"[^:]+:\d*", before) and re.fullmatch(r"\d+(@.*)?", part):
                raise ArgumentError(ARGUMENT, f"{before},{part}", "a decimal point", f"{before}.{part}")
            added.append(_added_lever(part, text))
    return added


def _added_lever(part: str, text: str) -> AddedLever:
    """Read one lever from `part` of a text."""
    if not part:
        raise ArgumentError(ARGUMENT, text or "nothing", f"{FORM}, several with a comma between each two")
    found = PART.fullmatch(part)
    if not found:
        name, _, rest = part.partition("=")
        strength, _, date = rest.partition("@")
        nearest = f"{name}:{rest}" if name in names("policy") and _is_strength(strength) and ":" not in date else ""
        raise ArgumentError(ARGUMENT, part, FORM, nearest)
    name = found["name"]
    if name not in names("policy"):
        raise ArgumentError(ARGUMENT, name, SHOWN, nearest_name(name, names("policy")))
    return AddedLever(name, _strength(found["strength"], part), _start(found["date"], part))


def _strength(text: str | None, part: str) -> float | None:
    """Read `:STRENGTH` as a number; None where it is left out."""
    if text is None:
        return None
    if not _is_strength(text[1:]):
        raise ArgumentError(ARGUMENT, part, "a strength from 0 to 1 after the colon, such as labelling:0.5")
    return float(text[1:])


def _is_strength(text: str) -> bool:
    """Whether a text is a number from 0 to 1."""
    return NUMBER.fullmatch(text) is not None and 0.0 <= float(text) <= 1.0


def _start(text: str | None, part: str) -> str | None:
    """Read `@DATE` as an ISO date; None where it is left out."""
    if text is None:
        return None
    try:
        date = datetime.date.fromisoformat(text[1:])
    except ValueError:
        date = None
    if date is None or date.year not in YEARS:
        expected = f"an ISO date after the @, such as labelling@2025-09-01, from {YEARS[0]} to {YEARS[-1]}"
        raise ArgumentError(ARGUMENT, part, expected)
    return date.isoformat()


def _levers(added: list[AddedLever]) -> dict[str, Lever]:
    """Settings of each added lever; two packages may share one if both give it the same strength and start."""
    given = [asked.name for asked in added]
    levers: dict[str, Lever] = {}
    for asked in added:
        if given.count(asked.name) > 1:
            raise ArgumentError(ARGUMENT, ",".join(given), f"each name once; {asked.name} comes again")
        for name in members("policy", asked.name):
            lever = _lever(name, asked)
            if levers.setdefault(name, lever) != lever or (name in given and name != asked.name):
                within = " and ".join(one for one in given if one != name and name in members("policy", one))
                raise ArgumentError(ARGUMENT, ",".join(given), f"each lever once; {name} is in {within} too")
    return levers


def _lever(name: str, asked: AddedLever) -> Lever:
    """Return a lever as its file sets it, with the strength and start that were asked for."""
    filed = {path.rpartition(".")[2]: value for path, value in settings_of("policy", name)}
    changed = {"strength": asked.strength, "start": asked.start}
    return build(Lever, asdict(Lever()) | filed | {key: value for key, value in changed.items() if value is not None})
