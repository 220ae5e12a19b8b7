"""A user's own platform: a YAML file like the packaged ones, from any folder, or its settings written out.

In a list of platforms `short_video` is a packaged one, `./podcast.yaml` a file, and `{podcast: {payout: 0.4}}` what
such a file says, which is how sweeps keep it for when the file is gone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.base.errors import InputError
from sim.settings.config_files import Config, read_config
from sim.settings.overrides import parse_override

ENDINGS = (".yaml", ".yml")
META = ("label", "label_zh", "description", "description_zh", "source")
NAME = r"[^\W\d]\w*"


class OwnPlatform:
    """A platform that is not packaged.

    Attributes
    ----------
    name : a file's name without its ending.
    file : where its settings stand, under `platforms.NAME`; their lines are known where they come from a file.
    """

    def __init__(self, name: str, file: Config) -> None:
        self.name, self.file = name, file

    @property
    def rules(self) -> dict[str, Any]:
        """What it sets, by name."""
        return dict(self.file["platforms"][self.name])


def own_platform(item: object, packaged: tuple[str, ...]) -> OwnPlatform | None:
    """Read a user's own platform; None of an item that names neither a file nor a group of settings.

    Raises
    ------
    InputError : no such file, one of another form, or the name of a packaged platform.
    """
    if isinstance(item, str) and (item.endswith(ENDINGS) or "/" in item):
        own = _read(Path(item))
    elif isinstance(item, Mapping) and len(item) == 1 and all(isinstance(rules, Mapping) for rules in item.values()):
        own = OwnPlatform(str(next(iter(item))), _written_out(item))
    else:
        return None
    place = own.file.file or own.name
    if not re.fullmatch(NAME, own.name):
        raise InputError("platforms", place, "a name of letters, digits and _ that begins with a letter")
    if own.name in packaged:
        raise InputError("platforms", place, f"another name than that of a packaged platform, {', '.join(packaged)}")
    return own


def _written_out(item: Mapping[Any, Any]) -> Config:
    """Arrange platforms that are given with their settings, not by the name of a file, as a file would be read."""
    config = Config("")
    config["platforms"] = {str(name): dict(rules) for name, rules in item.items()}
    return config


def _read(path: Path) -> OwnPlatform:
    """Read a platform's file: its settings, under `platforms` and the file's name, and perhaps labels, under `meta`.

    Raises
    ------
    InputError : the file cannot be read, or has something else in it.
    """
    file, name = read_config(path), path.stem
    for key, value in file.items():
        if key not in ("meta", "platforms"):
            expected = f"platforms: with the settings of {name} under its name, and labels under meta:"
            raise file.located(InputError(key, _brief(value), expected))
    meta = file.get("meta") or {}
    for key in meta if isinstance(meta, Mapping) else {"": None}:  # no mapping: the error is of `meta` itself
        if key not in META:
            raise file.located(InputError(f"meta.{key}".rstrip("."), key or _brief(meta), f"one of {', '.join(META)}"))
    platforms = file.get("platforms")
    if not isinstance(platforms, Mapping) or list(platforms) != [name]:
        given = ", ".join(platforms) if isinstance(platforms, Mapping) else _brief(platforms)
        place = "platforms" if "platforms" in file else file.file
        raise file.located(
            InputError(place, given or "nothing", f"platforms: with {name} alone, as the file is called")
        )
    if not isinstance(platforms[name], Mapping):
        raise file.located(InputError(f"platforms.{name}", _brief(platforms[name]), "settings, as key: value"))
    return OwnPlatform(name, file)


def _brief(value: object) -> str:
    """Return a value for an error: a group of settings is not written out."""
    return "a group" if isinstance(value, Mapping) else "nothing" if value is None else str(value)


def written_out(override: str) -> str:
    """An override with what platform files say in place of their names, so that it holds when they are gone."""
    if override.partition("=")[0].strip() != "platforms":
        return override
    key, value = parse_override(override)
    if isinstance(value, Mapping):
        return override
    items = value if isinstance(value, list) else [value]
    own = [own_platform(item, ()) for item in items]
    if not any(own):
        return override
    parts = [{mine.name: mine.rules} if mine else item for item, mine in zip(items, own, strict=True)]
    return f"{key}={_typed(parts)}"


def _typed(value: object) -> str:
    """A value as it is typed in an override."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name}:{_typed(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_typed, value)) + "]"
    if isinstance(value, str):
        return "'" + value.replace("\\'", "\\\\'").replace("'", "\\'") + "'"
    return str(value).lower() if isinstance(value, bool) else "null" if value is None else repr(value)
