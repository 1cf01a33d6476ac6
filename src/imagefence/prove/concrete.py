"""A solution to a request: what the prover found, as the evaluator can decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from imagefence.policy.keys import KEYS
from imagefence.policy.request import Context, Request, Resource
from imagefence.prove.calls import REGION, KeyRange, name_of, principal_of, resource_of
from imagefence.prove.clauses import Clauses
from imagefence.prove.symbolic import CALLER, OTHERS, REGION_PLACE, Open, Place

SPELLINGS = {name.lower(): name for name in KEYS}


@dataclass(frozen=True, slots=True)
class Found:
    """The values of all dimensions, by their places; a place without any is absent."""

    opened: Open
    values: Mapping[Place, tuple[str, ...]]

    def one(self, place: Place, otherwise: str) -> str:
        """The single value of a place."""
        return (self.values.get(place) or (otherwise,))[0]


def found(opened: Open, clauses: Clauses, solution: Sequence[int]) -> Found:
    """Reads the values of the dimensions off the values of the variables."""
    held = {place: tuple(_texts(clauses, number, solution)) for place, number in opened.places.items()}
    return Found(opened, held)


def _texts(clauses: Clauses, number: int, solution: Sequence[int]) -> Iterator[str]:
    first, values = clauses.firsts[number], clauses.values[number]
    for place, atom in enumerate(values):
        several = clauses.dimensions[number].several
        chosen = solution[first + place] == 1 if several else solution[first] == place
        if chosen and atom is not None:
            yield atom.text


def request_of(found: Found) -> Request:
    """The request that the values describe."""
    opened = found.opened
    account = opened.caller.account
    arn = opened.caller.arn or found.one(CALLER, opened.caller.suggestions[0])
    resources = tuple(_resource(found, number) for number in range(len(opened.call.parts)))
    known = {**dict(_request_tags(found)), **dict(_keys(found))}
    return Request(principal_of(arn, account), opened.call.action, resources, Context(known))


def _resource(found: Found, number: int) -> Resource:
    part, account = found.opened.call.parts[number], found.opened.caller.account
    region = found.one(REGION_PLACE, REGION)
    relative = found.one(("name", number), part.plausible)
    name = name_of(part, account, region, relative)
    return resource_of(part, name, dict(_tags(found, number)))


def _tags(found: Found, number: int) -> Iterator[tuple[str, str]]:
    for place, texts in found.values.items():
        if place[:2] == ("tag", number):
            yield from _spelt_tags(found, place, texts)


def _spelt_tags(found: Found, place: Place, texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """One tag, or those that differ in the case of their key alone."""
    if place[-1] == OTHERS:
        yield from zip(found.opened.other_spellings(str(place[-2])), texts, strict=False)
    elif texts:
        yield str(place[-1]), texts[0]


def _request_tags(found: Found) -> Iterator[tuple[str, tuple[str, ...]]]:
    for place, texts in found.values.items():
        if place[0] == "request tag":
            for tag, value in _spelt_tags(found, place, texts):
                yield f"acs:RequestTag/{tag}", (value,)


def _keys(found: Found) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The keys that were settled, and those that every such call carries."""
    asked = {str(place[1]) for place in found.values if place[0] == "key"}
    for place, texts in found.values.items():
        if place[0] == "key" and texts:
            yield _spelt(str(place[1])), texts
    for name, given in found.opened.call.keys.items():
        if name not in asked and not given.optional and not given.absent:
            yield _spelt(name), (_plausible(given),)


def _spelt(name: str) -> str:
    return SPELLINGS.get(name, name)


def _plausible(given: KeyRange) -> str:
    return (*given.choices, *given.suggestions, "true")[0]
