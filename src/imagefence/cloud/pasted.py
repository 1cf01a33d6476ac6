"""A refusal as a person pastes it: what of the cloud's error can be found in any text around it.

Read are the JSON and XML bodies; the exceptions of the modern SDKs (Python, Go, Java) and of the core SDK;
what the official CLI, Terraform and this tool print; and a bare EncodedDiagnosticMessage. Every field is
looked for by its name in all the ways in which these write one (`"Code": "…"`, `'Code': '…'`, `Code: …`,
`map[Code:… ]`, `<Code>…</Code>`), so that it does not matter how the text was cut or escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from imagefence.api.registry import ALL

# Sent with every refusal; longer texts are cut, as nothing of it stands behind megabytes.
LONGEST = 1 << 20
BEFORE, BETWEEN = r"(?<![A-Za-z])", r"""(?:[\\"']{0,4}\s*[:=]|>)\s*[\\"']{0,4}"""
WORD, NAME = r"[A-Za-z]{1,64}", r"""[^\s"'<>\\,{}\[\]]{1,256}"""
ACTION = r"[A-Za-z][\w-]{0,63}:[A-Za-z]\w{0,127}"
CODE = r"[A-Z][A-Za-z0-9]{1,63}(?:\.[A-Za-z0-9]{1,64}){0,6}"
ENCODED = r"[A-Za-z0-9+/_-]{16,}={0,2}"
ID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
# A cell of a copied page and the next one: a name and its value.
CELLS = re.compile(r"</(?:td|th|dt|span|label|b|strong)>\s{0,64}<(?:td|dd|span|b|strong)\b[^<>]{0,256}>")
COLOUR = re.compile(r"\x1b\[[0-9;]{0,16}[A-Za-z]")
DETAIL = {
    "AuthAction": ACTION,
    "AuthPrincipalType": WORD,
    "AuthPrincipalOwnerId": r"\d{1,32}",
    "AuthPrincipalDisplayName": NAME,
    "PolicyType": WORD,
    "NoPermissionType": WORD,
}
CODES = (
    rf"{BEFORE}(?:[Ee]rror ?Code|ErrCode|Code){BETWEEN}({CODE})",
    # Why: the core SDK's text begins with `HTTP Status`, behind the name of its exception.
    rf"(?:{BEFORE}Error|Exception):\s*(?!HTTP\b)({CODE})(?=\s)",
    rf"\b40[0-9] ({CODE}): ",
)
STATUSES = (
    rf"{BEFORE}(?:[Ss]tatusCode|HTTP Status|status code){BETWEEN}(\d{{3}})\b",
    r"\bcode:\s*(\d{3})\b",
    rf"\b(4\d\d) {CODE}: ",
)
MESSAGES = (
    r"""(?<![A-Za-z])Message\\?["']\s*:\s*\\?"([^"\\]{1,1000})""",
    r"""(?<![A-Za-z])Message\\?["']\s*:\s*'([^'\\]{1,1000})""",
    r"(?<![A-Za-z])Message:\s*([^\n]{1,1000})",
    r"<Message>([^<]{1,1000})",
    r"Error:\S{1,128} ([^\n]{1,1000}?) RequestID:",
    rf"\b40[0-9] {CODE}: ([^\n]{{1,1000}})",
)
# What must not be shown again: keys, secrets, tokens, signatures.
SECRETS = (
    (re.compile(r"\b(?:LTAI|STS\.|TMP\.)[A-Za-z0-9]{8,}"), "***"),
    (
        re.compile(
            r"(?i)((?:Access_?Key_?Id|Access_?Key_?Secret|Secret_?Key|Security_?Token|Signature(?:Nonce)?|Password"
            r"|Authorization)"
            r"""[\\"']{0,4}\s*[:=]>?\s*[\\"']{0,4})[^\s"'&<>,;}\]\\]+"""
        ),
        r"\1***",
    ),
)
# help.aliyun.com ram "Error messages", the products' own codes of a denial.
DENIALS = frozenset({each.product.denial.code for each in ALL}) | {
    "AccessDenied",
    "Forbidden",
    "Forbidden.NoPermission",
    "Forbidden.RAM",
    "Forbidden.Unauthorized",
    "NoPermission",
    "NotAuthorized",
    "NotAuthorized.RAM",
    "Unauthorized",
    "UnauthorizedOperation",
}
# Java's exception prints the message of this code, and not the code.
SAID, SAID_CODE = "User not authorized to operate on the specified resource", "Forbidden.RAM"
LOOKED_FOR = (
    "an error code (`Code`, `ErrorCode`, `Error:`)",
    "an `AccessDeniedDetail` with `AuthAction` or `PolicyType`",
    "an `EncodedDiagnosticMessage`, by name or bare",
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was found in a text; empty where it says nothing. `detail` is the AccessDeniedDetail."""

    code: str = ""
    message: str = ""
    status: int | None = None
    request_id: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    encoded: str = ""
    action: str = ""
    resource: str = ""

    @property
    def understood(self) -> bool:
        """True where the text holds an error at all."""
        return bool(self.code or self.detail or self.encoded)

    @property
    def by_permission(self) -> bool:
        """True where it was refused by permissions, as far as the text says."""
        return bool(self.detail or self.encoded or self.code in DENIALS)


def read_pasted(text: str) -> Pasted:
    """Finds the parts of an error in a text."""
    text = redacted(plain(text[:LONGEST]))
    bare = "".join(text.split())
    if re.fullmatch(ENCODED, bare) and len(bare) >= 64:
        return Pasted(encoded=bare)
    detail = {name: value for name, shape in DETAIL.items() if (value := found(text, name, shape))}
    status = first(text, STATUSES)
    return Pasted(
        code=first(text, CODES) or (SAID_CODE if SAID in text else ""),
        message=first(text, MESSAGES).strip(),
        status=int(status) if status else None,
        request_id=first(text, (rf"(?i:request[ _-]?id){BETWEEN}({ID})",)),
        detail=detail,
        encoded=found(text, "EncodedDiagnosticMessage", ENCODED),
        action=detail.get("AuthAction", "") or named_action(text),
        resource=found(text, "AuthResource", r"acs:[^\s\"'<>\\,{}\[\]]{1,512}"),
    )


def plain(text: str) -> str:
    """The text without colours, frames and whatever else a terminal would act on."""
    text = CELLS.sub(": ", COLOUR.sub("", text)).replace("\u2502", " ")
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)


def redacted(text: str) -> str:
    """Takes keys, tokens and signatures out of a text."""
    for secret, instead in SECRETS:
        text = secret.sub(instead, text)
    return text


def found(text: str, name: str, shape: str) -> str:
    """The first value of a named field."""
    parts = re.findall(r"[A-Z][a-z]+", name)
    return first(text, (rf"{BEFORE}{' ?'.join(parts)}{BETWEEN}({shape})",))


def first(text: str, patterns: tuple[str, ...]) -> str:
    """What the first pattern that matches has found."""
    for pattern in patterns:
        match = re.search(pattern, text)
        if match:
            return match[1]
    return ""


def named_action(text: str) -> str:
    """The declared operation that the text names first, such as Terraform's `RunInstances Failed`."""
    names = {each.name: each.action for each in ALL}
    match = re.search(rf"\b({'|'.join(sorted(names, key=len, reverse=True))})\b", text)
    return names[match[1]] if match else ""
