"""The workplace of an experiment under way: what it is, checkpoints of its runs, results of those that have ended.

It lies beside the place of the results (`outputs/.NAME.checkpoint/`): `experiment.json` and
`runs/<arm>/<replication>/{state, result/}`. Whoever holds the experiment's directory name can go on from it.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.base.errors import InputError
from sim.base.files import BusyError, hold, write_safely
from sim.experiment.from_manifest import recorded_data
from sim.settings import Settings
from sim.settings.scenario import Scenario, build
from sim.simulation.cases import Case
from sim.simulation.checkpoint import FORMAT, IDENTITY, Checkpoint, read_week, refuse_other
from sim.simulation.folders import one_name
from sim.simulation.results import RunResult, load_run
from sim.simulation.sealed import entry_of, seal, unseal
from sim.simulation.simulate import check_counts, describe_case

FILE = "experiment.json"
NUMBERS = ("seed", "replications", "threads", "every", "overwrite", "precision")


@dataclass(frozen=True, kw_only=True, eq=False)
class Experiment:
    """What an experiment is to run.

    Attributes
    ----------
    cases : prepared arms.
    threads : of each run.
    every : weeks between two checkpoints.
    overwrite : whether the results may replace earlier ones.
    precision : half-width until which replications go on, `replications` being the most; None where all are run.
    request : what asked for it: the words of the command, and its file of changes.
    """

    cases: list[Case]
    seed: int
    replications: int
    threads: int
    every: int
    overwrite: bool = False
    precision: float | None = None
    request: dict[str, Any] = field(default_factory=dict)


def place_of(out: str | os.PathLike[str]) -> Path:
    """Return where the experiment whose results go to `out` keeps its checkpoints."""
    final = Path(os.path.abspath(out))
    return final.with_name(f".{final.name}.checkpoint")


@dataclass(frozen=True)
class Workplace:
    """A directory in which an experiment's runs save their states every so many weeks, and their results."""

    folder: Path
    every: int

    def checkpoint(self, case: Case, replication: int) -> Checkpoint:
        """Return where a run saves its state."""
        return Checkpoint(self._run(case, replication) / "state", self.every)

    def keep(self, case: Case, replication: int, result: RunResult) -> None:
        """Save the result of a run that has ended."""
        result.save(self._run(case, replication) / "result", overwrite=True)

    def finished(self, case: Case, seed: int, replication: int) -> RunResult | None:
        """Return the result of a run that has ended; None where there is none, or its files are damaged.

        Raises
        ------
        InputError : it is the result of another run.
        """
        path = self._run(case, replication) / "result"
        try:
            result = load_run(path)
        except InputError:
            return None
        refuse_other(path, result.manifest, describe_case(case, seed, replication))
        return result

    def week(self, case: Case, replication: int) -> int:
        """Return how many weeks a run's checkpoint has done."""
        return read_week(self.checkpoint(case, replication).path)

    def remove(self) -> None:
        """Remove the workplace, once the results are in their place.

        The description goes first, so that what an interruption leaves behind counts as nothing.
        """
        (self.folder / FILE).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, case: Case, replication: int) -> Path:
        """Return the directory of a run; it is inside the workplace, whatever a name or a link says."""
        path = self.folder / "runs" / one_name("checkpoint, scenario", case.name) / str(replication)
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise InputError("checkpoint", str(path), "a directory inside its own, not a link that leads out")
        return path


def make_way(out: Path, overwrite: bool) -> None:
    """Remove an interrupted experiment whose results were meant for the same place, if that may be overwritten.

    Raises
    ------
    InputError : there is one and it may not be overwritten.
    """
    place = Workplace(place_of(out), 0)
    _refuse_link(place.folder)
    if (place.folder / FILE).exists() and not overwrite:
        expected = "a new directory (a run was interrupted: --resume goes on with it, --overwrite forgets it)"
        raise InputError("--out", str(out), expected)
    place.remove()


def open_workplace(out: Path, experiment: Experiment) -> Workplace:
    """Make the workplace of an experiment that starts.

    Raises
    ------
    InputError : there is one already, as in `make_way`, or it cannot be made.
    """
    make_way(out, experiment.overwrite)
    folder = place_of(out)
    described = seal(_describe(experiment))
    try:
        folder.mkdir(parents=True)
        write_safely(folder / FILE, lambda file: file.write(described))
    except OSError as error:
        raise InputError("--out", str(out), f"a directory that can be made ({error.strerror})") from None
    return Workplace(folder, experiment.every)


def read_workplace(out: Path) -> tuple[Workplace, Experiment]:
    """Find an interrupted experiment by the directory for which its results are meant.

    Raises
    ------
    InputError : there is none, it is damaged or another program's, or a user's data have changed since.
    """
    folder = place_of(out)
    _refuse_link(folder)
    path = folder / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError("--resume", str(out), "the directory of an interrupted run with --checkpoint-every") from None
    except OSError as error:
        raise InputError("--resume", str(path), f"a file that can be read ({error.strerror})") from None
    version = entry_of(content, "format")
    if type(version) is int and version != FORMAT:
        raise InputError("--resume", str(path), f"checkpoints of format {FORMAT} (they are of {version})")
    try:
        described = unseal(content)
        return Workplace(folder, described["every"]), _read_experiment(path, described)
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InputError("--resume", str(path), "the file as it was written; it is damaged") from None


def _read_experiment(path: Path, described: dict[str, Any]) -> Experiment:
    """Build an experiment from its description."""
    numbers = {key: described[key] for key in NUMBERS}
    if any(type(numbers[key]) is not (bool if key == "overwrite" else int) for key in NUMBERS if key != "precision"):
        raise TypeError
    if not isinstance(numbers["precision"], float | None):
        raise TypeError
    check_counts(seed=numbers["seed"], threads=numbers["threads"], replications=numbers["replications"])
    cases: list[Case] = []
    for arm in described["arms"]:
        case = _read_case(arm, Path(described["directory"]), cases)
        refuse_other(path, arm["identity"], describe_case(case, numbers["seed"], 0))
        cases.append(case)
    return Experiment(cases=cases, **numbers, request=dict(described["request"]))


def _refuse_link(folder: Path) -> None:
    """Refuse a workplace that is a link."""
    if folder.is_symlink():
        raise InputError("checkpoint", str(folder), "a directory, not a link to one")


@contextmanager
def held(place: Workplace) -> Iterator[None]:
    """Hold a workplace that belongs to no directory of results, so that no second process works in it.

    Raises
    ------
    InputError : another process does, or it cannot be made.
    """
    with ExitStack() as end:
        try:
            place.folder.mkdir(parents=True, exist_ok=True)
            end.enter_context(hold(place.folder / "held"))
        except BusyError:
            raise InputError("checkpoint", str(place.folder), "a directory in which no other run is at work") from None
        except OSError as error:
            raise InputError("checkpoint", str(place.folder), f"a directory ({error.strerror})") from None
        yield


def _describe(experiment: Experiment) -> dict[str, Any]:
    """Describe an experiment, so that it can go on from its file."""
    numbers = {key: getattr(experiment, key) for key in NUMBERS}
    numbers |= {"request": experiment.request, "directory": os.getcwd()}
    return {"format": FORMAT, **numbers, "arms": [_describe_case(case, experiment.seed) for case in experiment.cases]}


def _describe_case(case: Case, seed: int) -> dict[str, Any]:
    """Describe an arm: what identifies its runs, its scenario, and all its settings."""
    scenario, manifest = case.scenario, describe_case(case, seed, 0)
    texts = {item.name: getattr(scenario, item.name) for item in dataclasses.fields(scenario)}
    texts |= {"settings": scenario.tree, "given": sorted(scenario.given)}
    return {"identity": {key: manifest[key] for key in IDENTITY}, "arm": case.arm, "scenario": texts}


def _read_case(arm: dict[str, Any], directory: Path, before: list[Case]) -> Case:
    """Build an arm from its description; data that arms share are read once."""
    texts = dict(arm["scenario"])
    settings = build(Settings, texts.pop("settings"))
    texts |= {key: tuple(texts[key]) for key in ("overrides", "levers")} | {"given": frozenset(texts["given"])}
    data = {
        key: recorded_data(key, found["source"], found["sha256"], [directory], before)
        for key, found in arm["identity"]["inputs"].items()
    }
    return Case(Scenario(settings=settings, **texts), data.get("followers"), data.get("population"), arm["arm"])
