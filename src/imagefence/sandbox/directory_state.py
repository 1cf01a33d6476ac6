"""The state of a resource directory: folders, members, control policies and what is attached where.

Whatever changes here calls `Directory.changed()`, so that the policies in force are put together anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

FULL_ACCESS = "cp-FullAliyunAccess"


@dataclass(slots=True)
class Folder:
    """The root folder or one below it; `path` is made of ids: `rd-…/r-…/fd-…`."""

    id: str
    name: str
    parent_id: str
    path: str
    owner: str
    created: datetime
    depth: int = 0
    attached: dict[str, datetime] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Member:
    """A member account in its folder, with the control policies attached to it; `path` is made of ids."""

    id: str
    name: str
    account_name: str
    folder_id: str
    path: str
    owner: str
    joined: datetime
    modified: datetime
    attached: dict[str, datetime] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ControlPolicy:
    """A control policy: one text, replaced in place."""

    id: str
    name: str
    document: str
    owner: str
    created: datetime
    updated: datetime
    description: str = ""
    effect_scope: str = "RAM"
    type: str = "Custom"
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Directory:
    """One resource directory, shared by its management account and all of its members."""

    id: str
    management_account_id: str
    management_account_name: str
    root_id: str
    created: datetime
    folders: dict[str, Folder] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    control_policies: dict[str, ControlPolicy] = field(default_factory=dict)
    control_policies_enabled: bool = False
    revision: int = 0

    def changed(self) -> None:
        """Marks that the tree, a control policy or an attachment has changed."""
        self.revision += 1

    def node(self, target_id: str) -> Folder | Member | None:
        """Finds a folder or a member by its id."""
        return self.folders.get(target_id) or self.members.get(target_id)

    def way_down(self, account_id: str) -> tuple[Folder | Member, ...]:
        """Gives the nodes from Root down to a member account; nothing for any other account."""
        member = self.members.get(account_id)
        if member is None:
            return ()
        way: list[Folder | Member] = [member]
        folder_id = member.folder_id
        while folder_id:
            folder = self.folders[folder_id]
            way.append(folder)
            folder_id = folder.parent_id
        return tuple(reversed(way))

    def named_path(self, node: Folder | Member) -> str:
        """Spells the way to a node by names: `Root/Workloads/dev`."""
        parts = [node.name]
        parent = node.folder_id if isinstance(node, Member) else node.parent_id
        while parent:
            folder = self.folders[parent]
            parts.append(folder.name)
            parent = folder.parent_id
        return "/".join(reversed(parts))
