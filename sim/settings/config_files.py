"""Settings from a YAML file, read as their writer means them; what has two meanings is refused, with file and line.

YAML reads `010` as 8, `1:30` as 90, `no` as false and `1e3` as a text, keeps the last of two equal keys, and lets few
lines stand for billions. Here a number is what it looks like, other words are text, and nothing is copied.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.base.errors import InputError
from sim.base.text_files import read_text
from sim.settings.overrides import unpadded

LARGEST = 1_000_000  # bytes
DEEPEST = 20  # levels
MAX_DIGITS = 300
EXPECTED = "a YAML file of settings"
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}  # whatever their case
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
REAL = re.compile(r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?")
PADDED = re.compile(r"[-+]?0[0-9_]+(\.[0-9_]*)?([eE][-+]?[0-9]+)?")
ENDLESS = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)


class Config(dict[str, Any]):
    """A file's settings as a tree; `lines` gives the line of each path."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file
        self.lines: dict[str, int] = {}

    def located(self, error: InputError) -> InputError:
        """Add file and line to an error about one of the settings."""
        path = error.key
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        if not path:
            return error
        place = f"{self.file}, line {self.lines[path]}, {error.key}"
        return InputError(place, error.value, error.expected, error.nearest)


@dataclass
class _Open:
    """A list or group that the reader is inside of."""

    value: Any
    path: str | None  # None inside a list, where nothing has a path of its own
    key: str | None = None
    lines: dict[str, int] = field(default_factory=dict)


def read_config(path: Path) -> Config:
    """Read a user's YAML file.

    Raises
    ------
    InputError : no file that can be read, or the first thing in it that is wrong.
    """
    import yaml

    config = Config(str(path))
    reader = _Reader(config)
    text = _text(path)
    try:
        for event in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        begins = text.splitlines()[mark.line : mark.line + 1] if mark else []
        tab = any("\t" in line[: len(line) - len(line.lstrip())] for line in begins)
        problem = "a tab" if tab else error.problem or "bad YAML"
        raise InputError(_place(config.file, mark), problem, EXPECTED + ", indented with spaces") from None
    except yaml.YAMLError as error:
        raise InputError(config.file, str(error).partition("\n")[0], EXPECTED) from None
    return config


def _text(path: Path) -> str:
    """Read a file's text, and refuse control characters."""
    text = read_text(path, LARGEST, EXPECTED)
    if found := CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise InputError(f"{path}, line {line}", found.group(), "text without control characters")
    return text


def _place(file: str, mark: Any) -> str:
    """Name a file and the line of a YAML parser's mark."""
    return f"{file}, line {mark.line + 1}" if mark else file


class _Reader:
    """Builds a config from a YAML parser's events one by one, so that a small file can't become huge."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._stack: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        """Process the parser's next event."""
        import yaml

        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._wrong(event, "a second document", "one document, without a further ---")
        elif isinstance(event, yaml.AliasEvent):
            raise self._wrong(event, f"*{event.anchor}", "values written out (no & and *)")
        elif isinstance(event, yaml.NodeEvent):
            self._check(event)
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            else:
                self._enter(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()

    def _wrong(self, event: Any, value: object, expected: str) -> InputError:
        """Return an error at an event's line."""
        return InputError(_place(self._config.file, event.start_mark), value, expected)

    def _check(self, event: Any) -> None:
        """Refuse anchors, tags and too many levels."""
        if event.anchor is not None:
            raise self._wrong(event, f"&{event.anchor}", "values written out (no & and *)")
        if event.tag is not None:
            raise self._wrong(event, event.tag.replace("tag:yaml.org,2002:", "!!"), "values without a tag")
        if len(self._stack) >= DEEPEST:
            raise self._wrong(event, f"more than {DEEPEST} levels", EXPECTED)

    def _enter(self, event: Any, value: Any) -> None:
        """Begin a list or group."""
        if not self._stack:
            if not isinstance(value, dict):
                raise self._wrong(event, "a list", EXPECTED + ", as key: value")
            self._stack.append(_Open(self._config, ""))
            return
        if self._awaits_key():
            raise self._wrong(event, "a list or group as a key", "a key's name")
        top = self._stack[-1]
        path = None
        if top.path is not None and top.key is not None and isinstance(value, dict):
            path = f"{top.path}{top.key}."
        self._put(value)
        self._stack.append(_Open(value, path))

    def _scalar(self, event: Any) -> None:
        """Process a key or a single value."""
        plain = event.implicit[0]
        if not self._stack:
            if plain and not event.value:
                return  # an empty file sets nothing
            raise self._wrong(event, event.value, EXPECTED + ", as key: value")
        if self._awaits_key():
            self._key(event, plain)
        else:
            self._put(self._value(event) if plain else event.value)

    def _awaits_key(self) -> bool:
        """Whether the next scalar is a key."""
        top = self._stack[-1]
        return isinstance(top.value, dict) and top.key is None

    def _key(self, event: Any, plain: bool) -> None:
        """Store a key as it is written; refuse one that comes a second time."""
        top, key, line = self._stack[-1], event.value, event.start_mark.line + 1
        if not key or (plain and key == "<<"):
            raise self._wrong(event, key or "an empty key", "a key's name")
        path = None if top.path is None else top.path + key
        before = top.lines.get(key) or (self._config.lines.get(path) if path else None)
        if before:
            raise self._wrong(event, key, f"each key once; it stands in line {before} already")
        top.key, top.lines[key] = key, line
        if path:
            self._config.lines[path] = line

    def _put(self, value: Any) -> None:
        """Store a value in the list or group that is open."""
        top = self._stack[-1]
        if isinstance(top.value, dict):
            top.value[top.key] = value
            top.key = None
        else:
            top.value.append(value)

    def _value(self, event: Any) -> Any:
        """Read a value without quotes: null, true or false or a number where it looks like one, otherwise text."""
        text = event.value
        if text.lower() in WORDS:
            return WORDS[text.lower()]
        if PADDED.fullmatch(text):
            raise self._wrong(event, text, f"a number without leading zeros ({unpadded(text)}), or text in quotes")
        if not WHOLE.fullmatch(text) and not REAL.fullmatch(text) and not ENDLESS.fullmatch(text):
            return text
        if ENDLESS.fullmatch(text) or not math.isfinite(float(text.replace("_", ""))) or len(text) > MAX_DIGITS:
            raise self._wrong(event, text, "a number that is neither endless nor too long, or text in quotes")
        return int(text.replace("_", "")) if WHOLE.fullmatch(text) else float(text.replace("_", ""))
