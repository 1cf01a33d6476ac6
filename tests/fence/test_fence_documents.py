"""The fence's policies before the one authoriser: what they refuse, what they let through, until when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from imagefence.errors import Refusal
from imagefence.fence.assumptions import assumptions, planned
from imagefence.fence.documents import LIMITS, fence_policies, role_names
from imagefence.fence.probes import (
    ProbeImage,
    call,
    copy_image,
    create_image,
    golden,
    launch,
    named,
    probes,
    replace_disk,
    requests,
)
from imagefence.org.identities import role_principal, user_principal
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import PolicyType, Verdict
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.readings import DEFAULT, NegatedAbsent, Readings
from imagefence.policy.request import Principal, PrincipalKind, Request, Resource
from imagefence.scope.scope import (
    Attachment,
    Distribute,
    Exemption,
    Form,
    ImageCreation,
    May,
    OtherLaunchers,
    Scope,
)

ACCOUNT, OWNER = "1111111111111111", "1000000000000001"
NOW, UNTIL, LATER = (datetime(2026, month, 1, tzinfo=UTC) for month in (11, 12, 12))
ALICE = user_principal(ACCOUNT, "alice")
ADMIN, BREAKER = role_principal(ACCOUNT, "image-admin"), role_principal(ACCOUNT, "break-glass")
SCOPE = Scope(
    {"environment": ("production",)},
    (OWNER,),
    attach=Attachment(nodes=("Root/Workloads",)),
    exemptions=(
        Exemption("image-admin", frozenset({May.TAG, May.CREATE_IMAGE})),
        Exemption("break-glass", frozenset({May.LAUNCH}), UNTIL),
    ),
)
PLAIN = ProbeImage("m-plain", {}, ACCOUNT)


def verdict(request: Request, scope: Scope = SCOPE, readings: Readings = DEFAULT) -> Verdict:
    """The decision under the fence of a scope, beside policies that allow everything."""
    kind = PolicyKind.IDENTITY if scope.attach.principals else PolicyKind.CONTROL
    policies = planned(scope, fence_policies(scope, kind, (ACCOUNT,)))
    return authorize(request, policies, readings).verdict


def image(tags: dict[str, str]) -> ProbeImage:
    """An own image with tags."""
    return ProbeImage("m-1", tags, ACCOUNT)


def action(name: str, *resources: str, who: Principal = ALICE, tagged: bool = True) -> Request:
    """A call with the approved tag in it."""
    found = tuple(
        Resource(one) if one.startswith("acs:") or one == "*" else named(who, "ecs", one) for one in resources
    )
    return call(who, name, found, requests(SCOPE) if tagged else {}, NOW)


RAM = f"acs:ram:*:{ACCOUNT}:"
ALLOW, DENY = Verdict.ALLOW, Verdict.EXPLICIT_DENY
CASES = [
    ("golden image", launch(ALICE, golden(SCOPE, ACCOUNT), NOW), ALLOW),
    ("untagged image", launch(ALICE, PLAIN, NOW), DENY),
    ("another value", launch(ALICE, image({"environment": "test"}), NOW), DENY),
    ("value in capitals", launch(ALICE, image({"environment": "Production"}), NOW), DENY),
    ("key in capitals", launch(ALICE, image({"Environment": "production"}), NOW), DENY),
    ("stock image", launch(ALICE, ProbeImage("aliyun_3", {}, "", "System"), NOW), DENY),
    ("shared image", launch(ALICE, ProbeImage("m-2", {}, "2" * 16, "Others"), NOW), DENY),
    ("outsider's tag", launch(ALICE, ProbeImage("m-2", {"environment": "production"}, "2" * 16), NOW), DENY),
    ("disk from a golden image", replace_disk(ALICE, golden(SCOPE, ACCOUNT), NOW), ALLOW),
    ("disk from an untagged image", replace_disk(ALICE, PLAIN, NOW), DENY),
    ("exempt tagger launches", launch(ADMIN, PLAIN, NOW), DENY),
    ("break-glass launches in time", launch(BREAKER, PLAIN, NOW), ALLOW),
    ("break-glass launches stock in time", launch(BREAKER, ProbeImage("a", {}, "", "System"), NOW), ALLOW),
    ("break-glass launches too late", launch(BREAKER, PLAIN, LATER), DENY),
    ("break-glass tags", action("ecs:TagResources", "image/m-1", who=BREAKER), DENY),
    *(
        (f"{name} on an image", action(name, "image/m-1"), DENY)
        for name in (
            "ecs:TagResources",
            "ecs:UntagResources",
            "ecs:CreateTags",
            "ecs:DeleteTags",
            "ecs:AddTags",
            "ecs:RemoveTags",
            "tag:TagResources",
            "tag:UntagResources",
        )
    ),
    (
        "ecs:TagResources on an image with other tags",
        action("ecs:TagResources", "image/m", tagged=False),
        DENY,
    ),
    ("tag:TagResources by key where the resource is not told", action("tag:TagResources", "*"), DENY),
    ("tagging as the exempt role", action("ecs:TagResources", "image/m-1", who=ADMIN), ALLOW),
    (
        "tagging as the exempt role by the Tag service",
        action("tag:TagResources", "image/m", who=ADMIN),
        ALLOW,
    ),
    ("instance with the same key", action("ecs:TagResources", "instance/i-1"), ALLOW),
    ("disk with the same key", action("ecs:TagResources", "disk/d-1"), ALLOW),
    (
        "instance with another key by the Tag service",
        action("tag:TagResources", "instance/i", tagged=False),
        ALLOW,
    ),
    ("image born with the tag", create_image(ALICE, requests(SCOPE), NOW), DENY),
    ("copy with the tag", copy_image(ALICE, requests(SCOPE), NOW), DENY),
    ("import with the tag", action("ecs:ImportImage", "image/*"), DENY),
    ("image born with the tag, exempt", create_image(ADMIN, requests(SCOPE), NOW), ALLOW),
    ("backup without the tag", create_image(ALICE, {}, NOW), ALLOW),
    ("copy without the tag", copy_image(ALICE, {}, NOW), ALLOW),
    ("another image family", action("ecs:ModifyImageAttribute", "image/m-1"), DENY),
    ("reading images", action("ecs:DescribeImages", "image/*", tagged=False), ALLOW),
    ("another service", action("oss:PutObject", "acs:oss:*:*:b/x", tagged=False), ALLOW),
    (
        "a role whose name begins alike",
        action("ecs:TagResources", "image/m", who=role_principal(ACCOUNT, "image-admin-2")),
        DENY,
    ),
    (
        "a user of the exempt name",
        action("ecs:TagResources", "image/m", who=user_principal(ACCOUNT, "image-admin")),
        DENY,
    ),
    *(
        (f"{name} on the exempt role", action(name, RAM + "role/image-admin"), DENY)
        for name in (
            "ram:CreateRole",
            "ram:UpdateRole",
            "ram:DeleteRole",
            "ram:AttachPolicyToRole",
            "ram:DetachPolicyFromRole",
        )
    ),
    ("the exempt name in other case", action("ram:CreateRole", RAM + "role/Image-Admin"), DENY),
    ("the exempt name in capitals", action("ram:CreateRole", RAM + "role/IMAGE-ADMIN"), DENY),
    ("another role name", action("ram:CreateRole", RAM + "role/super-reader"), ALLOW),
    (
        "the directory's role makes it",
        action(
            "ram:CreateRole",
            RAM + "role/image-admin",
            who=role_principal(ACCOUNT, "ResourceDirectoryAccountAccessRole"),
        ),
        ALLOW,
    ),
    (
        "the directory's role changed",
        action("ram:UpdateRole", RAM + "role/ResourceDirectoryAccountAccessRole"),
        DENY,
    ),
    (
        "the fence's own policy changed",
        action("ram:CreatePolicyVersion", RAM + "policy/imagefence-role-image-admin"),
        DENY,
    ),
    (
        "the root of the account",
        launch(Principal(PrincipalKind.ROOT, f"acs:ram::{ACCOUNT}:root", ACCOUNT), PLAIN, NOW),
        ALLOW,
    ),
    (
        "a service-linked role",
        launch(replace(role_principal(ACCOUNT, "x"), kind=PrincipalKind.SERVICE_LINKED_ROLE), PLAIN, NOW),
        ALLOW,
    ),
]


@pytest.mark.parametrize(("request_", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_deny_form_decides(request_: Request, expected: Verdict) -> None:
    """Each case of the guard, one row."""
    assert verdict(request_) is expected


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("distribute", list(Distribute))
def test_every_form_closes_every_road_and_blocks_no_use(form: Form, distribute: Distribute) -> None:
    """As read by default."""
    scope = replace(SCOPE, form=form, distribute=distribute)
    for probe in probes(scope, ALICE, NOW, Readings()):
        assert (verdict(probe.request, scope) is ALLOW) is not probe.road, probe.name


def test_on_principals_the_denies_are_the_same() -> None:
    """As a RAM policy beside AdministratorAccess."""
    scope = replace(SCOPE, attach=Attachment(groups=("dev",)))
    assert verdict(launch(ALICE, PLAIN, NOW), scope) is DENY
    assert verdict(launch(ALICE, golden(scope, ACCOUNT), NOW), scope) is ALLOW
    policy = f"acs:ram:*:{ACCOUNT}:policy/imagefence-launch"
    user, group = f"acs:ram:*:{ACCOUNT}:user/alice", f"acs:ram:*:{ACCOUNT}:group/dev"
    assert verdict(action("ram:DetachPolicyFromUser", user, policy), scope) is DENY
    assert verdict(action("ram:RemoveUserFromGroup", user, group), scope) is DENY
    assert verdict(action("ram:RemoveUserFromGroup", user, f"{group}ops"), scope) is ALLOW


def test_several_keys_must_all_be_right() -> None:
    """Keys AND, values OR."""
    scope = replace(SCOPE, tags={"environment": ("production", "live"), "hardened": ("yes",)})
    good = {"environment": "live", "hardened": "yes"}
    for form in Form:
        formed = replace(scope, form=form)
        assert verdict(launch(ALICE, image(good), NOW), formed) is ALLOW
        for wrong in ({"environment": "live"}, {"hardened": "yes"}, {**good, "hardened": "no"}):
            assert verdict(launch(ALICE, image(wrong), NOW), formed) is not ALLOW


def test_all_creations_or_all_launchers_can_be_closed() -> None:
    """The two choices that the vendor's pages leave to the careful."""
    scope = replace(SCOPE, image_creation=ImageCreation.ALL, other_launchers=OtherLaunchers.CLOSED)
    assert verdict(create_image(ALICE, {}, NOW), scope) is DENY
    assert verdict(create_image(ADMIN, {}, NOW), scope) is ALLOW
    group = action("ecs:CreateAutoProvisioningGroup", "*", tagged=False)
    assert verdict(group) is ALLOW
    assert verdict(group, scope) is DENY
    policies = fence_policies(scope, PolicyKind.CONTROL, (ACCOUNT,))
    leaks = {a.point for a in assumptions(scope, policies, ACCOUNT, NOW) if a.leaks}
    assert "U-11" not in leaks


def test_the_assumptions_are_those_of_the_vendors_pages() -> None:
    """The deny form hangs on U-1 and U-3; the allow form fails closed where the deny form leaks."""

    def points(form: Form) -> dict[str, set[str]]:
        scope = replace(SCOPE, form=form)
        policies = fence_policies(scope, PolicyKind.CONTROL, (ACCOUNT,))
        found: dict[str, set[str]] = {}
        for one in assumptions(scope, policies, ACCOUNT, NOW):
            found.setdefault(one.verdict, set()).add(one.name or one.point)
        return found

    deny, allow = points(Form.DENY), points(Form.ALLOW)
    assert {"negated_absent=fails", "launch_asks=everything", "creation_tags=withheld"} <= deny["leaks"]
    assert "default" in deny["holds"]
    assert "negated_absent=fails" in allow["holds"]
    assert "launch_asks=everything" in allow["blocks golden launches too"]
    reading = Readings(negated_absent=NegatedAbsent.FAILS)
    assert verdict(launch(ALICE, PLAIN, NOW), readings=reading) is ALLOW
    assert verdict(launch(ALICE, PLAIN, NOW), replace(SCOPE, form=Form.ALLOW), reading) is not ALLOW


@pytest.mark.parametrize("kind", [PolicyKind.CONTROL, PolicyKind.IDENTITY])
@pytest.mark.parametrize("form", list(Form))
def test_every_text_is_within_its_limit_and_parses(kind: PolicyKind, form: Form) -> None:
    """Long fences are split; the parts say together what the whole would."""
    tags = {f"golden-{n}": tuple(f"value-{m}" for m in range(20)) for n in range(8)}
    scope = replace(SCOPE, tags=tags, form=form)
    policies = fence_policies(scope, kind, (ACCOUNT,))
    assert len({policy.name for policy in policies}) == len(policies)
    for policy in policies:
        assert len(policy.text) <= LIMITS[kind]
        assert parse(policy.text, kind, saving=True).statements
    split = any(policy.name == "imagefence-launch-2" for policy in policies)
    assert split is form.denies


def test_what_can_not_be_held_short_is_refused() -> None:
    """A statement can't be split: its list of owners is one NOR."""
    scope = replace(SCOPE, owner_accounts=tuple(f"{n:016}" for n in range(300)))
    with pytest.raises(Refusal, match="more than the 4096"):
        fence_policies(scope, PolicyKind.CONTROL, (ACCOUNT,))


def test_other_spellings_of_a_role_name_are_caught() -> None:
    """Each pattern but the first has one capital letter."""
    first, *others = role_names("ci-1")
    assert first == "acs:ram:*:*:role/ci-1"
    assert others == ["acs:ram:*:*:role/C?-1", "acs:ram:*:*:role/?I-1"]


def test_a_refusal_names_the_policy() -> None:
    """The reason leads to the statement."""
    policies = planned(SCOPE, fence_policies(SCOPE, PolicyKind.CONTROL, (ACCOUNT,)))
    decision = authorize(launch(ALICE, PLAIN, NOW), policies)
    assert decision.policy_type is PolicyType.CONTROL
    assert decision.reasons[0].policy is not None
    assert decision.reasons[0].policy.name == "imagefence-launch"
    assert json.loads(fence_policies(SCOPE, PolicyKind.CONTROL, (ACCOUNT,))[0].text)["Version"] == "1"


def test_long_names_of_roles_are_still_protected() -> None:
    """The spellings of each name stand in a statement of its own, split over policies if need be."""
    long = tuple(Exemption("x" * 40 + str(n), frozenset({May.TAG})) for n in range(5))
    policies = fence_policies(replace(SCOPE, exemptions=long), PolicyKind.CONTROL, (ACCOUNT,))
    assert sum(policy.name.startswith("imagefence-roles") for policy in policies) > 1
    role = f"{RAM}role/{'x' * 39}X3"
    assert verdict(action("ram:CreateRole", role), replace(SCOPE, exemptions=long)) is DENY
