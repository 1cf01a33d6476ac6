"""RAM: users and their access keys.

Source: AlibabaCloudDocs/ram, pages of each operation; "RAM authentication" for the resources.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imagefence.api import ram_faults as faults
from imagefence.api.operation import Access, Answer, Authorized, Item, Operation, Paging, Parameters
from imagefence.api.products import RAM
from imagefence.api.ram_faults import Marker, MaxItems, doc

NEW_USER = (Authorized("user", new=True),)
ALL_USERS = (Authorized("user"),)
THE_USER = (Authorized("user", of="user_name"),)
# Why: access keys without UserName are the caller's own, and RAM asks for all users then.
USER_OR_ALL = (Authorized("user", of="user_name", otherwise="*"),)


class CreateUser(Parameters, frozen=True):
    """Parameters of CreateUser."""

    user_name: str
    display_name: str = ""
    mobile_phone: str = ""
    email: str = ""
    comments: str = ""


class OneUser(Parameters, frozen=True):
    """Parameters of operations on one user."""

    user_name: str


class ListUsers(Parameters, frozen=True):
    """Parameters of ListUsers."""

    marker: str = ""
    max_items: MaxItems = 100


class UpdateUser(Parameters, frozen=True):
    """Parameters of UpdateUser; what is left out stays."""

    user_name: str
    new_user_name: str | None = None
    new_display_name: str | None = None
    new_mobile_phone: str | None = None
    new_email: str | None = None
    new_comments: str | None = None


class NewUser(Item):
    """A RAM user as CreateUser shows it."""

    user_id: str = ""
    user_name: str = ""
    display_name: str = ""
    mobile_phone: str = ""
    email: str = ""
    comments: str = ""
    create_date: str = ""


class User(NewUser):
    """A RAM user."""

    update_date: str = ""


class DetailedUser(User):
    """A RAM user as GetUser shows it."""

    last_login_date: str = ""


class Users(Item):
    """A list of users."""

    user: tuple[User, ...] = ()


class CreateUserAnswer(Answer):
    """Answer of CreateUser."""

    user: NewUser = msgspec.field(default_factory=NewUser)


class UpdateUserAnswer(Answer):
    """Answer of UpdateUser."""

    user: User = msgspec.field(default_factory=User)


class GetUserAnswer(Answer):
    """Answer of GetUser."""

    user: DetailedUser = msgspec.field(default_factory=DetailedUser)


class ListUsersAnswer(Answer):
    """Answer of ListUsers; `marker` is there only when the list goes on."""

    is_truncated: bool = False
    marker: Marker = msgspec.UNSET
    users: Users = msgspec.field(default_factory=Users)


class CreateAccessKey(Parameters, frozen=True):
    """Parameters of CreateAccessKey; without a name, the calling user's own."""

    user_name: str = ""


class ListAccessKeys(Parameters, frozen=True):
    """Parameters of ListAccessKeys; without a name, the caller's own."""

    user_name: str = ""


class UpdateAccessKey(Parameters, frozen=True):
    """Parameters of UpdateAccessKey."""

    user_access_key_id: str
    status: str
    user_name: str = ""


class DeleteAccessKey(Parameters, frozen=True):
    """Parameters of DeleteAccessKey."""

    user_access_key_id: str
    user_name: str = ""


class AccessKey(Item):
    """An access key, without its secret."""

    access_key_id: str = ""
    status: str = ""
    create_date: str = ""


class NewAccessKey(AccessKey):
    """An access key with its secret, which is shown only once."""

    access_key_secret: str = ""


class AccessKeys(Item):
    """A list of access keys."""

    access_key: tuple[AccessKey, ...] = ()


class CreateAccessKeyAnswer(Answer):
    """Answer of CreateAccessKey."""

    access_key: NewAccessKey = msgspec.field(default_factory=NewAccessKey)


class ListAccessKeysAnswer(Answer):
    """Answer of ListAccessKeys."""

    access_keys: AccessKeys = msgspec.field(default_factory=AccessKeys)


CREATE_USER = Operation(
    product=RAM,
    name="CreateUser",
    request=CreateUser,
    response=CreateUserAnswer,
    access=Access.WRITE,
    authorizes=NEW_USER,
    doc=doc("CreateUser"),
    faults=(faults.USER_EXISTS, faults.TOO_MANY_USERS),
)
GET_USER = Operation(
    product=RAM,
    name="GetUser",
    request=OneUser,
    response=GetUserAnswer,
    access=Access.READ,
    authorizes=THE_USER,
    doc=doc("GetUser"),
    faults=(faults.NO_USER,),
)
LIST_USERS = Operation(
    product=RAM,
    name="ListUsers",
    request=ListUsers,
    response=ListUsersAnswer,
    access=Access.READ,
    authorizes=ALL_USERS,
    doc=doc("ListUsers"),
    paging=Paging.MARKER,
    items="users.user",
)
UPDATE_USER = Operation(
    product=RAM,
    name="UpdateUser",
    request=UpdateUser,
    response=UpdateUserAnswer,
    access=Access.WRITE,
    authorizes=THE_USER,
    doc=doc("UpdateUser"),
    faults=(faults.NO_USER, faults.USER_EXISTS),
)
DELETE_USER = Operation(
    product=RAM,
    name="DeleteUser",
    request=OneUser,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_USER,
    doc=doc("DeleteUser"),
    faults=(
        faults.NO_USER,
        faults.USER_HELD_BY_GROUP,
        faults.USER_HELD_BY_KEY,
        faults.USER_HELD_BY_POLICY,
    ),
)
CREATE_ACCESS_KEY = Operation(
    product=RAM,
    name="CreateAccessKey",
    request=CreateAccessKey,
    response=CreateAccessKeyAnswer,
    access=Access.WRITE,
    authorizes=USER_OR_ALL,
    doc=doc("CreateAccessKey"),
    faults=(faults.NO_USER, faults.TOO_MANY_KEYS),
)
LIST_ACCESS_KEYS = Operation(
    product=RAM,
    name="ListAccessKeys",
    request=ListAccessKeys,
    response=ListAccessKeysAnswer,
    access=Access.READ,
    authorizes=USER_OR_ALL,
    doc=doc("ListAccessKeys"),
    faults=(faults.NO_USER,),
    items="access_keys.access_key",
)
UPDATE_ACCESS_KEY = Operation(
    product=RAM,
    name="UpdateAccessKey",
    request=UpdateAccessKey,
    response=Answer,
    access=Access.WRITE,
    authorizes=USER_OR_ALL,
    doc=doc("UpdateAccessKey"),
    faults=(faults.NO_USER, faults.NO_ACCESS_KEY, faults.STATUS),
)
DELETE_ACCESS_KEY = Operation(
    product=RAM,
    name="DeleteAccessKey",
    request=DeleteAccessKey,
    response=Answer,
    access=Access.WRITE,
    authorizes=USER_OR_ALL,
    doc=doc("DeleteAccessKey"),
    faults=(faults.NO_USER, faults.NO_ACCESS_KEY),
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    CREATE_USER,
    GET_USER,
    LIST_USERS,
    UPDATE_USER,
    DELETE_USER,
    CREATE_ACCESS_KEY,
    LIST_ACCESS_KEYS,
    UPDATE_ACCESS_KEY,
    DELETE_ACCESS_KEY,
)
