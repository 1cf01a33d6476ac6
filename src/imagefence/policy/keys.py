"""Condition keys: how they are spelt, and the types of the listed ones.

Sources: help.aliyun.com ram/policy-elements, ecs/developer-reference/api-ecs-2014-05-26-ram, and for
providers ram/user-guide/create-a-ram-role-for-a-trusted-idp.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from imagefence.policy.operators import ValueKind

STRING, BOOLEAN, DATE, ADDRESS = ValueKind.STRING, ValueKind.BOOLEAN, ValueKind.DATE, ValueKind.ADDRESS

GLOBAL_KEYS: dict[str, ValueKind] = {
    "acs:SourceIp": ADDRESS,
    "acs:CurrentTime": DATE,
    "acs:SecureTransport": BOOLEAN,
    "acs:MFAPresent": BOOLEAN,
    "acs:PrincipalARN": STRING,
    "acs:PrincipalRDId": STRING,
    "acs:PrincipalRDPath": STRING,
    "acs:TagKeys": STRING,
    "acs:Service": STRING,
    "acs:SourceVpc": STRING,
    "acs:UserAgent": STRING,
    "acs:AccessId": STRING,
}
ECS_KEYS: dict[str, ValueKind] = {
    "ecs:ImageOwnerId": STRING,
    "ecs:ImageSource": STRING,
    "ecs:ImagePlatform": STRING,
    "ecs:InstanceType": STRING,
    "ecs:InstanceTypeFamily": STRING,
    "ecs:IsDiskEncrypted": STRING,
    "ecs:IsDiskByokEncrypted": STRING,
    "ecs:IsSystemDiskEncrypted": STRING,
    "ecs:IsSystemDiskByokEncrypted": STRING,
    "ecs:PasswordCustomized": BOOLEAN,
    "ecs:PasswordInherit": BOOLEAN,
    "ecs:LoginAsNonRoot": BOOLEAN,
    "ecs:AssociatePublicIpAddress": BOOLEAN,
    "ecs:NotSpecifySecurityGroupId": BOOLEAN,
    "ecs:SecurityEnhancementStrategy": STRING,
    "ecs:SecurityHardeningMode": STRING,
    "ecs:SecurityGroupIpProtocols": STRING,
    "ecs:SecurityGroupSourceCidrIps": STRING,
    "ecs:CommandRunAs": STRING,
}
OTHER_KEYS: dict[str, ValueKind] = {
    "ram:ServiceName": STRING,
    "ram:TrustedPrincipalTypes": STRING,
    "ram:ServiceNames": STRING,
    "vpc:VPC": STRING,
    "vpc:IsDefaultVSwitch": BOOLEAN,
    "vpc:IsDefaultVpc": BOOLEAN,
    "vpc:CreateDefaultVpc": BOOLEAN,
    "oss:Prefix": STRING,
    "saml:recipient": STRING,
    "oidc:iss": STRING,
    "oidc:aud": STRING,
    "oidc:sub": STRING,
}
KEYS: dict[str, ValueKind] = GLOBAL_KEYS | ECS_KEYS | OTHER_KEYS
TYPES: dict[str, ValueKind] = {name.lower(): kind for name, kind in KEYS.items()}
MULTI_VALUED = frozenset({"ram:trustedprincipaltypes", "ram:servicenames"})
# Why: these tell how and whence a call comes, which nobody knows from what it asks.
BY_CIRCUMSTANCE = ("acs:SourceIp", "acs:SourceVpc", "acs:VpcSourceIp", "acs:MFAPresent", "acs:UserAgent")
VARIABLE = "policy:variable"  # what a policy variable stands for, under the reading that expands them (U-9)
# Why: the first three are on lists of keys alone. No page says when they are present, so that a request
# without them proves nothing.
UNPUBLISHED = frozenset({"acs:principalrdid", "acs:principalrdpath", "acs:tagkeys", VARIABLE})
TAG_PREFIXES = ("acs:ResourceTag/", "acs:RequestTag/", "ecs:tag/", "vpc:tag/")


class KeyOrigin(Enum):
    """Where the values of a key come from."""

    RESOURCE_TAG = "the resource's tags"
    REQUEST_TAG = "the tags in the call"
    EITHER_TAG = "the resource's tags, on creation those in the call"
    PRINCIPAL = "the caller"
    CONTEXT = "the call"


ORIGINS = {
    "acs:resourcetag": KeyOrigin.RESOURCE_TAG,
    "acs:requesttag": KeyOrigin.REQUEST_TAG,
    "ecs:tag": KeyOrigin.EITHER_TAG,
    "vpc:tag": KeyOrigin.EITHER_TAG,
}


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A key taken apart: its origin, its tag key where it has one, and the name to look it up by."""

    origin: KeyOrigin
    name: str
    tag: str = ""


@lru_cache(maxsize=4096)
def condition_key(text: str) -> ConditionKey:
    """Reads a key; the fixed part is folded, a tag key keeps its case."""
    prefix, slash, tag = text.partition("/")
    origin = ORIGINS.get(prefix.lower()) if slash else None
    if origin:
        return ConditionKey(origin, f"{prefix.lower()}/{tag}", tag)
    folded = text.lower()
    return ConditionKey(KeyOrigin.PRINCIPAL if folded == "acs:principalarn" else KeyOrigin.CONTEXT, folded)


def documented_spelling(text: str) -> bool:
    """Tells whether the fixed part of a key is written as the vendor's table writes it."""
    if condition_key(text).tag:
        return text.startswith(TAG_PREFIXES)
    return text in KEYS or text.lower() not in TYPES


def fits(text: str, kind: ValueKind) -> bool:
    """Tells whether an operator of this kind can take effect on a key; strings compare with anything.

    The values of tags are strings. Source: the types in api-ecs-2014-05-26-ram.
    """
    known = STRING if condition_key(text).tag else TYPES.get(text.lower())
    return known is None or kind is ValueKind.STRING or known is kind
