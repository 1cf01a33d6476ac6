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
OWNER_WORDS = {"self": "own", "system": "stock", "others": "shared", "marketplace": "market"}


def print_view(view: RenderableType) -> None:
    """Prints to stdout; into a pipe in a fixed width, so that no id is broken."""
    out = Console(highlight=False)
    if not out.is_terminal:
        out = Console(highlight=False, width=PIPED_WIDTH)
    out.print(view)


def images_table(images: Sequence[Image], accounts: int, regions: int) -> RenderableType:
    """Images as a table, newest first, with a line that says how far the look went."""
    reach = f"{counted(accounts, 'account')}, {counted(regions, 'region')}"
    if not images:
        return Text(f"no such image in {reach}")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, ratio in (("image", False), ("name", True), ("owner", False), ("account", False)):
        table.add_column(name, no_wrap=not ratio, overflow="fold")
    for name in ("region", "created"):
        table.add_column(name, no_wrap=True)
    table.add_column("tags", overflow="fold")
    for image in images:
        table.add_row(*row(image))
    return Group(table, Text(f"{counted(len(images), 'image')} in {reach}", style="dim"))


def row(image: Image) -> tuple[str, ...]:
    """One line of the table."""
    return (
        image.id,
        image.name,
        owner_word(image),
        image.account_id,
        image.region_id,
        image.created_at.replace("T", " ").removesuffix("Z"),
        tag_words(image),
    )


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
    common = image.owner in ("system", "marketplace")
    yield "seen by", "every account" if common else ", ".join(sight.seen_by)


def gap_lines(gaps: Sequence[Gap]) -> Iterator[str]:
    """Gaps as lines for stderr."""
    for gap in gaps:
        yield f"gap: {gap}"
    if gaps:
        yield f"help: {counted(len(gaps), 'place')} could not be read, so what is shown may be incomplete"


def counted(number: int, word: str) -> str:
    """`1 image`, `2 images`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
