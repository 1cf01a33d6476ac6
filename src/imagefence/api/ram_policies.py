"""RAM: policies and their versions.

Source: AlibabaCloudDocs/ram, pages of each operation; "RAM authentication" for the resources.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imagefence.api import ram_faults as faults
from imagefence.api.operation import Access, Answer, Authorized, Item, Operation, Paging, Parameters
from imagefence.api.products import RAM
from imagefence.api.ram_faults import JsonTags, Marker, MaxItems, doc
from imagefence.api.ram_roles import TagItems

SYSTEM = "System"
ROTATE_OLDEST = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


class CreatePolicy(Parameters, frozen=True):
    """Parameters of CreatePolicy."""

    policy_name: str
    policy_document: str
    description: str = ""
    tag: JsonTags = ()


class AnyPolicy(Parameters, frozen=True):
    """Parameters of operations on one policy of either type.

    A system policy is authorised under the account `system`, a custom one under the caller's.
    """

    policy_type: str
    policy_name: str

    @property
    def custom_policy(self) -> str:
        """The name of a custom policy; empty for a system policy."""
        return "" if self.policy_type == SYSTEM else self.policy_name

    @property
    def system_policy(self) -> str:
        """The whole resource name of a system policy; empty for a custom policy."""
        return f"acs:ram:*:system:policy/{self.policy_name}" if self.policy_type == SYSTEM else ""


class ListPolicies(Parameters, frozen=True):
    """Parameters of ListPolicies; without a type, both."""

    policy_type: str = ""
    marker: str = ""
    max_items: MaxItems = 100
    tag: JsonTags = ()


class DeletePolicy(Parameters, frozen=True):
    """Parameters of DeletePolicy; `cascading_delete` deletes all versions with it."""

    policy_name: str
    cascading_delete: bool = False


class CreatePolicyVersion(Parameters, frozen=True):
    """Parameters of CreatePolicyVersion."""

    policy_name: str
    policy_document: str
    set_as_default: bool = False
    rotate_strategy: str = ""


class GetPolicyVersion(AnyPolicy, frozen=True):
    """Parameters of GetPolicyVersion."""

    version_id: str


class OneVersion(Parameters, frozen=True):
    """Parameters of SetDefaultPolicyVersion and DeletePolicyVersion."""

    policy_name: str
    version_id: str


class BriefPolicy(Item):
    """What all answers show of a policy."""

    policy_name: str = ""
    policy_type: str = ""
    description: str = ""
    default_version: str = ""


class NewPolicy(BriefPolicy):
    """A policy as CreatePolicy shows it."""

    create_date: str = ""


class ListedPolicy(NewPolicy):
    """A policy in ListPolicies."""

    update_date: str = ""
    attachment_count: int = 0
    tags: TagItems = msgspec.field(default_factory=TagItems)


class Policy(NewPolicy):
    """A policy as GetPolicy shows it, with the text of its default version."""

    update_date: str = ""
    attachment_count: int = 0
    policy_document: str = ""


class PolicyVersion(Item):
    """One version of a policy."""

    version_id: str = ""
    is_default_version: bool = False
    policy_document: str = ""
    create_date: str = ""


class ListedPolicies(Item):
    """A list of policies."""

    policy: tuple[ListedPolicy, ...] = ()


class PolicyVersions(Item):
    """The versions of a policy."""

    policy_version: tuple[PolicyVersion, ...] = ()


class CreatePolicyAnswer(Answer):
    """Answer of CreatePolicy."""

    policy: NewPolicy = msgspec.field(default_factory=NewPolicy)


class GetPolicyAnswer(Answer):
    """Answer of GetPolicy."""

    policy: Policy = msgspec.field(default_factory=Policy)
    default_policy_version: PolicyVersion = msgspec.field(default_factory=PolicyVersion)


class ListPoliciesAnswer(Answer):
    """Answer of ListPolicies."""

    is_truncated: bool = False
    marker: Marker = msgspec.UNSET
    policies: ListedPolicies = msgspec.field(default_factory=ListedPolicies)


class PolicyVersionAnswer(Answer):
    """Answer of CreatePolicyVersion and GetPolicyVersion."""

    policy_version: PolicyVersion = msgspec.field(default_factory=PolicyVersion)


class ListPolicyVersionsAnswer(Answer):
    """Answer of ListPolicyVersions."""

    policy_versions: PolicyVersions = msgspec.field(default_factory=PolicyVersions)


CUSTOM_ONE = (Authorized("policy", of="policy_name"),)
EITHER_ONE = (Authorized("policy", of="custom_policy"), Authorized("arn", of="system_policy"))
BAD_DOCUMENT = (faults.MALFORMED_POLICY, faults.bad_length("PolicyDocument"))


CREATE_POLICY = Operation(
    product=RAM,
    name="CreatePolicy",
    request=CreatePolicy,
    response=CreatePolicyAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("policy", of="policy_name", new=True),),
    doc=doc("CreatePolicy"),
    faults=(faults.POLICY_EXISTS, faults.TOO_MANY_POLICIES, *BAD_DOCUMENT),
)
GET_POLICY = Operation(
    product=RAM,
    name="GetPolicy",
    request=AnyPolicy,
    response=GetPolicyAnswer,
    access=Access.READ,
    authorizes=EITHER_ONE,
    doc=doc("GetPolicy"),
    faults=(faults.NO_POLICY, faults.POLICY_TYPE),
)
LIST_POLICIES = Operation(
    product=RAM,
    name="ListPolicies",
    request=ListPolicies,
    response=ListPoliciesAnswer,
    access=Access.READ,
    authorizes=(Authorized("policy"),),
    doc=doc("ListPolicies"),
    faults=(faults.POLICY_TYPE,),
    paging=Paging.MARKER,
    items="policies.policy",
)
DELETE_POLICY = Operation(
    product=RAM,
    name="DeletePolicy",
    request=DeletePolicy,
    response=Answer,
    access=Access.WRITE,
    authorizes=CUSTOM_ONE,
    doc=doc("DeletePolicy"),
    faults=(
        faults.NO_POLICY,
        faults.POLICY_HELD_BY_USER,
        faults.POLICY_HELD_BY_GROUP,
        faults.POLICY_HELD_BY_ROLE,
        faults.POLICY_HELD_BY_VERSION,
    ),
)
CREATE_POLICY_VERSION = Operation(
    product=RAM,
    name="CreatePolicyVersion",
    request=CreatePolicyVersion,
    response=PolicyVersionAnswer,
    access=Access.WRITE,
    authorizes=CUSTOM_ONE,
    doc=doc("CreatePolicyVersion"),
    faults=(faults.NO_POLICY, faults.TOO_MANY_VERSIONS, *BAD_DOCUMENT),
)
GET_POLICY_VERSION = Operation(
    product=RAM,
    name="GetPolicyVersion",
    request=GetPolicyVersion,
    response=PolicyVersionAnswer,
    access=Access.READ,
    authorizes=EITHER_ONE,
    doc=doc("GetPolicyVersion"),
    faults=(faults.NO_POLICY, faults.NO_VERSION, faults.POLICY_TYPE),
)
LIST_POLICY_VERSIONS = Operation(
    product=RAM,
    name="ListPolicyVersions",
    request=AnyPolicy,
    response=ListPolicyVersionsAnswer,
    access=Access.READ,
    authorizes=EITHER_ONE,
    doc=doc("ListPolicyVersions"),
    faults=(faults.NO_POLICY, faults.POLICY_TYPE),
    items="policy_versions.policy_version",
)
SET_DEFAULT_POLICY_VERSION = Operation(
    product=RAM,
    name="SetDefaultPolicyVersion",
    request=OneVersion,
    response=Answer,
    access=Access.WRITE,
    authorizes=CUSTOM_ONE,
    doc=doc("SetDefaultPolicyVersion"),
    faults=(faults.NO_POLICY, faults.NO_VERSION),
)
DELETE_POLICY_VERSION = Operation(
    product=RAM,
    name="DeletePolicyVersion",
    request=OneVersion,
    response=Answer,
    access=Access.WRITE,
    authorizes=CUSTOM_ONE,
    doc=doc("DeletePolicyVersion"),
    faults=(faults.NO_POLICY, faults.NO_VERSION, faults.DEFAULT_VERSION_HELD),
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    CREATE_POLICY,
    GET_POLICY,
    LIST_POLICIES,
    DELETE_POLICY,
    CREATE_POLICY_VERSION,
    GET_POLICY_VERSION,
    LIST_POLICY_VERSIONS,
    SET_DEFAULT_POLICY_VERSION,
    DELETE_POLICY_VERSION,
)
