"""The resource directory: enabling it, and its folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from imagefence.api import directory as api
from imagefence.api import directory_faults as faults
from imagefence.api import directory_shapes as shapes
from imagefence.api.operation import Answer, Operation, Parameters
from imagefence.api.resource_manager import INIT_RESOURCE_DIRECTORY, TWINS
from imagefence.sandbox.birth import letters
from imagefence.sandbox.call import Call, Refused, finds, performs
from imagefence.sandbox.directory_state import FULL_ACCESS, ControlPolicy, Directory, Folder
from imagefence.sandbox.ram_lookup import stamp
from imagefence.sandbox.system_policies import FULL_ACCESS_TEXT, PUBLISHED

Req = TypeVar("Req", bound=Parameters)
Res = TypeVar("Res", bound=Answer)
T = TypeVar("T")

DEEPEST = 5
MOST_FOLDERS = 100
FOLDER_NAME = re.compile(r"[\w.\-]+")
LONGEST_FOLDER_NAME = 24


def performs_both(
    operation: Operation[Req, Res],
) -> Callable[[Callable[[Call, Any], Res]], Callable[[Call, Any], Res]]:
    """Binds a behaviour to an operation of 2022-04-19 and to its twin of 2020-03-31."""

    def bind(function: Callable[[Call, Any], Res]) -> Callable[[Call, Any], Res]:
        return performs(TWINS[operation])(performs(operation)(function))

    return bind


@finds("folder")
def find_folder(call: Call, place: str) -> Folder | None:
    """Gives the gate a folder by its id or by its path of ids."""
    directory = call.account.directory
    return directory.folders.get(place.rpartition("/")[2]) if directory is not None else None


@performs(INIT_RESOURCE_DIRECTORY)
def init_resource_directory(call: Call, request: shapes.NoParameters) -> shapes.NewDirectoryAnswer:
    """Makes the calling account the management account of a new directory."""
    return shapes.NewDirectoryAnswer(resource_directory=_enabled(call))


@performs_both(api.ENABLE_RESOURCE_DIRECTORY)
def enable_resource_directory(
    call: Call, request: shapes.EnableResourceDirectoryOf2020
) -> shapes.NewDirectoryAnswer:
    """Does the same; a new account as management account is not offered here."""
    if request.enable_mode != "CurrentAccount":
        raise Refused(faults.ENABLE_MODE)
    return shapes.NewDirectoryAnswer(resource_directory=_enabled(call))


@performs_both(api.GET_RESOURCE_DIRECTORY)
def get_resource_directory(call: Call, request: shapes.NoParameters) -> shapes.GetResourceDirectoryAnswer:
    """Shows the directory, to its members too."""
    directory = call.account.directory
    if directory is None:
        raise Refused(faults.DIRECTORY_NOT_IN_USE)
    return shapes.GetResourceDirectoryAnswer(
        resource_directory=shapes.ResourceDirectory(
            **_brief(directory),
            control_policy_status="Enabled" if directory.control_policies_enabled else "Disabled",
            member_deletion_status="Disabled",
        )
    )


@performs_both(api.CREATE_FOLDER)
def create_folder(call: Call, request: shapes.CreateFolder) -> shapes.CreateFolderAnswer:
    """Creates a folder below Root or another folder, at most five levels deep."""
    directory = managed(call)
    parent = folder_of(directory, request.parent_folder_id or directory.root_id)
    _check_name(directory, parent, request.folder_name)
    if parent.depth >= DEEPEST:
        raise Refused(faults.FOLDER_DEPTH)
    if len(directory.folders) > MOST_FOLDERS:
        raise Refused(faults.FOLDER_COUNT)
    folder_id = "fd-" + letters(call.world, 10)
    folder = Folder(
        id=folder_id,
        name=request.folder_name,
        parent_id=parent.id,
        path=f"{parent.path}/{folder_id}",
        owner=call.account.id,
        created=call.now,
        depth=parent.depth + 1,
        attached={FULL_ACCESS: call.now} if directory.control_policies_enabled else {},
    )
    directory.folders[folder.id] = folder
    directory.changed()
    return shapes.CreateFolderAnswer(
        folder=shapes.NewFolder(
            folder_id=folder.id,
            folder_name=folder.name,
            parent_folder_id=parent.id,
            create_time=stamp(folder.created),
        )
    )


@performs_both(api.GET_FOLDER)
def get_folder(call: Call, request: shapes.OneFolder) -> shapes.GetFolderAnswer:
    """Shows a folder with its path of ids."""
    folder = folder_of(managed(call), request.folder_id)
    return shapes.GetFolderAnswer(
        folder=shapes.Folder(
            folder_id=folder.id,
            folder_name=folder.name,
            parent_folder_id=folder.parent_id,
            create_time=stamp(folder.created),
            resource_directory_path=folder.path,
        )
    )


@performs_both(api.DELETE_FOLDER)
def delete_folder(call: Call, request: shapes.OneFolder) -> Answer:
    """Deletes an empty folder; its control policies are detached with it."""
    directory = managed(call)
    folder = folder_of(directory, request.folder_id)
    if not folder.parent_id:
        raise Refused(faults.FOLDER_ID)
    if any(other.parent_id == folder.id for other in directory.folders.values()):
        raise Refused(faults.FOLDER_HELD_BY_FOLDER)
    if any(member.folder_id == folder.id for member in directory.members.values()):
        raise Refused(faults.FOLDER_HELD_BY_ACCOUNT)
    del directory.folders[folder.id]
    directory.changed()
    return Answer()


@performs_both(api.LIST_FOLDERS_FOR_PARENT)
def list_folders_for_parent(
    call: Call, request: shapes.ListFoldersForParent
) -> shapes.ListFoldersForParentAnswer:
    """Lists the direct children of a folder."""
    directory = managed(call)
    parent = folder_of(directory, request.parent_folder_id or directory.root_id)
    children = [
        folder
        for folder in directory.folders.values()
        if folder.parent_id == parent.id and request.query_keyword in folder.name
    ]
    listed = tuple(
        shapes.BriefFolder(folder_id=each.id, folder_name=each.name, create_time=stamp(each.created))
        for each in numbered(children, request.page_number, request.page_size)
    )
    return shapes.ListFoldersForParentAnswer(
        folders=shapes.Folders(folder=listed),
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=len(children),
    )


def managed(call: Call) -> Directory:
    """Gives the directory that the calling account manages, or refuses."""
    directory = call.account.directory
    if directory is None:
        raise Refused(faults.NO_DIRECTORY)
    if directory.management_account_id != call.account.id:
        raise Refused(faults.MEMBER_DENIED)
    return directory


def folder_of(directory: Directory, folder_id: str) -> Folder:
    """Finds a folder or refuses."""
    folder = directory.folders.get(folder_id)
    if folder is None:
        raise Refused(faults.NO_FOLDER)
    return folder


def numbered(items: Sequence[T], number: int, size: int) -> Sequence[T]:
    """Cuts the page of that number out, from 1."""
    return items[(number - 1) * size : number * size]


def _enabled(call: Call) -> shapes.NewDirectory:
    if call.account.directory is not None:
        own = call.account.directory.management_account_id == call.account.id
        raise Refused(faults.DIRECTORY_EXISTS if own else faults.IN_ANOTHER_DIRECTORY)
    # Differs from the cloud: no enterprise verification is asked for.
    directory_id, root_id = "rd-" + letters(call.world, 6), "r-" + letters(call.world, 6)
    account = call.account
    root = Folder(root_id, "Root", "", f"{directory_id}/{root_id}", account.id, call.now)
    directory = Directory(directory_id, account.id, account.name, root_id, call.now, {root_id: root})
    directory.control_policies[FULL_ACCESS] = ControlPolicy(
        id=FULL_ACCESS,
        name="FullAliyunAccess",
        document=FULL_ACCESS_TEXT,
        owner="system",
        created=PUBLISHED,
        updated=PUBLISHED,
        description="Allows all operations on all resources.",
        effect_scope="All",
        type="System",
    )
    account.directory = directory
    return shapes.NewDirectory(**_brief(directory))


def _check_name(directory: Directory, parent: Folder, name: str) -> None:
    if len(name) > LONGEST_FOLDER_NAME:
        raise Refused(faults.FOLDER_NAME_LENGTH)
    if not FOLDER_NAME.fullmatch(name):
        raise Refused(faults.FOLDER_NAME)
    if any(each.parent_id == parent.id and each.name == name for each in directory.folders.values()):
        raise Refused(faults.FOLDER_NAME_USED)


def _brief(directory: Directory) -> dict[str, Any]:
    return {
        "resource_directory_id": directory.id,
        "root_folder_id": directory.root_id,
        "master_account_id": directory.management_account_id,
        "master_account_name": directory.management_account_name,
        "create_time": stamp(directory.created),
    }
