"""RAM users and their access keys."""

from __future__ import annotations

from collections.abc import Iterator

from imagefence.api import ram_faults as faults
from imagefence.api import ram_users as ram
from imagefence.api.operation import Answer
from imagefence.sandbox.birth import add_key
from imagefence.sandbox.call import Call, Refused, finds, performs
from imagefence.sandbox.identities import User
from imagefence.sandbox.ram_lookup import (
    IDENTITY_NAME,
    check_length,
    check_name,
    digits,
    page,
    stamp,
    user_of,
)
from imagefence.sandbox.world import AccessKey, World

MOST_USERS = 5000
MOST_KEYS = {"user": 2, "root": 5}
STATUSES = ("Active", "Inactive")


@finds("user")
def find_user(call: Call, name: str) -> User | None:
    """Gives the gate a user of the calling account."""
    return call.account.identities.users.get(name)


@performs(ram.CREATE_USER)
def create_user(call: Call, request: ram.CreateUser) -> ram.CreateUserAnswer:
    """Creates a user without keys, groups or policies."""
    identities = call.account.identities
    check_name(request.user_name, "UserName", IDENTITY_NAME)
    _check_texts(request.display_name, request.comments)
    if request.user_name in identities.users:
        raise Refused(faults.USER_EXISTS)
    if len(identities.users) >= MOST_USERS:
        raise Refused(faults.TOO_MANY_USERS)
    user = User(
        name=request.user_name,
        id=digits(call.world.random, 18),
        owner=call.account.id,
        created=call.now,
        updated=call.now,
        display_name=request.display_name or request.user_name,
        mobile_phone=request.mobile_phone,
        email=request.email,
        comments=request.comments,
    )
    identities.users[user.name] = user
    identities.changed()
    return ram.CreateUserAnswer(user=ram.NewUser(**_brief(user)))


@performs(ram.GET_USER)
def get_user(call: Call, request: ram.OneUser) -> ram.GetUserAnswer:
    """Shows a user; nobody ever logs in to the console here, so the last login stays empty."""
    user = user_of(call, request.user_name)
    shown = ram.DetailedUser(**_brief(user), update_date=stamp(user.updated))
    return ram.GetUserAnswer(user=shown)


@performs(ram.LIST_USERS)
def list_users(call: Call, request: ram.ListUsers) -> ram.ListUsersAnswer:
    """Lists users by name."""
    users = call.account.identities.users.values()
    shown, marker = page(users, lambda user: user.name, request.marker, request.max_items)
    return ram.ListUsersAnswer(
        is_truncated=bool(marker), marker=marker, users=ram.Users(user=tuple(map(_shown, shown)))
    )


@performs(ram.UPDATE_USER)
def update_user(call: Call, request: ram.UpdateUser) -> ram.UpdateUserAnswer:
    """Changes what is given; keys and memberships follow a new name."""
    user = user_of(call, request.user_name)
    _check_texts(request.new_display_name or "", request.new_comments or "")
    if request.new_user_name:
        _rename(call, user, request.new_user_name)
    changes = {
        "display_name": request.new_display_name,
        "mobile_phone": request.new_mobile_phone,
        "email": request.new_email,
        "comments": request.new_comments,
    }
    for attribute, value in changes.items():
        if value is not None:
            setattr(user, attribute, value)
    user.updated = call.now
    call.account.identities.changed()
    return ram.UpdateUserAnswer(user=_shown(user))


@performs(ram.DELETE_USER)
def delete_user(call: Call, request: ram.OneUser) -> Answer:
    """Deletes a user that has no policies, groups or keys left."""
    user = user_of(call, request.user_name)
    if user.policies:
        raise Refused(faults.USER_HELD_BY_POLICY)
    if user.groups:
        raise Refused(faults.USER_HELD_BY_GROUP)
    if any(keys_of(call.world, call.account.id, f"user/{user.name}")):
        raise Refused(faults.USER_HELD_BY_KEY)
    del call.account.identities.users[user.name]
    call.account.identities.changed()
    return Answer()


@performs(ram.CREATE_ACCESS_KEY)
def create_access_key(call: Call, request: ram.CreateAccessKey) -> ram.CreateAccessKeyAnswer:
    """Creates a key for a user, or without a name for the caller itself."""
    principal = _keeper(call, request.user_name)
    kind = principal.partition("/")[0]
    if sum(1 for _ in keys_of(call.world, call.account.id, principal)) >= MOST_KEYS[kind]:
        raise Refused(faults.TOO_MANY_KEYS)
    key = add_key(call.world, call.account, principal)
    return ram.CreateAccessKeyAnswer(
        access_key=ram.NewAccessKey(
            access_key_id=key.id,
            access_key_secret=key.secret,
            status=key.status,
            create_date=stamp(key.created),
        )
    )


@performs(ram.LIST_ACCESS_KEYS)
def list_access_keys(call: Call, request: ram.ListAccessKeys) -> ram.ListAccessKeysAnswer:
    """Lists the keys of a user, or without a name the caller's own."""
    keys = keys_of(call.world, call.account.id, _keeper(call, request.user_name))
    shown = (
        ram.AccessKey(access_key_id=key.id, status=key.status, create_date=stamp(key.created)) for key in keys
    )
    return ram.ListAccessKeysAnswer(access_keys=ram.AccessKeys(access_key=tuple(shown)))


@performs(ram.UPDATE_ACCESS_KEY)
def update_access_key(call: Call, request: ram.UpdateAccessKey) -> Answer:
    """Turns a key on or off."""
    if request.status not in STATUSES:
        raise Refused(faults.STATUS)
    _key(call, request.user_name, request.user_access_key_id).status = request.status
    return Answer()


@performs(ram.DELETE_ACCESS_KEY)
def delete_access_key(call: Call, request: ram.DeleteAccessKey) -> Answer:
    """Deletes a key for good."""
    del call.world.keys[_key(call, request.user_name, request.user_access_key_id).id]
    return Answer()


def keys_of(world: World, account_id: str, principal: str) -> Iterator[AccessKey]:
    """Gives the long-lived keys of a user or of the root, oldest first."""
    for key in world.keys.values():
        if key.account_id == account_id and key.principal == principal and not key.token:
            yield key


def _keeper(call: Call, user_name: str) -> str:
    """Tells whose keys are meant: a named user's, or the calling user's or root's own."""
    if user_name:
        return f"user/{user_of(call, user_name).name}"
    if call.key.token:
        raise Refused(faults.NO_USER)
    return call.key.principal


def _key(call: Call, user_name: str, key_id: str) -> AccessKey:
    keeper = _keeper(call, user_name)
    for key in keys_of(call.world, call.account.id, keeper):
        if key.id == key_id:
            return key
    raise Refused(faults.NO_ACCESS_KEY)


def _rename(call: Call, user: User, name: str) -> None:
    check_name(name, "NewUserName", IDENTITY_NAME)
    users = call.account.identities.users
    if name in users and users[name] is not user:
        raise Refused(faults.USER_EXISTS)
    for key in list(keys_of(call.world, call.account.id, f"user/{user.name}")):
        key.principal = f"user/{name}"
    del users[user.name]
    user.name = name
    users[name] = user


def _check_texts(display_name: str, comments: str) -> None:
    check_length(display_name, "DisplayName", 128)
    check_length(comments, "Comments", 128)


def _brief(user: User) -> dict[str, str]:
    return {
        "user_id": user.id,
        "user_name": user.name,
        "display_name": user.display_name,
        "mobile_phone": user.mobile_phone,
        "email": user.email,
        "comments": user.comments,
        "create_date": stamp(user.created),
    }


def _shown(user: User) -> ram.User:
    return ram.User(**_brief(user), update_date=stamp(user.updated))
