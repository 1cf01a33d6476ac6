"""The condition keys that RAM's own operations feed.

Source: the CreateRole page; ram:TrustedPrincipalTypes holds `RAM`, `Service` or `Federated`.
"""

from __future__ import annotations

from collections.abc import Callable

from imagefence.api.ram_roles import CreateRole
from imagefence.errors import PolicySyntaxError
from imagefence.policy.document import PolicyKind, TrustedPrincipals
from imagefence.policy.parse import parse
from imagefence.sandbox.call import Call


def trusted_principal_types(call: Call, request: CreateRole) -> tuple[str, ...] | None:
    """Gives the kinds of principals that the new role's trust policy names."""
    kinds = (
        kind
        for named in _trusted(request)
        for kind, names in (("RAM", named.ram), ("Service", named.service), ("Federated", named.federated))
        if names
    )
    return tuple(dict.fromkeys(kinds)) or None


def service_names(call: Call, request: CreateRole) -> tuple[str, ...] | None:
    """Gives the services that the new role's trust policy names, which may be no value at all."""
    names = (name for named in _trusted(request) for name in named.service)
    return tuple(dict.fromkeys(names))


def _trusted(request: CreateRole) -> tuple[TrustedPrincipals, ...]:
    try:
        document = parse(request.assume_role_policy_document, PolicyKind.TRUST)
    except PolicySyntaxError:
        # Why: the behaviour refuses the text after the gate; until then it names nobody.
        return ()
    return tuple(each.principals for each in document.statements if each.principals is not None)


CONTEXT: dict[str, Callable[[Call, CreateRole], tuple[str, ...] | None]] = {
    "ram:TrustedPrincipalTypes": trusted_principal_types,
    "ram:ServiceNames": service_names,
}
