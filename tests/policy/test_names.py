"""Names of resources: five parts, of which the last may hold anything."""

from __future__ import annotations

import pytest

from imagefence.policy.names import ResourceName, split


@pytest.mark.parametrize(
    ("text", "kind", "id_"),
    [
        ("acs:ecs:cn-hangzhou:1:image/m-1", "image", "m-1"),
        ("acs:oss:::b/a/c:d", "b", "a/c:d"),
        ("acs:ram:*:1:*", "*", ""),
    ],
)
def test_a_name_is_read_and_written_back(text: str, kind: str, id_: str) -> None:
    name = ResourceName.parse(text)
    assert str(name) == text
    assert (name.kind, name.id) == (kind, id_)
    assert text.split(":")[1:4] == [name.service, name.region, name.account]


@pytest.mark.parametrize("text", ["*", "", "acs:ecs:*:image/*", "arn:ecs:cn-hangzhou:1:image/m-1", "acs:::"])
def test_anything_else_is_no_name(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is not of the form acs:<service>:<region>:<account>:<relative>$"
    ) as caught:
        ResourceName.parse(text)
    assert str(caught.value).startswith(f"`{text}` ")


def test_only_the_first_four_colons_part() -> None:
    assert split("a:b:c:d:e:f:g") == ("a", "b", "c", "d", "e:f:g")
    assert split("*") == ("*",)
    assert split("") == ("",)
