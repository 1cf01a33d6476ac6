"""What has come over the wire, before anything in it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

Pairs = list[tuple[str, str]]

MAX_PARAMETERS = 2000
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Received:
    """One HTTP request: header names are lower-case, `query` and `form` are decoded pairs in their order."""

    method: str
    path: str
    query: Pairs
    form: Pairs
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    source_ip: str
    secure: bool = False

    @property
    def is_v3(self) -> bool:
        """Tells the signature forms apart; older clients send x-acs-action beside a v1 signature too."""
        return self.headers.get("authorization", "").startswith("ACS3-")

    @property
    def wants_xml(self) -> bool:
        """True for a v1 request without `Format=JSON`: XML is that form's default."""
        if self.is_v3 or "Signature" not in self.parameters:
            return self.parameters.get("Format", "").upper() == "XML"
        return self.parameters.get("Format", "XML").upper() != "JSON"


def received(
    method: str,
    path: str,
    query: bytes,
    *,
    headers: Mapping[str, str],
    body: bytes,
    source_ip: str,
    secure: bool = False,
) -> Received:
    """Takes a request apart."""
    asked = pairs_of(query.decode("latin-1"))
    form: Pairs = []
    if body and headers.get("content-type", FORM).startswith(FORM):
        form = pairs_of(body.decode("latin-1"))
    return Received(method, path, asked, form, dict(asked + form), headers, body, source_ip, secure)


def action_and_version(request: Received) -> tuple[str, str]:
    """What the request names, from where its signature form puts it."""
    if request.is_v3:
        return request.headers.get("x-acs-action", ""), request.headers.get("x-acs-version", "")
    return request.parameters.get("Action", ""), request.parameters.get("Version", "")


def pairs_of(text: str) -> Pairs:
    """Decodes `a=1&b=x+y%2F`; a name without a value has an empty one."""
    if not text:
        return []
    if "+" in text:
        text = text.replace("+", " ")
    pairs = [part.partition("=") for part in text.split("&") if part]
    if "%" not in text:
        return [(name, value) for name, _, value in pairs]
    return [(decoded(name), decoded(value)) for name, _, value in pairs]


def decoded(text: str) -> str:
    """Undoes percent-encoding."""
    return unquote(text) if "%" in text else text


def encoded(text: str) -> str:
    """Percent-encodes by RFC 3986 with nothing but `A-Za-z0-9-_.~` left as it is."""
    if text.isascii() and text.isalnum():
        return text
    return remembered(text) if len(text) <= 200 else quote(text, safe="")


@lru_cache(maxsize=16384)
def remembered(text: str) -> str:
    # Why: names and most values come again and again, and quote() would be the cost of a verification.
    return quote(text, safe="")


def canonical_query(pairs: Pairs) -> str:
    """The sorted, re-encoded query that both signature forms sign."""
    return "&".join([f"{encoded(name)}={encoded(value)}" for name, value in sorted(pairs)])
