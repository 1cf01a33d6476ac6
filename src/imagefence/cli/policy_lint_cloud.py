"""The directory, the identities and the versions of their policies, read for `policy lint --attachments`."""

from __future__ import annotations

from collections.abc import Iterable

from imagefence.api.ram_policies import LIST_POLICY_VERSIONS, AnyPolicy
from imagefence.cloud.accounts import at_once
from imagefence.cloud.session import Session
from imagefence.inventory.identities import read_identities
from imagefence.inventory.organization import read_organization
from imagefence.inventory.reading import Reader
from imagefence.lint.arrangement import (
    NO_PLACE,
    Arrangement,
    Holder,
    HolderKind,
    of_identities,
    of_organization,
)
from imagefence.report.terminal import progress_on_stderr


def read_cloud(session: Session) -> tuple[Arrangement, tuple[str, ...]]:
    """Reads all of it; what could not be read is told besides."""
    reader = Reader(session, session.account_id)
    with progress_on_stderr() as progress:
        progress.add_task("reading the directory and the identities", total=None)
        organization, gaps = read_organization(session)
        identities, more = read_identities(session)
        nodes = of_organization(organization) if organization is not None else ()
        holders = (*nodes, *of_identities(identities))
        names = custom_names(holders)
        counts = at_once(lambda name: versions(reader, name), names)
    counted = tuple((name, count, NO_PLACE) for name, count in zip(names, counts, strict=True))
    return Arrangement(holders, counted), tuple(str(gap) for gap in (*gaps, *more, *reader.gaps))


def custom_names(holders: Iterable[Holder]) -> list[str]:
    """The custom RAM policies that hang on identities."""
    identities = (holder for holder in holders if holder.kind is not HolderKind.NODE)
    return sorted({policy.name for holder in identities for policy in holder.custom})


def versions(reader: Reader, name: str) -> int:
    """How many versions a custom policy has; 0 where that could not be read."""
    answer = reader.answer(LIST_POLICY_VERSIONS, AnyPolicy(policy_type="Custom", policy_name=name))
    return len(answer.policy_versions.policy_version) if answer is not None else 0
