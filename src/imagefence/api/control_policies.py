"""ResourceDirectoryMaster 2022-04-19: control policies and what they are attached to.

The same operations of ResourceManager 2020-03-31 are derived in `resource_manager`.
Source: OpenAPI metadata of ResourceManager and ResourceDirectoryMaster.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imagefence.api import directory_faults as faults
from imagefence.api.directory_faults import PageNumber, PageSize, doc
from imagefence.api.directory_shapes import NoParameters
from imagefence.api.operation import Access, Answer, Authorized, Item, Operation, Paging, Parameters
from imagefence.api.products import RESOURCE_DIRECTORY

KIND = "policy/controlpolicy"
EVERYTHING = (Authorized("*"),)
ALL_POLICIES = (Authorized(KIND),)
THE_POLICY = (Authorized(KIND, of="policy_id"),)
THE_TARGET = (
    Authorized("folder", of="target_folder", at="folder", via="path"),
    Authorized("account", of="target_account", at="account", via="path"),
)


class Target(Parameters, frozen=True):
    """A node of the directory: Root or a folder (`r-…`, `fd-…`), or a member (its account id)."""

    target_id: str

    @property
    def target_folder(self) -> str:
        """The id of a folder target; empty for an account."""
        return "" if self.target_id.isdigit() else self.target_id

    @property
    def target_account(self) -> str:
        """The id of an account target; empty for a folder."""
        return self.target_id if self.target_id.isdigit() else ""


class CreateControlPolicy(Parameters, frozen=True):
    """Parameters of CreateControlPolicy; `effect_scope` is `RAM`."""

    policy_name: str
    effect_scope: str
    policy_document: str
    description: str = ""


class UpdateControlPolicy(Parameters, frozen=True):
    """Parameters of UpdateControlPolicy; what is left out stays."""

    policy_id: str
    new_policy_name: str | None = None
    new_description: str | None = None
    new_policy_document: str | None = None


class DeleteControlPolicy(Parameters, frozen=True):
    """Parameters of DeleteControlPolicy."""

    policy_id: str


class GetControlPolicy(Parameters, frozen=True):
    """Parameters of GetControlPolicy."""

    policy_id: str
    language: str = ""


class ListControlPolicies(Parameters, frozen=True):
    """Parameters of ListControlPolicies; without a type, both."""

    policy_type: str = ""
    page_number: PageNumber = 1
    page_size: PageSize = 10
    language: str = ""


class Attachment(Target, frozen=True):
    """Parameters of AttachControlPolicy and DetachControlPolicy."""

    policy_id: str


class ListControlPolicyAttachmentsForTarget(Target, frozen=True):
    """Parameters of ListControlPolicyAttachmentsForTarget."""

    language: str = ""


class ListTargetAttachmentsForControlPolicy(Parameters, frozen=True):
    """Parameters of ListTargetAttachmentsForControlPolicy."""

    policy_id: str
    page_number: PageNumber = 1
    page_size: PageSize = 10


class BriefControlPolicy(Item):
    """What all answers show of a control policy."""

    policy_id: str = ""
    policy_name: str = ""
    policy_type: str = ""
    effect_scope: str = ""
    description: str = ""


class ControlPolicy(BriefControlPolicy):
    """A control policy; `attachment_count` is a string on the wire."""

    attachment_count: str = ""
    create_date: str = ""
    update_date: str = ""


class DetailedControlPolicy(ControlPolicy):
    """A control policy with its text."""

    policy_document: str = ""


class ControlPolicies(Item):
    """A list of control policies."""

    control_policy: tuple[ControlPolicy, ...] = ()


class ControlPolicyAttachment(BriefControlPolicy):
    """A control policy on a node."""

    attach_date: str = ""


class ControlPolicyAttachments(Item):
    """The control policies on a node."""

    control_policy_attachment: tuple[ControlPolicyAttachment, ...] = ()


class TargetAttachment(Item):
    """A node that a control policy is attached to: Root, Folder or Account."""

    target_id: str = ""
    target_name: str = ""
    target_type: str = ""
    attach_date: str = ""


class TargetAttachments(Item):
    """The nodes that a control policy is attached to."""

    target_attachment: tuple[TargetAttachment, ...] = ()


class EnablementAnswer(Answer):
    """Answer of operations on the feature: Enabled, PendingEnable, Disabled or PendingDisable."""

    enablement_status: str = ""


class ControlPolicyAnswer(Answer):
    """Answer of CreateControlPolicy and UpdateControlPolicy."""

    control_policy: ControlPolicy = msgspec.field(default_factory=ControlPolicy)


class GetControlPolicyAnswer(Answer):
    """Answer of GetControlPolicy."""

    control_policy: DetailedControlPolicy = msgspec.field(default_factory=DetailedControlPolicy)


class ListControlPoliciesAnswer(Answer):
    """Answer of ListControlPolicies."""

    control_policies: ControlPolicies = msgspec.field(default_factory=ControlPolicies)
    page_number: int = 1
    page_size: int = 10
    total_count: int = 0


class AttachmentsForTargetAnswer(Answer):
    """Answer of ListControlPolicyAttachmentsForTarget."""

    control_policy_attachments: ControlPolicyAttachments = msgspec.field(
        default_factory=ControlPolicyAttachments
    )


class TargetAttachmentsAnswer(Answer):
    """Answer of ListTargetAttachmentsForControlPolicy."""

    target_attachments: TargetAttachments = msgspec.field(default_factory=TargetAttachments)
    page_number: int = 1
    page_size: int = 10
    total_count: int = 0


ENABLE_CONTROL_POLICY = Operation(
    product=RESOURCE_DIRECTORY,
    name="EnableControlPolicy",
    request=NoParameters,
    response=EnablementAnswer,
    access=Access.WRITE,
    authorizes=EVERYTHING,
    doc=doc("EnableControlPolicy"),
    faults=(faults.NO_DIRECTORY,),
)
DISABLE_CONTROL_POLICY = Operation(
    product=RESOURCE_DIRECTORY,
    name="DisableControlPolicy",
    request=NoParameters,
    response=EnablementAnswer,
    access=Access.WRITE,
    authorizes=EVERYTHING,
    doc=doc("DisableControlPolicy"),
    faults=(faults.NO_DIRECTORY,),
)
GET_CONTROL_POLICY_ENABLEMENT_STATUS = Operation(
    product=RESOURCE_DIRECTORY,
    name="GetControlPolicyEnablementStatus",
    request=NoParameters,
    response=EnablementAnswer,
    access=Access.READ,
    authorizes=EVERYTHING,
    doc=doc("GetControlPolicyEnablementStatus"),
    faults=(faults.NO_DIRECTORY,),
)
CREATE_CONTROL_POLICY = Operation(
    product=RESOURCE_DIRECTORY,
    name="CreateControlPolicy",
    request=CreateControlPolicy,
    response=ControlPolicyAnswer,
    access=Access.WRITE,
    authorizes=(Authorized(KIND, new=True),),
    doc=doc("CreateControlPolicy"),
    faults=(
        faults.POLICY_NAME,
        faults.POLICY_NAME_LENGTH,
        faults.DESCRIPTION_LENGTH,
        faults.EFFECT_SCOPE,
        faults.DOCUMENT_LENGTH,
        faults.MALFORMED_POLICY,
        faults.POLICY_EXISTS,
        faults.POLICY_LIMIT,
    ),
)
UPDATE_CONTROL_POLICY = Operation(
    product=RESOURCE_DIRECTORY,
    name="UpdateControlPolicy",
    request=UpdateControlPolicy,
    response=ControlPolicyAnswer,
    access=Access.WRITE,
    authorizes=THE_POLICY,
    doc=doc("UpdateControlPolicy"),
    faults=(
        faults.NO_POLICY,
        faults.SYSTEM_POLICY,
        faults.POLICY_EXISTS,
        faults.NEW_DOCUMENT_LENGTH,
        faults.MALFORMED_POLICY,
    ),
)
DELETE_CONTROL_POLICY = Operation(
    product=RESOURCE_DIRECTORY,
    name="DeleteControlPolicy",
    request=DeleteControlPolicy,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_POLICY,
    doc=doc("DeleteControlPolicy"),
    faults=(faults.NO_POLICY, faults.SYSTEM_POLICY, faults.POLICY_HELD),
)
GET_CONTROL_POLICY = Operation(
    product=RESOURCE_DIRECTORY,
    name="GetControlPolicy",
    request=GetControlPolicy,
    response=GetControlPolicyAnswer,
    access=Access.READ,
    authorizes=THE_POLICY,
    doc=doc("GetControlPolicy"),
    faults=(faults.NO_POLICY,),
)
LIST_CONTROL_POLICIES = Operation(
    product=RESOURCE_DIRECTORY,
    name="ListControlPolicies",
    request=ListControlPolicies,
    response=ListControlPoliciesAnswer,
    access=Access.READ,
    authorizes=ALL_POLICIES,
    doc=doc("ListControlPolicies"),
    faults=(faults.POLICY_TYPE,),
    paging=Paging.PAGE_NUMBER,
    items="control_policies.control_policy",
)
ATTACH_CONTROL_POLICY = Operation(
    product=RESOURCE_DIRECTORY,
    name="AttachControlPolicy",
    request=Attachment,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_POLICY + THE_TARGET,
    doc=doc("AttachControlPolicy"),
    faults=(
        faults.NO_POLICY,
        faults.NO_TARGET,
        faults.NOT_ENABLED,
        faults.ATTACHED_ALREADY,
        faults.ATTACHMENT_LIMIT,
    ),
)
DETACH_CONTROL_POLICY = Operation(
    product=RESOURCE_DIRECTORY,
    name="DetachControlPolicy",
    request=Attachment,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_POLICY + THE_TARGET,
    doc=doc("DetachControlPolicy"),
    faults=(faults.NO_POLICY, faults.NO_TARGET, faults.NOT_ATTACHED, faults.LAST_POLICY),
)
LIST_CONTROL_POLICY_ATTACHMENTS_FOR_TARGET = Operation(
    product=RESOURCE_DIRECTORY,
    name="ListControlPolicyAttachmentsForTarget",
    request=ListControlPolicyAttachmentsForTarget,
    response=AttachmentsForTargetAnswer,
    access=Access.READ,
    authorizes=THE_TARGET,
    doc=doc("ListControlPolicyAttachmentsForTarget"),
    faults=(faults.NO_TARGET,),
    items="control_policy_attachments.control_policy_attachment",
)
LIST_TARGET_ATTACHMENTS_FOR_CONTROL_POLICY = Operation(
    product=RESOURCE_DIRECTORY,
    name="ListTargetAttachmentsForControlPolicy",
    request=ListTargetAttachmentsForControlPolicy,
    response=TargetAttachmentsAnswer,
    access=Access.READ,
    authorizes=THE_POLICY,
    doc=doc("ListTargetAttachmentsForControlPolicy"),
    faults=(faults.NO_POLICY,),
    paging=Paging.PAGE_NUMBER,
    items="target_attachments.target_attachment",
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    ENABLE_CONTROL_POLICY,
    DISABLE_CONTROL_POLICY,
    GET_CONTROL_POLICY_ENABLEMENT_STATUS,
    CREATE_CONTROL_POLICY,
    UPDATE_CONTROL_POLICY,
    DELETE_CONTROL_POLICY,
    GET_CONTROL_POLICY,
    LIST_CONTROL_POLICIES,
    ATTACH_CONTROL_POLICY,
    DETACH_CONTROL_POLICY,
    LIST_CONTROL_POLICY_ATTACHMENTS_FOR_TARGET,
    LIST_TARGET_ATTACHMENTS_FOR_CONTROL_POLICY,
)
