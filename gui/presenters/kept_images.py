"""KeptImagesPresenter: shows how much room decoded images take, lets it be limited and cleared."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMainWindow

from engine.data.known.known_sets import megabytes
from engine.errors import LayerscopeError
from gui.background.waiting import look, wait_for
from gui.widgets.actions import make_action

if TYPE_CHECKING:
    from engine.data.image_files.image_cache import ImageCache
    from gui.window.kept_images import KeptImagesWindow

_MEGABYTE = 1_000_000
_SILENT = "The disk does not answer at once: what is kept is not known now."


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
        limit = megabytes_kept * _MEGABYTE
        failed = "The limit was not saved"
        self._change("Changing the limit", lambda: self._cache.set_limit(limit), failed)

    @Slot()
    def _clear(self) -> None:
        self._change("Removing images", self._cache.clear, "Not all was removed")

    def _change(self, title: str, work: Callable[[], None], failed: str) -> None:
        """Change what is kept, show what is there then, and say what went wrong."""
        problem = ""
        try:
            wait_for(self._window, title, lambda _: work())
        except OSError as error:
            problem = f"{failed}: {error.strerror}. Check the rights of the folder."
        except LayerscopeError as error:
            problem = str(error)
        self._show(problem)

    def _show(self, problem: str = "") -> None:
        """Show what is kept, if the disk says so at once."""
        cache = self._cache
        found = look(lambda: (cache.usage(), cache.limit), otherwise=None)
        if found is None:
            limit = self._window.limit.value()
            self._window.show_state(_SILENT, limit, clearable=False, problem=problem)
            return
        (sets, size), limit = found
        what = "1 set of images is" if sets == 1 else f"{sets:,} sets of images are"
        taken = f"{what} kept, which takes {megabytes(size)}." if sets else "No images are kept."
        self._window.show_state(taken, limit // _MEGABYTE, bool(sets), problem)
