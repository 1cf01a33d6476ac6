"""ECS: images.

Source: help.aliyun.com ecs/developer-reference, pages of each operation; ecs/ram-authorization.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api import ecs_faults, faults
from imagefence.api.ecs_shapes import Filter, TagPair, Tags
from imagefence.api.operation import (
    Access,
    Answer,
    Authorized,
    CommaList,
    Fault,
    Item,
    Operation,
    Paging,
    Parameters,
)
from imagefence.api.products import ECS

PageNumber = Annotated[int, msgspec.Meta(ge=1)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=100)]

BAD_OWNER_ALIAS = Fault(
    400,
    "InvalidImageOwnerAlias.ValueNotSupported",
    "The specified ImageOwnerAlias value is not supported.",
)
BAD_USAGE = Fault(404, "InvalidUsage", "The specified Usage is not valid.")
BAD_OS_TYPE = Fault(404, "InvalidOSType", "The specified OSType is not valid.")
TYPE_NOT_FOUND = Fault(
    400,
    "InvalidInstanceType.ValueNotSupported",
    "The specified InstanceType does not exist or beyond the permitted range.",
)
NO_SOURCE = Fault(
    400,
    "MissingParameter",
    "The input parameter SnapshotId or InstanceId or DiskDeviceMapping that is mandatory for processing "
    "this request is not supplied.",
)
INSTANCE_NOT_IMAGEABLE = Fault(
    400,
    "IncorrectInstanceStatus",
    "The current status of the instance does not support this operation.",
)
SNAPSHOT_NOT_READY = Fault(
    403,
    "InvalidSnapshotId.NotReady",
    "The current status of the DiskDeviceMapping.n.SnapshotId or SnapshotId does not support this operation.",
)
NOT_A_SYSTEM_SNAPSHOT = Fault(
    400,
    "OperationDenied",
    "The specified parameter DiskDeviceMapping.n.SnapshotId does not contain system disk snapshot.",
)
DESTINATION_NOT_FOUND = Fault(400, "DestinationRegion.NotFound", "The destination region not found.")
IMAGE_NOT_AVAILABLE = Fault(400, "IncorrectImageStatus", "The image not available.")
COPY_NAME_MALFORMED = Fault(
    400,
    "InvalidImageName.Malformed",
    "The specified destination image name is wrongly formed.",
)
COPY_NAME_DUPLICATED = Fault(400, "InvalidImageName.Duplicated", "The destination image is exist.")
COMMUNITY_IMAGE = Fault(400, "OperationDenied.CommunityImage", "Community image does not support copy.")
IMAGE_IN_USE = Fault(403, "ImageUsingByInstance", "The specified image has been used to create instances.")
IMAGE_IS_SHARED = Fault(403, "ImageUseShared", "The specified image has been shared to others.")
IMAGE_IS_PUBLIC = Fault(403, "ImageIsPublic", "You can not delete public image, please modify it to private.")
IMAGE_STATUS_NOT_AVAILABLE = Fault(
    403, "ImageStatus.NotAvailable", "The specified image status is not available."
)


class DescribeImages(Parameters, frozen=True, kw_only=True):
    """Lists images; without `image_owner_alias` the system's, one's own and those shared with one."""

    region_id: str
    status: CommaList = ("Available",)
    image_id: CommaList = ()
    show_expired: bool = False
    snapshot_id: str = ""
    image_name: str = ""
    image_family: str = ""
    image_owner_alias: str = ""
    instance_type: str = ""
    os_type: str = msgspec.field(name="OSType", default="")
    architecture: str = ""
    page_number: PageNumber = 1
    page_size: PageSize = 10
    usage: str = ""
    dry_run: bool = False
    action_type: str = ""
    resource_group_id: str = ""
    tag: tuple[TagPair, ...] = ()
    filter: tuple[Filter, ...] = ()
    is_public: bool | None = None
    image_owner_id: int = 0


class DiskDeviceMapping(Item):
    """One disk of an image; `size` is in GiB, as text."""

    device: str = ""
    encrypted: bool = False
    format: str = ""
    import_oss_bucket: str = msgspec.field(name="ImportOSSBucket", default="")
    import_oss_object: str = msgspec.field(name="ImportOSSObject", default="")
    progress: str = ""
    remain_time: int = 0
    size: str = ""
    snapshot_id: str = ""
    type: str = ""


class DiskDeviceMappings(Item):
    """The disks of an image."""

    disk_device_mapping: tuple[DiskDeviceMapping, ...] = ()


class Features(Item):
    """What an image supports."""

    imds_support: str = ""
    nvme_support: str = ""


class Image(Item):
    """An image; `image_owner_alias` is system, self, others or marketplace, `size` in GiB."""

    architecture: str = ""
    boot_mode: str = ""
    creation_time: str = ""
    description: str = ""
    disk_device_mappings: DiskDeviceMappings = msgspec.field(default_factory=DiskDeviceMappings)
    features: Features = msgspec.field(default_factory=Features)
    image_family: str = ""
    image_id: str = ""
    image_name: str = ""
    image_owner_alias: str = ""
    image_owner_id: int = 0
    image_version: str = ""
    is_copied: bool = False
    is_public: bool = False
    is_self_shared: str = ""
    is_subscribed: bool = False
    is_support_cloudinit: bool = False
    is_support_io_optimized: bool = False
    login_as_non_root_supported: bool = False
    os_name: str = msgspec.field(name="OSName", default="")
    os_name_en: str = msgspec.field(name="OSNameEn", default="")
    os_type: str = msgspec.field(name="OSType", default="")
    platform: str = ""
    product_code: str = ""
    progress: str = ""
    resource_group_id: str = ""
    size: int = 0
    status: str = ""
    tags: Tags = msgspec.field(default_factory=Tags)
    usage: str = ""


class Images(Item):
    """The list of images."""

    image: tuple[Image, ...] = ()


class DescribeImagesAnswer(Answer):
    """One page of images."""

    images: Images = msgspec.field(default_factory=Images)
    page_number: int = 1
    page_size: int = 10
    region_id: str = ""
    total_count: int = 0


DESCRIBE_IMAGES = Operation(
    product=ECS,
    name="DescribeImages",
    request=DescribeImages,
    response=DescribeImagesAnswer,
    access=Access.READ,
    authorizes=(Authorized("image", of="image_id", otherwise="*"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/OSType",
    faults=(
        faults.REGION_NOT_FOUND,
        ecs_faults.FILTER_KEY_NOT_FOUND,
        ecs_faults.FILTER_VALUE,
        BAD_OWNER_ALIAS,
        BAD_USAGE,
        BAD_OS_TYPE,
        TYPE_NOT_FOUND,
    ),
    paging=Paging.PAGE_NUMBER,
    items="images.image",
)


class ImageDiskMapping(Parameters, frozen=True, kw_only=True):
    """`DiskDeviceMapping.N`: a disk of the new image, from a snapshot; `size` is in GiB."""

    snapshot_id: str = ""
    size: int = 0
    device: str = ""
    disk_type: str = ""


class ImageFeatures(Parameters, frozen=True, kw_only=True):
    """`Features.*`."""

    imds_support: str = ""


class CreateImage(Parameters, frozen=True, kw_only=True):
    """Makes an image of an instance, of snapshots, or of the snapshot of a system disk."""

    region_id: str
    instance_id: str = ""
    snapshot_id: str = ""
    disk_device_mapping: tuple[ImageDiskMapping, ...] = ()
    image_name: str = ""
    image_family: str = ""
    image_version: str = ""
    description: str = ""
    platform: str = ""
    boot_mode: str = ""
    architecture: str = ""
    features: ImageFeatures = ImageFeatures()
    client_token: str = ""
    resource_group_id: str = ""
    tag: tuple[TagPair, ...] = ()
    dry_run: bool = False


class CreateImageAnswer(Answer):
    """The id of the image, which becomes Available later."""

    image_id: str = ""


CREATE_IMAGE = Operation(
    product=ECS,
    name="CreateImage",
    request=CreateImage,
    response=CreateImageAnswer,
    access=Access.WRITE,
    authorizes=(
        Authorized("image", new=True),
        Authorized("instance", of="instance_id"),
        Authorized("snapshot", of="snapshot_id"),
        Authorized("snapshot", of="disk_device_mapping.snapshot_id"),
    ),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/CreateImage",
    faults=(
        faults.REGION_NOT_FOUND,
        ecs_faults.IMAGE_NAME_MALFORMED,
        ecs_faults.IMAGE_NAME_DUPLICATED,
        ecs_faults.DESCRIPTION_MALFORMED,
        ecs_faults.INSTANCE_NOT_FOUND,
        ecs_faults.SNAPSHOT_NOT_FOUND,
        ecs_faults.TAG_KEY_MALFORMED,
        ecs_faults.TAG_VALUE_MALFORMED,
        ecs_faults.TAG_KEY_DUPLICATE,
        ecs_faults.TAGS_TOO_MANY,
        NO_SOURCE,
        INSTANCE_NOT_IMAGEABLE,
        SNAPSHOT_NOT_READY,
        NOT_A_SYSTEM_SNAPSHOT,
    ),
)


class CopyImage(Parameters, frozen=True, kw_only=True):
    """Copies an image of one's own, or one shared with one, from `region_id` into another region."""

    region_id: str
    image_id: str
    destination_region_id: str = ""
    destination_image_name: str = ""
    destination_description: str = ""
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    client_token: str = ""
    resource_group_id: str = ""
    tag: tuple[TagPair, ...] = ()
    dry_run: bool = False


class CopyImageAnswer(Answer):
    """The id of the copy, which becomes Available later."""

    image_id: str = ""


# Why: the page names image/* alone, the older table the source image too; asking both is the stricter.
COPY_IMAGE = Operation(
    product=ECS,
    name="CopyImage",
    request=CopyImage,
    response=CopyImageAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("image", new=True), Authorized("image", of="image_id")),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/CopyImage",
    faults=(
        faults.REGION_NOT_FOUND,
        ecs_faults.DESCRIPTION_MALFORMED,
        ecs_faults.IMAGE_NOT_FOUND,
        ecs_faults.TAG_KEY_MALFORMED,
        ecs_faults.TAG_VALUE_MALFORMED,
        ecs_faults.TAG_KEY_DUPLICATE,
        ecs_faults.TAGS_TOO_MANY,
        DESTINATION_NOT_FOUND,
        IMAGE_NOT_AVAILABLE,
        COPY_NAME_MALFORMED,
        COPY_NAME_DUPLICATED,
        COMMUNITY_IMAGE,
    ),
)


class DeleteImage(Parameters, frozen=True, kw_only=True):
    """Deletes a custom image; `force` also one that instances were made from."""

    region_id: str
    image_id: str
    force: bool = False
    dry_run: bool = False


class DeleteImageAnswer(Answer):
    """Nothing but the request's id."""


DELETE_IMAGE = Operation(
    product=ECS,
    name="DeleteImage",
    request=DeleteImage,
    response=DeleteImageAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("image", of="image_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DeleteImage",
    faults=(
        faults.REGION_NOT_FOUND,
        ecs_faults.IMAGE_NOT_FOUND,
        IMAGE_IN_USE,
        IMAGE_IS_SHARED,
        IMAGE_IS_PUBLIC,
    ),
)


class ModifyImageAttribute(Parameters, frozen=True, kw_only=True):
    """Changes an image's name, description or family, or deprecates it; None leaves a field as it is."""

    region_id: str
    image_id: str
    image_name: str = ""
    description: str = ""
    image_family: str | None = None
    status: str = ""
    dry_run: bool = False


class ModifyImageAttributeAnswer(Answer):
    """Nothing but the request's id."""


MODIFY_IMAGE_ATTRIBUTE = Operation(
    product=ECS,
    name="ModifyImageAttribute",
    request=ModifyImageAttribute,
    response=ModifyImageAttributeAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("image", of="image_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/ModifyImageAttribute",
    faults=(
        faults.REGION_NOT_FOUND,
        ecs_faults.IMAGE_NOT_FOUND,
        ecs_faults.IMAGE_NAME_MALFORMED,
        ecs_faults.IMAGE_NAME_DUPLICATED,
        ecs_faults.DESCRIPTION_MALFORMED,
        IMAGE_STATUS_NOT_AVAILABLE,
        IMAGE_IS_SHARED,
    ),
)

OPERATIONS = (DESCRIBE_IMAGES, CREATE_IMAGE, COPY_IMAGE, DELETE_IMAGE, MODIFY_IMAGE_ATTRIBUTE)
