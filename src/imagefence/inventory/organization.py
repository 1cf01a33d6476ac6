"""The resource directory: folders, accounts and the control policies on each node.

Source: help.aliyun.com resource-management, GetResourceDirectory, ListFoldersForParent, ListAccounts,
ListControlPolicyAttachmentsForTarget, GetControlPolicy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from imagefence.api import control_policies as policy_api
from imagefence.api import directory_shapes as shapes
from imagefence.api.directory import GET_RESOURCE_DIRECTORY, LIST_ACCOUNTS, LIST_FOLDERS_FOR_PARENT
from imagefence.cloud.accounts import at_once, directory_gaps
from imagefence.cloud.gap import Gap
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault
from imagefence.inventory.reading import Reader
from imagefence.org.organization import ROOT, Account, Folder, Organization
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.policies import AttachedPolicy

SYSTEM = "System"
ENABLED = "Enabled"


@dataclass(slots=True)
class Branch:
    """A folder while the tree is being read."""

    id: str
    name: str
    path: str
    children: list[Branch] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)

    def all(self) -> Iterable[Branch]:
        """This folder and all below it, from the top."""
        yield self
        for child in self.children:
            yield from child.all()


@dataclass(frozen=True, slots=True)
class Policed:
    """The control policies by the id of the node that they hang on."""

    attachments: dict[str, tuple[policy_api.ControlPolicyAttachment, ...]]
    documents: dict[str, Document | None]

    def on(self, node_id: str, path: str) -> tuple[AttachedPolicy, ...]:
        """The policies of a node whose text is known; the others are gaps already."""
        return tuple(
            AttachedPolicy(
                policy.policy_name, document, attached_to=path, system=policy.policy_type == SYSTEM
            )
            for policy in self.attachments.get(node_id, ())
            if (document := self.documents.get(policy.policy_id)) is not None
        )


def read_organization(
    session: Session, *, policies: bool = True
) -> tuple[Organization | None, tuple[Gap, ...]]:
    """Reads the directory that the session's account manages; without `policies` its tree alone.

    None for a member, whom its directory tells nothing, and for an account outside one.
    """
    reader = Reader(session, session.account_id)
    try:
        found = session.call(GET_RESOURCE_DIRECTORY, shapes.NoParameters()).resource_directory
    except CloudFault as fault:
        return None, directory_gaps(fault, reader.account_id)
    if found.master_account_id != reader.account_id:
        return None, ()
    root = read_tree(reader, found.root_folder_id, found.master_account_id)
    enabled = found.control_policy_status == ENABLED
    policed = read_policies(reader, root) if policies and enabled else Policed({}, {})
    name = found.master_account_name or found.master_account_id
    organization = Organization(
        found.resource_directory_id,
        folder_of(root, policed),
        Account(found.master_account_id, name, f"{ROOT}/{name}"),
        enabled,
    )
    return organization, tuple(reader.gaps)


def read_tree(reader: Reader, root_id: str, management_id: str) -> Branch:
    """Reads the folders level by level, then hangs each member into its folder."""
    root = Branch(root_id, ROOT, ROOT)
    level = [root]
    while level:
        for branch, children in zip(level, at_once(lambda b: read_children(reader, b), level), strict=True):
            branch.children = children
        level = [child for branch in level for child in branch.children]
    folders = {branch.id: branch for branch in root.all()}
    for member in reader.items(LIST_ACCOUNTS, shapes.ListAccounts()):
        # Why: a folder that could not be listed is a gap; its members are still members, under Root at least.
        folder = folders.get(member.folder_id, root)
        if member.account_id != management_id:
            path = f"{folder.path}/{member.display_name}"
            folder.accounts.append(Account(member.account_id, member.display_name, path))
    return root


def read_children(reader: Reader, parent: Branch) -> list[Branch]:
    """The folders right below one."""
    request = shapes.ListFoldersForParent(parent_folder_id=parent.id)
    return [
        Branch(folder.folder_id, folder.folder_name, f"{parent.path}/{folder.folder_name}")
        for folder in reader.items(LIST_FOLDERS_FOR_PARENT, request)
    ]


def read_policies(reader: Reader, root: Branch) -> Policed:
    """What hangs on every node, and the text of each policy once."""
    nodes = [branch.id for branch in root.all()]
    nodes += [account.id for branch in root.all() for account in branch.accounts]
    attachments = dict(zip(nodes, at_once(lambda node: read_attachments(reader, node), nodes), strict=True))
    ids = sorted({policy.policy_id for listed in attachments.values() for policy in listed})
    documents = at_once(lambda policy_id: read_document(reader, policy_id), ids)
    return Policed(attachments, dict(zip(ids, documents, strict=True)))


def read_attachments(reader: Reader, node_id: str) -> tuple[policy_api.ControlPolicyAttachment, ...]:
    """The control policies that hang on a node itself."""
    request = policy_api.ListControlPolicyAttachmentsForTarget(target_id=node_id)
    return tuple(reader.items(policy_api.LIST_CONTROL_POLICY_ATTACHMENTS_FOR_TARGET, request))


def read_document(reader: Reader, policy_id: str) -> Document | None:
    """The text of a control policy."""
    answer = reader.answer(policy_api.GET_CONTROL_POLICY, policy_api.GetControlPolicy(policy_id=policy_id))
    if answer is None:
        return None
    policy = answer.control_policy
    return reader.document(policy.policy_document, PolicyKind.CONTROL, policy.policy_name, "GetControlPolicy")


def folder_of(branch: Branch, policed: Policed) -> Folder:
    """The frozen folder, with its policies and those of its accounts."""
    return Folder(
        id=branch.id,
        name=branch.name,
        path=branch.path,
        children=tuple(folder_of(child, policed) for child in branch.children),
        accounts=tuple(
            Account(account.id, account.name, account.path, policed.on(account.id, account.path))
            for account in branch.accounts
        ),
        control_policies=policed.on(branch.id, branch.path),
    )
