"""Requests: who asks to do what to which resources, in which context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


class PrincipalKind(Enum):
    """The callers that evaluation tells apart."""

    USER = "user"
    ROLE = "role"
    ROOT = "root"
    SERVICE_LINKED_ROLE = "service-linked-role"
    SERVICE = "service"
    FEDERATED = "federated"


OUTSIDE_RAM = frozenset({PrincipalKind.SERVICE, PrincipalKind.FEDERATED})


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller; `arn` is the value of acs:PrincipalARN (lower-case role name, no session name).

    A service or an identity provider calls to assume a role, under the name that trust policies write
    (`ecs.aliyuncs.com`, `acs:ram::<account>:saml-provider/<name>`); `account` is then the role's.
    """

    kind: PrincipalKind
    arn: str
    account: str
    in_management_account: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """One authorised resource with its own tags; `tags=None` means that they are not known.

    `name` is `acs:<service>:<region>:<account>:<relative>` or the bare `*`; one still to be created ends
    in `/*`. `owner` is the owning account where it is not the account in the name. `tags` are those that
    the caller's authorisation sees, by default none of another account's image; `owner_tags` and
    `receiver_tags` are those that the two accounts have set on it, where they are known (U-10).
    """

    name: str
    tags: Mapping[str, str] | None = field(default_factory=lambda: NOTHING)
    new: bool = False
    owner: str = ""
    owner_tags: Mapping[str, str] | None = None
    receiver_tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Condition keys of the request: known ones with their values, and names known to be unknown.

    A key in neither is absent, but for those of `keys.UNPUBLISHED`, which then are unknown.
    acs:PrincipalARN, acs:ResourceTag/* and ecs:tag/* are derived from the principal and the resource and
    need not be given.
    """

    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Request:
    """One call as RAM sees it; every resource must pass by itself.

    Without any resource it is not known what the operation authorises: the decision is Indeterminate.
    """

    principal: Principal
    action: str
    resources: tuple[Resource, ...]
    context: Context = field(default_factory=Context)
