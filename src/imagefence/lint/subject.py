"""What a check is given: a document, the catalogue, and what is known of the document's surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagefence.lint.catalogue import Catalogue
from imagefence.policy.document import Document, Effect, In, NotIn, PolicyKind, Statement
from imagefence.policy.positions import escape

FULL_ACCESS = "FullAliyunAccess"
LAUNCHES = ("ecs:RunInstances", "ecs:CreateInstance", "ecs:ReplaceSystemDisk")
SAMPLE_ACCOUNT = "1000000000000001"
AN_IMAGE = f"acs:ecs:cn-hangzhou:{SAMPLE_ACCOUNT}:image/m-1"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a policy is to stand: beside FullAliyunAccess (True), alone on its node (False), or unknown.

    `others` are the further documents that hold for the same callers; they are all where `known` is True.
    """

    beside_full_access: bool | None = None
    others: tuple[Document, ...] = ()
    known: bool = False


ANYWHERE = Surroundings()


@dataclass(frozen=True, slots=True)
class Subject:
    """One document under the lint."""

    document: Document
    catalogue: Catalogue
    surroundings: Surroundings = ANYWHERE

    @property
    def kind(self) -> PolicyKind:
        """The kind of the document."""
        return self.document.kind

    @property
    def denying(self) -> list[Statement]:
        """Every Deny of the document and of those that hold besides."""
        documents = (self.document, *self.surroundings.others)
        return [each for document in documents for each in document.statements if each.effect is Effect.DENY]


def at(statement: Statement) -> str:
    """The pointer of a statement."""
    return f"/Statement/{statement.index}"


def element(name: str, covered: In | NotIn) -> str:
    """The element's name as written: `Action` or `NotAction`."""
    return name if isinstance(covered, In) else f"Not{name}"


def items(pointer: str, texts: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    """Place, pointer and text of each of an element's texts; one alone stands at the element itself."""
    for place, text in enumerate(texts):
        yield place, f"{pointer}/{place}" if len(texts) > 1 else pointer, text


def test_name(quantifier: str, operator: str) -> str:
    """The name of an operator as written, with its set prefix."""
    return f"{quantifier}:{operator}" if quantifier else operator


def key_pointer(statement: Statement, quantifier: str, operator: str, key: str) -> str:
    """The pointer of a condition key."""
    return f"{at(statement)}/Condition/{escape(test_name(quantifier, operator))}/{escape(key)}"


def allows_everything(document: Document) -> bool:
    """Tells whether a document, as FullAliyunAccess, allows all on all."""
    return any(unconditional(each) for each in document.statements if each.effect is Effect.ALLOW)


def unconditional(statement: Statement) -> bool:
    """Tells whether a statement covers every call."""
    return (
        not statement.conditions
        and covers_all(statement.actions)
        and isinstance(statement.resources, In)
        and "*" in statement.resources.patterns
    )


def covers_all(actions: In | NotIn) -> bool:
    """Tells whether an element names every action."""
    return isinstance(actions, In) and bool({"*", "*:*"} & set(actions.patterns))
