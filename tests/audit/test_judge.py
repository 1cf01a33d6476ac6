"""What the audit makes of every kind of image, on snapshots built by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from imagefence.audit.audit import assess, failing_rules
from imagefence.audit.rules import RULES
from imagefence.cloud.gap import Gap
from imagefence.inventory.snapshot import AccountRecord, ImageRecord, InstanceRecord, Origin, Snapshot
from imagefence.scope.scope import Distribute, Scope

GOLDEN = "1000000000000001"
MEMBER = "1000000000000002"
STRANGER = "1999999999999999"
REGION = "cn-hangzhou"
TAGS = {"environment": "production"}
COPY = Scope({"environment": ("production",)}, (GOLDEN,))
SHARE = Scope({"environment": ("production",)}, (GOLDEN,), Distribute.SHARE)


def image(
    origin: Origin = Origin.OWN,
    tags: dict[str, str] | None = None,
    owner: str = MEMBER,
    account: str = MEMBER,
) -> ImageRecord:
    return ImageRecord("m-1", account, REGION, origin, "base", owner, tags or {})


def snapshot(*images: ImageRecord, gaps: tuple[Gap, ...] = ()) -> Snapshot:
    instance = InstanceRecord("i-1", MEMBER, REGION, "m-1", "web")
    accounts = (AccountRecord(GOLDEN, "images"), AccountRecord(MEMBER, "dev", "Root/dev"))
    return Snapshot(datetime(2026, 1, 1, tzinfo=UTC), accounts, (REGION,), images, (instance,), gaps)


def rules(read: Snapshot, scope: Scope = COPY) -> list[str]:
    return [finding.rule.id for finding in assess(read, scope).findings]


@pytest.mark.parametrize(
    ("used", "rule"),
    [
        (image(), "image-untagged"),
        (image(tags={"environment": "test"}), "image-untagged"),
        (image(tags={"Environment": "production"}), "image-untagged"),
        (image(Origin.SHARED, owner=STRANGER), "image-shared"),
        (image(Origin.SHARED, TAGS, owner=STRANGER), "image-shared"),
        (image(Origin.COMMUNITY, TAGS, owner=STRANGER), "image-community"),
        (image(Origin.MARKETPLACE, owner=STRANGER), "image-marketplace"),
        (image(Origin.STOCK, owner=""), "image-stock"),
    ],
)
def test_each_kind_of_image_breaks_its_rule(used: ImageRecord, rule: str) -> None:
    assert rules(snapshot(used)) == [rule]


def test_a_tagged_copy_in_the_member_is_approved() -> None:
    made = assess(snapshot(image(tags=TAGS)), COPY)
    assert made.clean
    assert (made.approved, made.share, made.exit_code()) == (1, 1.0, 0)


def test_an_absent_image_is_gone_and_where_images_were_not_read_unknown() -> None:
    assert rules(snapshot()) == ["image-gone"]
    for region in (REGION, ""):
        unread = snapshot(gaps=(Gap(MEMBER, region, "DescribeImages", "403"),))
        assert rules(unread) == ["image-unknown"]
        assert assess(unread, COPY).exit_code() == 4
    elsewhere = snapshot(gaps=(Gap(MEMBER, "cn-shanghai", "DescribeImages", "403"),))
    assert rules(elsewhere) == ["image-gone"]


def test_the_owners_view_tells_the_tags_that_a_receiver_can_not_see() -> None:
    received = image(Origin.SHARED, owner=GOLDEN)
    tagged = image(tags=TAGS, owner=GOLDEN, account=GOLDEN)
    untagged = image(owner=GOLDEN, account=GOLDEN)
    for scope in (COPY, SHARE):
        assert rules(snapshot(received, tagged), scope) == []
        assert rules(snapshot(received, untagged), scope) == ["image-untagged"]
    assert rules(snapshot(received), SHARE) == []
    assert rules(snapshot(received), COPY) == ["image-unknown"]


def test_an_image_whose_share_has_ended_is_still_known_from_its_owner() -> None:
    assert rules(snapshot(image(tags=TAGS, owner=GOLDEN, account=GOLDEN))) == []
    assert rules(snapshot(image(tags=TAGS, owner=STRANGER, account=STRANGER))) == ["image-shared"]


def test_sharing_scopes_do_not_approve_a_members_own_image() -> None:
    finding = assess(snapshot(image(tags=TAGS)), SHARE).findings[0]
    assert finding.rule.id == "image-untagged"
    assert "not an approved owner" in finding.why


def test_a_gap_anywhere_is_never_clean() -> None:
    made = assess(snapshot(image(tags=TAGS), gaps=(Gap(GOLDEN, "", "AssumeRole", "403"),)), COPY)
    assert not made.clean
    assert made.exit_code() == 4


def test_exit_codes_follow_what_is_to_fail() -> None:
    stock = assess(snapshot(image(Origin.STOCK)), COPY)
    assert stock.exit_code() == 3
    assert stock.exit_code(failing_rules(["high"]) or ()) == 0
    assert stock.exit_code(failing_rules(["medium"]) or ()) == 3
    assert stock.exit_code(failing_rules(["image-stock"]) or ()) == 3
    assert failing_rules(["low"]) == frozenset(rule.id for rule in RULES)
    assert failing_rules(["stok"]) is None


def test_a_finding_keeps_its_id_and_says_what_is_wrong() -> None:
    first, again = (assess(snapshot(image()), COPY).findings[0] for _ in range(2))
    assert first.id == again.id
    assert first.why == "`base` lacks the tag `environment`"
    assert (first.account_name, first.account_path, first.image_owner) == ("dev", "Root/dev", MEMBER)
