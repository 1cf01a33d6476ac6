"""Flattened parameters to values and back."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefence.api.codec import BadParameter, decode, encode
from imagefence.api.operation import CommaList, JsonList, JsonMap, Parameters


class Pair(Parameters, frozen=True):
    key: str
    value: str = ""


class Search(Parameters, frozen=True):
    key: str = ""
    value: tuple[str, ...] = ()


class Disk(Parameters, frozen=True):
    size: int | None = None
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")


class Sample(Parameters, frozen=True):
    region_id: str
    name: str = ""
    dry_run: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    price: float = 0.0
    instance_ids: JsonList | None = None
    labels: JsonMap = msgspec.field(default_factory=dict)
    status: CommaList = ()
    group_id: tuple[str, ...] = ()
    tag: tuple[Pair, ...] = ()
    filter: tuple[Search, ...] = ()
    system_disk: Disk = Disk()


def test_every_form_is_read() -> None:
    assert decode(
        {
            "RegionId": "r",
            "DryRun": "True",
            "Limit": "20",
            "Price": "0.5",
            "InstanceIds": '["i-1","i-2"]',
            "Labels": '{"a":"b"}',
            "Status": "A,B",
            "GroupId.2": "g2",
            "GroupId.10": "g10",
            "GroupId.1": "g1",
            "Tag.1.Key": "k",
            "Tag.1.Value": "",
            "Filter.1.Key": "f",
            "Filter.1.Value.1": "x",
            "Filter.1.Value.2": "y",
            "SystemDisk.Size": "40",
            "SystemDisk.KMSKeyId": "kms",
            "OwnerId": "ignored",
        },
        Sample,
    ) == Sample(
        region_id="r",
        dry_run=True,
        limit=20,
        price=0.5,
        instance_ids=("i-1", "i-2"),
        labels={"a": "b"},
        status=("A", "B"),
        group_id=("g1", "g2", "g10"),
        tag=(Pair(key="k"),),
        filter=(Search(key="f", value=("x", "y")),),
        system_disk=Disk(size=40, kms_key_id="kms"),
    )


def test_the_older_spelling_of_tags() -> None:
    older = decode({"RegionId": "r", "Tag.1.key": "k", "Tag.1.value": "v"}, Sample)
    assert older.tag == (Pair(key="k", value="v"),)


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "1"])
def test_every_client_s_true(word: str) -> None:
    assert decode({"RegionId": "r", "DryRun": word}, Sample).dry_run


def test_an_empty_json_list_is_not_an_absent_one() -> None:
    assert decode({"RegionId": "r", "InstanceIds": "[]"}, Sample).instance_ids == ()
    assert decode({"RegionId": "r"}, Sample).instance_ids is None


def test_an_empty_number_counts_as_absent() -> None:
    assert decode({"RegionId": "r", "Limit": "", "Name": ""}, Sample) == Sample(region_id="r")


@pytest.mark.parametrize(
    ("parameters", "code", "name"),
    [
        ({}, "MissingParameter", "RegionId"),
        ({"RegionId": ""}, "MissingParameter", "RegionId"),
        ({"regionid": "r"}, "MissingParameter", "RegionId"),
        ({"Tag.1.Value": "v"}, "MissingParameter", "Tag.1.Key"),
        ({"Limit": "0"}, "InvalidParameter", "Limit"),
        ({"Limit": "101"}, "InvalidParameter", "Limit"),
        ({"Limit": "1e3"}, "InvalidParameter", "Limit"),
        ({"Limit": "9" * 5000}, "InvalidParameter", "Limit"),
        ({"DryRun": "maybe"}, "InvalidParameter", "DryRun"),
        ({"SystemDisk.Size": "big"}, "InvalidParameter", "SystemDisk.Size"),
        ({"SystemDisk": "big"}, "InvalidParameter", "SystemDisk"),
        ({"InstanceIds": "i-1"}, "InvalidParameter", "InstanceIds"),
        ({"InstanceIds": '{"a":1}'}, "InvalidParameter", "InstanceIds"),
        ({"InstanceIds": "[1]"}, "InvalidParameter", "InstanceIds.1"),
        ({"InstanceIds": "[" * 5000}, "InvalidParameter", "InstanceIds"),
        ({"Labels": '{"a":["b"]}'}, "InvalidParameter", "Labels"),
        ({"Tag.x.Key": "k"}, "InvalidParameter", "Tag"),
        ({"Tag.1": "k"}, "InvalidParameter", "Tag.1"),
        ({"Tag.-1.Key": "k"}, "InvalidParameter", "Tag"),
        ({"Tag.1.Key.1": "k"}, "InvalidParameter", "Tag.1.Key"),
        ({"GroupId.1.2": "k"}, "InvalidParameter", "GroupId.1"),
        ({"Name.1": "k"}, "InvalidParameter", "Name"),
    ],
)
def test_bad_parameters_are_named(parameters: dict[str, str], code: str, name: str) -> None:
    given_ = parameters if not parameters or "egion" in next(iter(parameters)) else {"RegionId": "r"}
    with pytest.raises(BadParameter) as caught:
        decode({**given_, **parameters}, Sample)
    assert caught.value.fault.code == code
    assert caught.value.name.startswith(name)


texts = st.text(min_size=1, max_size=8)
names = st.text("abc", min_size=1, max_size=3)
searches = st.builds(Search, key=names, value=st.lists(texts, max_size=2).map(tuple))
samples = st.builds(
    Sample,
    region_id=names,
    name=texts,
    dry_run=st.booleans(),
    limit=st.integers(1, 100),
    instance_ids=st.none() | st.lists(texts, max_size=3).map(tuple),
    labels=st.dictionaries(names, texts, max_size=2),
    status=st.lists(names, max_size=3).map(tuple),
    group_id=st.lists(texts, max_size=12).map(tuple),
    tag=st.lists(st.builds(Pair, key=texts, value=st.text(max_size=4)), max_size=3).map(tuple),
    filter=st.lists(searches, max_size=2).map(tuple),
    system_disk=st.builds(Disk, size=st.none() | st.integers(0, 9)),
)


@given(samples)
def test_what_is_written_is_read_again(sample: Sample) -> None:
    assert decode(encode(sample), Sample) == sample


@given(st.dictionaries(st.text("RegionIdTag.1KeyFltLimSDsk", max_size=12), st.text(max_size=6), max_size=6))
def test_anything_is_read_or_refused(parameters: dict[str, str]) -> None:
    with suppress(BadParameter):
        assert isinstance(decode(parameters, Sample), Sample)
