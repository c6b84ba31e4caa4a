"""RoomUse: how much room kept runs take, how much they may take, and which would go first."""

from dataclasses import dataclass

from engine.runs.caps import Caps
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from engine.text.words import count


@dataclass(frozen=True)
class RoomUse:
    """How many bytes all runs take, the caps, and which runs go.

    `over` are those that must go now, `going` those that would for another large one, the oldest
    first.
    """

    taken: int
    caps: Caps
    over: tuple[Run, ...]
    going: tuple[Run, ...]

    @classmethod
    def of(cls, store: RunStore) -> "RoomUse":
        """Measure the runs of a store."""
        caps = store.caps
        over, going = store.would_go(0), store.would_go(caps.run_bytes)
        return cls(store.total_bytes(), caps, over, going)

    @property
    def first(self) -> tuple[Run, ...]:
        """The runs that go first, all of them: those that must, or else those that would."""
        return self.over or self.going

    @property
    def sentence(self) -> str:
        """How many runs go, since all take more than they may, or for another large one."""
        if not self.first:
            return "There is room for another run: none would be deleted for it."
        runs = count(len(self.first), "run")
        if self.over:
            told = f"Soon after a training ends {runs} will be deleted"
        else:
            told = f"For another large run {runs} would be deleted"
        return f"{told}, the oldest first. Pin what is to stay."
