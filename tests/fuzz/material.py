"""What is thrown at the core: valid documents bent out of shape, and texts that were never any.

Every case is JSON data, so that a failing one can be kept as a file and thrown again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from imagefence.policy.keys import KEYS, TAG_PREFIXES
from imagefence.policy.operators import OPERATORS
from imagefence.policy.readings import ALTERNATIVES
from written import CASES

FOLDER = Path(__file__).resolve().parents[1] / "cases"
BROKEN = [each["text"] for each in json.loads((FOLDER / "broken.json").read_text(encoding="utf-8"))]
FOUND = [
    json.loads(line)["document"]
    for line in (FOLDER / "corpus.ndjson").read_text(encoding="utf-8").splitlines()
]
DOCUMENTS = [*CASES["policies"].values(), *FOUND]
WORDS = (
    *("Version", "Statement", "Effect", "Allow", "Deny", "Action", "NotAction", "Resource", "NotResource"),
    *("Principal", "RAM", "Service", "Federated", "Condition", "Sid", "ForAnyValue:StringLike", "1", "*", ""),
    *OPERATORS,
    *KEYS,
    *(f"{prefix}environment" for prefix in TAG_PREFIXES),
)
HUGE = "HUGE"  # in a text: a number that is too long for Python to read
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1e400,
    HUGE,
    "",
    "\ud800",
    "\x00",
    "𝔸",
    [],
    {},
    [[]],
    [{}],
    {"": ""},
)

odd = st.sampled_from(ODD)
words = st.sampled_from(WORDS)
texts = st.one_of(st.text(max_size=12), st.text("acs:ec*?/{}$", max_size=24), words)
leaves = st.one_of(words, texts, odd)
junk = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.one_of(words, texts), inner, max_size=4),
    max_leaves=8,
)
readings = st.sampled_from(["", *(each.name for each in ALTERNATIVES)])


@st.composite
def bent(draw: st.DrawFn, data: Any = None) -> Any:
    """A valid document, or the given data, with one to four nodes changed."""
    data = draw(st.sampled_from(DOCUMENTS)) if data is None else data
    for _ in range(draw(st.integers(1, 4))):
        data = _changed(draw, data)
    return data


def _changed(draw: st.DrawFn, data: Any) -> Any:
    """A copy with one change at some node on a random way down."""
    inside = (
        list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
    )
    if not inside or draw(st.integers(0, 4)) == 0:
        return draw(st.one_of(leaves, junk, st.just([data]), st.just({"x": data})))
    at = draw(st.sampled_from(inside))
    change = draw(st.sampled_from(("below", "below", "below", "drop", "again", "rename")))
    if isinstance(data, list):
        return _changed_list(draw, data, int(at), change)
    rest = {key: value for key, value in data.items() if key != at}
    if change == "drop":
        return rest
    if change == "rename":
        return {draw(st.one_of(words, texts)): data[at], **rest}
    return {**data, at: _changed(draw, data[at])}


def _changed_list(draw: st.DrawFn, data: list[Any], at: int, change: str) -> list[Any]:
    if change == "drop":
        return data[:at] + data[at + 1 :]
    if change == "again":
        return [*data, *([data[at]] * draw(st.integers(1, 3)))]
    return [*data[:at], _changed(draw, data[at]), *data[at + 1 :]]


@st.composite
def cut(draw: st.DrawFn, text: str) -> str:
    """A text with pieces taken out, doubled or put in."""
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 12)))
        put = draw(
            st.one_of(st.just(""), st.just(text[begin:end] * 2), st.sampled_from(list('{}[]:,"\\\n')), texts)
        )
        text = text[:begin] + put + text[end:]
    return text


def written(data: Any) -> str:
    """JSON text of data that may not be JSON's."""
    return json.dumps(data, ensure_ascii=False).replace(f'"{HUGE}"', "9" * 5000)


tokens = st.lists(
    st.sampled_from([*'{}[]:,"', '\\"', "\\u", "\n", *(json.dumps(each) for each in WORDS)]), max_size=40
)
policy_texts: st.SearchStrategy[str] = st.one_of(
    bent().map(written),
    st.sampled_from([*map(written, DOCUMENTS), *BROKEN]).flatmap(cut),
    tokens.map("".join),
    st.text(max_size=60),
    st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", errors="replace")),
)

stars = st.text("ab*?", max_size=10)
plain = st.one_of(st.text("ab", max_size=14), st.text(max_size=6))
parts = st.lists(
    st.one_of(st.sampled_from(("acs", "ecs", "ram", "", "*", "cn-*", "image/m-1", "A")), stars), max_size=6
)
names = st.one_of(parts.map(":".join), st.sampled_from(("*", "acs:ecs:*:*:image/*", "acs:ram::1:role/x")))

digits = st.sampled_from(("0", "7", "12", "00", "999", "٣", "１", "²", "1_0", "9" * 600))
figures = st.lists(
    st.one_of(digits, st.sampled_from((*"+-.eE", " ", "e400", "e-999", "Infinity", "nan", "0x"))), max_size=5
).map("".join)
moments = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.lists(
        st.sampled_from(
            (
                "2026-11-23",
                "0001-01-01",
                "9999-12-31",
                "2026-13-45",
                "T",
                "24:00",
                "10:00",
                "23:59:60",
                ":00",
                ".5",
                ".123456",
                "Z",
                "+08:00",
                "-2359",
                "+24:00",
                "２０２６",
                " ",
            )
        ),
        max_size=6,
    ).map("".join),
)
addresses = st.one_of(
    st.ip_addresses().map(str),
    st.tuples(st.ip_addresses().map(str), st.integers(0, 130)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    st.lists(
        st.sampled_from(
            (
                "10",
                "256",
                "01",
                "1.2.3.4",
                "::",
                "fe80",
                "ffff",
                ".",
                ":",
                "/",
                "%eth0",
                "%",
                "8",
                "129",
                "٣",
                "-1",
            )
        ),
        max_size=8,
    ).map("".join),
)
booleans = st.sampled_from(("true", "FALSE", "True", "tRUE", "yes", "1", "", "ＴＲＵＥ", "true "))
