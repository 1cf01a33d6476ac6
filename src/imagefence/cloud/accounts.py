"""The accounts that a session reaches, and the regions that an account has.

Source: help.aliyun.com resource-management, "Access a member" (the role that each created member trusts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from imagefence.api.directory import GET_RESOURCE_DIRECTORY, LIST_ACCOUNTS
from imagefence.api.directory_faults import MEMBER_DENIED
from imagefence.api.directory_shapes import ListAccounts, NoParameters
from imagefence.api.ecs_regions import DESCRIBE_REGIONS, DescribeRegions
from imagefence.cloud.gap import Gap, gap_of
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, ImagefenceError, Refusal

T = TypeVar("T")
U = TypeVar("U")

# Why: answers are waited for, not computed; more would only be throttled.
THREADS = 16


@dataclass(frozen=True, slots=True)
class AccountSession:
    """An account with the session that acts in it; `management` marks a directory's management account."""

    account_id: str
    name: str
    session: Session
    management: bool = False


def reachable_accounts(session: Session) -> tuple[tuple[AccountSession, ...], tuple[Gap, ...]]:
    """Opens every account that the session reaches.

    From a directory's management account: itself and each member, through the role that created members
    trust; a member whose role can't be assumed is a Gap. From any other account: that account alone.
    """
    own = session.account_id
    try:
        directory = session.call(GET_RESOURCE_DIRECTORY, NoParameters()).resource_directory
    except CloudFault as fault:
        return (AccountSession(own, "", session),), directory_gaps(fault, own)
    if directory.master_account_id != own:
        return (AccountSession(own, "", session),), ()
    return with_members(session, AccountSession(own, directory.master_account_name, session, management=True))


def directory_gaps(fault: CloudFault, account_id: str) -> tuple[Gap, ...]:
    """Tells an account without a directory, or a mere member of one, from a directory that can't be read."""
    if fault.denied is None and (fault.status in (404, 409) or fault.code == MEMBER_DENIED.code):
        return ()
    return (gap_of(fault, account=account_id),)


def with_members(
    session: Session, management: AccountSession
) -> tuple[tuple[AccountSession, ...], tuple[Gap, ...]]:
    """The management account and its members, each assumed at once."""
    try:
        listed = list(session.pages(LIST_ACCOUNTS, ListAccounts()))
    except ImagefenceError as error:
        return (management,), (gap_of(error, account=management.account_id, call="ListAccounts"),)
    members = [member for member in listed if member.account_id != management.account_id]
    opened = at_once(lambda member: open_member(session, member.account_id, member.display_name), members)
    found = [one for one in opened if isinstance(one, AccountSession)]
    return (management, *found), tuple(one for one in opened if isinstance(one, Gap))


def open_member(session: Session, account_id: str, name: str) -> AccountSession | Gap:
    """Enters a member by its role, or says why not."""
    try:
        return AccountSession(account_id, name, session.assume(account_id))
    except Refusal as refusal:
        return Gap(account_id, "", "AssumeRole", f"{refusal.message}; {refusal.help}")
    except ImagefenceError as error:
        return gap_of(error, account=account_id, call="AssumeRole")


def regions(session: Session) -> tuple[str, ...]:
    """Lists the regions that the session's account may use."""
    answer = session.call(DESCRIBE_REGIONS, DescribeRegions())
    return tuple(region.region_id for region in answer.regions.region)


def at_once(work: Callable[[T], U], items: Iterable[T]) -> list[U]:
    """Does the same with every item in a few threads; results keep the items' order."""
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        return list(pool.map(work, items))
