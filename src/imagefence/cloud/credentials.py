"""Credentials: where keys come from, in this order.

1. `--profile`, a profile of the official CLI (~/.aliyun/config.json);
2. ALIBABA_CLOUD_ACCESS_KEY_ID with ALIBABA_CLOUD_ACCESS_KEY_SECRET (and ALIBABA_CLOUD_SECURITY_TOKEN);
3. ALIBABA_CLOUD_PROFILE, else the CLI's current profile;
4. on a machine of the cloud, the vendor's own chain (instance role, OIDC, credentials URI), if its
   environment variables ask for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Protocol

from alibabacloud_credentials.client import Client as VendorChain
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.provider import CLIProfileCredentialsProvider

from imagefence.cloud.profile import Profile, current_profile, read_profile
from imagefence.errors import ConfigError

# Why: the vendor's package logs a failure with its traceback beside raising it, and we tell the user once.
logging.getLogger("credentials").setLevel(logging.CRITICAL + 1)

# The vendor's chain is asked only then: it waits for an instance's metadata server where there is none.
ASKS_FOR_VENDOR_CHAIN = (
    "ALIBABA_CLOUD_ECS_METADATA",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
    "ALIBABA_CLOUD_CREDENTIALS_URI",
)
THREE_WAYS = (
    "give a profile of the official CLI (`--profile NAME`, made by `aliyun configure`), "
    "or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, "
    "or start `imagefence sandbox up` and copy the lines it prints"
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs a request; `security_token` is empty for a long-term key."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)


class Credential(Protocol):
    """Something that has keys."""

    def keys(self) -> Keys:
        """The keys to sign with now."""
        ...


@dataclass(frozen=True, slots=True)
class FixedCredential:
    """Keys that don't change."""

    fixed: Keys

    def keys(self) -> Keys:
        """Those keys."""
        return self.fixed


@dataclass(frozen=True, slots=True)
class VendorCredential:
    """Keys of the vendor's credentials package, which renews them itself."""

    chain: Any

    def keys(self) -> Keys:
        """The keys that the package holds now."""
        try:
            model = self.chain.get_credential()
        except CredentialException as error:
            reason = str(error).splitlines()[0]
            raise ConfigError(f"no credential from the vendor's chain: {reason}", help=THREE_WAYS) from error
        return Keys(model.access_key_id, model.access_key_secret, model.security_token or "")


@dataclass(slots=True)
class RoleCredential:
    """A role's temporary keys: fetched when first needed, kept, and renewed before they expire."""

    assume: Callable[[], tuple[Keys, datetime]]
    ahead: timedelta = timedelta(minutes=3)
    held: Keys | None = None
    expires: datetime | None = None
    lock: Lock = field(default_factory=Lock)

    def keys(self) -> Keys:
        """The held keys, or new ones."""
        with self.lock:
            if self.held is None or self.expires is None or datetime.now(UTC) + self.ahead >= self.expires:
                self.held, self.expires = self.assume()
            return self.held


def find_credential(profile: str, environment: Mapping[str, str]) -> tuple[Credential, Profile | None]:
    """Finds the credential of a session, and the profile where it came from one."""
    if profile:
        return from_profile(read_profile(profile))
    if keys := keys_of_environment(environment):
        return FixedCredential(keys), None
    if chosen := current_profile(environment.get("ALIBABA_CLOUD_PROFILE", "")):
        return from_profile(chosen)
    if any(environment.get(name) for name in ASKS_FOR_VENDOR_CHAIN):
        return VendorCredential(VendorChain()), None
    raise ConfigError("no credentials were found", help=THREE_WAYS)


def keys_of_environment(environment: Mapping[str, str]) -> Keys | None:
    """Reads the official variables; half a pair is an error."""
    identifier = environment.get("ALIBABA_CLOUD_ACCESS_KEY_ID", "").strip()
    secret = environment.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "").strip()
    if bool(identifier) != bool(secret):
        missing = "ALIBABA_CLOUD_ACCESS_KEY_SECRET" if identifier else "ALIBABA_CLOUD_ACCESS_KEY_ID"
        raise ConfigError(f"{missing} is not set, but its twin is", help=THREE_WAYS)
    token = environment.get("ALIBABA_CLOUD_SECURITY_TOKEN", "").strip()
    return Keys(identifier, secret, token) if identifier else None


def from_profile(profile: Profile) -> tuple[Credential, Profile]:
    """Makes the credential of a profile; of a role's, that of its base keys: the session assumes the role."""
    if profile.access_key_id:
        keys = Keys(profile.access_key_id, profile.access_key_secret, profile.sts_token)
        return FixedCredential(keys), profile
    provider = CLIProfileCredentialsProvider(profile_name=profile.name, profile_file=str(profile.path))
    return VendorCredential(VendorChain(provider=provider)), profile
