"""Docks: where the panels stand; they can be moved, and come back as they were."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise

from PySide6.QtCore import (
    QByteArray,
    QChildEvent,
    QEvent,
    QObject,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from gui.storage.preferences import PanelLayout, Preferences
from gui.theme import GRID
from gui.widgets.elision import ElidedLabel
from gui.widgets.icons import icon
from gui.widgets.layouts import in_row
from gui.widgets.slim_tabs import SlimTabs
from gui.widgets.tab_mark import TabMark

BACK = "Back to all panels"
_ICON = 12  # px


class TitleBar(QWidget):
    """Stands above a panel; dragged, it moves the panel. A double-click enlarges or ends that.

    `menu_wanted` asks for the menu of the panel, at a place of the screen.
    """

    menu_wanted = Signal(QPoint)
    enlarging_wanted = Signal()
    floating_wanted = Signal()

    def __init__(self, dock: QDockWidget, *, enlarges: bool, exports: bool) -> None:
        super().__init__(dock)
        title = dock.windowTitle()
        self._enlarges = enlarges
        self._exports = exports
        self._title = title
        self._label = ElidedLabel()
        self._label.setAccessibleName(title)
        self.export = _button("export", f"Export {title} as picture, drawing or table")
        self.export.setVisible(exports)
        self.enlarge = _button("enlarge", f"Enlarge {title}")
        self.enlarge.setVisible(enlarges)
        self.float = _button("float", f"Put {title} into a window of its own, or back")
        self.close_button = _button("close", f"Close {title}; View > {title} brings it back")
        self.export.clicked.connect(self._ask_for_menu)
        self.enlarge.clicked.connect(self.enlarging_wanted)
        self.float.clicked.connect(self.floating_wanted)
        self.close_button.clicked.connect(dock.close)
        in_row(
            (self._label, 1),
            self.export,
            self.enlarge,
            self.float,
            self.close_button,
            of=self,
            gap=0,
            margins=(GRID, 1, 2, 1),
        )
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_title(True)
        self.show_enlarged(False)

    def show_title(self, shown: bool) -> None:
        """Say the title, or leave that to the frame of a window."""
        self._label.setText(self._title if shown else "")

    def show_enlarged(self, enlarged: bool) -> None:
        """Offer the way back, in words, or to enlarge the panel."""
        style = Qt.ToolButtonStyle
        self.enlarge.setIcon(icon("put_back" if enlarged else "enlarge"))
        self.enlarge.setText(BACK)
        beside, alone = style.ToolButtonTextBesideIcon, style.ToolButtonIconOnly
        self.enlarge.setToolButtonStyle(beside if enlarged else alone)
        self.enlarge.setAutoRaise(not enlarged)
        words = "End the enlargement (Escape or F11)" if enlarged else "Enlarge this panel (F11)"
        self.enlarge.setToolTip(words)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the panel."""
        if self._exports:
            self.menu_wanted.emit(event.globalPos())

    @Slot()
    def _ask_for_menu(self) -> None:
        self.menu_wanted.emit(self.export.mapToGlobal(self.export.rect().bottomLeft()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge the panel, or end that."""
        if self._enlarges and event.button() == Qt.MouseButton.LeftButton:
            self.enlarging_wanted.emit()
            event.accept()
        else:
            super().mouseDoubleClickEvent(event)


def _button(name: str, spoken: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(f"title.{name}")
    button.setIcon(icon(name))
    button.setIconSize(QSize(_ICON, _ICON))
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setAccessibleName(spoken)
    button.setToolTip(spoken)
    return button


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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

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
            QTimer.singleShot(0, self, self.fill)


_NAMES = "action.export_"  # how the names of the actions begin


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


_WAIT = 100  # ms, to look again whether the mouse was released
_FLAGS = (
    Qt.WindowType.Window
    | Qt.WindowType.CustomizeWindowHint
    | Qt.WindowType.WindowTitleHint
    | Qt.WindowType.WindowSystemMenuHint
    | Qt.WindowType.WindowMaximizeButtonHint
    | Qt.WindowType.WindowCloseButtonHint
)
_PANEL = 0  # page of a dock, before the blank one
VERSION = 1  # of what is remembered; another one is not read
LEAST_SIZE = 38 * GRID, 20 * GRID  # of a panel
# Titles of the panels: on the left, then the places on the right, each with its tabs. The first of
# a place is in front.
NETWORK = "Network"
UPPER_LEFT = ("Feature maps", "Living network", "Kernels", "Under glass")
UPPER_RIGHT = ("Loss", "Gradients")
LOWER_LEFT = ("Predictions", "Confusion matrix", "Draw", "Data", "Runs")
ALL_CLOSED = "All panels are closed. View > Reset layout brings them back."
LOWER_RIGHT = ("Training settings",)
_PLACES = (UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT, LOWER_RIGHT)
NOT_EXPORTED = (NETWORK, *LOWER_RIGHT)
Part = tuple[float, float]  # of the width and of the height of the room
FIRST_PARTS: dict[str, Part] = {
    NETWORK: (0.25, 1.0),
    UPPER_LEFT[0]: (0.395, 0.49),
    LOWER_LEFT[0]: (0.395, 0.47),
    UPPER_RIGHT[0]: (0.345, 0.58),
    LOWER_RIGHT[0]: (0.345, 0.38),
}


def float_or_dock(dock: QDockWidget) -> None:
    """Put a panel into a window of its own beside its old place, or back into the window."""
    if dock.isFloating():
        dock.setWindowState(Qt.WindowState.WindowNoState)
        dock.setFloating(False)
        dock.raise_()
        return
    old = QRect(dock.mapToGlobal(QPoint(0, 0)), dock.size())
    free = dock.screen().availableGeometry()
    dock.setFloating(True)
    dock.setGeometry(_within(_beside(old, free), free))


def give_frame(dock: QDockWidget, bar: TitleBar) -> None:
    """Let the desktop draw the frame of a floating panel, once no drag goes on.

    On X11 and Wayland Qt gives it none.
    """
    framed = dock.isFloating() and dock.windowFlags() & _FLAGS == _FLAGS
    bar.show_title(not framed)
    if framed or not dock.isFloating():
        return
    if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
        QTimer.singleShot(_WAIT, dock, lambda: give_frame(dock, bar))
        return
    shown, place = not dock.isHidden(), dock.geometry()
    dock.setWindowFlags(_FLAGS)
    dock.setGeometry(place)
    dock.setVisible(shown)
    bar.show_title(False)


def _within(place: QRect, free: QRect) -> QRect:
    """Move a place into a free room, as far as it fits there."""
    moved = QRect(place)
    moved.moveLeft(max(free.left(), min(place.left(), free.right() - place.width())))
    moved.moveTop(max(free.top(), min(place.top(), free.bottom() - place.height())))
    return moved


def _beside(old: QRect, free: QRect) -> QRect:
    """Return a place to the left or the right of an old one, or else a little below it."""
    left, right = old.translated(-old.width() - GRID, 0), old.translated(old.width() + GRID, 0)
    for place in (left, right):
        if free.left() <= place.left() and place.right() <= free.right():
            return place
    return old.translated(4 * GRID, 4 * GRID)


class DockShares:
    """Gives each dock the parts of the room that it was given, as far as least sizes allow.

    Qt alone shares by the sizes of the moment. In a small window these are the least sizes, and Qt
    would take them for what is wanted when there is room again.
    """

    def __init__(self, host: QMainWindow) -> None:
        self._host = host
        self.parts: dict[QDockWidget, Part] = {}  # none for docks that were not seen
        self._dragged: dict[QDockWidget, QSize] = {}  # sizes when a drag began

    def want(self, parts: Mapping[QDockWidget, Part]) -> None:
        """Give docks other parts."""
        self.parts = dict(parts)
        self.share_out()

    def note(self) -> None:
        """Take the sizes of the moment for what is wanted."""
        layout = self._host.layout()
        assert layout is not None
        layout.activate()
        for dock in self._in_front():
            self._keep(dock, across=True, down=True)

    def begin_drag(self) -> None:
        """Remember the sizes before the border between two docks is moved."""
        self._dragged = {dock: dock.size() for dock in self._in_front()}

    def end_drag(self) -> None:
        """Take the sizes that were changed for what is wanted."""
        for dock, before in self._dragged.items():
            across, down = dock.width() != before.width(), dock.height() != before.height()
            if across or down:
                self._keep(dock, across=across, down=down)
        self._dragged = {}

    def share_out(self) -> None:
        """Give the docks their parts of the room as it is now."""
        parts = [(dock, part) for dock in self._in_front() if (part := self._part(dock))]
        docks = [dock for dock, _ in parts]
        # Qt does not see to the least size of a dock that shall not grow.
        sizes = [self._size(part).expandedTo(dock.minimumSizeHint()) for dock, part in parts]
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self._host.resizeDocks(docks, [size.width() for size in sizes], across)
        self._host.resizeDocks(docks, [size.height() for size in sizes], down)

    def _part(self, dock: QDockWidget) -> Part | None:
        """Return the part that a dock is to have: its own, or that of another in its place."""
        beside = (dock, *self._host.tabifiedDockWidgets(dock))
        return next((self.parts[each] for each in beside if each in self.parts), None)

    def _size(self, part: Part) -> QSize:
        """Return the size that a dock with a part of the room is to have."""
        (width, height), room = part, self._host.size()
        return QSize(max(1, round(width * room.width())), max(1, round(height * room.height())))

    def _keep(self, dock: QDockWidget, *, across: bool, down: bool) -> None:
        """Note the size of a dock, and of those that share its place."""
        room = self._host.size()
        for each in (dock, *self._host.tabifiedDockWidgets(dock)):
            width, height = self._part(each) or (0.0, 0.0)
            self.parts[each] = (
                dock.width() / max(1, room.width()) if across else width,
                dock.height() / max(1, room.height()) if down else height,
            )

    def _in_front(self) -> list[QDockWidget]:
        """List the docks that are in view; Qt moves those behind other tabs out of sight."""
        docks = self._host.findChildren(QDockWidget)
        return [
            dock
            for dock in docks
            if not dock.isHidden()
            and not dock.isFloating()
            and dock.geometry().intersects(self._host.rect())
        ]


class Docks(QMainWindow):
    """Holds every panel in a dock that can be moved, floated, closed, or enlarged for a while.

    `enlarged_changed` says whether one is, `in_view_changed` that other panels are in view. It is a
    main window inside the window, so that what stands above the docks can be as high as its text
    needs.
    """

    enlarged_changed = Signal(bool)
    in_view_changed = Signal()

    def __init__(self, panels: dict[str, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self._marks: list[TabMark] = []  # of the selected tabs
        self._slim = SlimTabs()
        self._slim.setParent(self)
        self._docks = {title: self._dock(title, panel) for title, panel in panels.items()}
        self._shares = DockShares(self)
        self._arranging = False  # as the program wants it
        self._before_enlarging: QByteArray | None = None
        self._room_before = QSize()  # when the panel was enlarged
        self._enlarged: QDockWidget | None = None
        self._last: QDockWidget | None = None  # that was in use, the network aside
        self._empty = QLabel(ALL_CLOSED, self)
        self._empty.setObjectName("arrangement.empty")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setCentralWidget(self._empty)
        self._empty.hide()
        for dock in self._docks.values():
            dock.visibilityChanged.connect(self._on_visible)
            dock.dockLocationChanged.connect(self._on_moved)
            dock.topLevelChanged.connect(self.in_view_changed)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._note_focus)

    @property
    def titles(self) -> list[str]:
        """The titles of all panels."""
        return list(self._docks)

    def is_in_view(self, title: str) -> bool:
        """Return whether a panel is in its place in the window, in front of the others there."""
        dock = self._docks[title]
        return not dock.isFloating() and _pages_of(dock).currentIndex() == _PANEL

    def show_panel(self, title: str) -> None:
        """Bring a panel into view, in front of those that share its place."""
        dock = self._docks[title]
        if self._before_enlarging is not None and dock.isHidden():
            self.toggle_enlarged()
        dock.show()
        dock.raise_()
        self._note(dock)

    def reset(self) -> None:
        """Put all panels where they stand at the first start."""
        self._before_enlarging = None
        self._show_enlarged(None)
        self._arranging = True
        for dock in self._docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        # All in one area: of two, the left one would take what a larger window gives.
        area = Qt.DockWidgetArea.LeftDockWidgetArea
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        network = self._docks[NETWORK]
        maps, loss, predictions, settings = (self._docks[place[0]] for place in _PLACES)
        self.addDockWidget(area, network)
        self.splitDockWidget(network, maps, across)
        self.splitDockWidget(maps, loss, across)
        self.splitDockWidget(maps, predictions, down)
        self.splitDockWidget(loss, settings, down)
        for place in _PLACES:
            present = [self._docks[title] for title in place if title in self._docks]
            for one, other in pairwise(present):
                self.tabifyDockWidget(one, other)
        for dock in self._docks.values():
            dock.show()
        for place in _PLACES:
            self._docks[place[0]].raise_()
        self._arranging = False
        self._shares.want({self._docks[title]: part for title, part in FIRST_PARTS.items()})

    def toggle_enlarged(self, title: str | None = None, *, alone: bool = False) -> None:
        """Let a panel have the place of all but the network, or `alone` of all; or end that.

        Without a title it is the panel that was in use last. One that floats fills its screen.
        """
        if self._before_enlarging is not None:
            before, self._before_enlarging = self._before_enlarging, None
            self._show_enlarged(None)
            self._restore_state(before)
            if self.size() != self._room_before:
                self._shares.share_out()
            return
        chosen = self._in_front_of(self._last) if title is None else self._docks[title]
        if chosen is None or chosen.isHidden():
            chosen = self._docks[UPPER_LEFT[0]]
        if chosen.isFloating():
            chosen.setWindowState(chosen.windowState() ^ Qt.WindowState.WindowMaximized)
            return
        self._before_enlarging, self._room_before = self.saveState(VERSION), self.size()
        self._show_enlarged(chosen)
        chosen.show()
        for title, dock in self._docks.items():
            stays = dock is chosen or (title == NETWORK and not alone)
            if not stays and not dock.isFloating():
                dock.hide()
        self._note(chosen)  # whichever the focus was in, or went through
        self._shares.share_out()

    def in_use(self) -> tuple[str, QWidget]:
        """Return the panel that was in use last, with its title; the network does not count."""
        dock = self._in_front_of(self._last) or self._docks[UPPER_LEFT[0]]
        return dock.windowTitle(), _panel_of(dock)

    def _show_menu(self, dock: QDockWidget, place: QPoint) -> None:
        menu = QMenu(dock)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_with_exports(menu, dock.windowTitle(), _panel_of(dock))
        menu.popup(place)

    def _in_front_of(self, dock: QDockWidget | None) -> QDockWidget | None:
        """Return the panel that is seen in the place of another one: that itself, or its cover."""
        if dock is None or dock.isFloating() or self.is_in_view(dock.windowTitle()):
            return dock
        beside = self.tabifiedDockWidgets(dock)
        return next((each for each in beside if self.is_in_view(each.windowTitle())), dock)

    def remember(self, preferences: Preferences) -> None:
        """Note the arrangement."""
        if self._before_enlarging is not None:
            self.toggle_enlarged()
        state = bytes(self.saveState(VERSION).data())
        parts = {dock.windowTitle(): part for dock, part in self._shares.parts.items()}
        preferences.layout = PanelLayout(VERSION, list(self._docks), state, parts)

    def restore(self, preferences: Preferences) -> None:
        """Arrange the panels as they were, or as at the first start."""
        if not self._restore_layout(preferences.layout):
            self.reset()

    def _restore_layout(self, held: PanelLayout | None) -> bool:
        if held is None or held.version != VERSION:
            return False
        if {*held.panels} != self._docks.keys() or not held.parts.keys() <= self._docks.keys():
            return False
        if not self._restore_state(QByteArray(held.docks)):
            return False
        self._shares.want({self._docks[title]: part for title, part in held.parts.items()})
        return True

    def _restore_state(self, state: QByteArray) -> bool:
        self._arranging = True
        restored = self.restoreState(state, VERSION)
        self._arranging = False
        return restored

    @property
    def enlarged(self) -> bool:
        """Whether a panel has the place of the others."""
        return self._before_enlarging is not None

    def _show_enlarged(self, dock: QDockWidget | None) -> None:
        """Let the title bars say which panel is enlarged."""
        self._enlarged = dock
        for each in self._docks.values():
            _bar_of(each).show_enlarged(each is dock)
        self.enlarged_changed.emit(dock is not None)

    def showEvent(self, event: QShowEvent) -> None:
        """Look at every click in the window."""
        super().showEvent(event)
        window = self.window().windowHandle()
        if window is not None:
            window.installEventFilter(self)
        QTimer.singleShot(0, self, self._bring_up)

    def _bring_up(self) -> None:
        """Bring floating panels before the window, which comes up after them at the start."""
        for dock in self._docks.values():
            if dock.isFloating() and dock.isVisible():
                dock.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._shares.share_out()

    def event(self, event: QEvent) -> bool:
        """Keep the sizes that docks get when the border between them is dragged."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self._shares.begin_drag()
        done = super().event(event)
        if event.type() == QEvent.Type.MouseButtonRelease:
            self._shares.end_drag()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Remember the panel that was clicked, whether it takes the focus or not."""
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            self._note_focus(None, self.window().childAt(event.position().toPoint()))
        return super().eventFilter(watched, event)

    def _note_focus(self, _before: QWidget | None, widget: QWidget | None) -> None:
        """Remember the dock that a widget is in."""
        while widget is not None and widget not in self._docks.values():
            widget = widget.parentWidget()
        if isinstance(widget, QDockWidget):
            self._note(widget)

    def _note_tab(self, tabs: QTabBar, index: int) -> None:
        """Remember the panel whose tab was clicked."""
        if index >= 0:
            self._note(self._docks[tabs.tabText(index)])

    def _note(self, dock: QDockWidget) -> None:
        if dock is not self._docks[NETWORK]:
            self._last = dock

    @Slot()
    def _on_visible(self) -> None:
        """Never leave a user with an empty window."""
        if self._enlarged is not None and self._enlarged.isHidden():
            QTimer.singleShot(0, self, self._close_enlarged)  # when Qt has done with the dock
        docks = self._docks.values()
        self._empty.setVisible(all(dock.isHidden() or dock.isFloating() for dock in docks))
        self.in_view_changed.emit()

    @Slot()
    def _on_moved(self) -> None:
        """Keep the sizes that docks have after one was put into another place."""
        if not self._arranging:
            QTimer.singleShot(0, self, self._shares.note)  # when Qt has done with the dock

    @Slot()
    def _close_enlarged(self) -> None:
        """Bring the others back when the panel that had their place was closed."""
        closed = self._enlarged
        if closed is not None and closed.isHidden():
            self.toggle_enlarged()
            closed.close()

    def childEvent(self, event: QChildEvent) -> None:
        """Name the tabs that Qt makes for panels that share a place."""
        super().childEvent(event)
        tabs = event.child()
        if event.type() == QEvent.Type.ChildPolished and isinstance(tabs, QTabBar):
            tabs.setAccessibleName("Panels that share one place")
            tabs.setStyle(self._slim)
            tabs.tabBarClicked.connect(partial(self._note_tab, tabs))
            # Python forgets a mark that only Qt holds, and Qt makes new bars now and then.
            self._marks = [mark for mark in self._marks if isValid(mark)] + [TabMark(tabs)]

    def _dock(self, title: str, panel: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock.{panel_name(title)}")
        # Behind another tab Qt only moves a dock out of sight. A blank page hides the panel then,
        # so that it knows of it, and leaves the sizes as they are.
        pages = QStackedWidget()
        pages.setAccessibleName(panel.accessibleName())
        pages.addWidget(panel)
        pages.addWidget(QWidget())
        if title == NETWORK:  # what others leave is for what the network does
            dock.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        else:
            pages.setMinimumSize(*LEAST_SIZE)
            pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        dock.setWidget(pages)
        bar = TitleBar(dock, enlarges=title != NETWORK, exports=title not in NOT_EXPORTED)
        bar.menu_wanted.connect(partial(self._show_menu, dock))
        bar.enlarging_wanted.connect(lambda: self.toggle_enlarged(title))
        bar.floating_wanted.connect(lambda: float_or_dock(dock))
        dock.setTitleBarWidget(bar)
        dock.topLevelChanged.connect(lambda: give_frame(dock, bar))
        dock.visibilityChanged.connect(lambda seen: pages.setCurrentIndex(int(not seen)))
        return dock


def _pages_of(dock: QDockWidget) -> QStackedWidget:
    pages = dock.widget()
    assert isinstance(pages, QStackedWidget)
    return pages


def _panel_of(dock: QDockWidget) -> QWidget:
    panel = _pages_of(dock).widget(_PANEL)
    assert panel is not None
    return panel.panel() if isinstance(panel, LazyPanel) else panel


def _bar_of(dock: QDockWidget) -> TitleBar:
    bar = dock.titleBarWidget()
    assert isinstance(bar, TitleBar)
    return bar


def panel_name(title: str) -> str:
    """Return the name of a panel in names of objects."""
    return title.lower().replace(" ", "_")
