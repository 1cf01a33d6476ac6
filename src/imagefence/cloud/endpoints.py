"""Where each product answers.

Source: endpoints pages of each product's API overview at help.aliyun.com.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from imagefence.api.operation import Product
from imagefence.errors import InputError

GIVEN = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?)/*",
    re.IGNORECASE,
)
REGIONAL = {"Ecs": "ecs", "Vpc": "vpc", "Tag": "tag"}
CENTRAL = {
    "Ram": "ram.aliyuncs.com",
    "Sts": "sts.aliyuncs.com",
    "ResourceManager": "resourcemanager.aliyuncs.com",
}
DIRECTORY_AT_HOME = "resourcedirectory.aliyuncs.com"
DIRECTORY_ABROAD = "resourcedirectory-intl.aliyuncs.com"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host with its protocol, `HTTP` or `HTTPS`; `ca_file` holds an authority (PEM) to trust for it."""

    host: str
    protocol: str = "HTTPS"
    ca_file: str = ""

    @property
    def is_loopback(self) -> bool:
        """True for a server on this machine."""
        return self.host.startswith(("127.", "localhost", "[::1]"))


def given_endpoint(text: str, ca_file: str = "") -> Endpoint:
    """Reads an endpoint that a user gave: one host for all products, plain HTTP unless it begins `https://`.

    Raises InputError for what is no host with an optional port, and for an authority that is not there.
    """
    found = GIVEN.fullmatch(text.strip())
    if found is None or int(found["port"] or 0) > 65535:
        raise InputError(
            f"`{text}` is no endpoint",
            help="write HOST:PORT, such as 127.0.0.1:8080, with https:// before it if it speaks TLS",
        )
    secure = (found["scheme"] or "").lower() == "https"
    if ca_file and not Path(ca_file).is_file():
        raise InputError(f"cannot read `{ca_file}`", help="IMAGEFENCE_CA_FILE names the sandbox's authority")
    return Endpoint(found["host"], "HTTPS" if secure else "HTTP", ca_file)


def product_endpoint(product: Product, region_id: str) -> Endpoint:
    """Finds the product's public endpoint for calls about a region."""
    if product.code in REGIONAL:
        return Endpoint(f"{REGIONAL[product.code]}.{region_id}.aliyuncs.com")
    if product.code in CENTRAL:
        return Endpoint(CENTRAL[product.code])
    return Endpoint(DIRECTORY_AT_HOME if region_id.startswith("cn-") else DIRECTORY_ABROAD)
