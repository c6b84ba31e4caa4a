"""KnownPredictions: what runs said of the test samples, read once as long as it stays the same."""

import threading
from pathlib import Path

from engine.runs.file_reading import Stamp, is_settled, stamp_of
from engine.runs.prediction_files import EPOCHS, MOST_BYTES, SAMPLES, read_predictions
from engine.runs.predictions import RunPredictions


class KnownPredictions:
    """Reads the predictions of run folders, for several threads.

    Those that were read last are kept, as many as one run may have: a run that grows is told with
    those that it goes on from, after each epoch, and these do not change.
    """

    def __init__(self) -> None:
        self._holding = threading.Lock()
        self._known: dict[Path, tuple[Stamp, RunPredictions]] = {}  # the last asked for is last

    def read(self, folder: Path) -> RunPredictions | None:
        """Return the predictions of a run folder; None if it has none.

        Raises RunError if they are damaged.
        """
        stamp = stamp_of(folder, (SAMPLES, EPOCHS))
        settled = is_settled(stamp)
        with self._holding:
            known = self._known.pop(folder, None)
        if known is None or known[0] != stamp:
            found = read_predictions(folder)
            if found is None or not settled:
                return found
            known = stamp, found
        self._keep(folder, known)
        return known[1]

    def _keep(self, folder: Path, known: tuple[Stamp, RunPredictions]) -> None:
        with self._holding:
            self._known[folder] = known
            total = sum(said.bytes for _, said in self._known.values())
            for oldest in list(self._known)[:-1]:
                if total > MOST_BYTES:
                    total -= self._known.pop(oldest)[1].bytes
