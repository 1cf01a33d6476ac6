"""The faults of ECS that several operations share.

Source: errors of the ECS 2014-05-26 OpenAPI metadata.
"""

from __future__ import annotations

from imagefence.api.operation import Fault

ZONE_NOT_FOUND = Fault(404, "InvalidZoneId.NotFound", "The ZoneId provided does not exist in our records.")

IMAGE_NOT_FOUND = Fault(404, "InvalidImageId.NotFound", "The specified ImageId does not exist.")
IMAGE_NAME_MALFORMED = Fault(400, "InvalidImageName.Malformed", "The specified Image name is wrongly formed.")
IMAGE_NAME_DUPLICATED = Fault(
    400, "InvalidImageName.Duplicated", "The specified Image name has already bean used."
)
IMAGE_NOT_VALID = Fault(
    403, "OperationDenied.ImageNotValid", "The specified Image is disabled or is deleted."
)
NO_IMAGE_IN_FAMILY = Fault(
    403,
    "InvalidImageFamily.MissingAvailableImage",
    "There is no available image related to the specified image family.",
)
DESCRIPTION_MALFORMED = Fault(
    400, "InvalidDescription.Malformed", "The specified description is wrongly formed."
)

INSTANCE_NOT_FOUND = Fault(404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist.")
INCORRECT_INSTANCE_STATUS = Fault(
    403,
    "IncorrectInstanceStatus",
    "The current status of the resource does not support this operation.",
)
DISK_NOT_FOUND = Fault(404, "InvalidDiskId.NotFound", "The specified DiskId does not exist.")
SNAPSHOT_NOT_FOUND = Fault(404, "InvalidSnapshotId.NotFound", "The specified SnapshotId does not exist.")
SECURITY_GROUP_NOT_FOUND = Fault(
    404,
    "InvalidSecurityGroupId.NotFound",
    "The SecurityGroupId provided does not exist in our records.",
)
VSWITCH_NOT_FOUND = Fault(404, "InvalidVSwitchId.NotFound", "Specified virtual switch does not exist.")
VPC_NOT_FOUND = Fault(404, "InvalidVpcId.NotFound", "Specified VPC does not exist.")

TAG_KEY_MALFORMED = Fault(400, "InvalidTagKey.Malformed", "The specified Tag.n.Key is not valid.")
TAG_VALUE_MALFORMED = Fault(400, "InvalidTagValue.Malformed", "The specified Tag.n.Value is not valid.")
TAG_KEY_DUPLICATE = Fault(400, "Duplicate.TagKey", "The Tag.N.Key contain duplicate key.")
TAGS_TOO_MANY = Fault(400, "NumberExceed.Tags", "The Tags parameter's number is exceed , Valid : 20.")
TAG_QUOTA = Fault(
    400,
    "OperationDenied.QuotaExceed",
    "The quota of tags on resource is beyond permitted range.",
)
FILTER_KEY_NOT_FOUND = Fault(404, "InvalidFilterKey.NotFound", "The specified Filter Key is not found.")
FILTER_VALUE = Fault(404, "InvalidFilterValue", "The specified Filter Value is not valid.")
STATUS_NOT_FOUND = Fault(404, "InvalidStatus.NotFound", "The specified Status is not found.")
