"""Profiles of the official CLI: ~/.aliyun/config.json.

Source: help.aliyun.com cli/configure-credentials.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from imagefence.errors import ConfigError

# Modes whose keys stand in the file; the others are left to the vendor's credentials package.
OWN_MODES = {
    "AK": ("access_key_id", "access_key_secret"),
    "StsToken": ("access_key_id", "access_key_secret", "sts_token"),
    "RamRoleArn": ("access_key_id", "access_key_secret", "ram_role_arn"),
}
OTHER_MODES = ("EcsRamRole", "OIDC", "ChainableRamRoleArn", "CloudSSO", "OAuth", "External")


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile; for a mode that the vendor's package serves the key fields are empty."""

    name: str
    mode: str
    path: Path
    region_id: str = ""
    access_key_id: str = ""
    access_key_secret: str = ""
    sts_token: str = ""
    ram_role_arn: str = ""
    ram_session_name: str = ""


def config_path() -> Path:
    """Where the official CLI keeps its profiles."""
    return Path.home() / ".aliyun" / "config.json"


def read_profile(name: str, path: Path | None = None) -> Profile:
    """Reads one profile; raises ConfigError with the place."""
    path = path or config_path()
    config = read_config(path)
    if config is None:
        raise ConfigError(
            f"there is no profile `{name}`: the file does not exist",
            place=str(path),
            help="make it by `aliyun configure --profile " + name + "`, or leave `--profile` out",
        )
    return pick(config, name, path)


def current_profile(name: str = "", path: Path | None = None) -> Profile | None:
    """Reads the named or the current profile, or None where there is no file or no current one."""
    if name:
        return read_profile(name, path)
    path = path or config_path()
    config = read_config(path)
    current = text_of(config or {}, "current")
    return pick(config, current, path) if config and current else None


def read_config(path: Path) -> dict[str, Any] | None:
    """Reads the file; None where there is none."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"can't be read: {error.strerror}", place=str(path)) from error
    try:
        config = msgspec.json.decode(raw)
    except RecursionError as error:
        raise ConfigError("is nested too deeply", place=f"{path}:1:1") from error
    except msgspec.DecodeError as error:
        raise ConfigError(f"is not valid JSON: {error}", place=place_in(path, raw, str(error))) from error
    if not isinstance(config, dict) or not isinstance(config.get("profiles", []), list):
        raise ConfigError("expected an object with a list `profiles`", place=str(path))
    for index, entry in enumerate(config.get("profiles", [])):
        # Why: the vendor's package reads the same list, and breaks on an entry of another type.
        if not isinstance(entry, dict):
            raise ConfigError("expected an object", place=f"{path}: profiles[{index}]")
    return config


def place_in(path: Path, raw: bytes, message: str) -> str:
    """Turns the decoder's `(byte 17)` into line and column."""
    digits = "".join(c for c in message.rpartition("byte")[2] if c.isdigit())
    before = raw[: int(digits)] if digits else raw
    line = before.count(b"\n") + 1
    column = len(before) - (before.rfind(b"\n") + 1) + 1
    return f"{path}:{line}:{column}"


def pick(config: dict[str, Any], name: str, path: Path) -> Profile:
    """Finds a profile by name, with a near match for a misspelt one."""
    entries = config.get("profiles", [])
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("name") == name:
            return profile_of(entry, f"{path}: profiles[{index}]", path)
    names = [text_of(entry, "name") for entry in entries if isinstance(entry, dict)]
    near = get_close_matches(name, names, 1)
    known = ", ".join(f"`{known}`" for known in names) or "none"
    raise ConfigError(
        f"there is no profile `{name}`" + (f"; did you mean `{near[0]}`?" if near else ""),
        place=str(path),
        help=f"profiles in the file: {known}",
    )


def profile_of(entry: dict[str, Any], place: str, path: Path) -> Profile:
    """Reads one entry; raises ConfigError at the field that is missing."""
    mode = text_of(entry, "mode") or "AK"
    name, region_id = text_of(entry, "name"), text_of(entry, "region_id")
    if mode in OTHER_MODES:
        return Profile(name, mode, path, region_id)
    if mode not in OWN_MODES:
        near = get_close_matches(mode, [*OWN_MODES, *OTHER_MODES], 1)
        raise ConfigError(
            f"unknown mode `{mode}`" + (f"; did you mean `{near[0]}`?" if near else ""), place=f"{place}.mode"
        )
    for field in OWN_MODES[mode]:
        if not text_of(entry, field):
            raise ConfigError(f"mode {mode} needs a text here", place=f"{place}.{field}")
    names = (*OWN_MODES[mode], "ram_session_name") if mode == "RamRoleArn" else OWN_MODES[mode]
    return Profile(name, mode, path, region_id, **{field: text_of(entry, field) for field in names})


def text_of(entry: dict[str, Any], field: str) -> str:
    """A text field, empty where it is absent or of another type."""
    value = entry.get(field)
    return value if isinstance(value, str) else ""
