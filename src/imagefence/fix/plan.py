"""The plan: what will be done to which instance, what is lost by it and how it is undone, as a file.

A plan is JSON to be read and reviewed. Its `digest` covers every byte that matters, so a plan that was
edited is refused; `snapshot_digest` covers the world it was made for.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path

import msgspec

from imagefence.errors import ConfigError


class Way(StrEnum):
    """What is done about a finding; `ask` leaves it to the user."""

    TAG = "tag"
    REPLACE = "replace"
    RETIRE = "retire"
    ASK = "ask"


class Do(StrEnum):
    """The one call that a step makes."""

    TAG_IMAGE = "tag-image"
    STOP = "stop"
    SNAPSHOT = "snapshot-disk"
    REPLACE = "replace-system-disk"
    START = "start"
    DELETE = "delete"


class Undo(StrEnum):
    """How far a step can be taken back."""

    FULL = "full"
    DATA_ONLY = "data only"
    NONE = "none"


class FileShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the shapes in a plan file; a word that is not known is refused."""


class DiskBefore(FileShape, frozen=True):
    """A disk as it stood at planning."""

    id: str
    system: bool
    category: str = ""
    image_id: str = ""
    deleted_with_instance: bool = True


class Before(FileShape, frozen=True):
    """What a fix rests on: read again before anything is done.

    `image_tags` is None where no image is seen; `kept_by` says what keeps the instance from being deleted.
    """

    instance_id: str = ""
    image_id: str = ""
    status: str = ""
    system: str = ""
    kept_by: str = ""
    disks: tuple[DiskBefore, ...] = ()
    image_tags: dict[str, str] | None = None

    @property
    def system_disk_id(self) -> str:
        """The system disk; empty where there is none."""
        return next((disk.id for disk in self.disks if disk.system), "")


class Step(FileShape, frozen=True):
    """One call: `lost` says what it destroys, `undo` and `undo_how` how to take it back."""

    id: str
    do: Do
    target: str
    undo: Undo
    undo_how: str
    lost: str = ""
    image_id: str = ""
    tags: dict[str, str] = {}
    role: str = ""


class Fix(FileShape, frozen=True):
    """The steps for one image (tag) or one instance (replace, retire), in order."""

    id: str
    way: Way
    account_id: str
    region_id: str
    findings: tuple[str, ...]
    instances: tuple[str, ...]
    image_id: str
    before: Before
    steps: tuple[Step, ...]
    replacement: Before | None = None

    @property
    def loses_data(self) -> bool:
        """True when a step destroys something."""
        return any(step.lost for step in self.steps)


class Undecided(FileShape, frozen=True):
    """A finding that nothing is done about, and why."""

    finding: str
    rule: str
    account_id: str
    region_id: str
    instance_id: str
    image_id: str
    why: str


class Plan(FileShape, frozen=True):
    """All fixes, what is left undecided, and what could not be read."""

    version: int = 1
    created_at: str = ""
    fixes: tuple[Fix, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    gaps: tuple[str, ...] = ()
    snapshot_digest: str = ""
    digest: str = ""

    @property
    def loses_data(self) -> bool:
        """True when apply needs --accept-data-loss."""
        return any(fix.loses_data for fix in self.fixes)


def seal(plan: Plan) -> Plan:
    """Fills in both digests."""
    world = digest_of([(fix.before, fix.replacement) for fix in plan.fixes])
    open_plan = msgspec.structs.replace(plan, snapshot_digest=world, digest="")
    return msgspec.structs.replace(open_plan, digest=digest_of(open_plan))


def digest_of(value: object) -> str:
    """SHA-256 of the value's canonical JSON."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def write_plan(plan: Plan, path: Path) -> None:
    """Writes the plan as indented JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(plan), indent=2) + b"\n")


def read_plan(path: Path) -> Plan:
    """Reads a plan; raises ConfigError where it is not one, or was edited after planning."""
    try:
        plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    except OSError as error:
        raise ConfigError(
            f"can't read the plan: {(error.strerror or 'no such file').lower()}",
            place=str(path),
            help="write one with `imagefence fix plan --out`",
        ) from None
    except msgspec.MsgspecError as error:
        raise ConfigError(
            f"not a plan: {str(error).removeprefix('JSON is malformed: ').replace('Input', 'input')}",
            place=str(path),
            help="write a new one with `imagefence fix plan --out`",
        ) from None
    if plan.version != 1 or seal(plan) != plan:
        raise ConfigError(
            "the plan was changed after it was made",
            place=str(path),
            help="make a new plan with other choices instead of editing this one",
        )
    return plan


def client_token(plan: Plan, step: Step) -> str:
    """The ClientToken of a step: the same each time the same plan is applied (64 characters at most)."""
    return digest_of([plan.digest, step.id])[:48]
