"""Shapes that several ECS and VPC operations share."""

from __future__ import annotations

from imagefence.api.operation import Item, Parameters


class TagPair(Parameters, frozen=True, kw_only=True):
    """`Tag.N` of a request; as a filter, an empty value stands for any."""

    key: str = ""
    value: str = ""


class Filter(Parameters, frozen=True, kw_only=True):
    """`Filter.N` of a request, such as CreationStartTime."""

    key: str = ""
    value: str = ""


class Tag(Item):
    """One tag in an ECS answer."""

    tag_key: str = ""
    tag_value: str = ""


class Tags(Item):
    """The tags of an ECS object."""

    tag: tuple[Tag, ...] = ()
