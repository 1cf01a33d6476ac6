"""The decisions of policy/authorize.py, compiled: policies once, then a few lookups and ANDs a request.

For an action, a resource name and each condition key there is an index that gives the clauses (plan.py)
that accept the value; their conjunction are the clauses that hit. Here two-valued truth about users and
roles is decided on the spot; everything else, and the reasons, go by the readable rules (hits.py).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from imagefence.compiled.hits import Covered, Indexes, explained
from imagefence.compiled.plan import Plan, Unit, flatten
from imagefence.policy.asking import ASKING
from imagefence.policy.authorize import REFUSALS, WEIGHT
from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict, to_be_told
from imagefence.policy.policies import Policies
from imagefence.policy.question import Facts, Question
from imagefence.policy.readings import DEFAULT, Readings, Refusal
from imagefence.policy.request import PrincipalKind, Request, Resource

USER, ROLE = PrincipalKind.USER, PrincipalKind.ROLE
Found = tuple[Verdict, PolicyType | None]
ALLOWED: Found = (Verdict.ALLOW, None)
UNDECIDED = -1  # a mask that stands for tests that are open
# The readings that say how one element matches or which refusal is told: the indexes and `_joined` heed them.
# Those of ASKING concern a few actions alone. Under another choice of the rest every call may ask something
# else, or the order of the layers changes.
OF_ELEMENTS = frozenset(
    {
        *("negated_absent", "several_values", "empty_list", "resource_group", "stars", "empty_part"),
        *("resource_case", "tag_key_case", "principal_case", "key_prefix_case", "boolean_case"),
        *("action_glob", "tag_key_ends", "not_resource", "set_prefixes", "empty_condition", "sid"),
        *("statement_object", "variables", "request_tag_at", "unreadable", "resources", "star_under_equals"),
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One unit in the order of asking, with the two refusals that it can end in."""

    allow: int
    deny: int
    denied: Found
    silent: Found

    @classmethod
    def of(cls, unit: Unit) -> Asked:
        """Reads a unit of the plan."""
        denied = Verdict.EXPLICIT_DENY, unit.policy_type
        return cls(unit.allow, unit.deny, denied, (Verdict.IMPLICIT_DENY, unit.policy_type))


@dataclass(frozen=True, slots=True)
class Compiled:
    """Policies compiled under readings; `plan` and `indexes` serve whoever decides in batches.

    `bound` are the units asked of a user or role, `exempt` those without control policies. `group` are the
    resource-group scope's, asked in place of the account scope (`account`, a mask) where that is silent.
    """

    indexes: Indexes
    readable: bool
    bound: tuple[Asked, ...]
    exempt: tuple[Asked, ...]
    account: int
    group: Asked | None
    conditional: int

    @property
    def plan(self) -> Plan:
        """The flattened policies."""
        return self.indexes.plan

    def authorize(self, request: Request) -> Decision:
        """Decides a request as policy.authorize does; reasons are made when they are first asked for."""
        action = request.action
        covered = self.indexes.covered.young.get(action) or self.indexes.covering(action)
        resources = request.resources
        if len(resources) != 1:
            return self._joined(request, covered)
        resource = resources[0]
        found = self._found(request, resource, covered)
        if found is None:
            return explained(request, self.indexes)
        return to_be_told(found[0], found[1], resource, (self._reasons, request))

    def _reasons(self, request: Request) -> tuple[Reason, ...]:
        return explained(request, self.indexes).reasons

    def _joined(self, request: Request, covered: Covered) -> Decision:
        """Decides for several resources, or none."""
        each = [self._found(request, resource, covered) for resource in request.resources]
        founds = [found for found in each if found is not None]
        if not each or len(founds) < len(each):
            return explained(request, self.indexes)
        first = max(range(len(founds)), key=lambda place: WEIGHT[founds[place][0]])
        if self.plan.readings.resources is Refusal.FIRST:
            first = next((place for place, found in enumerate(founds) if found[0] in REFUSALS), first)
        verdict, policy_type = founds[first]
        resource = request.resources[first] if verdict in REFUSALS else None
        return to_be_told(verdict, policy_type, resource, (self._reasons, request))

    def _found(self, request: Request, resource: Resource, covered: Covered) -> Found | None:
        """The verdict on one resource and the layer that refused; None where it takes the readable rules."""
        caller = request.principal
        kind = caller.kind
        if self.readable or covered.special or covered.trusted or (kind is not USER and kind is not ROLE):
            return None
        bits = self.indexes.resources.covering(resource.name, covered.bits)
        if bits & self.conditional:
            bits = self._tested(bits, request, resource, covered)
            if bits == UNDECIDED:
                return None
        order = self.exempt if caller.in_management_account else self.bound
        if self.group is not None and not bits & self.account:
            order = *order[:-1], self.group
        for unit in order:
            if bits & unit.deny:
                return unit.denied
            if not bits & unit.allow:
                return unit.silent
        return ALLOWED

    def _tested(self, bits: int, request: Request, resource: Resource, covered: Covered) -> int:
        """Those of the clauses whose conditions hold, or UNDECIDED."""
        if request.context.unknown:
            return UNDECIDED
        question: Question | None = None
        for key in covered.keys:
            if not bits & key.bits:
                continue
            if key.tag is not None:
                if resource.tags is None:
                    return UNDECIDED
                value = resource.tags.get(key.tag)
                holding = key.certain.young.get(value)
                if holding is None:
                    holding = key.holding(value)
            elif key.of_caller:
                holding = key.holding(request.principal.arn)
            else:
                question = question or self._question(request, resource)
                holding, open_bits = key.judge(question.values(key.text))
                if open_bits:
                    return UNDECIDED
            bits &= holding
        return bits

    def _question(self, request: Request, resource: Resource) -> Question:
        readings = self.plan.readings
        return Question(
            request.principal, request.action, resource, resource.tags, Facts.of(request), readings
        )


def compile_policies(policies: Policies, readings: Readings = DEFAULT) -> Compiled:
    """Compiles the policies in force; worth it from the second request on. Raises nothing."""
    plan = flatten(policies, readings)
    control = tuple(Asked.of(unit) for unit in plan.units if unit.policy_type is PolicyType.CONTROL)
    units = {unit.policy_type: unit for unit in plan.units}
    session = tuple(Asked.of(unit) for unit in plan.units if unit.policy_type is PolicyType.SESSION)
    account, group = units[PolicyType.IDENTITY], units.get(PolicyType.RESOURCE_GROUP)
    exempt = *session, Asked.of(account)
    return Compiled(
        indexes=Indexes.of(plan),
        readable=_changes_the_question(readings),
        bound=(*control, *exempt),
        exempt=exempt,
        account=account.bits,
        group=Asked.of(group) if group is not None else None,
        conditional=plan.conditional,
    )


def _changes_the_question(readings: Readings) -> bool:
    """Tells whether the readings change more than how elements match and what a few actions ask."""
    return any(
        getattr(readings, each.name) is not getattr(DEFAULT, each.name)
        for each in fields(Readings)
        if each.name not in OF_ELEMENTS and each.name not in ASKING
    )
