"""Reading with gaps: what an account refuses to tell is carried along, never dropped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from imagefence.api.operation import Answer, Operation, Parameters
from imagefence.cloud.gap import Gap, gap_of
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, PolicySyntaxError, Unreachable
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.parse import parse

Req = TypeVar("Req", bound=Parameters)
Res = TypeVar("Res", bound=Answer)


@dataclass(slots=True)
class Reader:
    """Reads one account; each failed call leaves a gap. Threads may share one."""

    session: Session
    account_id: str
    gaps: list[Gap] = field(default_factory=list)

    def items(self, operation: Operation[Req, Any], request: Req) -> list[Any]:
        """Every listed item; where a page fails, those before it."""
        found: list[Any] = []
        try:
            for item in self.session.pages(operation, request):
                found.append(item)
        except (CloudFault, Unreachable) as error:
            self.note(error, operation, request)
        return found

    def answer(self, operation: Operation[Req, Res], request: Req) -> Res | None:
        """One answer, or None."""
        try:
            return self.session.call(operation, request)
        except (CloudFault, Unreachable) as error:
            self.note(error, operation, request)
            return None

    def note(
        self, error: CloudFault | Unreachable, operation: Operation[Any, Any], request: Parameters
    ) -> None:
        """Keeps a failed call as a gap, a call that failed in the same way once."""
        region = getattr(request, "region_id", "")
        gap = gap_of(error, account=self.account_id, region=region, call=operation.name)
        if gap not in self.gaps:
            self.gaps.append(gap)

    def document(self, text: str, kind: PolicyKind, name: str, call: str) -> Document | None:
        """A policy's text as a value; one that this engine does not understand is a gap, not a guess.

        The cloud holds it already, so what only its saving would refuse is read as it stands.
        """
        try:
            return parse(text, kind, source=name, stored=True)
        except PolicySyntaxError as error:
            self.gaps.append(Gap(self.account_id, "", call, f"not understood: {error}"))
            return None
