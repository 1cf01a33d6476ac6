"""fence.yaml: what it says, and where it is wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from imagefence.errors import ConfigError
from imagefence.scope.parse import parse_scope
from imagefence.scope.roads import LAUNCH_ACTIONS, ROADS, Barrier, roads_closed_by
from imagefence.scope.scope import Distribute, Form, May, Scope, approves, missing_tags

TEXT = """\
version: 1
approved:
  tags: { environment: [production] }     # keys AND, values OR; a generic key earns a warning
  owner_accounts: ["1000000000000001"]    # where golden images are built
  distribute: copy                        # copy into each member and tag there | share
fence:
  form: deny                              # deny | allow | both
  attach:
    nodes: [Root/Workloads]
exempt:
  - { role: image-admin, may: [tag, create-image] }
  - { role: break-glass, may: [launch], until: 2026-12-31T00:00:00Z, reason: INC-4711 }
fix: { default: ask }
"""


def test_the_example_reads_as_written() -> None:
    """Every field of the example."""
    scope = parse_scope(TEXT)
    assert scope.tags == {"environment": ("production",)}
    assert scope.owner_accounts == ("1000000000000001",)
    assert scope.form is Form.DENY
    assert scope.attach.nodes == ("Root/Workloads",)
    admin, breaker = scope.exemptions
    assert admin.may == {May.TAG, May.CREATE_IMAGE}
    assert breaker.until == datetime(2026, 12, 31, tzinfo=UTC)
    assert breaker.reason == "INC-4711"
    assert scope.exempt_to(May.LAUNCH) == (breaker,)
    assert len(scope.warnings) == 1
    assert "`environment` is a generic tag key" in scope.warnings[0]


def test_a_key_of_ones_own_earns_no_warning() -> None:
    """No warning without a generic key."""
    assert parse_scope(TEXT.replace("environment", "golden-image")).warnings == ()


WRONG = [
    ("tags: {", "tgas: {", "3:3: approved: unknown key `tgas`", "did you mean `tags`?"),
    ("[production]", "[true]", "3:25: approved.tags.environment[0]: expected a text", '"true"'),
    ("[production]", "[prod*]", "3:25: approved.tags.environment[0]: `prod*`", ""),
    ("[production]", "[]", "3:24: approved.tags.environment: name at least one value", ""),
    ("environment:", "aliyun-env:", "approved.tags.aliyun-env: `aliyun-env` can't be", ""),
    ('"1000000000000001"', "1000000000000001", "4:20: approved.owner_accounts[0]: expected a text", "quotes"),
    (
        '"1000000000000001"',
        '"12"',
        "4:20: approved.owner_accounts[0]: `12` is not an account id",
        "16 digits",
    ),
    ("deny     ", "deyn     ", "7:9: fence.form: `deyn` is not one of deny, allow, both", "`deny`"),
    ("copy      ", "coppy     ", "5:15: approved.distribute: `coppy`", "`copy`"),
    ("[launch]", "[lanch]", "12:32: exempt[1].may[0]: `lanch`", "`launch`"),
    ("00Z", "00", "12:48: exempt[1].until: `2026-12-31T00:00:00` names no time zone", "00Z"),
    ("2026-12-31T00:00:00Z", "soon", "exempt[1].until: `soon` is not a time", ""),
    ("role: image-admin", "role: Image-Admin", "exempt[0].role: `Image-Admin`", "`image-admin`"),
    ("role: break-glass", "role: image-admin", "exempt[1]: the role `image-admin` stands here twice", ""),
    ("version: 1", "version: 2", "1:10: version: version must be 1", ""),
    ("version: 1\n", "", "1:1: `version` is missing", ""),
    ("  form: deny", "  form: deny\n  form: deny", "8:3: fence.form: `form` stands here twice", ""),
    ("nodes: [Root/Workloads]", "nodes: [Root", "not YAML", ""),
    ("nodes: [Root/Workloads]", "nodes: []", "fence.attach: name `nodes`", ""),
    ("{ default: ask }", "{ default: aks }", "13:17: fix.default: `aks`", "`ask`"),
    ("{ default: ask }", "ask", "13:6: fix: expected an object of default", ""),
]


@pytest.mark.parametrize(("old", "new", "place", "hint"), WRONG, ids=[row[1][:24] for row in WRONG])
def test_every_mistake_names_its_place(old: str, new: str, place: str, hint: str) -> None:
    """File, line, column, path, and a near match where a word is misspelt."""
    assert old in TEXT
    with pytest.raises(ConfigError) as caught:
        parse_scope(TEXT.replace(old, new, 1), "fence.yaml")
    assert str(caught.value).startswith("fence.yaml:")
    assert place in str(caught.value)
    assert hint in caught.value.help
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "text", ["", "- a\n", "version: [", "a: &x [*x]\n", "\t", "version: 1\napproved: {}\n"]
)
def test_whatever_is_written_is_refused_with_its_place(text: str) -> None:
    """No text brings anything but a ConfigError."""
    with pytest.raises(ConfigError, match=r"^fence\.yaml:\d+:\d+"):
        parse_scope(text)


def test_an_allow_list_needs_nodes_and_share_needs_owners() -> None:
    """What would not work in the cloud is refused in the file."""
    principals = TEXT.replace("nodes: [Root/Workloads]", "principals: { groups: [dev] }")
    assert parse_scope(principals).attach.principals == (("group", "dev"),)
    with pytest.raises(ConfigError, match=r"needs `attach\.nodes`"):
        parse_scope(principals.replace("form: deny", "form: allow"))
    ownerless = TEXT.replace('  owner_accounts: ["1000000000000001"]', "")
    with pytest.raises(ConfigError, match="`share` needs"):
        parse_scope(ownerless.replace("distribute: copy", "distribute: share"))


def test_a_contact_is_one_line() -> None:
    """Whom to ask, as text, mail or page; a text with a line break would forge the lines around it."""
    named = TEXT.replace("form: deny", "contact: https://example.com/fence\n  form: deny")
    assert parse_scope(named).contact == "https://example.com/fence"
    assert parse_scope(TEXT).contact == ""
    for wrong in ('"a\\nb"', "[a, b]", '""', "x" * 257):
        with pytest.raises(ConfigError, match=r"fence\.yaml:7:12: fence\.contact"):
            parse_scope(TEXT.replace("form: deny", f"contact: {wrong}\n  form: deny"))


def test_approval_is_by_tags_and_owner() -> None:
    """Own tagged images and those of the owner accounts; a stranger's tags say nothing."""
    scope = Scope({"environment": ("production", "live"), "hardened": ("yes",)}, ("1" * 16,))
    good = {"environment": "live", "hardened": "yes", "team": "web"}
    assert approves(scope, good, "2" * 16, used_by="2" * 16)
    assert approves(scope, good, "1" * 16, used_by="2" * 16)
    assert not approves(scope, good, "3" * 16, used_by="2" * 16)
    assert not approves(scope, {**good, "environment": "Production"}, "2" * 16, used_by="2" * 16)
    assert missing_tags(scope, {"hardened": "yes"}) == ("environment=production|live",)
    shared = Scope(scope.tags, scope.owner_accounts, Distribute.SHARE)
    assert approves(shared, {}, "1" * 16, used_by="2" * 16)
    assert not approves(shared, {}, "1" * 16, used_by="1" * 16)
    assert not approves(shared, good, "2" * 16, used_by="2" * 16)


def test_the_roads_are_told_apart_and_cover_every_launch() -> None:
    """Names are unique, every road has a source, and a launch has its barrier."""
    assert len({road.name for road in ROADS}) == len(ROADS)
    assert all(road.source and road.remark and road.actions for road in ROADS)
    closed = {action for road in roads_closed_by(Barrier.LAUNCH) for action in road.actions}
    assert closed == set(LAUNCH_ACTIONS)
