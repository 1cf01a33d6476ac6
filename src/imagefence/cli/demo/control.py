"""Control policies by hand, as the vendor's page tells the team to attach them."""

from __future__ import annotations

from imagefence.api.control_policies import (
    ATTACH_CONTROL_POLICY,
    CREATE_CONTROL_POLICY,
    DELETE_CONTROL_POLICY,
    DETACH_CONTROL_POLICY,
    Attachment,
    CreateControlPolicy,
    DeleteControlPolicy,
)
from imagefence.cloud.session import Session

FULL_ACCESS = "cp-FullAliyunAccess"


def create(admin: Session, name: str, document: str) -> str:
    """Makes a control policy and gives its id."""
    request = CreateControlPolicy(policy_name=name, effect_scope="RAM", policy_document=document)
    return admin.call(CREATE_CONTROL_POLICY, request).control_policy.policy_id


def attach(admin: Session, policy_id: str, node: str) -> None:
    """Attaches it to a node."""
    admin.call(ATTACH_CONTROL_POLICY, Attachment(policy_id=policy_id, target_id=node))


def detach(admin: Session, policy_id: str, node: str) -> None:
    """Detaches it from a node."""
    admin.call(DETACH_CONTROL_POLICY, Attachment(policy_id=policy_id, target_id=node))


def delete(admin: Session, policy_id: str) -> None:
    """Deletes it."""
    admin.call(DELETE_CONTROL_POLICY, DeleteControlPolicy(policy_id=policy_id))
