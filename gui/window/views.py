"""ViewEntry: a line of the table of views, and the place of a view that is made later."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.widgets.layouts import in_column

_SOON = 10  # ms; till then the window has answered what else came with the click
NETWORK, STAGE, TRIED, LOSS = "Network", "Stage", "Tried on", "Loss"  # the places
SETTINGS = "Training settings"  # lie over the places
T = TypeVar("T")


class ViewEntry(cached_property[T]):
    """What a view is called, in which place it is seen, how it is made, drawn and exported.

    Its value is the widget, or what has it as its `panel`: it is made when it is first asked for,
    or its place is seen, or `at_once`. `word` names it on the switch of its place. What `is_panel`
    is drawn in turn and exported: by its own `export`, or else as it stands, and as a table if it
    has `as_csv`. What speaks `of_pinned` is drawn in one turn with all that speaks of the pinned
    image. `after_training` it has a meaning, and none before. `page` is that of the manual, unless
    that is called like the view.
    """

    attrname: str  # as in the names of objects: `panel.glass`, `action.view.glass`

    def __init__(
        self,
        title: str,
        place: str,
        make: Callable[[Any], T],
        word: str = "",
        page: str = "",
        *,
        is_panel: bool = True,
        at_once: bool = False,
        of_pinned: bool = False,
        after_training: bool = False,
    ) -> None:
        super().__init__(lambda views: self._taken_in(views, make(views)))
        self.title, self.place, self.word = title, place, word or title
        self.is_panel, self.of_pinned, self.after_training = is_panel, of_pinned, after_training
        self._at_once, self._page = at_once, page

    def _taken_in(self, views: Any, made: T) -> T:
        if self.is_panel:
            views.take_in(self, widget_of(made))
        return made

    @property
    def page(self) -> str:
        """The page of the manual about it."""
        return f"{self._page or self.attrname}.md"

    def place_in(self, views: Any) -> QWidget:
        """Return the widget of the view, or what keeps its place till it is made."""

        def make() -> QWidget:
            return widget_of(self.__get__(views))

        return make() if self._at_once else LazyPanel(f"panel.{self.attrname}", self.title, make)


def widget_of(made: Any) -> QWidget:
    """Return the widget of what makes a view: itself, or its panel."""
    widget = made if isinstance(made, QWidget) else made.panel
    assert isinstance(widget, QWidget)
    return widget


def entries_of(views: type) -> list[ViewEntry[Any]]:
    """Return the lines of a table, in their order."""
    return [each for each in vars(views).values() if isinstance(each, ViewEntry)]


class LazyPanel(QWidget):
    """Keeps the place and the size of a panel that is made later, and till then its name.

    The panel is made when it is asked to be, or else as soon as the place has been seen.
    """

    def __init__(self, name: str, title: str, make: Callable[[], QWidget]) -> None:
        super().__init__()
        self._make = make
        self._filled = False
        self._panel: QWidget | None = None
        self.setObjectName(name)
        self.setAccessibleName(title)
        in_column(of=self)

    @Slot()
    def fill(self) -> None:
        """Make the panel and put it here, unless it is here; its name is its own from now on."""
        if self._filled:
            return
        self._filled = True
        self._panel = self._make()
        self.setObjectName("")
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._panel)

    def panel(self) -> QWidget:
        """Return the panel, which is made now if need be."""
        self.fill()
        assert self._panel is not None
        return self._panel

    def paintEvent(self, event: QPaintEvent) -> None:
        """Have the panel made: its place is seen. It must not delay this painting."""
        super().paintEvent(event)
        if not self._filled:
            QTimer.singleShot(_SOON, self, self.fill)
