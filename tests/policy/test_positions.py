"""Places in JSON texts, also in broken ones."""

from __future__ import annotations

import pytest

from imagefence.policy.positions import (
    Lines,
    Place,
    container_at,
    deeper_than,
    doubled_key,
    escape,
    line_and_column,
    places,
    unescape,
    without_space,
)


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("", 0, (1, 1)),
        ("ab", 1, (1, 2)),
        ("a\nb", 1, (1, 2)),
        ("a\nb", 2, (2, 1)),
        ("a\n\nbc", 4, (3, 2)),
        ("\n", 1, (2, 1)),
    ],
)
def test_line_and_column_from_one(text: str, offset: int, place: tuple[int, int]) -> None:
    assert line_and_column(text, offset) == place
    assert Lines(text).at(offset) == place


def test_parts_of_pointers() -> None:
    for part, written in (("a", "a"), ("a/b", "a~1b"), ("~", "~0"), ("~1", "~01"), ("/~", "~1~0")):
        assert escape(part) == written
        assert unescape(written) == part


def test_a_key_and_its_value() -> None:
    text = ' {"a" : 1,\n "b":{"c":[true, "x"]}}'
    found = places(text)
    assert {at: (text[place.key], text[place.value]) for at, place in found.items()} == {
        "": ("{", "{"),
        "/a": ('"', "1"),
        "/b": ('"', "{"),
        "/b/c": ('"', "["),
        "/b/c/0": ("t", "t"),
        "/b/c/1": ('"', '"'),
    }
    assert found["/a"].key == 2
    assert found["/b"].key == text.index('"b"')
    assert found[""].value == 1
    assert found.get("/x") is None
    assert found.get("/a/x") is None
    assert sorted(places(text, 1)) == ["", "/a", "/b"]
    assert list(places(text, 0)) == [""]


def test_the_later_of_two_equal_keys_has_the_place() -> None:
    text = '{"a": 1, "a": 2}'
    assert text[places(text)["/a"].value] == "2"
    assert doubled_key(text) == ("/a", text.rindex('"a"'))
    assert doubled_key('{"a": 1, "b": {"a": 2}, "c": [{"a": 1}, {"a": 2}]}') is None
    assert doubled_key('{"x": [{"a/b": 1, "c": 2, "a/b": 3, "c": 4}]}') == ("/x/0/a~1b", 26)


@pytest.mark.parametrize(
    ("text", "container"),
    [
        ("", ""),
        ("{", ""),
        ('{"a": ', ""),
        ('{"a": {', "/a"),
        ('{"a": [1, {"b": 2}, ', "/a"),
        ('{"a": [1, {"b/c": [', "/a/1/b~1c"),
        ('{"a": [1], "b": [', "/b"),
        ('{"a": {}, ', ""),
        ("]}", ""),
        ('["x", ["y"', "/1"),
        (",:", ""),
        ('{"\\u0061\n": [', "/a\n"),
        ('{"\\x": [', '/"\\x"'),
        ('{"a" "b": [', "/a"),
    ],
)
def test_the_container_that_is_open_at_the_end(text: str, container: str) -> None:
    assert container_at(text, len(text)) == container


def test_how_deep_a_text_goes() -> None:
    assert deeper_than("[[]]", 2) == -1
    assert deeper_than("[[]]", 1) == 1
    assert deeper_than('{"a": [{}]}', 2) == 7
    assert deeper_than("[][][]", 1) == -1
    assert deeper_than('"[[["', 0) == -1
    assert deeper_than("{}", 0) == 0


def test_the_length_without_white_space() -> None:
    assert without_space(' { "a b" :\n[ 1 ,true]\t}') == len('{"a b":[1,true]}')
    assert without_space("") == 0


def test_a_text_without_a_value_has_a_place_all_the_same() -> None:
    assert dict(places("")) == {"": Place(0, 0)}
