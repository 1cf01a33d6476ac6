"""`imagefence why` on texts alone: every way in which an error is written, and nonsense."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from imagefence.cli.main import main
from imagefence.cloud.pasted import read_pasted, redacted

REQUEST_ID = "FA1B1BF1-3879-399B-D50E-00978B7199CD"
SEALED = "AQEAAAAAaBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789aa=="
DETAIL = {
    "AuthAction": "ecs:RunInstances",
    "AuthPrincipalType": "AssumedRoleUser",
    "AuthPrincipalOwnerId": "1000000000000002",
    "AuthPrincipalDisplayName": "Ci:deploy",
    "PolicyType": "ControlPolicy",
    "NoPermissionType": "ExplicitDeny",
}
FULL = {**DETAIL, "EncodedDiagnosticMessage": SEALED}
BODY = {
    "RequestId": REQUEST_ID,
    "HostId": "ecs.cn-hangzhou.aliyuncs.com",
    "Code": "Forbidden.RAM",
    "Message": "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
    "AccessDeniedDetail": FULL,
}
GO_MAP = " ".join(f"{key}:{value}" for key, value in FULL.items())
GO = f"""SDKError:
   StatusCode: 403
   Code: Forbidden.RAM
   Message: code: 403, User not authorized to operate. request id: {REQUEST_ID}
   Data: {json.dumps(BODY)}"""
TERRAFORM = (
    "╷\n│ Error: [ERROR] terraform-provider-alicloud/alicloud/resource_alicloud_instance.go:1183: Resource "
    + ("alicloud_instance RunInstances Failed!!! [SDK alibaba-cloud-sdk-go ERROR]:\n" + GO).replace(
        "\n", "\n│ "
    )
    + "\n│\n╵"
)
COLOURED = GO.replace("Code: ", "\x1b[1mCode: \x1b[0m").replace("\n", "\r\n\x1b[31m│\x1b[0m ")
TEXTS = {
    "coloured": COLOURED,
    "json": json.dumps(BODY),
    "pretty json": json.dumps(BODY, indent=2),
    "json inside json": json.dumps({"error": json.dumps(BODY)}),
    "python": f"Error: Forbidden.RAM code: 403, User not. request id: {REQUEST_ID} Response: {BODY}",
    "go": GO,
    "terraform": TERRAFORM,
    "cli": f"ERROR: SDK.ServerError\nErrorCode: Forbidden.RAM\nRequestId: {REQUEST_ID}\nMessage: no\n"
    f"AccessDeniedDetail: map[{GO_MAP}]",
    "xml": f"<Error><RequestId>{REQUEST_ID}</RequestId><Code>Forbidden.RAM</Code><AccessDeniedDetail>"
    + "".join(f"<{key}>{value}</{key}>" for key, value in FULL.items())
    + "</AccessDeniedDetail></Error>",
}
FENCE = """\
version: 1
approved:
  tags: { golden-image: [approved] }
fence:
  attach: { nodes: [Root/Workloads] }
  contact: platform@example.com
exempt:
  - { role: break-glass, may: [launch], until: 2096-12-31T00:00:00Z }
  - { role: ci, may: [tag] }
"""


def why(*arguments: str, text: str | None = None, folder: Path | None = None) -> Result:
    """Runs the command where no cloud and no credential is."""
    nothing = {name: None for name in os.environ if name.startswith(("ALIBABA_CLOUD_", "IMAGEFENCE_"))}
    home = {"HOME": str(folder or "/nonexistent"), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    return CliRunner().invoke(main, ["why", *arguments], env={**nothing, **home}, input=text)


@pytest.mark.parametrize("form", TEXTS)
def test_every_form_says_the_same(form: str) -> None:
    pasted = read_pasted(TEXTS[form])
    assert (pasted.code, pasted.request_id, pasted.encoded) == ("Forbidden.RAM", REQUEST_ID, SEALED)
    assert dict(pasted.detail) == DETAIL
    assert pasted.by_permission


@pytest.mark.parametrize(
    ("text", "code", "action"),
    [
        (
            "HTTP Status: 403 Error:Forbidden.RAM User not authorized to operate on the specified resource. "
            f"RequestID: {REQUEST_ID}",
            "Forbidden.RAM",
            "",
        ),
        (
            "com.aliyuncs.exceptions.ClientException: NoPermission : You are not authorized",
            "NoPermission",
            "",
        ),
        ("error: RunInstances: 403 Forbidden.RAM: User not authorized", "Forbidden.RAM", "ecs:RunInstances"),
    ],
)
def test_short_forms(text: str, code: str, action: str) -> None:
    pasted = read_pasted(text)
    assert (pasted.code, pasted.action) == (code, action)
    assert pasted.by_permission


SAID = "User not authorized to operate on the specified resource, or this API doesn't support RAM."


@pytest.mark.parametrize(
    "text",
    [
        f"aliyunsdkcore.acs_exception.exceptions.ServerException: HTTP Status: 403 "
        f"Error:Forbidden.RAM {SAID} RequestID: {REQUEST_ID}",
        f"com.aliyun.tea.TeaException: code: 403, {SAID} request id: {REQUEST_ID}",
        f"com.aliyuncs.exceptions.ClientException: Forbidden.RAM : {SAID} RequestId : {REQUEST_ID}",
        f"Error Code: Forbidden.RAM\nRequest ID: {REQUEST_ID}",
    ],
)
def test_what_names_neither_operation_nor_layer_is_a_denial_all_the_same(text: str) -> None:
    told = json.loads(why("--offline", "--json", text=text).stdout)
    assert (told["code"], told["request_id"]) == ("Forbidden.RAM", REQUEST_ID)
    assert told["by_permission"]


@pytest.mark.parametrize(
    "text",
    [
        "<tr><td>Error Code</td>\n <td class='x'>Forbidden.RAM</td></tr><tr><td>AuthAction</td>"
        "<td>ecs:RunInstances</td></tr><tr><th>PolicyType</th><td>ControlPolicy</td></tr>",
        "Error Code: Forbidden.RAM\nAuth Action: ecs:RunInstances\nPolicy Type: ControlPolicy",
    ],
)
def test_what_a_page_shows_is_read(text: str) -> None:
    told = json.loads(why("--offline", "--json", text=text).stdout)
    assert (told["code"], told["action"]) == ("Forbidden.RAM", "ecs:RunInstances")
    assert told["access_denied_detail"]["PolicyType"] == "ControlPolicy"


def test_the_bare_message_survives_line_breaks() -> None:
    pasted = read_pasted("  " + SEALED[:40] + "\n" + SEALED[40:] + "\n")
    assert pasted.encoded == SEALED


def test_explained_with_nobody_to_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fence of this folder says what it writes, which tags to look for, and whom to ask."""
    monkeypatch.chdir(tmp_path)
    Path("fence.yaml").write_text(FENCE)
    for arguments in (("--offline",), ()):
        result = why(*arguments, text=TEXTS["go"], folder=tmp_path)
        assert result.exit_code == 0, result.output
        assert "a control policy of the resource directory refused `ecs:RunInstances` to role session" in (
            result.stdout
        )
        assert "`imagefence-launch` on Root/Workloads denies" in result.stdout
        assert "`acs:ResourceTag/golden-image` is not `approved`" in result.stdout
        assert "use instead: an image that wears golden-image=approved" in result.stdout
        assert "exempt: role `break-glass` until 2096-12-31" in result.stdout
        assert "role `ci`" not in result.stdout
        assert "ask for an exemption: platform@example.com" in result.stdout
        assert ("no cloud was asked: no credentials were found" in result.stdout) == (not arguments)
        assert SEALED not in result.output


def test_json_and_the_ways_to_give_the_text(tmp_path: Path) -> None:
    path = tmp_path / "error.json"
    path.write_text(TEXTS["json"])
    scope = tmp_path / "fence.yaml"
    scope.write_text(FENCE)
    common = ("--offline", "--json", "--scope", str(scope))
    by_file = why(*common, "--file", str(path))
    by_argument = why(*common, TEXTS["json"])
    by_stdin = why(*common, text=TEXTS["json"])
    assert by_file.exit_code == 0, by_file.output
    assert by_file.stdout == by_argument.stdout == by_stdin.stdout
    found = json.loads(by_file.stdout)
    assert found["access_denied_detail"] == DETAIL
    assert found["contact"] == "platform@example.com"
    assert found["decoded"] is False
    assert why("--offline", "--file", str(tmp_path / "none")).exit_code == 2
    assert why("--offline", "--scope", str(tmp_path / "none"), TEXTS["json"]).exit_code == 2


def test_a_broken_fence_is_a_note_unless_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fence.yaml").write_text("version: 9\n")
    result = why("--offline", text=TEXTS["json"])
    assert result.exit_code == 0
    assert "note: fence not read: fence.yaml:1:1: `approved` is missing" in result.stdout
    assert why("--offline", "--scope", "fence.yaml", text=TEXTS["json"]).exit_code == 2


def test_an_implicit_deny_is_no_fence(tmp_path: Path) -> None:
    scope = tmp_path / "fence.yaml"
    scope.write_text(FENCE)
    text = TEXTS["json"].replace("ExplicitDeny", "ImplicitDeny").replace("ControlPolicy", "SessionPolicy")
    result = why("--offline", "--scope", str(scope), text=text)
    assert "the session policy of the assumed role refused" in result.stdout
    assert "why: no statement allows it" in result.stdout
    assert "imagefence-launch" not in result.stdout


def test_nothing_is_blamed_for_an_unnamed_operation(tmp_path: Path) -> None:
    scope = tmp_path / "fence.yaml"
    scope.write_text(FENCE)
    result = why(
        "--offline", "--scope", str(scope), text="HTTP Status: 403 Error:Forbidden.RAM no RequestID: x"
    )
    assert result.exit_code == 0
    assert "the error names no operation; say it with --action" in result.stdout
    assert "imagefence-" not in result.stdout


def test_another_error_is_told_apart() -> None:
    text = f"Error: InvalidImageId.NotFound code: 404, The ImageId does not exist. request id: {REQUEST_ID}"
    result = why(text)
    assert result.exit_code == 0
    assert result.stdout.startswith("InvalidImageId.NotFound: not refused by permissions")
    assert json.loads(why("--json", text).stdout)["by_permission"] is False


@pytest.mark.parametrize(
    "text", ["", "hello", "{}", "\x00\x01", "<html><h1>403 Forbidden</h1></html>", "[" * 5000]
)
def test_nonsense_is_told_so(text: str) -> None:
    result = why("--offline", text=text)
    assert result.exit_code == 1
    assert "error: no error of the cloud in the text" in result.output
    assert "looked for an error code" in result.output
    assert "EncodedDiagnosticMessage" in result.output


def test_secrets_are_not_shown_again() -> None:
    secrets = {
        "AccessKeyId": "LTAI5tAbCdEfGhIjKlMn",
        "AccessKeySecret": "s3cr3tS3cr3tS3cr3t",
        "SecurityToken": "CAISxx1q6Ft5B2yfSjIr5fT",
        "Signature": "bG9uZ3NpZ25hdHVyZQ%3D%3D",
    }
    query = "&".join(f"{key}={value}" for key, value in secrets.items())
    body = json.dumps({**BODY, "Message": f"failed: https://ecs.aliyuncs.com/?{query}", **secrets})
    for text in (body, f"{query} Error:Forbidden.RAM no RequestID: x", f"{TEXTS['go']}\n{secrets}"):
        assert not any(secret in redacted(text) for secret in secrets.values())
        for arguments in (("--offline",), ("--offline", "--json")):
            result = why(*arguments, text=text)
            assert result.exit_code == 0
            assert not any(secret in result.output for secret in secrets.values())
    assert SEALED in redacted(body)


@given(
    st.text()
    | st.lists(st.sampled_from((*TEXTS.values(), '"', "Code: ", "map[", "\\", "Error:"))).map("".join)
)
def test_any_text_is_read(text: str) -> None:
    pasted = read_pasted(text)
    assert pasted.by_permission <= pasted.understood
