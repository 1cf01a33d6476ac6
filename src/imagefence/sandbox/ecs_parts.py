"""Small parts that the behaviours of ECS, VPC and Tag share: ids, times, tags, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from fnmatch import translate

from imagefence.api import ecs_faults
from imagefence.api.ecs_shapes import Filter, Tag, TagPair, Tags
from imagefence.api.operation import Fault
from imagefence.sandbox.call import Call, Refused
from imagefence.sandbox.compute import Stateful, Upcoming
from imagefence.sandbox.stock import REGIONS

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
MAX_TAGS = 20


def new_id(call: Call, prefix: str, region_id: str) -> str:
    """A new id: `i-bp1` and 17 letters and digits."""
    return f"{prefix}-{REGIONS[region_id].code}{''.join(call.world.random.choices(ALPHABET, k=17))}"


def soon(call: Call, *statuses: str) -> Upcoming:
    """The statuses one after the other, each a `settle` of the world later."""
    # Differs from the cloud: instances, images and snapshots settle within a second, not within minutes.
    return tuple((call.now + call.world.settle * stage, status) for stage, status in enumerate(statuses, 1))


def to_seconds(time: datetime | None) -> str:
    """`2026-01-02T03:04:05Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else ""


def to_minutes(time: datetime | None) -> str:
    """`2026-01-02T03:04Z`, the form of instances."""
    return time.strftime("%Y-%m-%dT%H:%MZ") if time else ""


def tag_items(tags: dict[str, str]) -> Tags:
    """Tags as ECS answers show them."""
    return Tags(tag=tuple(Tag(tag_key=key, tag_value=value) for key, value in tags.items()))


def has_tags(tags: dict[str, str], pairs: Iterable[TagPair]) -> bool:
    """Whether all pairs are there; a pair without a value asks for the key alone."""
    for pair in pairs:  # noqa: SIM110 - a page asks it of every object, and a generator doubles its time
        if pair.key not in tags or pair.value not in ("", tags[pair.key]):
            return False
    return True


def checked_tags(pairs: Iterable[TagPair]) -> dict[str, str]:
    """The tags of a request that creates or tags; refuses bad keys and values, doubles, and more than 20."""
    tags: dict[str, str] = {}
    for pair in pairs:
        if not good_tag_key(pair.key):
            raise Refused(ecs_faults.TAG_KEY_MALFORMED)
        if not good_tag_value(pair.value):
            raise Refused(ecs_faults.TAG_VALUE_MALFORMED)
        if pair.key in tags:
            raise Refused(ecs_faults.TAG_KEY_DUPLICATE)
        tags[pair.key] = pair.value
    if len(tags) > MAX_TAGS:
        raise Refused(ecs_faults.TAGS_TOO_MANY)
    return tags


def good_tag_key(key: str) -> bool:
    """1 to 128 characters, no `aliyun` or `acs:` at the head, no URL."""
    return 0 < len(key) <= 128 and not key.lower().startswith(("aliyun", "acs:")) and not has_url(key)


def good_tag_value(value: str) -> bool:
    """Up to 128 characters, no `acs:` at the head, no URL."""
    return len(value) <= 128 and not value.startswith("acs:") and not has_url(value)


def has_url(text: str) -> bool:
    """Whether a URL stands in a text."""
    return "http://" in text or "https://" in text


def check_name(name: str, fault: Fault) -> None:
    """Refuses a name that is not 2 to 128 characters with a letter first, or that holds a URL."""
    reserved = name.lower().startswith(("aliyun", "acs:"))
    if name and (not 2 <= len(name) <= 128 or not name[0].isalpha() or reserved or has_url(name)):
        raise Refused(fault)


def check_description(description: str, fault: Fault) -> None:
    """Refuses a description that is not 2 to 256 characters or that begins with a URL."""
    if description and (not 2 <= len(description) <= 256 or description.startswith(("http://", "https://"))):
        raise Refused(fault)


def fuzzy(pattern: str) -> Callable[[str], bool]:
    """A test of names: `*` stands for any text, everything else for itself."""
    if "*" not in pattern:
        return lambda name: name == pattern
    expression = re.compile(translate(re.sub(r"[][?]", r"[\g<0>]", pattern)))
    return lambda name: expression.match(name) is not None


def creation_test(filter_: Filter) -> Callable[[Stateful], bool]:
    """A test of the time of creation: CreationStartTime or CreationEndTime."""
    time = to_time(filter_.value)
    match filter_.key:
        case "CreationStartTime":
            return lambda one: one.created >= time
        case "CreationEndTime":
            return lambda one: one.created <= time
        case _:
            raise Refused(ecs_faults.FILTER_KEY_NOT_FOUND)


def to_time(text: str) -> datetime:
    """Reads `2026-01-02T03:04Z`, also with seconds."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(ecs_faults.FILTER_VALUE) from None
