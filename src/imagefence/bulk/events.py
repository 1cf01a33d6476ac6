"""Record batches read as requests: which column says what, checked before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from imagefence.bulk import columns
from imagefence.bulk.arrow import Values
from imagefence.bulk.columns import Column
from imagefence.errors import InputError
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.names import PARTS, split
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

TAGS_UNKNOWN = "acs:resourcetag/*"
RESERVED: dict[str, Callable[[str, Values], Column]] = {
    "action": columns.text,
    "resource": columns.text,
    "principal": columns.text,
    "principal_kind": columns.text,
    "principal_account": columns.text,
    "in_management_account": columns.flag,
    "tags_unknown": columns.flag,
    "new": columns.flag,
    "owner": columns.text,
    "owner_tags": columns.pairs,
    "receiver_tags": columns.pairs,
    "unknown": columns.texts,
    "request": columns.anything,
}
OF_CALLER = frozenset({"principal", "principal_kind", "principal_account", "in_management_account"})
OF_RESOURCE = frozenset({"resource", "tags_unknown", "new", "owner", "owner_tags", "receiver_tags"})
NOBODY = Principal(PrincipalKind.USER, "acs:ram::0:user/nobody", "0")  # of rows that there are not
KINDS = {"user": PrincipalKind.USER, "role": PrincipalKind.ROLE, "root": PrincipalKind.ROOT}


@dataclass(frozen=True, slots=True)
class Events:
    """The rows of a batch as requests; `unknown` are keys that no row knows, `caller` who calls by default.

    `keys` are the columns of condition keys, `tags` those of the resource's tags by tag key.
    """

    rows: int
    reserved: Mapping[str, Column]
    keys: Mapping[str, Column]
    tags: Mapping[str, Column]
    caller: Principal | None
    unknown: frozenset[str]

    def request(self, rows: Sequence[int]) -> Request:
        """The request that these rows make together; what they share is read off the first."""
        row = rows[0]
        resources = (self.resource(each) for each in rows)
        return Request(
            self.principal(row),
            self.value("action", row) or "",
            tuple(each for each in resources if each is not None),
            self.context(row),
        )

    def value(self, name: str, row: int) -> Any:
        """What a reserved column holds in a row; None also where the batch has no such column."""
        column = self.reserved.get(name)
        return column.at(row) if column is not None else None

    def principal(self, row: int) -> Principal:
        """The caller of a row; raises InputError where it is not told what kind of caller that is."""
        arn = self.value("principal", row)
        if arn is None:
            return self.caller or NOBODY
        return Principal(
            _kind(arn, self.value("principal_kind", row)),
            arn,
            self.value("principal_account", row) or _account(arn),
            bool(self.value("in_management_account", row)),
        )

    def resource(self, row: int) -> Resource | None:
        """The resource of a row; None where it isn't known which one is asked for."""
        name = self.value("resource", row)
        if name is None:
            return None
        return Resource(
            name,
            self.tags_of(row),
            self.new(row),
            self.value("owner", row) or "",
            _pairs(self.value("owner_tags", row)),
            _pairs(self.value("receiver_tags", row)),
        )

    def tags_of(self, row: int) -> dict[str, str] | None:
        """The resource's tags in a row; None where they are not known."""
        if self.value("tags_unknown", row) or any(key.lower() == TAGS_UNKNOWN for key in self.unknown):
            return None
        tags = {key: column.at(row) for key, column in self.tags.items()}
        return {key: tag for key, tag in tags.items() if tag is not None}

    def new(self, row: int) -> bool:
        """Whether the resource of a row is still to be created."""
        return bool(self.value("new", row))

    def context(self, row: int) -> Context:
        """The condition keys of a row."""
        known = {key: column.at(row) for key, column in self.keys.items()}
        return Context(
            {
                key: (found,) if isinstance(found, str) else found
                for key, found in known.items()
                if found is not None
            },
            self._unknown(row),
        )

    def all_columns(self) -> tuple[Column, ...]:
        """Every column that a request is made from, and `request` itself."""
        return (*self.reserved.values(), *self.keys.values(), *self.tags.values())

    def tag_columns(self) -> frozenset[str]:
        """The names of the columns of the resource's tags."""
        return frozenset(column.name for column in self.tags.values())

    def only(self, names: Collection[str]) -> Events:
        """The events as far as these columns tell them."""
        return replace(
            self,
            reserved={name: column for name, column in self.reserved.items() if name in names},
            keys={name: column for name, column in self.keys.items() if name in names},
            tags={key: column for key, column in self.tags.items() if column.name in names},
        )

    def replaced(self, columns_: Mapping[str, Column], rows: int) -> Events:
        """The same columns by name with other rows."""
        return replace(
            self,
            rows=rows,
            reserved={name: columns_[name] for name in self.reserved},
            keys={name: columns_[name] for name in self.keys},
            tags={key: columns_[column.name] for key, column in self.tags.items()},
        )

    def _unknown(self, row: int) -> frozenset[str]:
        return self.unknown.union(self.value("unknown", row) or ())


def events(
    batch: pa.RecordBatch,
    *,
    caller: Principal | None = None,
    unknown: Iterable[str] = (),
    carry: Collection[str] = (),
) -> Events:
    """Reads a batch but for the columns to carry; raises InputError naming the column that is wrong."""
    reserved: dict[str, Column] = {}
    keys: dict[str, Column] = {}
    tags: dict[str, Column] = {}
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        if name in carry:
            continue
        if name in RESERVED:
            _put(reserved, name, RESERVED[name](name, array))
        elif _origin(name) is KeyOrigin.RESOURCE_TAG:
            _put(tags, condition_key(name).tag, columns.text(name, array))
        else:
            _put(keys, name, columns.value(name, array))
    _check(reserved, keys, caller)
    return Events(batch.num_rows, reserved, keys, tags, caller, frozenset(unknown))


def _put(found: dict[str, Column], name: str, column: Column) -> None:
    if name in found:
        raise InputError(f"column `{column.name}` is there twice", help="drop one of the two")
    found[name] = column


def _origin(name: str) -> KeyOrigin:
    """Where the values of a key's column come from; raises InputError for what is no key of the call."""
    key = condition_key(name)
    if key.origin is KeyOrigin.PRINCIPAL:
        raise InputError(f"column `{name}` is read off the caller", help="name the column `principal`")
    if key.origin is KeyOrigin.EITHER_TAG:
        raise InputError(
            f"column `{name}` is read off the tags", help=f"name the column `acs:ResourceTag/{key.tag}`"
        )
    if ":" not in name:
        raise InputError(
            f"column `{name}` is no condition key",
            help=f"keys are written as `acs:SourceIp`; else there are {', '.join(RESERVED)}; "
            "columns to be copied are named in `carry`",
        )
    return key.origin


def _check(reserved: Mapping[str, Column], keys: Mapping[str, Column], caller: Principal | None) -> None:
    for name in ("action", "resource"):
        if name not in reserved:
            raise InputError(
                f"there is no column `{name}`", help="each row needs an action and a resource's name"
            )
    empty = reserved["action"].first_null()
    if empty is not None:
        raise InputError(f"column `action`: row {empty} is null", help="leave such rows out")
    if caller is None and "principal" not in reserved:
        raise InputError(
            "there is no column `principal`", help="add it, or give the caller of all rows as `caller`"
        )
    nobody = reserved["principal"].first_null() if caller is None else None
    if nobody is not None:
        raise InputError(
            f"column `principal`: row {nobody} is null", help="give the caller of such rows as `caller`"
        )
    spelt: dict[str, str] = {}
    for name in keys:
        other = spelt.setdefault(condition_key(name).name, name)
        if other != name:
            raise InputError(f"columns `{other}` and `{name}` are one key", help="drop one of the two")


def _pairs(tags: tuple[tuple[str, str], ...] | None) -> dict[str, str] | None:
    return None if tags is None else dict(tags)


def _account(arn: str) -> str:
    parts = split(arn)
    return parts[3] if len(parts) == PARTS else ""


def _kind(arn: str, kind: str | None) -> PrincipalKind:
    try:
        return PrincipalKind(kind) if kind is not None else KINDS[split(arn)[-1].partition("/")[0]]
    except (KeyError, ValueError):
        known = ", ".join(each.value for each in PrincipalKind)
        raise InputError(
            f"`{kind or arn}` is no kind of caller", help=f"`principal_kind` holds one of: {known}"
        ) from None
