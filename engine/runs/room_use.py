"""RoomUse: how much room kept runs take, how much they may take, and which would go first."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.runs.caps import Caps
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from engine.text.words import count

_NAMED = 3  # runs that would go first


@dataclass(frozen=True)
class RoomUse:
    """How many bytes all runs take, the caps, and which runs go.

    `over` are those that must go now, `going` those that would for another large one.
    """

    taken: int
    caps: Caps
    over: tuple[Run, ...]
    going: tuple[Run, ...]

    @classmethod
    def of(cls, store: RunStore) -> "RoomUse":
        """Measure the runs of a store."""
        caps, taken = store.caps, store.total_bytes()
        over = store.would_go(0) if taken > caps.all_bytes else ()
        needed = caps.run_bytes
        going = store.would_go(needed) if taken + needed > caps.all_bytes else ()
        return cls(taken, caps, over, going)

    @property
    def sentence(self) -> str:
        """Which runs go, since all take more than they may, or for another large one."""
        if self.over:
            return (
                f"Soon after a training ends these will be deleted: {_named(self.over)}. "
                "Pin what is to stay."
            )
        if self.going:
            return (
                f"For another large run these would be deleted: {_named(self.going)}. "
                "Pin what is to stay."
            )
        return "There is room for another run: none would be deleted for it."


def _named(runs: Sequence[Run]) -> str:
    named = ", ".join(f"“{run.title}”" for run in runs[:_NAMED])
    others = len(runs) - _NAMED
    return named + (f" and {count(others, 'other')}" if others > 0 else "")
