"""RunRecorder: keeps a training as a run folder while it goes on, and never gets in its way."""

import logging
import platform
import re
import time
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np

from engine.machine.throttle import Throttle
from engine.model.project import CheckpointRef, Project
from engine.runs.checkpoint_files import EpochState, is_power_of_two
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

COPY_SHARE = 0.01  # of the time that copying other epochs than 1, 2, 4, 8, ... may take
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
    another. Where epochs are too short to copy each of them, some are not kept, the best maybe.
    Nothing is raised: if something cannot be written, the listener is told in a sentence, and the
    training goes on. A run without a finished epoch is removed at its end, unless it began
    with a name and has failed: what its steps have learned is in the project.
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
        self._epoch, self._ranking = 0, LOWEST_KEY
        self._copied = 0  # the last epoch that was copied
        self._ended = False
        self._copying = Throttle(least=0.0, share=COPY_SHARE)
        self.writer: RunWriter | None = None  # none where the run cannot be described
        try:
            begun = replace(project, trained_epochs=self._before, weights={}, state=None)
            form, start = self._described(begun, names), self._copy(LOWEST_KEY)
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
    def checkpoint(self) -> CheckpointRef | None:
        """The last whole epoch of the run; before there is one, what the run goes on from."""
        writer, epoch = self.writer, self._epoch
        run_id = self.run_id if epoch else ""
        if writer is not None and writer.failed:
            epoch = min(epoch, writer.last_epoch)
        return CheckpointRef(run_id, epoch) if run_id and epoch else self._origin

    def after_epoch(self, event: EpochDone) -> None:
        """Take what came of an epoch, right after it."""
        writer = self.writer
        if writer is None or writer.failed:
            return
        self._epoch = event.epoch - self._before
        self._ranking, copied = ranking_key(event), None
        if is_power_of_two(self._epoch) or self._copying.due():
            copied = self._copying.timed(lambda: self._copy(self._ranking))
            self._copied = self._epoch
        writer.put(self._metrics(event), event.test.outputs, copied)

    def end(self, state: str, reason: str = "") -> None:
        """Take the end of the run: finished, stopped or failed, and why if before its goal."""
        if self.writer is None or self._ended:
            return
        self._ended, last = True, None
        whole = self._training.position == self._before + self._epoch
        if self._copied != self._epoch and whole:
            last = self._copy(self._ranking)
            last = None if last.state is None else last  # it has exploded
        self.writer.put_end(state, reason, last)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait after the end until all is written, but no longer than so; return whether it is."""
        writer = self.writer
        return writer is None or not self.run_id or writer.wait(seconds)

    def _copy(self, ranking: RankingKey) -> EpochState:
        """Return what it takes to go on from the last epoch, after which no step was done."""
        run = self._training
        epoch, rate = run.epochs_done - self._before, run.learning_rate
        return EpochState(epoch, ranking, self.stack, rate, run.finite_weights, run.state())

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
