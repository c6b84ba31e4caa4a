"""RunWriter: writes a run into its folder, in a thread of its own, at a pace that is not felt."""

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import msgspec

from engine.array_types import Array
from engine.data.dataset import Dataset, fingerprint
from engine.errors import LayerscopeError, RunError, in_one_line
from engine.files.atomic import in_words, write_atomically
from engine.files.network_form import DRAWINGS, write_drawings
from engine.machine.file_lock import FileLock
from engine.machine.throttle import Throttle
from engine.model.project import Project
from engine.runs.checkpoint_files import (
    STATES,
    WEIGHTS,
    EpochState,
    epochs_to_keep,
    is_power_of_two,
    remove_checkpoint,
    write_checkpoint,
)
from engine.runs.file_reading import read_as
from engine.runs.prediction_files import PredictionsWriter
from engine.runs.run_folder import (
    DESCRIPTION,
    DESCRIPTION_BYTES,
    METRICS,
    RECORDING,
    EpochMetrics,
    Run,
)
from engine.runs.run_form import Bookmarks, RunForm
from engine.runs.store import Deleted, RunStore, change_description, eviction_text
from engine.training.best_epoch import RankingKey

_logger = logging.getLogger(__name__)

THREAD = "recording"
WRITE_SECONDS = 1.0  # between two times that something is written
STATE_SHARE = 0.01  # of the time that writing the last and the best epoch may take
MOST_WAITING = 100_000_000  # bytes of outputs that are held in memory while the disk is slow
_PREDICTIONS_BYTES = 16_000_000  # of one run
_LOCK_SECONDS = 10.0


class _Marked(msgspec.Struct):
    """As much of a description as a user may have changed meanwhile, and counts here."""

    bookmarks: Bookmarks = ()


@dataclass(frozen=True)
class Listener:
    """Who is told of a run, in the writer's thread: that its folder changed, and sentences.

    `evicted` gets, in place of `said`, the sentence on runs that were deleted for the quota, with
    these runs and what restores them.
    """

    changed: Callable[[str], None] = lambda _: None
    said: Callable[[str], None] = lambda _: None
    evicted: Callable[[str, Mapping[Run, Deleted]], None] | None = None


NOBODY = Listener()


class RunWriter:
    """Writes what it is given until the end of the run comes, or something cannot be written.

    The order is such that a reader, or a kill at any moment, finds a sound run: the line of an
    epoch before its state, what goes with that before its weights, and the files of a last or best
    epoch until those of the next are there.
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
        self._epochs: list[tuple[EpochMetrics, Array | None]] = []  # that wait, with their outputs
        self._held = 0  # bytes of these outputs
        self._states: dict[int, EpochState] = {}  # that wait, by epoch
        self._ending: tuple[str, str] | None = None  # state and reason
        self._pace = Throttle(least=0.0, share=STATE_SHARE)
        self._due = 0.0  # s on the clock
        self._written: dict[int, RankingKey] = {}  # the epochs whose files are there
        self._stale: Set[int] = set()  # of these, what was not wanted any more at the last write
        self._predictions: PredictionsWriter | None = None
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

    def put(self, metrics: EpochMetrics, outputs: Array, state: EpochState | None) -> None:
        """Take an epoch, and the state after it if that was copied.

        Where there is no room for its outputs, those of the epoch before go.
        """
        with self._ready:
            if not self._epochs:  # else the writer wakes up by itself
                self._ready.notify()
            elif self._held + outputs.nbytes > MOST_WAITING:
                before, lost = self._epochs[-1]
                self._epochs[-1] = before, None
                self._held -= 0 if lost is None else lost.nbytes
            self._epochs.append((metrics, outputs))
            self._held += outputs.nbytes
            self._hold(state)

    def put_end(self, state: str, reason: str, last: EpochState | None) -> None:
        """Take the end of the run, and the last epoch if it was not copied before."""
        with self._ready:
            self._hold(last)
            self._ending = state, reason
            self._ready.notify()

    def _hold(self, state: EpochState | None) -> None:
        """Hold a state until it is written, and no longer those that are not wanted any more."""
        if state is not None:
            self._states[state.epoch] = state
            waiting = {epoch: each.ranking for epoch, each in self._states.items()}
            kept = epochs_to_keep(self._written | waiting)
            self._states = {epoch: self._states[epoch] for epoch in waiting if epoch in kept}

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all is written, but no longer than so; return whether it is.

        It is waited for no folder that was not made in time.
        """
        if self.failed and not self._id:
            return True
        self._thread.join(seconds)
        return self.ended

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to write."""
        return not self._thread.is_alive()

    # --- in the writer's thread ----------------------------------------------------------------

    def _work(self, wished_id: str, start: EpochState) -> None:
        if not self._make_folder(wished_id):
            return
        try:
            self._begin(start)
            del start  # its arrays are many
            end = self._write_next()
            # Not before: a window takes messages away when a training begins.
            self._say_evicted(self._store.enforce_quota())
            while end is None:
                end = self._write_next()
            self._end(*end)
        except Exception as fault:
            self._fail(fault)
        finally:
            self._lock.give_back()
            self._tell(self._listener.changed, self._folder.name)

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
        for name in (WEIGHTS, STATES):
            (self._folder / name).mkdir()
        if not self._lock.take(_LOCK_SECONDS):  # somebody who looks has it for a moment
            raise RunError(f"{self._folder} is locked by another program. Train again.")
        drawings = self._project.settings.drawings
        if drawings:
            write_atomically(self._folder / DRAWINGS, write_drawings(drawings)[1])
        self._write_states([start])
        self._form.number = self._store.next_number()
        self._form.data.digest = self._form.data.digest or fingerprint(*self._data)
        described = msgspec.json.format(msgspec.json.encode(self._form), indent=1)
        write_atomically(self._folder / DESCRIPTION, described)
        self._tell(self._listener.changed, self._folder.name)
        self._store.remove_empty_runs()

    def _write_next(self) -> tuple[str, str] | None:
        """Wait until something is due, and write it; return how the run ended, if it has."""
        with self._ready:
            while (seconds := self._seconds_left()) is None or seconds > 0:
                self._ready.wait(seconds)
            end, epochs, states = self._ending, self._epochs, self._states
            is_due = end is not None or self._pace.due()
            self._epochs, self._held = [], 0
            now = [each for each in states if is_due or is_power_of_two(each)]
            self._states = {each: states[each] for each in states if each not in now}
        if epochs:  # first: no state shall be there without the line of its epoch
            self._write_epochs(epochs)
        self._write_states([states[each] for each in now])
        self._due = time.perf_counter() + WRITE_SECONDS
        self._tell(self._listener.changed, self._folder.name)
        return end

    def _seconds_left(self) -> float | None:
        """Return how long it is until there is something to do; None: until it is said."""
        if self._ending is not None:
            return 0.0
        if self._epochs:
            return self._due - time.perf_counter()
        return self._pace.seconds_left() if self._states else None

    def _write_states(self, states: Sequence[EpochState]) -> None:
        """Write states, and remove the files of those that are not wanted any more."""
        if not states and self._ending is None:
            return
        began = time.thread_time()
        for state in states:
            write_checkpoint(self._folder, self._project, state)
            self._written[state.epoch] = state.ranking
        stale = self._written.keys() - epochs_to_keep(self._written)
        # What has just become stale may be read by somebody who listed the epochs before.
        gone = stale if self._ending is not None else stale & self._stale
        self._stale = stale
        for epoch in gone - {*self._bookmarks()} if gone else ():
            if remove_checkpoint(self._folder, epoch):
                del self._written[epoch]
        self._pace.spend(time.thread_time() - began)

    def _bookmarks(self) -> Bookmarks:
        return read_as(self._folder, DESCRIPTION, DESCRIPTION_BYTES, _Marked).bookmarks

    def _write_epochs(self, epochs: Sequence[tuple[EpochMetrics, Array | None]]) -> None:
        if self._predictions is None:
            self._predictions = PredictionsWriter(self._folder, self._data[1], _PREDICTIONS_BYTES)
        said = [(each.epoch, outputs) for each, outputs in epochs if outputs is not None]
        self._predictions.append(said)
        lines = b"".join(msgspec.json.encode(metrics) + b"\n" for metrics, _ in epochs)
        with (self._folder / METRICS).open("ab") as file:
            file.write(lines)
        self.last_epoch = epochs[-1][0].epoch

    def _end(self, state: str, reason: str) -> None:
        # That a value fails is worth keeping, if it has the name by which it is looked for.
        if self.last_epoch or (state == "failed" and self._form.name):
            change_description(self._folder, state=state, reason=reason)
        else:
            self._remove()

    def _fail(self, fault: Exception) -> None:
        """End the recording, and say why; what was written stays."""
        self.failed = True
        with self._ready:
            self._epochs, self._states = [], {}
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

    def _say_evicted(self, runs: Mapping[Run, Deleted]) -> None:
        evicted, said = self._listener.evicted, self._listener.said
        if runs:
            take = said if evicted is None else lambda text: evicted(text, runs)
            self._tell(take, eviction_text(list(runs)))

    def _tell(self, listener: Callable[[str], None], word: str) -> None:
        """Tell somebody who may be gone: a window that was closed, say."""
        with contextlib.suppress(RuntimeError):
            listener(word)
