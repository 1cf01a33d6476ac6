"""Readings: the points where the vendor's pages leave two ways open, each a named choice.

The defaults are those of docs/semantics.md. A reading never hides in code: whoever decides takes one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any


class NegatedAbsent(Enum):
    """U-1: a negated operator whose key the request lacks."""

    HOLDS = "holds"
    FAILS = "fails"


class SeveralValues(Enum):
    """U-2: a request with several values for one key."""

    SOME = "some"
    EVERY = "every"


class EmptyList(Enum):
    """U-2: a key that the request carries with no value at all."""

    ABSENT = "absent"
    EMPTY_STRING = "empty-string"


class LaunchAsks(Enum):
    """U-3: what RunInstances and CreateInstance authorise."""

    EACH_RESOURCE = "each-resource"
    EVERYTHING = "everything"
    IMAGE_TAG_ONLY = "image-tag-only"


class ResourceGroup(Enum):
    """U-4: the resource-group scope after an account-scope Allow."""

    NOT_ASKED = "not-asked"
    ONE_POOL = "one-pool"


class Stars(Enum):
    """U-5: a star before the last colon of a resource pattern."""

    WITHIN_PART = "within-part"
    ONE_GLOB = "one-glob"


class EmptyPart(Enum):
    """U-5: an empty part of a resource pattern."""

    EMPTY = "empty"
    ANY = "any"


class Case(Enum):
    """U-6: whether case counts."""

    EXACT = "exact"
    FOLDED = "folded"


class ActionGlob(Enum):
    """U-6: an action pattern is one glob, or one for the service and one for the operation."""

    WHOLE = "whole"
    PER_PART = "per-part"


class TagKeyEnds(Enum):
    """U-6: a tag key in a condition key runs to the end, or to the next slash."""

    AT_END = "at-end"
    AT_SLASH = "at-slash"


class Saved(Enum):
    """U-7, U-8, U-9: whether the cloud takes an element when a policy is saved."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class Variables(Enum):
    """U-9: `${…}` in a resource pattern or a condition value."""

    LITERAL = "literal"
    EXPANDED = "expanded"
    REFUSED = "refused"


class SharedTags(Enum):
    """U-10: the tags that authorisation sees on an image shared by another account."""

    NONE = "none"
    OWNERS = "owners"
    RECEIVERS = "receivers"


class CreationTags(Enum):
    """U-11: whether creating an image or a vSwitch hands its tags over as acs:RequestTag."""

    HANDED_OVER = "handed-over"
    WITHHELD = "withheld"


class RequestTagAt(Enum):
    """U-11: at which resources of one call acs:RequestTag is present."""

    EVERY_RESOURCE = "every-resource"
    NEW_RESOURCE = "new-resource"


class TagService(Enum):
    """U-12: whether tag:TagResources also asks for the product's own action."""

    TAG_ONLY = "tag-only"
    BOTH = "both"


class AddTags(Enum):
    """U-13: the RAM action of the old ecs:AddTags and ecs:RemoveTags."""

    OWN_NAME = "own-name"
    ALIAS = "alias"
    BOTH = "both"


class Unreadable(Enum):
    """U-14: a request value that the operator cannot read."""

    FAILS = "fails"
    REFUSED = "refused"


class ForeignImage(Enum):
    """U-15: whose control policies meet an image of another account."""

    CALLERS = "callers"
    OWNERS = "owners"


class Refusal(Enum):
    """U-16: which refusal is reported when several levels or resources refuse."""

    FIRST = "first"
    EXPLICIT_FIRST = "explicit-first"


class StarUnderEquals(Enum):
    """U-17: a star under StringEquals."""

    LITERAL = "literal"
    WILDCARD = "wildcard"


@dataclass(frozen=True, slots=True)
class Readings:
    """One choice for each open point; `Readings()` is the default of every part."""

    negated_absent: NegatedAbsent = NegatedAbsent.HOLDS
    several_values: SeveralValues = SeveralValues.SOME
    empty_list: EmptyList = EmptyList.ABSENT
    launch_asks: LaunchAsks = LaunchAsks.EACH_RESOURCE
    resource_group: ResourceGroup = ResourceGroup.NOT_ASKED
    stars: Stars = Stars.WITHIN_PART
    empty_part: EmptyPart = EmptyPart.EMPTY
    resource_case: Case = Case.EXACT
    tag_key_case: Case = Case.EXACT
    principal_case: Case = Case.EXACT
    key_prefix_case: Case = Case.FOLDED
    boolean_case: Case = Case.FOLDED
    action_glob: ActionGlob = ActionGlob.WHOLE
    tag_key_ends: TagKeyEnds = TagKeyEnds.AT_END
    not_resource: Saved = Saved.ACCEPTED
    set_prefixes: Saved = Saved.ACCEPTED
    empty_condition: Saved = Saved.ACCEPTED
    statement_object: Saved = Saved.ACCEPTED
    sid: Saved = Saved.ACCEPTED
    variables: Variables = Variables.LITERAL
    shared_tags: SharedTags = SharedTags.NONE
    creation_tags: CreationTags = CreationTags.HANDED_OVER
    request_tag_at: RequestTagAt = RequestTagAt.EVERY_RESOURCE
    tag_service: TagService = TagService.TAG_ONLY
    add_tags: AddTags = AddTags.OWN_NAME
    unreadable: Unreadable = Unreadable.FAILS
    foreign_image: ForeignImage = ForeignImage.CALLERS
    levels: Refusal = Refusal.FIRST
    resources: Refusal = Refusal.EXPLICIT_FIRST
    star_under_equals: StarUnderEquals = StarUnderEquals.LITERAL


DEFAULT = Readings()


@dataclass(frozen=True, slots=True)
class Alternative:
    """One other way to read an open point: the point, a line of text, `field=value`, and the readings."""

    id: str
    text: str
    name: str
    readings: Readings


def _other(point: str, text: str, **choice: Any) -> Alternative:
    ((field, value),) = choice.items()
    return Alternative(point, text, f"{field}={value.value}", replace(DEFAULT, **choice))


ALTERNATIVES: tuple[Alternative, ...] = (
    _other("U-1", "a negated operator fails where the key is absent", negated_absent=NegatedAbsent.FAILS),
    _other("U-2", "every value of the request must match", several_values=SeveralValues.EVERY),
    _other("U-2", "a key without a value counts as an empty string", empty_list=EmptyList.EMPTY_STRING),
    _other("U-3", "a launch authorises `*` alone", launch_asks=LaunchAsks.EVERYTHING),
    _other("U-3", "a launch asks the image alone for its tag", launch_asks=LaunchAsks.IMAGE_TAG_ONLY),
    _other("U-4", "both scopes of identity policies are one pool", resource_group=ResourceGroup.ONE_POOL),
    _other("U-5", "a star of a resource pattern crosses colons", stars=Stars.ONE_GLOB),
    _other("U-5", "an empty part of a resource pattern covers anything", empty_part=EmptyPart.ANY),
    _other("U-6", "resource names are compared without case", resource_case=Case.FOLDED),
    _other("U-6", "tag keys are compared without case", tag_key_case=Case.FOLDED),
    _other("U-6", "acs:PrincipalARN is compared without case", principal_case=Case.FOLDED),
    _other("U-6", "the fixed part of condition keys is compared with case", key_prefix_case=Case.EXACT),
    _other("U-6", "boolean words are compared with case", boolean_case=Case.EXACT),
    _other("U-6", "an action pattern is matched part by part", action_glob=ActionGlob.PER_PART),
    _other("U-6", "a tag key ends at the next slash", tag_key_ends=TagKeyEnds.AT_SLASH),
    _other("U-7", "a policy with NotResource is refused when saved", not_resource=Saved.REFUSED),
    _other("U-8", "ForAnyValue and ForAllValues are refused when saved", set_prefixes=Saved.REFUSED),
    _other("U-9", "an empty Condition is refused when saved", empty_condition=Saved.REFUSED),
    _other("U-9", "a policy whose Statement is one object is refused", statement_object=Saved.REFUSED),
    _other("U-9", "a policy with a Sid is refused when saved", sid=Saved.REFUSED),
    _other("U-9", "policy variables are expanded to what is not known", variables=Variables.EXPANDED),
    _other("U-9", "a policy with a policy variable is refused when saved", variables=Variables.REFUSED),
    _other("U-10", "the owner's tags of a shared image count", shared_tags=SharedTags.OWNERS),
    _other("U-10", "the receiver's tags of a shared image count", shared_tags=SharedTags.RECEIVERS),
    _other("U-11", "creating an image hands over no tags", creation_tags=CreationTags.WITHHELD),
    _other("U-11", "request tags are seen at new resources alone", request_tag_at=RequestTagAt.NEW_RESOURCE),
    _other("U-12", "the Tag service also asks for ecs:TagResources", tag_service=TagService.BOTH),
    _other("U-13", "ecs:AddTags is asked as ecs:CreateTags", add_tags=AddTags.ALIAS),
    _other("U-13", "ecs:AddTags is asked under both names", add_tags=AddTags.BOTH),
    _other("U-14", "a value that cannot be read refuses the request", unreadable=Unreadable.REFUSED),
    _other("U-15", "the control policies of an image's owner count", foreign_image=ForeignImage.OWNERS),
    _other("U-16", "all levels are searched for a Deny first", levels=Refusal.EXPLICIT_FIRST),
    _other("U-16", "the first resource that is refused is reported", resources=Refusal.FIRST),
    _other("U-17", "a star under StringEquals is a wildcard", star_under_equals=StarUnderEquals.WILDCARD),
)


def change(readings: Readings, assignment: str) -> Readings:
    """Applies `name=value` as written (`negated-absent=fails`); raises ValueError naming the choices."""
    name, _, value = assignment.partition("=")
    field = name.strip().replace("-", "_")
    if field not in Readings.__dataclass_fields__:
        there_are = ", ".join(each.replace("_", "-") for each in Readings.__dataclass_fields__)
        raise ValueError(f"no reading `{name}`; there are: {there_are}")
    choices = {member.value: member for member in type(getattr(DEFAULT, field))}
    if value.strip() not in choices:
        raise ValueError(f"reading `{name}` is one of: {', '.join(choices)}")
    picked: dict[str, Any] = {field: choices[value.strip()]}
    return replace(readings, **picked)
