"""What the operators read, and how two values stand to each other."""

from __future__ import annotations

import re

import pytest

from imagefence.policy.operators import (
    OPERATORS,
    READERS,
    Relation,
    ValueKind,
    boolean,
    instant,
    network,
    number,
    predicate,
)

NUMBER, DATE, BOOLEAN, ADDRESS = ValueKind.NUMBER, ValueKind.DATE, ValueKind.BOOLEAN, ValueKind.ADDRESS


def test_the_published_operators_are_all_and_no_more() -> None:
    assert [
        (each.name, each.kind.value, each.relation.value, each.negated) for each in OPERATORS.values()
    ] == [
        ("StringEquals", "string", "equal", False),
        ("StringNotEquals", "string", "equal", True),
        ("StringEqualsIgnoreCase", "string", "equal but for case", False),
        ("StringNotEqualsIgnoreCase", "string", "equal but for case", True),
        ("StringLike", "string", "like", False),
        ("StringNotLike", "string", "like", True),
        ("NumericEquals", "number", "equal", False),
        ("NumericNotEquals", "number", "equal", True),
        ("NumericLessThan", "number", "less", False),
        ("NumericLessThanEquals", "number", "less or equal", False),
        ("NumericGreaterThan", "number", "greater", False),
        ("NumericGreaterThanEquals", "number", "greater or equal", False),
        ("DateEquals", "date", "equal", False),
        ("DateNotEquals", "date", "equal", True),
        ("DateLessThan", "date", "less", False),
        ("DateLessThanEquals", "date", "less or equal", False),
        ("DateGreaterThan", "date", "greater", False),
        ("DateGreaterThanEquals", "date", "greater or equal", False),
        ("Bool", "boolean", "equal", False),
        ("IpAddress", "address", "within", False),
        ("NotIpAddress", "address", "within", True),
    ]


MISSHAPEN = {
    NUMBER: ("", "ten", "1_0", "٣", "0x1", "1e1000", "1e", ".", "NaN", "Infinity", " 1", "1 "),
    DATE: ("", "23/11/2026", "2026-11-23 10:00", "20261123", "２０２６-11-23", "now", "2026-11-23T10"),
    BOOLEAN: ("", "yes", "1", "true ", "ＴＲＵＥ"),
    ADDRESS: ("", "fe80::1%eth0", "10.0.0.0/255.0.0.0", "10.0.0.1/-1", "1.2.3.4, 5.6.7.8", "١.2.3.4"),
}
OUT_OF_RANGE = {
    DATE: ("2026-13-01", "2026-02-29", "2026-11-23T25:00Z", "2026-11-23T10:00+25:00", "0000-01-01"),
    ADDRESS: (
        "10.0.0.0/33",
        "2001:db8::/129",
        "10.0.0",
        "010.0.0.1",
        "256.0.0.1",
        "1:2:3:4:5:6:7:8:9",
        ":::",
    ),
}


@pytest.mark.parametrize(("kind", "text"), [(kind, each) for kind in MISSHAPEN for each in MISSHAPEN[kind]])
def test_what_has_not_the_form_is_named(kind: ValueKind, text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        READERS[kind](text)


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, each) for kind in OUT_OF_RANGE for each in OUT_OF_RANGE[kind]]
)
def test_what_is_out_of_range_is_refused(kind: ValueKind, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        READERS[kind](text)


@pytest.mark.parametrize("given", ["10.0.0.0/8", "fe80::1%eth0", "", "10.0.0.1 ", "١.2.3.4"])
def test_a_request_comes_from_one_address(given: str) -> None:
    with pytest.raises(ValueError, match=re.escape(given) or "^"):
        predicate(OPERATORS["IpAddress"], "::/0")(given)


def test_one_value_has_many_spellings() -> None:
    assert len({number(each) for each in ("10", "+10", "10.0", "1e1", "1E+1", "0.1e2", "100e-1", "10.")}) == 1
    assert number(".5") == number("5e-1")
    times = ("2026-11-23T10:00:00Z", "2026-11-23T10:00Z", "2026-11-23T18:00:00+08:00", "2026-11-23T10:00:00")
    assert len({instant(each) for each in (*times, "2026-11-23T05:00:00.000-0500")}) == 1
    assert instant("2026-11-23") == instant("2026-11-23T00:00:00Z")
    assert [boolean(each) for each in ("true", "True", "TRUE", "false", "False")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert network("10.1.2.3/8") == network("10.0.0.0/8")
    assert network("10.1.2.3") == network("10.1.2.3/32")
    assert network("2001:DB8::1/32") == network("2001:db8::/32")


@pytest.mark.parametrize(
    ("name", "wanted", "given", "holds"),
    [
        ("StringEquals", "a*", "a*", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", "A", False),
        ("StringEqualsIgnoreCase", "Straße", "STRASSE", True),
        ("StringEqualsIgnoreCase", "a*", "ab", False),
        ("StringLike", "a*", "ab", True),
        ("StringLike", "a*", "Ab", False),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericLessThanEquals", "10", "11", False),
        ("NumericGreaterThan", "9", "10", True),
        ("NumericGreaterThan", "10", "10", False),
        ("NumericGreaterThanEquals", "10", "10.0", True),
        ("NumericGreaterThanEquals", "10", "9", False),
        ("NumericEquals", "1e999", "1e998", False),
        ("DateLessThan", "2026-11-23T10:00:00Z", "2026-11-23T10:00:00+08:00", True),
        ("DateGreaterThan", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00-23:59", True),
        ("Bool", "false", "False", True),
        ("Bool", "false", "true", False),
        ("IpAddress", "10.0.0.0/8", "10.255.0.1", True),
        ("IpAddress", "10.0.0.0/8", "11.0.0.1", False),
        ("IpAddress", "0.0.0.0/0", "::1", False),
        ("IpAddress", "::/0", "10.0.0.1", False),
        ("IpAddress", "::ffff:0:0/96", "10.0.0.1", False),
        ("IpAddress", "2001:db8::/32", "2001:DB8::1", True),
    ],
)
def test_the_relation_alone(name: str, wanted: str, given: str, holds: bool) -> None:
    assert predicate(OPERATORS[name], wanted)(given) is holds


@pytest.mark.parametrize(
    "name", [each.name for each in OPERATORS.values() if each.kind is not ValueKind.STRING]
)
def test_values_that_an_operator_cannot_take(name: str) -> None:
    operator = OPERATORS[name]
    with pytest.raises(ValueError, match="what"):
        predicate(operator, "what")
    wanted = {NUMBER: "1", DATE: "2026-01-01", BOOLEAN: "true", ADDRESS: "::1"}[operator.kind]
    with pytest.raises(ValueError, match="what"):
        predicate(operator, wanted)("what")


def test_only_patterns_and_folded_texts_read_stars_and_letters_otherwise() -> None:
    relations = {each.relation for each in OPERATORS.values() if each.kind is ValueKind.STRING}
    assert relations == {Relation.EQUAL, Relation.EQUAL_FOLDED, Relation.LIKE}
