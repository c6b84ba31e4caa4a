"""A clock for the tests of what is waited for."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Clock:
    """A clock that goes on while somebody sleeps, and what is done then."""

    now: float = 1e9
    slept: list[float] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    over: bool = False

    def time(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.slept.append(seconds)
        self.meanwhile()
        self.now += seconds
        return self.over

    def set(self) -> None:
        self.over = True
