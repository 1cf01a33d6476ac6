"""What lint says of public policies found in the wild: read by a person once, and held since.

`corpus.json` counts the remarks by rule and severity. A change here is a change in what people are told:
look at the remarks that came or went before writing the new counts.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from imagefence.lint.lint import lint_text
from imagefence.policy.document import PolicyKind

CORPUS = Path(__file__).parents[1] / "cases" / "corpus.ndjson"
COUNTS = Path(__file__).parent / "corpus.json"
JUDGED = ("ram-policy", "trust-policy", "control-policy")


def counted() -> Counter[str]:
    """The remarks on RAM, trust and control policies; those of buckets and keys are another language."""
    counts: Counter[str] = Counter()
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["found_as"].startswith(JUDGED):
            text = json.dumps(case["document"], indent=1, ensure_ascii=False)
            remarks = lint_text(text, PolicyKind(case["kind"]))
            counts.update(f"{each.rule} ({each.severity.value})" for each in remarks)
            counts["policies"] += 1
            counts["policies without a remark"] += not remarks
    return counts


def test_remarks_on_public_policies_are_those_that_were_judged() -> None:
    assert dict(counted()) == json.loads(COUNTS.read_text())
