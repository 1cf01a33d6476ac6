"""Remarks on what hangs where: counts, dead nodes, policies that say nothing new, fences that stay open.

Sources: help.aliyun.com ram/product-overview/limits; resource-management/product-overview/limits;
AttachControlPolicy and DetachControlPolicy API pages; resource-directory control-policy-overview.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from imagefence.lint.arrangement import NO_PLACE, Arrangement, Holder, HolderKind, Hung
from imagefence.lint.lint import lint_text
from imagefence.lint.reach import dead
from imagefence.lint.remark import Found, Remark
from imagefence.lint.rules import RULES
from imagefence.lint.sarif import Linted
from imagefence.lint.subject import ANYWHERE, FULL_ACCESS, Surroundings, allows_everything
from imagefence.policy.document import Document, Effect, PolicyKind
from imagefence.policy.positions import escape
from imagefence.policy.printing import print_document

NODE_POLICIES = 10
SYSTEM_POLICIES, CUSTOM_POLICIES = 20, 10
GROUPS_PER_USER = 10
VERSIONS = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding, with the holder that it is about and its line and column where the text is a file."""

    holder: str
    found: Found
    at: tuple[int, int] = NO_PLACE

    @property
    def remark(self) -> Remark:
        """The remark that it makes."""
        line, column = self.at if self.at != NO_PLACE else (1, 1)
        severity = self.found.severity or RULES[self.found.rule].severity
        found = self.found
        return Remark(
            found.rule, severity, found.pointer, found.message, found.help, line, column, line, column + 1
        )


def arrangement_remarks(arrangement: Arrangement) -> Iterator[Placed]:
    """All remarks on who holds what; those on the texts of the policies are `document_remarks`."""
    for holder in arrangement.holders:
        checks = _node if holder.kind is HolderKind.NODE else _identity
        for found in checks(arrangement, holder):
            at = _place(holder, found)
            yield Placed(holder.name, found, at)
    for name, count, at in arrangement.versions:
        if count >= VERSIONS:
            message = f"`{name}` has {count} versions of at most {VERSIONS}: the next change has no room"
            found = Found(
                "no-version-left", f"/policies/{escape(name)}", message, "delete one that is not in force"
            )
            yield Placed(name, found, at)


def _place(holder: Holder, found: Found) -> tuple[int, int]:
    if found.item is not None and found.item < len(holder.policies):
        return holder.policies[found.item].at
    return holder.at


def pointer(holder: Holder) -> str:
    """The pointer of a holder."""
    return f"/{holder.kind.value}/{escape(holder.name)}"


def _node(arrangement: Arrangement, node: Holder) -> Iterator[Found]:
    count, here = len(node.policies), pointer(node)
    if count > NODE_POLICIES:
        message = f"{count} control policies; a node carries at most {NODE_POLICIES}"
        yield Found("too-many-attachments", here, message, "join some of them")
    elif count == NODE_POLICIES:
        message = f"{count} control policies, as many as a node carries: the next has no room"
        yield Found("no-room", here, message, "join some of them")
    known = [each.document for each in node.policies if each.document is not None]
    if len(known) == count and dead(tuple(known)):
        message = "its policies together allow no ordinary work: even reading is refused below this node"
        yield Found("dead-account", here, message, f"keep {FULL_ACCESS} beside a Deny")
    above = {policy.name: holder.name for holder in arrangement.above(node) for policy in holder.policies}
    for place, policy in enumerate(node.policies):
        if policy.name in above and _only_denies(policy):
            message = (
                f"`{policy.name}` hangs on `{above[policy.name]}` already, and a Deny holds below it too"
            )
            yield Found("repeated-attachment", here, message, "detach one", item=place)


def _only_denies(policy: Hung) -> bool:
    statements = policy.document.statements if policy.document else ()
    return bool(statements) and all(each.effect is Effect.DENY for each in statements)


def _identity(arrangement: Arrangement, holder: Holder) -> Iterator[Found]:
    here, word = pointer(holder), holder.kind.value[:-1]
    system, custom = len(holder.policies) - len(holder.custom), len(holder.custom)
    for kind, count, limit in (("system", system, SYSTEM_POLICIES), ("custom", custom, CUSTOM_POLICIES)):
        if count > limit:
            message = f"{count} {kind} policies; a {word} carries at most {limit}"
            yield Found("too-many-attachments", here, message, "join some of them")
        elif count == limit:
            message = f"{count} {kind} policies, as many as a {word} carries: the next has no room"
            yield Found("no-room", here, message, "join some of them")
    if holder.kind is HolderKind.USER:
        yield from _user(arrangement, holder, here)


def _user(arrangement: Arrangement, user: Holder, here: str) -> Iterator[Found]:
    if len(user.groups) > GROUPS_PER_USER:
        message = f"{len(user.groups)} groups; a user is in at most {GROUPS_PER_USER}"
        yield Found("too-many-groups", here, message, "join some of them")
    inherited = {policy.name for policy in arrangement.pool(user)[len(user.policies) :]}
    for place, policy in enumerate(user.policies):
        if policy.name in inherited:
            message = f"`{policy.name}` comes with a group already"
            yield Found("repeated-attachment", here, message, "detach it from the user", item=place)
        else:
            message = f"`{policy.name}` hangs on the user itself"
            yield Found("user-policy", here, message, "attach it to a group or a role", item=place)


def document_remarks(arrangement: Arrangement) -> Iterator[Linted]:
    """The remarks on the text of every custom policy, seen with what stands beside it; each is told once."""
    told: set[tuple[str, str, str, str]] = set()
    for holder in arrangement.holders:
        for policy in holder.custom:
            if policy.document is not None:
                linted = _linted(
                    policy.document, length(policy.document), _beside(arrangement, holder, policy)
                )
                new = tuple(each for each in linted.remarks if _key(policy.name, each) not in told)
                told |= {_key(policy.name, each) for each in new}
                if new:
                    yield Linted(f"{holder.name}/{policy.name}", linted.text, new)
        trust = _linted(holder.trust, 0, ANYWHERE) if holder.trust is not None else None
        if trust and trust.remarks:
            yield replace(trust, source=f"role/{holder.name}/trust")


def _key(policy: str, remark: Remark) -> tuple[str, str, str, str]:
    return policy, remark.rule, remark.pointer, remark.message


def length(document: Document) -> int:
    """The characters of a document as it is held, or of its shortest print where that is not known."""
    return document.length or len(print_document(document, compact=True))


@lru_cache(maxsize=4096)
def _linted(document: Document, held: int, surroundings: Surroundings) -> Linted:
    text = print_document(document)
    return Linted("", text, lint_text(text, document.kind, surroundings=surroundings, length=held))


def _beside(arrangement: Arrangement, holder: Holder, policy: Hung) -> Surroundings:
    """What stands with a policy: on its node and above it, or on the same identity."""
    if holder.kind is not HolderKind.NODE:
        return ANYWHERE
    beside = [each.document for each in holder.policies if each is not policy and each.document is not None]
    above = [
        each.document
        for node in arrangement.above(holder)
        for each in node.policies
        if each.document is not None and each.document.kind is PolicyKind.CONTROL
    ]
    full = any(allows_everything(each) for each in beside)
    return Surroundings(full, (*beside, *above), known=True)
