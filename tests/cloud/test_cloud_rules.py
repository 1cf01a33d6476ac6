"""Rules of the cloud room that need no server: endpoints, what is tried again, largest pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from imagefence.api.ecs_instances import DESCRIBE_INSTANCES, RUN_INSTANCES, DescribeInstances, RunInstances
from imagefence.api.ecs_tags import TAG_RESOURCES, TagResources
from imagefence.api.products import ECS, RAM, RESOURCE_DIRECTORY, STS, TAG, VPC
from imagefence.api.ram_users import CREATE_USER, CreateUser
from imagefence.cloud.credentials import Keys, RoleCredential
from imagefence.cloud.endpoints import Endpoint, given_endpoint, product_endpoint
from imagefence.cloud.gap import Gap, gap_of
from imagefence.cloud.paging import with_largest
from imagefence.cloud.retry import Cut, Throttled, is_repeatable, is_worth_another_try
from imagefence.cloud.session import with_token
from imagefence.errors import CloudFault, Unreachable


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("127.0.0.1:8080", Endpoint("127.0.0.1:8080", "HTTP")),
        ("http://127.0.0.1:8080/", Endpoint("127.0.0.1:8080", "HTTP")),
        ("https://proxy.example", Endpoint("proxy.example", "HTTPS")),
    ],
)
def test_given_endpoints(text: str, endpoint: Endpoint) -> None:
    assert given_endpoint(text) == endpoint


def test_public_endpoints() -> None:
    hosts = [product_endpoint(product, "cn-shanghai").host for product in (ECS, VPC, TAG, RAM, STS)]

    assert hosts == [
        "ecs.cn-shanghai.aliyuncs.com",
        "vpc.cn-shanghai.aliyuncs.com",
        "tag.cn-shanghai.aliyuncs.com",
        "ram.aliyuncs.com",
        "sts.aliyuncs.com",
    ]
    assert product_endpoint(RESOURCE_DIRECTORY, "cn-shanghai").host == "resourcedirectory.aliyuncs.com"
    assert product_endpoint(RESOURCE_DIRECTORY, "eu-central-1").host == "resourcedirectory-intl.aliyuncs.com"


def test_which_calls_may_be_made_twice() -> None:
    run = RunInstances(region_id="cn-hangzhou")
    tag = TagResources(region_id="cn-hangzhou", resource_type="image", resource_id=("m-1",), tag=())

    assert is_repeatable(DESCRIBE_INSTANCES, DescribeInstances(region_id="cn-hangzhou"))
    assert is_repeatable(TAG_RESOURCES, tag)
    assert not is_repeatable(RUN_INSTANCES, run)
    assert is_repeatable(RUN_INSTANCES, with_token(run))
    assert not is_repeatable(CREATE_USER, CreateUser(user_name="alice"))


def test_a_client_token_is_made_once_and_a_given_one_is_kept() -> None:
    once = with_token(RunInstances(region_id="cn-hangzhou"))

    assert len(once.client_token) == 36
    assert with_token(once) is once


def cut(*, sent: bool) -> Cut:
    error = Cut("gone")
    error.sent = sent
    return error


def fault(code: str, status: int) -> CloudFault:
    return CloudFault(code, "", status=status)


@pytest.mark.parametrize(
    ("error", "repeatable", "again"),
    [
        (Throttled("Throttling.User", "", status=400), False, True),
        (cut(sent=False), False, True),
        (cut(sent=True), False, False),
        (cut(sent=True), True, True),
        (fault("ServiceUnavailable", 503), True, True),
        (fault("ServiceUnavailable", 503), False, False),
        (fault("InternalError", 500), True, True),
        (fault("Forbidden.RAM", 403), True, False),
        (Unreachable("not what this operation gives"), True, False),
    ],
)
def test_what_is_tried_again(error: Exception, repeatable: bool, again: bool) -> None:
    assert is_worth_another_try(error, repeatable) is again


def test_pages_are_as_large_as_allowed_unless_asked_smaller() -> None:
    request = DescribeInstances(region_id="cn-hangzhou")

    assert with_largest(request, "page_size", 100).page_size == 100
    assert with_largest(request, "max_results", 100).max_results == 100
    smaller = DescribeInstances(region_id="cn-hangzhou", max_results=2)
    assert with_largest(smaller, "max_results", 100).max_results == 2


def test_role_keys_are_kept_and_renewed_before_they_expire() -> None:
    made: list[Keys] = []

    def assume(lifetime: timedelta) -> tuple[Keys, datetime]:
        made.append(Keys(f"STS.{len(made)}", "s", "t"))
        return made[-1], datetime.now(UTC) + lifetime

    long, short = (
        RoleCredential(lambda: assume(timedelta(hours=1))),
        RoleCredential(lambda: assume(timedelta(minutes=2))),
    )

    assert [long.keys().access_key_id for _ in range(2)] == ["STS.0", "STS.0"]
    assert [short.keys().access_key_id for _ in range(2)] == ["STS.1", "STS.2"]


def test_a_gap_says_where_and_why() -> None:
    denial = CloudFault("Forbidden.RAM", "no", status=403, operation="DescribeImages")

    gap = gap_of(denial, account="1", region="cn-hangzhou")

    assert gap == Gap("1", "cn-hangzhou", "DescribeImages", "403 Forbidden.RAM: no")
    assert str(gap) == "1/cn-hangzhou: DescribeImages: 403 Forbidden.RAM: no"
