"""The published JSON Schemas: what the parsers take they take, what is wrong in form they refuse."""

from __future__ import annotations

import json
import random
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from imagefence.cli.main import main
from imagefence.cli.policy_schema import schema_of
from imagefence.errors import ConfigError, PolicySyntaxError
from imagefence.policy.document import PolicyKind
from imagefence.policy.operators import OPERATORS
from imagefence.policy.parse import parse
from imagefence.scope.parse import parse_scope

ROOT = Path(__file__).parents[2]
KINDS = [*(kind.value for kind in PolicyKind), "fence"]
VALIDATORS = {kind: Draft202012Validator(schema_of(kind)) for kind in KINDS}
CORPUS = [
    json.loads(line) for line in (ROOT / "tests/cases/corpus.ndjson").read_text(encoding="utf-8").splitlines()
]
BROKEN = json.loads((ROOT / "tests/cases/broken.json").read_text(encoding="utf-8"))
# What a schema cannot see: the whole text, and a key that stands twice in it.
UNSEEN = {"duplicate-key-01", "duplicate-key-03", "too-long-01", "too-long-02", "too-long-03"}


def valid(kind: str, data: Any) -> bool:
    return bool(VALIDATORS[kind].is_valid(data))


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_one_and_published(kind: str) -> None:
    Draft202012Validator.check_schema(schema_of(kind))
    printed = CliRunner().invoke(main, ["policy", "schema", kind])
    assert printed.exit_code == 0
    name = "fence.json" if kind == "fence" else f"{kind}-policy.json"
    assert (ROOT / "docs/schemas" / name).read_text(encoding="utf-8") == printed.stdout, "run `make docs`"
    generate = runpy.run_path(str(ROOT / "docs/generate.py"))
    assert generate["PAGES"][f"schemas/{name}"]() == printed.stdout
    assert schema_of(kind)["$id"].startswith("urn:imagefence:schema:")


def test_published_policies_are_taken_as_the_parser_takes_them() -> None:
    for case in CORPUS:
        assert valid(case["kind"], case["document"]) is ("refused" not in case), case["id"]


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case["id"])
def test_broken_form_is_refused(case: dict[str, Any]) -> None:
    try:
        data = json.loads(case["text"])
    except json.JSONDecodeError:
        return
    assert valid(case["kind"], data) is ("rule" in case or case["id"] in UNSEEN)


def test_what_is_unseen_is_refused_by_the_parser() -> None:
    unseen = [case for case in BROKEN if case["id"] in UNSEEN]
    assert {case["id"] for case in unseen} == UNSEEN
    for case in unseen:
        with pytest.raises(PolicySyntaxError):
            parse(case["text"], PolicyKind(case["kind"]))


VALUES = ("", "x", "*", "true", "FALSE", "yes", "10", "-1.5e3", "ten", "2026-01-01", "2026-01-01T10:00:00Z")
BLOCKS = (
    "10.0.0.1",
    "10.0.0.0/8",
    "10.0.0.0/33",
    "256.1.1.1",
    "1.1.1",
    "2001:db8::/32",
    "::1/129",
    "fe80::1",
)
GOOD_KEYS = ("acs:SourceIp", "acs:CurrentTime", "acs:MFAPresent", "acs:ResourceTag/a/b", "ecs:Image", "x:y")
KEYS = ("acs:ResourceTag/", "aws:x", "AWS:x", "Resource", "acs:MFAPresent ", "", "acs:x/ä b", "a", *GOOD_KEYS)
GOOD_ACTIONS = ("*", "ecs:*", "e*")
ACTIONS = (*GOOD_ACTIONS, "ecs", "ecs:a:b", "ecs:a b", "sts:AssumeRole", "STS:assumerolewithsaml", "${a}")
GOOD_NAMES = ("*", "acs:ecs:*:*:x", "acs:a:b:c:${d e}")
NAMES = (*GOOD_NAMES, "acs:ecs:*:*:a b", "acs:ecs:*:x", "acs::*:*:x", "arn:x", "i")
TRUSTED = {
    "RAM": ("acs:ram::1:root", "acs:ram::1:user/a", "acs:ram::${x}:root"),
    "Service": ("ecs.aliyuncs.com", "1@log.aliyuncs.com"),
    "Federated": ("acs:ram::1:saml-provider/p",),
    "AWS": ("acs:ram::x:root", "ecs", "acs:ram::1:user/a/b", "1"),
}


def one_or_list(chance: random.Random, texts: tuple[str, ...]) -> Any:
    if chance.random() < 0.6:
        return chance.choice(texts)
    return [chance.choice(texts) for _ in range(chance.choice((0, 1, 2, 2)))]


def statement(chance: random.Random, *, trust: bool) -> dict[str, Any]:
    """A statement by chance, often a good one."""
    good = chance.random() < 0.6
    parts: dict[str, Any] = {"Effect": chance.choice(("Allow", "Deny"))}
    actions = (ACTIONS[-3:] if trust else GOOD_ACTIONS) if good else ACTIONS
    parts[chance.choice(("Action", "Action", "NotAction"))] = one_or_list(chance, actions)
    if trust or chance.random() < 0.05:
        kind = chance.choice(tuple(TRUSTED))
        parts["Principal"] = {
            kind: one_or_list(chance, TRUSTED[kind if good else chance.choice(tuple(TRUSTED))])
        }
    if not trust or chance.random() < 0.2:
        names = GOOD_NAMES if good else NAMES
        parts[chance.choice(("Resource", "Resource", "NotResource"))] = one_or_list(chance, names)
    if chance.random() < 0.5:
        operator = chance.choice((*OPERATORS, "ForAnyValue:StringEquals", "ForAllValues:Bool", "Null"))
        key = chance.choice(GOOD_KEYS if good else KEYS)
        parts["Condition"] = {operator: {key: one_or_list(chance, (*VALUES, *BLOCKS))}}
    return parts


def test_schema_and_parser_agree() -> None:
    chance, read = random.Random(4), 0
    for number in range(4000):
        kind = list(PolicyKind)[number % 4]
        policy = {"Version": "1", "Statement": [statement(chance, trust=kind is PolicyKind.TRUST)]}
        try:
            parse(json.dumps(policy), kind)
        except PolicySyntaxError:
            # Why: a text with a placeholder in it is left to the parser.
            assert not valid(kind.value, policy) or "${" in json.dumps(policy), policy
        else:
            read += 1
            assert valid(kind.value, policy), policy
    assert 1000 < read < 3000


# -- fence.yaml ---------------------------------------------------------------------------------------


class Loader(yaml.SafeLoader):
    """YAML as JSON knows it: a time stays a text, as editors read it."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

LEAST = "version: 1\napproved: { tags: { golden: ['yes'] } }\n"


def fence(text: str) -> bool:
    return valid("fence", yaml.load(text, Loader))


def test_examples_of_the_docs_are_taken() -> None:
    texts = []
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        texts += [block for block in blocks if "version: 1" in block]
    assert texts
    for text in texts:
        parse_scope(text)
        assert fence(text), text


@pytest.mark.parametrize(
    "options",
    [
        *(["--node", "Root"], ["--node", "Root/Workloads", "--owner-account", "1000000000000001"]),
        ["--group", "dev", "--role", "ci"],
    ],
)
def test_templates_are_taken(options: list[str], tmp_path: Path) -> None:
    file = tmp_path / "fence.yaml"
    made = CliRunner().invoke(
        main, ["fence", "init", "--scope", str(file), "--tag", "golden-image=yes", *options]
    )
    assert made.exit_code == 0, made.output
    text = file.read_text(encoding="utf-8")
    parse_scope(text)
    assert fence(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version: 2\n" + LEAST.partition("\n")[2],
        "version: 1\n",
        "version: 1\napproved: { tags: {} }\n",
        "version: 1\napproved: { tags: { aliyun-x: [a] } }\n",
        "version: 1\napproved: { tags: { golden: ['y*'] } }\n",
        "version: 1\napproved: { tags: { golden: [] } }\n",
        "version: 1\napproved: { tags: { golden: yes } }\n",
        "version: 1\napproved: { tags: { golden: [a, a] } }\n",
        "version: 1\napproved: { tags: { golden: [a] }, owner_accounts: ['1'] }\n",
        "version: 1\napproved: { tags: { golden: [a] }, distribute: move }\n",
        f"{LEAST}fence: {{ from: deny }}\n",
        f"{LEAST}fence: {{ form: none }}\n",
        f"{LEAST}fence: {{ attach: {{}} }}\n",
        f"{LEAST}fence: {{ attach: {{ principals: {{ accounts: [a] }} }} }}\n",
        f"{LEAST}exempt: [{{ role: admin }}]\n",
        f"{LEAST}exempt: [{{ role: Admin, may: [tag] }}]\n",
        f"{LEAST}exempt: [{{ role: admin, may: [fly] }}]\n",
        f"{LEAST}exempt: [{{ role: admin, may: [] }}]\n",
        f"{LEAST}exempt: [{{ role: admin, may: [tag], until: 2026-12-31 }}]\n",
        f"{LEAST}exempt: [{{ role: admin, may: [tag], trust: [bob] }}]\n",
        f"{LEAST}fix: {{ default: never }}\n",
        f"{LEAST}fixes: {{}}\n",
    ],
)
def test_wrong_fence_is_refused_by_both(text: str) -> None:
    assert not fence(text)
    with pytest.raises(ConfigError):
        parse_scope(text)
