"""Read back what ran from a manifest: settings, data, seed and replications, each checked against what it was."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.base import source as sources
from sim.base.errors import InputError
from sim.inputs import read_followers, read_population
from sim.settings import Settings
from sim.settings.scenario import Scenario, build, with_values
from sim.simulation.cases import SIZES, Case, prepare
from sim.simulation.folders import one_name
from sim.simulation.manifests import NAME, read_manifest
from sim.simulation.simulate import check_counts, describe_case, environment

READERS: Mapping[str, Any] = {"followers": read_followers, "population": read_population}
SOURCES = ("model_version", "source_hash", "python", "packages")  # what two runs share whose bits are the same
REQUEST = ("command", "config", "precision")  # what asked for it, and how far its rule was met
TEXTS = ("label", "label_zh", "description", "description_zh")


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a manifest says was run.

    Attributes
    ----------
    cases : prepared arms.
    replications : of each arm; a single run has one, which need not be the first.
    single : whether it was a run of its own or inside an experiment, not a whole one.
    request : the words of the command that asked for it, its file of changes, and the precision that was asked.
    differs : what of the program is other than it was then; "" where nothing is, so that all bits come out the same.
    """

    cases: list[Case]
    seed: int
    replications: range
    single: bool
    request: dict[str, Any]
    differs: str


def read_recorded(path: str | os.PathLike[str], followers: Any = None, population: Any = None) -> Recorded:
    """Read from a manifest what was run, so that it can be run again.

    Parameters
    ----------
    path : the manifest of a run or of an experiment, or its directory.
    followers, population : in place of data that came from no file or have moved; they must be the same.

    Raises
    ------
    InputError : the manifest is missing, damaged or not as it was written, or data are missing or have changed.
    """
    folder, name = Path(path), NAME
    if folder.name == NAME or folder.is_file():  # a copy may have another name
        folder, name = folder.parent, folder.name
    manifest, _ = read_manifest(folder, name)
    changed = InputError(str(folder / name), "another text", "the manifest as it was written")
    try:
        recorded, ids = _read(manifest, folder, {"followers": followers, "population": population}), _ids(manifest)
        if len(ids) != len(recorded.cases) * len(recorded.replications):
            raise changed
        if manifest["source_hash"] == sources.source_hash() and ids != [
            describe_case(case, recorded.seed, replication)["run_id"]
            for case in recorded.cases
            for replication in recorded.replications
        ]:
            raise changed
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError):
        raise changed from None
    return recorded


def _read(manifest: dict[str, Any], folder: Path, given: Mapping[str, Any]) -> Recorded:
    """Build what was run from a manifest's entries; a wrong type of entry raises an error."""
    single = "arms" not in manifest
    arms = {manifest["scenario"]: manifest} if single else manifest["arms"]
    first = manifest["replication"] if single else 0
    count = 1 if single else manifest["replications"]
    for number in (manifest["seed"], first, count):
        if type(number) is not int or number < 0:
            raise TypeError
    check_counts(seed=manifest["seed"], replications=count)
    places = [Path(manifest["directory"]), Path(), folder]
    cases: list[Case] = []
    for name, arm in arms.items():
        cases.append(_read_case(one_name("arm", name), arm, places, given, cases))
    request: dict[str, Any] = {key: manifest[key] for key in REQUEST if key in manifest}
    return Recorded(cases, manifest["seed"], range(first, first + count), single, request, _differs(manifest))


def _ids(manifest: dict[str, Any]) -> list[str]:
    """List the ids of all runs in a manifest."""
    if "arms" not in manifest:
        return [manifest["run_id"]]
    return [run_id for arm in manifest["arms"].values() for run_id in arm["run_ids"]]


def _read_case(
    name: str, arm: dict[str, Any], places: Sequence[Path], given: Mapping[str, Any], before: Sequence[Case]
) -> Case:
    """Build an arm from its own settings in the manifest; all sizes stay as they were."""
    settings = build(Settings, arm["settings"])
    preset = one_name("preset", arm["preset"])
    scenario = Scenario(
        name=preset,
        settings=settings,
        given=frozenset(SIZES),
        overrides=tuple(map(str, arm["overrides"])),
        levers=tuple(map(str, arm["levers"])),
        **{key: str(arm[key]) for key in TEXTS},
    )
    data = {
        key: recorded_data(key, found["source"], found["sha256"], places, before, given.get(key))
        for key, found in arm["inputs"].items()
    }
    case = prepare(with_values(scenario, {}), data.get("followers"), data.get("population"))
    return dataclasses.replace(case, arm="" if name == preset else name)


def recorded_data(
    key: str, source: str, sha256: str, places: Sequence[Path], before: Sequence[Case], given: Any = None
) -> Any:
    """Read a user's data again, and name them as at the first time.

    Parameters
    ----------
    key : "followers" or "population".
    sha256 : of what was read then.
    places : where a relative path may start; the first file with these bytes is taken.
    before : cases that may have read them.
    given : data in their place.

    Raises
    ------
    InputError : they are missing, or have changed.
    """
    for case in before:
        known: Any = getattr(case, key)
        if known is not None and (known.source, known.sha256) == (source, sha256):
            return known
    candidates = [given] if given is not None else [path for place in places if (path := place / source).is_file()]
    if not candidates:
        raise InputError(f"input.{key}", source, f"the data that ran: a file that is still in {places[0]}")
    for candidate in candidates:
        data = READERS[key](candidate)
        if data.sha256 == sha256:
            return dataclasses.replace(data, source=source)
    raise InputError(f"input.{key}", str(candidates[0]), f"the data that ran, of SHA-256 {sha256[:12]}…; they changed")


def _differs(manifest: Mapping[str, Any]) -> str:
    """Say in one line how this program differs from the one that ran; "" where it does not."""
    now, differences = environment(), []
    for key in SOURCES:
        then = manifest[key]
        if then != now[key] and isinstance(then, dict):
            names = [name for name in now[key] if then.get(name) != now[key][name]]
            differences.append(", ".join(f"{name} {then.get(name)} (now {now[key][name]})" for name in names))
        elif then != now[key]:
            differences.append(f"{key} {str(then)[:12]} (now {str(now[key])[:12]})")
    return "; ".join(differences)
