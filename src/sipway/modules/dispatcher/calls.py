"""The calls that are on their way to destinations, for algorithm 10.

Source: README of dispatcher, sections 3.30 to 3.33. They belong to the server, by set and `duid`,
so that they outlive a reload, which in Kamailio forgets them. A call that nobody ends is forgotten
after a while; there is room for a million.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from sipway.modules.dispatcher.destinations import Destination

_MOST: Final = 1_000_000
_LONGEST: Final = 128

Key = tuple[int, str]


def _name(call_id: str) -> str:
    """What stands for a Call-ID: whoever calls may make them long."""
    if len(call_id) <= _LONGEST:
        return call_id
    return hashlib.blake2b(call_id.encode("utf-8", "surrogateescape"), digest_size=20).hexdigest()


class _Call(NamedTuple):
    key: Key
    expires: float


class Calls:
    """By Call-ID: those not yet answered, and those that are; the oldest first in each."""

    def __init__(self) -> None:
        self._begun: dict[str, _Call] = {}
        self._answered: dict[str, _Call] = {}
        self._loads: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self._begun) + len(self._answered)

    def __contains__(self, call_id: str) -> bool:
        name = _name(call_id)
        return name in self._begun or name in self._answered

    def load(self, destination: Destination) -> int:
        """How many calls go there."""
        return self._loads.get((destination.group, destination.attributes.duid), 0)

    def is_full(self, destination: Destination) -> bool:
        """Whether it has as many calls as it may."""
        limit = destination.attributes.maxload
        return 0 < limit <= self.load(destination)

    def add(self, call_id: str, key: Key, expires: float) -> bool:
        """Count a call; False if it is counted already, or there are too many."""
        if call_id in self or len(self) >= _MOST:
            return False
        self._begun[_name(call_id)] = _Call(key, expires)
        self._loads[key] = self._loads.get(key, 0) + 1
        return True

    def move(self, call_id: str, key: Key) -> bool:
        """Have a call go elsewhere; False if it is not counted."""
        name = _name(call_id)
        for table in (self._begun, self._answered):
            found = table.get(name)
            if found is not None:
                self._less(found.key)
                table[name] = found._replace(key=key)
                self._loads[key] = self._loads.get(key, 0) + 1
                return True
        return False

    def confirm(self, call_id: str, expires: float) -> bool:
        """A call has been answered; False if it is not counted."""
        name = _name(call_id)
        found = self._begun.pop(name, None)
        if found is not None:
            self._answered[name] = found._replace(expires=expires)
        return found is not None or name in self._answered

    def remove(self, call_id: str) -> bool:
        """A call has ended; False if it is not counted."""
        name = _name(call_id)
        found = self._begun.pop(name, None) or self._answered.pop(name, None)
        if found is None:
            return False
        self._less(found.key)
        return True

    def expire(self, now: float) -> int:
        """Forget what is over by now; how many calls that were."""
        count = 0
        for table in (self._begun, self._answered):
            over = []
            for name, call in table.items():
                if call.expires > now:
                    break
                over.append(name)
            for name in over:
                self._less(table.pop(name).key)
            count += len(over)
        return count

    def _less(self, key: Key) -> None:
        left = self._loads.get(key, 0) - 1
        if left > 0:
            self._loads[key] = left
        else:
            self._loads.pop(key, None)
