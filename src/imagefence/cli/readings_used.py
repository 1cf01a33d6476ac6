"""The readings that a command goes by: those that `imagefence calibrate` has settled, and --reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from imagefence.errors import InputError
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Alternative, Readings, change

RESULT_FILE = Path(".imagefence") / "readings.json"


@dataclass(frozen=True, slots=True)
class Used:
    """Readings, where they come from, and the other readings of the points that stay open.

    `source` is empty where nothing was calibrated; `others` is empty where --reading has chosen. `settled`
    gives the value of each settled reading by its field.
    """

    readings: Readings = DEFAULT
    source: str = ""
    others: tuple[Alternative, ...] = ALTERNATIVES
    settled: Mapping[str, str] = field(default_factory=dict)

    def here(self, assignment: str) -> bool | None:
        """Whether `field=value` is true by the calibration; None where that is not settled."""
        name, _, value = assignment.partition("=")
        return self.settled[name] == value if name in self.settled else None


BY_DEFAULT = Used()


def readings_used(assignments: Iterable[str] = (), path: Path = RESULT_FILE) -> Used:
    """Gives the calibrated readings, if there are any, with `name=value` applied one after the other.

    Raises InputError for an assignment that is none, ConfigError for a result that can't be read.
    """
    used = calibrated(path) if path.exists() else BY_DEFAULT
    readings = used.readings
    for assignment in assignments:
        try:
            readings = change(readings, assignment)
        except ValueError as error:
            raise InputError(str(error), help="docs/semantics.md describes the readings") from None
    return used if readings == used.readings else replace(used, readings=readings, others=())


def calibrated(path: Path) -> Used:
    """The readings of a saved calibration."""
    # Why: the reader of its file takes 40 ms to import, and most runs have no such file.
    from imagefence.calibrate.result import load_result  # noqa: PLC0415

    made = load_result(path)
    settled = {point.reading.replace("-", "_"): point.values[0] for point in made.of("settled")}
    place = f" at {made.endpoint}" if made.endpoint else ""
    source = (
        f"readings by {path}: {len(settled)} settled on account {made.account}{place} "
        f"at {made.taken_at:%Y-%m-%dT%H:%MZ}, the others by default"
    )
    return Used(made.readings, source, tuple(others(made.readings, settled)), settled)


def others(readings: Readings, settled: Iterable[str]) -> Iterable[Alternative]:
    """The other readings of the points that are not settled, beside what is."""
    for other in ALTERNATIVES:
        name = other.name.partition("=")[0]
        if name not in settled:
            yield replace(other, readings=replace(readings, **{name: getattr(other.readings, name)}))
