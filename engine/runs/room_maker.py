"""RoomMaker: says in time which runs have to go for others, and deletes them when that is fair."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Event, Lock

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
_turn = Lock()  # else one counts what another is deleting, or tells what another has made untrue

Tell = Callable[[str, Sequence[Run]], None]


class RoomMaker:
    """Makes room in a store for one run; `tell` gets a sentence and the runs that are to go.

    Somebody who can act, and so has `patience`, is also told without runs what was deleted, and by
    an empty sentence that none of those that were said is to go any more.
    A run is deleted only `patience` seconds after that was said, by this maker or another:
    `going.json` in the folder of the runs says when. Several may be at work at once, each after a
    run of its own; what was told last is what stands in that file.
    """

    def __init__(self, store: RunStore, tell: Tell, patience: float) -> None:
        self._store, self._tell, self._patience = store, tell, patience
        self._unwritten: dict[str, float] | None = None  # what was said, if the file cannot say it
        self._outdated = False  # what was told last: some were deleted, or its time has come
        self._over = Event()

    def announce(self, needed: int) -> None:
        """Say which runs have to go for so many bytes more, unless just these are said to.

        They are told together, for whoever keeps them means all. It is also said again after some
        were deleted, or once a time that was said is over. No others are said to go any more.
        """
        with _turn:
            going, before = self._store.would_go(needed), self._known()
            self._note(going, before)
            if not going:
                self._tell_end("")
            elif self._outdated or {run.id for run in going} != self._still_there(before):
                self._tell(going_sentence(going, _ONCE_NEEDED), going)
            self._outdated = False

    def _note(self, going: Sequence[Run], before: Mapping[str, float]) -> dict[str, float]:
        """Note that these runs are said to go, now or as before, and no others; return when."""
        now = time.time()
        said = {run.id: min(before.get(run.id, now), now) for run in going}
        if said != before:
            self._unwritten = None if write_said(self._store.folder, said) else said
        return said

    def _known(self) -> dict[str, float]:
        """Return when runs were said to go, in s since 1970, by id."""
        return read_said(self._store.folder) if self._unwritten is None else self._unwritten

    def _still_there(self, said: Collection[str]) -> set[str]:
        return {run.id for run in self._store.runs() if run.id in said} if said else set()

    def make_room(self) -> None:
        """Delete what must go now, as far as it was said in time."""
        self._delete_due()

    def _delete_due(self) -> bool:
        """Delete what must go and was said in time, and say so; return whether there was any."""
        with _turn:
            now, said = time.time(), self._known()
            due = {run for run, moment in said.items() if moment + self._patience <= now}
            if gone := self._store.make_room(due):
                was = "was" if len(gone) == 1 else "were"
                self._tell_end(f"{_named(gone)} {was} deleted to make room for runs.")
                self._outdated = bool(self._patience)
            return bool(gone)

    def _tell_end(self, text: str) -> None:
        if self._patience:
            self._tell(text, ())

    def make_rest(self) -> bool:
        """Say what else must go, wait till it may, and delete it then; return whether all is done.

        What goes in the place of a run that was pinned meanwhile has its own time. What is still to
        go after others were deleted is said again. Where nobody can act it is not waited: what was
        not said goes with the next run. What then is to go next, or that nothing is, has to be
        announced.
        """
        while self._patience and (left := self._say_rest()) is not None:
            if left > 0 and self._over.wait(left):
                return False
            if not self._delete_due() and left <= 0:  # it cannot be deleted
                break
        return True

    def _say_rest(self) -> float | None:
        """Say what must go now but may not yet; return after how many s some may; None: all stay.

        Others, that a larger run would need gone, are not told with it, so are said no longer.
        """
        with _turn:
            if not (going := self._store.would_go(0)):
                return None
            said = self._note(going, self._known())
            ordered = sorted(going, key=lambda run: said[run.id])  # what goes next is named
            moments = [said[run.id] + self._patience for run in ordered]
            left = moments[0] - time.time()
            if left > 0:
                self._tell(going_sentence(ordered, _at(moments)), ordered)
                self._outdated = True
            return left

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


def write_said(runs: Path, said: Mapping[str, float]) -> bool:
    """Note when runs were said to go; return whether that could be written."""
    try:
        write_file(runs / _FILE, msgspec.json.encode(said), RunError)
    except (RunError, UnicodeEncodeError):  # of a folder whose name is not UTF-8
        return False
    return True


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
