"""RunWriter: writes a run into its folder, in a thread of its own, at a pace that is not felt."""

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.data.fingerprint import fingerprint
from engine.errors import LayerscopeError, RunError, in_one_line
from engine.files.atomic import in_words, write_atomically
from engine.files.network_form import DRAWINGS, write_drawings
from engine.machine.file_lock import FileLock
from engine.machine.throttle import Throttle
from engine.model.project import Project
from engine.model.training_state import TrainingState
from engine.runs.edited_weights import were_edited
from engine.runs.file_reading import read_as
from engine.runs.held_moments import HeldMoments
from engine.runs.kept_moments import KeptMoments
from engine.runs.missed_epochs import MissedEpoch
from engine.runs.moment_files import STATES, WEIGHTS
from engine.runs.pending_writes import EpochState, PendingWrites
from engine.runs.prediction_files import PredictionsWriter
from engine.runs.room_maker import FAIR_SECONDS, RoomMaker, Tell
from engine.runs.run_folder import (
    DESCRIPTION,
    DESCRIPTION_BYTES,
    METRICS,
    RECORDING,
    EpochMetrics,
    Run,
)
from engine.runs.run_form import Bookmarks, RunForm
from engine.runs.store import RunStore, bytes_of, change_description

_logger = logging.getLogger(__name__)

THREAD = "recording"
WRITE_SECONDS = 1.0  # between two times that something is written, where epochs are short
GRACE_SECONDS = 0.1  # that it is then waited for the next epoch, so that its moment goes along
MOMENT_SHARE = 0.003  # of the time that writing moments may take
_LOCK_SECONDS = 10.0
_FOR_MOMENTS = 0.75  # of the cap of a run; the rest is for predictions


class _Chosen(msgspec.Struct):
    """As much of a description as a user may have chosen meanwhile, and counts here."""

    name: str = ""
    bookmarks: Bookmarks = ()


@dataclass(frozen=True)
class Listener:
    """Who is told of a run, in the writer's thread: that its folder changed, and sentences.

    `going` is for somebody who can act on it, and gets the time for that: it is told, in place of
    `said`, which runs have to go for this one.
    """

    changed: Callable[[str], None] = lambda _: None
    said: Callable[[str], None] = lambda _: None
    going: Tell | None = None


NOBODY = Listener()


class RunWriter:
    """Writes what it is given until the end of the run comes, or something cannot be written.

    The order is such that a reader, or a kill at any moment, finds a sound run: the line of an
    epoch before its moment, and what goes with that before its weights. Moments of short epochs
    follow the lines of their epochs later, the newest first, so that the first seconds of a run, in
    which most of them come, are not felt. All that `epochs_to_keep` keeps of a run are there at its
    end.
    """

    def __init__(
        self,
        store: RunStore,
        wished_id: str,
        form: RunForm,
        project: Project,
        start: EpochState,
        data: tuple[Dataset, Dataset],
        listener: Listener,
    ) -> None:
        self._store, self._form = store, form
        self._project, self._data, self._listener = project, data, listener
        self._ready = threading.Condition()
        self._id = ""  # before there is a folder
        self._waiting = PendingWrites()
        self._pace = Throttle(least=0.0, share=MOMENT_SHARE)
        self._due = 0.0  # s on the clock
        self._held = HeldMoments()
        self._missed: Sequence[MissedEpoch] = ()
        patience = 0.0 if listener.going is None else FAIR_SECONDS
        self._room_maker = RoomMaker(store, self._tell_going, patience)
        self._predictions: PredictionsWriter | None = None
        self._written = threading.Event()
        self.failed = False
        self.last_epoch = 0  # whose line was written
        begun = wished_id, start
        self._thread = threading.Thread(target=self._work, args=begun, name=THREAD, daemon=True)
        self._thread.start()

    def id_within(self, seconds: float) -> str:
        """Return the id of the run; empty if there is none.

        If the disk does not answer within so many seconds, the run is not recorded.
        """
        with self._ready:
            if self._ready.wait_for(lambda: self._id or self.failed, seconds):
                return self._id
            self.failed = True
        self._say_not_kept(f"The disk of {self._store.folder} does not answer. See what it does.")
        return ""

    def is_due(self, moment: float) -> bool:
        """Return whether it is time to write at a moment, in s on the clock, as far as is known."""
        return moment >= self._due and not self._waiting.asked

    def wants(self, epoch: int) -> bool:
        """Return whether the moment after an epoch is to be kept, however the run goes on."""
        return self._held.wants(epoch)

    def keep_fewer(self) -> None:
        """Keep half as many moments from now on, beside those that are kept of any run."""
        with self._ready:
            self._held.thin()

    def put(self, metrics: EpochMetrics, outputs: Array, *, due: bool) -> None:
        """Take an epoch, to be written now if that is `due`, or else with those that follow."""
        with self._ready:
            self._waiting.add(metrics, outputs)
            if due:  # else the writer wakes up by itself, should no other epoch come
                self._waiting.asked = True
                self._ready.notify()

    def put_moment(self, moment: EpochState, *, best: bool) -> None:
        """Take a moment before its epoch: the best so far, or not."""
        with self._ready:
            self._held.add(moment, best=best)

    def put_end(
        self, state: str, reason: str, last: EpochState | None, missed: Sequence[MissedEpoch]
    ) -> None:
        """Take the end of the run, and the epochs that have to be trained again."""
        with self._ready:
            self._missed = missed
            if last is not None:
                self._held.add(last, best=False)
            self._waiting.end = state, reason
            self._ready.notify()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all is written, but no longer than so; return whether it is.

        It is waited for no folder that was not made in time, and not till somebody has acted.
        """
        if self.failed and not self._id:
            return True
        if self._listener.going is not None:
            return self._written.wait(seconds)
        self._thread.join(seconds)
        return self.ended

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to do, such as to make room."""
        return not self._thread.is_alive()

    def give_up_room(self) -> None:
        """Wait no longer, after the end, until runs may go that must: a later run deletes them."""
        self._room_maker.give_up()

    # --- in the writer's thread ----------------------------------------------------------------

    def _work(self, wished_id: str, start: EpochState) -> None:
        if not self._make_folder(wished_id):
            self._written.set()
            return
        try:
            self._begin(start)
            del start  # its arrays are many
            while (end := self._write_next()) is None:
                pass
            self._write_missed()
            self._end(*end)
        except Exception as fault:
            self._fail(fault)
        finally:
            self._lock.give_back()
            self._written.set()
            self._tell(self._listener.changed, self._folder.name)
        if self._room_maker.make_rest():  # another run like this one may follow
            next_one = 0 if self.failed else max(self._most, bytes_of(self._folder))
            self._room_maker.announce(next_one)

    def _make_folder(self, wished_id: str) -> bool:
        """Make the folder; return whether the run is to be recorded there."""
        try:
            folder = self._store.new_folder(wished_id)
        except Exception as fault:
            _logger.warning("A run is not recorded", exc_info=fault)
            with self._ready:  # so that it is said once, and before somebody finds no folder
                if not self.failed:
                    self._say_not_kept(str(fault))
                self.failed = True
                self._ready.notify_all()
            return False
        self._folder, self._lock = folder, FileLock(folder / RECORDING)
        if self._note_id(folder.name):
            return True
        with contextlib.suppress(OSError):  # it came too late
            folder.rmdir()
        return False

    def _note_id(self, run_id: str) -> bool:
        """Note that there is a folder; return whether it is still waited for."""
        with self._ready:
            if not self.failed:
                self._id = run_id
            self._ready.notify_all()
            return not self.failed

    def _begin(self, start: EpochState) -> None:
        self._caps = self._store.caps
        self._held.room = room = int(self._caps.run_bytes * _FOR_MOMENTS)
        self._moments = KeptMoments(
            self._folder, self._project, room, lambda: self._chosen().bookmarks
        )
        for name in (WEIGHTS, STATES):
            (self._folder / name).mkdir()
        if not self._lock.take(_LOCK_SECONDS):  # somebody who looks has it for a moment
            raise RunError(f"{self._folder} is locked by another program. Train again.")
        drawings = self._project.settings.drawings
        if drawings:
            write_atomically(self._folder / DRAWINGS, write_drawings(drawings)[1])
        self._write_moments([start])
        self._form.number = self._store.next_number()
        self._form.data.digest = self._form.data.digest or fingerprint(*self._data)
        parent = self._form.parent
        if parent is not None and were_edited(start.project(self._project), self._folder):
            self._form.parent = msgspec.structs.replace(parent, edited=True)
        described = msgspec.json.format(msgspec.json.encode(self._form), indent=1)
        write_atomically(self._folder / DESCRIPTION, described)
        self._tell(self._listener.changed, self._folder.name)
        self._store.remove_unborn()
        self._most = self._most_bytes(start.state)
        self._room_maker.make_room()
        self._room_maker.announce(self._most)  # last, for that some were deleted ends what was said

    def _write_next(self) -> tuple[str, str] | None:
        """Wait until something is due, and write it; return how the run ended, if it has."""
        with self._ready:
            while (seconds := self._seconds_left()) is None or seconds > 0:
                self._ready.wait(seconds)
            waiting, self._waiting = self._waiting, PendingWrites()
            if waiting.end is None:
                moments = self._held.take(has_time=self._pace.due())
            else:
                moments = self._held.take_all()
            self._put_off()
        if waiting.epochs:  # first: no moment shall be there without the line of its epoch
            self._write_epochs(waiting.epochs)
        self._write_moments(moments if waiting.end is None else self._moments.to_keep(moments))
        self._put_off()
        self._tell(self._listener.changed, self._folder.name)
        return waiting.end

    def _put_off(self) -> None:
        self._due = time.perf_counter() + WRITE_SECONDS

    def _seconds_left(self) -> float | None:
        """Return how long it is until there is something to do; None: until it is said."""
        waiting = self._waiting
        if waiting.asked or waiting.end is not None:
            return 0.0
        left = self._due + GRACE_SECONDS - time.perf_counter()
        if left > 0 or waiting.epochs:
            return left
        if self._held:
            return self._pace.seconds_left()
        return None

    def _write_moments(self, moments: Sequence[EpochState]) -> None:
        began = time.thread_time()
        for moment in moments:
            if moment.epoch not in self._moments.sizes:
                self._moments.write(moment)
                self._moments.thin()
        if moments:
            self._pace.spend(time.thread_time() - began)

    def _write_missed(self) -> None:
        """Train again, and write, the best and the last epoch if there was no copy of them."""
        for missed in self._missed:
            if missed.epoch not in self._moments.sizes:
                found = missed.trained_again(self._project, self._data)
                self._write_moments([] if found is None else [found])

    def _chosen(self) -> _Chosen:
        return read_as(self._folder, DESCRIPTION, DESCRIPTION_BYTES, _Chosen)

    def _write_epochs(self, epochs: Sequence[tuple[EpochMetrics, Array | None]]) -> None:
        if self._predictions is None:
            most = int(self._caps.run_bytes * (1 - _FOR_MOMENTS))
            self._predictions = PredictionsWriter(self._folder, self._data[1], most)
        said = [(each.epoch, outputs) for each, outputs in epochs if outputs is not None]
        self._predictions.append(said)
        lines = b"".join(msgspec.json.encode(metrics) + b"\n" for metrics, _ in epochs)
        with (self._folder / METRICS).open("ab") as file:
            file.write(lines)
        self.last_epoch = epochs[-1][0].epoch

    def _end(self, state: str, reason: str) -> None:
        if not self.last_epoch and not self._stays_empty(state):
            self._remove()
            return
        change_description(self._folder, state=state, reason=reason)
        self._lock.give_back()
        self._room_maker.make_room()

    def _stays_empty(self, state: str) -> bool:
        """Return whether a run without an epoch is worth its place: for the name that a user gave.

        Those of a series get theirs by themselves. What failed there tells of a value that does.
        """
        name, series = self._chosen().name, self._form.group
        by_user = not series or name != self._form.name
        return bool(name) and (by_user or state == "failed")

    def _most_bytes(self, state: TrainingState | None) -> int:
        """Return how many bytes the run will take at most."""
        if state is None:
            return self._caps.run_bytes
        moments = state.last_epoch - state.epochs_done + 1
        return min(self._caps.run_bytes, int(moments * self._moments.sizes[0] / _FOR_MOMENTS))

    def _fail(self, fault: Exception) -> None:
        """End the recording, and say why; what was written stays."""
        self.failed = True
        with self._ready:
            self._held.take_all()
        _logger.warning("The run %s is not recorded any more", self._folder, exc_info=fault)
        if isinstance(fault, OSError):
            reason = in_words(fault, self._folder)
        else:
            known = isinstance(fault, LayerscopeError)
            reason = str(fault) if known else f"{in_one_line(fault)}."
        kept = f"kept up to epoch {self.last_epoch:,} only" if self.last_epoch else "not kept"
        with contextlib.suppress(LayerscopeError, OSError):
            change_description(self._folder, state="stopped", reason=reason)
        if not self.last_epoch:
            self._remove()
        told = f"The run of this training is {kept}; what it learns is not lost. {reason}"
        self._tell(self._listener.said, told)

    def _remove(self) -> None:
        with contextlib.suppress(OSError):  # described, but not locked, it would look interrupted
            (self._folder / DESCRIPTION).unlink()
        self._lock.give_back()  # some systems remove no open file
        shutil.rmtree(self._folder, ignore_errors=True)

    def _say_not_kept(self, why: str) -> None:
        self._tell(self._listener.said, f"This training is not kept as a run. {why}")

    def _tell_going(self, text: str, runs: Sequence[Run]) -> None:
        with contextlib.suppress(RuntimeError):
            if self._listener.going is None:
                self._listener.said(text)
            else:
                self._listener.going(text, runs)

    def _tell(self, listener: Callable[[str], None], word: str) -> None:
        """Tell somebody who may be gone: a window that was closed, say."""
        with contextlib.suppress(RuntimeError):
            listener(word)
