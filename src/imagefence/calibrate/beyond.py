"""What no call of one account can show, and what showing it would take."""

from __future__ import annotations

from collections.abc import Mapping

NO_PROBE: Mapping[str, str] = {
    "resource_group": "a resource group with a Deny in its scope beside an Allow of the account",
    "shared_tags": "a second account that shares a tagged image with this one",
    "add_tags": "ecs:AddTags on an own image, allowed once as ecs:AddTags and once as ecs:CreateTags",
    "unreadable": "a call that a service makes for you, whose acs:SourceIp is a name and no address",
    "foreign_image": "a directory, and an image that an account outside of it shares",
    "levels": "a directory: a member's level that is silent, below a Deny at Root",
}
WANTING: Mapping[str, str] = {
    "launch_asks": "an own image with a tag: tag a golden image in this region and calibrate again",
}
ALIKE: Mapping[str, str] = {
    "not_resource": "new texts are refused; only a policy that was saved before that could show the rest",
    "empty_condition": "new texts are refused; only a policy that was saved before that could show the rest",
    "statement_object": "new texts are refused; only a policy that was saved before that could show the rest",
    "empty_part": "where a star crosses colons, an empty part changes nothing",
    "resources": "a launch that names several resources, or a RAM that tells its NoPermissionType",
    "request_tag_at": "a launch that asks for the image by itself",
}
