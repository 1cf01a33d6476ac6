"""What stands in the cloud now: control policies, roles and policies that a fence is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imagefence.api import control_policies as control
from imagefence.api import ram_attachments, ram_policies, ram_roles
from imagefence.cloud.accounts import at_once
from imagefence.cloud.gap import Gap, gap_of
from imagefence.cloud.session import Session
from imagefence.errors import ConfigError, ImagefenceError, Refusal
from imagefence.fence.documents import PREFIX
from imagefence.inventory.identities import read_identities
from imagefence.inventory.organization import read_organization
from imagefence.org.identities import Identities
from imagefence.org.organization import Node, Organization, covered_accounts, find_node, nodes
from imagefence.scope.reader import near
from imagefence.scope.scope import Scope

MARK = "imagefence: "
FULL_ACCESS = "FullAliyunAccess"
FULL_ACCESS_ID = "cp-FullAliyunAccess"


@dataclass(frozen=True, slots=True)
class ControlStanding:
    """A control policy of ours, and the ids of the nodes that it hangs on."""

    id: str
    text: str
    about: str
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleStanding:
    """A role: `about` begins with MARK where a fence made it; `policies` are pairs of type and name."""

    name: str
    trust: str
    about: str
    policies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyStanding:
    """A RAM policy of ours; `attached` holds places such as `user/alice`."""

    text: str
    about: str
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """One covered account; `roles` are the exempt ones and those that a fence made, by name."""

    id: str
    name: str
    identities: Identities
    roles: Mapping[str, RoleStanding] = field(default_factory=dict)
    policies: Mapping[str, PolicyStanding] = field(default_factory=dict)
    custom_counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything a plan is made from; `attached` maps each node id to names of policies on it by id."""

    own_account: str
    caller: str
    organization: Organization | None
    targets: tuple[Node, ...]
    control: Mapping[str, ControlStanding] = field(default_factory=dict)
    attached: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    accounts: Mapping[str, AccountStanding] = field(default_factory=dict)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()

    @property
    def covered(self) -> tuple[str, ...]:
        """The ids of the accounts that the fence covers."""
        if not self.targets:
            return (self.own_account,)
        found = (account.id for node in self.targets for account in covered_accounts(node))
        return tuple(dict.fromkeys(found))

    def node(self, node_id: str) -> Node | None:
        """Finds a node of the directory by its id."""
        if self.organization is None:
            return None
        return next((node for node in nodes(self.organization.root) if node.id == node_id), None)


def read_standing(session: Session, scope: Scope) -> Standing:
    """Reads all that a plan needs; raises ConfigError or Refusal where the scope does not fit the account."""
    if not scope.attach.nodes and not scope.attach.principals:
        raise ConfigError(
            "`fence.attach` says nothing",
            place=scope.source,
            help="name `nodes` of a directory, or `principals`: users, groups, roles",
        )
    caller = session.identity()
    organization, gaps = read_organization(session)
    if not scope.attach.nodes:
        bare = Standing(caller.account_id, caller.arn, organization, ())
        sessions = {caller.account_id: session}
        accounts, more = read_accounts(sessions, {}, scope)
        return with_accounts(bare, accounts, sessions, (*gaps, *more))
    if organization is None:
        raise Refusal(
            f"account {caller.account_id} manages no directory, so there is no node to attach to",
            help="use the management account's credentials, or `attach: { principals: … }`"
            + "".join(f"; {gap}" for gap in gaps),
        )
    targets = tuple(find_target(organization, path, scope) for path in scope.attach.nodes)
    bare = Standing(
        caller.account_id, caller.arn, organization, targets, *read_control(session, organization)
    )
    members, unreached = enter(session, bare.covered)
    names = {account.id: account.name for account in organization.accounts}
    accounts, more = read_accounts(members, names, scope)
    return with_accounts(bare, accounts, {caller.account_id: session, **members}, (*gaps, *unreached, *more))


def with_accounts(
    bare: Standing,
    accounts: Mapping[str, AccountStanding],
    sessions: Mapping[str, Session],
    gaps: tuple[Gap, ...],
) -> Standing:
    """The same standing with its accounts."""
    return Standing(
        bare.own_account,
        bare.caller,
        bare.organization,
        bare.targets,
        bare.control,
        bare.attached,
        accounts,
        sessions,
        gaps,
    )


def find_target(organization: Organization, path: str, scope: Scope) -> Node:
    """Finds a node that the scope names."""
    node = find_node(organization, path)
    if node is None:
        known = [one.path for one in nodes(organization.root)]
        raise ConfigError(
            f"`{path}` is no node of directory {organization.directory_id}",
            place=f"{scope.source}: fence.attach.nodes",
            help=near(path, known) or f"there are: {', '.join(known[:20])}",
        )
    return node


def enter(session: Session, accounts: tuple[str, ...]) -> tuple[dict[str, Session], tuple[Gap, ...]]:
    """Opens each member by the directory's role; those that can't be entered are gaps."""

    def one(account: str) -> Session | Gap:
        try:
            return session.assume(account)
        except ImagefenceError as error:
            gap = gap_of(error, account=account, call="AssumeRole")
            return Gap(gap.account, "", gap.call, f"{gap.reason}; {error.help}" if error.help else gap.reason)

    found = dict(zip(accounts, at_once(one, accounts), strict=True))
    return (
        {account: got for account, got in found.items() if isinstance(got, Session)},
        tuple(got for got in found.values() if isinstance(got, Gap)),
    )


def read_control(
    session: Session, organization: Organization
) -> tuple[dict[str, ControlStanding], dict[str, dict[str, str]]]:
    """Reads the control policies of ours, and what hangs on every node."""
    listed = [
        policy
        for policy in session.pages(
            control.LIST_CONTROL_POLICIES, control.ListControlPolicies(policy_type="Custom", page_size=100)
        )
        if policy.policy_name.startswith(PREFIX)
    ]
    places = [node.id for node in nodes(organization.root)]
    attached = dict(zip(places, at_once(lambda node: attached_to(session, node), places), strict=True))
    texts = at_once(lambda policy: text_of(session, policy.policy_id), listed)
    return {
        policy.policy_name: ControlStanding(
            policy.policy_id,
            text,
            policy.description,
            tuple(node for node, names in attached.items() if policy.policy_id in names),
        )
        for policy, text in zip(listed, texts, strict=True)
    }, attached


def attached_to(session: Session, node: str) -> dict[str, str]:
    """The control policies on one node: name by id."""
    request = control.ListControlPolicyAttachmentsForTarget(target_id=node)
    answer = session.call(control.LIST_CONTROL_POLICY_ATTACHMENTS_FOR_TARGET, request)
    found = answer.control_policy_attachments.control_policy_attachment
    return {policy.policy_id: policy.policy_name for policy in found}


def text_of(session: Session, policy_id: str) -> str:
    """The text of a control policy."""
    request = control.GetControlPolicy(policy_id=policy_id)
    return session.call(control.GET_CONTROL_POLICY, request).control_policy.policy_document


def read_accounts(
    sessions: Mapping[str, Session], names: Mapping[str, str], scope: Scope
) -> tuple[dict[str, AccountStanding], tuple[Gap, ...]]:
    """Reads every account; one that can't be read is a gap."""
    wanted = frozenset(exemption.role for exemption in scope.exemptions)
    found = at_once(
        lambda item: read_account(item[1], item[0], names.get(item[0], ""), wanted), sessions.items()
    )
    return (
        {account.id: account for account, _ in found if account is not None},
        tuple(gap for _, gaps in found for gap in gaps),
    )


def read_account(
    session: Session, account: str, name: str, wanted: frozenset[str]
) -> tuple[AccountStanding | None, tuple[Gap, ...]]:
    """Reads one account's identities, its exempt roles and its policies of ours."""
    try:
        identities, gaps = read_identities(session, account)
        roles = read_roles(session, wanted)
        policies = read_policies(session)
    except ImagefenceError as error:
        return None, (gap_of(error, account=account),)
    counts = {
        f"{kind}/{one.name}": sum(not policy.system for policy in one.policies)
        for kind, held in (
            ("user", identities.users),
            ("group", identities.groups),
            ("role", identities.roles),
        )
        for one in held
    }
    return AccountStanding(account, name, identities, roles, policies, counts), gaps


def read_roles(session: Session, wanted: frozenset[str]) -> dict[str, RoleStanding]:
    """Reads the exempt roles that exist, and roles that a fence made."""
    listed = session.pages(ram_roles.LIST_ROLES, ram_roles.ListRoles())
    ours = [r for r in listed if r.role_name.lower() in wanted or r.description.startswith(MARK)]
    return {role.role_name: read_role(session, role.role_name) for role in ours}


def read_role(session: Session, name: str) -> RoleStanding:
    """Reads one role with its trust and its policies."""
    role = session.call(ram_roles.GET_ROLE, ram_roles.OneRole(role_name=name)).role
    request = ram_attachments.ListPoliciesForRole(role_name=name)
    held = session.call(ram_attachments.LIST_POLICIES_FOR_ROLE, request).policies.policy
    policies = tuple((policy.policy_type, policy.policy_name) for policy in held)
    return RoleStanding(name, role.assume_role_policy_document, role.description, policies)


def read_policies(session: Session) -> dict[str, PolicyStanding]:
    """Reads the RAM policies of ours with what they are attached to."""
    listed = session.pages(ram_policies.LIST_POLICIES, ram_policies.ListPolicies(policy_type="Custom"))
    return {
        policy.policy_name: read_policy(session, policy)
        for policy in listed
        if policy.policy_name.startswith(PREFIX)
    }


def read_policy(session: Session, policy: Any) -> PolicyStanding:
    """Reads one RAM policy."""
    one = ram_policies.AnyPolicy(policy_type="Custom", policy_name=policy.policy_name)
    text = session.call(ram_policies.GET_POLICY, one).default_policy_version.policy_document
    held = session.call(ram_attachments.LIST_ENTITIES_FOR_POLICY, one)
    attached = (
        *(f"user/{user.user_name}" for user in held.users.user),
        *(f"group/{group.group_name}" for group in held.groups.group),
        *(f"role/{role.role_name}" for role in held.roles.role),
    )
    return PolicyStanding(text, policy.description, attached)
