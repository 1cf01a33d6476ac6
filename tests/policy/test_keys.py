"""How condition keys are taken apart, and which operators fit them."""

from __future__ import annotations

import pytest

from imagefence.policy.keys import ConditionKey, KeyOrigin, condition_key, documented_spelling, fits
from imagefence.policy.operators import ValueKind

STRING, NUMBER, DATE = ValueKind.STRING, ValueKind.NUMBER, ValueKind.DATE
BOOLEAN, ADDRESS = ValueKind.BOOLEAN, ValueKind.ADDRESS


@pytest.mark.parametrize(
    ("text", "origin", "name", "tag"),
    [
        ("acs:ResourceTag/Team", KeyOrigin.RESOURCE_TAG, "acs:resourcetag/Team", "Team"),
        ("ACS:resourceTAG/Team", KeyOrigin.RESOURCE_TAG, "acs:resourcetag/Team", "Team"),
        ("acs:RequestTag/a/B:c", KeyOrigin.REQUEST_TAG, "acs:requesttag/a/B:c", "a/B:c"),
        ("ecs:tag/Team", KeyOrigin.EITHER_TAG, "ecs:tag/Team", "Team"),
        ("vpc:Tag/Team", KeyOrigin.EITHER_TAG, "vpc:tag/Team", "Team"),
        ("acs:PrincipalARN", KeyOrigin.PRINCIPAL, "acs:principalarn", ""),
        ("acs:principalarn", KeyOrigin.PRINCIPAL, "acs:principalarn", ""),
        # without a slash there is no tag key, so that it is a key like any other
        ("acs:ResourceTag", KeyOrigin.CONTEXT, "acs:resourcetag", ""),
        ("ecs:tag", KeyOrigin.CONTEXT, "ecs:tag", ""),
        ("oss:tag/Team", KeyOrigin.CONTEXT, "oss:tag/team", ""),
        ("acs:SourceIp", KeyOrigin.CONTEXT, "acs:sourceip", ""),
    ],
)
def test_a_key_is_its_fixed_part_folded_and_its_tag_as_written(
    text: str, origin: KeyOrigin, name: str, tag: str
) -> None:
    assert condition_key(text) == ConditionKey(origin, name, tag)


def test_documented_spellings() -> None:
    documented = (
        "acs:SourceIp",
        "acs:ResourceTag/a",
        "ecs:tag/A",
        "ecs:ImageSource",
        "x:Unknown",
        "acs:ResourceTag",
    )
    assert all(documented_spelling(each) for each in documented)
    others = ("acs:sourceIP", "acs:resourceTag/a", "acs:resourcetag/a", "ECS:tag/a", "acs:PrincipalArn")
    assert not any(documented_spelling(each) for each in others)


@pytest.mark.parametrize(
    ("key", "kinds"),
    [
        ("acs:SourceIp", {STRING, ADDRESS}),
        ("acs:sourceip", {STRING, ADDRESS}),
        ("acs:CurrentTime", {STRING, DATE}),
        ("acs:MFAPresent", {STRING, BOOLEAN}),
        ("acs:SourceVpc", {STRING}),
        ("acs:ResourceTag/count", {STRING}),
        ("ecs:tag/count", {STRING}),
        ("ecs:SystemDiskSize", set(ValueKind)),
    ],
)
def test_operators_that_fit_a_key(key: str, kinds: set[ValueKind]) -> None:
    assert {kind for kind in ValueKind if fits(key, kind)} == kinds
