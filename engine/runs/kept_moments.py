"""KeptMoments: the files of a run's moments, of which those stay that there is room for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from engine.files.atomic import replace_file
from engine.model.project import Project
from engine.runs.kept_epochs import epochs_to_keep
from engine.runs.moment_files import STATES, WEIGHTS, epoch_file, state_pieces, weights_pieces
from engine.runs.pending_writes import EpochState
from engine.training.best_epoch import RankingKey


class KeptMoments:
    """Writes moments into a run folder, where they take `room` bytes at most, or are but one.

    `start` is the project with which the run began; `bookmarks` reads which epochs a user wants.
    """

    def __init__(
        self, folder: Path, start: Project, room: int, bookmarks: Callable[[], Collection[int]]
    ) -> None:
        self._folder, self._start, self._room = folder, start, room
        self._bookmarks = bookmarks
        self.sizes: dict[int, int] = {}  # bytes of those that are kept, by epoch
        self._rankings: dict[int, RankingKey] = {}

    def write(self, moment: EpochState) -> None:
        """Write a moment. Raises OSError."""
        project, name = moment.project(self._start), epoch_file(moment.epoch)
        state = state_pieces(project, self._start.stack)
        if state is not None:
            replace_file(self._folder / STATES / name, state)
        weights = weights_pieces(project)
        replace_file(self._folder / WEIGHTS / name, weights)
        self.sizes[moment.epoch] = sum(map(len, [*weights, *(state or ())]))
        self._rankings[moment.epoch] = moment.ranking

    def thin(self) -> None:
        """Delete moments until there is room for the others."""
        for epoch in self.sizes.keys() - self._kept(self.sizes, self._rankings):
            # Some systems delete no file that somebody reads: it goes the next time.
            with suppress(PermissionError):
                for part in (WEIGHTS, STATES):  # weights without a state would not go on exactly
                    (self._folder / part / epoch_file(epoch)).unlink(missing_ok=True)
                del self.sizes[epoch], self._rankings[epoch]

    def to_keep(self, moments: Sequence[EpochState]) -> list[EpochState]:
        """Leave out of some moments what would be deleted again once the others are written."""
        least = max(self.sizes.values(), default=0)  # a file is larger than what is in it
        sizes = self.sizes | {each.epoch: max(least, each.bytes) for each in moments}
        rankings = self._rankings | {each.epoch: each.ranking for each in moments}
        kept = self._kept(sizes, rankings)
        return [each for each in moments if each.epoch in kept]

    def _kept(
        self, sizes: Mapping[int, int], rankings: Mapping[int, RankingKey]
    ) -> Collection[int]:
        """Return which moments stay of some, by epoch their bytes and how good they are."""
        if sum(sizes.values()) <= self._room or len(sizes) == 1:
            return sizes.keys()
        best = max(rankings, key=rankings.__getitem__)
        most = self._room // max(sizes.values())
        return epochs_to_keep(sizes, most, best=best, bookmarks=self._bookmarks())
