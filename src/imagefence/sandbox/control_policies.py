"""Control policies of a resource directory and what they are attached to."""

from __future__ import annotations

import re
from typing import Any

from imagefence.api import control_policies as api
from imagefence.api import directory_faults as faults
from imagefence.api.directory_shapes import NoParameters
from imagefence.api.operation import Answer
from imagefence.policy.document import PolicyKind
from imagefence.sandbox.birth import letters
from imagefence.sandbox.call import Call, Refused, finds
from imagefence.sandbox.directory import managed, numbered, performs_both
from imagefence.sandbox.directory_state import FULL_ACCESS, ControlPolicy, Directory, Folder, Member
from imagefence.sandbox.ram_lookup import check_document, stamp

POLICY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
LONGEST_NAME = 128
LONGEST_DESCRIPTION = 1024
DOCUMENT_LIMIT = 4096
MOST_POLICIES = 1500
MOST_ATTACHED = 10
SYSTEM = "System"


@finds("policy/controlpolicy")
def find_control_policy(call: Call, policy_id: str) -> ControlPolicy | None:
    """Gives the gate a control policy."""
    directory = call.account.directory
    return directory.control_policies.get(policy_id) if directory is not None else None


@performs_both(api.ENABLE_CONTROL_POLICY)
def enable_control_policy(call: Call, request: NoParameters) -> api.EnablementAnswer:
    """Switches control policies on, with FullAliyunAccess on every node."""
    directory = managed(call)
    if directory.control_policies_enabled:
        return api.EnablementAnswer(enablement_status="Enabled")
    # Differs from the cloud: control policies are on at once, though the answer says PendingEnable as there.
    directory.control_policies_enabled = True
    for node in _nodes(directory):
        node.attached[FULL_ACCESS] = call.now
    directory.changed()
    return api.EnablementAnswer(enablement_status="PendingEnable")


@performs_both(api.DISABLE_CONTROL_POLICY)
def disable_control_policy(call: Call, request: NoParameters) -> api.EnablementAnswer:
    """Switches control policies off and detaches all of them."""
    directory = managed(call)
    if not directory.control_policies_enabled:
        return api.EnablementAnswer(enablement_status="Disabled")
    directory.control_policies_enabled = False
    for node in _nodes(directory):
        node.attached.clear()
    directory.changed()
    return api.EnablementAnswer(enablement_status="PendingDisable")


@performs_both(api.GET_CONTROL_POLICY_ENABLEMENT_STATUS)
def get_control_policy_enablement_status(call: Call, request: NoParameters) -> api.EnablementAnswer:
    """Tells whether control policies are on."""
    enabled = managed(call).control_policies_enabled
    return api.EnablementAnswer(enablement_status="Enabled" if enabled else "Disabled")


@performs_both(api.CREATE_CONTROL_POLICY)
def create_control_policy(call: Call, request: api.CreateControlPolicy) -> api.ControlPolicyAnswer:
    """Creates a control policy that is attached to nothing."""
    directory = managed(call)
    _check_name(directory, request.policy_name)
    _check_description(request.description)
    if request.effect_scope != "RAM":
        raise Refused(faults.EFFECT_SCOPE)
    check_document(
        call,
        request.policy_document,
        PolicyKind.CONTROL,
        DOCUMENT_LIMIT,
        too_long=faults.DOCUMENT_LENGTH,
        malformed=faults.MALFORMED_POLICY,
    )
    if len(directory.control_policies) > MOST_POLICIES:
        raise Refused(faults.POLICY_LIMIT)
    policy = ControlPolicy(
        id="cp-" + letters(call.world, 16),
        name=request.policy_name,
        document=request.policy_document,
        owner=call.account.id,
        created=call.now,
        updated=call.now,
        description=request.description,
    )
    directory.control_policies[policy.id] = policy
    directory.changed()
    return api.ControlPolicyAnswer(control_policy=_shown(directory, policy))


@performs_both(api.UPDATE_CONTROL_POLICY)
def update_control_policy(call: Call, request: api.UpdateControlPolicy) -> api.ControlPolicyAnswer:
    """Replaces what is given, in place: a control policy has no versions."""
    directory = managed(call)
    policy = _custom(directory, request.policy_id)
    if request.new_policy_name is not None and request.new_policy_name != policy.name:
        _check_name(directory, request.new_policy_name)
    _check_description(request.new_description or "")
    if request.new_policy_document is not None:
        check_document(
            call,
            request.new_policy_document,
            PolicyKind.CONTROL,
            DOCUMENT_LIMIT,
            too_long=faults.NEW_DOCUMENT_LENGTH,
            malformed=faults.MALFORMED_POLICY,
        )
        policy.document = request.new_policy_document
    policy.name = request.new_policy_name or policy.name
    if request.new_description is not None:
        policy.description = request.new_description
    policy.updated = call.now
    directory.changed()
    return api.ControlPolicyAnswer(control_policy=_shown(directory, policy))


@performs_both(api.DELETE_CONTROL_POLICY)
def delete_control_policy(call: Call, request: api.DeleteControlPolicy) -> Answer:
    """Deletes a control policy that is attached to nothing."""
    directory = managed(call)
    policy = _custom(directory, request.policy_id)
    if _targets(directory, policy.id):
        raise Refused(faults.POLICY_HELD)
    del directory.control_policies[policy.id]
    directory.changed()
    return Answer()


@performs_both(api.GET_CONTROL_POLICY)
def get_control_policy(call: Call, request: api.GetControlPolicy) -> api.GetControlPolicyAnswer:
    """Shows a control policy with its text."""
    directory = managed(call)
    policy = _policy(directory, request.policy_id)
    return api.GetControlPolicyAnswer(
        control_policy=api.DetailedControlPolicy(
            **_fields(directory, policy), policy_document=policy.document
        )
    )


@performs_both(api.LIST_CONTROL_POLICIES)
def list_control_policies(call: Call, request: api.ListControlPolicies) -> api.ListControlPoliciesAnswer:
    """Lists control policies, the system's first."""
    directory = managed(call)
    if request.policy_type not in ("", SYSTEM, "Custom"):
        raise Refused(faults.POLICY_TYPE)
    policies = [
        policy for policy in directory.control_policies.values() if request.policy_type in ("", policy.type)
    ]
    shown = numbered(policies, request.page_number, request.page_size)
    return api.ListControlPoliciesAnswer(
        control_policies=api.ControlPolicies(
            control_policy=tuple(_shown(directory, policy) for policy in shown)
        ),
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=len(policies),
    )


@performs_both(api.ATTACH_CONTROL_POLICY)
def attach_control_policy(call: Call, request: api.Attachment) -> Answer:
    """Attaches a control policy to Root, a folder or a member; it takes effect at once."""
    directory = managed(call)
    policy = _policy(directory, request.policy_id)
    node = _target(directory, request.target_id)
    if not directory.control_policies_enabled:
        raise Refused(faults.NOT_ENABLED)
    if policy.id in node.attached:
        raise Refused(faults.ATTACHED_ALREADY)
    # Differs from the cloud: the error codes for a control policy that exists already, is attached already,
    # is attached too often or is still attached are our own, as no page names them.
    if len(node.attached) >= MOST_ATTACHED:
        raise Refused(faults.ATTACHMENT_LIMIT)
    node.attached[policy.id] = call.now
    directory.changed()
    return Answer()


@performs_both(api.DETACH_CONTROL_POLICY)
def detach_control_policy(call: Call, request: api.Attachment) -> Answer:
    """Detaches a control policy, unless it is the last one on the node."""
    directory = managed(call)
    policy = _policy(directory, request.policy_id)
    node = _target(directory, request.target_id)
    if policy.id not in node.attached:
        raise Refused(faults.NOT_ATTACHED)
    if len(node.attached) == 1:
        raise Refused(faults.LAST_POLICY)
    del node.attached[policy.id]
    directory.changed()
    return Answer()


@performs_both(api.LIST_CONTROL_POLICY_ATTACHMENTS_FOR_TARGET)
def list_control_policy_attachments_for_target(
    call: Call, request: api.ListControlPolicyAttachmentsForTarget
) -> api.AttachmentsForTargetAnswer:
    """Lists what is attached to the node itself, without what it inherits."""
    directory = managed(call)
    node = _target(directory, request.target_id)
    attached = tuple(
        api.ControlPolicyAttachment(**_brief(directory.control_policies[policy_id]), attach_date=stamp(since))
        for policy_id, since in node.attached.items()
    )
    return api.AttachmentsForTargetAnswer(
        control_policy_attachments=api.ControlPolicyAttachments(control_policy_attachment=attached)
    )


@performs_both(api.LIST_TARGET_ATTACHMENTS_FOR_CONTROL_POLICY)
def list_target_attachments_for_control_policy(
    call: Call, request: api.ListTargetAttachmentsForControlPolicy
) -> api.TargetAttachmentsAnswer:
    """Lists the nodes that a control policy is attached to."""
    directory = managed(call)
    policy = _policy(directory, request.policy_id)
    targets = _targets(directory, policy.id)
    shown = tuple(
        api.TargetAttachment(
            target_id=node.id,
            target_name=node.name,
            target_type=_type(node),
            attach_date=stamp(node.attached[policy.id]),
        )
        for node in numbered(targets, request.page_number, request.page_size)
    )
    return api.TargetAttachmentsAnswer(
        target_attachments=api.TargetAttachments(target_attachment=shown),
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=len(targets),
    )


def _nodes(directory: Directory) -> list[Folder | Member]:
    return [*directory.folders.values(), *directory.members.values()]


def _targets(directory: Directory, policy_id: str) -> list[Folder | Member]:
    return [node for node in _nodes(directory) if policy_id in node.attached]


def _type(node: Folder | Member) -> str:
    if isinstance(node, Member):
        return "Account"
    return "Folder" if node.parent_id else "Root"


def _policy(directory: Directory, policy_id: str) -> ControlPolicy:
    policy = directory.control_policies.get(policy_id)
    if policy is None:
        raise Refused(faults.NO_POLICY)
    return policy


def _custom(directory: Directory, policy_id: str) -> ControlPolicy:
    policy = _policy(directory, policy_id)
    if policy.type == SYSTEM:
        raise Refused(faults.SYSTEM_POLICY)
    return policy


def _target(directory: Directory, target_id: str) -> Folder | Member:
    """Finds a node; the management account is none, as no control policy meets it."""
    node = directory.node(target_id)
    if node is None:
        raise Refused(faults.NO_TARGET)
    return node


def _check_name(directory: Directory, name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise Refused(faults.POLICY_NAME_LENGTH)
    if not POLICY_NAME.fullmatch(name):
        raise Refused(faults.POLICY_NAME)
    if any(policy.name == name for policy in directory.control_policies.values()):
        raise Refused(faults.POLICY_EXISTS)


def _check_description(text: str) -> None:
    if len(text) > LONGEST_DESCRIPTION:
        raise Refused(faults.DESCRIPTION_LENGTH)


def _brief(policy: ControlPolicy) -> dict[str, Any]:
    return {
        "policy_id": policy.id,
        "policy_name": policy.name,
        "policy_type": policy.type,
        "effect_scope": policy.effect_scope,
        "description": policy.description,
    }


def _fields(directory: Directory, policy: ControlPolicy) -> dict[str, Any]:
    return {
        **_brief(policy),
        "attachment_count": str(len(_targets(directory, policy.id))),
        "create_date": stamp(policy.created),
        "update_date": stamp(policy.updated),
    }


def _shown(directory: Directory, policy: ControlPolicy) -> api.ControlPolicy:
    return api.ControlPolicy(**_fields(directory, policy))
