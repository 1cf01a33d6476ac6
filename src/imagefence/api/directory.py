"""ResourceDirectoryMaster 2022-04-19: the directory, its folders and its accounts.

The same operations of ResourceManager 2020-03-31 are derived in `resource_manager`.
Source: OpenAPI metadata of ResourceManager and ResourceDirectoryMaster.
"""

from __future__ import annotations

from typing import Any

from imagefence.api import directory_faults as faults
from imagefence.api import directory_shapes as shapes
from imagefence.api.directory_faults import doc
from imagefence.api.operation import Access, Answer, Authorized, Operation, Paging
from imagefence.api.products import RESOURCE_DIRECTORY

EVERYTHING = (Authorized("*"),)


ENABLE_RESOURCE_DIRECTORY = Operation(
    product=RESOURCE_DIRECTORY,
    name="EnableResourceDirectory",
    request=shapes.EnableResourceDirectory,
    response=shapes.NewDirectoryAnswer,
    access=Access.WRITE,
    authorizes=EVERYTHING,
    doc=doc("EnableResourceDirectory"),
    faults=(faults.DIRECTORY_EXISTS, faults.IN_ANOTHER_DIRECTORY, faults.ENABLE_MODE),
)
GET_RESOURCE_DIRECTORY = Operation(
    product=RESOURCE_DIRECTORY,
    name="GetResourceDirectory",
    request=shapes.NoParameters,
    response=shapes.GetResourceDirectoryAnswer,
    access=Access.READ,
    authorizes=EVERYTHING,
    doc=doc("GetResourceDirectory"),
    faults=(faults.DIRECTORY_NOT_IN_USE,),
)
CREATE_FOLDER = Operation(
    product=RESOURCE_DIRECTORY,
    name="CreateFolder",
    request=shapes.CreateFolder,
    response=shapes.CreateFolderAnswer,
    access=Access.WRITE,
    authorizes=EVERYTHING,
    doc=doc("CreateFolder"),
    faults=(
        faults.NO_FOLDER,
        faults.FOLDER_NAME,
        faults.FOLDER_NAME_LENGTH,
        faults.FOLDER_NAME_USED,
        faults.FOLDER_DEPTH,
        faults.FOLDER_COUNT,
    ),
)
GET_FOLDER = Operation(
    product=RESOURCE_DIRECTORY,
    name="GetFolder",
    request=shapes.OneFolder,
    response=shapes.GetFolderAnswer,
    access=Access.READ,
    authorizes=EVERYTHING,
    doc=doc("GetFolder"),
    faults=(faults.NO_DIRECTORY, faults.NO_FOLDER),
)
DELETE_FOLDER = Operation(
    product=RESOURCE_DIRECTORY,
    name="DeleteFolder",
    request=shapes.OneFolder,
    response=Answer,
    access=Access.WRITE,
    authorizes=EVERYTHING,
    doc=doc("DeleteFolder"),
    faults=(
        faults.NO_FOLDER,
        faults.FOLDER_ID,
        faults.FOLDER_HELD_BY_FOLDER,
        faults.FOLDER_HELD_BY_ACCOUNT,
    ),
)
LIST_FOLDERS_FOR_PARENT = Operation(
    product=RESOURCE_DIRECTORY,
    name="ListFoldersForParent",
    request=shapes.ListFoldersForParent,
    response=shapes.ListFoldersForParentAnswer,
    access=Access.READ,
    authorizes=(Authorized("folder", of="parent_folder_id", at="folder", via="path", otherwise="*"),),
    doc=doc("ListFoldersForParent"),
    faults=(faults.NO_DIRECTORY, faults.NO_FOLDER),
    paging=Paging.PAGE_NUMBER,
    items="folders.folder",
)
MOVE_ACCOUNT = Operation(
    product=RESOURCE_DIRECTORY,
    name="MoveAccount",
    request=shapes.MoveAccount,
    response=Answer,
    access=Access.WRITE,
    authorizes=EVERYTHING,
    doc=doc("MoveAccount"),
    faults=(faults.NO_ACCOUNT, faults.NO_FOLDER, faults.ALREADY_THERE),
)
CREATE_RESOURCE_ACCOUNT = Operation(
    product=RESOURCE_DIRECTORY,
    name="CreateResourceAccount",
    request=shapes.CreateResourceAccount,
    response=shapes.CreateResourceAccountAnswer,
    access=Access.WRITE,
    authorizes=EVERYTHING,
    doc=doc("CreateResourceAccount"),
    faults=(
        faults.NO_FOLDER,
        faults.DISPLAY_NAME,
        faults.DISPLAY_NAME_LENGTH,
        faults.DISPLAY_NAME_USED,
        faults.NAME_PREFIX,
        faults.ACCOUNT_LIMIT,
    ),
)
LIST_ACCOUNTS = Operation(
    product=RESOURCE_DIRECTORY,
    name="ListAccounts",
    request=shapes.ListAccounts,
    response=shapes.ListAccountsAnswer,
    access=Access.READ,
    authorizes=(Authorized("account"),),
    doc=doc("ListAccounts"),
    faults=(faults.NO_DIRECTORY,),
    paging=Paging.PAGE_NUMBER,
    items="accounts.account",
)
GET_ACCOUNT = Operation(
    product=RESOURCE_DIRECTORY,
    name="GetAccount",
    request=shapes.GetAccount,
    response=shapes.GetAccountAnswer,
    access=Access.READ,
    authorizes=EVERYTHING,
    doc=doc("GetAccount"),
    faults=(faults.NO_DIRECTORY, faults.NO_ACCOUNT),
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    ENABLE_RESOURCE_DIRECTORY,
    GET_RESOURCE_DIRECTORY,
    CREATE_FOLDER,
    GET_FOLDER,
    DELETE_FOLDER,
    LIST_FOLDERS_FOR_PARENT,
    MOVE_ACCOUNT,
    CREATE_RESOURCE_ACCOUNT,
    LIST_ACCOUNTS,
    GET_ACCOUNT,
)
