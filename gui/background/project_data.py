"""ProjectData: the samples that the open project asks for, as its network takes them."""

from collections.abc import Callable

from engine.data.parts import Parts
from engine.errors import DataError, InterruptedWorkError
from engine.model.project import Project
from engine.training.samples import DataKey, data_key, learned_scaling, source_of
from gui.background.failures import NO_DATA, NOT_USED_HERE, words_of
from gui.background.loading import Loading
from gui.background.mailbox import LoadedData


class ProjectData:
    """What is `used`: the samples that were loaded, scaled as the network learned to take them.

    They are loaded when others are asked for than before, or there was a problem with them.
    """

    def __init__(
        self, interrupted: Callable[[], bool], tell: Callable[[Loading | None], None]
    ) -> None:
        """Use nothing yet.

        `tell` is called with what is being loaded, and with None when that is over.
        """
        self._interrupted, self._tell = interrupted, tell
        self._loading: Loading | None = None
        self._loaded: LoadedData | None = None
        self.used: LoadedData | None = None
        self.unread = frozenset[str]()  # what the user has to be asked about first

    def take(self, project: Project) -> None:
        """Use the data of a project.

        Raises InterruptedWorkError if an urgent wish comes first; it is read on, and waited for
        again. Raises whatever reading has raised.
        """
        key, before = data_key(project.settings), self._loaded
        if self._loaded is None or self._loaded.key != key:
            self._loaded = self._load(key)
        else:
            self._leave()
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
        if key.data in self.unread:
            self.forget()
            self.used = LoadedData(key, problem=NOT_USED_HERE.format(key.data))
            raise DataError(self.used.problem)
        loading = self._loading
        if loading is None or source_of(loading.key) != source_of(key):
            loading = self._begin(key, self._parts_for(key))
        try:
            chosen = loading.wait(self._interrupted)
            if loading.key != key:  # another choice was made while the same files were read
                loading = self._begin(key, loading.parts)
                chosen = loading.wait(self._interrupted)
            data = LoadedData(key, *chosen, parts=loading.parts)
        except InterruptedWorkError:
            raise
        except Exception as error:
            self._leave()
            self._loaded = None
            self.used = LoadedData(key, problem=words_of(error) or NO_DATA, parts=loading.parts)
            raise
        self._leave()
        return data

    def _begin(self, key: DataKey, parts: Parts | None) -> Loading:
        self._leave()
        self._loading = loading = Loading(key, parts)
        self._tell(loading)
        return loading

    def forget(self) -> None:
        """Have all read anew when it is taken next."""
        self._leave()
        self._loaded = self.used = None

    def _parts_for(self, key: DataKey) -> Parts | None:
        """Return what was read already, if samples of a key are chosen of it."""
        used = self.used
        return used.parts if used is not None and source_of(used.key) == source_of(key) else None

    def _leave(self) -> None:
        """Wait no longer for what is being loaded."""
        if self._loading is not None:
            self._loading.give_up()
            self._loading = None
            self._tell(None)
