"""The JSON Schema of fence.yaml, made from the fields and the enumerations that the parser reads by.

It sees the form of each field alone: that `share` needs owner accounts, that an allow list needs nodes and
that names stand once in a list of objects stays with the parser.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from imagefence.scope.fields import (
    ACCOUNT_ID,
    APPROVED,
    ATTACH,
    CONTACT_LENGTH,
    EXEMPTION,
    FENCE,
    FIX,
    PRINCIPALS,
    ROADS,
    ROLE_NAME,
    TAG_LENGTH,
    TOP,
    TRUSTED,
    Fields,
)
from imagefence.scope.roads import Barrier, Group, members, table
from imagefence.scope.scope import Distribute, FixDefault, Form, ImageCreation, May, OtherLaunchers

Schema = dict[str, Any]
TEXT: Schema = {"type": "string", "minLength": 1}
MOMENT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)


def fence_schema() -> Schema:
    """The schema of a fence.yaml, in the dialect of 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:imagefence:schema:fence",
        "title": "imagefence: fence.yaml",
        **_object(
            TOP,
            version={"enum": [1, "1"]},
            approved=_approved(),
            fence=_fence(),
            exempt={"type": "array", "items": _exemption()},
            fix=_object(FIX, default=_one_of(FixDefault, "What `fix plan` proposes by itself.")),
        ),
    }


def _approved() -> Schema:
    value = {"type": "string", "pattern": "^[^*?]+$", "maxLength": TAG_LENGTH}
    return _object(
        APPROVED,
        tags={
            "description": "The tags of approved images: keys AND, values OR, compared to the letter.",
            "type": "object",
            "propertyNames": {
                "pattern": "^(?![Aa][Ll][Ii][Yy][Uu][Nn]|[Aa][Cc][Ss]:)",
                "minLength": 1,
                "maxLength": TAG_LENGTH,
            },
            "additionalProperties": _list(value, least=1),
            "minProperties": 1,
        },
        owner_accounts={
            **_list(_form(ACCOUNT_ID.pattern)),
            "description": "The accounts where golden images are built.",
        },
        distribute=_one_of(Distribute, "How golden images reach the accounts."),
    )


def _fence() -> Schema:
    principals = _object(PRINCIPALS, users=_list(TEXT), groups=_list(TEXT), roles=_list(TEXT))
    contact = {"type": "string", "minLength": 1, "maxLength": CONTACT_LENGTH}
    return _object(
        FENCE,
        form=_one_of(Form, "Denies beside FullAliyunAccess, or Allows in its place."),
        attach={
            **_object(ATTACH, nodes=_list(TEXT), principals=principals),
            "description": "Nodes of a directory, or principals of the account.",
            "anyOf": [{"required": [name]} for name in ATTACH.known],
        },
        image_creation=_one_of(ImageCreation, "Which creations of images are denied to all but the exempt."),
        other_launchers=_one_of(OtherLaunchers, "The older word for the group `other-launchers` of `roads`."),
        roads=_roads(),
        contact={**contact, "description": "Whom a refused developer asks."},
    )


def _roads() -> Schema:
    words = [group.value for group in Group] + [road.name for road in table()]
    close = [word for word in words if not _beyond(word)]
    leave = [word for word in words if any(road.choosable for road in members(word))]
    return {
        **_object(
            ROADS,
            close={"anyOf": [{"const": "all"}, _list({"enum": close})]},
            **{"except": {**_list({"enum": leave}), "description": "What stays open by choice."}},
        ),
        "description": "Which roads round the fence are closed; `imagefence fence roads` lists them.",
    }


def _beyond(word: str) -> bool:
    return any(road.closed_by is Barrier.NONE for road in members(word))


def _exemption() -> Schema:
    may = {"enum": [each.value for each in May]}
    return _object(
        EXEMPTION,
        role={**_form(ROLE_NAME.pattern), "description": "In lower case, as acs:PrincipalARN shows it."},
        may=_list(may, least=1),
        until={**_form(MOMENT), "description": "When the exemption ends by itself, with its time zone."},
        reason=TEXT,
        trust={**_list(_form(TRUSTED.pattern)), "description": "Who may assume the role."},
    )


def _object(fields: Fields, **properties: Schema) -> Schema:
    """An object of these fields; raises KeyError where one of them has no schema."""
    found: Schema = {
        "type": "object",
        "properties": {name: properties.pop(name) for name in fields.known},
        "additionalProperties": False,
    }
    if properties:
        raise KeyError(*properties)
    return {**found, "required": list(fields.required)} if fields.required else found


def _list(item: Schema, *, least: int = 0) -> Schema:
    return {"type": "array", "items": item, "uniqueItems": True, **({"minItems": least} if least else {})}


def _form(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def _one_of(choices: type[Enum], about: str) -> Schema:
    return {"enum": [choice.value for choice in choices], "description": about}
