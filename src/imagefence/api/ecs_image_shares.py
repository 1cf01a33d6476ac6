"""ECS: whom images are shared with.

Source: help.aliyun.com ecs/developer-reference, pages of each operation; ecs/ram-authorization.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api import ecs_faults, faults
from imagefence.api.operation import (
    Access,
    Answer,
    Authorized,
    Fault,
    Item,
    Operation,
    Paging,
    Parameters,
)
from imagefence.api.products import ECS

ACCOUNT_NOT_FOUND = Fault(
    404,
    "InvalidAccount.NotFound",
    'The specified parameter "AddAccount.n" or "RemoveAccount.n"  does not exist.',
)
ACCOUNT_IS_YOURSELF = Fault(404, "InvalidAccount.Forbbiden", "The specified Account does not yourself.")
SHARE_QUOTA = Fault(403, "QuotaExceed.ShareImageUser", "The shared Image user Quota exceeds.")
DEPRECATED_NOT_SHARED = Fault(
    403,
    "OperationDenied.InvalidImageStatus",
    "The specified image cannot be shared when it is deprecated.",
)


class ModifyImageSharePermission(Parameters, frozen=True, kw_only=True):
    """Shares an own image with accounts, up to ten a call, or publishes it as a community image."""

    region_id: str
    image_id: str
    add_account: tuple[str, ...] = ()
    remove_account: tuple[str, ...] = ()
    is_public: bool | None = None
    dry_run: bool = False


class ModifyImageSharePermissionAnswer(Answer):
    """Nothing but the request's id."""


MODIFY_IMAGE_SHARE_PERMISSION = Operation(
    product=ECS,
    name="ModifyImageSharePermission",
    request=ModifyImageSharePermission,
    response=ModifyImageSharePermissionAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("image", of="image_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/ModifyImageSharePermission",
    faults=(
        faults.REGION_NOT_FOUND,
        ecs_faults.IMAGE_NOT_FOUND,
        ACCOUNT_NOT_FOUND,
        ACCOUNT_IS_YOURSELF,
        SHARE_QUOTA,
        DEPRECATED_NOT_SHARED,
    ),
)


class DescribeImageSharePermission(Parameters, frozen=True, kw_only=True):
    """Lists the accounts that an own image is shared with."""

    region_id: str
    image_id: str
    page_number: Annotated[int, msgspec.Meta(ge=1)] = 1
    page_size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10


class SharedAccount(Item):
    """One account; `aliyun_id` is its id, as text."""

    aliyun_id: str = ""
    shared_time: str = ""


class SharedAccounts(Item):
    """The list of accounts."""

    account: tuple[SharedAccount, ...] = ()


class ShareGroup(Item):
    """A group of accounts; `all` for a community image."""

    group: str = ""


class ShareGroups(Item):
    """The list of groups."""

    share_group: tuple[ShareGroup, ...] = ()


class DescribeImageSharePermissionAnswer(Answer):
    """One page of accounts."""

    accounts: SharedAccounts = msgspec.field(default_factory=SharedAccounts)
    image_id: str = ""
    page_number: int = 1
    page_size: int = 10
    region_id: str = ""
    share_groups: ShareGroups = msgspec.field(default_factory=ShareGroups)
    total_count: int = 0


DESCRIBE_IMAGE_SHARE_PERMISSION = Operation(
    product=ECS,
    name="DescribeImageSharePermission",
    request=DescribeImageSharePermission,
    response=DescribeImageSharePermissionAnswer,
    access=Access.READ,
    authorizes=(Authorized("image", of="image_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DescribeImageSharePermission",
    faults=(faults.REGION_NOT_FOUND, ecs_faults.IMAGE_NOT_FOUND),
    paging=Paging.PAGE_NUMBER,
    items="accounts.account",
)

OPERATIONS = (MODIFY_IMAGE_SHARE_PERMISSION, DESCRIBE_IMAGE_SHARE_PERMISSION)
