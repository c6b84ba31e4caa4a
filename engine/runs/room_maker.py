"""RoomMaker: says in time which runs have to go for others, and deletes them when that is fair."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event

import msgspec

from engine.errors import RunError
from engine.files.atomic import write_file
from engine.files.untrusted_read import read_file
from engine.runs.run_folder import Run
from engine.runs.store import RunStore

FAIR_SECONDS = 20.0  # that somebody who is told has, at least, to pin a run or to give more room
# What a run takes is known at its end only: which one needs the room is not said before.
_ONCE_NEEDED = "as soon as newer runs need the room"
_FILE = "going.json"
_FILE_BYTES = 1_000_000
_FEW = 3  # runs that a sentence names all

Tell = Callable[[str, Sequence[Run]], None]


class RoomMaker:
    """Makes room in a store for one run; `tell` gets a sentence and the runs that are to go.

    Somebody who can act, and so has `patience`, is also told without runs what was deleted, and by
    an empty sentence that none of those that were said is to go any more.
    A run is deleted only `patience` seconds after that was said, by this run or by one before it:
    `going.json` in the folder of the runs says when.
    """

    def __init__(self, store: RunStore, tell: Tell, patience: float) -> None:
        self._store, self._tell, self._patience = store, tell, patience
        self._said: dict[str, float] = {}  # by id of the run, when, in s since 1970
        self._deleted = False  # which was told in the place of what goes next
        self._over = Event()

    def announce(self, needed: int) -> None:
        """Say which runs have to go for so many bytes more, if one is not yet said to.

        They are told together, for whoever keeps them means all. It is also said again after some
        were deleted. No others are said to go any more.
        """
        going, before = self._store.would_go(needed), read_said(self._store.folder)
        self._note(going, {run.id: before[run.id] for run in going if run.id in before})
        new = [run for run in going if run.id not in before]
        if new or (going and self._deleted):
            self._tell(going_sentence(going, _ONCE_NEEDED), going)
        elif not going:
            self._tell_end("")
        self._deleted = False

    def _note(self, going: Sequence[Run], before: Mapping[str, float]) -> None:
        """Note that some runs are said to go, now or before, beside those that were before."""
        now = time.time()
        said = {**before, **{run.id: min(before.get(run.id, now), now) for run in going}}
        self._said |= said
        if said != read_said(self._store.folder):
            write_said(self._store.folder, said)

    def make_room(self) -> None:
        """Delete what must go now, as far as it was said in time."""
        latest = time.time() - self._patience
        self._delete({run for run, moment in self._said.items() if moment <= latest})

    def _delete(self, candidates: Collection[str]) -> bool:
        """Delete what must go of some runs, and say so; return whether there was any."""
        if gone := self._store.make_room(candidates):
            was = "was" if len(gone) == 1 else "were"
            self._tell_end(f"{_named(gone)} {was} deleted to make room for runs.")
            self._deleted = bool(self._patience)
        return bool(gone)

    def _tell_end(self, text: str) -> None:
        if self._patience:
            self._tell(text, ())

    def make_rest(self) -> bool:
        """Say what else must go, wait till it may, and delete it then; return whether all is done.

        What goes in the place of a run that was pinned meanwhile has its own time. What is still to
        go after others were deleted is said again. Where nobody can act it is not waited: what was
        not said goes with the next run.
        """
        due: dict[str, float] = {}  # by id, when it may go
        told = set[str]()
        while self._patience and (going := self._store.would_go(0)):
            now = time.time()
            if new := [run for run in going if run.id not in due]:
                self._note(new, read_said(self._store.folder))
                since = {run.id: now if due else self._said[run.id] for run in new}
                due |= {run: moment + self._patience for run, moment in since.items()}
            ordered = sorted(going, key=lambda run: due[run.id])  # what goes next is named
            moments = [due[run.id] for run in ordered]
            left = moments[0] - now
            if left > 0:
                if self._deleted or not told.issuperset(run.id for run in going):
                    self._tell(going_sentence(ordered, _at(moments)), ordered)
                    told |= {run.id for run in going}
                    self._deleted = False
                if self._over.wait(left):
                    return False
                now = time.time()
            gone = self._delete({run for run, moment in due.items() if moment <= now})
            if left <= 0 and not gone:  # it cannot be deleted
                break
        if due:
            self._tell_end("")
        return True

    def give_up(self) -> None:
        """Wait no longer: what must go goes with a later run."""
        self._over.set()


def read_said(runs: Path) -> dict[str, float]:
    """Return when the runs that go next were said to, in s since 1970, by id; damaged: none."""
    try:
        content = read_file(runs / _FILE, _FILE_BYTES, RunError)
        return msgspec.json.decode(content, type=dict[str, float])
    except (RunError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}


def write_said(runs: Path, said: Mapping[str, float]) -> None:
    """Note when runs were said to go; where that cannot be written it is said again."""
    with suppress(RunError):
        write_file(runs / _FILE, msgspec.json.encode(said), RunError)


def _at(moments: Sequence[float]) -> str:
    """Write moments in order, in s since 1970, as the time of day from the first of them on."""
    first, last = (f"{datetime.fromtimestamp(moments[at]):%H:%M:%S}" for at in (0, -1))
    return f"at {first}" if first == last else f"from {first} on"


def _named(runs: Sequence[Run]) -> str:
    """Name a few runs, of more the first, and one alone with its date."""
    if 1 < len(runs) <= _FEW:
        *others, last = (f"“{run.short_title}”" for run in runs)
        return f"{', '.join(others)} and {last}"
    started = runs[0].started
    named = f"“{runs[0].title}”" + (f" of {started:%Y-%m-%d %H:%M}" if started else "")
    return named + (f" and {len(runs) - 1} more" if len(runs) > 1 else "")


def going_sentence(going: Sequence[Run], when: str = "") -> str:
    """Say which runs have to go, and when if that is known, and what keeps them."""
    which = "them" if len(going) > 1 else "it"
    told = f"{_named(going)} will be deleted {when}".rstrip()
    return (
        f"There is little room left for runs: {told}. "
        f"Pin {which} to keep {which}, or give the runs more room."
    )
