"""Rules about the grammar: what the cloud refuses when a policy is saved."""

from __future__ import annotations

from imagefence.lint.remark import Severity
from imagefence.lint.rule import Mend, Rule
from imagefence.policy.document import PolicyKind

SYNTAX_PAGE = "help.aliyun.com ram/policy-structure-and-syntax"
ELEMENTS_PAGE = "help.aliyun.com ram/policy-elements"
LIMITS_PAGE = "help.aliyun.com ram/product-overview/limits; CreateControlPolicy API page"
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

DENY = '{"Effect": "Deny", "Action": "oss:PutBucket", "Resource": "*"}'


def long_policy(count: int) -> tuple[str, ...]:
    """A statement with many names, to show the limits on length."""
    names = ", ".join(f'"acs:oss:*:*:bucket-{number:04}/*"' for number in range(count))
    return (f'{{"Effect": "Deny", "Action": "oss:PutObject", "Resource": [{names}]}}',)


GRAMMAR_RULES = (
    Rule(
        "IF001",
        "syntax",
        ERROR,
        "the text breaks the grammar and the cloud would refuse it",
        "A policy is strict JSON with `Version` and `Statement`; each statement has Effect, Action (or "
        "NotAction), Resource and perhaps Condition. The remark points at the first break of each "
        "statement; the other statements are checked all the same.",
        SYNTAX_PAGE,
        ('{"Effect": "Dny", "Action": "oss:PutBucket", "Resource": "*"}',),
        (DENY,),
    ),
    Rule(
        "IF002",
        "too-long",
        ERROR,
        "the text is longer than the cloud accepts",
        "RAM policies hold 6,144 characters, control policies 4,096, session policies 2,048. White space "
        "counts: `imagefence policy fmt --compact` drops it. Where that is too little, split the policy: "
        "up to ten control policies hang on a node, and they unite.",
        LIMITS_PAGE,
        long_policy(145),
        (DENY,),
    ),
    Rule(
        "IF003",
        "near-limit",
        NOTE,
        "the text leaves less than a tenth of its permitted length",
        "The next name that has to be added will not fit. Print it with `imagefence policy fmt --compact`,"
        " replace lists by wildcards, or split it in time.",
        LIMITS_PAGE,
        long_policy(132),
        (DENY,),
    ),
    Rule(
        "IF004",
        "bare-statement",
        ERROR,
        "`Statement` is one object where a list belongs",
        "The grammar knows a list of statements only; one reading of it (U-9) accepts an object, but a "
        "policy that is refused protects nothing. Put the object in brackets.",
        SYNTAX_PAGE,
        f'{{"Version": "1", "Statement": {DENY}}}',
        (DENY,),
        mend=Mend.MEANT,
    ),
    Rule(
        "IF005",
        "wrong-version",
        ERROR,
        '`Version` is not the string `"1"`',
        "There is one version of the language, and it is written as a string. A policy of another vendor, "
        "with a date there, needs more than another version; a bare number 1 is mended.",
        SYNTAX_PAGE,
        f'{{"Version": 1, "Statement": [{DENY}]}}',
        (DENY,),
        mend=Mend.MEANT,
    ),
    Rule(
        "IF006",
        "element-case",
        ERROR,
        "an element or an effect is written in the wrong case",
        "Names of elements and the effects Allow and Deny are compared exactly; `effect` or `deny` is "
        "unknown to the grammar.",
        ELEMENTS_PAGE,
        ('{"Effect": "deny", "Action": "oss:PutBucket", "Resource": "*"}',),
        (DENY,),
        mend=Mend.MEANT,
    ),
    Rule(
        "IF007",
        "bare-value",
        ERROR,
        "a condition value is not a string",
        "Numbers, booleans, dates and addresses are all written as strings in conditions.",
        SYNTAX_PAGE,
        (
            '{"Effect": "Deny", "Action": "oss:*", "Resource": "*", '
            '"Condition": {"Bool": {"acs:SecureTransport": '
            "false}}}",
        ),
        (
            '{"Effect": "Deny", "Action": "oss:*", "Resource": "*", '
            '"Condition": {"Bool": {"acs:SecureTransport": '
            '"false"}}}',
        ),
        mend=Mend.MEANT,
    ),
    Rule(
        "IF008",
        "unknown-operator",
        ERROR,
        "no such condition operator",
        "The set of operators is closed: 21 of them, none with IfExists, and no Null. The cloud refuses "
        "others when the policy is saved. A wrong case alone is mended; for the rest the nearest operator "
        "is named.",
        "help.aliyun.com ram/conditional-operator",
        (
            '{"Effect": "Deny", "Action": "oss:*", "Resource": "*", "Condition": {"StringEqual": '
            '{"acs:SourceVpc": "vpc-1"}}}',
        ),
        (
            '{"Effect": "Deny", "Action": "oss:*", "Resource": "*", "Condition": {"StringEquals": '
            '{"acs:SourceVpc": "vpc-1"}}}',
        ),
        mend=Mend.MEANT,
    ),
    Rule(
        "IF009",
        "malformed-key",
        ERROR,
        "a condition key without a service: no operation sets it",
        "A key is written `<service>:<name>`, and global ones begin with `acs:`. Others are never part of "
        "a request: a public sample tests a key called `Resource` in its Deny, and so blocks nothing. A "
        "resource is named in the element of that name, beside Condition.",
        ELEMENTS_PAGE,
        (
            '{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "*", '
            '"Condition": {"StringNotLike": '
            '{"Resource": "acs:ecs:*:*:image/m-1"}}}',
        ),
        ('{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "acs:ecs:*:*:image/m-1"}',),
        mend=Mend.MEANT,
    ),
    Rule(
        "IF010",
        "sid",
        NOTE,
        "Sid is not in the published grammar",
        "Some services show it in their own policies, RAM's grammar has no such element, and the cloud may"
        " refuse the policy (U-9). Keep the name of a statement in the policy's name or description.",
        SYNTAX_PAGE,
        ('{"Sid": "NoBuckets", "Effect": "Deny", "Action": "oss:PutBucket", "Resource": "*"}',),
        (DENY,),
    ),
    Rule(
        "IF011",
        "empty-condition",
        NOTE,
        "an empty Condition tests nothing",
        "The statement holds without any condition, or the cloud refuses it (U-9). Leave the element out.",
        SYNTAX_PAGE,
        ('{"Effect": "Deny", "Action": "oss:PutBucket", "Resource": "*", "Condition": {}}',),
        (DENY,),
        mend=Mend.SAME,
    ),
    Rule(
        "IF012",
        "not-resource",
        WARNING,
        "NotResource is not in the present grammar (U-7)",
        "It stood in the grammar of 2019 and is gone. Whether the cloud still takes it is not published; "
        "name the resources that are meant instead.",
        "help.aliyun.com doc-detail/93739 (2019) against ram/policy-structure-and-syntax",
        ('{"Effect": "Deny", "Action": "oss:PutObject", "NotResource": "acs:oss:*:*:public/*"}',),
        ('{"Effect": "Deny", "Action": "oss:PutObject", "Resource": "acs:oss:*:*:private/*"}',),
    ),
    Rule(
        "IF013",
        "resource-in-trust",
        WARNING,
        "a trust policy has no Resource",
        "It is part of the role that it belongs to. The element is left out of the evaluation here and may"
        " be refused by the cloud.",
        "AlibabaCloudDocs/ram Edit the trust policy of a RAM role",
        (
            '{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs.aliyuncs.com"}, '
            '"Resource": "*"}',
        ),
        ('{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs.aliyuncs.com"}}',),
        kind=PolicyKind.TRUST,
        mend=Mend.SAME,
    ),
    Rule(
        "IF014",
        "placeholder",
        WARNING,
        "a template's placeholder stands where a name belongs",
        "`${account}`, `{{account}}`, `%s` and `<account>` are filled in before a policy is sent. As they "
        "stand they are compared as they are, and match nothing.",
        ELEMENTS_PAGE,
        ('{"Effect": "Deny", "Action": "oss:PutObject", "Resource": "acs:oss:*:<account>:bucket/*"}',),
        ('{"Effect": "Deny", "Action": "oss:PutObject", "Resource": "acs:oss:*:1000000000000001:bucket/*"}',),
    ),
)
