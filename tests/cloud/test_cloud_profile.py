"""Profiles of the official CLI and the order in which credentials are looked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imagefence.cloud.credentials import find_credential, keys_of_environment
from imagefence.cloud.profile import current_profile, read_profile
from imagefence.cloud.session import open_session
from imagefence.errors import ConfigError

AK = {"name": "default", "mode": "AK", "access_key_id": "LTAIdefault", "access_key_secret": "s"}
STS = {
    "name": "temporary",
    "mode": "StsToken",
    "access_key_id": "STS.x",
    "access_key_secret": "s",
    "sts_token": "token",
    "region_id": "cn-shanghai",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write(home: Path, value: Any) -> Path:
    path = home / ".aliyun" / "config.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_named_profile_beats_the_environment(home: Path) -> None:
    write(home, {"current": "default", "profiles": [AK, STS]})
    environment = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIenv", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s"}

    credential, _ = find_credential("temporary", environment)

    assert credential.keys().access_key_id == "STS.x"
    assert credential.keys().security_token == "token"


def test_keys_of_the_environment_beat_its_profile_name(home: Path) -> None:
    write(home, {"current": "default", "profiles": [AK, STS]})
    environment = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIenv",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s",
        "ALIBABA_CLOUD_PROFILE": "temporary",
    }

    assert find_credential("", environment)[0].keys().access_key_id == "LTAIenv"


def test_profile_of_the_environment_beats_the_current_one(home: Path) -> None:
    write(home, {"current": "default", "profiles": [AK, STS]})

    assert find_credential("", {"ALIBABA_CLOUD_PROFILE": "temporary"})[0].keys().access_key_id == "STS.x"
    assert find_credential("", {})[0].keys().access_key_id == "LTAIdefault"


def test_region_comes_from_option_then_environment_then_profile(home: Path) -> None:
    write(home, {"current": "temporary", "profiles": [STS]})
    named = {"ALIBABA_CLOUD_REGION_ID": "cn-beijing"}

    assert open_session(region="ap-southeast-1", environment=named).region_id == "ap-southeast-1"
    assert open_session(environment=named).region_id == "cn-beijing"
    assert open_session(environment={}).region_id == "cn-shanghai"


def test_no_credentials_names_the_three_ways(home: Path) -> None:
    with pytest.raises(ConfigError) as error:
        open_session(environment={})

    assert error.value.exit_code == 2
    for way in ("aliyun configure", "ALIBABA_CLOUD_ACCESS_KEY_ID", "imagefence sandbox up"):
        assert way in error.value.help


def test_half_a_pair_of_variables_is_named() -> None:
    with pytest.raises(ConfigError, match="ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set"):
        keys_of_environment({"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIx"})


def test_secrets_are_not_printed(home: Path) -> None:
    write(home, {"current": "temporary", "profiles": [{**STS, "access_key_secret": "very-secret"}]})

    session = open_session(environment={})

    assert "very-secret" not in repr(session)
    assert "very-secret" not in repr(session.credential)


def test_broken_json_is_told_at_line_and_column(home: Path) -> None:
    path = write(home, '{\n  "current": "default",\n  "profiles": [}\n}')

    with pytest.raises(ConfigError, match="is not valid JSON") as error:
        read_profile("default")

    assert error.value.place == f"{path}:3:16"


@pytest.mark.parametrize(
    ("profile", "place"),
    [
        ({"name": "p", "mode": "AK", "access_key_id": "x"}, "profiles[0].access_key_secret"),
        (
            {"name": "p", "mode": "StsToken", "access_key_id": "x", "access_key_secret": "y"},
            "profiles[0].sts_token",
        ),
        (
            {"name": "p", "mode": "RamRoleArn", "access_key_id": "x", "access_key_secret": "y"},
            "profiles[0].ram_role_arn",
        ),
        (
            {"name": "p", "mode": "AK", "access_key_id": 7, "access_key_secret": "y"},
            "profiles[0].access_key_id",
        ),
    ],
)
def test_missing_field_is_told_at_its_place(home: Path, profile: dict[str, Any], place: str) -> None:
    write(home, {"profiles": [profile]})

    with pytest.raises(ConfigError) as error:
        read_profile("p")

    assert error.value.place.endswith(place)


def test_misspelt_profile_and_mode_get_near_matches(home: Path) -> None:
    write(home, {"profiles": [AK, {"name": "role", "mode": "RamRoleARN"}]})

    with pytest.raises(ConfigError, match="did you mean `default`"):
        read_profile("defualt")
    with pytest.raises(ConfigError, match="did you mean `RamRoleArn`"):
        read_profile("role")


def test_profile_without_a_file_says_how_to_make_one(home: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist") as error:
        read_profile("prod")

    assert "aliyun configure --profile prod" in error.value.help
    assert current_profile() is None


@pytest.mark.parametrize("text", ["[]", '{"profiles": {}}', "7"])
def test_other_shapes_are_refused(home: Path, text: str) -> None:
    write(home, text)

    with pytest.raises(ConfigError, match="expected an object with a list `profiles`"):
        read_profile("default")
