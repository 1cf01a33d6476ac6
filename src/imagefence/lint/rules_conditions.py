"""Rules about condition keys and values."""

from __future__ import annotations

from imagefence.lint.remark import Severity
from imagefence.lint.rule import Mend, Rule
from imagefence.policy.document import PolicyKind

OPERATORS_PAGE = "help.aliyun.com ram/conditional-operator"
KEYS_PAGE = "help.aliyun.com ram/policy-elements; ecs/developer-reference/api-ecs-2014-05-26-ram"
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def deny(condition: str, action: str = "oss:*") -> tuple[str, ...]:
    """A Deny under a condition."""
    return (f'{{"Effect": "Deny", "Action": "{action}", "Resource": "*", "Condition": {{{condition}}}}}',)


def allow(condition: str, action: str = "oss:*") -> tuple[str, ...]:
    """An Allow under a condition."""
    return (f'{{"Effect": "Allow", "Action": "{action}", "Resource": "*", "Condition": {{{condition}}}}}',)


CONDITION_RULES = (
    Rule(
        "IF301",
        "unknown-key",
        WARNING,
        "no page lists this condition key",
        "A key that no operation sets is absent from every request: a positive test of it never holds, a "
        "negated one always does. Keys of `acs` and `ecs` are checked against the vendor's tables; a key "
        "of another service only where it is a near miss of a listed one.",
        KEYS_PAGE,
        deny('"StringEquals": {"acs:SourceVPCs": "vpc-1"}'),
        deny('"StringEquals": {"acs:SourceVpc": "vpc-1"}'),
    ),
    Rule(
        "IF302",
        "key-spelling",
        NOTE,
        "the key is spelt otherwise than in the vendor's table",
        "Vendor libraries spell fixed parts differently, and whether case counts there is not published "
        "(U-6).",
        KEYS_PAGE,
        deny('"StringEquals": {"acs:SourceVPC": "vpc-1"}'),
        deny('"StringEquals": {"acs:SourceVpc": "vpc-1"}'),
        mend=Mend.SAME,
    ),
    Rule(
        "IF303",
        "key-not-set",
        WARNING,
        "none of the statement's operations sets this key",
        "Service keys belong to a few operations each. Tested elsewhere they are always absent: a positive"
        " test never holds, so that a Deny never hits; a negated one always holds.",
        KEYS_PAGE,
        deny('"StringEquals": {"ecs:ImageSource": "System"}', "ecs:CopyImage"),
        deny('"StringEquals": {"ecs:ImageSource": "System"}', "ecs:RunInstances"),
    ),
    Rule(
        "IF304",
        "fails-open",
        WARNING,
        "a Deny lets pass what comes without the key",
        "A positive test of an absent key does not hold, and there is no IfExists and no Null. A Deny with"
        " `acs:MFAPresent` `false` does not reach access keys, which carry no such key; a Deny of two "
        "operations by a key that one of them does not set lets that one pass. Turn the test round in an "
        "Allow, or deny the other operation in a statement of its own.",
        f"{OPERATORS_PAGE}; {KEYS_PAGE}",
        deny('"Bool": {"acs:MFAPresent": "false"}', "ram:*"),
        allow('"Bool": {"acs:MFAPresent": "true"}', "ram:List*"),
        kind=PolicyKind.IDENTITY,
    ),
    Rule(
        "IF305",
        "absent-tag",
        NOTE,
        "a negated condition decides about untagged resources by reading U-1",
        "No page says whether StringNotEquals holds where the tag is absent. A Deny that must meet "
        "untagged images rests on it; an Allow under a negated test of a tag may allow every untagged "
        "resource.",
        OPERATORS_PAGE,
        deny('"StringNotEquals": {"acs:ResourceTag/team": "web"}', "ecs:StopInstance"),
        deny('"StringEquals": {"acs:ResourceTag/team": "web"}', "ecs:StopInstance"),
    ),
    Rule(
        "IF306",
        "for-all-allow",
        WARNING,
        "ForAllValues under an Allow holds for a call without the key",
        "Of no values, all are listed. Add a test that the key is there, or use ForAnyValue (U-8).",
        "public policy modules; no page of the vendor's lists the set operators",
        allow('"ForAllValues:StringEquals": {"ram:TrustedPrincipalTypes": "Service"}', "ram:CreateRole"),
        allow('"ForAnyValue:StringEquals": {"ram:TrustedPrincipalTypes": "Service"}', "ram:CreateRole"),
        kind=PolicyKind.IDENTITY,
    ),
    Rule(
        "IF307",
        "set-operator",
        WARNING,
        "ForAnyValue and ForAllValues are made for keys with several values (U-8)",
        "The key has one value at most, and the set operators are on no page of the vendor's.",
        "public policy modules; no page of the vendor's lists the set operators",
        deny('"ForAnyValue:StringEquals": {"acs:SourceVpc": "vpc-1"}'),
        deny('"StringEquals": {"acs:SourceVpc": "vpc-1"}'),
    ),
    Rule(
        "IF308",
        "tag-run-together",
        WARNING,
        "the tag's key and value are run together",
        "The tag's key follows the slash, the value is the value of the test. An old page shows them "
        "joined by a colon; such a key is never set.",
        OPERATORS_PAGE,
        deny('"StringEquals": {"acs:ResourceTag/team:web": "*"}', "ecs:StopInstance"),
        deny('"StringEquals": {"acs:ResourceTag/team": "web"}', "ecs:StopInstance"),
        also=("literal-wildcard",),
    ),
    Rule(
        "IF309",
        "type-mismatch",
        WARNING,
        "the operator does not fit the key's type",
        "The comparison is impossible and the statement takes no effect.",
        "help.aliyun.com ecs/developer-reference/api-ecs-2014-05-26-ram",
        deny('"Bool": {"ecs:IsDiskEncrypted": "false"}', "ecs:RunInstances"),
        deny('"StringEquals": {"ecs:IsDiskEncrypted": "false"}', "ecs:RunInstances"),
    ),
    Rule(
        "IF310",
        "no-zone",
        NOTE,
        "a time without a zone",
        "It is read as UTC, eight hours from what an author in Hangzhou may mean.",
        "help.aliyun.com ram tutorials on limiting the period of access (offset +08:00)",
        deny('"DateGreaterThan": {"acs:CurrentTime": "2027-01-01T00:00:00"}'),
        deny('"DateGreaterThan": {"acs:CurrentTime": "2027-01-01T00:00:00+08:00"}'),
        mend=Mend.SAME,
    ),
    Rule(
        "IF311",
        "host-bits",
        NOTE,
        "the address has bits set below the prefix",
        "The bits are dropped; the block is wider than it reads.",
        OPERATORS_PAGE,
        deny('"NotIpAddress": {"acs:SourceIp": "203.0.113.77/24"}'),
        deny('"NotIpAddress": {"acs:SourceIp": "203.0.113.0/24"}'),
        mend=Mend.SAME,
    ),
    Rule(
        "IF312",
        "address-as-string",
        WARNING,
        "an address block under a string operator equals no address",
        "StringEquals compares the text `203.0.113.0/24` with the caller's address. IpAddress knows blocks.",
        OPERATORS_PAGE,
        deny('"StringNotEquals": {"acs:SourceIp": "203.0.113.0/24"}'),
        deny('"NotIpAddress": {"acs:SourceIp": "203.0.113.0/24"}'),
    ),
    Rule(
        "IF313",
        "any-address",
        WARNING,
        "every address passes",
        "`0.0.0.0/0` is the whole of IPv4: the test reads like a restriction and is none.",
        OPERATORS_PAGE,
        allow('"IpAddress": {"acs:SourceIp": "0.0.0.0/0"}', "ecs:Describe*"),
        allow('"IpAddress": {"acs:SourceIp": "203.0.113.0/24"}', "ecs:Describe*"),
        kind=PolicyKind.IDENTITY,
    ),
    Rule(
        "IF314",
        "literal-wildcard",
        WARNING,
        "StringEquals takes a star literally (U-17)",
        "Only StringLike and StringNotLike know `*` and `?`.",
        OPERATORS_PAGE,
        deny('"StringEquals": {"acs:SourceVpc": "vpc-*"}'),
        deny('"StringLike": {"acs:SourceVpc": "vpc-*"}'),
    ),
    Rule(
        "IF315",
        "policy-variable",
        WARNING,
        "policy variables are not in the grammar; the text is compared literally",
        "`${acs:username}` and its like work with another vendor. Here the text itself is the value (U-9).",
        "help.aliyun.com ram/policy-structure-and-syntax",
        deny('"StringNotEquals": {"acs:RequestTag/owner": "${acs:username}"}', "ecs:RunInstances"),
        deny('"StringNotEquals": {"acs:RequestTag/owner": "alice"}', "ecs:RunInstances"),
    ),
    Rule(
        "IF316",
        "never-true",
        WARNING,
        "the condition can never hold",
        "Tests are joined by AND: two that contradict each other, a window of time that ends before it "
        "begins, or a negated star make a statement that never hits.",
        OPERATORS_PAGE,
        deny(
            '"DateLessThan": {"acs:CurrentTime": "2026-01-01T00:00:00Z"}, '
            '"DateGreaterThan": {"acs:CurrentTime": "2027-01-01T00:00:00Z"}'
        ),
        deny(
            '"DateGreaterThan": {"acs:CurrentTime": "2026-01-01T00:00:00Z"}, '
            '"DateLessThan": {"acs:CurrentTime": "2027-01-01T00:00:00Z"}'
        ),
    ),
    Rule(
        "IF317",
        "caller-chosen-key",
        WARNING,
        "the caller chooses the key's value",
        "`acs:UserAgent` is a header of the request. Anyone may send what passes.",
        KEYS_PAGE,
        allow('"StringLike": {"acs:UserAgent": "internal-tool*"}', "ecs:Describe*"),
        allow('"StringEquals": {"acs:SourceVpc": "vpc-1"}', "ecs:Describe*"),
        kind=PolicyKind.IDENTITY,
    ),
)
