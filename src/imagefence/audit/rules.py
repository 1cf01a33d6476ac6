"""The rules, as a table; the order is the order in which they are looked at."""

from __future__ import annotations

from imagefence.audit.finding import Rule, Severity

UNTAGGED = Rule(
    "image-untagged",
    Severity.HIGH,
    "image without the approval tags",
    "Somebody in the account built this image, and nobody has approved what is in it.",
    "Have the exempt role tag the image after a review, or replace the system disk by a golden image.",
    taggable=True,
)
GONE = Rule(
    "image-gone",
    Severity.HIGH,
    "image no longer exists",
    "The image was deleted or its share was ended, so nothing tells what the instance was built from.",
    "Replace the system disk by a golden image, or retire the instance.",
)
SHARED = Rule(
    "image-shared",
    Severity.HIGH,
    "image shared from outside",
    "Another account owns the image, can change what it shares, and no fence stands there.",
    "Replace the system disk by a golden image; a tag of one's own can't approve another's image.",
)
COMMUNITY = Rule(
    "image-community",
    Severity.HIGH,
    "community image",
    "Anybody can publish a community image; nobody vouches for its content.",
    "Replace the system disk by a golden image, or retire the instance.",
)
MARKETPLACE = Rule(
    "image-marketplace",
    Severity.MEDIUM,
    "marketplace image",
    "A vendor maintains the image, but it was not hardened or approved here.",
    "Replace the system disk by a golden image built from it, or retire the instance.",
)
STOCK = Rule(
    "image-stock",
    Severity.MEDIUM,
    "stock image of the cloud",
    "A public system image is unhardened, and a public image can't be tagged.",
    "Replace the system disk by a golden image, or retire the instance.",
)
UNKNOWN = Rule(
    "image-unknown",
    Severity.LOW,
    "image could not be read",
    "The account's images could not be read, so the instance can be called neither good nor bad.",
    "Grant `ecs:DescribeImages` to the auditing role in that account and audit again.",
)

RULES = (UNTAGGED, GONE, SHARED, COMMUNITY, MARKETPLACE, STOCK, UNKNOWN)
