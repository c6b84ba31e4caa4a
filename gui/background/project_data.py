"""ProjectData: the samples that the open project asks for, as its network takes them."""

from collections.abc import Callable

from engine.model.project import Project
from engine.training.executor import InterruptedWorkError
from engine.training.samples import DataKey, data_key, learned_scaling
from gui.background.failures import NO_DATA, words_of
from gui.background.loading import Loading
from gui.background.mailbox import LoadedData


class ProjectData:
    """What is `used`: the samples that were loaded, scaled as the network learned to take them.

    They are loaded when others are asked for than before, or there was a problem with them.
    """

    def __init__(self, interrupted: Callable[[], bool]) -> None:
        self._interrupted = interrupted
        self._loading: Loading | None = None
        self._loaded: LoadedData | None = None
        self.used: LoadedData | None = None

    def take(self, project: Project) -> None:
        """Use the data of a project.

        Raises InterruptedWorkError if an urgent wish comes first; it is read on, and waited for
        again. Raises whatever reading has raised.
        """
        key, before = data_key(project.settings), self._loaded
        if self._loaded is None or self._loaded.key != key:
            self._loaded = self._load(key)
        train = self._loaded.train
        scaling = None if train is None else learned_scaling(project, train.input_shape)
        scaled = self._loaded.scaled(scaling)
        if self._loaded is not before or self.used is None or self.used.scaling != scaled.scaling:
            self.used = scaled

    def lose(self, problem: str) -> None:
        """Use no longer what can no longer be read; it is loaded again when it is taken again."""
        if self._loaded is not None:
            self.used = LoadedData(self._loaded.key, problem=problem)
            self._loaded = None

    def _load(self, key: DataKey) -> LoadedData:
        if self._loading is None or self._loading.key != key:
            self._loading = Loading(key)
        try:
            data = LoadedData(key, *self._loading.wait(self._interrupted))
        except InterruptedWorkError:
            raise
        except Exception as error:
            self._loading = self._loaded = None
            self.used = LoadedData(key, problem=words_of(error) or NO_DATA)
            raise
        self._loading = None
        return data
