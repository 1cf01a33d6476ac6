"""Rules about what hangs where; the examples are files that `policy lint --attachments` reads."""

from __future__ import annotations

from imagefence.lint.remark import Severity
from imagefence.lint.rule import Rule

RAM_LIMITS = "help.aliyun.com ram/product-overview/limits"
NODE_LIMITS = "AttachControlPolicy API page; resource-management/product-overview/limits"
CONTROL_PAGE = "help.aliyun.com resource-directory/user-guide/control-policy-overview"
ERROR, NOTE = Severity.ERROR, Severity.NOTE

DENY_BUCKETS = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"oss:PutBucket","Resource":"*"}]}'
GUARDED = f"""\
nodes:
  Root: [FullAliyunAccess, guard]
  Root/Workloads: [FullAliyunAccess]
policies:
  guard:
    text: '{DENY_BUCKETS}'
"""
BY_GROUP = """\
users:
  alice: {groups: [developers]}
groups:
  developers: [AliyunECSReadOnlyAccess]
"""


def many(word: str, count: int) -> str:
    """Numbered names for a list."""
    return ", ".join(f"{word}-{number}" for number in range(1, count + 1))


def custom(count: int) -> str:
    """A role with so many custom policies."""
    declared = "\n".join(f"  policy-{number}: {{versions: 1}}" for number in range(1, count + 1))
    return f"roles:\n  ci: [{many('policy', count)}]\npolicies:\n{declared}\n"


ATTACHMENT_RULES = (
    Rule(
        "IF501",
        "too-many-attachments",
        ERROR,
        "more policies than the cloud lets hang there",
        "A node of the directory carries at most 10 control policies; a user, a group or a role 20 of the "
        "vendor's and 10 custom ones. The next attachment, or the one after an import, is refused.",
        f"{RAM_LIMITS}; {NODE_LIMITS}",
        custom(11),
        custom(9),
        attachment=True,
    ),
    Rule(
        "IF502",
        "no-room",
        NOTE,
        "as many policies as the cloud lets hang there",
        "Whatever has to be attached next, a fence or an emergency stop, finds no room. Join policies in "
        "time.",
        f"{RAM_LIMITS}; {NODE_LIMITS}",
        custom(10),
        custom(9),
        attachment=True,
    ),
    Rule(
        "IF503",
        "too-many-groups",
        ERROR,
        "a user in more groups than the cloud allows",
        "A user is in at most 10 groups.",
        RAM_LIMITS,
        f"users:\n  alice: {{groups: [{many('group', 11)}]}}\n",
        f"users:\n  alice: {{groups: [{many('group', 2)}]}}\n",
        attachment=True,
    ),
    Rule(
        "IF504",
        "no-version-left",
        NOTE,
        "a policy with as many versions as the cloud keeps",
        "A custom policy has at most 5 versions. The next change is refused until one is deleted, unless "
        "it asks for the oldest to be rotated out.",
        RAM_LIMITS,
        "roles:\n  ci: [deploy]\npolicies:\n  deploy: {versions: 5}\n",
        "roles:\n  ci: [deploy]\npolicies:\n  deploy: {versions: 2}\n",
        attachment=True,
    ),
    Rule(
        "IF505",
        "repeated-attachment",
        NOTE,
        "a policy that holds there already by way of a node above or a group",
        "A Deny on a node holds for all below it, and a group's policies hold for its users. Said twice, "
        "it takes the room of another policy and outlives the day on which the first one is detached. An "
        "Allow in a control policy is not meant: every level has to allow.",
        CONTROL_PAGE,
        GUARDED.replace("Workloads: [FullAliyunAccess]", "Workloads: [FullAliyunAccess, guard]"),
        GUARDED,
        attachment=True,
    ),
    Rule(
        "IF506",
        "user-policy",
        NOTE,
        "a policy hangs on a user itself",
        "What a group or a role carries can be reviewed in one place; what hangs on single users is "
        "forgotten.",
        "help.aliyun.com ram/product-overview/best-practices",
        "users:\n  alice: {policies: [AliyunECSReadOnlyAccess]}\n",
        BY_GROUP,
        attachment=True,
    ),
)
