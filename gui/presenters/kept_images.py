"""KeptImagesPresenter: shows how much room decoded images take, lets it be limited and cleared."""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMainWindow

from engine.data.known.known_sets import megabytes
from gui.widgets.actions import make_action

if TYPE_CHECKING:
    from engine.data.image_files.image_cache import ImageCache
    from gui.window.kept_images import KeptImagesWindow

_MEGABYTE = 1_000_000


class KeptImagesPresenter(QObject):
    """Opens the window of the cache of decoded images, and does what is wished there."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._parent = window
        self.action = make_action(
            window,
            "kept_images",
            "&Decoded images…",
            self.open,
            tip="How much room the images of your files take that are kept to load sooner",
        )

    @Slot()
    def open(self) -> None:
        """Show the window."""
        self._show()
        self._window.open_window()

    @cached_property
    def _cache(self) -> "ImageCache":
        from engine.data.image_files.image_cache import ImageCache

        return ImageCache()

    @cached_property
    def _window(self) -> "KeptImagesWindow":
        from gui.window.kept_images import KeptImagesWindow

        made = KeptImagesWindow(str(self._cache.folder), self._parent)
        made.limit_chosen.connect(self._limit)
        made.clear_wanted.connect(self._clear)
        return made

    @Slot(int)
    def _limit(self, megabytes_kept: int) -> None:
        if megabytes_kept == self._cache.limit // _MEGABYTE:
            return
        problem = ""
        try:
            self._cache.set_limit(megabytes_kept * _MEGABYTE)
        except OSError as error:
            problem = f"The limit was not saved: {error.strerror}. Check the rights of the folder."
        self._show(problem)

    @Slot()
    def _clear(self) -> None:
        problem = ""
        try:
            self._cache.clear()
        except OSError as error:
            problem = f"Not all was removed: {error.strerror}. Check the rights of the folder."
        self._show(problem)

    def _show(self, problem: str = "") -> None:
        sets, size = self._cache.usage()
        what = "1 set of images is" if sets == 1 else f"{sets:,} sets of images are"
        taken = f"{what} kept, which takes {megabytes(size)}." if sets else "No images are kept."
        self._window.show_state(taken, self._cache.limit // _MEGABYTE, bool(sets), problem)
