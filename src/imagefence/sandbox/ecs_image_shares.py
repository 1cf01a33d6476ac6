"""Behaviour of ECS: whom images are shared with."""

from __future__ import annotations

from imagefence.api import ecs_image_shares as ecs
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Image
from imagefence.sandbox.ecs_lookup import own_image, region_of
from imagefence.sandbox.ecs_paging import numbered
from imagefence.sandbox.ecs_parts import to_seconds

PER_CALL = 10
PER_IMAGE = 50


@performs(ecs.MODIFY_IMAGE_SHARE_PERMISSION)
def modify_image_share_permission(
    call: Call, request: ecs.ModifyImageSharePermission
) -> ecs.ModifyImageSharePermissionAnswer:
    """Shares and unshares an own image; more than ten accounts a call are silently left out."""
    image = own_image(call, region_of(call, request.region_id), request.image_id)
    added = request.add_account[:PER_CALL]
    removed = request.remove_account[:PER_CALL]
    check_shares(call, image, added, removed)
    for account_id in removed:
        image.shared_with.pop(account_id, None)
    for account_id in added:
        image.shared_with.setdefault(account_id, call.now)
    if request.is_public is not None:
        image.public = request.is_public
    image.changed()
    return ecs.ModifyImageSharePermissionAnswer()


def check_shares(call: Call, image: Image, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Refuses unknown accounts, one's own, more than fifty in all, and a deprecated image."""
    for account_id in (*added, *removed):
        if account_id not in call.world.accounts:
            raise Refused(ecs.ACCOUNT_NOT_FOUND)
        if account_id == call.account.id:
            raise Refused(ecs.ACCOUNT_IS_YOURSELF)
    if len((set(image.shared_with) - set(removed)) | set(added)) > PER_IMAGE:
        raise Refused(ecs.SHARE_QUOTA)
    if added and image.status == "Deprecated":
        raise Refused(ecs.DEPRECATED_NOT_SHARED)


@performs(ecs.DESCRIBE_IMAGE_SHARE_PERMISSION)
def describe_image_share_permission(
    call: Call, request: ecs.DescribeImageSharePermission
) -> ecs.DescribeImageSharePermissionAnswer:
    """Lists the accounts that an own image is shared with."""
    image = own_image(call, region_of(call, request.region_id), request.image_id)
    page = numbered(list(image.shared_with.items()), request.page_number, request.page_size)
    accounts = tuple(
        ecs.SharedAccount(aliyun_id=account_id, shared_time=to_seconds(time))
        for account_id, time in page.items
    )
    groups = (ecs.ShareGroup(group="all"),) if image.public else ()
    return ecs.DescribeImageSharePermissionAnswer(
        accounts=ecs.SharedAccounts(account=accounts),
        image_id=image.id,
        page_number=request.page_number,
        page_size=request.page_size,
        region_id=image.region_id,
        share_groups=ecs.ShareGroups(share_group=groups),
        total_count=page.total,
    )
