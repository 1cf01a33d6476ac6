"""Tags over a real socket, by ECS and by the Tag service, and what each asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs_lab import LINUX, Lab, tags
from harness import Sandbox


@pytest.fixture(scope="module")
def lab(sandbox: Sandbox) -> Lab:
    return Lab(sandbox)


@pytest.fixture(scope="module")
def image(lab: Lab) -> str:
    return lab.image("tagged", Tag=tags(a="1"))


def worn(lab: Lab, image: str) -> dict[str, str]:
    pairs = lab.one("DescribeImages", ImageId=image)["Tags"]["Tag"]
    return {pair["TagKey"]: pair["TagValue"] for pair in pairs}


def arn(lab: Lab, relative: str, service: str = "ecs") -> str:
    return f"arn:acs:{service}:{lab.region}:{lab.account_id}:{relative}"


def test_tags_are_set_overwritten_and_removed(lab: Lab, image: str) -> None:
    on_image: dict[str, Any] = {"ResourceType": "image", "ResourceId": [image]}
    lab.call("TagResources", **on_image, Tag=tags(a="2", b="3"))
    assert worn(lab, image) == {"a": "2", "b": "3"}
    assert lab.ids("DescribeImages", Tag=tags(a="2")) == [image]
    lab.call("UntagResources", **on_image, TagKey=["b", "never"])
    assert worn(lab, image) == {"a": "2"}
    assert lab.ids("DescribeImages", Tag=tags(b="3")) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ResourceType": "moon"}, "InvalidResourceType.NotFound"),
        ({"ResourceId": ["m-nobody"]}, "InvalidResourceId.NotFound"),
        ({"ResourceId": [LINUX]}, "InvalidResourceId.NotSupported"),
        ({"Tag": tags(**{"acs:a": "1"})}, "InvalidTagKey.Malformed"),
        ({"Tag": tags(**{f"k{n}": "v" for n in range(20)})}, "OperationDenied.QuotaExceed"),
        ({"Tag": []}, "MissingParameter"),
    ],
)
def test_refused_tags_change_nothing(lab: Lab, image: str, change: dict[str, Any], code: str) -> None:
    before = worn(lab, image)
    parameters = {"ResourceType": "image", "ResourceId": [image], "Tag": tags(x="1"), **change}
    assert lab.fault("TagResources", **parameters) == code
    assert worn(lab, image) == before


def test_one_unknown_id_stops_the_others(lab: Lab, image: str) -> None:
    ids = [image, "m-nobody"]
    assert (
        lab.fault("TagResources", ResourceType="image", ResourceId=ids, Tag=tags(half="1"))
        == "InvalidResourceId.NotFound"
    )
    assert "half" not in worn(lab, image)


def test_a_shared_image_is_tagged_by_its_owner_alone(sandbox: Sandbox, lab: Lab, image: str) -> None:
    other = Lab(sandbox, account=1)
    lab.call("ModifyImageSharePermission", ImageId=image, AddAccount=[other.account_id])
    assert (
        other.fault("TagResources", ResourceType="image", ResourceId=[image], Tag=tags(mine="1"))
        == "InvalidResourceId.NotSupported"
    )


def test_tags_are_listed_by_resource_tag_and_filter(lab: Lab) -> None:
    ids = [lab.launch(Tag=tags(tier="web", n=str(n))) for n in range(2)]
    base: dict[str, Any] = {"ResourceType": "instance"}

    def listed(**more: Any) -> set[tuple[str, str]]:
        rows = lab.items("ListTagResources", **base, **more)
        return {(row["ResourceId"], row["TagKey"]) for row in rows}

    assert listed(ResourceId=ids[:1]) == {(ids[0], "tier"), (ids[0], "n")}
    assert listed(Tag=tags(tier="web", n="1")) == {(ids[1], "tier"), (ids[1], "n")}
    both = {(id_, key) for id_ in ids for key in ("tier", "n")}
    assert listed(TagFilter=[{"TagKey": "n", "TagValues": ["0", "1"]}]) == both
    assert lab.fault("ListTagResources", **base) == "MissingParameter.ResourceIds"


def test_listed_tags_come_in_pages_of_fifty(fresh_sandbox: Sandbox) -> None:
    lab = Lab(fresh_sandbox)
    lab.launch(Amount=60, Tag=tags(tier="web"))
    first = lab.call("ListTagResources", ResourceType="instance", Tag=tags(tier="web"))
    rest = lab.call(
        "ListTagResources", ResourceType="instance", Tag=tags(tier="web"), NextToken=first["NextToken"]
    )
    rows = [row["ResourceId"] for body in (first, rest) for row in body["TagResources"]["TagResource"]]
    assert [len(rows), len(set(rows)), rest["NextToken"]] == [60, 60, ""]


def test_the_tag_service_tags_what_ecs_and_vpc_show(lab: Lab, image: str) -> None:
    vpc = lab.call("CreateVpc", "vpc")["VpcId"]
    arns = [arn(lab, f"image/{image}"), arn(lab, f"vpc/{vpc}", "vpc"), arn(lab, "image/m-nobody")]
    body = lab.call("TagResources", "tag", ResourceARN=arns, Tags='{"door":"tag"}')
    failed = body["FailedResources"]["FailedResource"]
    assert [row["ResourceARN"] for row in failed] == arns[2:]
    assert worn(lab, image)["door"] == "tag"
    assert lab.ids("DescribeVpcs", "vpc", Tag=tags(door="tag")) == [vpc]

    rows = lab.call("ListTagResources", "tag", Tags='{"door":"tag"}', PageSize=1)
    more = lab.call("ListTagResources", "tag", Tags='{"door":"tag"}', NextToken=rows["NextToken"])
    found = [row["ResourceARN"] for body in (rows, more) for row in body["TagResources"]]
    assert found == sorted(arns[:2])

    lab.call("UntagResources", "tag", ResourceARN=arns[:2], TagKey=["door"])
    assert "door" not in worn(lab, image)
    assert lab.call("ListTagResources", "tag", Tags='{"door":"tag"}')["TagResources"] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("acs:ecs:cn-hangzhou:{account}:image/m-1", "InvalidResourceARN.FormatError"),
        ("arn:acs:ecs:cn-hangzhou:{account}:image", "InvalidResourceARN.FormatError"),
        ("arn:acs:ecs:cn-beijing:{account}:image/m-1", "InvalidResourceARN.Region"),
        ("arn:acs:moon:cn-hangzhou:{account}:image/m-1", "InvalidParameter.ServiceCode"),
        ("arn:acs:ecs:cn-hangzhou:{account}:moon/m-1", "InvalidParameter.ResourceType"),
    ],
)
def test_names_that_are_none_are_refused(lab: Lab, name: str, code: str) -> None:
    name = name.format(account=lab.account_id)
    assert lab.fault("TagResources", "tag", ResourceARN=[name], Tags='{"a":"1"}') == code


def test_names_of_another_account_are_refused(lab: Lab) -> None:
    name = "arn:acs:ecs:cn-hangzhou:1:image/m-1"
    assert lab.fault("ListTagResources", "tag", ResourceARN=[name]) == "InvalidResourceARN.Account"
    # Tagging is refused by the gate already: nobody may act on another account's resources.
    assert lab.fault("TagResources", "tag", ResourceARN=[name], Tags='{"a":"1"}') == "NoPermission"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{}", "InvalidParameter.Tags"),
        ('{"acs:a":"1"}', "InvalidParameter.TagKey"),
        ('{"a":"http://x"}', "InvalidParameter.TagValue"),
        (json.dumps({str(n): "v" for n in range(11)}), "NumberExceed.Tags"),
    ],
)
def test_tags_that_are_none_are_refused(lab: Lab, image: str, text: str, code: str) -> None:
    arns = [arn(lab, f"image/{image}")]
    assert lab.fault("TagResources", "tag", ResourceARN=arns, Tags=text) == code


@pytest.mark.parametrize("denied", ["tag:TagResources", "ecs:TagResources"])
def test_the_tag_service_asks_its_own_action_and_the_products(
    sandbox: Sandbox, lab: Lab, image: str, denied: str
) -> None:
    key = sandbox.user(
        f"tagger-{denied.partition(':')[0]}",
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": denied, "Resource": "*"},
    )
    client, models = sandbox.as_key("tag", key), sandbox.models("tag")
    request = models.TagResourcesRequest(
        region_id=lab.region, resource_arn=[arn(lab, f"image/{image}")], tags='{"sneaked":"in"}'
    )
    with pytest.raises(Exception, match="code: 403"):
        client.tag_resources(request)
    assert "sneaked" not in worn(lab, image)
