"""The indexes against the readable matching, element by element, and what they may remember."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefence.compiled.actions import ActionIndex
from imagefence.compiled.conditions import key_indexes
from imagefence.compiled.engine import compile_policies
from imagefence.compiled.patterns import PatternIndex, literal_prefix
from imagefence.compiled.plan import flatten, places
from imagefence.compiled.recent import Recent
from imagefence.compiled.resources import (
    LONGEST_REMEMBERED,
    NAMES_REMEMBERED,
    REMEMBERED,
    ResourceIndex,
)
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision, Verdict
from imagefence.policy.document import ConditionTest, Document, Effect, In, NotIn, PolicyKind, Statement
from imagefence.policy.logic import all_of
from imagefence.policy.matching import covers_action, covers_resource
from imagefence.policy.operators import OPERATORS
from imagefence.policy.pattern import glob
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.question import Values, holds
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Readings, change
from imagefence.policy.request import Principal, PrincipalKind, Request, Resource

ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
COLONS_AND_STARS = st.text("ab:/*?İ", max_size=9)
PARTS = st.sampled_from(("acs", "*", "", "a*", "*b", "a*b", "?", "ram", "A", "ab", "a"))
FIVE = st.tuples(PARTS, PARTS, PARTS, PARTS, st.text("aA/:*?b", max_size=6)).map(":".join)
NAMES = st.tuples(PARTS, PARTS, PARTS, PARTS, st.text("aA/:*b", max_size=6)).map(":".join)
CHOICES = ("stars=one-glob", "empty_part=any", "resource_case=folded", "action_glob=per-part")
READINGS = st.lists(st.sampled_from(CHOICES), max_size=2).map(
    lambda found: change(change(DEFAULT, found[0]) if found else DEFAULT, (found or CHOICES)[-1])
)


def policies_with(elements: list[tuple[In | NotIn, In | NotIn]]) -> Policies:
    statements = tuple(Statement(Effect.ALLOW, actions, resources) for actions, resources in elements)
    return Policies(identity=(AttachedPolicy("p", Document(PolicyKind.IDENTITY, statements)),))


def elements_of(patterns: st.SearchStrategy[str]) -> st.SearchStrategy[In | NotIn]:
    some = st.lists(patterns, min_size=1, max_size=4).map(tuple)
    return st.builds(In, some) | st.builds(NotIn, some)


@given(st.lists(st.text("ab*?", max_size=7), max_size=8), st.text("ab", max_size=7))
def test_patterns_match_as_globs_do(patterns: list[str], text: str) -> None:
    index = PatternIndex.of((pattern, 1 << place) for place, pattern in enumerate(patterns))
    wanted = {place for place, pattern in enumerate(patterns) if glob(pattern)(text)}
    assert set(places(index.matching(text))) == wanted


def test_the_longest_that_fits_stands_for_the_shorter_ones() -> None:
    index = PatternIndex.of([("*b", 1), ("*ab", 2), ("*aab", 4), ("b*", 8), ("ba*", 16), ("b*b", 32)])
    assert index.matching("xaab") == 0b111
    assert index.matching("xab") == 0b11
    assert index.matching("ba") == 0b11000
    assert index.matching("baab") == 0b111111


def test_a_text_is_plain_where_it_is_filed_as_text() -> None:
    index = PatternIndex.of(texts=[("a*", 1)])
    assert index.matching("a*") == 1
    assert index.matching("ab") == 0


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [("abc", "abc"), ("a*?", "a"), ("a?*", "a"), ("*", ""), ("a?b?*", "a"), ("b*b*?", "b")],
)
def test_literal_prefix(pattern: str, prefix: str) -> None:
    assert literal_prefix(pattern) == prefix


@given(st.lists(elements_of(FIVE | COLONS_AND_STARS), min_size=1, max_size=5), NAMES, READINGS)
def test_resources_are_covered_as_one_by_one(
    elements: list[In | NotIn], name: str, readings: Readings
) -> None:
    plan = flatten(policies_with([(In(("*",)), each) for each in elements]), readings)
    index = ResourceIndex.of(plan)
    wanted = {place for place, each in enumerate(elements) if covers_resource(each, name, readings)}
    for _ in range(2):  # worked out, then remembered
        covering = index.covering(name, (1 << len(plan.clauses)) - 1)
        assert {plan.clauses[place].number for place in places(covering)} == wanted


@given(
    st.lists(elements_of(st.text("abA:*?", min_size=1, max_size=6)), max_size=6),
    st.text("abA:", max_size=6),
    READINGS,
)
def test_actions_are_covered_as_one_by_one(
    elements: list[In | NotIn], action: str, readings: Readings
) -> None:
    plan = flatten(policies_with([(each, In(("*",))) for each in elements]), readings)
    wanted = {place for place, each in enumerate(elements) if covers_action(each, action, readings)}
    covering = ActionIndex.of(plan).covering(action)
    assert {plan.clauses[place].number for place in places(covering)} == wanted


def test_patterns_are_folded_where_names_are() -> None:
    policies = policies_with([(In(("*",)), In(("acs:ECS:*:*:Image/M*",)))])
    index = ResourceIndex.of(flatten(policies, change(DEFAULT, "resource_case=folded")))
    assert index.covering("ACS:ecs:X:1:iMAGE/m-1", 1) == 1
    assert ResourceIndex.of(flatten(policies)).covering("acs:ecs:x:1:image/m-1", 1) == 0


TESTS = st.builds(
    ConditionTest,
    operator=st.sampled_from([each for name, each in sorted(OPERATORS.items())]),
    key=st.sampled_from(("my:Key", "acs:ResourceTag/a", "acs:SourceIp", "acs:PrincipalARN")),
    values=st.lists(
        st.sampled_from(("a", "A", "*", "b*", "1", "10.0.0.0/8", "10.1.1.1", "::/0", "true", "2026-11-24")),
        max_size=3,
    ).map(tuple),
    quantifier=st.sampled_from(("", "", "ForAnyValue", "ForAllValues")),
)
GIVEN = (
    st.none()
    | st.just("unknown")
    | st.lists(
        st.sampled_from(
            ("a", "A", "ab", "b", "1", "2", "10.1.1.1", "10.2.0.1", "::1", "true", "2026-11-24", "*", "b*")
        ),
        max_size=3,
    ).map(tuple)
)
OF_TESTS = st.sampled_from((DEFAULT, *(each.readings for each in ALTERNATIVES)))


@settings(max_examples=400)
@given(st.lists(st.lists(TESTS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4), GIVEN, OF_TESTS)
def test_values_are_judged_as_test_by_test(
    statements: list[tuple[ConditionTest, ...]], values: Values, readings: Readings
) -> None:
    plan = flatten(Policies(identity=tuple(with_tests(*each).identity[0] for each in statements)), readings)
    for key in key_indexes(plan):
        holding, open_bits = key.judge(values)
        for place, clause in enumerate(plan.clauses):
            tests = [test for test in clause.statement.conditions if test.key == key.text]
            truth = all_of(holds(test, values, readings) for test in tests)
            assert (holding >> place & 1, open_bits >> place & 1) == (truth is True, truth is None)


def test_a_statement_makes_a_clause_for_each_head() -> None:
    resources = In(("acs:ecs:*:*:image/*", "acs:ecs:*:*:disk/*", "acs:vpc:*:*:*", "acs:ecs:*"))
    plan = flatten(policies_with([(In(("*",)), resources), (In(("*",)), In(("acs:ecs:*",)))]))
    assert [clause.number for clause in plan.clauses] == [0, 0]
    assert [parted.relatives for parted in plan.parted] == [("image/*", "disk/*"), ("*",)]
    assert plan.actions[0].bits == plan.units[0].bits == 0b11


def test_memory_is_bounded_and_keeps_what_is_asked_for() -> None:
    recent: Recent[int, int] = Recent(10)
    recent.put(0, 7)
    for key in range(1, 1000):
        recent.put(key, key)
        assert recent.get(0) == 7
        assert len(recent) <= 20
    assert recent.get(999) == 999
    assert recent.get(500) is None


def test_ever_new_names_and_values_fill_no_memory() -> None:
    named = In(("acs:ecs:*:1:instance/*",))
    compiled = compile_policies(policies_with([(In(("ecs:*",)), named)]))
    index = compiled.indexes.resources
    for place in range(3 * REMEMBERED):
        name = f"acs:ecs:r{place}:1:kind{place}/i-{place}"
        compiled.authorize(Request(ALICE, f"ecs:Do{place}", (Resource(name),)))
    long = "i" * 10_000
    compiled.authorize(Request(ALICE, f"ecs:{long}", (Resource(f"acs:ecs:x:{long}:{long}/{long}"),)))
    assert index.opened.get(f"acs:ecs:r{3 * REMEMBERED - 1}:1:kind{3 * REMEMBERED - 1}") is not None
    assert index.opened.get(f"acs:ecs:x:{long}:{long}") is None
    assert index.fitting.get(("acs", "ecs", "x", long)) is None
    assert compiled.indexes.covered.get(f"ecs:{long}") is None
    assert len(index.named) <= NAMES_REMEMBERED
    assert all(len(name) <= LONGEST_REMEMBERED for name in index.named)
    for memory in (index.opened, index.fitting, compiled.indexes.covered):
        assert len(memory) <= 2 * REMEMBERED


@pytest.mark.parametrize(
    ("pattern", "name", "covers"),
    [
        ("acs:ram::1:role/*", "acs:ram:*:1:role/a", True),
        ("acs:ram:*:1:role/*", "acs:ram::1:role/a", True),
        ("acs:ram::1:role/*", "acs:ram:cn-hangzhou:1:role/a", False),
        ("acs:ecs::1:role/*", "acs:ecs:*:1:role/a", False),
        ("acs:ecs:ram:1:role/*", "acs:ecs:*:1:role/a", False),
    ],
)
def test_a_global_service_has_an_empty_region_or_a_star(pattern: str, name: str, covers: bool) -> None:
    index = ResourceIndex.of(flatten(policies_with([(In(("*",)), In((pattern,)))])))
    assert bool(index.covering(name, 1)) is covers is covers_resource(In((pattern,)), name)


@pytest.mark.parametrize("relative", ["instance", "instance/", "instance/x", "x", "", "a:instance/x"])
@pytest.mark.parametrize(
    "pattern", ["instance/*", "instance/", "instance*", "*", "*/x", "x", "**", "a:*", "instance/?", "i*/x"]
)
def test_a_relative_name_is_covered_as_by_its_glob(pattern: str, relative: str) -> None:
    covered, name = In((f"acs:ecs:*:*:{pattern}",)), f"acs:ecs:x:1:{relative}"
    index = ResourceIndex.of(flatten(policies_with([(In(("*",)), covered)])))
    assert bool(index.covering(name, 1)) is covers_resource(covered, name)


@pytest.mark.parametrize(
    ("key", "reading"),
    [
        ("acs:ResourceTag/environment", "tag_key_case=folded"),
        ("acs:ResourceTag/a/b", "tag_key_ends=at-slash"),
        ("ACS:ResourceTag/Environment", "key_prefix_case=exact"),
        ("acs:PrincipalArn", "key_prefix_case=exact"),
        ("acs:PrincipalARN", "principal_case=folded"),
    ],
)
def test_a_key_is_read_straight_only_where_the_reading_lets_it(key: str, reading: str) -> None:
    tags = {"Environment": "x", "a": "x", "a/b": "y"}
    request = Request(ALICE, "ecs:Run", (Resource("acs:ecs:x:1:instance/i-1", tags),))
    policies = with_tests(ConditionTest(OPERATORS["StringLike"], key, ("X", "x", "ACS:ram:*")))
    for readings in (DEFAULT, change(DEFAULT, reading)):
        found = compile_policies(policies, readings).authorize(request)
        assert found == authorize(request, policies, readings)
    (index,) = key_indexes(flatten(policies))
    assert index.of_caller is key.startswith("acs:Principal")
    assert index.tag == (None if index.of_caller else key.partition("/")[2])


def test_a_value_may_stand_in_several_tests() -> None:
    alone = ConditionTest(OPERATORS["StringEquals"], "acs:ResourceTag/a", ("x",))
    wide = ConditionTest(OPERATORS["StringEquals"], "acs:ResourceTag/a", ("x", "y"))
    folded = ConditionTest(OPERATORS["StringEqualsIgnoreCase"], "acs:ResourceTag/a", ("X",))
    both = ConditionTest(OPERATORS["StringEqualsIgnoreCase"], "acs:ResourceTag/a", ("x", "Y"))
    documents = [with_tests(each).identity[0] for each in (alone, wide, folded, both)]
    (key,) = key_indexes(flatten(Policies(identity=tuple(documents))))
    assert [key.holding(value) for value in ("x", "y", "X", "z")] == [0b1111, 0b1010, 0b1100, 0]


@pytest.mark.parametrize("action", ["ecs:Run", "sts:AssumeRole"])  # decided on the spot, and by the rules
@pytest.mark.parametrize("reading", ["resources=first", "resources=explicit-first"])
def test_the_refusal_that_is_told_is_the_readings(action: str, reading: str) -> None:
    statement = Statement(Effect.DENY, In(("*",)), In(("acs:ecs:*:*:disk/*",)))
    document = Document(PolicyKind.IDENTITY, (statement,))
    policies, readings = Policies(identity=(AttachedPolicy("p", document),)), change(DEFAULT, reading)
    resources = tuple(Resource(f"acs:ecs:x:1:{kind}/1") for kind in ("image", "disk", "image"))
    found = compile_policies(policies, readings).authorize(Request(ALICE, action, resources))
    assert found == authorize(Request(ALICE, action, resources), policies, readings)
    assert found.resource == resources[0 if reading == "resources=first" else 1]


def test_a_statement_needs_each_of_its_tests_on_a_key() -> None:
    def with_test(name: str, *values: str) -> ConditionTest:
        return ConditionTest(OPERATORS[name], "acs:ResourceTag/a", values)

    first = with_tests(with_test("StringEquals", "x", "y"), with_test("StringLike", "x*", "z*"))
    second = with_tests(with_test("StringEquals", "z"), with_test("StringEqualsIgnoreCase", "Z", "X"))
    third = with_tests(with_test("StringEqualsIgnoreCase", "Y"), with_test("StringEquals", "x", "y"))
    pool = tuple(each.identity[0] for each in (first, second, third))
    (key,) = key_indexes(flatten(Policies(identity=pool)))
    assert [key.holding(value) for value in ("x", "y", "z", "Z")] == [0b001, 0b100, 0b010, 0]


def test_values_too_long_are_not_remembered() -> None:
    test = ConditionTest(OPERATORS["StringLike"], "acs:ResourceTag/a", ("x*",))
    (key,) = key_indexes(flatten(with_tests(test)))
    for value in ("x", "x" * 10_000):
        assert key.holding(value) == key.holding(value) == 1
    assert key.holding("y") == key.holding(None) == 0
    assert key.holding("y" * 10_000) == 0
    assert len(key.certain) == len(key.judged) == 3


def with_tests(*tests: ConditionTest) -> Policies:
    statement = Statement(Effect.ALLOW, In(("*",)), In(("*",)), tests)
    return Policies(identity=(AttachedPolicy("p", Document(PolicyKind.IDENTITY, (statement,))),))


def test_a_decision_to_be_told_is_the_decision() -> None:
    policies = policies_with([(In(("ecs:*",)), In(("*",)))])
    compiled = compile_policies(policies)
    for action in ("ecs:RunInstances", "vpc:CreateVpc"):
        request = Request(ALICE, action, (Resource("acs:ecs:x:1:instance/i-1", {}),))
        wanted = authorize(request, policies)
        assert compiled.authorize(request) == wanted
        assert repr(compiled.authorize(request)) == repr(wanted)
        assert copy.copy(compiled.authorize(request)) == wanted
        assert pickle.loads(pickle.dumps(compiled.authorize(request))) == wanted
        with pytest.raises(AttributeError):
            compiled.authorize(request).verdict = Verdict.ALLOW  # type: ignore[misc]
    assert not hasattr(Decision(Verdict.ALLOW), "anything")
