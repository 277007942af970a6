"""How often one asker may come: counted by key, user or address, over the last minute."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ui.signin import Asker


class Rate:
    """At most so many a minute for each asker; 0: as many as they like."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._counted = MovingWindowRateLimiter(MemoryStorage())

    def exceeded(self, asker: Asker, address: str, cost: int = 1) -> int | None:
        """Counts one, or as many as it costs; the seconds to wait where that is too many, else None."""
        if self._limit is None:
            return None
        who, cost = identity(asker, address), min(cost, self._limit.amount)
        if self._counted.hit(self._limit, who, cost=cost):
            return None
        return max(1, ceil(self._counted.get_window_stats(self._limit, who).reset_time - time()))


def identity(asker: Asker, address: str) -> str:
    """Who is counted: the name, else the address; of an IPv6 address the network, which is one household's."""
    if asker.name:
        return f"name {asker.name}"
    try:
        found = ip_address(address.split("%")[0])
    except ValueError:
        return "address unknown"
    if isinstance(found, IPv6Address) and not found.ipv4_mapped:
        return f"address {IPv6Address(int(found) >> 64 << 64)}"
    return f"address {address}"
