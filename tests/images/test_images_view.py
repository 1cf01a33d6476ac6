"""The table of images on screens of several widths."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from imagefence.cli.images_view import images_table
from imagefence.images.image import Image

GOLDEN = Image(
    "m-bp67acfmxazb4phd1234",
    "1000000000000002",
    "cn-hangzhou",
    name="golden-web-2026-11",
    owner="self",
    tags={"team": "web", "environment": "production"},
    created_at="2026-11-24T02:03:04Z",
)
SHARED = Image("m-2", "1000000000000003", "cn-hangzhou", owner="others", public=True)


def shown(width: int) -> list[str]:
    out = StringIO()
    Console(file=out, width=width).print(images_table((GOLDEN, SHARED), 2, 1, width))
    return out.getvalue().splitlines()


def test_a_wide_screen_takes_a_line_an_image() -> None:
    header, golden, shared, count = shown(200)

    assert header.split() == ["image", "name", "owner", "account", "region", "created", "tags"]
    assert "golden-web-2026-11" in golden
    assert "environment=production team=web" in golden
    assert "community" in shared
    assert count.strip() == "2 images in 2 accounts, 1 region"


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_narrow_screen_keeps_ids_accounts_and_names_whole(width: int) -> None:
    text = "\n".join(shown(width))

    for whole in (GOLDEN.id, GOLDEN.account_id, GOLDEN.name, "cn-hangzhou", "2026-11-24 02:03", "community"):
        assert whole in text
