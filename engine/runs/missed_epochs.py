"""MissedEpoch: the best or the last epoch of a run, if not copied, is trained again."""

import logging
from contextlib import closing
from typing import NamedTuple

from engine.compute.plain_numerics import Numerics
from engine.data.dataset import Dataset
from engine.model.project import Project
from engine.runs.pending_writes import EpochState
from engine.training.best_epoch import RankingKey, ranking_key
from engine.training.events import EpochDone
from engine.training.run import Training

_logger = logging.getLogger(__name__)


class MissedEpoch(NamedTuple):
    """Which epoch it is, how good it was, the last copy before it, and by what it was trained."""

    before: EpochState
    epoch: int
    ranking: RankingKey
    threads: int
    numerics: Numerics

    def trained_again(self, start: Project, data: tuple[Dataset, Dataset]) -> EpochState | None:
        """Train from the copy up to the epoch, which gives the same bits; return what it was then.

        `start` is the project with which the run began. None if another loss comes of it, for then
        rate, locks or weights were changed by hand in between, or if it fails.
        """
        try:
            found = self._train(self.before.project(start), start.trained_epochs + self.epoch, data)
        except Exception as fault:  # the run is whole without it
            _logger.warning("An epoch that was not copied cannot be trained again", exc_info=fault)
            return None
        if found is None or found.ranking.negative_loss != self.ranking.negative_loss:
            return None
        return found

    def _train(
        self, project: Project, age: int, data: tuple[Dataset, Dataset]
    ) -> EpochState | None:
        """Train a project until it has an age in epochs."""
        training = Training(
            project.check(),
            project.settings,
            *data,
            project.weights,
            first_epoch=project.trained_epochs,
            state=project.state,
            threads=self.threads,
            numerics=self.numerics,
        )
        with closing(training):
            for event in training.events():
                if isinstance(event, EpochDone) and event.epoch == age:
                    rate, weights = training.learning_rate, training.finite_weights
                    now = self.epoch, ranking_key(event), project.stack, rate, weights
                    return EpochState(*now, training.state())
        return None
