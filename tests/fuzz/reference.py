"""What patterns and operators mean, in the plainest code: no cache, no shortcut, no library reader."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

GLOBAL = ("ram", "sts", "resourcemanager", "resourcedirectory")


def glob(pattern: str, text: str) -> bool:
    """A table of which prefixes of the pattern match which prefixes of the text."""
    row = [True] + [False] * len(text)
    for char in pattern:
        below = [char == "*" and row[0]]
        for place, letter in enumerate(text):
            if char == "*":
                below.append(below[place] or row[place + 1])
            else:
                below.append(row[place] and char in ("?", letter))
        row = below
    return row[-1]


def action(patterns: list[str], asked: str, *, per_part: bool) -> bool:
    """Some pattern matches, case folded."""
    return any(_action(pattern.lower(), asked.lower(), per_part=per_part) for pattern in patterns)


def _action(pattern: str, asked: str, *, per_part: bool) -> bool:
    if not per_part or pattern == "*":
        return glob(pattern, asked)
    wanted, given = pattern.partition(":"), asked.partition(":")
    return ":" in pattern and glob(wanted[0], given[0]) and glob(wanted[2], given[2])


def resource(pattern: str, name: str, *, one_glob: bool, empty_is_any: bool, folded: bool) -> bool:
    """`*` covers all; else part by part, split at the first four colons."""
    if pattern == "*":
        return True
    if folded:
        pattern, name = pattern.lower(), name.lower()
    if one_glob:
        return glob(pattern, name)
    wanted, given = pattern.split(":", 4), name.split(":", 4)
    if len(wanted) < 5 or len(given) < 5:
        return False
    for place, (want, have) in enumerate(zip(wanted, given, strict=True)):
        no_region = place == 2 and given[1] in GLOBAL and {want, have} <= {"", "*"}
        any_part = empty_is_any and want == "" and place < 4
        if not (no_region or any_part or glob(want, have)):
            return False
    return True


def number(text: str) -> Fraction:
    """Any decimal number with an exponent of at most three digits, by value."""
    mantissa, _, exponent = text.lower().partition("e")
    return Fraction(mantissa) * Fraction(10) ** int(exponent or 0)


def block(text: str) -> tuple[int, str]:
    """Version and leading bits of an address or block."""
    address, _, length = text.partition("/")
    bits = _bits6(address) if ":" in address else "".join(f"{int(part):08b}" for part in address.split("."))
    return len(bits), bits[: int(length)] if length else bits


def _bits6(address: str) -> str:
    if "." in address:
        head, _, tail = address.rpartition(":")
        octets = [int(part) for part in tail.split(".")]
        address = f"{head}:{octets[0] * 256 + octets[1]:x}:{octets[2] * 256 + octets[3]:x}"
    left, gap, right = address.partition("::")
    front, back = [part for part in left.split(":") if part], [part for part in right.split(":") if part]
    middle = ["0"] * (8 - len(front) - len(back)) if gap else []
    return "".join(f"{int(part, 16):016b}" for part in (*front, *middle, *back))


def instant(text: str) -> Fraction:
    """Seconds from the first day of year 1, in UTC."""
    day, _, time = text.partition("T")
    seconds = Fraction(date.fromisoformat(day).toordinal() * 86_400)
    if time.endswith("Z"):
        time = time[:-1]
    sign = "+" if "+" in time else "-"
    clock, _, zone = time.partition(sign)
    zone = zone.replace(":", "")
    if zone:
        seconds -= int(f"{sign}1") * (int(zone[:2]) * 3600 + int(zone[2:]) * 60)
    for part, worth in zip(clock.split(":"), (3600, 60, 1), strict=False):
        seconds += Fraction(part or 0) * worth
    return seconds
