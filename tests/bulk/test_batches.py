"""Batches in every form that Arrow gives them, what is wrong with some, files, and callers of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagefence.bulk.decide import decide
from imagefence.bulk.files import decide_files
from imagefence.bulk.principals import decide_by_principal
from imagefence.compiled.engine import compile_policies
from imagefence.errors import InputError
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.request import Principal, PrincipalKind

ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
STATEMENTS = [
    {"Effect": "Allow", "Action": "ecs:*", "Resource": "acs:ecs:*:*:instance/*"},
    {
        "Effect": "Deny",
        "Action": "ecs:Delete*",
        "Resource": "*",
        "Condition": {"StringEquals": {"acs:ResourceTag/keep": "true"}},
    },
    {
        "Effect": "Deny",
        "Action": "ecs:Stop*",
        "Resource": "*",
        "Condition": {"Bool": {"acs:MFAPresent": "false"}},
    },
]
ROWS: dict[str, list[Any]] = {
    "action": [
        "ecs:DeleteInstance",
        "ecs:DeleteInstance",
        "ecs:StopInstance",
        "vpc:CreateVpc",
        "ecs:StopInstance",
    ],
    "resource": [
        *(f"acs:ecs:cn-hangzhou:1:instance/i-{n}" for n in range(3)),
        "acs:vpc:cn-hangzhou:1:vpc/*",
        None,
    ],
    "acs:ResourceTag/keep": ["true", None, None, "true", None],
    "acs:MFAPresent": [None, True, False, None, True],
}
VERDICTS = ["ExplicitDeny", "Allow", "ExplicitDeny", "ImplicitDeny", "Indeterminate"]


def policies(statements: list[Any]) -> Policies:
    text = json.dumps({"Version": "1", "Statement": statements})
    return Policies(identity=(AttachedPolicy("own", parse(text, PolicyKind.IDENTITY)),))


COMPILED = compile_policies(policies(STATEMENTS))


def batch(**columns: Any) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(ROWS | columns)


def verdicts(answer: pa.RecordBatch) -> list[Any]:
    return answer.column("verdict").to_pylist()


def test_verdicts_and_layers() -> None:
    answer = decide(batch(), COMPILED, caller=ALICE, reasons=True)
    assert verdicts(answer) == VERDICTS
    layer = "AccountLevelIdentityBasedPolicy"
    assert answer.column("policy_type").to_pylist() == [layer, None, layer, layer, None]
    assert answer.column("statements").to_pylist() == [[1], [0], [2], [], []]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())])
def test_texts_of_any_type(kind: Any) -> None:
    columns = {name: pa.array(ROWS[name], kind) for name in ("action", "resource", "acs:ResourceTag/keep")}
    assert verdicts(decide(batch(**columns), COMPILED, caller=ALICE)) == VERDICTS


def test_a_dictionary_with_null_twice_and_unused_values() -> None:
    keep = pa.DictionaryArray.from_arrays(pa.array([2, 1, None, 0, 1]), pa.array(["true", None, "true"]))
    assert verdicts(decide(batch(**{"acs:ResourceTag/keep": keep}), COMPILED, caller=ALICE)) == VERDICTS


def test_slices_and_empty_batches() -> None:
    whole = pa.Table.from_batches([batch()])
    encoded = pa.table(
        {
            name: column.dictionary_encode() if pa.types.is_string(column.type) else column
            for name, column in zip(whole.schema.names, whole.columns, strict=True)
        }
    )
    for each in (batch(), encoded.combine_chunks().to_batches()[0]):
        for start in range(5):
            part = each.slice(start, 2)
            assert verdicts(decide(part, COMPILED, caller=ALICE)) == VERDICTS[start : start + 2]
        assert decide(each.slice(0, 0), COMPILED, caller=ALICE).num_rows == 0


def test_unknown_keys_and_tags() -> None:
    some = batch(unknown=[[], [], ["acs:mfapresent"], [], []], tags_unknown=[True, False, False, True, False])
    expected = ["Indeterminate", "Allow", "Indeterminate", "ImplicitDeny", "Indeterminate"]
    assert verdicts(decide(some, COMPILED, caller=ALICE)) == expected
    every = decide(batch(), COMPILED, caller=ALICE, unknown=["acs:ResourceTag/*", "acs:MFAPresent"])
    assert verdicts(every) == [
        "Indeterminate",
        "Indeterminate",
        "Indeterminate",
        "ImplicitDeny",
        "Indeterminate",
    ]


def test_rows_of_one_request_and_columns_to_carry() -> None:
    same = batch(action=["ecs:DeleteInstance"] * 5, **{"acs:MFAPresent": [None] * 5})
    calls = same.append_column("request", pa.array(["b", "b", "a", "c", "c"])).append_column(
        "at", pa.array(range(5))
    )
    answer = decide(calls, COMPILED, caller=ALICE, carry=["at"])
    assert answer.column("request").to_pylist() == ["b", "a", "c"]
    assert verdicts(answer) == ["ExplicitDeny", "Allow", "ExplicitDeny"]
    assert answer.column("resource").to_pylist() == [
        ROWS["resource"][0],
        ROWS["resource"][2],
        ROWS["resource"][3],
    ]
    assert answer.column("at").to_pylist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"colour": ["red"] * 5}, "column `colour` is no condition key"),
        ({"resource": [1] * 5}, "column `resource` holds int64, not texts"),
        ({"action": ["ecs:A", None, "ecs:B", "ecs:C", "ecs:D"]}, "column `action`: row 1 is null"),
        ({"new": ["yes"] * 5}, "column `new` holds string, not booleans"),
        ({"unknown": ["x"] * 5}, "column `unknown` holds string, not lists of texts"),
        ({"acs:SourceIp": [1.5] * 5}, "column `acs:SourceIp` holds double, not texts"),
        ({"acs:PrincipalARN": ["x"] * 5}, "column `acs:PrincipalARN` is read off the caller"),
        ({"ecs:tag/team": ["x"] * 5}, "column `ecs:tag/team` is read off the tags"),
        ({"acs:mfapresent": [True] * 5}, "columns `acs:MFAPresent` and `acs:mfapresent` are one key"),
        ({"acs:resourcetag/keep": ["x"] * 5}, "column `acs:resourcetag/keep` is there twice"),
        ({"principal": ["acs:ram::1:group/dev"] * 5}, "`acs:ram::1:group/dev` is no kind of caller"),
        ({"request": [1, 1, 2, 3, None]}, "column `request`: row 4 is null"),
        ({"request": [1, 2, 3, 3, 4]}, "column `action` differs within request `3`"),
        ({"acs:SourceVpc": [["x", None]] * 5}, "column `acs:SourceVpc` holds a list with null in it"),
    ],
)
def test_what_is_wrong_is_told(columns: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError) as error:
        decide(batch(**columns), COMPILED, caller=ALICE)
    assert error.value.message == text
    assert error.value.help


def test_columns_that_are_missing() -> None:
    with pytest.raises(InputError, match="no column `resource`"):
        decide(batch().drop_columns(["resource"]), COMPILED, caller=ALICE)
    with pytest.raises(InputError, match="no column `principal`"):
        decide(batch(), COMPILED)


def test_files_and_folders(tmp_path: Path) -> None:
    table = pa.Table.from_batches([batch()]).append_column("event", pa.array(range(5)))
    for name in ("a.parquet", "b.parquet"):
        pq.write_table(table, tmp_path / name)
    answers = list(decide_files([tmp_path], COMPILED, caller=ALICE, carry=["event"], rows=3))
    assert [verdict for answer in answers for verdict in verdicts(answer)] == VERDICTS * 2
    assert [n for answer in answers for n in answer.column("event").to_pylist()] == [*range(5)] * 2
    (tmp_path / "c.parquet").write_text("no parquet")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        list(decide_files([tmp_path / "c.parquet"], COMPILED, caller=ALICE))


def test_callers_with_policies_of_their_own() -> None:
    arns = [f"acs:ram::1:user/{name}" for name in ("alice", "bob", "carol")]
    given = {
        arns[0]: COMPILED,
        arns[1]: compile_policies(Policies()),
        arns[2]: compile_policies(policies(STATEMENTS)),
    }
    some = batch(principal=[arns[2], arns[1], arns[0], arns[1], arns[2]])
    expected = ["ExplicitDeny", "ImplicitDeny", "ExplicitDeny", "ImplicitDeny", "Indeterminate"]
    assert verdicts(decide_by_principal(some, given)) == expected
    with pytest.raises(InputError, match="no policies are given for `acs:ram::1:user/carol`"):
        decide_by_principal(some, {arns[0]: COMPILED})
