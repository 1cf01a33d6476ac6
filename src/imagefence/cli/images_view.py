"""How images look in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from imagefence.cloud.gap import Gap
from imagefence.images.image import Image
from imagefence.images.tagging import Sight

PIPED_WIDTH = 200
WIDE = 140
LONGEST_ID = 44
STACKED_COLUMNS = ("account", "region")
FLAT_COLUMNS = ("name", "owner", "account", "region", "created")
COMMON = ("stock", "market")
OWNER_WORDS = {"self": "own", "system": "stock", "others": "shared", "marketplace": "market"}


def screen() -> Console:
    """Stdout; a pipe gets a fixed width, so that no id is broken."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def print_view(view: RenderableType) -> None:
    """Prints to stdout."""
    screen().print(view)


def images_table(images: Sequence[Image], accounts: int, regions: int, width: int) -> RenderableType:
    """Images as a table, newest first, with a line that says how far the look went.

    On a narrow screen an image takes two lines, its name under its id.
    """
    reach = f"{counted(accounts, 'account')}, {counted(regions, 'region')}"
    if not images:
        return Text(f"no such image in {reach}")
    narrow = width < WIDE
    table = Table(box=None, header_style="bold", pad_edge=False)
    ids = min(max(len(image.id) for image in images), LONGEST_ID)
    table.add_column("image", overflow="fold", no_wrap=not narrow, min_width=ids)
    for name in STACKED_COLUMNS if narrow else FLAT_COLUMNS:
        table.add_column(name, overflow="fold", no_wrap=True)
    table.add_column("tags", overflow="fold", min_width=10)
    for image in images:
        table.add_row(*(stacked_row(image) if narrow else flat_row(image)))
    return Group(table, Text(f"{counted(len(images), 'image')} in {reach}", style="dim"))


def flat_row(image: Image) -> tuple[str, ...]:
    """One image in one line."""
    return (
        image.id,
        image.name,
        owner_word(image),
        image.account_id,
        image.region_id,
        moment(image),
        tag_words(image),
    )


def stacked_row(image: Image) -> tuple[str, ...]:
    """One image in two lines; of the vendor's images the account says nothing."""
    owner = owner_word(image)
    account = owner if owner in COMMON else f"{image.account_id}\n{owner}"
    name = f"\n{image.name}" if image.name != image.id else ""
    return image.id + name, account, f"{image.region_id}\n{moment(image)}", tag_words(image)


def moment(image: Image) -> str:
    """When an image was made, to the minute."""
    return image.created_at.replace("T", " ")[:16]


def owner_word(image: Image) -> str:
    """Whose the image is, in our word."""
    if image.owner == "others" and image.public:
        return "community"
    return OWNER_WORDS.get(image.owner, image.owner)


def tag_words(image: Image) -> str:
    """Tags as one writes them."""
    return " ".join(f"{key}={value}" for key, value in sorted(image.tags.items()))


def image_details(sight: Sight) -> RenderableType:
    """One image, a line for each fact."""
    image = sight.image
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts(sight):
        if value:
            grid.add_row(name, value)
    return Group(Text(image.id, style="bold"), grid)


def facts(sight: Sight) -> Iterator[tuple[str, str]]:
    """The facts of an image, in reading order."""
    image = sight.image
    yield "name", image.name
    yield "owner", f"{owner_word(image)} {image.owner_id}".strip()
    yield "regions" if len(sight.regions) > 1 else "region", ", ".join(sight.regions)
    yield "status", image.status
    yield "created", image.created_at
    yield "system", f"{image.system} ({image.platform}, {image.architecture}, {image.size_gib} GiB)"
    yield "family", image.family
    yield "description", image.description
    yield "copied", "yes" if image.copied else ""
    yield "tags", tag_words(image) or "none"
    yield "shared with", ", ".join(sight.shared_with)
    yield "seen by", "every account" if owner_word(image) in COMMON else ", ".join(sight.seen_by)


def gap_lines(gaps: Sequence[Gap]) -> Iterator[str]:
    """Gaps as lines for stderr."""
    for gap in gaps:
        yield f"gap: {gap}"
    if gaps:
        yield f"help: {counted(len(gaps), 'place')} could not be read, so what is shown may be incomplete"


def counted(number: int, word: str) -> str:
    """`1 image`, `2 images`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
