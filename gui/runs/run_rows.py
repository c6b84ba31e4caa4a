"""RunRow: what the list says of a run, worked out from its folder in a thread."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from engine.data.names import listed
from engine.runs.predecessors import continues, predecessors
from engine.runs.rate_changes import rate_sentence
from engine.runs.run_folder import INTERRUPTED, TRAINING, Run, newest_first
from engine.text.words import count, percent, time_taken
from gui.runs.run_colours import colour_of

POINTS = 60  # of the small curve of a run
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
_FEW = 3  # differences that are read out


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
    place: str = ""  # the end of its path, where it takes that to tell it from another one
    here: str = ""  # what its training does in this window, if it is there: training or paused

    @cached_property
    def curve(self) -> tuple[float, ...]:
        """Some of its test accuracies, evenly chosen, the first and the last among them."""
        values = [each.test_accuracy for each in self.run.metrics]
        if len(values) <= POINTS:
            return tuple(values)
        last = len(values) - 1
        return tuple(values[round(point * last / (POINTS - 1))] for point in range(POINTS))

    @property
    def trains(self) -> bool:
        """Whether it still grows."""
        return self.run.state == TRAINING and self.here != PAUSED

    @property
    def accuracy(self) -> str:
        """Its last test accuracy, or a dash."""
        value = self.run.test_accuracy
        return "–" if value is None else percent(value)

    @property
    def mark(self) -> str:
        """A sign for how it ended, if not by reaching its goal."""
        return STATE_MARKS.get(self.state, "")

    @property
    def state(self) -> str:
        """What becomes of it; a folder says nothing of a pause, this window of its own training."""
        return (self.here or LIVE) if self.run.state == TRAINING else self.run.state

    @cached_property
    def own_words(self) -> tuple[str, ...]:
        """What it is, not what differs: name, note, state and place, each setting, each block."""
        from engine.runs.settings_summary import settings_summary

        run, project = self.run, self.run.description.project
        settings = (f"{title} {value}" for title, value in settings_summary(project))
        blocks = (f"{slot.title} {slot.block.summary()}" for slot in project.stack)
        return " ".join([run.title, run.note, self.state, self.place]), *settings, *blocks

    @property
    def about(self) -> str:
        """Where it lies, what differs, what it continues, and the user's note."""
        return self._about(len(self.differs))

    @cached_property
    def abouts(self) -> tuple[str, ...]:
        """The same with fewer and fewer of many differences, and how many more there are."""
        fewer = range(len(self.differs) - 2, 0, -1)
        return self.about, *map(self._about, fewer)

    def _about(self, most: int) -> str:
        run, differs = self.run, listed(self.differs, most)
        note = f"“{run.note.strip().splitlines()[0]}”" if run.note.strip() else ""
        return " · ".join(part for part in (self.place, differs, self.continued, note) if part)

    def extent(self, now: datetime) -> tuple[str, ...]:
        """How many epochs, how long, and when, in fewer words from text to text."""
        run = self.run
        epochs, began = count(run.epochs, "epoch"), when(run.started, now)
        parts = [epochs, time_taken(run.seconds), began]
        if run.state in STATE_MARKS:
            parts[0] = f"{self.mark} {self.state}, {epochs}".lstrip()
        shortest = f"{self.mark} {epochs}".lstrip()
        known = [part for part in parts if part]
        return " · ".join(known), " · ".join([parts[0], *known[2:]]), parts[0], shortest

    def looks(self, when: str) -> tuple[str, ...]:
        """That the window shows it as it was at a moment, in fewer words from text to text."""
        shown = f"shown: {when}"
        return (*([f"{shown} · {self.place}"] * bool(self.place)), shown, when)

    def sentence(self, now: datetime) -> str:
        """Say all of it, but of many differences the first, to who cannot see it."""
        run = self.run
        gave = f"test accuracy {self.accuracy}" if run.metrics else "no epoch finished yet"
        parts = [run.title, self.state, f"{gave}, {count(run.epochs, 'epoch')}"]
        parts += [f"steps took {time_taken(run.seconds)}", when(run.started, now)]
        text = ", ".join(part for part in parts if part)
        about = f" {self._about(_FEW)}." if self.about else ""
        reason = f" {run.description.reason}" if run.description.reason else ""
        return f"{text}.{about}{reason}{' Pinned.' if run.pinned else ''}"


def rows_of(
    runs: Sequence[Run], differences: Differences, elsewhere: Sequence[Run] = ()
) -> tuple[RunRow, ...]:
    """Return the rows of the runs of this machine and of those `elsewhere`, newest first."""
    here = {run.folder.parent for run in runs}
    runs = newest_first([*runs, *elsewhere])
    places = _places(runs, here)
    rows = []
    for run, other in zip(runs, predecessors(runs), strict=True):
        before = () if other is None else differences(run, other)
        differs, place = (*before, *rate_sentence(run)), places.get(run.key, "")
        rows.append(RunRow(run, colour_of(run), differs, continues(run, other), place))
    return tuple(rows)


def _places(runs: Sequence[Run], here: Collection[Path]) -> dict[str, str]:
    """Return by keys where runs lie that are not in folders `here`, if others have their titles.

    That is the end of the path that no other one of the title has: `…/monday/run`.
    """
    by_title: dict[str, list[Run]] = {}
    for run in runs:
        by_title.setdefault(run.title, []).append(run)
    found = {}
    for group in by_title.values():
        for run in group:
            if len(group) > 1 and run.folder.parent not in here:
                others = [each.folder.parts for each in group if each is not run]
                found[run.key] = _end_of(run.folder.parts, others)
    return found


def _end_of(parts: Sequence[str], others: Sequence[Sequence[str]]) -> str:
    """Write as many of the last parts of a path as no other path ends in."""
    length = next(
        n for n in range(1, len(parts) + 1) if all(each[-n:] != parts[-n:] for each in others)
    )
    is_cut = length < len(parts) - 1  # the first part is the root
    return str(Path("…", *parts[-length:]) if is_cut else Path(*parts))


def when(started: datetime | None, now: datetime) -> str:
    """Write a time: `14:02` today, `yesterday 14:02`, `12 Nov`, and with the year `12 Nov 2025`."""
    if started is None:
        return ""
    clock, day = f"{started:%H:%M}", started.date()
    if day == now.date():
        return clock
    if day == now.date() - timedelta(days=1):
        return f"yesterday {clock}"
    year = "" if day.year == now.year else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]}{year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
