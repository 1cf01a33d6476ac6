"""Rules about what a whole policy does where it is attached: fences, exemptions, trust."""

from __future__ import annotations

from imagefence.lint.remark import Severity
from imagefence.lint.rule import Mend, Rule
from imagefence.policy.document import PolicyKind

CONTROL_PAGE = "help.aliyun.com resource-directory/user-guide/control-policy-overview"
PUBLISHED_PAGE = "ecs/user-guide/only-new-instances-are-allowed-to-be-mirrored-using-a-specified-range"
EXEMPTION_PAGE = (
    "help.aliyun.com resource-directory/user-guide/examples-of-custom-access-control-policies; "
    "RAM CreateRole page"
)
TRUST_PAGE = "AlibabaCloudDocs/ram Edit the trust policy of a RAM role"
FEDERATION_PAGE = "help.aliyun.com ram/user-guide/create-a-ram-role-for-a-trusted-idp"
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

DENY_LAUNCH = (
    '{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "acs:ecs:*:*:image/*", '
    '"Condition": {"StringNotEquals": {"acs:ResourceTag/golden": "yes"}}}'
)
DENY_TAGS = (
    '{"Effect": "Deny", "Action": ["ecs:TagResources", "ecs:AddTags", "tag:TagResources", "ecs:CopyImage", '
    '"ecs:CreateImage", "ecs:ImportImage"], "Resource": "*"}'
)
DENY_FOREIGN = (
    '{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "*", '
    '"Condition": {"StringNotEquals": {"ecs:ImageOwnerId": "1000000000000001"}}}'
)
ALLOW_BY_TAG = (
    '{"Effect": "Allow", "Action": "ecs:RunInstances", "Resource": "*", '
    '"Condition": {"StringEquals": {"acs:ResourceTag/golden": "yes"}}}'
)
ALLOW_REST = '{"Effect": "Allow", "NotAction": "ecs:RunInstances", "Resource": "*"}'


def exempting(arn: str) -> str:
    """A Deny that exempts one caller."""
    return (
        '{"Effect": "Deny", "Action": "actiontrail:StopLogging", "Resource": "*", '
        f'"Condition": {{"StringNotLike": {{"acs:PrincipalARN": "{arn}"}}}}}}'
    )


GUARD_NAME = (
    '{"Effect": "Deny", "Action": ["ram:CreateRole", "ram:UpdateRole"], '
    '"Resource": "acs:ram:*:*:role/auditor"}'
)


def trusting(principal: str, condition: str = "") -> tuple[str, ...]:
    """A trust policy of one statement."""
    return (
        f'{{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {{{principal}}}'
        f"{f', {chr(34)}Condition{chr(34)}: {{{condition}}}' if condition else ''}}}",
    )


SAML = '"Federated": "acs:ram::1000000000000001:saml-provider/idp"'

REACH_RULES = (
    Rule(
        "IF401",
        "blocks-nothing",
        ERROR,
        "an Allow beside another policy that allows everything restricts nothing",
        "Control policies of one node unite, and every node carries FullAliyunAccess from the start. An "
        "Allow beside it adds nothing to everything. Say in a Deny what must not happen, or detach "
        "FullAliyunAccess from that node, knowing that the Allow is then all that its accounts can do.",
        f"{CONTROL_PAGE}; {PUBLISHED_PAGE}",
        (ALLOW_BY_TAG,),
        (DENY_LAUNCH, DENY_TAGS),
        also=("tag-on-every-resource", "forgeable-tag"),
        beside=True,
    ),
    Rule(
        "IF402",
        "allow-in-control-policy",
        WARNING,
        "an Allow there restricts only where FullAliyunAccess is detached",
        "The text alone does not say whether it restricts anything. Say where it will stand by "
        "--beside-full-access or --alone, or lint the attachments.",
        CONTROL_PAGE,
        (ALLOW_REST,),
        (DENY_LAUNCH, DENY_TAGS),
    ),
    Rule(
        "IF403",
        "dead-account",
        ERROR,
        "as the only policy on its node it allows no ordinary work",
        "Each level must allow; what no policy of a node allows is refused to all users and roles below "
        "it, reading and the console included.",
        CONTROL_PAGE,
        (ALLOW_BY_TAG,),
        (
            ALLOW_REST,
            '{"Effect": "Allow", "Action": "ecs:RunInstances", "Resource": ["acs:ecs:*:*:instance/*", '
            '"acs:vpc:*:*:*"]}',
        ),
        also=("tag-on-every-resource", "forgeable-tag"),
        beside=False,
    ),
    Rule(
        "IF404",
        "tag-on-every-resource",
        WARNING,
        "a tag condition is asked of every resource of an operation, new ones included",
        "An operation that authorises several resources asks each one by itself. On `*` the new instance, "
        "the vSwitch and the security group must wear the tag, which they do not: the golden image is "
        "refused too. Ask the tag of `image/*` and allow the others in a statement of their own.",
        "help.aliyun.com ecs/developer-reference/api-ecs-2014-05-26-ram",
        (ALLOW_BY_TAG,),
        (
            '{"Effect": "Allow", "Action": "ecs:RunInstances", "Resource": "acs:ecs:*:*:image/*", '
            '"Condition": {"StringEquals": {"acs:ResourceTag/golden": "yes"}}}',
        ),
        kind=PolicyKind.IDENTITY,
    ),
    Rule(
        "IF405",
        "open-doors",
        WARNING,
        "the tag can still be set by other operations than those denied",
        "Denying ecs:TagResources leaves the Tag service's own TagResources, and CopyImage, CreateImage "
        "and ImportImage, which make an image with its tags. Deny them to all but the role that builds "
        "images.",
        PUBLISHED_PAGE,
        ('{"Effect": "Deny", "Action": "ecs:TagResources", "Resource": "acs:ecs:*:*:image/*"}',),
        (DENY_TAGS,),
    ),
    Rule(
        "IF406",
        "forgeable-tag",
        WARNING,
        "the fence asks for a tag that anyone may set",
        "A fence by the tag of the image is as good as the control over that tag. Nothing here denies "
        "tagging images or making them with the tag. If another policy does, lint the attachments: there "
        "all are seen together.",
        PUBLISHED_PAGE,
        (DENY_LAUNCH,),
        (DENY_LAUNCH, DENY_TAGS),
        also=("absent-tag", "image-resource-only"),
    ),
    Rule(
        "IF407",
        "role-name-exemption",
        WARNING,
        "the exempt role's name is free for anyone to take",
        "An exemption goes by the name of a role, in every account that the policy reaches. Whoever may "
        "create a role of that name, or change the trust of the one that is there, is exempt. Deny "
        "ram:CreateRole and ram:UpdateRole on that name.",
        EXEMPTION_PAGE,
        (exempting("acs:ram:*:*:role/auditor"),),
        (exempting("acs:ram:*:*:role/auditor"), GUARD_NAME),
    ),
    Rule(
        "IF408",
        "wildcard-exemption",
        WARNING,
        "every role whose name fits a pattern is exempt",
        "A star in the role's name exempts roles that do not exist yet. Name them one by one; a star in "
        "the account part is the usual form and not remarked on.",
        EXEMPTION_PAGE,
        (exempting("acs:ram:*:*:role/audit*"),),
        (exempting("acs:ram:*:*:role/auditor"), GUARD_NAME),
    ),
    Rule(
        "IF409",
        "exempt-role-case",
        WARNING,
        "the exempt role's name has capitals",
        "acs:PrincipalARN carries role names in lower case, whatever their spelling elsewhere: with "
        "capitals the exemption may exempt nobody (U-6).",
        EXEMPTION_PAGE,
        (
            exempting("acs:ram:*:*:role/Auditor"),
            '{"Effect": "Deny", "Action": ["ram:CreateRole", "ram:UpdateRole"], '
            '"Resource": "acs:ram:*:*:role/Auditor"}',
        ),
        (exempting("acs:ram:*:*:role/auditor"), GUARD_NAME),
        mend=Mend.MEANT,
    ),
    Rule(
        "IF410",
        "exempt-session",
        WARNING,
        "the exemption names a session of a role",
        "acs:PrincipalARN is the role's name, without the session's, so that the exemption never holds.",
        EXEMPTION_PAGE,
        (exempting("acs:ram:*:*:role/auditor/alice"),),
        (exempting("acs:ram:*:*:role/auditor"), GUARD_NAME),
    ),
    Rule(
        "IF411",
        "wide-trust",
        NOTE,
        "the trust covers a whole account",
        "Who gets in is then decided in that account, by whoever may give sts:AssumeRole there. Name the "
        "users and roles that are meant.",
        TRUST_PAGE,
        trusting('"RAM": "acs:ram::1000000000000001:root"'),
        trusting('"RAM": "acs:ram::1000000000000001:role/ci"'),
        kind=PolicyKind.TRUST,
    ),
    Rule(
        "IF412",
        "open-federation",
        WARNING,
        "whoever the identity provider lets in gets the role",
        "Test `saml:recipient` for SAML, and `oidc:sub` for OIDC: an OIDC provider such as a public build "
        "service has users that are strangers.",
        FEDERATION_PAGE,
        trusting(SAML),
        trusting(SAML, '"StringEquals": {"saml:recipient": "https://signin.alibabacloud.com/saml-role/sso"}'),
        kind=PolicyKind.TRUST,
    ),
    Rule(
        "IF413",
        "image-resource-only",
        NOTE,
        "the fence hangs on launches asking for the image as a resource of its own",
        "The vendor's tables disagree whether RunInstances authorises the image (U-3), and whose policies "
        "meet a foreign one (U-15). Under the other readings a Deny on `image/*` never hits. A Deny of the"
        " launch by ecs:ImageOwnerId needs no image resource; ReplaceSystemDisk has no such key.",
        f"ecs/developer-reference/api-ecs-2014-05-26-ram; {PUBLISHED_PAGE}",
        (DENY_LAUNCH, DENY_TAGS),
        (DENY_LAUNCH, DENY_TAGS, DENY_FOREIGN),
        also=("absent-tag",),
    ),
)
