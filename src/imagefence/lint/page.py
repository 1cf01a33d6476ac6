"""The page of all rules, docs/lint.md, as `make docs` writes it."""

from __future__ import annotations

from collections.abc import Iterator

from imagefence.lint.catalogue import catalogue
from imagefence.lint.rule import Rule, shown
from imagefence.lint.rules import RULES

GROUPS = {
    "IF0": "The grammar",
    "IF1": "Actions",
    "IF2": "Resources, and what is said twice",
    "IF3": "Conditions",
    "IF4": "Fences, exemptions and trust",
    "IF5": "Attachments",
}
HEAD = """\
# Lint

Made by `make docs` from the table of rules.

`imagefence policy lint FILE...` says what is wrong with policies and what they will not do: what the cloud
would refuse, what never hits, what lets pass what it means to stop. A statement that breaks the grammar gives
one remark, and the others are checked all the same. It exits with 3 where there are errors (`--fail-on
warning` or `note` for less), else with 0.

| Option | What it does |
| --- | --- |
| `--kind` | which grammar and limits hold; by itself trust where there is a Principal, else control |
| `--beside-full-access`, `--alone` | whether FullAliyunAccess stands on the same node |
| `--attachments [FILE]` | what hangs where, in a cloud or in a file (below), with the text of every policy |
| `--select RULE`, `--ignore RULE` | names, codes, or `IF3` for all of IF3xx; more than one by repeating |
| `--fix`, `--diff` | mends what is certain in the text, whose layout stays; shows what that would change |
| `--json`, `--sarif` | for programs, and for code scanning (SARIF 2.1.0, with regions and fixes) |
| `--explain RULE`, `--list-rules` | this page in the terminal |

## Actions and keys

Actions are checked against a catalogue that `make catalogue` reads from the vendor's SDK packages and from
this project's declarations: {operations} operations of {services} services. Of a service that it does not
hold nothing is said, unless its code is one slip from a known service that has the operation. Where a service
names its actions in words of its own ({loose}), a remark comes for
a near miss alone. Which keys an operation sets and which resources it authorises is known for the operations
that are declared here ([operations](operations.md)).

## Attachments in a file

```yaml
nodes:
  Root: [FullAliyunAccess]
  Root/Workloads: [FullAliyunAccess, guard]
users:
  alice: {{policies: [deploy], groups: [developers]}}
groups:
  developers: [AliyunECSReadOnlyAccess]
roles:
  ci: [deploy]
policies:
  guard: guard.json
  deploy: {{file: deploy.json, versions: 3}}
```

Files are named from where this one lies. A policy that is not under `policies` is the vendor's. Each policy
is read together with what stands beside it and above it: an Allow beside FullAliyunAccess, a fence whose tag
another policy keeps, an exempt role whose name is guarded elsewhere.
"""


def lint_page() -> str:
    """The text of lint.md."""
    return "\n".join((*_head(), *_table(), *(line for rule in RULES.values() for line in _section(rule))))


def _head() -> Iterator[str]:
    services = catalogue().services
    names = {f"{code}:{name}" for code, each in services.items() for name in each.operations}
    loose = ", ".join(f"`{code}`" for code, each in sorted(services.items()) if not each.exact)
    yield HEAD.format(operations=f"{len(names):,}", services=len(services), loose=loose)


def _table() -> Iterator[str]:
    yield "## Rules\n"
    for group, title in GROUPS.items():
        rules = [rule for rule in RULES.values() if rule.code.startswith(group)]
        yield f"### {title}\n"
        yield "| Rule | | `--fix` | What it says |"
        yield "| --- | --- | --- | --- |"
        for rule in rules:
            link = f"[{rule.code} {rule.name}](#{rule.code.lower()}-{rule.name})"
            yield f"| {link} | {rule.severity.value} | {rule.mend.value} | {rule.meaning} |"
        yield ""


def _section(rule: Rule) -> Iterator[str]:
    language = "yaml" if rule.attachment else "json"
    subject = "attachments" if rule.attachment else f"{rule.kind.value} policy"
    yield f"## {rule.code} {rule.name}\n"
    yield f"{rule.meaning[:1].upper()}{rule.meaning[1:]}. ({rule.severity.value}; {subject})\n"
    yield f"{rule.why}\n"
    yield f"Mended by `--fix`: {rule.mend.value}. Source: {rule.source}.\n"
    yield f"Bad:\n\n```{language}\n{shown(rule.bad)}```\n"
    yield f"Good:\n\n```{language}\n{shown(rule.good)}```\n"
