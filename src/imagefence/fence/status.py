"""Whether the fence is in force, place by place, and whom it does not cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from imagefence.cloud.gap import Gap
from imagefence.fence.assumptions import EVERYTHING
from imagefence.fence.checks import attached, is_fenced, open_roads
from imagefence.fence.documents import DIRECTORY_ROLE
from imagefence.fence.plan import FencePlan, besides_its_own, may_do
from imagefence.fence.probes import call, named
from imagefence.fence.standing import AccountStanding, Standing
from imagefence.fence.steps import Step, StepKind
from imagefence.org.identities import Identities, principals, user_principal
from imagefence.org.in_force import policies_in_force
from imagefence.org.organization import levels
from imagefence.policy.authorize import authorize
from imagefence.policy.policies import Policies
from imagefence.policy.request import PrincipalKind
from imagefence.scope.scope import Scope


@dataclass(frozen=True, slots=True)
class Place:
    """A node, a principal or an exempt role, and what it lacks; nothing means that the fence is in force."""

    name: str
    account: str = ""
    lacks: tuple[str, ...] = ()
    open_roads: tuple[str, ...] = ()

    @property
    def in_force(self) -> bool:
        """True when all is there and every road is closed."""
        return not self.lacks and not self.open_roads


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Somebody whom the fence does not stop, and why."""

    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Status:
    """The whole answer of `fence status`."""

    places: tuple[Place, ...]
    uncovered: tuple[Uncovered, ...]
    gaps: tuple[Gap, ...]

    @property
    def in_force(self) -> bool:
        """True when every place is."""
        return all(place.in_force for place in self.places)

    @property
    def exit_code(self) -> int:
        """3 where the fence is not in force, else 4 where something could not be read, else 0."""
        if not self.in_force:
            return 3
        return 4 if self.gaps else 0


def make_status(plan: FencePlan, standing: Standing, now: datetime) -> Status:
    """Holds what stands against what the scope asks for."""
    scope = plan.scope
    if scope.attach.principals:
        places = tuple(principal_places(plan, standing, now))
        uncovered = tuple(own_uncovered(scope, standing, now))
    else:
        places = tuple(node_places(plan, standing, now))
        uncovered = tuple(directory_uncovered(scope, standing))
    return Status((*places, *role_places(plan, standing)), uncovered, standing.gaps)


CHANGES = (StepKind.CREATE_CONTROL, StepKind.UPDATE_CONTROL, StepKind.CREATE_POLICY, StepKind.UPDATE_POLICY)


def node_places(plan: FencePlan, standing: Standing, now: datetime) -> Iterator[Place]:
    """Every node of the scope."""
    everywhere = [step for step in plan.steps if step.kind in (*CHANGES[:2], StepKind.ENABLE_CONTROL)]
    for node in standing.targets:
        here = [step for step in plan.steps if step.target == node.id]
        lacks = tuple(words(step) for step in (*everywhere, *here))
        yield Place(node.path, lacks=lacks, open_roads=roads_below(plan.scope, standing, node.path, now))


def roads_below(scope: Scope, standing: Standing, path: str, now: datetime) -> tuple[str, ...]:
    """The roads open to an administrator of any account below a node, by the policies that hang there now."""
    organization = standing.organization
    if organization is None:
        return ()
    found: dict[str, None] = {}
    for account in organization.accounts:
        if account.path == path or account.path.startswith(f"{path}/"):
            caller = user_principal(account.id, "administrator")
            admin = (attached(EVERYTHING, "AdministratorAccess"),)
            policies = Policies(identity=admin, control=levels(organization, account.id))
            found |= dict.fromkeys(open_roads(scope, caller, policies, now))
    return tuple(found)


def principal_places(plan: FencePlan, standing: Standing, now: datetime) -> Iterator[Place]:
    """Every user, group and role of the scope."""
    fence = {policy.name for policy in plan.policies}
    for account in standing.accounts.values():
        everywhere = [s for s in plan.steps if s.kind in CHANGES[2:] and s.name in fence]
        for kind, name in plan.scope.attach.principals:
            here = [s for s in plan.steps if s.target == f"{kind}/{name}" and s.name in fence]
            lacks = tuple(words(step) for step in (*everywhere, *here))
            yield Place(f"{kind}/{name}", account.id, lacks, roads_of(plan.scope, account, kind, name, now))


def roads_of(scope: Scope, account: AccountStanding, kind: str, name: str, now: datetime) -> tuple[str, ...]:
    """The roads open to a user or role, or to the members of a group, by the policies that they have now."""
    found: dict[str, None] = {}
    for principal in principals(account.identities):
        own = principal.arn.rpartition("/")[2]
        member = kind == "group" and principal.kind is PrincipalKind.USER and in_group(account, own, name)
        if member or principal.arn.lower().endswith(f":{kind}/{name.lower()}"):
            policies = policies_in_force(None, account.identities, principal)
            found |= dict.fromkeys(open_roads(scope, principal, policies, now))
    return tuple(found)


def in_group(account: AccountStanding, user: str, group: str) -> bool:
    """Tells whether a user is in a group."""
    found = account.identities.user(user)
    return found is not None and group in found.groups


def role_places(plan: FencePlan, standing: Standing) -> Iterator[Place]:
    """Every exempt role of every account."""
    for account in standing.accounts.values():
        for exemption in plan.scope.exemptions:
            mine = (exemption.role, f"imagefence-role-{exemption.role.replace('.', '-')}")
            steps = (s for s in plan.steps if s.account == account.id and s.name.lower() in mine)
            yield Place(f"role/{exemption.role}", account.id, tuple(words(step) for step in steps))


def words(step: Step) -> str:
    """What is missing, said by the step that would put it right."""
    return str(step)


def directory_uncovered(scope: Scope, standing: Standing) -> Iterator[Uncovered]:
    """Whom control policies on the scope's nodes don't stop."""
    organization = standing.organization
    if organization is None:
        return
    manager = organization.management_account
    yield Uncovered(
        f"all users and roles of account {manager.id} ({manager.name})",
        "the management account is outside control policies",
    )
    covered = frozenset(standing.covered)
    for account in organization.accounts:
        who = f"account {account.id} ({account.path})"
        if account.id not in covered:
            yield Uncovered(f"all of {who}", "no node of the fence is above it")
            continue
        yield Uncovered(f"the root of {who}", "control policies do not meet the owner of an account")
        found = standing.accounts.get(account.id)
        if found is None:
            yield Uncovered(f"unknown identities of {who}", "the account could not be read")
            continue
        yield from exempt_ones(scope, found.identities)
        if scope.exemptions:
            yield Uncovered(
                f"role/{DIRECTORY_ROLE} of {who}", "sets the exempt roles up, so it may change their trust"
            )


def own_uncovered(scope: Scope, standing: Standing, now: datetime) -> Iterator[Uncovered]:
    """Whom policies on some principals of one account don't stop: everybody else, by name."""
    for account in standing.accounts.values():
        yield Uncovered(f"the root of account {account.id}", "no policy meets the owner of an account")
        for principal in principals(account.identities):
            place = principal.arn.partition("::")[2].partition(":")[2]
            exempt = any(place == f"role/{e.role}" for e in scope.exemptions)
            plain = principal.kind in (PrincipalKind.USER, PrincipalKind.ROLE)
            if plain and not exempt and not is_fenced(scope, account, principal):
                yield Uncovered(f"{place} of account {account.id}", "the scope does not name it")
        yield from exempt_ones(scope, account.identities)
        yield from makers_of_identities(scope, account, now)


IDENTITY_MAKERS = (
    ("ram:CreateUser", "user"),
    ("ram:CreateAccessKey", "user"),
    ("ram:CreateLoginProfile", "user"),
    ("ram:UpdateLoginProfile", "user"),
    ("ram:CreateRole", "role"),
    ("ram:UpdateRole", "role"),
)


def makers_of_identities(scope: Scope, account: AccountStanding, now: datetime) -> Iterator[Uncovered]:
    """The fenced who may make users or roles, or take over others, which no fence would cover."""
    for principal in principals(account.identities):
        plain = principal.kind in (PrincipalKind.USER, PrincipalKind.ROLE)
        if not plain or not is_fenced(scope, account, principal):
            continue
        policies = policies_in_force(None, account.identities, principal)
        can = [
            action
            for action, kind in IDENTITY_MAKERS
            if authorize(
                call(principal, action, (named(principal, "ram", f"{kind}/new"),), {}, now), policies
            ).allowed
        ]
        if can:
            place = principal.arn.partition("::")[2].partition(":")[2]
            yield Uncovered(
                f"whomever {place} of account {account.id} makes or takes", f"it may call {', '.join(can)}"
            )


def exempt_ones(scope: Scope, identities: Identities) -> Iterator[Uncovered]:
    """The service-linked roles and the exempt roles of an account."""
    for role in identities.roles:
        if role.service_linked:
            yield Uncovered(
                f"role/{role.name} of account {identities.account_id}",
                "a service-linked role is outside all policies but its own",
            )
    for exemption in scope.exemptions:
        until = f" until {exemption.until:%Y-%m-%d %H:%M} UTC" if exemption.until else ""
        reason = f" ({exemption.reason})" if exemption.reason else ""
        besides = besides_its_own(exemption, identities)
        more = f"; holds besides: {', '.join(besides)}" if besides else ""
        yield Uncovered(
            f"role/{exemption.role} of account {identities.account_id}",
            f"exempt: may {may_do(exemption)}{until}{reason}{more}",
        )
