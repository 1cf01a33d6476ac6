"""Rules about resource names, and about what is said twice."""

from __future__ import annotations

from imagefence.lint.remark import Severity
from imagefence.lint.rule import Mend, Rule
from imagefence.policy.document import PolicyKind

NAMES_PAGE = "AlibabaCloudDocs/ram Policy elements"
EVALUATION_PAGE = "help.aliyun.com ram/policy-evaluation-process"
WARNING, NOTE = Severity.WARNING, Severity.NOTE
GOOD = ('{"Effect": "Deny", "Action": "ecs:StopInstance", "Resource": "acs:ecs:cn-hangzhou:*:instance/*"}',)

RESOURCE_RULES = (
    Rule(
        "IF201",
        "region-as-service",
        WARNING,
        "a region where the service code belongs",
        "A name has five parts: acs, service, region, account, and the rest. One part left out shifts the "
        "others, and the name covers nothing.",
        NAMES_PAGE,
        ('{"Effect": "Deny", "Action": "ecs:StopInstance", "Resource": "acs:cn-hangzhou:*:*:instance/*"}',),
        GOOD,
        also=("never-hits",),
    ),
    Rule(
        "IF202",
        "region-in-global",
        WARNING,
        "a region in the name of a service that has none",
        "RAM, STS and the resource directory are global: the region part of their names is empty, and a "
        "policy that names one covers nothing.",
        NAMES_PAGE,
        ('{"Effect": "Deny", "Action": "ram:DeleteRole", "Resource": "acs:ram:cn-hangzhou:*:role/ci"}',),
        ('{"Effect": "Deny", "Action": "ram:DeleteRole", "Resource": "acs:ram:*:*:role/ci"}',),
    ),
    Rule(
        "IF203",
        "resource-case",
        WARNING,
        "the service or the region of a name is not in lower case",
        "Both are compared exactly, unlike actions, so that the name covers nothing.",
        NAMES_PAGE,
        ('{"Effect": "Deny", "Action": "ecs:StopInstance", "Resource": "acs:ECS:*:*:instance/*"}',),
        GOOD,
        mend=Mend.MEANT,
        also=("never-hits",),
    ),
    Rule(
        "IF204",
        "odd-account",
        WARNING,
        "the account in a name is no number",
        "Accounts are named by their number, not by an alias.",
        NAMES_PAGE,
        ('{"Effect": "Deny", "Action": "ecs:StopInstance", "Resource": "acs:ecs:*:mycompany:instance/*"}',),
        GOOD,
    ),
    Rule(
        "IF205",
        "never-hits",
        WARNING,
        "the operation is never asked for any of these resources, so the statement never hits",
        "Each operation authorises resources of its own kinds, and some authorise `*` alone. A Deny of "
        "such an operation on narrower names denies nothing.",
        "help.aliyun.com ecs/developer-reference/api-ecs-2014-05-26-ram",
        (
            '{"Effect": "Deny", "Action": "ecs:CreateAutoProvisioningGroup", "Resource": '
            '"acs:ecs:*:*:image/*"}',
        ),
        ('{"Effect": "Deny", "Action": "ecs:CreateAutoProvisioningGroup", "Resource": "*"}',),
    ),
    Rule(
        "IF206",
        "redundant",
        NOTE,
        "another pattern or statement says the same already",
        "It makes the policy longer and its next reader look for a difference. Decisions stay as they are "
        "without it.",
        EVALUATION_PAGE,
        ('{"Effect": "Deny", "Action": ["ecs:*", "ecs:Run*"], "Resource": "*"}',),
        ('{"Effect": "Deny", "Action": "ecs:*", "Resource": "*"}',),
        mend=Mend.SAME,
    ),
    Rule(
        "IF207",
        "shadowed",
        NOTE,
        "a wider statement of the same effect makes this one idle",
        "Whatever it covers is covered besides. Often the wider one was meant to be narrower, above all "
        "where this one has a condition.",
        EVALUATION_PAGE,
        (
            '{"Effect": "Deny", "Action": "ecs:*", "Resource": "*"}',
            '{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "*", "Condition": {"StringEquals": '
            '{"ecs:ImageSource": "System"}}}',
        ),
        (
            '{"Effect": "Deny", "Action": "ecs:DeleteInstance", "Resource": "*"}',
            '{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "*", "Condition": {"StringEquals": '
            '{"ecs:ImageSource": "System"}}}',
        ),
    ),
    Rule(
        "IF208",
        "overruled",
        WARNING,
        "a Deny of the same policy denies all that this allows",
        "A Deny wins wherever it hits, whatever the order; an Allow cannot make an exception to it.",
        EVALUATION_PAGE,
        (
            '{"Effect": "Deny", "Action": "ecs:*", "Resource": "*"}',
            '{"Effect": "Allow", "Action": "ecs:DescribeInstances", "Resource": "*"}',
        ),
        (
            '{"Effect": "Deny", "NotAction": "ecs:Describe*", "Resource": "acs:ecs:*:*:*"}',
            '{"Effect": "Allow", "Action": "ecs:DescribeInstances", "Resource": "*"}',
        ),
        kind=PolicyKind.IDENTITY,
    ),
)
