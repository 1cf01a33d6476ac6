"""STS: sessions of roles, and who is calling."""

from __future__ import annotations

import re
from datetime import timedelta

from imagefence.api import sts
from imagefence.api.products import NO_PERMISSION
from imagefence.errors import PolicySyntaxError
from imagefence.policy.asking import refused_when_saved
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.request import PrincipalKind
from imagefence.sandbox.birth import letters
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.identities import Role
from imagefence.sandbox.ram_lookup import role_at, stamp
from imagefence.sandbox.world import AccessKey

SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")
SHORTEST_S = 900
LONGEST_CHAINED_S = 3600
POLICY_LIMIT = 2048


@performs(sts.ASSUME_ROLE)
def assume_role(call: Call, request: sts.AssumeRole) -> sts.AssumeRoleAnswer:
    """Opens a session of a role; the gate has asked the caller's policies and the role's trust policy.

    The root of an account may not assume roles at all. Source: AlibabaCloudDocs/ram "AssumeRole".
    """
    if call.principal.kind is PrincipalKind.ROOT:
        raise Refused(NO_PERMISSION)
    _check(call, request)
    role = role_at(call, request.role_arn)
    key = _session(call, request, role)
    call.world.keys[key.id] = key
    return sts.AssumeRoleAnswer(
        assumed_role_user=sts.AssumedRoleUser(
            arn=f"acs:sts::{role.owner}:assumed-role/{role.name}/{key.session_name}",
            assumed_role_id=f"{role.id}:{key.session_name}",
        ),
        credentials=sts.Credentials(
            access_key_id=key.id,
            access_key_secret=key.secret,
            security_token=key.token,
            expiration=stamp(key.expires) if key.expires is not None else "",
        ),
        **({"source_identity": request.source_identity} if request.source_identity else {}),
    )


@performs(sts.GET_CALLER_IDENTITY)
def get_caller_identity(call: Call, request: sts.GetCallerIdentity) -> sts.GetCallerIdentityAnswer:
    """Names the caller; needs no permission."""
    kind, _, name = call.key.principal.partition("/")
    account = call.account
    if kind == "root":
        return sts.GetCallerIdentityAnswer(
            account_id=account.id,
            arn=f"acs:ram::{account.id}:root",
            identity_type="Account",
            principal_id=account.id,
            user_id=account.id,
        )
    if kind == "user":
        user = account.identities.users[name]
        return sts.GetCallerIdentityAnswer(
            account_id=account.id,
            arn=f"acs:ram::{account.id}:user/{user.name}",
            identity_type="RAMUser",
            principal_id=user.id,
            user_id=user.id,
        )
    role = account.identities.roles[name]
    return sts.GetCallerIdentityAnswer(
        account_id=account.id,
        arn=f"acs:sts::{account.id}:assumed-role/{role.name}/{call.key.session_name}",
        identity_type="AssumedRoleUser",
        principal_id=f"{role.id}:{call.key.session_name}",
        role_id=role.id,
    )


def _check(call: Call, request: sts.AssumeRole) -> None:
    if not SESSION_NAME.fullmatch(request.role_session_name):
        raise Refused(sts.SESSION_NAME)
    if request.external_id and not EXTERNAL_ID.fullmatch(request.external_id):
        raise Refused(sts.EXTERNAL_ID)
    if request.source_identity and not SESSION_NAME.fullmatch(request.source_identity):
        raise Refused(sts.SOURCE_IDENTITY)
    if len(request.policy) > POLICY_LIMIT:
        raise Refused(sts.POLICY_SIZE)
    if request.policy:
        try:
            document = parse(request.policy, PolicyKind.SESSION, saving=True)
        except PolicySyntaxError as error:
            raise Refused(sts.POLICY_GRAMMAR) from error
        if refused_when_saved(document, call.world.readings):
            raise Refused(sts.POLICY_GRAMMAR)


def _session(call: Call, request: sts.AssumeRole, role: Role) -> AccessKey:
    longest = LONGEST_CHAINED_S if call.key.token else role.max_session_duration_s
    if not SHORTEST_S <= request.duration_seconds <= longest:
        raise Refused(sts.DURATION)
    world = call.world
    return AccessKey(
        id="STS.N" + letters(world, 24),
        secret=letters(world, 44),
        account_id=role.owner,
        principal=f"role/{role.name}",
        created=call.now,
        token="CAIS" + letters(world, 160),
        session_name=request.role_session_name,
        session_policy=request.policy,
        expires=call.now + timedelta(seconds=request.duration_seconds),
    )
