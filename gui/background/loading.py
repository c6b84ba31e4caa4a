"""Loading: reads data in a thread of its own, so that a slow disk delays neither Stop nor close."""

import logging
import threading
from collections.abc import Callable
from concurrent import futures

from engine.data.dataset import Dataset
from engine.data.parts import Parts
from engine.data.sources import choose, read
from engine.errors import DataError, InterruptedWorkError
from engine.training.samples import DataKey, digest_of_data, source_of
from gui.state import LoadedData

GLANCE = 0.02  # s between two looks at whether something urgent is wished
_logger = logging.getLogger(__name__)


def parts_for(key: DataKey, data: LoadedData | None) -> Parts | None:
    """Return what was read already, if samples of a key are chosen of it."""
    return data.parts if data is not None and source_of(data.key) == source_of(key) else None


class Loading:
    """Reads the data of one key. If nothing waits for the end any more, it is given up.

    Parts that were read before are not read again, if only other samples are chosen of them.
    No disk can be told to give up a read, so the thread is one that the program does not wait for.
    """

    def __init__(self, key: DataKey, parts: Parts | None = None) -> None:
        self.key = key
        self.parts = parts
        self.fraction: float | None = None  # that is read, if it is known
        self._given_up = False
        self._data: futures.Future[tuple[Dataset, Dataset, str]] = futures.Future()
        threading.Thread(target=self._read, name="loading", daemon=True).start()

    def wait(self, interrupted: Callable[[], bool]) -> tuple[Dataset, Dataset, str]:
        """Return the training and the test samples, and their fingerprint, when they are read.

        Raises InterruptedWorkError if the caller wishes so before the end; one may then wait again.
        Raises whatever reading has raised, and DataError if it was given up.
        """
        while not futures.wait([self._data], GLANCE).done:
            if interrupted():
                raise InterruptedWorkError
            if self._given_up:
                raise self._no_longer()
        return self._data.result(0)

    def give_up(self) -> None:
        """Read no more than must be; who waits is told that it was given up."""
        self._given_up = True

    def _read(self) -> None:
        key = self.key
        chosen = key.classes, key.limit, key.test_split, key.seed
        rest = key.scaling, key.copies, key.drawings, key.validation_split
        try:
            if self.parts is None:
                self.parts = read(*source_of(self.key), self._report)
            training, test = choose(self.parts, key.data, *chosen, *rest)
            _logger.info("%s: %d training and %d test samples", key.data, len(training), len(test))
            digest = digest_of_data(key.data, training, test)
            self._data.set_result((training, test, digest))
        except Exception as error:  # it is raised again where the data is waited for
            self._data.set_exception(error)

    def _report(self, done: int, total: int) -> None:
        self.fraction = done / total if total else None
        if self._given_up:
            raise self._no_longer()

    def _no_longer(self) -> DataError:
        return DataError(f"Reading {self.key.data} was cancelled. Choose data, or read it again.")
