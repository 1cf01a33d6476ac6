"""The words and places of refusals that tests/cases/broken.json has no text for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagefence.errors import PolicySyntaxError
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import LIMITS, MAX_ITEMS, parse
from imagefence.policy.strict_json import MAX_CHARACTERS, MAX_DEPTH

ONE = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": "acs:ram::1:root"}}
ACTION_HELP = "write <service>:<operation>, such as `ecs:RunInstances`, or `*`"
NAME_HELP = "write `*` or acs:<service>:<region>:<account>:<type>/<id>"
RAM_HELP = "expected acs:ram::<account>:root, …:user/<name> or …:role/<name>"
SERVICE_HELP = "expected a service such as ecs.aliyuncs.com or <account>@log.aliyuncs.com"
PRINCIPAL_HELP = "it applies to whom it is attached to; test acs:PrincipalARN in a Condition"
TEMPLATE_HELP = "this is the source of a ROS template: check the policy that it renders"
OPERATOR_HELP = "see docs/semantics.md for the 21 operators"
Row = tuple[dict[str, Any], str, str, str]


def refused(
    statement: dict[str, Any], kind: PolicyKind, *, saving: bool = False, stored: bool = False
) -> tuple[str, str, str]:
    """Pointer within the first statement (`#` after it: its key is meant), message and help."""
    text = json.dumps({"Version": "1", "Statement": [statement]})
    with pytest.raises(PolicySyntaxError) as caught:
        parse(text, kind, saving=saving, stored=stored)
    error = caught.value
    assert (error.source, error.line) == ("", 1)
    last = error.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    at_key = text.startswith(f"{json.dumps(last)}:", error.column - 1)
    return error.pointer.removeprefix("/Statement/0") + "#" * at_key, error.message, error.help


def under(operator: str, key: str, value: object = "x") -> dict[str, Any]:
    """A Condition of one test."""
    return {"Condition": {operator: {key: value}}}


ROWS: list[Row] = [
    ({"Sid": 1}, "/Sid", "expected a string, not a number", ""),
    ({"Sid": None}, "/Sid", "expected a string, not null", ""),
    ({"Action": "\ud800"}, "/Action", "half of a surrogate pair is no character", ""),
    ({"Action": ["*", "\udfff"]}, "/Action/1", "half of a surrogate pair is no character", ""),
    ({"Action": "ecs*"}, "", "", ""),
    ({"Action": "ecs?"}, "", "", ""),
    ({"Action": "e/*"}, "/Action", "`e/*` is no action", ACTION_HELP),
    (
        {"Action": {"Ref": "A"}},
        "/Action",
        "expected a string or a list of strings, not the template function `Ref`",
        TEMPLATE_HELP,
    ),
    (
        {"Resource": [{"Fn::Sub": 1}]},
        "/Resource/0",
        "expected a string, not the template function `Fn::Sub`",
        TEMPLATE_HELP,
    ),
    ({"Resource": {"Fn": 1}}, "/Resource", "expected a string or a list of strings, not an object", ""),
    (
        {"Resource": {"Ref": 1, "b": 2}},
        "/Resource",
        "expected a string or a list of strings, not an object",
        "",
    ),
    ({"Resource": "acs"}, "/Resource", "`acs`: a resource name has five parts, this has 1", NAME_HELP),
    (
        {"Resource": "acs:ecs:::image/a\tb"},
        "/Resource",
        "`acs:ecs:::image/a\\tb`: a resource name holds no space",
        NAME_HELP,
    ),
    ({"Resource": "acs:ecs:::a:b:c"}, "", "", ""),
    (
        under("ForSomeValue:StringLike", "acs:SourceVpc"),
        "/Condition/ForSomeValue:StringLike#",
        "no operator `ForSomeValue:StringLike`",
        "did you mean `StringLike`?",
    ),
    (
        under("ForAnyValue", "acs:SourceVpc"),
        "/Condition/ForAnyValue#",
        "no operator `ForAnyValue`",
        OPERATOR_HELP,
    ),
    (
        under("x" * 65, "acs:SourceVpc"),
        "/Condition/" + "x" * 65 + "#",
        f"no operator `{'x' * 65}`",
        OPERATOR_HELP,
    ),
    (
        under("StringStartsWith", "acs:SourceVpc"),
        "/Condition/StringStartsWith#",
        "no operator `StringStartsWith`",
        "use `StringLike` with a star at the end",
    ),
    (
        under("Null", "acs:SourceVpc"),
        "/Condition/Null#",
        "no operator `Null`",
        'there is no test for absence; `StringLike` with `"*"` tests for presence',
    ),
    (
        under("StringEquals", "acs:SourceVpc "),
        "/Condition/StringEquals/acs:SourceVpc #",
        "`acs:SourceVpc ` has a space beside it",
        "write `acs:SourceVpc`: nothing is trimmed",
    ),
    (
        under("StringEquals", "SourceVpc"),
        "/Condition/StringEquals/SourceVpc#",
        "`SourceVpc` is no condition key",
        "did you mean `acs:SourceVpc`?",
    ),
    (
        under("StringEquals", "aws:ResourceTag/a:b"),
        "/Condition/StringEquals/aws:ResourceTag~1a:b#",
        "`aws:ResourceTag/a:b` is a key of another vendor",
        "the global keys begin with `acs:`",
    ),
    (
        under("StringEquals", "AWS:SourceVpc"),
        "/Condition/StringEquals/AWS:SourceVpc#",
        "`AWS:SourceVpc` is a key of another vendor",
        "the global keys begin with `acs:`",
    ),
    (under("StringEquals", "acs:ResourceTag/a/"), "", "", ""),
    (
        under("NumericEquals", "acs:CurrentTime", "1"),
        "/Condition/NumericEquals/acs:CurrentTime#",
        "`NumericEquals` does not fit `acs:CurrentTime`: the statement would never take effect",
        "",
    ),
    (under("NumericEquals", "ecs:ImageOwnerId", "1"), "", "", ""),
    (
        under("Bool", "acs:ResourceTag/a", ["true", "1"]),
        "/Condition/Bool/acs:ResourceTag~1a/1",
        '`1` is not `"true"` or `"false"`',
        "`Bool` compares those",
    ),
    (under("StringEquals", "acs:SourceVpc", ""), "", "", ""),
    (
        under("StringEquals", "acs:SourceVpc", True),
        "/Condition/StringEquals/acs:SourceVpc",
        "expected a string or a list of strings, not a boolean",
        "",
    ),
]


@pytest.mark.parametrize(
    ("change", "pointer", "message", "help_text"), ROWS, ids=[json.dumps(row[0])[:50] for row in ROWS]
)
def test_statement(change: dict[str, Any], pointer: str, message: str, help_text: str) -> None:
    if message:
        assert refused(ONE | change, PolicyKind.CONTROL, stored=False) == (pointer, message, help_text)
    else:
        parse(json.dumps({"Version": "1", "Statement": [ONE | change]}), PolicyKind.CONTROL)


TRUSTS: list[Row] = [
    (
        under("StringEquals", "acs:x/\ud800"),
        "/Condition/StringEquals/acs:x~1\ud800#",
        "half of a surrogate pair is no character",
        "",
    ),
    ({"Sid": "x" * 6144}, "", "", ""),
    ({"Sid": "x" * 6145}, "/Sid", "a string of 6145 characters; a whole policy has at most 6144", ""),
    (
        under("StringEquals", "acs:x/" + "k" * 6139),
        "/Condition/StringEquals/acs:x~1" + "k" * 6139 + "#",
        "a string of 6145 characters; a whole policy has at most 6144",
        "",
    ),
    (
        {"Principal": {"RAM": ["acs:ram::1:root", "acs:ram::1:user/"]}},
        "/Principal/RAM/1",
        "`acs:ram::1:user/` cannot be trusted as RAM",
        RAM_HELP,
    ),
    (
        {"Principal": {"RAM": "acs:ram::<id>:root"}},
        "/Principal/RAM",
        "`acs:ram::<id>:root` cannot be trusted as RAM",
        f"{RAM_HELP}; fill in the account's number",
    ),
    (
        {"Principal": {"RAM": "acs:ram::**:root"}},
        "/Principal/RAM",
        "`acs:ram::**:root` cannot be trusted as RAM",
        f"{RAM_HELP}; fill in the account's number",
    ),
    (
        {"Principal": {"RAM": "acs:ram::1:user/a/b"}},
        "/Principal/RAM",
        "`acs:ram::1:user/a/b` cannot be trusted as RAM",
        RAM_HELP,
    ),
    (
        {"Principal": {"Service": "x@ecs.aliyuncs.com"}},
        "/Principal/Service",
        "`x@ecs.aliyuncs.com` cannot be trusted as Service",
        SERVICE_HELP,
    ),
    ({"Principal": {"Service": "1@log.aliyuncs.com", "Federated": "acs:ram::1:oidc-provider/x"}}, "", "", ""),
    (
        {"Principal": {"Federated": "acs:ram::1:ldap-provider/x"}},
        "/Principal/Federated",
        "`acs:ram::1:ldap-provider/x` cannot be trusted as Federated",
        "expected acs:ram::<account>:saml-provider/<name>",
    ),
    ({"Principal": {"ram": "x"}}, "/Principal/ram#", "no element `ram` here", "did you mean `RAM`?"),
    (
        {"Principal": {"RAM": {"Ref": "A"}}},
        "/Principal/RAM",
        "expected a string or a list of strings, not the template function `Ref`",
        TEMPLATE_HELP,
    ),
    (
        {"Action": ["sts:AssumeRole", "sts:Get*"]},
        "/Action",
        "a trust policy is about `sts:AssumeRole`, not `sts:Get*`",
        "",
    ),
    ({"Action": ["sts:*", "STS:assumeRoleWithSAML", "*"]}, "", "", ""),
    ({"NotAction": "ecs:*"}, "/NotAction#", "`Action` and `NotAction` exclude each other", ""),
    ({"Resource": "image/*"}, "/Resource", "`image/*`: a resource name begins with `acs:`", NAME_HELP),
]


@pytest.mark.parametrize(
    ("change", "pointer", "message", "help_text"), TRUSTS, ids=[json.dumps(row[0])[:50] for row in TRUSTS]
)
def test_statement_of_a_trust_policy(
    change: dict[str, Any], pointer: str, message: str, help_text: str
) -> None:
    if message:
        assert refused(TRUST | change, PolicyKind.TRUST) == (pointer, message, help_text)
    else:
        parse(json.dumps({"Version": "1", "Statement": [TRUST | change]}), PolicyKind.TRUST)


def test_a_trust_policy_names_whom_it_trusts() -> None:
    without = {key: value for key, value in TRUST.items() if key != "Principal"}
    help_text = "a trust policy says who may assume the role"
    assert refused(without, PolicyKind.TRUST) == ("", "`Principal` is missing", help_text)


@pytest.mark.parametrize(
    ("actions", "whose"),
    [
        ({"Action": "sts:AssumeRole"}, "a role's trust policy (`--kind trust`)"),
        ({"Action": ["STS:AssumeRole", "sts:*"]}, "a role's trust policy (`--kind trust`)"),
        ({"NotAction": "oss:*"}, "a bucket policy, which OSS evaluates by its own rules"),
        ({"Action": ["oss:*", "sts:*"]}, "the policy of a resource, such as a bucket, a key or a role"),
        ({"Action": [1, "kms:*"]}, "the policy of a resource, such as a bucket, a key or a role"),
        ({}, "the policy of a resource, such as a bucket, a key or a role"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "name"), [("identity", "an identity"), ("control", "a control"), ("session", "a session")]
)
def test_whose_policy_has_a_principal(actions: dict[str, Any], whose: str, kind: str, name: str) -> None:
    statement = {"Effect": "Allow", "Resource": "*", "Principal": ["1"], **actions}
    message = f"{name} policy has no `Principal`: this is {whose}"
    assert refused(statement, PolicyKind(kind)) == ("/Principal#", message, PRINCIPAL_HELP)


def test_what_is_refused_when_saving() -> None:
    hidden = {"Effect": "Deny", "Action": "*", "NotResource": "acs:ecs:*:*:image/*"}
    message = "`NotResource` is not in the present grammar"
    assert refused(hidden, PolicyKind.CONTROL, saving=True) == ("/NotResource#", message, "")
    assert refused(ONE | {"Action": "%s"}, PolicyKind.CONTROL, saving=True)[1] == "`%s` is no action"
    unfilled = TRUST | {"Action": "${service}:${operation}"}
    about = "a trust policy is about `sts:AssumeRole`, not `${service}:${operation}`"
    assert refused(unfilled, PolicyKind.TRUST, saving=True) == ("/Action", about, "")
    parse(json.dumps({"Version": "1", "Statement": [unfilled]}), PolicyKind.TRUST)
    parse(json.dumps({"Version": "1", "Statement": [hidden, ONE | {"Action": "%s"}]}), PolicyKind.CONTROL)


def test_what_passes_for_a_stored_policy_alone() -> None:
    short = {"Version": "1", "Statement": {**ONE, "Resource": "acs:ecs:*"}}
    stored = parse(json.dumps(short), PolicyKind.CONTROL, stored=True)
    assert stored.bare_statement
    assert stored.statements[0].resources.patterns == ("acs:ecs:*",)
    assert parse('{"Version":"1","Statement":[]}', PolicyKind.CONTROL, stored=True).statements == ()
    long = json.dumps({"Version": "1", "Statement": [ONE] * 200})
    assert len(parse(long, PolicyKind.IDENTITY, stored=True).statements) == 200
    for text in (json.dumps(short), '{"Version":"1","Statement":[]}', long):
        with pytest.raises(PolicySyntaxError):
            parse(text, PolicyKind.IDENTITY)
    with pytest.raises(PolicySyntaxError) as caught:
        parse('{"Version":"1","Statement":{"Effect":"Allow"}}', PolicyKind.CONTROL, stored=True)
    assert (caught.value.pointer, caught.value.message) == ("/Statement", "`Action` is missing")


@pytest.mark.parametrize("kind", LIMITS)
def test_the_length_of_a_kind_is_its_limit(kind: PolicyKind) -> None:
    text = json.dumps({"Version": "1", "Statement": [ONE]})
    assert parse(text.ljust(LIMITS[kind]), kind).statements
    with pytest.raises(PolicySyntaxError) as caught:
        parse(text.ljust(LIMITS[kind] + 1), kind, source="x.json")
    assert caught.value.message.startswith(f"the policy has {LIMITS[kind] + 1} characters; a")
    assert (
        caught.value.help == "without white space it has 76: `imagefence policy fmt --compact` writes it so"
    )
    assert (caught.value.source, caught.value.line, caught.value.column) == ("x.json", 1, 1)


@pytest.mark.parametrize("kind", LIMITS)
def test_a_text_that_just_fits_without_white_space(kind: PolicyKind) -> None:
    empty = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Sid":""}]}'
    for more, told in (
        (0, f"without white space it has {LIMITS[kind]}: "),
        (1, "split it, or shorten its lists"),
    ):
        compact = empty.replace('""', '"' + "x" * (LIMITS[kind] - len(empty) + more) + '"')
        with pytest.raises(PolicySyntaxError) as caught:
            parse(compact + " ", kind)
        assert caught.value.help.startswith(told)


def test_a_text_that_is_too_long_and_broken_is_broken() -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse("{" + " " * 7000, PolicyKind.IDENTITY, source="x.json")
    assert (caught.value.source, caught.value.column) == ("x.json", 7002)


@pytest.mark.parametrize(
    ("document", "pointer", "message"),
    [
        ([0] * (MAX_ITEMS + 1), "/Statement", "a list of 20001 statements; at most 20000 are read"),
        (
            [ONE, ONE | {"Action": ["*"] * (MAX_ITEMS + 1)}],
            "/Statement/1/Action",
            "a list of 20001 actions; at most 20000 are read",
        ),
        (
            [ONE | under("Bool", "acs:MFAPresent", ["true"] * (MAX_ITEMS + 1))],
            "/Statement/0/Condition/Bool/acs:MFAPresent",
            "a list of 20001 values; at most 20000 are read",
        ),
    ],
    ids=["statements", "actions", "values"],
)
def test_lists_are_bounded(document: list[Any], pointer: str, message: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(json.dumps({"Version": "1", "Statement": document}), PolicyKind.IDENTITY, stored=True)
    assert (caught.value.pointer, caught.value.message) == (pointer, message)


def test_a_text_and_its_depth_are_bounded() -> None:
    text = json.dumps({"Version": "1", "Statement": [ONE]})
    assert parse(text.ljust(MAX_CHARACTERS), PolicyKind.IDENTITY, stored=True).statements
    with pytest.raises(
        PolicySyntaxError, match=f"the text has {MAX_CHARACTERS + 1} characters; at most 1048576 are"
    ):
        parse(text.ljust(MAX_CHARACTERS + 1), PolicyKind.IDENTITY, stored=True)
    assert MAX_DEPTH == 64


def test_lines_of_statements() -> None:
    text = '{"Version": "1",\n"Statement": [\n' + ",\n\n".join([json.dumps(ONE, indent=0)] * 3) + "]}"
    assert [each.line for each in parse(text, PolicyKind.IDENTITY).statements] == [3, 9, 15]
    assert [each.index for each in parse(text, PolicyKind.IDENTITY).statements] == [0, 1, 2]
    one_line = json.dumps({"Version": "1", "Statement": [ONE, ONE]})
    assert [each.line for each in parse(one_line, PolicyKind.IDENTITY).statements] == [1, 1]
    bare = '{"Version": "1",\n\n"Statement": ' + json.dumps(ONE) + "}"
    assert parse(bare, PolicyKind.IDENTITY, stored=True).statements[0].line == 3


def test_what_a_statement_keeps_besides() -> None:
    text = json.dumps(
        {"Version": "1", "Statement": [{**TRUST, "Sid": "a", "Condition": {}, "Resource": "*"}, TRUST]}
    )
    with_all, plain = parse(text, PolicyKind.TRUST).statements
    without = TRUST | {"NotResource": "acs:ram:*:*:role/x"}
    assert (
        parse(json.dumps({"Version": "1", "Statement": [without]}), PolicyKind.TRUST)
        .statements[0]
        .idle_resource
    )
    assert (with_all.sid, with_all.empty_condition, with_all.idle_resource) == ("a", True, True)
    assert (plain.sid, plain.empty_condition, plain.idle_resource) == ("", False, False)
    assert plain.resources.patterns == ("*",)
    document = parse(json.dumps({"Version": "1", "Statement": [ONE]}), PolicyKind.SESSION)
    assert (document.kind, document.bare_statement) == (PolicyKind.SESSION, False)
    assert not document.statements[0].idle_resource
    assert document.statements[0].principals is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[" * 100_000, "guard.json:1:65: the text is nested more than 64 levels deep"),
        ("\n " + "[" * 100_000, "guard.json:2:66: the text is nested more than 64 levels deep"),
        ('{"a":1,\n"a":2}', "guard.json:2:1: a: `a` is given twice, and one of the two would be lost"),
        (
            '{"a~/":{"b/~\\n":1,"b/~\\n":2}}',
            "guard.json:1:19: a~/.b/~\\n: `b/~\\n` is given twice, and one of",
        ),
        (" " * MAX_CHARACTERS + "{", f"guard.json:1:1: the text has {MAX_CHARACTERS + 1} characters"),
        ('{"Version":\n"1",}', "guard.json:2:5: not JSON: expecting property name enclosed in double quotes"),
        ('{"Version":"1"}', "guard.json:1:1: `Statement` is missing"),
    ],
)
def test_every_refusal_names_its_file_and_place(text: str, place: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(text, PolicyKind.IDENTITY, source="guard.json", stored=True)
    assert str(caught.value).startswith(place)
    assert caught.value.source == "guard.json"


@pytest.mark.parametrize(
    ("text", "help_text"),
    [
        ("[" * 100_000, "a policy has at most 7 levels"),
        ("\n" + "[" * 100_000, "a policy has at most 7 levels"),
        ('{"a":1,"a":2}', "write it once, with all its values"),
        ("{", "a policy is strict JSON: double quotes, no comments, no byte order mark"),
    ],
)
def test_what_to_do_about_a_text_that_is_not_read(text: str, help_text: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(text, PolicyKind.IDENTITY)
    assert caught.value.help == help_text
