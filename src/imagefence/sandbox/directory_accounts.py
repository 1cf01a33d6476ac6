"""The member accounts of a resource directory."""

from __future__ import annotations

import json
import re
from typing import Any

from imagefence.api import directory as api
from imagefence.api import directory_faults as faults
from imagefence.api import directory_shapes as shapes
from imagefence.api.operation import Answer
from imagefence.api.resource_manager import TWINS
from imagefence.sandbox.birth import letters, new_account
from imagefence.sandbox.call import Call, Refused, finds, performs
from imagefence.sandbox.directory import folder_of, managed, numbered, performs_both
from imagefence.sandbox.directory_state import FULL_ACCESS, Directory, Member
from imagefence.sandbox.identities import SYSTEM, Role
from imagefence.sandbox.ram_lookup import digits, stamp
from imagefence.sandbox.world import Account

ACCESS_ROLE = "ResourceDirectoryAccountAccessRole"
MOST_MEMBERS = 20
DISPLAY_NAME = re.compile(r"[\w.\-]+")
NAME_PREFIX = re.compile(r"[a-z0-9]([a-z0-9_-]{0,35}[a-z0-9])")


@finds("account")
def find_account(call: Call, place: str) -> Member | None:
    """Gives the gate a member by its account id or by its path of ids."""
    directory = call.account.directory
    return directory.members.get(place.rpartition("/")[2]) if directory is not None else None


@performs_both(api.CREATE_RESOURCE_ACCOUNT)
def create_resource_account(
    call: Call, request: shapes.CreateResourceAccountOf2020
) -> shapes.CreateResourceAccountAnswer:
    """Creates a member account with the role by which the management account enters it."""
    directory = managed(call)
    folder = folder_of(directory, request.parent_folder_id or directory.root_id)
    _check_names(directory, request)
    if len(directory.members) >= MOST_MEMBERS:
        raise Refused(faults.ACCOUNT_LIMIT)
    account = new_account(call.world, request.display_name)
    account.directory = directory
    _let_in(call, account, directory.management_account_id)
    prefix = request.account_name_prefix or letters(call.world, 8).lower()
    member = Member(
        id=account.id,
        name=request.display_name,
        account_name=f"{prefix}@{directory.id}.aliyunid.com",
        folder_id=folder.id,
        path=f"{folder.path}/{account.id}",
        owner=directory.management_account_id,
        joined=call.now,
        modified=call.now,
        attached={FULL_ACCESS: call.now} if directory.control_policies_enabled else {},
        tags={tag.key: tag.value for tag in request.tag},
    )
    directory.members[member.id] = member
    directory.changed()
    return shapes.CreateResourceAccountAnswer(
        account=shapes.NewAccount(**_brief(directory, member), account_name=member.account_name)
    )


@performs_both(api.MOVE_ACCOUNT)
def move_account(call: Call, request: shapes.MoveAccount) -> Answer:
    """Moves a member into another folder; its own control policies go with it."""
    directory = managed(call)
    member = member_of(directory, request.account_id)
    folder = folder_of(directory, request.destination_folder_id)
    if member.folder_id == folder.id:
        raise Refused(faults.ALREADY_THERE)
    member.folder_id = folder.id
    member.path = f"{folder.path}/{member.id}"
    member.modified = call.now
    directory.changed()
    return Answer()


@performs(TWINS[api.LIST_ACCOUNTS])
def list_accounts_of_2020(call: Call, request: shapes.ListAccountsOf2020) -> shapes.ListAccountsAnswerOf2020:
    """Lists the members, without the management account."""
    directory = managed(call)
    members = _wanted(directory, request)
    listed = tuple(
        shapes.AccountOf2020(**_listed(directory, member, request))
        for member in numbered(members, request.page_number, request.page_size)
    )
    return shapes.ListAccountsAnswerOf2020(
        accounts=shapes.AccountsOf2020(account=listed),
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=len(members),
    )


@performs(api.LIST_ACCOUNTS)
def list_accounts(call: Call, request: shapes.ListAccounts) -> shapes.ListAccountsAnswer:
    """Lists the members by page number, or by token where a token or `max_results` is given."""
    directory = managed(call)
    members = [m for m in _wanted(directory, request) if request.query_keyword in m.name]
    shown = numbered(members, request.page_number, request.page_size)
    token = ""
    if request.next_token or request.max_results:
        members = [member for member in members if member.id > request.next_token]
        members.sort(key=lambda member: member.id)
        shown = members[: request.max_results or request.page_size]
        token = shown[-1].id if len(shown) < len(members) else ""
    listed = tuple(
        shapes.ListedAccount(**_listed(directory, member, request), account_name=member.account_name)
        for member in shown
    )
    return shapes.ListAccountsAnswer(
        accounts=shapes.Accounts(account=listed),
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=len(members),
        next_token=token,
    )


@performs_both(api.GET_ACCOUNT)
def get_account(call: Call, request: shapes.GetAccount) -> shapes.GetAccountAnswer:
    """Shows a member."""
    directory = managed(call)
    member = member_of(directory, request.account_id)
    return shapes.GetAccountAnswer(
        account=shapes.Account(
            **_brief(directory, member),
            account_name=member.account_name,
            resource_directory_path=member.path,
            tags=_tags(member) if request.include_tags else (),
        )
    )


def member_of(directory: Directory, account_id: str) -> Member:
    """Finds a member or refuses."""
    member = directory.members.get(account_id)
    if member is None:
        raise Refused(faults.NO_ACCOUNT)
    return member


def _let_in(call: Call, account: Account, management_account_id: str) -> None:
    trust = {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"RAM": [f"acs:ram::{management_account_id}:root"]},
            }
        ],
    }
    account.identities.roles[ACCESS_ROLE] = Role(
        name=ACCESS_ROLE,
        id=digits(call.world.random, 18),
        owner=account.id,
        created=call.now,
        updated=call.now,
        trust=json.dumps(trust),
        description="Lets the management account of the resource directory enter.",
        policies={(SYSTEM, "AdministratorAccess"): call.now},
    )
    account.identities.changed()


def _check_names(directory: Directory, request: shapes.CreateResourceAccountOf2020) -> None:
    name = request.display_name
    if not 2 <= len(name) <= 50:
        raise Refused(faults.DISPLAY_NAME_LENGTH)
    if not DISPLAY_NAME.fullmatch(name):
        raise Refused(faults.DISPLAY_NAME)
    if any(member.name == name for member in directory.members.values()):
        raise Refused(faults.DISPLAY_NAME_USED)
    if request.account_name_prefix and not NAME_PREFIX.fullmatch(request.account_name_prefix):
        raise Refused(faults.NAME_PREFIX)


def _wanted(directory: Directory, request: shapes.ListAccountsOf2020) -> list[Member]:
    return [
        member
        for member in directory.members.values()
        if all(member.tags.get(tag.key) == tag.value for tag in request.tag)
    ]


def _brief(directory: Directory, member: Member) -> dict[str, Any]:
    return {
        "account_id": member.id,
        "display_name": member.name,
        "folder_id": member.folder_id,
        "resource_directory_id": directory.id,
        "join_method": "created",
        "join_time": stamp(member.joined),
        "modify_time": stamp(member.modified),
        "status": "CreateSuccess",
        "type": "ResourceAccount",
    }


def _listed(directory: Directory, member: Member, request: shapes.ListAccountsOf2020) -> dict[str, Any]:
    tags = _tags(member) if request.include_tags else ()
    return {
        **_brief(directory, member),
        "resource_directory_path": member.path,
        "tags": shapes.TagItems(tag=tags),
    }


def _tags(member: Member) -> tuple[shapes.TagItem, ...]:
    return tuple(shapes.TagItem(key=key, value=value) for key, value in sorted(member.tags.items()))
