"""How the places of a window are arranged."""

from PySide6.QtCore import QSize

from gui.main_window import MainWindow

Arrangement = tuple[QSize, list[list[int]], list[str], bool, bool]


def layout_of(window: MainWindow) -> Arrangement:
    """Return the size of a window, those of its places, what is seen there, and what lies over."""
    stage = window.stage
    sizes = [splitter.sizes() for splitter in stage.splitters]
    seen = [place.current for place in stage.places]
    return window.size(), sizes, seen, stage.filled, stage.drawer.isVisible()
