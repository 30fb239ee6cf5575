"""What was measured of one trained agent: returns asked, plans, scores under perturbations.

The file lies beside the run's record as `calibration-seed-<n>.json`. It says of which record and of
which weights it is, so that a report leaves out what was measured of an earlier training.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from benchmark.errors import TooNewError, UserError, too_new
from benchmark.records.files import RunFiles, write_atomically

CALIBRATION_SCHEMA = 1
MEASURED, NOTHING, FAILED = "measured", "nothing to measure", "failed"
"""How the measuring of one trained agent may end."""
OWN, OTHER_EPISODE, OTHER_STATE, RANDOM = EXCHANGES = ("own", "episode", "state", "random")
"""Whose plan is followed: one's own; that of another episode at the same step; one made for another
state of the same task; one of random parts."""
UNDISTURBED = "none"
"""The perturbation that is none."""


@dataclass(frozen=True)
class AskedLevel:
    """What came of asking for one level in E episodes.

    Attributes:
        level: as the agent counts it.
        asked: (E,) return asked at the first step, in task units.
        reached: (E,) return brought, with the same discount.
        scores: (E,) normalised scores.
    """

    level: float
    asked: list[float]
    reached: list[float]
    scores: list[float]


@dataclass(frozen=True)
class CalibrationRecord:
    """All that was measured of one trained agent, on E episodes.

    Attributes:
        run: name of the run, `<task>/<agent>/seed-<n>`.
        record_hash: SHA-256 of the run's record.
        weights_hash: SHA-256 of the agent's saved files.
        episode_seeds: (E,) environment seeds, the same everywhere.
        asking_unit: what levels are; empty where the agent is not asked.
        discount: factor per step of the returns asked and reached.
        levels: ascending; none where the agent is not asked.
        exchange_scores: one of `EXCHANGES` -> (E,) normalised scores; none where it makes no plans.
        plan_share: share of the variance of its actions that its plans explain beyond the state;
            None where it always acts alike, which leaves nothing to explain.
        states: visited states that the share was measured on.
        perturbed_scores: name of a perturbation, or `none` -> (E,) normalised scores; none where
            nobody asked.
        versions: of Python and the libraries that matter.
        commit: of the code, as in a run's record.
        machine: processor, cores, device.
        started: ISO 8601, UTC.
        seconds: wall time.
        schema: of this file.
    """

    run: str
    record_hash: str
    weights_hash: str
    episode_seeds: list[int]
    asking_unit: str = ""
    discount: float = 1.0
    levels: list[AskedLevel] = field(default_factory=list)
    exchange_scores: dict[str, list[float]] = field(default_factory=dict)
    plan_share: float | None = None
    states: int = 0
    perturbed_scores: dict[str, list[float]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    commit: str | None = None
    machine: dict[str, Any] = field(default_factory=dict)
    started: str | None = None
    seconds: float | None = None
    schema: int = CALIBRATION_SCHEMA

    @classmethod
    def from_json(cls, text: str) -> CalibrationRecord:
        """Reads what `write_calibration_record` wrote.

        Raises:
            TooNewError: if a later version has written it.
            ValueError: if it is none of ours.
        """
        values = json.loads(text)
        if not isinstance(values, dict) or not isinstance(values.get("schema"), int):
            raise ValueError("it has no schema")
        unknown = set(values) - {field.name for field in fields(cls)}
        if values["schema"] > CALIBRATION_SCHEMA or unknown:
            raise too_new("a calibration")
        levels = [AskedLevel(**level) for level in values.pop("levels")]
        return cls(**values, levels=levels)


def write_calibration_record(out: Path, calibration: CalibrationRecord) -> Path:
    """Writes it beside the run's record, whole or not at all, and returns its path."""
    path = RunFiles(out, calibration.run).calibration
    write_atomically(path, json.dumps(asdict(calibration), indent=1))
    return path


def read_calibrations(out: Path) -> Iterator[CalibrationRecord]:
    """Yields every calibration below an output folder, in the order of their paths.

    Raises:
        UserError: for a file that is none, or that cannot be read.
    """
    for path in sorted((out / "runs").glob("*/*/calibration-seed-*.json")):
        yield _read(path, out)


def calibration_of(out: Path, run: str) -> CalibrationRecord | None:
    """What was measured of a run, if anything was.

    Raises:
        UserError: for a file that is none, or that cannot be read.
    """
    path = RunFiles(out, run).calibration
    return _read(path, out) if path.exists() else None


def _read(path: Path, out: Path) -> CalibrationRecord:
    try:
        calibration = CalibrationRecord.from_json(path.read_text(encoding="utf-8"))
        if RunFiles(out, calibration.run).calibration != path:
            raise ValueError(f"it says that it is of {calibration.run}")
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); see who may read it") from error
    except TooNewError as error:
        raise too_new(str(path)) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UserError(
            f"{path} is no calibration ({error}); delete it, and measure again with "
            f"python -m benchmark.calibration --runs {out}"
        ) from error
    return calibration


def is_of_record(out: Path, calibration: CalibrationRecord) -> bool:
    """Whether a run's record is still the one of the agent that was measured."""
    record = RunFiles(out, calibration.run).record
    return record.is_file() and content_hash(record) == calibration.record_hash


def content_hash(path: Path) -> str:
    """SHA-256 of a file, or of all files of a folder with their names."""
    digest = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(path.rglob("*")):
        if file.is_file():
            digest.update(b"" if file == path else str(file.relative_to(path)).encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
