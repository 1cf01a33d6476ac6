"""Fresh accounts and worlds: what a customer has on the first day, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from string import ascii_letters, digits
from typing import Any

from imagefence.policy.readings import DEFAULT, Readings, TagService
from imagefence.sandbox.compute import Region
from imagefence.sandbox.stock import DEFAULT_REGION, REGIONS
from imagefence.sandbox.world import AccessKey, Account, Clock, World, utc_now

LETTERS = ascii_letters + digits
# Why: what passes here should pass in the cloud, so that where the readings differ on what is asked, all is.
STRICT = replace(DEFAULT, tag_service=TagService.BOTH)


def fresh_world(
    accounts: int = 1, seed: int | None = None, readings: Readings = STRICT, clock: Clock = utc_now
) -> World:
    """Makes a world of fresh accounts, each with its root key; the same `seed` gives the same ids."""
    world = World(clock=clock, random=Random(seed), readings=readings)
    for number in range(1, accounts + 1):
        account = new_account(world, f"account-{number}")
        add_key(world, account, "root")
    return world


def new_account(world: World, name: str) -> Account:
    """Adds an empty account with every region to a world."""
    account = Account(new_account_id(world), name, regions={id_: Region(id_) for id_ in REGIONS})
    world.accounts[account.id] = account
    return account


def new_account_id(world: World) -> str:
    """A 16-digit account id that is not taken."""
    while (account_id := f"1{world.random.randrange(10**15):015d}") in world.accounts:
        continue
    return account_id


def add_key(world: World, account: Account, principal: str) -> AccessKey:
    """Adds a long-term access key for `root` or `user/<name>`."""
    key = AccessKey(
        id="LTAI5t" + letters(world, 18),
        secret=letters(world, 30),
        account_id=account.id,
        principal=principal,
        created=world.clock(),
    )
    world.keys[key.id] = key
    return key


def letters(world: World, length: int) -> str:
    """Letters and digits from the world's own source of chance."""
    return "".join(world.random.choices(LETTERS, k=length))


def described(world: World) -> dict[str, Any]:
    """The first account with its root key, and the others: what a program needs to begin."""
    first, *others = [key for key in world.keys.values() if key.principal == "root"]
    return {
        **credentials(first),
        "region_id": DEFAULT_REGION,
        "control_token": world.control_token,
        "other_accounts": [credentials(key) for key in others],
    }


def credentials(key: AccessKey) -> dict[str, str]:
    """One account's root key, by the names of the ready file."""
    return {
        "account_id": key.account_id,
        "access_key_id": key.id,
        "access_key_secret": key.secret,
    }
