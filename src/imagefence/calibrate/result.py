"""The result of a calibration: what is settled, what is left open and why, and the answers it rests on."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from imagefence.errors import ConfigError
from imagefence.policy.readings import DEFAULT, Readings, change

FORMAT = 1
State = Literal["settled", "open", "beyond"]


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reading: the values that the answers leave, and, where it is not settled, why and what it takes.

    `open` could be settled in this account and was not; `beyond` no call of this account can settle.
    """

    reading: str
    state: State
    values: tuple[str, ...]
    why: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question and its answer: the call, the policy it was made under, and the cloud's own word."""

    probe: str
    asks: str
    call: str
    policy: str
    answer: str
    word: str = ""
    readings: tuple[str, ...] = ()


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A calibration; `endpoint` is empty for the public cloud."""

    imagefence: Literal["readings"] = "readings"
    format: int = FORMAT
    account: str
    region: str
    endpoint: str
    taken_at: datetime
    points: tuple[Point, ...]
    evidence: tuple[Evidence, ...]

    @property
    def readings(self) -> Readings:
        """The settled readings, and the default of every other."""
        readings = DEFAULT
        for point in self.points:
            if point.state == "settled":
                readings = change(readings, f"{point.reading}={point.values[0]}")
        return readings

    def of(self, state: State) -> tuple[Point, ...]:
        """The points in a state."""
        return tuple(point for point in self.points if point.state == state)


def save_result(made: Calibration, path: Path) -> None:
    """Writes a calibration at once and whole."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    unfinished.replace(path)


def load_result(path: Path) -> Calibration:
    """Reads a calibration; raises ConfigError naming the place that is wrong."""
    try:
        made = msgspec.json.decode(path.read_bytes(), type=Calibration)
        made.readings  # noqa: B018 - a reading that does not exist raises here
    except (msgspec.DecodeError, ValueError, IndexError) as error:
        raise ConfigError(
            f"this is no result of `imagefence calibrate`: {error}",
            place=str(path),
            help="run `imagefence calibrate` again, or remove the file",
        ) from error
    if made.format != FORMAT:
        raise ConfigError(
            f"format {made.format} is not known",
            place=str(path),
            help="run `imagefence calibrate` of this version again",
        )
    return made
