"""An index over address blocks: for an address, the bits of all blocks that hold it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from imagefence.policy.operators import network

Size = tuple[int, int, int]  # version, bits of an address, bits of the prefix


@dataclass(frozen=True, slots=True)
class BlockIndex:
    """Blocks by size, then by the number that their prefix makes."""

    blocks: dict[Size, dict[int, int]]

    @classmethod
    def of(cls, blocks: Iterable[tuple[str, int]]) -> BlockIndex:
        """Files blocks with their bits; raises ValueError for a text that is no block."""
        filed: dict[Size, dict[int, int]] = {}
        for text, bits in blocks:
            block = network(text)
            size = block.version, block.max_prefixlen, block.prefixlen
            numbers = filed.setdefault(size, {})
            number = int(block.network_address) >> (block.max_prefixlen - block.prefixlen)
            numbers[number] = numbers.get(number, 0) | bits
        return cls(filed)

    def matching(self, text: str) -> int:
        """The bits of the blocks that hold an address; none hold what is no address."""
        try:
            address = ip_address(text)
        except ValueError:
            return 0
        found, number = 0, int(address)
        for (version, width, length), numbers in self.blocks.items():
            if version == address.version:
                found |= numbers.get(number >> (width - length), 0)
        return found
