"""Stage: the places of the window. Each has a few views, of which one is seen."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSplitter,
    QSplitterHandle,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from gui.storage.preferences import Preferences, StageLayout
from gui.theme import GRID, GUTTER, PADDING, colours_of, text_font
from gui.widgets.buttons import text_button
from gui.widgets.icons import icon
from gui.widgets.layouts import Card, FittingWidget, in_column, in_row, named
from gui.widgets.segments import Segments
from gui.window.views import LOSS, NETWORK, SETTINGS, STAGE, TRIED, LazyPanel, ViewEntry

BACK = "Back to all"
_ACROSS, _DOWN = (248, 702, 298), (560, 124)  # px at 1280×800
_DRAWER = 46 * GRID  # px, of the training settings
# px of views, whatever they ask for
_LEAST = {NETWORK: 22 * GRID, STAGE: 38 * GRID, TRIED: 26 * GRID}
_SHARES = (1, 6, 2)  # of more width, or of less
_LOWEST = 20 * GRID  # px
_OWN = QSize(60 * GRID, 45 * GRID)  # of a window of its own, at least
_H, _V = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
_NAMES = "action.export_"  # how the names of the actions begin
Listed = Sequence[tuple[ViewEntry[Any], QWidget]]  # each view with its widget, or its place


def exports_of(panel: QWidget) -> list[QAction]:
    """Return the actions that export a panel; none if it cannot be exported."""
    return [action for action in panel.actions() if action.objectName().startswith(_NAMES)]


def fill_with_exports(menu: QMenu, title: str, panel: QWidget) -> None:
    """Let a menu offer what a panel can be exported as, under its title."""
    menu.clear()
    exports = exports_of(panel)
    words = title if exports else f"{title} cannot be exported: click another panel first"
    menu.addAction(words.replace("&", "&&")).setEnabled(False)
    menu.addActions(exports)


class OwnWindow(QWidget):
    """A window of its own for a view, such as on a second screen; closed, it gives it back."""

    closed = Signal()

    def __init__(self, title: str, view: QWidget, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(title)
        self.view = view
        in_column(view, of=self, margins=PADDING)
        view.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the view back."""
        self.closed.emit()
        super().closeEvent(event)


class Place(FittingWidget, Card):
    """A card with a head and the views that share it; `wanted` is a view, chosen by a person."""

    wanted = Signal(str)
    menu_wanted = Signal(QPoint)
    enlarging_wanted = Signal()

    def __init__(self, title: str, listed: Listed) -> None:
        super().__init__()
        self.setObjectName(f"place.{title.lower()}")
        self.setAccessibleName(title)
        self.entries = {each.title: each for each, _ in listed if each.place == title}
        self.views = {each.title: view for each, view in listed if each.place == title}
        self._titles = list(self.views)
        self._switching = False
        self.pages = QStackedWidget()
        for view in self.views.values():
            self.pages.addWidget(view)
        if title in _LEAST:
            self.setMinimumWidth(_LEAST[title] + 2 * PADDING)
            self.pages.setMinimumSize(_LEAST[title], _LOWEST)
        self.head = QHBoxLayout()
        self.head.setSpacing(GRID)
        self.switch: Segments | None = None
        if len(self.views) > 1:
            self.switch = Segments(f"{self.objectName()}.switch", f"Views of {title}")
            for name, entry in self.entries.items():
                self.switch.setTabToolTip(self.switch.addTab(entry.word), name)
            self.switch.currentChanged.connect(self._on_switch)
            self.head.addWidget(self.switch)
            self.head.addStretch(1)
            self._offered = self._titles
        else:
            label = QLabel(title)
            label.setFont(text_font(bold=True))
            self.head.addWidget(label)
            if title == NETWORK:
                self.head.addStretch(1)
        self._more = _tool("more", f"More of {title}: other views, files, a window of its own")
        self._back = _tool("back", BACK)
        self._more.clicked.connect(self._ask_for_menu)
        self._back.clicked.connect(self.enlarging_wanted)
        self.head.addWidget(self._back)
        self.head.addWidget(self._more)
        self.front = QGridLayout()  # over the views, for what lies over their foot
        self.front.addWidget(self.pages, 0, 0)
        margins = (PADDING, GRID, PADDING, GRID)
        in_column(self.head, (self.front, 1), of=self, gap=GRID, margins=margins)
        self.show_enlarged(False)

    @property
    def current(self) -> str:
        """The title of the view that is seen."""
        return self._titles[self.pages.currentIndex()]

    def show_view(self, title: str) -> None:
        """Bring a view before the others."""
        self._switching = True
        self.pages.setCurrentIndex(self._titles.index(title))
        self.fit()
        if self.switch is not None:
            self.switch.setCurrentIndex(self._titles.index(title))
        self._switching = False

    def offer(self, titles: Sequence[str]) -> None:
        """Name these views, and the one that is seen, on the switch; the others wait."""
        self._offered = [title for title in self._titles if title in titles]
        self.fit()

    def fit(self) -> None:
        """Name the views that have room on the switch; the rest are in a menu beside it."""
        if self.switch is None:
            return
        room = self.width() - 2 * PADDING - self._more.sizeHint().width() - GRID
        if self._back.isVisibleTo(self):
            room -= self._back.sizeHint().width() + GRID
        current = self.current
        wanted = [title for title in self._titles if title in self._offered or title == current]
        widths = {t: self.switch.tabSizeHint(self._titles.index(t)).width() for t in wanted}
        shown = wanted
        if sum(widths.values()) > room:
            room -= widths[current]
            shown = [current]
            for title in wanted:
                if title != current and widths[title] <= room:
                    room -= widths[title]
                    shown.append(title)
        width = sum(widths[title] for title in shown)
        self.switch.setMinimumWidth(max(width, self.switch.width()))  # Qt scrolls what has no room
        for tab, title in enumerate(self._titles):
            # Where nothing changes, Qt would forget that it has to place the tabs anew.
            if self.switch.isTabVisible(tab) != (title in shown):
                self.switch.setTabVisible(tab, title in shown)
        self.switch.setFixedWidth(width)

    def hidden(self) -> list[str]:
        """Return the views that have no room on the switch."""
        switch = self.switch
        shown = [switch is None or switch.isTabVisible(tab) for tab in range(len(self._titles))]
        pairs = zip(self._titles, shown, strict=True)
        return [title for title, seen in pairs if not seen and title in self._offered]

    def show_enlarged(self, enlarged: bool) -> None:
        """Offer the way back, or not."""
        self._back.setVisible(enlarged)
        self.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the place."""
        self.menu_wanted.emit(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge the place, or end that, at a double-click on its head."""
        if event.position().y() < self.pages.y() and event.button() == Qt.MouseButton.LeftButton:
            self.enlarging_wanted.emit()

    @Slot()
    def _ask_for_menu(self) -> None:
        self.menu_wanted.emit(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    @Slot(int)
    def _on_switch(self, tab: int) -> None:
        if not self._switching:
            self.wanted.emit(self._titles[tab])


def _tool(name: str, spoken: str) -> QToolButton:
    button = named(QToolButton(), f"place.{name}", spoken, spoken)
    button.setIcon(icon(name))
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class _Splitter(QSplitter):
    """The gutter between two places; nothing is drawn in it."""

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(GUTTER)

    def createHandle(self) -> QSplitterHandle:
        return _Gutter(self.orientation(), self)


class _Gutter(QSplitterHandle):
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw nothing."""


class Drawer(Card):
    """Lies over the right side of the places while all training settings are wanted."""

    def __init__(self, content: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("place.settings")
        self.setAccessibleName(SETTINGS)
        label = QLabel(SETTINGS)
        label.setFont(text_font(bold=True))
        close = text_button("settings.close", "✕", "Close (Esc)", spoken="Close", flat=True)
        close.clicked.connect(self.hide)
        head = in_row(label, 1, close)
        in_column(head, (content, 1), of=self, margins=(PADDING, GRID, GRID, GRID))
        parent.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the right edge."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def showEvent(self, event: QShowEvent) -> None:
        """Lie over all else."""
        super().showEvent(event)
        self._place()
        self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _place(self) -> None:
        under = self.parentWidget()
        assert under is not None
        width = min(_DRAWER, under.width() - 2 * GUTTER)
        self.setGeometry(under.width() - width - GUTTER, GUTTER, width, under.height() - 2 * GUTTER)


class Stage(QWidget):
    """Holds every view in its place: the network, the stage, what it is tried on, and the loss.

    `enlarged_changed` says whether a place has the room of the others, `in_view_changed` that
    other views are seen.
    """

    enlarged_changed = Signal(bool)
    in_view_changed = Signal()

    def __init__(self, listed: Listed) -> None:
        super().__init__()
        self.entries = [entry for entry, _ in listed]
        self.places = [Place(title, listed) for title in (NETWORK, STAGE, TRIED, LOSS)]
        self.network, self.stage, self.tried, self.loss = self.places
        self._place_of = {title: place for place in self.places for title in place.views}
        self._own: dict[str, OwnWindow] = {}
        self._offered: dict[str, list[QAction]] = {}  # in the menus of views
        self._enlarged: Place | None = None
        self._sizes = [list(_ACROSS), list(_DOWN)]  # px, while none is
        self._last = self.stage  # that was in use, the network aside
        self.splitters = self._upper, self._outer = _Splitter(_H), _Splitter(_V)
        for number, share in enumerate(_SHARES):
            self._upper.addWidget(self.places[number])
            self._upper.setStretchFactor(number, share)
        self._outer.addWidget(self._upper)
        self._outer.addWidget(self.loss)
        self._outer.setStretchFactor(0, 1)
        in_column(self._outer, of=self, margins=GUTTER)
        self.drawer = Drawer(listed[-1][1], self)
        for place in self.places:
            place.wanted.connect(self.show_panel)
            place.enlarging_wanted.connect(partial(self._on_enlarging, place))
            place.menu_wanted.connect(partial(self._show_menu, place))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._note_focus)

    @property
    def titles(self) -> list[str]:
        """The titles of all views, as they stand in the menu."""
        return [entry.title for entry in self.entries]

    def place_of(self, title: str) -> QWidget:
        """Return the place in which a view is seen."""
        return self.drawer if title == SETTINGS else self._place_of[title]

    def is_in_view(self, title: str) -> bool:
        """Return whether a view is seen in the window, in front of the others of its place."""
        if title == SETTINGS:
            return self.drawer.isVisible()
        place = self._place_of[title]
        return title not in self._own and place.isVisible() and place.current == title

    def show_panel(self, title: str) -> None:
        """Bring a view into sight, in front of those that share its place."""
        if title == SETTINGS:
            self.drawer.show()
            return
        if title in self._own:
            self._own[title].raise_()
            self._own[title].activateWindow()
            return
        place = self._place_of[title]
        place.show_view(title)
        if self._enlarged is not None and place.isHidden():
            self.toggle_enlarged()
        self._note(place)
        self.in_view_changed.emit()

    @Slot()
    def toggle_settings(self) -> None:
        """Show the training settings, or hide them again."""
        self.drawer.setVisible(not self.drawer.isVisible())

    def reset(self) -> None:
        """Give all places the sizes and the views of the first start."""
        for window in list(self._own.values()):
            window.close()
        if self._enlarged is not None:
            self.toggle_enlarged()
        self._set_sizes([list(_ACROSS), list(_DOWN)])
        for place in self.places:
            self.show_panel(next(iter(place.views)))

    def toggle_enlarged(self, title: str | None = None, *, alone: bool = False) -> None:
        """Let a place have the room of all but the network, or `alone` of all; or end that.

        Without a title it is the place that was in use last.
        """
        if self._enlarged is not None:
            self._enlarged.show_enlarged(False)
            self._enlarged = None
            for place in self.places:
                place.show()
            self._upper.show()
            self._set_sizes(self._sizes)
        else:
            chosen = self._last if title is None else self._place_of[title]
            if title is not None:
                chosen.show_view(title)
            self._sizes = [splitter.sizes() for splitter in self.splitters]
            self._enlarged = chosen
            chosen.show_enlarged(True)
            for place in self.places:
                place.setVisible(place is chosen or (place is self.network and not alone))
            self._upper.setVisible(chosen is not self.loss)
            rest = self._upper.width() - self._sizes[0][0]
            self._upper.setSizes([self._sizes[0][0], rest, rest])  # what is hidden takes none
            self._note(chosen)
        self.enlarged_changed.emit(self.enlarged)
        self.in_view_changed.emit()

    @property
    def enlarged(self) -> bool:
        """Whether a place has the room of the others."""
        return self._enlarged is not None

    def in_use(self) -> tuple[str, QWidget]:
        """Return the view that was in use last, with its title; the network does not count."""
        title = self._last.current
        view = self._last.views[title]
        return title, view.panel() if isinstance(view, LazyPanel) else view

    def remember(self, preferences: Preferences) -> None:
        """Note the sizes of the places and what is seen in them."""
        if self._enlarged is None:
            self._sizes = [splitter.sizes() for splitter in self.splitters]
        across, down = self._sizes
        preferences.stage = StageLayout(across, down, [place.current for place in self.places])

    def restore(self, preferences: Preferences) -> None:
        """Arrange the places as they were, or as at the first start."""
        self.reset()
        held = preferences.stage
        if held is None or len(held.across) != len(_ACROSS) or len(held.down) != len(_DOWN):
            return
        self._set_sizes([held.across, held.down])
        for title in held.views:
            if title in self._place_of:
                self.show_panel(title)

    def _set_sizes(self, sizes: Sequence[list[int]]) -> None:
        for splitter, some in zip(self.splitters, sizes, strict=True):
            splitter.setSizes(some)

    def offer_in_menu(self, title: str, actions: Sequence[QAction]) -> None:
        """List actions in the menu of a view."""
        self._offered[title] = list(actions)

    def put_into_window(self, title: str) -> None:
        """Put a view into a window of its own beside this one."""
        place = self._place_of[title]
        view = place.views[title]
        sentence = f"{title} is in a window of its own."
        stand_in = EmptyPlace(sentence, lambda: self._own[title].close())
        index = place.pages.indexOf(view)
        place.pages.removeWidget(view)
        place.pages.insertWidget(index, stand_in)
        place.pages.setCurrentIndex(index)
        window = self._own[title] = OwnWindow(title, view, self)

        def take_back() -> None:
            del self._own[title]
            place.pages.removeWidget(stand_in)
            stand_in.deleteLater()
            place.pages.insertWidget(index, view)
            place.show_view(title)
            window.deleteLater()
            self.in_view_changed.emit()

        window.closed.connect(take_back)
        window.resize(view.size().expandedTo(_OWN))
        window.show()
        self.in_view_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground under the cards."""
        QPainter(self).fillRect(self.rect(), QColor(colours_of(self.palette()).ground))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Remember the place that was clicked, whether it takes the focus or not."""
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            self._note_focus(None, self.window().childAt(event.position().toPoint()))
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        """Look at every click in the window."""
        super().showEvent(event)
        window = self.window().windowHandle()
        if window is not None:
            window.installEventFilter(self)

    def _note_focus(self, _before: QWidget | None, widget: QWidget | None) -> None:
        """Remember the place that a widget is in."""
        while widget is not None and widget not in self.places:
            widget = widget.parentWidget()
        if isinstance(widget, Place):
            self._note(widget)

    def _note(self, place: Place) -> None:
        if place is not self.network:
            self._last = place

    def _on_enlarging(self, place: Place) -> None:
        self.toggle_enlarged(place.current)

    def _show_menu(self, place: Place, at: QPoint) -> None:
        menu = QMenu(place)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = place.current
        view = place.views[title]
        for other in place.hidden():
            menu.addAction(place.entries[other].word, partial(self.show_panel, other))
        menu.addSeparator()
        if place.entries[title].is_panel:
            menu.addActions(exports_of(view.panel() if isinstance(view, LazyPanel) else view))
            menu.addSeparator()
        menu.addActions(self._offered.get(title, []))
        menu.addSeparator()
        larger = menu.addAction("Back to all places" if self.enlarged else "&Enlarge (F11)")
        larger.triggered.connect(place.enlarging_wanted)
        own = menu.addAction("In a &window of its own")
        own.setEnabled(title not in self._own)
        own.triggered.connect(lambda: self.put_into_window(title))
        menu.popup(at)


class EmptyPlace(QWidget):
    """Stands in for a view that is in a window of its own; `take_back` brings it back."""

    def __init__(self, sentence: str, take_back: Callable[[], object]) -> None:
        super().__init__()
        label = QLabel(sentence)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        button = text_button("place.take_back", "Take it back")
        button.clicked.connect(take_back)
        in_column(1, label, (button, 0, Qt.AlignmentFlag.AlignHCenter), 1, of=self, gap=GRID)
