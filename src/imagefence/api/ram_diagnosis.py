"""RAM: what an EncodedDiagnosticMessage of a denial says.

Source: help.aliyun.com ram/DecodeDiagnosticMessage.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imagefence.api.operation import Access, Answer, Authorized, Fault, Item, Operation, Parameters
from imagefence.api.products import RAM
from imagefence.api.ram_faults import doc

NO_MESSAGE = Fault(404, "EntityNotExist", "The specific DecodedDiagnosticMessage cannot be found.")


class DecodeDiagnosticMessage(Parameters, frozen=True):
    """Parameters of DecodeDiagnosticMessage."""

    encoded_diagnostic_message: str


class AuthPrincipal(Item):
    """Who was denied."""

    auth_principal_type: str = ""
    auth_principal_owner_id: str = ""
    auth_principal_display_name: str = ""


class AuthCondition(Item):
    """A condition key of the denied call with its values."""

    condition_key: str = ""
    condition_values: tuple[str, ...] = ()


class MatchedPolicy(Item):
    """A policy that made the denial."""

    policy_identifier: str = ""
    policy_type: str = ""
    policy_version: str = ""
    effect: str = ""
    attached_entity_type: str = ""
    attached_scope: str = ""


class DecodedDiagnosticMessage(Item):
    """A denial with the resource that failed and the policies that counted."""

    explicit_deny: bool = False
    no_permission_policy_type: str = ""
    auth_action: str = ""
    auth_resource: str = ""
    auth_principal: AuthPrincipal = msgspec.field(default_factory=AuthPrincipal)
    auth_conditions: tuple[AuthCondition, ...] = ()
    matched_policies: tuple[MatchedPolicy, ...] = ()


class DecodeDiagnosticMessageAnswer(Answer):
    """Answer of DecodeDiagnosticMessage."""

    decoded_diagnostic_message: DecodedDiagnosticMessage = msgspec.field(
        default_factory=DecodedDiagnosticMessage
    )


DECODE_DIAGNOSTIC_MESSAGE = Operation(
    product=RAM,
    name="DecodeDiagnosticMessage",
    request=DecodeDiagnosticMessage,
    response=DecodeDiagnosticMessageAnswer,
    access=Access.READ,
    authorizes=(Authorized("*"),),
    doc=doc("DecodeDiagnosticMessage"),
    faults=(NO_MESSAGE,),
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (DECODE_DIAGNOSTIC_MESSAGE,)
