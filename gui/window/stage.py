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
    QResizeEvent,
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
    QWidget,
)

from gui.storage.preferences import Preferences, StageLayout
from gui.theme import GRID, GUTTER, PADDING, colours_of, text_font
from gui.widgets.buttons import text_button
from gui.widgets.layouts import Card, FittingWidget, in_column, in_row
from gui.widgets.segments import Segments
from gui.window.views import LOSS, NETWORK, SETTINGS, STAGE, TRIED, LazyPanel, ViewEntry

_ACROSS, _DOWN = (248, 702, 298), (560, 124)  # px at 1280×800
_LOW = 640  # px; in a lower stage the loss is hidden beside Under glass
_ROOMY = 52 * GRID  # px of a place, in which something may lie over the foot of its first view
_DRAWER = 46 * GRID  # px, of the training settings
# px of views, whatever they ask for: width and height
_LEAST = {
    NETWORK: (21 * GRID, 20 * GRID),
    STAGE: (38 * GRID, 20 * GRID),
    TRIED: (24 * GRID, 20 * GRID),
    LOSS: (22 * GRID, 9 * GRID),
}
_SHARES = (1, 6, 2)  # of more width, or of less
_OWN = QSize(60 * GRID, 45 * GRID)  # of a window of its own, at least
_H, _V = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
_NAMES = "action.export_"  # how the names of the actions begin
Listed = Sequence[tuple[ViewEntry[Any], QWidget]]  # each view with its widget, or its place


def panel_of(view: QWidget) -> QWidget:
    """Return the panel that a view is, or that has its place there."""
    return view.panel() if isinstance(view, LazyPanel) else view


def turn_full_screen(window: QWidget) -> None:
    """Let a window fill its screen, or be as it was before, maximized or not."""
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)


def exports_of(panel: QWidget) -> list[QAction]:
    """Return the actions that export a panel; none if it cannot be exported."""
    return [action for action in panel.actions() if action.objectName().startswith(_NAMES)]


class OwnWindow(QWidget):
    """A window of its own for a view, such as on a second screen; closed, it gives it back.

    The keys of the window that it comes from work in it too.
    """

    closed = Signal()

    def __init__(self, title: str, view: QWidget, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(title)
        self._home = parent.window()
        in_column(view, of=self, margins=PADDING)
        self.addActions(self._home.actions())
        view.show()
        panel_of(view).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the full screen on Escape, or else close."""
        if event.key() != Qt.Key.Key_Escape:
            QApplication.sendEvent(self._home, event)
        elif self.isFullScreen():
            turn_full_screen(self)
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the view back."""
        self.closed.emit()
        super().closeEvent(event)


class Place(FittingWidget, Card):
    """A card with a head and the views that share it; `wanted` is a view, chosen by a person."""

    wanted = Signal(str)
    menu_wanted = Signal(QPoint)
    filling_wanted = Signal()

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
        self.setMinimumWidth(_LEAST[title][0] + 2 * PADDING)
        self.pages.setMinimumSize(*_LEAST[title])
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
        tip = f"More of {title}: other views, files, a window of its own"
        self.more = text_button("place.more", "", tip, spoken=tip, flat=True, picture="more")
        self._more_width = self.more.sizeHint().width()
        self.more.clicked.connect(self._ask_for_menu)
        self.head.addWidget(self.more)
        self.front = QGridLayout()  # the views, and below them what may come and go
        self.front.setRowStretch(0, 1)
        self.pages.currentChanged.connect(self._share_front)
        self._share_front(0)
        margins = (PADDING, GRID, PADDING, GRID)
        in_column(self.head, (self.front, 1), of=self, gap=GRID, margins=margins)

    @property
    def current(self) -> str:
        """The title of the view that is seen."""
        return self._titles[self.pages.currentIndex()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the height, too; not with each request for a layout, for this makes one."""
        super().resizeEvent(event)
        self._share_front(self.pages.currentIndex())

    def show_view(self, title: str) -> None:
        """Bring a view before the others."""
        self._switching = True
        self.pages.setCurrentIndex(self._titles.index(title))
        self.fit()
        if self.switch is not None:
            self.switch.setCurrentIndex(self._titles.index(title))
        self._switching = False

    @Slot(int)
    def _share_front(self, place: int) -> None:
        """Let the first view lie under what comes, so that nothing in it moves.

        In a low place that would lie on names of blocks.
        """
        under = place == 0 and self.height() >= _ROOMY
        self.front.addWidget(self.pages, 0, 0, 2 if under else 1, 1)

    def offer(self, titles: Sequence[str]) -> None:
        """Name these views, and the one that is seen, on the switch; the others wait."""
        self._offered = [title for title in self._titles if title in titles]
        self.fit()

    def fit(self) -> None:
        """Name the views that have room on the switch; the rest are in a menu beside it."""
        if self.switch is None:
            return
        room = self.width() - 2 * PADDING - self._more_width - GRID
        current = self.current
        wanted = [title for title in self._titles if title in self._offered or title == current]
        widths = {t: self.switch.tabSizeHint(self._titles.index(t)).width() for t in wanted}
        shown = wanted
        if sum(widths.values()) > room:
            room -= widths[current] + self.more.fontMetrics().horizontalAdvance("+8") + GRID
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
        rest, style = len(wanted) - len(shown), Qt.ToolButtonStyle
        self.more.setText(f"+{rest}" if rest else "")
        self.more.setAccessibleDescription(f"{rest} more views" if rest else "")
        self.more.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if rest else style.ToolButtonIconOnly
        )

    def hidden(self) -> list[str]:
        """Return the views that have no room on the switch."""
        switch = self.switch
        shown = [switch is None or switch.isTabVisible(tab) for tab in range(len(self._titles))]
        pairs = zip(self._titles, shown, strict=True)
        return [title for title, seen in pairs if not seen and title in self._offered]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the place."""
        self.menu_wanted.emit(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fill the screen, or end that, at a double-click on the head."""
        if event.position().y() < self.pages.y() and event.button() == Qt.MouseButton.LeftButton:
            self.filling_wanted.emit()

    @Slot()
    def _ask_for_menu(self) -> None:
        self.menu_wanted.emit(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    @Slot(int)
    def _on_switch(self, tab: int) -> None:
        if not self._switching:
            self.wanted.emit(self._titles[tab])


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

    `alone_changed` says whether a view has all the room, `filling_wanted` carries the title of one
    that shall fill the screen, `in_view_changed` says that other views are seen.
    """

    alone_changed = Signal(bool)
    filling_wanted = Signal(str)
    in_view_changed = Signal()

    def __init__(self, listed: Listed) -> None:
        super().__init__()
        self.entries = [entry for entry, _ in listed]
        self.places = [Place(title, listed) for title in (NETWORK, STAGE, TRIED, LOSS)]
        self.network, self.stage, _, self.loss = self.places
        self._place_of = {title: place for place in self.places for title in place.views}
        self._own: dict[str, OwnWindow] = {}
        self._offered: dict[str, list[QAction]] = {}  # in the menus of views
        self._filled: Place | None = None  # that has the room of others
        self._sizes = [list(_ACROSS), list(_DOWN)]  # px, while none is
        self._last = self.stage  # that was in use, the network aside
        self._used = self.network  # last
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
            place.filling_wanted.connect(partial(self._on_filling, place))
            place.menu_wanted.connect(partial(self._show_menu, place))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._note_focus)

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
        self._make_room()
        if self._filled is None:
            place.show()
        elif place.isHidden():
            self.fill(title, alone=self.network.isHidden())
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
        self.show_all()
        self._set_sizes([list(_ACROSS), list(_DOWN)])
        for place in self.places:
            self.show_panel(next(iter(place.views)))
        self._last = self.stage

    def fill(self, title: str, *, alone: bool = True) -> None:
        """Let the place of a view have all the room, or, not `alone`, all but the network's."""
        self._note_sizes()
        chosen = self._filled = self._place_of[title]
        chosen.show_view(title)
        for place in self.places:
            place.setVisible(place is chosen or (place is self.network and not alone))
        self._upper.setVisible(chosen is not self.loss)
        rest = self._upper.width() - self._sizes[0][0]
        self._upper.setSizes([self._sizes[0][0], rest, rest])  # what is hidden takes none
        self._note(chosen)
        panel_of(chosen.views[title]).setFocus()
        self.alone_changed.emit(alone)
        self.in_view_changed.emit()

    @Slot()
    def show_all(self) -> None:
        """Give all places their room again."""
        if self._filled is None:
            return
        self._filled = None
        for place in self.places:
            place.show()
        self._upper.show()
        self._set_sizes(self._sizes)
        self._make_room()
        self.alone_changed.emit(False)
        self.in_view_changed.emit()

    @property
    def filled(self) -> bool:
        """Whether a place has the room of others."""
        return self._filled is not None

    def in_use(self) -> tuple[str, QWidget]:
        """Return the view that was in use last, with its title; the network does not count."""
        title = self._last.current
        return title, panel_of(self._last.views[title])

    def entry_in_use(self) -> ViewEntry[Any]:
        """Return the view that was in use last, of the network's too."""
        window = QApplication.activeWindow()
        own = [title for title, each in self._own.items() if each is window]
        title = own[0] if own else self._used.current
        return next(entry for entry in self.entries if entry.title == title)

    def remember(self, preferences: Preferences) -> None:
        """Note the sizes of the places and what is seen in them."""
        self._note_sizes()
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
        self._last = self.stage

    def _make_room(self) -> None:
        """Where it is low, leave the room of the loss to the numbers of Under glass."""
        low = self.height() < _LOW and self.stage.current == "Step by step"
        if self._filled is None and low != self.loss.isHidden():
            self._note_sizes()
            self.loss.setHidden(low)
            self._set_sizes(self._sizes)

    def _note_sizes(self) -> None:
        """Note the sizes of the places, unless some of them are hidden."""
        if self._filled is None and not self.loss.isHidden():
            self._sizes = [splitter.sizes() for splitter in self.splitters]

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
        word = place.entries[title].word
        sentence = f"{word} is in a window of its own."
        stand_in = EmptyPlace(sentence, lambda: self._own[title].close())
        index = place.pages.indexOf(view)
        place.pages.removeWidget(view)
        place.pages.insertWidget(index, stand_in)
        place.pages.setCurrentIndex(index)
        window = self._own[title] = OwnWindow(word, view, self)

        def take_back() -> None:
            del self._own[title]
            place.pages.removeWidget(stand_in)
            stand_in.deleteLater()
            place.pages.insertWidget(index, view)
            place.show_view(title)
            window.deleteLater()
            panel_of(view).setFocus()
            self.in_view_changed.emit()

        window.closed.connect(take_back)
        window.resize(view.size().expandedTo(_OWN))
        window.show()
        self.in_view_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the loss, or show it again."""
        super().resizeEvent(event)
        self._make_room()

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
        self._used = place
        if place is not self.network:
            self._last = place

    def _on_filling(self, place: Place) -> None:
        self.filling_wanted.emit(place.current)

    def _show_menu(self, place: Place, at: QPoint) -> None:
        menu = QMenu(place)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = place.current
        view = place.views[title]
        for other in place.hidden():
            menu.addAction(place.entries[other].word, partial(self.show_panel, other))
        menu.addSeparator()
        if place.entries[title].is_panel:
            menu.addActions(exports_of(panel_of(view)))
            menu.addSeparator()
        menu.addActions(self._offered.get(title, []))
        menu.addSeparator()
        menu.addAction("&Full screen (F11)").triggered.connect(place.filling_wanted)
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
