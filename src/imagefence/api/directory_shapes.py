"""The shapes of the resource directory's requests and answers, shared by both of its products.

Types that end in `Of2020` are the narrower ones of ResourceManager 2020-03-31.
"""

from __future__ import annotations

import msgspec

from imagefence.api.directory_faults import PageNumber, PageSize
from imagefence.api.operation import Answer, Item, Parameters


class Tag(msgspec.Struct, frozen=True, rename="pascal"):
    """A tag of an account."""

    key: str = ""
    value: str = ""


class EnableResourceDirectoryOf2020(Parameters, frozen=True):
    """Parameters of EnableResourceDirectory in ResourceManager."""

    enable_mode: str


class EnableResourceDirectory(EnableResourceDirectoryOf2020, frozen=True):
    """Parameters of EnableResourceDirectory: `CurrentAccount` is the only mode here."""

    dry_run: bool = False


class NoParameters(Parameters, frozen=True):
    """Operations without parameters."""


class CreateFolder(Parameters, frozen=True):
    """Parameters of CreateFolder; without a parent, below Root."""

    folder_name: str
    parent_folder_id: str = ""


class OneFolder(Parameters, frozen=True):
    """Parameters of operations on one folder."""

    folder_id: str


class ListFoldersForParent(Parameters, frozen=True):
    """Parameters of ListFoldersForParent; without a parent, those below Root."""

    parent_folder_id: str = ""
    query_keyword: str = ""
    page_number: PageNumber = 1
    page_size: PageSize = 10


class MoveAccount(Parameters, frozen=True):
    """Parameters of MoveAccount."""

    account_id: str
    destination_folder_id: str


class CreateResourceAccountOf2020(Parameters, frozen=True):
    """Parameters of CreateResourceAccount in ResourceManager."""

    display_name: str
    parent_folder_id: str = ""
    payer_account_id: str = ""
    account_name_prefix: str = ""
    tag: tuple[Tag, ...] = ()


class CreateResourceAccount(CreateResourceAccountOf2020, frozen=True):
    """Parameters of CreateResourceAccount."""

    dry_run: bool = False


class ListAccountsOf2020(Parameters, frozen=True):
    """Parameters of ListAccounts in ResourceManager."""

    page_number: PageNumber = 1
    page_size: PageSize = 10
    tag: tuple[Tag, ...] = ()
    include_tags: bool = False


class ListAccounts(ListAccountsOf2020, frozen=True):
    """Parameters of ListAccounts; a token or `max_results` turns page numbers off."""

    query_keyword: str = ""
    max_results: PageSize | None = None
    next_token: str = ""


class GetAccount(Parameters, frozen=True):
    """Parameters of GetAccount."""

    account_id: str
    include_tags: bool = False


class NewDirectory(Item):
    """A directory as enabling shows it."""

    resource_directory_id: str = ""
    root_folder_id: str = ""
    master_account_id: str = ""
    master_account_name: str = ""
    create_time: str = ""


class ResourceDirectory(NewDirectory):
    """A directory; `control_policy_status` is Enabled, PendingEnable, Disabled or PendingDisable."""

    control_policy_status: str = ""
    member_deletion_status: str = ""
    identity_information: str = ""


class BriefFolder(Item):
    """A folder in a list."""

    folder_id: str = ""
    folder_name: str = ""
    create_time: str = ""


class NewFolder(BriefFolder):
    """A folder as CreateFolder shows it."""

    parent_folder_id: str = ""


class Folder(NewFolder):
    """A folder; the path is made of ids."""

    resource_directory_path: str = ""


class Folders(Item):
    """A list of folders."""

    folder: tuple[BriefFolder, ...] = ()


class BriefAccount(Item):
    """What all answers show of a member."""

    account_id: str = ""
    display_name: str = ""
    folder_id: str = ""
    resource_directory_id: str = ""
    join_method: str = ""
    join_time: str = ""
    modify_time: str = ""
    status: str = ""
    type: str = ""


class NewAccount(BriefAccount):
    """A member as CreateResourceAccount shows it."""

    account_name: str = ""


class TagItem(Item):
    """A tag in an answer."""

    key: str = ""
    value: str = ""


class TagItems(Item):
    """The tags of a member in a list."""

    tag: tuple[TagItem, ...] = ()


class AccountOf2020(BriefAccount):
    """A member in the list of ResourceManager; the path is made of ids."""

    resource_directory_path: str = ""
    tags: TagItems = msgspec.field(default_factory=TagItems)


class ListedAccount(AccountOf2020):
    """A member in a list."""

    account_name: str = ""


class Account(NewAccount):
    """A member as GetAccount shows it."""

    resource_directory_path: str = ""
    identity_information: str = ""
    tags: tuple[TagItem, ...] = ()


class AccountsOf2020(Item):
    """A list of members of ResourceManager."""

    account: tuple[AccountOf2020, ...] = ()


class Accounts(Item):
    """A list of members."""

    account: tuple[ListedAccount, ...] = ()


class NewDirectoryAnswer(Answer):
    """Answer of EnableResourceDirectory and InitResourceDirectory."""

    resource_directory: NewDirectory = msgspec.field(default_factory=NewDirectory)


class GetResourceDirectoryAnswer(Answer):
    """Answer of GetResourceDirectory."""

    resource_directory: ResourceDirectory = msgspec.field(default_factory=ResourceDirectory)


class CreateFolderAnswer(Answer):
    """Answer of CreateFolder."""

    folder: NewFolder = msgspec.field(default_factory=NewFolder)


class GetFolderAnswer(Answer):
    """Answer of GetFolder."""

    folder: Folder = msgspec.field(default_factory=Folder)


class ListFoldersForParentAnswer(Answer):
    """Answer of ListFoldersForParent."""

    folders: Folders = msgspec.field(default_factory=Folders)
    page_number: int = 1
    page_size: int = 10
    total_count: int = 0


class CreateResourceAccountAnswer(Answer):
    """Answer of CreateResourceAccount."""

    account: NewAccount = msgspec.field(default_factory=NewAccount)


class ListAccountsAnswerOf2020(Answer):
    """Answer of ListAccounts in ResourceManager."""

    accounts: AccountsOf2020 = msgspec.field(default_factory=AccountsOf2020)
    page_number: int = 1
    page_size: int = 10
    total_count: int = 0


class ListAccountsAnswer(Answer):
    """Answer of ListAccounts."""

    accounts: Accounts = msgspec.field(default_factory=Accounts)
    page_number: int = 1
    page_size: int = 10
    total_count: int = 0
    next_token: str = ""


class GetAccountAnswer(Answer):
    """Answer of GetAccount."""

    account: Account = msgspec.field(default_factory=Account)
