"""Pipes and what they let through.

Source: READMEs of Kamailio's modules ratelimit and pipelimit; numbers were seen on Kamailio 5.6.3.
Time is cut into intervals. A pipe counts the requests of this interval and remembers how many
there were in the one before; it is brought up to date when somebody looks at it.

    TAILDROP   the first ones of an interval
    RED        every n-th, where the interval before had n times too many
    FEEDBACK   so many of a hundred that the load of the CPUs comes to its limit (`Feedback`)
    NETWORK    all of them or none: bytes that wait in the sockets (`Load.waiting`)
"""

from __future__ import annotations

from typing import Final

NOP, RED, TAILDROP, FEEDBACK, NETWORK = range(5)
NAMES: Final = ("NOP", "RED", "TAILDROP", "FEEDBACK", "NETWORK")
"""By their numbers, which are Kamailio's."""

NOTHING, OVER, UNDER = 2, -1, 1

_ALL: Final = 100


def algorithm(name: str) -> int:
    """The number of an algorithm. Raises ValueError."""
    if name not in NAMES:
        raise ValueError(f'"{name:.60}" is none of {", ".join(NAMES[1:])}')
    return NAMES.index(name)


class Feedback:
    """A PID controller: what part of the requests to refuse so that the load comes to `setpoint`.

    `rate` is that part, of a hundred. The integral begins with a load that is too high, so that
    hours without work do not count against a rush; it ends where all is refused, so that hours of
    too much do not either when they are over.
    """

    def __init__(self, setpoint: float) -> None:
        self.rate = 0
        self._setpoint = setpoint
        self._sum = 0.0
        self._last = 0.0

    def take(self, load: float, gains: tuple[float, float, float]) -> None:
        """Take a load from 0 to 1 into account."""
        error = self._setpoint - load
        if self._sum < 0 or error < 0:
            self._sum += error
        integral, proportional, derivative = gains
        if integral * self._sum > _ALL:
            self._sum = _ALL / integral
        wanted = integral * self._sum + proportional * error + derivative * (error - self._last)
        self._last = error
        self.rate = min(max(int(wanted), 0), _ALL)


class Load:
    """How busy the server is: controllers for FEEDBACK pipes by their limits, bytes that wait.

    `gains` are those of the integral, the proportional and the derivative part.
    """

    def __init__(self) -> None:
        self.gains = (-25.0, 0.0, 0.0)
        self.waiting = 0
        self._feedback: dict[int, Feedback] = {}

    def feedback(self, limit: int) -> Feedback:
        """The controller that brings the load to so many of a hundred."""
        limit = min(max(limit, 0), _ALL)
        found = self._feedback.get(limit)
        if found is None:
            found = self._feedback[limit] = Feedback(limit / _ALL)
        return found

    @property
    def has_feedback(self) -> bool:
        """Whether there is a controller."""
        return bool(self._feedback)

    def take(self, load: float) -> None:
        """Take a load from 0 to 1 into account, in all controllers."""
        for each in self._feedback.values():
            each.take(load, self.gains)


class Pipe:
    """One pipe.

    `scale` is how many times its limit an interval has (1, or the seconds of the interval where
    the limit is one a second).
    """

    __slots__ = ("algorithm", "before", "count", "interval", "limit", "scale")

    def __init__(self, algorithm: int, limit: int, interval: int, scale: int = 1) -> None:
        self.algorithm = algorithm
        self.limit = limit
        self.scale = scale
        self.interval = interval
        self.count = 0
        self.before = 0

    def advance(self, interval: int) -> None:
        """Bring it to this interval."""
        if interval != self.interval:
            self.before = self.count if interval == self.interval + 1 else 0
            self.count = 0
            self.interval = interval

    def rate(self, load: Load) -> int:
        """What Kamailio shows as drop rate: of RED, that one of so many passes."""
        if self.algorithm == NETWORK:
            return 1 if load.waiting > self.limit else -1
        if self.algorithm == FEEDBACK:
            return load.feedback(self.limit).rate
        allowed = self.limit * self.scale
        return self.before // allowed if allowed > 0 else 0

    def check(self, interval: int, load: Load) -> int:
        """Count a request; UNDER, OVER, or NOTHING where there is no limit."""
        self.advance(interval)
        self.count += 1
        if self.algorithm == NOP:
            return NOTHING
        return UNDER if self._passes(load) else OVER

    def _passes(self, load: Load) -> bool:
        if self.algorithm == TAILDROP:
            return self.count <= self.limit * self.scale
        rate = self.rate(load)
        if self.algorithm == RED:
            return rate == 0 or self.count % rate == 0
        if self.algorithm == NETWORK:
            return rate < 0
        # Evenly among the requests, not in a lump.
        return self.count * rate // _ALL == (self.count - 1) * rate // _ALL
