"""Scenarios: compose the packaged files with Hydra, validate every value, freeze, hash, and list what there is.

Hydra chooses files (`world`, `technology`, `platforms`, `policy`, `scenario`). Values are laid over the defaults of
`sim.settings` here, so that each is checked against the one registry.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from sim.base.errors import InputError, nearest_name
from sim.base.outcomes import OUTCOMES
from sim.settings import Info, Lever, PlatformRules, Settings, registry, starred
from sim.settings.config_files import Config, read_config
from sim.settings.levers import LEVERS
from sim.settings.overrides import MANY, number_meant, parse_override
from sim.settings.platform_files import OwnPlatform, own_platform
from sim.settings.sizes import check_sizes

T = TypeVar("T")
Tree = dict[str, Any]

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
ONE = ("scenario", "world", "technology")
MEMBERS: dict[str, type] = {"platforms": PlatformRules, "policy": Lever}
ABOUT = ("meta", "label", "label_zh", "description", "description_zh", "source", "name")
DATES = {"time.release", "platforms.*.opens", "platforms.*.answer_layer_opens", "policy.*.start"}
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # control characters, bytes that are no UTF-8
YEARS = range(1900, 2200)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A validated scenario.

    Attributes
    ----------
    name : of the preset.
    settings : every parameter.
    overrides : `key=value` texts that were given, in order.
    given : paths of the parameters that a user set one by one.
    label, label_zh, description, description_zh : of the preset.
    levers : added to it beside its overrides, as `NAME[:STRENGTH][@DATE]` (`sim.settings.added_levers`).
    """

    name: str
    settings: Settings
    overrides: tuple[str, ...]
    given: frozenset[str]
    label: str
    label_zh: str
    description: str
    description_zh: str
    levers: tuple[str, ...] = ()

    @property
    def tree(self) -> Tree:
        """All settings as plain dictionaries."""
        return asdict(self.settings)

    @functools.cached_property
    def hash(self) -> str:
        """SHA-256 of the settings (`hash_of`)."""
        return hash_of(self.tree)


def compose(name: str = "", overrides: Iterable[str] = (), config: str | Path | None = None) -> Scenario:
    """Compose and validate a scenario.

    Parameters
    ----------
    name : a preset; without one, that of `config`, else `baseline`.
    overrides : `group=name`, `group=[name,...]` or `key=value`; a list replaces, and values beat groups. A platform
        may also be a file (`sim.settings.platform_files`).
    config : a YAML file of the same schema; it may also name a scenario and groups. The command line beats it.

    Raises
    ------
    InputError : the first thing that is wrong.
    """
    overrides = (overrides,) if isinstance(overrides, str) else tuple(overrides)
    file = read_config(Path(config)) if config is not None else Config("")
    with _errors_located_in(file):
        choices, values = _split(file.items())
    more_choices, more_values = _split(parse_override(text) for text in overrides)
    choices |= more_choices
    named = choices.pop("scenario", "baseline")
    name = _member("scenario", name or named)
    # each layer overrides what is below it: defaults, packaged files, the user's platforms, `config`, `overrides`
    tree = _with_defaults(_hydra({"scenario": name, **choices}))
    platforms = _own_platforms(choices)
    for platform in platforms:
        with _errors_located_in(platform.file):
            _overlay(tree, {"platforms": {platform.name: platform.rules}})
    with _errors_located_in(file):
        in_file = set(_overlay(tree, values))
    in_overrides = set(_overlay(tree, more_values))
    # a wrong value is located in the uppermost layer that sets it
    with ExitStack() as layers:
        for platform in platforms:
            layers.enter_context(_errors_located_in(platform.file, unless=in_file | in_overrides))
        layers.enter_context(_errors_located_in(file, unless=in_overrides))
        settings = _check(build(Settings, tree))
    meta = metadata("scenario", name)
    return Scenario(
        name=name,
        settings=settings,
        overrides=overrides,
        given=frozenset(in_file | in_overrides),
        label=meta["label"],
        label_zh=meta["label_zh"],
        description=meta["description"],
        description_zh=meta["description_zh"],
    )


@contextmanager
def _errors_located_in(file: Config, unless: Collection[str] = ()) -> Iterator[None]:
    """Add file and line to errors of the block about what the file sets, unless the setting is among `unless`."""
    try:
        yield
    except InputError as error:
        raise (error if error.key in unless else file.located(error)) from None


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Return the scenario with some parameters, by their paths, set to other values."""
    tree = scenario.tree
    for key, value in values.items():
        list(_overlay(tree, _nested(key, value)))
    return replace(scenario, settings=_check(build(Settings, tree)))


def checked(scenario: Scenario, path: str, value: Any) -> Any:
    """Return a value as a parameter of the scenario holds it, or refuse it.

    Raises
    ------
    InputError : no such parameter in the scenario, or a value that it does not take.
    """
    node: Any = scenario.settings
    *groups, name = path.split(".")
    for group in groups:
        node = node.get(group) if isinstance(node, Mapping) else getattr(node, group, None)
    item = {f.name: f for f in fields(node)}.get(name) if is_dataclass(node) else None
    if item is None or "info" not in item.metadata:
        _overlay(scenario.tree, _nested(path, value))  # says what is wrong with the path
        raise InputError(path, _shown(value), "a single parameter")
    return _leaf(_hints(cast(Any, type(node)))[name], value, path, item.metadata["info"])


def hash_of(tree: Tree) -> str:
    """Hash settings (SHA-256 of canonical JSON: in order of declaration, no spaces)."""
    text = json.dumps(tree, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def build(kind: type[T], tree: Any, path: str = "") -> T:
    """Turn a plain tree into frozen dataclasses; the one place where values are accepted or refused.

    Raises
    ------
    InputError : unknown or missing key, wrong type, value out of range, bad name, bad date.
    """
    if not isinstance(tree, Mapping):
        raise InputError(path.rstrip("."), tree, "a group of settings")
    hints = _hints(cast(Any, kind))
    for key in tree:
        if key not in hints:
            raise InputError(f"{path}{key}", _shown(tree[key]), "a known parameter", nearest_name(str(key), hints))
    values: Tree = {}
    for item in fields(cast(Any, kind)):
        name, hint = path + item.name, hints[item.name]
        if item.name not in tree:
            raise InputError(name, "nothing", "a value")
        value = tree[item.name]
        if is_dataclass(hint):
            values[item.name] = build(cast(type, hint), value, name + ".")
        elif get_origin(hint) is not None:
            values[item.name] = _build_members(get_args(hint)[1], value, name)
        else:
            values[item.name] = _leaf(hint, value, name, item.metadata["info"])
    return kind(**values)


_hints = functools.cache(get_type_hints)  # reading annotations is slow, and a sweep builds many trees


def _build_members(kind: type, tree: Any, path: str) -> Tree:
    """Build a group whose members are named by the user, such as platforms."""
    if not isinstance(tree, Mapping):
        raise InputError(path, tree, "named groups of settings")
    return {name: build(kind, value, f"{path}.{name}.") for name, value in tree.items()}


def _leaf(kind: type, value: Any, path: str, info: Info) -> Any:
    """Check one value; 3.0 passes for a whole number, true and false never for a number."""
    if kind is bool:
        if isinstance(value, bool):
            return value
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(value).lower(), "")
        raise InputError(path, _shown(value), "true or false", meant)
    if kind is str:
        return _text(value, path, info)
    what = "a whole number" if kind is int else "a number"
    expected = f"{what} from {info.low:,.12g} to {info.high:,.12g}" + (f" ({info.unit})" if info.unit != "1" else "")
    if isinstance(value, bool) or not isinstance(value, int | float):
        meant = number_meant(value, registry().get(starred(path))) if isinstance(value, str) else ""
        raise InputError(path, _shown(value), expected, meant)
    if not cast(float, info.low) <= value <= cast(float, info.high) or (kind is int and value != int(value)):
        raise InputError(path, _shown(value), expected)
    return kind(value) + 0  # no negative zero


def _text(value: Any, path: str, info: Info) -> str:
    """Check a text: one of its choices, a date, or plain text."""
    if info.choices:
        if isinstance(value, str) and value in info.choices:
            return value
        nearest = nearest_name(str(value), info.choices)
        raise InputError(path, _shown(value), f"one of {', '.join(info.choices)}", nearest)
    if starred(path) in DATES:
        return _date(value, path)
    if not isinstance(value, str) or "${" in value or UNFIT.search(value) or value == "???":
        raise InputError(path, _shown(value), "plain text (quote numbers; no ${interpolation})")
    return value


def _date(value: Any, path: str) -> str:
    """Check an ISO date; the date on which something opens may be ""."""
    if value == "" and path.endswith("opens"):
        return ""
    try:
        date = datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        date = None
    if date is None or date.year not in YEARS:
        raise InputError(path, _shown(value), f"an ISO date such as 2025-09-01, from {YEARS[0]} to {YEARS[-1]}")
    return date.isoformat()


def start_date(settings: Settings) -> datetime.date:
    """Return the Monday on which the simulation starts."""
    release = datetime.date.fromisoformat(settings.time.release)
    return release - datetime.timedelta(days=release.weekday(), weeks=settings.time.burn_in_weeks)


def _check(settings: Settings) -> Settings:
    """Refuse settings that are valid one by one but not together."""
    check_sizes(settings)
    if not settings.platforms:
        raise InputError("platforms", [], "at least one platform")
    start = start_date(settings).isoformat()
    if all(platform.opens > start or platform.entry_cost > 0 for platform in settings.platforms.values()):
        raise InputError("platforms", "all opening later", f"at least one platform that is open on {start}")
    return settings


@functools.cache
def names(group: str) -> tuple[str, ...]:
    """List the files of a group: `scenario`, `world`, `technology`, `platforms` or `policy`."""
    return tuple(sorted(path.stem for path in (FOLDER / group).glob("*.yaml")))


@functools.cache
def _document(group: str, name: str) -> Tree:
    """Read a packaged file."""
    return cast(Tree, read_yaml((FOLDER / group / f"{name}.yaml").read_text(encoding="utf-8")))


def read_yaml(text: str) -> Any:
    """Read YAML, with the library's parser in C where there is one, which is fifteen times as fast."""
    import yaml

    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def metadata(group: str, name: str) -> dict[str, str]:
    """Return label, label_zh, description, description_zh and, where there is one, source of a packaged file.

    A lever's are those of its row in `sim.settings.levers`, but for the source of its date and strength.
    """
    meta = {key: text for key, text in _document(group, name)["meta"].items() if key in ABOUT}
    if group == "policy" and name in LEVERS:
        row = LEVERS[name]
        about = {key: getattr(row, key) for key in ("label", "label_zh", "description", "description_zh")}
        return about | meta
    return meta


def expected_of(policy: str) -> Tree:
    """Return what the file of a lever or package says was expected of it before any run (`analysis.studies.levers`)."""
    said = _document("policy", policy)["meta"].get("expected")
    if not isinstance(said, Mapping):
        raise InputError(
            f"scenarios/policy/{policy}.yaml, meta.expected", "nothing", "what it aims at, and a side effect"
        )
    return dict(said)


def settings_of(group: str, name: str) -> Iterator[tuple[str, Any]]:
    """List what a packaged file sets: pairs of path and value; files it selects come as (group, name).

    What files of its own group set, which a package includes, comes as its own.
    """
    document = _document(group, name)
    for selected in document.get("defaults", ()):
        if isinstance(selected, str):
            yield from settings_of(group, selected)
        else:
            yield from ((key.removeprefix("override /"), value) for key, value in selected.items())
    yield from leaves({key: value for key, value in document.items() if key not in ("meta", "defaults")})


def members(group: str, name: str) -> list[str]:
    """List the files that a package includes; a file that is no package is its own only member."""
    included = [item for item in _document(group, name).get("defaults", ()) if isinstance(item, str)]
    return [inner for item in included for inner in members(group, item)] or [name]


def catalogue(group: str) -> list[dict[str, str]]:
    """List a group: name, label, label_zh, description, description_zh (and source) of each file."""
    return [{"name": name, **metadata(group, name)} for name in names(group)]


def parameters() -> list[Tree]:
    """List every parameter with its metadata."""
    rows = []
    for parameter in registry().values():
        info = asdict(parameter.info) | {"choices": list(parameter.info.choices)}
        rows.append({"path": parameter.path, "type": parameter.type, "default": parameter.default, **info})
    return rows


def outcomes() -> list[Tree]:
    """List every outcome with its metadata."""
    return [asdict(outcome) for outcome in OUTCOMES.values()]


def _member(group: str, name: Any) -> str:
    """Check that a name is that of one of a group's files; return it."""
    known = names(group)
    if isinstance(name, str) and name in known:
        return name
    nearest = ""
    if isinstance(name, str):
        nearest = nearest_name(name, known) or (_selection(name) if group == "scenario" else "")
    expected = f"one of {', '.join(known)}" + (", or a YAML file" if group == "platforms" else "")
    raise InputError(group, _shown(name), expected, nearest)


def _chosen(group: str, item: Any) -> str | OwnPlatform:
    """Return the name of one of a group's files, or a user's own platform."""
    own = own_platform(item, names("platforms")) if group == "platforms" else None
    return own or _member(group, item)


def _own_platforms(choices: Tree) -> list[OwnPlatform]:
    """List the user's own among the platforms chosen."""
    return [item for item in choices.get("platforms", ()) if isinstance(item, OwnPlatform)]


def _selection(name: str) -> str:
    """Return how a file that was taken for a scenario is selected (`policy=[labelling]`), or ""."""
    for group in (*ONE, *MANY):
        if name in names(group):
            return f"{group}=[{name}]" if group in MANY else f"{group}={name}"
    return ""


def _split(pairs: Iterable[tuple[str, Any]]) -> tuple[Tree, Tree]:
    """Split pairs into selections of groups' files and a tree of values."""
    choices: Tree = {}
    values: Tree = {}
    for key, value in pairs:
        if key in ONE and not isinstance(value, Mapping):
            choices[key] = _member(key, value)
        elif key in MANY and not isinstance(value, Mapping):
            chosen = [_chosen(key, item) for item in (value if isinstance(value, list) else [value])]
            members = [item if isinstance(item, str) else item.name for item in chosen]
            if len(set(members)) < len(members):
                raise InputError(key, ", ".join(members), "each name once")
            choices[key] = chosen
        else:
            _overlay(values, _nested(key, value), free=True)
    return choices, values


def _nested(key: str, value: Any) -> Tree:
    """Turn a dotted path and its value into a nested tree."""
    for part in reversed(str(key).split(".")):
        value = {part: value}
    return cast(Tree, value)


def _overlay(tree: Tree, delta: Tree, path: str = "", root: Tree | None = None, free: bool = False) -> list[str]:
    """Set values of a tree to those in `delta`; return the paths that were set.

    A key that the tree lacks is refused, unless it is `free` to take new ones; `path` and `root` are for recursion.
    """
    root = tree if root is None else root
    paths: list[str] = []
    for key, value in delta.items():
        name = f"{path}{key}"
        if key not in tree and not free:
            _refuse_unknown(name, value, root)
        if isinstance(tree.get(key), dict) and isinstance(value, Mapping):
            paths += _overlay(tree[key], cast(Tree, value), name + ".", root, free)
        elif isinstance(tree.get(key), dict) and not free:
            raise InputError(name, _shown(value), f"a setting inside it, such as {name}.{next(iter(tree[key]), 'x')}")
        else:
            tree[key] = value
            paths.append(name)
    return paths


def _refuse_unknown(name: str, value: Any, root: Tree) -> None:
    """Refuse a path that the settings do not have, and name what may have been meant."""
    if isinstance(value, Mapping):
        name, value = next(leaves(value, name + "."), (name, value))
    group, _, rest = name.partition(".")
    member = rest.split(".")[0]
    if group in MANY and member in names(group) and member not in root[group]:
        if members(group, member) != [member]:
            raise InputError(name, _shown(value), f"one of its levers: {', '.join(members(group, member))}")
        raise InputError(name, _shown(value), f"a selected name; select it with {group}=[{member}]")
    if group in ABOUT:
        raise InputError(name, _shown(value), "a parameter (only packaged files and sweeps carry labels, under meta:)")
    if name in OUTCOMES:
        raise InputError(name, _shown(value), "a parameter; this is an outcome, which a run tells")
    known = [path for path, _ in leaves(root)]
    nearest = "" if rest else nearest_name(name, ["scenario", *root])
    ends = [path for path in known if path.endswith(f".{name}")]
    nearest = nearest or (ends[0] if len(ends) == 1 else nearest_name(name, known))
    raise InputError(name, _shown(value), "a known parameter", nearest)


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """List a nested tree's values by dotted path."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield path + str(key), value


def _shown(value: Any) -> Any:
    """Return a value for an error: null, nan and the like as YAML writes them."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _with_defaults(tree: Tree) -> Tree:
    """Lay what composed files set over the defaults of all parameters."""
    full = asdict(Settings())
    tree.pop("meta", None)
    for group, kind in MEMBERS.items():
        full[group] = {name: asdict(kind()) for name in tree.get(group) or {}}
    _overlay(full, {key: value for key, value in tree.items() if value})
    return full


def _hydra(choices: Tree) -> Tree:
    """Compose the packaged files that are chosen; packages may share members, of which each is laid once."""
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from omegaconf import OmegaConf

    texts = []
    for key, value in choices.items():
        packaged = [value] if key in ONE else [item for item in value if isinstance(item, str)]
        chosen = packaged if key in ONE else list(dict.fromkeys(m for item in packaged for m in members(key, item)))
        texts.append(f"{key}={value}" if key in ONE else f"{key}=[{','.join(chosen)}]")
    with initialize_config_dir(str(FOLDER), version_base="1.3"):
        composed = hydra_compose("config", overrides=texts)
    tree = cast(Tree, OmegaConf.to_container(composed, resolve=False))
    if _own_platforms(choices):
        places: Tree = {item if isinstance(item, str) else item.name: {} for item in choices["platforms"]}
        tree["platforms"] = places | {name: rules for name, rules in (tree.get("platforms") or {}).items()}
    return tree
