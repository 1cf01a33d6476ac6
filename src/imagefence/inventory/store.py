"""What decisions need, saved as one JSON file: the directory, the identities, their policies, the images.

The file says `"format": "imagefence-snapshot/1"`. Each policy text stands once, in `documents`; policies
name it by its place there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from imagefence.cloud.gap import Gap
from imagefence.errors import ConfigError
from imagefence.images.image import Image
from imagefence.inventory.stored import (
    StoredAccount,
    StoredFolder,
    StoredHolder,
    StoredIdentities,
    StoredOrganization,
    StoredPolicy,
)
from imagefence.org.identities import Group, Identities, Role, User
from imagefence.org.organization import Account, Folder, Organization
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy
from imagefence.policy.printing import print_document

FORMAT = "imagefence-snapshot/1"


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """The policies of a directory's accounts and the images that they see, as read at one time."""

    taken_at: datetime
    region_id: str = ""
    organization: Organization | None = None
    identities: tuple[Identities, ...] = ()
    images: tuple[Image, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Stored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    format: str
    taken_at: datetime
    region_id: str = ""
    organization: StoredOrganization | None = None
    identities: tuple[StoredIdentities, ...] = ()
    images: tuple[Image, ...] = ()
    gaps: tuple[Gap, ...] = ()
    documents: tuple[msgspec.Raw, ...] = ()


class Named(msgspec.Struct):
    """The part of the file that is read first."""

    format: str = ""


def encode(snapshot: PolicySnapshot) -> bytes:
    """The file's text."""
    documents = Documents({}, [])
    organization = snapshot.organization
    stored = Stored(
        format=FORMAT,
        taken_at=snapshot.taken_at,
        region_id=snapshot.region_id,
        organization=documents.organization(organization) if organization else None,
        identities=tuple(documents.identities(each) for each in snapshot.identities),
        images=snapshot.images,
        gaps=snapshot.gaps,
        documents=tuple(documents.texts),
    )
    return msgspec.json.format(msgspec.json.encode(stored), indent=1) + b"\n"


def save(path: Path, snapshot: PolicySnapshot) -> None:
    """Writes a file, whole or not at all; raises ConfigError where it cannot be written."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(encode(snapshot))
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"cannot write it: {why}", place=str(path)) from error


def load(path: Path) -> PolicySnapshot:
    """Reads a file; raises ConfigError for one of another format, PolicySyntaxError for a broken policy."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"cannot read it: {(error.strerror or str(error)).lower()}", place=str(path)
        ) from error
    return decode(raw, str(path))


def decode(raw: bytes, source: str) -> PolicySnapshot:
    """Reads the file's text."""
    try:
        found = msgspec.json.decode(raw, type=Named).format
        if found != FORMAT:
            raise ConfigError(
                f"format `{found}` is not `{FORMAT}`",
                place=source,
                help="`imagefence simulate --save-snapshot FILE` writes one",
            )
        stored = msgspec.json.decode(raw, type=Stored)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(
            f"not a snapshot: {str(error).lower()}",
            place=source,
            help="`imagefence simulate --save-snapshot FILE` writes one",
        ) from None
    return restored(stored, source)


def restored(stored: Stored, source: str) -> PolicySnapshot:
    """The values behind the file; every policy is parsed once."""
    texts = Texts(stored.documents, source, {})
    organization = stored.organization
    return PolicySnapshot(
        stored.taken_at,
        stored.region_id,
        texts.organization(organization) if organization else None,
        tuple(texts.identities(each) for each in stored.identities),
        stored.images,
        stored.gaps,
    )


@dataclass(slots=True)
class Documents:
    """The texts of policies while they are numbered."""

    places: dict[Document, int]
    texts: list[msgspec.Raw]

    def place(self, document: Document) -> int:
        """The number of a text."""
        if document not in self.places:
            self.places[document] = len(self.texts)
            self.texts.append(msgspec.Raw(print_document(document, compact=True).encode()))
        return self.places[document]

    def policies(self, policies: Iterable[AttachedPolicy]) -> tuple[StoredPolicy, ...]:
        """Policies with the numbers of their texts."""
        return tuple(
            StoredPolicy(
                name=each.name,
                document=self.place(each.document),
                version=each.version,
                attached_to=each.attached_to,
                system=each.system,
            )
            for each in policies
        )

    def identities(self, found: Identities) -> StoredIdentities:
        """The identities of an account."""
        return StoredIdentities(
            account_id=found.account_id,
            users=tuple(
                StoredHolder(name=u.name, id=u.id, groups=u.groups, policies=self.policies(u.policies))
                for u in found.users
            ),
            groups=tuple(StoredHolder(name=g.name, policies=self.policies(g.policies)) for g in found.groups),
            roles=tuple(
                StoredHolder(
                    name=r.name,
                    id=r.id,
                    policies=self.policies(r.policies),
                    trust=self.place(r.trust) if r.trust is not None else None,
                    service_linked=r.service_linked,
                )
                for r in found.roles
            ),
        )

    def organization(self, found: Organization) -> StoredOrganization:
        """The directory."""
        return StoredOrganization(
            directory_id=found.directory_id,
            root=self.folder(found.root),
            management_account=self.account(found.management_account),
            control_policies_enabled=found.control_policies_enabled,
        )

    def folder(self, found: Folder) -> StoredFolder:
        """A folder with all below it."""
        return StoredFolder(
            id=found.id,
            name=found.name,
            path=found.path,
            children=tuple(self.folder(each) for each in found.children),
            accounts=tuple(self.account(each) for each in found.accounts),
            control_policies=self.policies(found.control_policies),
        )

    def account(self, found: Account) -> StoredAccount:
        """An account."""
        return StoredAccount(
            id=found.id,
            name=found.name,
            path=found.path,
            control_policies=self.policies(found.control_policies),
        )


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a file and those parsed so far."""

    raws: tuple[msgspec.Raw, ...]
    source: str
    parsed: dict[tuple[int, PolicyKind], Document]

    def document(self, place: int, kind: PolicyKind, name: str) -> Document:
        """The policy at a place; raises PolicySyntaxError with the name by which it is attached."""
        if (place, kind) not in self.parsed:
            if not 0 <= place < len(self.raws):
                raise ConfigError(f"`{name}` names document {place} of {len(self.raws)}", place=self.source)
            text = bytes(self.raws[place]).decode()
            self.parsed[place, kind] = parse(text, kind, source=f"{self.source}: {name}", stored=True)
        return self.parsed[place, kind]

    def policies(self, stored: Iterable[StoredPolicy], kind: PolicyKind) -> tuple[AttachedPolicy, ...]:
        """The policies as values."""
        return tuple(
            AttachedPolicy(
                each.name,
                self.document(each.document, kind, each.name),
                each.version,
                each.attached_to,
                each.system,
            )
            for each in stored
        )

    def identities(self, stored: StoredIdentities) -> Identities:
        """The identities of an account as values."""

        def own(holder: StoredHolder) -> tuple[AttachedPolicy, ...]:
            return self.policies(holder.policies, PolicyKind.IDENTITY)

        return Identities(
            stored.account_id,
            tuple(User(each.name, own(each), each.groups, each.id) for each in stored.users),
            tuple(Group(each.name, own(each)) for each in stored.groups),
            tuple(
                Role(each.name, own(each), self.trust(each), each.service_linked, each.id)
                for each in stored.roles
            ),
        )

    def trust(self, role: StoredHolder) -> Document | None:
        """The trust policy of a role."""
        if role.trust is None:
            return None
        return self.document(role.trust, PolicyKind.TRUST, f"trust of {role.name}")

    def organization(self, stored: StoredOrganization) -> Organization:
        """The directory as a value."""
        return Organization(
            stored.directory_id,
            self.folder(stored.root),
            self.account(stored.management_account),
            stored.control_policies_enabled,
        )

    def folder(self, stored: StoredFolder) -> Folder:
        """A folder as a value."""
        return Folder(
            stored.id,
            stored.name,
            stored.path,
            tuple(self.folder(each) for each in stored.children),
            tuple(self.account(each) for each in stored.accounts),
            self.policies(stored.control_policies, PolicyKind.CONTROL),
        )

    def account(self, stored: StoredAccount) -> Account:
        """An account as a value."""
        policies = self.policies(stored.control_policies, PolicyKind.CONTROL)
        return Account(stored.id, stored.name, stored.path, policies)
