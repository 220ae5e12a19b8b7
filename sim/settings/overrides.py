"""Overrides, `key=value` as on a command line, read by Hydra's grammar; only plain values pass."""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import Any, cast

from sim.base.errors import InputError
from sim.settings import Parameter, registry, starred

LONGEST = 10_000  # characters of a word
DEEPEST = 20  # levels of brackets
MAX_VALUES = 10_000  # of what varies
MANY = ("platforms", "policy")
KEY = r"[\w.]+"
DECIMAL = re.compile(r"([-+]?)(\d*),(\d+)")
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+")
WIDE = str.maketrans({"【": "[", "】": "]", "、": ",", "。": "."})  # what a Chinese keyboard gives beside full width


def half_width(word: str) -> str:
    """Replace full-width characters of a Chinese keyboard by those of the grammar: ＝ by =, ［ by [, ０ by 0.

    Texts stay as they are.
    """
    key, equals, raw = word.partition("=") if "=" in word else word.partition("＝")
    key = _narrow(key).strip()
    return f"{key}={raw.strip()}" if equals and _is_text(key) else f"{key}={_narrow(raw).strip()}" if equals else word


def _narrow(text: str) -> str:
    """Replace full-width characters by half-width ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(WIDE)


def parse_override(word: str) -> tuple[str, Any]:
    """Read `key=value`: its key and one plain value.

    Raises
    ------
    InputError : anything else, several values, or a value that is not plain.
    """
    key, raw = _parted(word)
    if _is_text(key) and "," in raw and not raw.startswith(("[", "{", "'", '"')):
        return key, raw  # as names of files have it
    parsed = _parsed(key, raw)
    if parsed is None:
        if _is_text(key):
            return key, raw
        meant = number_meant(raw, registry().get(starred(key)))
        raise InputError(key, raw, "a plain value", f"{key}={meant}" if meant else "")
    from hydra.core.override_parser.types import OverrideType

    if parsed.type is not OverrideType.CHANGE or parsed.is_sweep_override():
        raise _several(key, raw)
    return key, _unquoted(parsed._value)


def alternatives(word: str) -> tuple[str, list[Any]]:
    """Read the values of `key=a,b`, `key=range(start,stop,step)`, `key=choice(a,b)` or `key=a`.

    Raises
    ------
    InputError : the text is none of these.
    """
    from hydra.errors import HydraException

    key, raw = _parted(word)
    parsed = _parsed(key, raw)
    try:
        if parsed is not None and parsed.is_sweep_override():
            if "shuffle(" in raw:  # which would draw an order of its own every time
                raise InputError(key, raw, "values in their order")
            values = [_unquoted(value) for value in itertools.islice(parsed.sweep_iterator(), MAX_VALUES + 1)]
            if len(values) > MAX_VALUES:
                raise InputError(key, raw, f"at most {MAX_VALUES:,} values")
            return key, values
    except InputError:
        raise
    except (HydraException, ValueError):
        parsed = None
    if parsed is None and not _is_text(key):
        raise InputError(key, raw, "values such as 0,0.5,1 or range(0,1,0.25) or choice(a,b)")
    value = parse_override(word)[1]
    return key, value if isinstance(value, list) else [value]


def _parted(word: str) -> tuple[str, str]:
    """Split a word into key and value; refuse one that is too long or has brackets too deep."""
    if not isinstance(word, str):
        raise InputError("override", word, "a text, key=value")
    key, equals, raw = half_width(word[: LONGEST + 1]).partition("=")
    if not equals or key[:1] in ("", "+", "~") or not re.fullmatch(KEY, key):
        raise InputError(key or word, raw if equals else word, "key=value with a known key (no +, ~, @ or /)")
    if len(word) > LONGEST:
        raise InputError(key, word.partition("=")[2], f"at most {LONGEST:,} characters; more goes into a file")
    depth = deepest = 0
    for char in raw:
        depth += (char in "[{(") - (char in "]})")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise InputError(key, raw, f"at most {DEEPEST} brackets inside one another")
    names = re.findall(r"[{,]\s*([\w.]+)\s*:", raw) if raw.count("{") == 1 else []
    if len(set(names)) < len(names):
        raise InputError(key, raw, "each key once")
    return key, raw


def _parsed(key: str, raw: str) -> Any:
    """Parse an override by Hydra's grammar; None where that fails."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        return OverridesParser.create().parse_override(f"{key}={raw}")
    except (HydraException, ValueError, OverflowError):  # the latter of numbers of thousands of digits
        return None


def _several(key: str, raw: str) -> InputError:
    """Return the error that says how to write a single value instead of a comma, range or choice."""
    if key in MANY:
        return InputError(key, raw, "one name, or several in brackets", f"{key}=[{raw}]")
    parameter = registry().get(starred(key))
    if meant := number_meant(raw, parameter):
        how = "with a decimal point" if "." in meant else "without commas"
        return InputError(key, raw, f"one number, {how}", f"{key}={meant}")
    return InputError(key, raw, "one value; a comma, range() or choice() parts the values of a sweep")


def number_meant(text: str, parameter: Parameter | None) -> str:
    """Return the number that a text such as "0,5" or "5 %" seems to mean, as the grammar writes it; otherwise "".

    The text may have a decimal comma, a unit or the like.
    """
    text = _narrow(text).strip()
    whole = parameter is not None and parameter.type == "int"
    if THOUSANDS.fullmatch(text) and (whole or parameter is None or _fits(text.replace(",", ""), parameter)):
        return text.replace(",", "")
    if decimal := DECIMAL.fullmatch(text):
        sign, units, parts = decimal.groups()
        return "" if whole else f"{sign}{units or 0}.{parts}"
    if re.fullmatch(r"[-+]?0[0-9_]+(\.\d*)?", text):
        return unpadded(text)
    unit = re.fullmatch(r"([-+]?(?:\d+\.?\d*|\.\d+)) *([^\W\d_]+(?:/[^\W\d_]+)*|%)", text)
    if unit is None:
        return ""
    return f"{float(unit[1]) / 100:g}" if unit[2] == "%" and not _fits(unit[1], parameter) else unit[1]


def unpadded(number: str) -> str:
    """Remove a number's leading zeros and its underscores."""
    return re.sub(r"^([-+]?)0+(?=\d)", r"\1", number.replace("_", ""))


def _fits(number: str, parameter: Parameter | None) -> bool:
    """Whether a number lies within a parameter's range."""
    low, high = (None, None) if parameter is None else (parameter.info.low, parameter.info.high)
    return low is None or high is None or low <= float(number) <= high


def _is_text(key: str) -> bool:
    """Whether a parameter takes text."""
    parameter = registry().get(starred(key))
    return parameter is not None and parameter.type == "str"


def _unquoted(value: Any) -> Any:
    """Turn Hydra's quoted strings into texts, also inside lists and groups."""
    from hydra.core.override_parser.types import QuotedString

    if isinstance(value, QuotedString):
        return cast(Any, value).text
    if isinstance(value, list):
        return [_unquoted(item) for item in value]
    if isinstance(value, dict):
        return {str(_unquoted(key)): _unquoted(item) for key, item in value.items()}
    return value
