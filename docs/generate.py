"""Writes the pages that follow from the code: `python docs/generate.py` (or `make docs`).

`commands.md` comes from the commands' own help, `operations.md` from the declarations, `differences.md`
from the comments in the sandbox, `corpus.md` from parsing the collected policies of other people,
`schemas/` from the tables of the language and of fence.yaml.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from imagefence.api.operation import Authorized, Operation
from imagefence.api.registry import OPERATIONS
from imagefence.cli.main import main
from imagefence.cli.policy_schema import FENCE, text_of
from imagefence.errors import PolicySyntaxError
from imagefence.lint.page import lint_page
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.scope.page import roads_page

DOCS = Path(__file__).parent
SOURCES = DOCS.parent / "src" / "imagefence"
CORPUS = DOCS.parent / "tests" / "cases" / "corpus.ndjson"
DIFFERENCE = re.compile(r"# Differs from the cloud: (.+(?:\n *# .+)*)")


def commands(command: click.Command, parent: click.Context | None, name: str) -> Iterator[str]:
    """The help of a command and of all below it, as sections."""
    settings = {**command.context_settings, "terminal_width": 100, "max_content_width": 100}
    context = click.Context(command, parent=parent, info_name=name, **settings)
    yield f"## `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from commands(found, context, child)


def commands_page() -> str:
    """The text of commands.md."""
    head = "# Commands\n\nMade by `make docs` from each command's own `--help`.\n\n"
    return head + "\n".join(commands(main, None, "imagefence"))


def resource(authorized: Authorized) -> str:
    """One authorised resource in short: `image/{image_id}`, `instance/*`."""
    if authorized.kind in {"*", "arn"}:
        name = "`*`" if authorized.kind == "*" else f"the names in `{authorized.of}`"
    else:
        inner = (
            f"{{{authorized.of}{'→' + authorized.via if authorized.via else ''}}}" if authorized.of else "*"
        )
        service = f"{authorized.service}:" if authorized.service else ""
        name = f"`{service}{authorized.kind}/{inner}`"
    return f"{name} for `{authorized.action}`" if authorized.action else name


def row(operation: Operation[Any, Any]) -> str:
    """One line of the table."""
    asked = ", ".join(resource(each) for each in operation.authorizes) or "nothing"
    return f"| `{operation.name}` | {operation.access.value} | {asked} | {operation.doc} |"


def operations_page() -> str:
    """The text of operations.md."""
    lines = [
        "# Operations",
        "",
        "Made by `make docs` from the declarations. Each resource named is asked for by itself.",
    ]
    products = dict.fromkeys(operation.product for operation in OPERATIONS.values())
    for product in products:
        lines += ["", f"## {product.code} {product.version}", ""]
        lines += ["| Operation | Access | Authorises | Page |", "| --- | --- | --- | --- |"]
        mine = [operation for operation in OPERATIONS.values() if operation.product is product]
        lines += [row(operation) for operation in sorted(mine, key=lambda each: each.name)]
    return "\n".join(lines) + "\n"


def differences_page() -> str:
    """The text of differences.md: every comment that begins `Differs from the cloud:`, by file."""
    lines = [
        "# Where the sandbox differs from the cloud",
        "",
        "Made by `make docs` from the comments that say so.",
        "",
    ]
    for source in sorted((SOURCES / "sandbox").rglob("*.py")):
        for found in DIFFERENCE.findall(source.read_text()):
            lines.append(f"- {' '.join(found.replace('#', ' ').split())} (`{source.name}`)")
    return "\n".join(lines) + "\n"


def corpus_page() -> str:
    """The text of corpus.md: how many policies of other people parse, and why the others don't."""
    kinds: Counter[tuple[str, bool]] = Counter()
    reasons: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        refusal = refused(case)
        kinds[case["found_as"], refusal is not None] += 1
        if refusal is not None:
            reason = case["refused"]["reason"]
            reasons[reason] += 1
            examples.setdefault(reason, f"`{str(refusal).replace('`', '')}`".replace("|", "\\|"))
    lines = [
        "# Policies found in the wild",
        "",
        "Made by `make docs` from `tests/cases/corpus.ndjson`: public policies as people wrote them, whose",
        "origins stand in `tests/cases/CREDITS.md`. The policy of a bucket or a key is read as an identity",
        "policy, and refused as what it is. `-template` marks a document with placeholders not filled in.",
        "",
        "| found as | parsed | refused |",
        "| --- | ---: | ---: |",
    ]
    found = sorted({kind for kind, _ in kinds})
    lines += [f"| {kind} | {kinds[kind, False]} | {kinds[kind, True]} |" for kind in found]
    lines += [f"| **all** | {kinds.total() - reasons.total()} | {reasons.total()} |", ""]
    lines += ["| refused because of | times | the first one |", "| --- | ---: | --- |"]
    lines += [f"| {reason} | {times} | {examples[reason]} |" for reason, times in reasons.most_common()]
    return "\n".join(lines) + "\n"


def refused(case: dict[str, Any]) -> PolicySyntaxError | None:
    """What the parser says of a policy, as it would be sent."""
    try:
        parse(json.dumps(case["document"], separators=(",", ":")), PolicyKind(case["kind"]))
    except PolicySyntaxError as error:
        return error
    return None


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "operations.md": operations_page,
    "differences.md": differences_page,
    "corpus.md": corpus_page,
    "lint.md": lint_page,
    "roads.md": roads_page,
    "schemas/fence.json": partial(text_of, FENCE),
    **{f"schemas/{kind.value}-policy.json": partial(text_of, kind.value) for kind in PolicyKind},
}

if __name__ == "__main__":
    for page, text in PAGES.items():
        (DOCS / page).write_text(text())
