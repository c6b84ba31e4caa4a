"""RunRow: what the list shows of a run, and RunReading: reads the rows beside the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.data.sources import name_of
from engine.model.project import CheckpointRef
from engine.runs.differences import continues, predecessors, rate_sentence
from engine.runs.run_folder import INTERRUPTED, TRAINING, Run, newest_first
from engine.runs.store import RunStore
from engine.text.words import count, percent, time_taken
from gui.runs.run_colours import colour_of

PAUSED = "paused"
LIVE = "live"  # another program trains it
STATE_MARKS = {
    TRAINING: "●",
    LIVE: "⇣",
    PAUSED: "‖",
    INTERRUPTED: "!",
    "failed": "✗",
    "stopped": "■",
}
Differences = Callable[[Run, Run], Sequence[str]]  # in words, of a run and one before it


@dataclass(frozen=True)
class RunRow:
    """A run with its colour, and in words what `differs` from the run that it is compared with.

    That is the one it continues, as `continued` says, or else the last one like it. With that is
    what was changed while it trained.
    """

    run: Run
    colour: str
    differs: tuple[str, ...]
    continued: str = ""
    place: str = ""  # where it lies, if that is elsewhere
    here: str = ""  # what its training does in this window, if it is there: training or paused
    present: int | None = None  # the epoch of it that the open network is of
    data: str = ""  # that it is of, where runs in the list are of different data

    @property
    def accuracy(self) -> str:
        """Its last test accuracy, or a dash."""
        value = self.run.test_accuracy
        return "–" if value is None else percent(value)

    @property
    def state(self) -> str:
        """What becomes of it; a folder says nothing of a pause, this window of its own training."""
        return (self.here or LIVE) if self.run.state == TRAINING else self.run.state

    @property
    def about(self) -> str:
        """Where it lies, what differs, what it continues, and the user's note."""
        run, differs = self.run, ", ".join(self.differs)
        note = f"“{run.note.strip().splitlines()[0]}”" if run.note.strip() else ""
        present = "" if self.present is None else f"you are here: epoch {run.age(self.present):,}"
        parts = present, self.place, self.data, differs, self.continued, note
        return " · ".join(part for part in parts if part)

    @property
    def done(self) -> str:
        """How many epochs it has, and what became of it if that is not as usual."""
        done = count(self.run.epochs, "epoch")
        mark = self.run.state in STATE_MARKS
        return f"{STATE_MARKS[self.state]} {self.state}, {done}" if mark else done

    def sentence(self) -> str:
        """Say all of it, to who cannot see it."""
        run = self.run
        gave = f"test accuracy {self.accuracy}" if run.metrics else "no epoch finished yet"
        parts = [run.title, self.state, f"{gave}, {count(run.epochs, 'epoch')}"]
        parts += [f"steps took {time_taken(run.seconds)}", when(run.started)]
        text = ", ".join(part for part in parts if part)
        about = f" {self.about}." if self.about else ""
        reason = f" {run.description.reason}" if run.description.reason else ""
        return f"{text}.{about}{reason}{' Pinned.' if run.pinned else ''}"


def rows_of(
    runs: Sequence[Run], differences: Differences, elsewhere: Sequence[Run] = ()
) -> tuple[RunRow, ...]:
    """Return the rows of the runs of this machine and of those `elsewhere`, newest first."""
    runs = newest_first([*runs, *elsewhere])
    are_alike = len(set(map(data_of, runs))) < 2
    rows = []
    for run, other in zip(runs, predecessors(runs), strict=True):
        before = () if other is None else differences(run, other)
        differs = (*before, *rate_sentence(run))
        place = f"in {run.folder.parent.name}" if run in elsewhere else ""
        continued, data = continues(run, other), "" if are_alike else data_of(run)
        row = RunRow(run, colour_of(run), differs, continued, place, data=data)
        rows.append(row)
    return tuple(rows)


def data_of(run: Run) -> str:
    """Return which data a run is of: `digits, 2 classes`."""
    settings = run.description.project.settings
    return f"{name_of(settings.dataset)}, {count(len(settings.classes), 'class', 'classes')}"


def when(started: datetime | None) -> str:
    """Write a time: `14:02` today, else `2025-11-12`."""
    if started is None:
        return ""
    today = started.date() == datetime.now().date()
    return f"{started:%H:%M}" if today else f"{started:%Y-%m-%d}"


Fields = tuple[object, ...]


@dataclass(frozen=True, eq=False)
class RunsRead:
    """The rows of all runs, and what is wrong with folders among them.

    `fields` is what is shown of the runs: where it is the same, nothing has changed.
    """

    rows: tuple[RunRow, ...]
    problem: str
    fields: Fields

    def rows_while(
        self, trained: str, present: CheckpointRef | None = None, *, paused: bool
    ) -> tuple[RunRow, ...]:
        """Return the rows while this window trains a run of a key, or has paused it.

        `present` is what the open network is of, if that is kept.
        """
        here = PAUSED if paused else TRAINING
        return tuple(
            replace(
                row,
                here=here if row.run.key == trained else "",
                present=present.epoch if present and present.run == row.run.id else None,
            )
            for row in self.rows
        )


class RunReading:
    """Reads the runs of a store, in threads beside the window."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._differing: dict[tuple[object, ...], Sequence[str]] = {}  # what differs never changes

    def read(self, known: Fields | None = None, elsewhere: Sequence[Run] = ()) -> RunsRead | None:
        """Read all runs; None if what would be said of them, and of those `elsewhere`, is known."""
        runs = self._store.runs()
        damaged = self._store.damaged
        others = f" And {count(len(damaged) - 1, 'other')}." if len(damaged) > 1 else ""
        problem = f"{damaged[0]}{others}" if damaged else ""
        fields = (problem, *map(shown_fields, (*runs, *elsewhere)))
        if fields == known:
            return None
        rows = rows_of(runs, self._differ, elsewhere)
        return RunsRead(rows, problem, fields)

    def _differ(self, run: Run, other: Run) -> Sequence[str]:
        """Say what differs, once for each pair."""
        pair = run.folder, run.started, other.folder, other.started
        if pair not in self._differing:
            from engine.runs.differences import run_changes

            self._differing[pair] = run_changes(other, run)
        return self._differing[pair]


def shown_fields(run: Run) -> tuple[object, ...]:
    """Return what may change of a run as it grows, ends, or is changed by a user."""
    user = (run.title, run.note, run.pinned, run.bookmarks)
    return run.folder, run.started, run.state, run.metrics[-1:], run.kept_epochs, *user
