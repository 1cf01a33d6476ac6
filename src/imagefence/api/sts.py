"""STS: temporary credentials and who is calling.

Source: AlibabaCloudDocs/ram "AssumeRole", "GetCallerIdentity".
"""

from __future__ import annotations

from typing import Any

import msgspec

from imagefence.api.operation import Access, Answer, Authorized, Fault, Item, Operation, Parameters
from imagefence.api.products import STS

DURATION = Fault(
    400, "InvalidParameter.DurationSeconds", "The Min/Max value of DurationSeconds is 15min/1hr."
)
EXTERNAL_ID = Fault(400, "InvalidParameter.ExternalId", "The parameter ExternalId is wrongly formed.")
ROLE_ARN = Fault(400, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.")
SESSION_NAME = Fault(
    400, "InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed."
)
SOURCE_IDENTITY = Fault(
    400, "InvalidParameter.SourceIdentity", "The parameter SourceIdentity is wrongly formed."
)
POLICY_GRAMMAR = Fault(
    400, "InvalidParameter.PolicyGrammar", "The parameter Policy has not passed grammar check."
)
POLICY_SIZE = Fault(400, "InvalidParameter.PolicySize", "The size of Policy must be smaller than 2048 bytes.")
NO_ROLE = Fault(404, "EntityNotExist.Role", "The specified Role not exists .")


class AssumeRole(Parameters, frozen=True):
    """Parameters of AssumeRole; `policy` is the session policy."""

    role_arn: str
    role_session_name: str
    policy: str = ""
    duration_seconds: int = 3600
    external_id: str = ""
    source_identity: str = ""


class GetCallerIdentity(Parameters, frozen=True):
    """GetCallerIdentity takes no parameters."""


class AssumedRoleUser(Item):
    """The session: `assumed_role_id` is `<role id>:<session name>`."""

    arn: str = ""
    assumed_role_id: str = ""


class Credentials(Item):
    """Temporary credentials."""

    access_key_id: str = ""
    access_key_secret: str = ""
    security_token: str = ""
    expiration: str = ""


class AssumeRoleAnswer(Answer):
    """Answer of AssumeRole; `source_identity` only where it was given."""

    assumed_role_user: AssumedRoleUser = msgspec.field(default_factory=AssumedRoleUser)
    credentials: Credentials = msgspec.field(default_factory=Credentials)
    source_identity: str | msgspec.UnsetType = msgspec.UNSET


class GetCallerIdentityAnswer(Answer):
    """Answer of GetCallerIdentity; `user_id` for users, `role_id` for roles."""

    account_id: str = ""
    arn: str = ""
    identity_type: str = ""
    principal_id: str = ""
    user_id: str | msgspec.UnsetType = msgspec.UNSET
    role_id: str | msgspec.UnsetType = msgspec.UNSET


ASSUME_ROLE = Operation(
    product=STS,
    name="AssumeRole",
    request=AssumeRole,
    response=AssumeRoleAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("arn", of="role_arn"),),
    doc="https://help.aliyun.com/zh/ram/developer-reference/api-sts-2015-04-01-assumerole",
    faults=(
        DURATION,
        EXTERNAL_ID,
        ROLE_ARN,
        SESSION_NAME,
        SOURCE_IDENTITY,
        POLICY_GRAMMAR,
        POLICY_SIZE,
        NO_ROLE,
    ),
)
GET_CALLER_IDENTITY = Operation(
    product=STS,
    name="GetCallerIdentity",
    request=GetCallerIdentity,
    response=GetCallerIdentityAnswer,
    access=Access.READ,
    authorizes=(),
    doc="https://help.aliyun.com/zh/ram/developer-reference/api-sts-2015-04-01-getcalleridentity",
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (ASSUME_ROLE, GET_CALLER_IDENTITY)
