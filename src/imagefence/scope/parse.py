"""`fence.yaml` to Scope."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from imagefence.scope.choice import read_roads
from imagefence.scope.fields import (
    ACCOUNT_ID,
    APPROVED,
    ATTACH,
    CONTACT_LENGTH,
    EXEMPTION,
    FENCE,
    FIX,
    PRINCIPALS,
    ROLE_NAME,
    TAG_LENGTH,
    TOP,
    TRUSTED,
)
from imagefence.scope.reader import Place, read_yaml
from imagefence.scope.scope import (
    Attachment,
    Distribute,
    Exemption,
    FixDefault,
    Form,
    ImageCreation,
    May,
    OtherLaunchers,
    Scope,
)

FORBIDDEN_TAG = re.compile(r"aliyun|acs:", re.IGNORECASE)
GENERIC_KEYS = frozenset(
    (
        *("app", "application", "cost-center", "costcenter", "department", "env", "environment", "name"),
        *("owner", "project", "purpose", "role", "service", "stage", "status", "team", "tier", "type"),
    )
)
DIRECTORY_ROLE = "resourcedirectoryaccountaccessrole"


def parse_scope(text: str, source: str = "fence.yaml") -> Scope:
    """Reads a `fence.yaml`; raises ConfigError with `file:line:column: path` for the first thing wrong."""
    root = read_yaml(text, source)
    top = root.fields(*TOP)
    check_version(top["version"])
    approved = top["approved"].fields(*APPROVED)
    fence = top["fence"].fields(*FENCE) if "fence" in top else {}
    tags = read_tags(approved["tags"])
    owners = read_owners(approved)
    attach = read_attachment(fence["attach"]) if "attach" in fence else Attachment()
    exemptions = read_exemptions(top["exempt"]) if "exempt" in top else ()
    return Scope(
        tags=tags,
        owner_accounts=owners,
        distribute=read_distribute(approved, owners),
        form=read_form(fence, attach),
        attach=attach,
        image_creation=fence["image_creation"].one_of(ImageCreation)
        if "image_creation" in fence
        else ImageCreation.TAGGED,
        other_launchers=fence["other_launchers"].one_of(OtherLaunchers)
        if "other_launchers" in fence
        else OtherLaunchers.OPEN,
        roads=read_roads(fence),
        exemptions=exemptions,
        fix_default=read_fix(top["fix"]) if "fix" in top else FixDefault.ASK,
        contact=read_contact(fence["contact"]) if "contact" in fence else "",
        source=source,
        warnings=(*tag_warnings(tags), *exemption_warnings(exemptions)),
    )


def check_version(at: Place) -> None:
    """Holds the file to version 1."""
    if at.node.value != "1":
        at.fail("version must be 1, the only one there is")


def read_tags(at: Place) -> dict[str, tuple[str, ...]]:
    """Reads the approved tags: keys AND, values OR."""
    tags: dict[str, tuple[str, ...]] = {}
    for key, value in at.pairs():
        check_tag_key(key, value)
        tags[key] = read_values(value)
    if not tags:
        at.fail("name at least one tag that approved images wear")
    return tags


def check_tag_key(key: str, at: Place) -> None:
    """Holds a tag key to the cloud's rules (help.aliyun.com ecs TagResources, doc 110424)."""
    if not 1 <= len(key) <= TAG_LENGTH:
        at.fail(f"a tag key has 1 to {TAG_LENGTH} characters")
    if FORBIDDEN_TAG.match(key) or "http://" in key or "https://" in key:
        at.fail(f"`{key}` can't be a tag key: `aliyun`, `acs:` and addresses are the cloud's own")


def read_values(at: Place) -> tuple[str, ...]:
    """Reads the approved values of one tag."""
    values = at.texts()
    if not values:
        at.fail("name at least one value")
    for place, value in zip(at.items(), values, strict=True):
        # Why: the vendor's pages disagree on a star under StringEquals (U-17); a fence must not hang on it.
        if "*" in value or "?" in value:
            place.fail(f"`{value}`: values are compared to the letter, `*` and `?` are not patterns")
        if len(value) > TAG_LENGTH:
            place.fail(f"a tag value has at most {TAG_LENGTH} characters")
    return values


def read_owners(approved: Mapping[str, Place]) -> tuple[str, ...]:
    """Reads the ids of the accounts where golden images are built."""
    if "owner_accounts" not in approved:
        return ()
    for item in approved["owner_accounts"].items():
        said = item.text()
        if not ACCOUNT_ID.fullmatch(said):
            item.fail(f"`{said}` is not an account id", help="an account id has 16 digits, in quotes")
    return approved["owner_accounts"].texts()


def read_distribute(approved: Mapping[str, Place], owners: tuple[str, ...]) -> Distribute:
    """Reads how golden images reach the accounts."""
    if "distribute" not in approved:
        return Distribute.COPY
    chosen = approved["distribute"].one_of(Distribute)
    if chosen is Distribute.SHARE and not owners:
        approved["distribute"].fail(
            "`share` needs `approved.owner_accounts`",
            help="a receiver sees no tags of a shared image, so the fence goes by its owner",
        )
    return chosen


def read_form(fence: Mapping[str, Place], attach: Attachment) -> Form:
    """Reads the form; an allow list can only stand in for FullAliyunAccess, that is on nodes."""
    if "form" not in fence:
        return Form.DENY
    form = fence["form"].one_of(Form)
    if form.allows and attach.principals:
        fence["form"].fail(
            f"`{form.value}` needs `attach.nodes`",
            help="other policies of a user, group or role would undo an allow list; use `form: deny`",
        )
    return form


def read_attachment(at: Place) -> Attachment:
    """Reads where the fence hangs: nodes, or principals."""
    found = at.fields(*ATTACH)
    nodes = found["nodes"].texts() if "nodes" in found else ()
    kinds = found["principals"].fields(*PRINCIPALS) if "principals" in found else {}
    names = {kind: place.texts() for kind, place in kinds.items()}
    if not nodes and not any(names.values()):
        at.fail("name `nodes` of a directory, or `principals`: users, groups, roles")
    if nodes and any(names.values()):
        at.fail("name `nodes` or `principals`, not both", help="write a second file for the other")
    return Attachment(nodes, names.get("users", ()), names.get("groups", ()), names.get("roles", ()))


def read_contact(at: Place) -> str:
    """Reads whom to ask for an exemption, in one printable line."""
    contact = at.text()
    if len(contact) > CONTACT_LENGTH or not contact.isprintable():
        at.fail(f"a contact is one line of at most {CONTACT_LENGTH} characters")
    return contact


def read_exemptions(at: Place) -> tuple[Exemption, ...]:
    """Reads the exempt roles."""
    found: dict[str, Exemption] = {}
    for item in at.items():
        exemption = read_exemption(item)
        if exemption.role in found:
            item.fail(f"the role `{exemption.role}` stands here twice", help="put all it may do in one entry")
        found[exemption.role] = exemption
    return tuple(found.values())


def read_exemption(at: Place) -> Exemption:
    """Reads one exempt role."""
    found = at.fields(*EXEMPTION)
    role = read_role(found["role"])
    may = frozenset(item.one_of(May) for item in found["may"].items())
    if not may:
        found["may"].fail(
            "say what the role may do", help=f"one or more of {', '.join(m.value for m in May)}"
        )
    until: datetime | None = found["until"].moment() if "until" in found else None
    reason = found["reason"].text() if "reason" in found else ""
    return Exemption(role, may, until, reason, read_trust(found["trust"]) if "trust" in found else ())


def read_role(at: Place) -> str:
    """Reads the name of an exempt role."""
    role = at.text()
    if role.lower() == DIRECTORY_ROLE:
        at.fail(f"`{role}` is the directory's own role; name one of your own")
    if not ROLE_NAME.fullmatch(role):
        lower = role.lower()
        at.fail(
            f"`{role}` is not a name for an exempt role: lower-case letters, digits, `.` and `-`",
            help=f"write `{lower}`: acs:PrincipalARN shows roles in lower case" if lower != role else "",
        )
    return role


def read_trust(at: Place) -> tuple[str, ...]:
    """Reads who may assume an exempt role."""
    for item in at.items():
        if not TRUSTED.fullmatch(item.text()):
            item.fail(
                f"`{item.text()}` is not a principal",
                help="write acs:ram::<account id>:root, …:user/<name> or …:role/<name>",
            )
    return at.texts()


def read_fix(at: Place) -> FixDefault:
    """Reads what `fix plan` proposes by itself."""
    found = at.fields(*FIX)
    return found["default"].one_of(FixDefault) if "default" in found else FixDefault.ASK


def tag_warnings(tags: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Warns of tag keys that make the fence weaker or more in the way than need be."""
    generic = (
        f"`{key}` is a generic tag key: other resources wear it too, and setting it through the Tag service "
        f"is denied for them as well; a key of your own, such as `golden-image`, is safer"
        for key in tags
        if key.lower() in GENERIC_KEYS
    )
    slashed = (f"`{key}` holds a `/`, where a condition key may end (U-6)" for key in tags if "/" in key)
    return (*generic, *slashed)


def exemption_warnings(exemptions: tuple[Exemption, ...]) -> tuple[str, ...]:
    """Warns of roles that may launch anything for ever."""
    return tuple(
        f"`{exemption.role}` may launch any image without an end; write `until` beside it"
        for exemption in exemptions
        if May.LAUNCH in exemption.may and exemption.until is None
    )
