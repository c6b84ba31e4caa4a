"""Loading: reads data in a thread of its own, so that a slow disk delays neither Stop nor close."""

import threading
from collections.abc import Callable

from engine.data.dataset import Dataset
from engine.data.sources import load
from engine.training.executor import InterruptedWorkError
from engine.training.samples import DataKey, digest_of_data

GLANCE = 0.02  # s between two looks at whether something urgent is wished


class Loading:
    """Reads the data of one key. If nothing waits for the end any more, it reads on unseen.

    No disk can be told to give up a read, so the thread is one that the program does not wait for.
    """

    def __init__(self, key: DataKey) -> None:
        self.key = key
        self._done = threading.Event()
        self._data: tuple[Dataset, Dataset, str] | None = None
        self._error: Exception | None = None
        threading.Thread(target=self._read, name="loading", daemon=True).start()

    def wait(self, interrupted: Callable[[], bool]) -> tuple[Dataset, Dataset, str]:
        """Return the training and the test samples, and their fingerprint, when they are read.

        Raises InterruptedWorkError if the caller wishes so before the end; one may then wait again.
        Raises whatever reading has raised.
        """
        while not self._done.wait(GLANCE):
            if interrupted():
                raise InterruptedWorkError
        if self._error is not None:
            raise self._error
        assert self._data is not None
        return self._data

    def _read(self) -> None:
        try:
            samples = load(*self.key)
            self._data = *samples, digest_of_data(self.key[0], *samples)
        except Exception as error:  # it is raised again where the data is waited for
            self._error = error
        finally:
            self._done.set()
