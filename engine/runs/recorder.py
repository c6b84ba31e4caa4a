"""RunRecorder: keeps a training as a run folder while it goes on, and never gets in its way."""

import logging
import platform
import re
import time
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np

from engine.compute.copies import LARGEST
from engine.machine.throttle import Throttle
from engine.model.project import Project, RunMoment
from engine.runs.kept_epochs import is_power_of_two
from engine.runs.missed_epochs import MissedEpoch
from engine.runs.pending_writes import EpochState
from engine.runs.run_folder import TRAINING, EpochMetrics
from engine.runs.run_form import LONGEST_TEXT, NUMERICS, ParentForm, RunForm, describe_own_start
from engine.runs.run_writer import NOBODY, Listener, RunWriter
from engine.runs.store import RunStore
from engine.text.letters import encodable
from engine.training.best_epoch import LOWEST_KEY, RankingKey, ranking_key
from engine.training.events import EpochDone
from engine.training.run import Training
from engine.version import version

_logger = logging.getLogger(__name__)

BEST_SECONDS = 0.25  # between two copies of best or newest epochs, at least
BEST_SHARE = 0.003  # of the training's time that copying its state after such epochs may take
SAVED_SECONDS = 20.0  # without such copies, whose share is there for several that come at once
ALL_KEPT = 20  # epochs at the begin of a run, whatever it costs to copy them
KEPT_SHARE = 0.003  # of the time for those between later powers of two; they are fewer otherwise
HELD_BYTES = 20_000_000  # of a copy from which a later epoch may be trained again, at most
DISK_SECONDS = 2.0  # that are waited for a disk on which the run gets its folder
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


class RunNames(NamedTuple):
    """What a run is called: by the user, by the project's file, by the series that it is of."""

    name: str = ""
    file_name: str = ""
    group: str = ""


UNNAMED = RunNames()


class RunRecorder:
    """Records one training, from when it is made to `end`; between, it is told of each epoch.

    Its methods are for the training's thread, which copies what must be copied; all else is done in
    another. The best and the last epoch, if not copied, are trained again after the end, there too.
    Nothing is raised: if something cannot be written, the listener is told in a sentence, and the
    training goes on. A run without a finished epoch is removed at its end, unless a user
    gave it a name, or it failed in a series: what its steps have learned is in the project.
    """

    def __init__(
        self,
        store: RunStore,
        project: Project,
        training: Training,
        names: RunNames = UNNAMED,
        listener: Listener = NOBODY,
    ) -> None:
        self.stack = project.stack  # with the locks of now
        self._origin, self._training = project.origin, training
        self._before, self._rate = training.epochs_done, project.settings.learning_rate
        self._best = LOWEST_KEY
        self._epoch = 0
        self._captured = 0  # the epoch whose moment the writer has got
        self.copied: EpochState | None = None  # the moment after the last epoch, if it was copied
        self._held: EpochState | None = None  # that moment, if it is not too large
        self._missed: MissedEpoch | None = None  # the best
        self._now = self._look()
        self._clock = time.perf_counter()  # at the end of the epoch
        self._ended = False
        self._copying = Throttle(least=BEST_SECONDS, share=BEST_SHARE, saved=SAVED_SECONDS)
        self._keeping = Throttle(least=0.0, share=KEPT_SHARE)
        self.writer: RunWriter | None = None  # none where the run cannot be described
        try:
            begun = replace(project, trained_epochs=self._before, weights={}, state=None)
            form, start = self._described(begun, names), self._moment()
            self._hold(start)
            wished = _wished_id(names)
            self.writer = RunWriter(store, wished, form, begun, start, training.data, listener)
        except Exception as fault:
            _logger.warning("A run is not recorded", exc_info=fault)
            listener.said(f"This training is not kept as a run. {fault}")

    @property
    def run_id(self) -> str:
        """The id of the run; empty where it is not kept. A slow disk is waited for, a moment."""
        return "" if self.writer is None else self.writer.id_within(DISK_SECONDS)

    @property
    def moment(self) -> RunMoment | None:
        """The last whole epoch of the run; before there is one, what the run goes on from."""
        writer, epoch = self.writer, self._epoch
        run_id = self.run_id if epoch else ""
        if writer is not None and writer.failed:
            epoch = min(epoch, writer.last_epoch)
        return RunMoment(run_id, epoch) if run_id and epoch else self._origin

    def after_epoch(self, event: EpochDone) -> None:
        """Take what came of an epoch, right after it."""
        self.copied, writer = None, self.writer
        if writer is None or writer.failed:
            return
        self._epoch = epoch = event.epoch - self._before
        self._now = self._look(ranking_key(event))
        best = self._now.ranking > self._best
        self._best = max(self._best, self._now.ranking)
        before, self._clock = self._clock, time.perf_counter()
        # Which epoch comes next to the time when it is due: half an epoch sooner, or later.
        due = writer.is_due(self._clock + (self._clock - before) / 2)
        if self._is_kept(epoch, writer) or ((best or due) and self._copying.due()):
            copy = partial(self._copying.timed, self._moment)
            self.copied = moment = self._keeping.timed(copy)
            writer.put_moment(moment, best=best)
            self._captured = epoch
            self._hold(moment)
            self._missed = None if best else self._missed
        elif best:
            self._missed = self._missing()
        writer.put(self._metrics(event), event.test.outputs, due=due)

    def end(self, state: str, reason: str = "") -> None:
        """Take the end of the run: finished, stopped or failed, and why if before its goal."""
        if self.writer is None or self._ended:
            return
        self._ended, last, missed = True, None, [self._missed]
        if self._epoch != self._captured:
            if self._training.position == self._before + self._epoch:
                last = self._moment()
            if last is None or last.state is None:  # a step was done since, or it has exploded
                last = None
                missed.append(self._missing())
        self.writer.put_end(state, reason, last, [each for each in missed if each is not None])

    def wait(self, seconds: float | None = None) -> bool:
        """Wait after the end until all is written, but no longer than so; return whether it is."""
        writer = self.writer
        return writer is None or not self.run_id or writer.wait(seconds)

    def _is_kept(self, epoch: int, writer: RunWriter) -> bool:
        """Return whether the moment after an epoch is to be kept, however the run goes on."""
        is_between = writer.wants(epoch) and not is_power_of_two(epoch)
        if (
            is_between and epoch > ALL_KEPT and not self._keeping.due()
        ):  # epochs are too short for so large a network
            writer.keep_fewer()
        return writer.wants(epoch)

    def _moment(self) -> EpochState:
        """Copy what it takes to go on from the last epoch, after which no step was done.

        The training copies its weights after each epoch into memory of copies that are gone. It
        would need new memory for each that is kept, which takes longer than to copy them again,
        and is not counted where it is said how much of the time keeping may take.
        """
        weights = self._now.weights
        if self._now.bytes <= LARGEST:
            weights = {
                slot_id: {name: array.copy() for name, array in arrays.items()}
                for slot_id, arrays in weights.items()
            }
        return self._now._replace(weights=weights, state=self._training.state())

    def _hold(self, moment: EpochState) -> None:
        """Hold a moment from which an epoch after it could be trained again."""
        exact = moment.state is not None and moment.bytes <= HELD_BYTES
        self._held = moment if exact else None

    def _missing(self) -> MissedEpoch | None:
        """Return the last epoch as one that was not copied, if it can be trained again."""
        if self._held is None:
            return None
        executor = self._training.executor
        trained_by = executor.threads, executor.numerics
        return MissedEpoch(self._held, self._epoch, self._now.ranking, *trained_by)

    def _look(self, ranking: RankingKey = LOWEST_KEY) -> EpochState:
        """Return what the training is after the last epoch, without what has to be copied."""
        run = self._training
        epoch = run.epochs_done - self._before
        return EpochState(epoch, ranking, self.stack, run.learning_rate, run.finite_weights)

    def _metrics(self, event: EpochDone) -> EpochMetrics:
        rate, lowest = event.learning_rate, event.lowest_rate
        return EpochMetrics(
            self._epoch,
            event.epochs - self._before,
            event.loss,
            event.accuracy,
            event.test_loss,
            event.test_accuracy,
            event.samples_per_second,
            event.seconds,
            event.validation_loss,
            event.validation_accuracy,
            None if rate == self._rate else rate,
            lowest if lowest < rate else None,
        )

    def _described(self, project: Project, names: RunNames) -> RunForm:
        train, origin = self._training.train, project.origin
        versions = {
            "layerscope": version(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            NUMERICS: self._training.network.numerics.TITLE,
        }
        classes = tuple(map(encodable, train.class_names))
        form = describe_own_start(project, classes, train.scaling, project.data_digest, versions)
        return msgspec.structs.replace(
            form,
            name=encodable(names.name)[:LONGEST_TEXT],
            project=encodable(names.file_name)[:LONGEST_TEXT],
            group=encodable(names.group)[:LONGEST_TEXT],
            state=TRAINING,
            started=datetime.now().astimezone().isoformat(timespec="milliseconds"),
            parent=None if origin is None else ParentForm(origin.run, origin.epoch),
        )


def _wished_id(names: RunNames) -> str:
    """Return the id that a run gets where no other has it: when it began, and a word."""
    word = _NOT_IN_NAMES.sub("-", (names.file_name or names.name).lower()).strip("-")[:40]
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{word.strip('-') or 'network'}"
