"""Near misses: what each rule remarks on, and what looks like it and is sane."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagefence.lint.lint import Surroundings, lint_text
from imagefence.lint.remark import Remark, Severity
from imagefence.policy.document import PolicyKind

RULE_KINDS = {"identity": PolicyKind.IDENTITY, "control": PolicyKind.CONTROL, "trust": PolicyKind.TRUST}
SAML = "acs:ram::1000000000000001:saml-provider/idp"


def found(
    *statements: dict[str, Any], kind: str = "control", beside: bool | None = True
) -> tuple[Remark, ...]:
    text = json.dumps({"Version": "1", "Statement": list(statements)}, indent=1)
    return lint_text(text, RULE_KINDS[kind], surroundings=Surroundings(beside))


def rules(*statements: dict[str, Any], kind: str = "control") -> set[str]:
    return {each.rule for each in found(*statements, kind=kind)}


def deny(action: Any = "oss:PutBucket", resource: Any = "*", **condition: Any) -> dict[str, Any]:
    made = {"Effect": "Deny", "Action": action, "Resource": resource}
    return {**made, "Condition": condition} if condition else made


def allow(action: Any = "oss:PutBucket", resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return {**deny(action, resource, **condition), "Effect": "Allow"}


def exempting(arn: str) -> dict[str, Any]:
    return deny("actiontrail:StopLogging", StringNotLike={"acs:PrincipalARN": [arn]})


NAMED = ["ram:CreateRole", "ram:UpdateRole"]


@pytest.mark.parametrize(
    ("action", "rule", "severity", "help_text"),
    [
        ("ecs:CreateTags", "unknown-action", Severity.WARNING, "`ecs:TagResources`"),
        ("ecs:DeleteTags", "unknown-action", Severity.WARNING, "`ecs:UntagResources`"),
        ("ecs:DescribeInstancess", "unknown-action", Severity.WARNING, "`ecs:DescribeInstances`"),
        ("ess:Describle*", "unknown-action", Severity.WARNING, "`ess:Describe*`"),
        ("ram:FetchSecrets", "unknown-action", Severity.WARNING, ""),
        ("oss:PutBuckket", "unknown-action", Severity.WARNING, "`oss:PutBucket`"),
        ("vcp:CreateVpc", "unknown-service", None, "`vpc`"),
        ("s3:PutObject", "foreign-service", None, "`oss`"),
        ("ecs:<Action>", "placeholder", None, ""),
    ],
)
def test_actions_that_are_not_there(
    action: str, rule: str, severity: Severity | None, help_text: str
) -> None:
    remark = next(each for each in found(deny(action)) if each.rule != "open-doors")
    assert remark.rule == rule
    assert severity in (None, remark.severity)
    assert help_text in remark.help
    assert (remark.line, remark.column) == (6, 14)


@pytest.mark.parametrize(
    "action",
    [
        *("ecs:RunInstances", "ecs:Run*", "ecs:?unInstances", "*", "*:Describe*", "log:PostLogStoreLogs"),
        *(
            "oss:GetObjectVersion",
            "cms:QueryMetricList",
            "yundun-waf:DescribeX",
            "ots:GetRow",
            "newservice:Go",
        ),
        *("ram:PassRole", "kvstore:DescribeInstances", "bss:PayOrder", "resourcemanager:CreateControlPolicy"),
    ],
)
def test_actions_that_are_there_or_not_known_here(action: str) -> None:
    assert rules(deny(action)) == set()


def test_an_unknown_action_in_an_allow_is_a_note() -> None:
    (remark,) = found(allow("ram:FetchSecrets", "acs:ram:*:*:user/a"), kind="identity")
    assert (remark.rule, remark.severity) == ("unknown-action", Severity.NOTE)


def test_the_older_names_of_tagging_beside_all_others_are_a_note() -> None:
    tagging = ["ecs:TagResources", "ecs:AddTags", "ecs:CreateTags", "tag:*", "ecs:C*Image", "ecs:ImportImage"]
    (remark,) = found(deny(tagging))
    assert (remark.rule, remark.severity, remark.pointer) == (
        "unknown-action",
        Severity.NOTE,
        "/Statement/0/Action/2",
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (deny("ecs:RunInstances", "acs:ecs:*:*:user/*"), {"never-hits"}),
        (deny(["ecs:RunInstances", "ecs:DescribeRegions"], "acs:ecs:*:*:image/*"), {"never-hits"}),
        (deny("ecs:RunInstances", "acs:vpc:*:*:vswitch/*"), set()),
        (deny("ecs:RunInstances", "acs:*:*:*:im*"), set()),
        (deny("ecs:StopInstances", "acs:ecs:*:*:user/*"), set()),
        (deny("sts:AssumeRole", "acs:ram:*:*:role/x"), set()),
        (deny("ecs:DescribeRegions", ["acs:ecs:*:*:image/*", "*"]), {"redundant"}),
        (deny("ram:DeleteUser", "acs:ram::1000000000000001:user/a"), set()),
        (deny("oss:PutObject", "acs:oss:oss-cn-hangzhou:1000000000000001:b/*"), set()),
        (deny("oss:PutObject", "acs:oss:*:18945xxxxxxxx283:b/*"), {"placeholder"}),
        (deny("oss:PutObject", "acs:oss:*:${uid}:b/*"), {"placeholder"}),
    ],
)
def test_resources(statement: dict[str, Any], expected: set[str]) -> None:
    assert rules(statement) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (deny("ecs:RunInstances", StringEquals={"ecs:ImageSource": "System"}), set()),
        (deny("ecs:*", StringEquals={"ecs:ImageSource": "System"}), set()),
        (deny("ecs:ReplaceSystemDisk", StringNotEquals={"ecs:ImageOwnerId": "1"}), {"key-not-set"}),
        (
            deny(["ecs:RunInstances", "ecs:ReplaceSystemDisk"], StringEquals={"ecs:ImageSource": "System"}),
            {"fails-open"},
        ),
        (
            deny(["ecs:RunInstances", "ecs:ReplaceSystemDisk"], StringNotEquals={"ecs:ImageOwnerId": "1"}),
            set(),
        ),
        (
            deny("ecs:RunInstances", StringEquals={"acs:ResourceTag/stage": "test"}),
            {"fails-open", "forgeable-tag"},
        ),
        (deny("ecs:DeleteInstance", StringEquals={"acs:ResourceTag/stage": "prod"}), set()),
        (deny("ecs:RunInstances", StringEquals={"ecs:ImageSuorce": "System"}), {"unknown-key"}),
        (deny(StringEquals={"asc:SourceVpc": "v"}), {"unknown-key"}),
        (deny(StringEquals={"ots:Own": "v"}), set()),
        (deny(StringEquals={"rds:ResourceTag/team": "web"}), set()),
        (deny(StringEquals={"acs:ResourceTag/opc:managed": "true"}), set()),
        (deny(StringEquals={"acs:ResourceTag/acs:x:y": "*"}), {"literal-wildcard"}),
        (deny(Bool={"acs:SecureTransport": "false"}), set()),
        (deny(NotIpAddress={"acs:SourceIp": "0.0.0.0/0"}), {"any-address"}),
        (deny(IpAddress={"acs:SourceIp": "0.0.0.0/0"}), set()),
        (deny(StringNotLike={"acs:SourceVpc": "*"}), {"never-true"}),
        (deny(DateLessThan={"acs:CurrentTime": "2026-11-23"}), {"no-zone"}),
        (deny(StringEquals={"acs:SourceVpc": "<vpc>"}), {"placeholder"}),
        (
            deny(StringEquals={"acs:SourceVpc": "a"}, StringNotEquals={"acs:SourceVpc": ["a", "b"]}),
            {"never-true"},
        ),
        (deny(StringEquals={"acs:SourceVpc": ["a", "c"]}, StringNotEquals={"acs:SourceVpc": "a"}), set()),
        (deny(StringLike={"acs:SourceVpc": "a*"}, StringNotLike={"acs:SourceVpc": "a?"}), set()),
        (deny(StringLike={"acs:SourceVpc": "ab*"}, StringNotLike={"acs:SourceVpc": "a*"}), {"never-true"}),
        (deny(StringEquals={"acs:SourceVpc": "x"}, StringLike={"acs:SourceVpc": "v*"}), {"never-true"}),
        (deny(NumericLessThan={"my:N": "5"}, NumericGreaterThan={"my:N": ["9", "4"]}), set()),
        (deny(NumericLessThan={"my:N": "5"}, NumericGreaterThanEquals={"my:N": "5"}), {"never-true"}),
        (deny(NumericLessThanEquals={"my:N": "5"}, NumericGreaterThanEquals={"my:N": "5"}), set()),
        (
            deny(IpAddress={"acs:SourceIp": "10.1.0.0/16"}, NotIpAddress={"acs:SourceIp": "10.0.0.0/8"}),
            {"never-true"},
        ),
        (
            deny(
                IpAddress={"acs:SourceIp": "10.0.0.0/8"},
                NotIpAddress={"acs:SourceIp": ["10.1.0.0/16", "2001:db8::/32"]},
            ),
            set(),
        ),
    ],
)
def test_conditions(statement: dict[str, Any], expected: set[str]) -> None:
    assert rules(statement) == expected


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("acs:ResourceTags/environment", "`acs:ResourceTag/environment`"),
        ("acs:ResourceTag", "`acs:ResourceTag/`"),
        ("acs:RequestTg/a/b", "`acs:RequestTag/a/b`"),
        ("acs:SourceVPCId", ""),
        ("acs:PrincipleARN", "`acs:PrincipalARN`"),
        ("ecs:ImageOwnrId", "`ecs:ImageOwnerId`"),
    ],
)
def test_misspelt_keys(key: str, meant: str) -> None:
    remark = next(each for each in found(deny(StringEquals={key: "x"})) if each.rule == "unknown-key")
    assert meant in remark.help
    assert (remark.line, remark.column) == (10, 6)


def test_an_allow_under_a_negated_tag_is_a_warning() -> None:
    (remark,) = found(allow("oss:Get*", StringNotEquals={"acs:ResourceTag/a": "b"}), kind="identity")
    assert (remark.rule, remark.severity) == ("absent-tag", Severity.WARNING)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([deny("ecs:*", "acs:ecs:*:*:image/*"), deny("ecs:Run*", "acs:ecs:*:*:*")], set()),
        ([deny("ecs:*", "acs:ecs:*:*:*"), deny("ecs:Run*", "acs:ecs:*:*:image/*")], {"shadowed"}),
        ([deny("ecs:*", Bool={"acs:SecureTransport": "false"}), deny("ecs:RunInstances")], set()),
        ([deny(["ecs:Run*", "ecs:St?p*"]), deny("ecs:Stop*")], set()),
        ([{"Effect": "Deny", "NotAction": "ram:*", "Resource": "*"}, deny("ecs:RunInstances")], {"shadowed"}),
        ([{"Effect": "Deny", "NotAction": "ram:*", "Resource": "*"}, deny("ram:CreateUser")], set()),
        ([deny(), deny()], {"redundant"}),
        ([deny(["oss:*"], "*"), deny("oss:*", ["*"])], {"redundant"}),
    ],
)
def test_statements_that_say_the_same(statements: list[dict[str, Any]], expected: set[str]) -> None:
    assert rules(*statements) == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([deny(), allow("oss:*")], set()),
        ([deny("oss:*"), allow("oss:GetObject")], {"overruled"}),
        ([deny("oss:*", StringEquals={"acs:SourceVpc": "v"}), allow("oss:GetObject")], set()),
        ([allow("*")], {"allows-everything"}),
        ([allow(["ecs:Describe*", "*:*"])], {"allows-everything", "redundant"}),
        ([allow("*", Bool={"acs:MFAPresent": "true"})], set()),
        ([allow("ram:*")], {"own-permissions"}),
        ([allow("ram:PassRole", "acs:ram:*:*:role/x")], set()),
        ([allow("*:PassRole")], {"pass-any-role"}),
        ([allow("ecs:*")], set()),
        (
            [allow("ecs:RunInstances", StringEquals={"acs:ResourceTag/a": "b"})],
            {"tag-on-every-resource"},
        ),
        ([allow("ecs:StartInstance", StringEquals={"acs:ResourceTag/a": "b"})], set()),
        ([allow("ecs:Create*", StringEquals={"acs:ResourceTag/a": "b"})], {"tag-on-every-resource"}),
        ([allow("vpc:CreateVSwitch", StringEquals={"acs:ResourceTag/a": "b"})], {"tag-on-every-resource"}),
        (
            [allow("vpc:CreateVSwitch", "acs:vpc:*:*:vpc/*", StringEquals={"acs:ResourceTag/a": "b"})],
            set(),
        ),
    ],
)
def test_identity_policies(statements: list[dict[str, Any]], expected: set[str]) -> None:
    assert rules(*statements, kind="identity") == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([exempting("acs:ram:*:*:role/auditor")], {"role-name-exemption"}),
        ([exempting("acs:ram:*:*:role/auditor"), deny(NAMED, "acs:ram:*:*:role/auditor")], set()),
        ([exempting("acs:ram:*:*:role/auditor"), deny(NAMED, "acs:ram:*:*:role/*")], set()),
        ([exempting("acs:ram:*:*:role/auditor"), deny("ram:*Role", "acs:ram:*:*:role/a*")], set()),
        (
            [exempting("acs:ram:*:*:role/auditor"), deny(NAMED, "acs:ram:*:*:role/other")],
            {"role-name-exemption"},
        ),
        (
            [exempting("acs:ram:*:*:role/auditor"), deny(NAMED[0], "acs:ram:*:*:role/auditor")],
            {"role-name-exemption"},
        ),
        ([exempting("acs:ram:*:*:role/*")], {"wildcard-exemption"}),
        ([exempting("acs:ram:*:*:user/alice")], set()),
        ([exempting("acs:ram:*:*:role/aliyunserviceroleforconfig")], set()),
        ([exempting("acs:ram:*:*:role/<name>")], {"placeholder"}),
        (
            [deny("ecs:*", StringLike={"acs:PrincipalARN": "acs:ram:*:*:role/contractor-*"})],
            set(),
        ),
    ],
)
def test_exemptions(statements: list[dict[str, Any]], expected: set[str]) -> None:
    assert rules(*statements) == expected


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ({"RAM": "acs:ram::1:root"}, {}, {"wide-trust"}),
        ({"RAM": "acs:ram::1:root"}, {"Bool": {"acs:MFAPresent": "true"}}, set()),
        ({"RAM": ["acs:ram::1:user/a", "acs:ram::2:root"]}, {}, {"wide-trust"}),
        ({"Service": "ecs.aliyuncs.com"}, {}, set()),
        ({"Federated": SAML}, {"StringEquals": {"saml:recipient": "x"}}, set()),
        (
            {"Federated": "acs:ram::1:oidc-provider/p"},
            {"StringEquals": {"oidc:aud": "x"}},
            {"open-federation"},
        ),
        ({"Federated": "acs:ram::1:oidc-provider/p"}, {"StringLike": {"oidc:sub": "repo:a/b:*"}}, set()),
    ],
)
def test_trust(principal: dict[str, Any], condition: dict[str, Any], expected: set[str]) -> None:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    if condition:
        statement["Condition"] = condition
    assert rules(statement, kind="trust") == expected


def test_the_only_text_of_a_list_is_pointed_at() -> None:
    (remark,) = found(deny(["ecs:RunInstance"]))
    assert (remark.pointer, remark.line, remark.column) == ("/Statement/0/Action/0", 7, 5)


def test_a_long_policy_is_linted_all_the_same() -> None:
    names = [f"acs:oss:*:*:bucket-{number:04}/*" for number in range(200)]
    assert rules(deny(["oss:PutObject", "ecs:CreateTags"], names)) == {"too-long", "unknown-action"}


@pytest.mark.parametrize(
    ("door", "open_door"),
    [
        (deny("tag:TagResources", "acs:ecs:*:*:image/*"), False),
        (deny("tag:TagResources", "acs:ecs:*:*:instance/*"), True),
        (deny("tag:*", "*"), False),
    ],
)
def test_a_door_is_shut_by_a_deny_that_covers_images(door: dict[str, Any], open_door: bool) -> None:
    guard = deny(["ecs:TagResources", "ecs:CopyImage", "ecs:CreateImage", "ecs:ImportImage"], "*")
    assert ("open-doors" in rules(guard, door)) is open_door


@pytest.mark.parametrize(("action", "severity"), [("ecs:*", Severity.NOTE), ("ecs:Run*", Severity.WARNING)])
def test_a_tag_on_all_of_a_service_is_a_note(action: str, severity: Severity) -> None:
    (remark,) = found(allow(action, StringEquals={"acs:ResourceTag/team": "web"}), kind="identity")
    assert (remark.rule, remark.severity) == ("tag-on-every-resource", severity)


@pytest.mark.parametrize(
    ("besides", "alone"),
    [
        ([], True),
        ([deny("ecs:RunInstances", StringNotEquals={"ecs:ImageOwnerId": "1"})], False),
        ([deny("ecs:RunInstances", StringEquals={"ecs:ImageSource": "System"})], False),
        ([deny("ecs:RunInstances", "acs:ecs:*:*:image/*", StringEquals={"ecs:ImageSource": "System"})], True),
    ],
)
def test_a_fence_by_the_image_resource_alone(besides: list[dict[str, Any]], alone: bool) -> None:
    untagged = {"acs:ResourceTag/golden": "yes"}
    fence = deny("ecs:RunInstances", "acs:ecs:*:*:image/*", StringNotEquals=untagged)
    assert ("image-resource-only" in rules(fence, *besides)) is alone
