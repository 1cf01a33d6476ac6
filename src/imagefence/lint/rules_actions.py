"""Rules about actions."""

from __future__ import annotations

from imagefence.lint.remark import Severity
from imagefence.lint.rule import Mend, Rule
from imagefence.lint.rules_grammar import ELEMENTS_PAGE
from imagefence.policy.document import PolicyKind

API_PAGES = "the API overview of each product, by way of its SDK package"
ESCALATION_PAGE = "help.aliyun.com ram/product-overview/best-practices, RAM API pages of the actions"
WARNING, NOTE = Severity.WARNING, Severity.NOTE
IDENTITY = PolicyKind.IDENTITY

ACTION_RULES = (
    Rule(
        "IF101",
        "unknown-action",
        WARNING,
        "no such operation",
        "Actions are checked against the operations in the vendor's own SDK. A Deny of an operation that "
        "does not exist denies nothing: the vendor's policy for golden images denies `ecs:CreateTags` and "
        "`ecs:DeleteTags`, which no API has. In an Allow without a near match it is a note, as consoles "
        "ask for a few actions that have no operation. A service outside the catalogue gets no such "
        "remark.",
        API_PAGES,
        ('{"Effect": "Deny", "Action": "ecs:RunInstance", "Resource": "*"}',),
        ('{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "*"}',),
    ),
    Rule(
        "IF102",
        "unknown-service",
        WARNING,
        "no such service, but one that differs by a slip",
        "A service's code in RAM is not always its product's name. The remark comes only where one letter "
        "makes it a known code and that service has the operation.",
        "help.aliyun.com ram/product-overview/services-that-work-with-ram",
        ('{"Effect": "Deny", "Action": "esc:RunInstances", "Resource": "*"}',),
        ('{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "*"}',),
    ),
    Rule(
        "IF103",
        "foreign-service",
        WARNING,
        "a service code of another vendor",
        "`ec2`, `s3` and `iam` are not services here; the statement matches nothing.",
        "help.aliyun.com ram/product-overview/services-that-work-with-ram",
        ('{"Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*"}',),
        ('{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "*"}',),
    ),
    Rule(
        "IF104",
        "glob-over-colon",
        WARNING,
        "an action pattern without a colon is read as one glob (U-6)",
        "`e*` is read as every service that begins with an e; by another reading a pattern is compared "
        "part by part, and this one fits nothing. Write the service and the name.",
        ELEMENTS_PAGE,
        ('{"Effect": "Deny", "Action": "e*", "Resource": "*"}',),
        ('{"Effect": "Deny", "Action": "ecs:*", "Resource": "*"}',),
    ),
    Rule(
        "IF105",
        "action-spelling",
        NOTE,
        "the action is spelt in another case than the vendor's",
        "Case does not count in most places, says the vendor's page, and it says to keep to the documented"
        " spelling.",
        ELEMENTS_PAGE,
        ('{"Effect": "Deny", "Action": "ecs:runInstances", "Resource": "*"}',),
        ('{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "*"}',),
        mend=Mend.SAME,
    ),
    Rule(
        "IF106",
        "not-action-allow",
        WARNING,
        "an Allow with NotAction allows every other action of every service",
        "It does not deny what it lists, and it allows the services of tomorrow. In a RAM policy list what"
        " is needed; in a control policy, which grants nothing, the form is sound and not remarked on.",
        "help.aliyun.com resource-directory/user-guide/languages-of-access-control-policies",
        ('{"Effect": "Allow", "NotAction": "ram:*", "Resource": "*"}',),
        ('{"Effect": "Allow", "Action": ["ecs:Describe*", "vpc:Describe*"], "Resource": "*"}',),
        kind=IDENTITY,
    ),
    Rule(
        "IF107",
        "allows-everything",
        WARNING,
        "the policy allows everything in the account",
        "It is AdministratorAccess by another name, and no audit for that name finds it.",
        ESCALATION_PAGE,
        ('{"Effect": "Allow", "Action": "*", "Resource": "*"}',),
        ('{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}',),
        kind=IDENTITY,
    ),
    Rule(
        "IF108",
        "own-permissions",
        WARNING,
        "whoever holds the policy can grant itself the rest",
        "Attaching policies, writing their versions, joining groups or changing a role's trust on every "
        "resource is as good as full access. Name the users, roles or policies that are meant.",
        ESCALATION_PAGE,
        ('{"Effect": "Allow", "Action": "ram:AttachPolicyToUser", "Resource": "*"}',),
        (
            '{"Effect": "Allow", "Action": "ram:AttachPolicyToUser", "Resource": '
            '["acs:ram:*:*:user/ci-*", "acs:ram:*:*:policy/ci-*"]}',
        ),
        kind=IDENTITY,
    ),
    Rule(
        "IF109",
        "pass-any-role",
        WARNING,
        "any role may be handed to any service",
        "A caller that passes an administrator's role to an instance or a function acts with that role. "
        "Name the role in Resource, or the receiving service by acs:Service.",
        "system policy AliyunFCFullAccess (acs:Service with ram:PassRole)",
        ('{"Effect": "Allow", "Action": "ram:PassRole", "Resource": "*"}',),
        (
            '{"Effect": "Allow", "Action": "ram:PassRole", "Resource": "*", "Condition": {"StringEquals": '
            '{"acs:Service": "fc.aliyuncs.com"}}}',
        ),
        kind=IDENTITY,
    ),
)
