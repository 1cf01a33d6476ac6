"""Which fault rules strike a request, told by what it claims; and what they do to it on its way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from imagefence.api import faults
from imagefence.api.operation import Fault
from imagefence.api.products import PRODUCTS
from imagefence.sandbox.call import Refused
from imagefence.sandbox.fault_rules import FaultKind, FaultRule
from imagefence.sandbox.received import Received, action_and_version
from imagefence.sandbox.world import AccessKey, World

Struck = Mapping[FaultKind, FaultRule]
UNTROUBLED: Struck = {}
CREDENTIAL = re.compile(r"Credential=([^,\s]+)")
SERVICES = {product.version: product.ram_code for product in PRODUCTS}
# In the order of the server's own work: it throttles before it does anything that can fail.
REFUSING: Mapping[FaultKind, Fault] = {
    FaultKind.THROTTLING: faults.THROTTLED_USER,
    FaultKind.UNAVAILABLE: faults.SERVICE_UNAVAILABLE,
    FaultKind.INTERNAL_ERROR: faults.INTERNAL_ERROR,
}


def drawn(world: World, request: Received) -> Struck:
    """Draws the rules that strike a request; nothing where there are no rules."""
    if not world.faults.rules:
        return UNTROUBLED
    action, version = action_and_version(request)
    region = request.parameters.get("RegionId", "")
    return world.faults.struck(SERVICES.get(version, ""), action, region, claimed_account(world, request))


def claimed_account(world: World, request: Received) -> str:
    """The account of the key that a request names, whether it has signed with it or not."""
    found = CREDENTIAL.search(request.headers.get("authorization", "")) if request.is_v3 else None
    key = world.keys.get(found[1] if found else request.parameters.get("AccessKeyId", ""))
    return key.account_id if key is not None else ""


def clock_under(struck: Struck, now: datetime) -> datetime:
    """The server's time as it checks a signature."""
    rule = struck.get(FaultKind.CLOCK_SKEW)
    return now + timedelta(milliseconds=rule.milliseconds) if rule is not None else now


def refuse(struck: Struck, key: AccessKey) -> None:
    """Raises the fault that rules demand once it is known who calls."""
    if FaultKind.EXPIRED_TOKEN in struck and key.token:
        raise Refused(faults.TOKEN_EXPIRED)
    for kind, fault in REFUSING.items():
        if kind in struck:
            raise Refused(fault)


def pause_asked_ms(struck: Struck, fault: Fault) -> int:
    """The pause in x-acs-retry-after of a throttled answer, in milliseconds; 0 for no such header."""
    return struck[FaultKind.THROTTLING].milliseconds if fault is faults.THROTTLED_USER else 0
