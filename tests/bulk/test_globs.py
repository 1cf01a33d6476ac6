"""Many patterns against many texts, and resource elements against names, agree with the readable rules."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from imagefence.bulk import arrow
from imagefence.bulk.classes import distinct, packed, unpacked, words
from imagefence.bulk.globs import globs
from imagefence.bulk.names import Names
from imagefence.compiled.plan import flatten
from imagefence.compiled.resources import ResourceIndex
from imagefence.policy.document import Document, Effect, In, NotIn, PolicyKind, Statement
from imagefence.policy.matching import covers_resource
from imagefence.policy.pattern import glob
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Readings

WORDS = st.text(alphabet="ab*?é日/\n:.\\$^", max_size=8)
PARTS = st.sampled_from(["", "*", "a", "acs", "a*", "?", "*b", "ram", "é*é"])
RELATIVES = st.sampled_from(
    ["", "*", "a/", "a/b", "a/b*", "a/*b", "a*/b", "/b", "a", "?/b", "a/b/c:d", "**", "é/日*"]
)
NAMES = st.one_of(
    WORDS,
    st.builds(
        lambda parts, relative: ":".join([*parts, relative]),
        st.lists(PARTS, min_size=3, max_size=5),
        RELATIVES,
    ),
)
READINGS = st.sampled_from([DEFAULT, *(each.readings for each in ALTERNATIVES if each.id in ("U-5", "U-6"))])


@given(st.lists(WORDS, max_size=20, unique=True), st.lists(WORDS, max_size=20))
@example(["*a*a*a*b", "a?b", "\ud800*"], ["aaab", "a\nb", "aéb", ""])
@example(["aa*aa"], ["aaa", "aaaa"])
@example(["*" * 40 + "a" + "*?" * 400], ["a" * 500])
def test_patterns(patterns: list[str], texts: list[str]) -> None:
    found = globs(patterns).classes(arrow.texts(texts))
    held = unpacked(found.rows, len(patterns))[found.codes].tolist()
    assert held == [[glob(pattern)(text) for pattern in patterns] for text in texts]


@given(
    st.lists(st.tuples(st.booleans(), st.lists(NAMES, min_size=1, max_size=3)), min_size=1, max_size=12),
    st.lists(NAMES, max_size=20),
    READINGS,
)
def test_names(elements: list[tuple[bool, list[str]]], names: list[str], readings: Readings) -> None:
    covered = [(In if inside else NotIn)(tuple(patterns)) for inside, patterns in elements]
    written = tuple(
        Statement(Effect.ALLOW, In(("*",)), each, index=place) for place, each in enumerate(covered)
    )
    document = Document(PolicyKind.IDENTITY, written)
    plan = flatten(Policies(identity=(AttachedPolicy("all", document),)), readings)
    prepared = Names.of(plan, ResourceIndex.of(plan), words(len(plan.clauses)))
    found = prepared.classes(arrow.texts(names))
    held = unpacked(found.rows, len(plan.clauses))[found.codes]
    for place, name in enumerate(names):
        hitting = {clause.number for bit, clause in enumerate(plan.clauses) if held[place][bit]}
        assert hitting == {n for n, each in enumerate(covered) if covers_resource(each, name, readings)}, name


@given(st.lists(st.lists(st.sampled_from([0, 1, 63, 64, 127, 128, 191]), max_size=4), max_size=30))
def test_only_equal_rows_become_one_class(sets: list[list[int]]) -> None:
    rows = packed([sum(1 << member for member in set(each)) for each in sets], 3)
    kept, numbers = distinct(rows)
    assert kept[numbers].tolist() == rows.tolist()
    assert len(kept) == len({frozenset(each) for each in sets})
