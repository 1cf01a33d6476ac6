"""The probes, as data: a call, the session policy it is made under, and the readings it can tell apart.

What each reading predicts is not written here: the evaluator is asked (predict.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imagefence.calibrate.calls import SLASHED, TAG
from imagefence.calibrate.ground import ACTIONS, OWN_ACTIONS, Ground, Statement

ARN = "acs:PrincipalARN"
EVERYTHING: tuple[Statement, ...] = (
    {"Effect": "Allow", "Action": [*ACTIONS, *OWN_ACTIONS], "Resource": "*"},
)
NOTHING: tuple[Statement, ...] = ({"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"},)
CONTROLS = frozenset({"caller", "boolean", "request-tag", "tag-at-new", "services"})


@dataclass(frozen=True, slots=True)
class Probe:
    """A call under a session policy; `fields` are the readings on which its answer hangs, none for a control.

    `typed` compares the NoPermissionType of a denial too. Where a control has no answer, those of the others
    on the same readings prove nothing.
    """

    id: str
    asks: str
    fields: tuple[str, ...]
    call: str
    statements: tuple[Statement, ...]
    typed: bool = False

    @property
    def control(self) -> bool:
        """Whether it shows that a key is there at all."""
        return self.id in CONTROLS


@dataclass(frozen=True, slots=True)
class SaveProbe:
    """A policy that is saved, attached to nothing, and deleted again; `field` is its reading.

    `older` marks what was once in the grammar: that it is refused today leaves open whether what was saved
    then still counts.
    """

    id: str
    asks: str
    field: str
    statement: Statement | tuple[Statement, ...]
    older: bool = False


def allow(action: str, resource: str | list[str] = "*", **condition: Mapping[str, object]) -> Statement:
    """One Allow."""
    return _statement("Allow", action, resource, condition)


def deny(action: str, resource: str | list[str] = "*", **condition: Mapping[str, object]) -> Statement:
    """One Deny."""
    return _statement("Deny", action, resource, condition)


def _statement(effect: str, action: str, resource: str | list[str], condition: object) -> Statement:
    plain: Statement = {"Effect": effect, "Action": action, "Resource": resource}
    return {**plain, "Condition": condition} if condition else plain


def controls(call: str) -> tuple[Probe, Probe]:
    """That a call passes where everything is allowed, and is refused where nothing is."""
    return (
        Probe(f"{call}-passes", "it passes where everything is allowed", (), call, EVERYTHING),
        Probe(f"{call}-refused", "it is refused where nothing is allowed", (), call, NOTHING),
    )


def probes(ground: Ground) -> tuple[Probe, ...]:
    """All probes that the ground allows."""
    return (
        *identity_probes(ground),
        *name_probes(ground),
        *tag_probes(),
        *launch_probes(ground),
        *other_probes(),
    )


def identity_probes(ground: Ground) -> Iterator[Probe]:
    """Reads of the role under conditions on the caller and on what is absent."""
    own, read = ground.principal.arn, "ram:GetRole"

    def probe(name: str, asks: str, field: tuple[str, ...], **condition: Mapping[str, object]) -> Probe:
        return Probe(name, asks, field, "read-role", (allow(read, "*", **condition),))

    yield probe(
        "absent",
        "a negated operator on an absent key holds",
        ("negated_absent",),
        StringNotEquals={"acs:ResourceTag/imagefence-absent": "1"},
    )
    yield probe(
        "caller", "acs:PrincipalARN is the caller's name", ("principal_case",), StringEquals={ARN: own}
    )
    yield probe(
        "caller-in-capitals",
        "acs:PrincipalARN is compared without case",
        ("principal_case",),
        StringEquals={ARN: own.replace("/imagefence", "/IMAGEFENCE")},
    )
    yield probe(
        "key-spelt-otherwise",
        "a key counts in another spelling",
        ("key_prefix_case", "principal_case"),
        StringEquals={"acs:PrincipalArn": own},
    )
    yield probe(
        "star-under-equals",
        "a star under StringEquals is a wildcard",
        ("star_under_equals", "principal_case"),
        StringEquals={ARN: own[:-1] + "*"},
    )
    yield probe(
        "boolean",
        "acs:SecureTransport is true or false",
        ("boolean_case",),
        Bool={"acs:SecureTransport": ["true", "false"]},
    )
    yield probe(
        "boolean-in-capitals",
        "`True` is true",
        ("boolean_case",),
        Bool={"acs:SecureTransport": ["True", "False"]},
    )
    yield probe(
        "variable",
        "a policy variable is plain text",
        ("variables", "principal_case"),
        StringNotEquals={ARN: "${acs:PrincipalARN}"},
    )
    yield Probe(
        "action-glob",
        "a star of an action pattern crosses the colon",
        ("action_glob",),
        "read-role",
        (allow("ram*role"),),
    )


def name_probes(ground: Ground) -> Iterator[Probe]:
    """Reads under other ways to write a name."""
    account, base = ground.account, ground.names.base
    yield Probe(
        "name-in-capitals",
        "names are compared without case",
        ("resource_case",),
        "read-role",
        (allow("ram:GetRole", f"acs:ram:*:{account}:role/{base.upper()}"),),
    )
    yield Probe(
        "empty-part",
        "an empty part covers anything",
        ("stars", "empty_part"),
        "read-role",
        (allow("ram:GetRole", f"acs:ram:*::role/{base}"),),
    )
    yield Probe(
        "star-across-colons",
        "a star crosses colons",
        ("stars",),
        "read-user",
        (allow("ram:GetUser", f"acs:ram:*:user/{base}:x"),),
    )


def tag_probes() -> Iterator[Probe]:
    """Dry runs with tags in the call."""

    def vpc(name: str, asks: str, fields: tuple[str, ...], key: str) -> Probe:
        worn = {f"acs:RequestTag/{key}": "1"}
        return Probe(name, asks, fields, "tagged-vpc", (allow("vpc:CreateVpc", StringEquals=worn),))

    case, ends = ("tag_key_case",), ("tag_key_ends", "tag_key_case")
    yield vpc("request-tag", "acs:RequestTag is the tag in the call", case, TAG)
    yield vpc("tag-key-in-capitals", "tag keys are compared without case", case, TAG.upper())
    yield vpc("tag-key-with-slash", "a tag key runs to the end", ends, SLASHED)
    missing = {"acs:RequestTag/imagefence-absent": "1"}
    yield Probe(
        "absent-request-tag",
        "a negated operator on an absent tag of the call holds",
        ("negated_absent",),
        "tagged-vpc",
        (allow("vpc:CreateVpc", StringNotEquals=missing),),
    )
    worn = {f"acs:RequestTag/{TAG}": "1"}
    yield Probe(
        "copy-with-tag",
        "a new image hands its tags over",
        ("creation_tags",),
        "tagged-copy",
        (allow("ecs:CopyImage"), deny("ecs:CopyImage", StringEquals=worn)),
    )
    yield Probe(
        "tag-at-new",
        "acs:RequestTag is seen at the new instance",
        ("request_tag_at", "launch_asks"),
        "tagged-launch",
        (allow("ecs:RunInstances"), deny("ecs:RunInstances", StringEquals=worn)),
    )
    yield Probe(
        "tag-at-every",
        "acs:RequestTag is seen at every resource",
        ("request_tag_at",),
        "tagged-launch",
        (allow("ecs:RunInstances", StringEquals=worn),),
    )


def launch_probes(ground: Ground) -> Iterator[Probe]:
    """Dry runs of a launch."""
    launch, image, instance = "ecs:RunInstances", "acs:ecs:*:*:image/*", "acs:ecs:*:*:instance/*"
    yield Probe(
        "image-asked",
        "a launch asks for the image by itself",
        ("launch_asks",),
        "launch",
        (allow(launch), deny(launch, image)),
    )
    if ground.tag is not None:
        key, value = ground.tag
        worn = {f"acs:ResourceTag/{key}": value}
        yield Probe(
            "image-tag-asked",
            "a launch asks the image alone for its tag",
            ("launch_asks",),
            "launch",
            (allow(launch, StringEquals=worn),),
        )
    for name, denied in (("silent-first", image), ("denied-first", instance)):
        yield Probe(
            name,
            f"which refusal is told, {name.replace('-', ' ')}",
            ("resources", "launch_asks"),
            "launch",
            (deny(launch, denied), allow(launch, [denied, "acs:vpc:*:*:*"])),
            typed=True,
        )


def other_probes() -> Iterator[Probe]:
    """Roles with several services and with none, the Tag service, and a call that two resources refuse."""
    create, name = "ram:CreateRole", "ram:ServiceNames"
    yield Probe(
        "services",
        "ram:ServiceNames holds the services",
        ("several_values",),
        "role-for-services",
        (allow(create, StringLike={name: ["*"]}),),
    )
    yield Probe(
        "several-values",
        "one matching value of several is enough",
        ("several_values",),
        "role-for-services",
        (allow(create, StringEquals={name: "ecs.aliyuncs.com"}),),
    )
    yield Probe(
        "no-value",
        "a key without a value is an empty text",
        ("empty_list",),
        "role-for-user",
        (allow(create, StringLike={name: ["*"]}),),
    )
    yield Probe(
        "tag-service-alone",
        "the Tag service asks for its own action alone",
        ("tag_service",),
        "tag-service",
        (allow("tag:TagResources"),),
    )
    role, policy, attach = "acs:ram:*:*:role/*", "acs:ram:*:*:policy/*", "ram:AttachPolicyToRole"
    for which, denied in (("role-silent", policy), ("policy-silent", role)):
        yield Probe(
            which,
            f"which refusal is told, {which.replace('-', ' ')}",
            ("resources",),
            "attach",
            (deny(attach, denied), allow(attach, denied)),
            typed=True,
        )


NOWHERE = "acs:ecs:*:*:instance/i-imagefencecalibrate00"
HARMLESS: Statement = {"Effect": "Deny", "Action": "ecs:DeleteInstance", "Resource": NOWHERE}
SAVES = (
    SaveProbe(
        "not-resource",
        "NotResource can be saved",
        "not_resource",
        ({"Effect": "Deny", "Action": "ecs:DeleteInstance", "NotResource": "*"},),
        older=True,
    ),
    SaveProbe(
        "set-prefix",
        "ForAnyValue can be saved",
        "set_prefixes",
        ({**HARMLESS, "Condition": {"ForAnyValue:StringEquals": {"acs:TagKeys": ["imagefence"]}}},),
    ),
    SaveProbe(
        "empty-condition",
        "an empty Condition can be saved",
        "empty_condition",
        ({**HARMLESS, "Condition": {}},),
        older=True,
    ),
    SaveProbe(
        "one-statement",
        "a Statement that is one object can be saved",
        "statement_object",
        HARMLESS,
        older=True,
    ),
    SaveProbe("sid", "a Sid can be saved", "sid", ({**HARMLESS, "Sid": "imagefence"},)),
    SaveProbe(
        "saved-variable",
        "a policy variable can be saved",
        "variables",
        ({**HARMLESS, "Condition": {"StringEquals": {ARN: "${acs:PrincipalARN}"}}},),
    ),
)
