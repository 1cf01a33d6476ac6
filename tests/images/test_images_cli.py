"""`imagefence images`: by the command line against the sandbox, with the official SDK as the witness."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest


def listed(result: Any) -> dict[str, Any]:
    """The images of a JSON answer, by id."""
    return {image["id"]: image for image in json.loads(result.stdout)["images"]}


def test_list_by_tag_covers_all_regions(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "images", "list", "--tag", "environment=production", "--json")

    assert result.exit_code == 0, result.stderr
    assert set(listed(result)) == {*shop.golden, shop.elsewhere}
    assert listed(result)[shop.elsewhere]["region_id"] == "cn-shanghai"


def test_several_tags_mean_and(shop: Any, run_cli: Any) -> None:
    tags = ("--tag", "environment=production", "--tag", "team=web")

    assert set(listed(run_cli(shop.sandbox, "images", "list", *tags, "--json"))) == {shop.golden[1]}


def test_a_bare_key_stands_for_any_value(shop: Any, run_cli: Any) -> None:
    assert set(listed(run_cli(shop.sandbox, "images", "list", "--tag", "team", "--json"))) == {shop.golden[1]}


def test_list_in_one_region(shop: Any, run_cli: Any) -> None:
    arguments = ("images", "list", "--tag", "environment=production", "--region", "cn-shanghai", "--json")

    assert set(listed(run_cli(shop.sandbox, *arguments))) == {shop.elsewhere}


def test_list_by_owner(shop: Any, run_cli: Any) -> None:
    own = listed(run_cli(shop.sandbox, "images", "list", "--owner", "self", "--json"))
    others = listed(run_cli(shop.sandbox, "images", "list", "--owner", "others", "--json"))
    system = listed(run_cli(shop.sandbox, "images", "list", "--owner", "system", "--json"))

    assert set(own) == {*shop.golden, shop.plain, shop.elsewhere}
    assert set(others) == {shop.shared}
    assert shop.stock in system
    assert {image["owner"] for image in system.values()} == {"system"}


def test_the_newest_comes_first(shop: Any, run_cli: Any) -> None:
    result = run_cli(
        shop.sandbox, "images", "list", "--tag", "environment", "--region", "cn-hangzhou", "--json"
    )

    assert list(listed(result)) == [shop.golden[1], shop.golden[0]]


def test_the_table_holds_whole_ids_in_a_pipe(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "images", "list", "--tag", "environment=production")

    for image_id in (*shop.golden, shop.elsewhere, "environment=production team=web"):
        assert image_id in result.stdout
    assert "3 images in 1 account, 4 regions" in result.stdout


def test_nothing_found_says_where_it_looked(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "images", "list", "--tag", "environment=nowhere")

    assert result.exit_code == 0
    assert result.stdout.strip() == "no such image in 1 account, 4 regions"


def test_show_names_tags_and_shares(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "images", "show", shop.golden[1])

    assert result.exit_code == 0, result.stderr
    for text in (shop.golden[1], "golden-2", "environment=production team=web", "cn-hangzhou"):
        assert text in result.stdout


def test_show_by_the_owner_of_a_shared_image(shop: Any, run_cli: Any) -> None:
    owner = shop.sandbox.other_accounts[0]
    key = SimpleNamespace(id=owner["access_key_id"], secret=owner["access_key_secret"], token=None)

    result = run_cli(shop.sandbox, "images", "show", shop.shared, "--json", key=key)

    assert json.loads(result.stdout)["shared_with"] == [shop.sandbox.account_id]


def test_tag_and_untag(shop: Any, run_cli: Any, maker: Any) -> None:
    tagged = run_cli(shop.sandbox, "images", "tag", shop.plain, "tier=1", "note=a b=c")
    assert tagged.exit_code == 0, tagged.stderr
    assert maker.tags(shop.plain) == {"tier": "1", "note": "a b=c"}
    assert "tier=1" in tagged.stdout

    untagged = run_cli(shop.sandbox, "images", "untag", shop.plain, "tier", "note", "--json")
    assert untagged.exit_code == 0, untagged.stderr
    assert maker.tags(shop.plain) == {}
    assert json.loads(untagged.stdout)["tags"] == {}


@pytest.mark.parametrize(("which", "word"), [("stock", "stock"), ("shared", "shared or community")])
def test_images_of_others_are_not_approved_by_tagging(shop: Any, run_cli: Any, which: str, word: str) -> None:
    image_id = getattr(shop, which)

    result = run_cli(
        shop.sandbox, "images", "tag", image_id, "environment=production", "--region", "cn-hangzhou"
    )

    assert result.exit_code == 1
    assert f"is a {word} image" in result.stderr
    assert "copy it" in result.stderr


def test_an_unknown_image_is_told(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "images", "show", "m-nowhere")

    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: no image `m-nowhere` in accounts {shop.sandbox.account_id}")


@pytest.mark.parametrize("word", ["environment", "=production", ""])
def test_a_malformed_tag_is_told(shop: Any, run_cli: Any, word: str) -> None:
    result = run_cli(shop.sandbox, "images", "tag", shop.plain, word)

    assert result.exit_code == 2
    assert f"`{word}` is not a tag" in result.stderr


def test_the_same_key_twice_is_told(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "images", "list", "--tag", "a=1", "--tag", "a=2")

    assert (result.exit_code, "the tag `a` is given twice" in result.stderr) == (2, True)


def test_an_account_out_of_reach_is_told(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "images", "list", "--account", "1999999999999999")

    assert result.exit_code == 2
    assert f"reachable accounts: {shop.sandbox.account_id}" in result.stderr


def test_a_denied_list_says_who_and_why(shop: Any, run_cli: Any) -> None:
    nobody = shop.sandbox.user("lists-nothing")

    result = run_cli(shop.sandbox, "images", "list", "--owner", "self", "--region", "cn-hangzhou", key=nobody)

    assert result.exit_code == 3, result.stderr
    assert "error: DescribeImages: 403 Forbidden.RAM" in result.stderr
    assert "denied `ecs:DescribeImages` to the RAM user" in result.stderr


def test_a_denied_tag_says_who_and_why(shop: Any, run_cli: Any, maker: Any) -> None:
    reader = shop.sandbox.user(
        "reads-only", {"Effect": "Allow", "Action": ["ecs:Describe*"], "Resource": "*"}
    )

    result = run_cli(shop.sandbox, "images", "tag", shop.plain, "environment=production", key=reader)

    assert result.exit_code == 3
    assert "`ecs:TagResources`" in result.stderr
    assert "the policies of the caller in its account" in result.stderr
    assert maker.tags(shop.plain) == {}


def test_gaps_exit_with_4_and_are_named(shop: Any, run_cli: Any) -> None:
    reader = shop.sandbox.user(
        "reads-images", {"Effect": "Allow", "Action": ["ecs:DescribeImages"], "Resource": "*"}
    )

    result = run_cli(shop.sandbox, "images", "list", "--tag", "environment=production", "--json", key=reader)

    assert result.exit_code == 4
    assert set(listed(result)) == set(shop.golden)
    assert {gap["call"] for gap in json.loads(result.stdout)["gaps"]} == {
        "GetResourceDirectory",
        "DescribeRegions",
    }
    assert f"gap: {shop.sandbox.account_id}: DescribeRegions: 403" in result.stderr
