"""Results of long studies as small reference data: a JSON file each, with what made it, from which pages are filled."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path
from typing import Any

from analysis.studies.study import Study
from sim.base.errors import InputError
from sim.simulation.simulate import environment

Record = dict[str, Any]
FOLDER = Path(__file__).with_name("records")
MADE_BY = ("command", "date", "world", "overrides", "seed", "replications", "model_version", "source_hash", "commit")
DIGITS = 5  # of a number that is kept


def record_of(study: Study, results: Record) -> Record:
    """Add to a study's results what made them: command, date, world, seed, replications and source."""
    versions = environment()
    return {
        "command": study.command, "date": datetime.date.today().isoformat(), "world": study.world,
        "overrides": list(study.overrides), "seed": study.seed, "replications": study.replications,
        **{key: versions[key] for key in ("model_version", "source_hash", "commit")}, **rounded(results),
    }  # fmt: skip


def rounded(value: Any) -> Any:
    """Round every number to the digits that are kept; what is not finite becomes null."""
    if isinstance(value, dict):
        return {str(key): rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def path_of(name: str, world: str) -> Path:
    """Return where a study of a world is kept."""
    return FOLDER / f"{name}-{world}.json"


def keep(name: str, record: Record) -> Path:
    """Write a record into its file."""
    path = path_of(name, record["world"])
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read_record(name: str, world: str) -> Record:
    """Read a study of a world.

    Raises
    ------
    InputError : it has not been run.
    """
    path = path_of(name, world)
    if not path.exists():
        command = f"a study that was run: python -m analysis.studies {name} --world {world} --write"
        raise InputError(f"{name} of {world}", "no record", command)
    found: Record = json.loads(path.read_text(encoding="utf-8"))
    return found


def made_by(record: Record) -> str:
    """Write the line above a table: command, date and source."""
    return (
        f"`{record['command']}` ({record['date']}, world {record['world']}, seed {record['seed']}, "
        f"source {record['source_hash'][:12]}):"
    )
