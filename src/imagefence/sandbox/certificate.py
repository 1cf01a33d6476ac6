"""A certificate for the sandbox, from an authority that is made for it and thrown away with it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import trustme

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the server answers with, and the authority (PEM) that clients must trust for it."""

    context: ssl.SSLContext
    authority: bytes


def issued(host: str) -> Certificate:
    """Issues a certificate for an address and the names of this machine; the keys stay in memory."""
    authority = trustme.CA(organization_name="imagefence sandbox")
    names = [host, *(name for name in LOCAL_NAMES if name != host)]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    authority.issue_cert(*names).configure_cert(context)
    return Certificate(context, authority.cert_pem.bytes())
