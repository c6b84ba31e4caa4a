"""MainWindow: puts the document, the session, the editor and the panels together."""

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QKeyCombination,
    QMargins,
    QObject,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QWidget,
)

from engine.files.project_file import PROJECT_ENDING
from engine.model.templates import TEMPLATES
from gui.background.jobs import Jobs
from gui.background.session import Session
from gui.background.view import View
from gui.data.known_sets import KnownSetsPresenter
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.exchange.exports import ExportPresenter
from gui.exchange.imports import ImportPresenter
from gui.forms.settings_form import TrainingSettings
from gui.help.help_actions import HelpActions
from gui.kernel_editor.presenter import KernelEditorPresenter
from gui.state import State
from gui.storage.autosave import CLOSE_SECONDS
from gui.storage.file_actions import FileActions
from gui.storage.preferences import PreferencesStore, WindowPreferences
from gui.storage.recent import RecentData
from gui.tour.greeting import Greeting, note_answer
from gui.widgets.buttons import disabled_action
from gui.widgets.labels import label_for_readers
from gui.widgets.layouts import in_column, tab_stops
from gui.widgets.messages import MessageBar
from gui.window.coach import CoachPresenter
from gui.window.data_actions import CHANGED_DATA, DataActions, compare_data
from gui.window.full_screen import FullScreen
from gui.window.menus import Menus
from gui.window.panels import LIVING, Panels
from gui.window.run_bar import RunBar
from gui.window.run_words import RunWordsPresenter
from gui.window.speed_box import SpeedSwitch
from gui.window.stage import Stage
from gui.window.time_machine import TimeMachine
from gui.window.views import NETWORK, SETTINGS
from gui.workspace.context import Context

if TYPE_CHECKING:
    from gui.tour.tour import Tour

FIRST_SIZE = QSize(1280, 800)  # at least; px, like all here, of the screen's scale
_SHARE = 0.85  # of what is free
# What a desktop puts around a window; how much is only known when the window is shown.
_FRAME = QMargins(8, 40, 8, 8)
_OFFSCREEN = QSize(800, 800)  # the screen that Qt's offscreen platform invents


def ask_for_menu() -> None:
    """Ask what has the focus for its menu, as Qt does for the Menu key."""
    widget = QApplication.focusWidget()
    if widget is not None:
        middle = widget.rect().center()
        reason = QContextMenuEvent.Reason.Keyboard
        event = QContextMenuEvent(reason, middle, widget.mapToGlobal(middle))
        QApplication.sendEvent(widget, event)


def place_window(window: QWidget, held: WindowPreferences) -> None:
    """Give a new window the size that it had, or its first one, inside its screen."""
    free = _free(window)
    first = FIRST_SIZE if free is None else (free.size() * _SHARE).expandedTo(FIRST_SIZE)
    size = first if held.size is None else QSize(*held.size)
    if free is None:
        window.resize(size)
    else:
        window.setGeometry(fitted(size, free))
    if held.maximized:
        window.setWindowState(Qt.WindowState.WindowMaximized)


def remember_window(window: QWidget, held: WindowPreferences) -> None:
    """Note whether a window is maximized, and the size that it has when it is not."""
    held.maximized = window.isMaximized()
    size = window.normalGeometry().size()
    if not size.isEmpty():
        held.size = size.width(), size.height()


def fitted(size: QSize, free: QRect) -> QRect:
    """Return where a window of a size, without its frame, stands in the middle of a free room.

    It is as large as there is room within the frame.
    """
    room = free.marginsRemoved(_FRAME)
    placed = QRect(room.topLeft(), size.boundedTo(room.size()))
    placed.moveCenter(room.center())
    return placed


def _free(window: QWidget) -> QRect | None:
    """Return the free room of the window's screen; None where the platform has no screen."""
    screen = window.screen()
    if QGuiApplication.platformName() == "offscreen" and screen.size() == _OFFSCREEN:
        return None
    return screen.availableGeometry()


class Startup(QObject):
    """Takes the steps that complete a window, one with each turn of the event loop.

    They begin when the window has been painted, so that it is there the sooner. For a window that
    is never shown they begin at once. `done` is emitted after the last.
    """

    done = Signal()

    def __init__(self, window: QWidget, steps: Iterable[Callable[[], object]]) -> None:
        super().__init__(window)
        self._window, self._steps = window, iter(steps)
        self._painted = self.ended = False
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the first painting."""
        if event.type() == QEvent.Type.Paint:
            self._painted = True
            self._window.removeEventFilter(self)
            self._timer.start()
        return False

    def finish(self) -> None:
        """Take all steps that are left, now: what they make is needed."""
        while not self.ended:
            self._take_step()

    def stop(self) -> None:
        """Take no step any more: the window closes."""
        self._timer.stop()
        self._window.removeEventFilter(self)
        self.ended = True

    @Slot()
    def _go_on(self) -> None:
        if self._painted or not self._window.isVisible():
            self._take_step()

    def _take_step(self) -> None:
        step = next(self._steps, None)
        if step is None:
            self.stop()
            self.done.emit()
        else:
            self._timer.start()  # first, so that the others are taken even if this one fails
            step()


# What is said of a topic is over once that part of the state is another.
_FIRST_LOOK = 2_000  # ms that a run gives way to a view that comes into sight
_UNSAID: dict[str, Callable[[State], object]] = {
    "training": lambda s: (s.document.stack, s.document.opened),
    CHANGED_DATA: lambda s: s.document.settings,
    "waiting keys": lambda s: s.document.locked,
    "checkpoint": lambda s: s.checkpoint,
}


class MainWindow(QMainWindow):
    """The window: the network on the left, what it does on the right, the run above both.

    `defect_found` may be emitted in any thread, with a sentence that says what failed.
    """

    defect_found = Signal(str)

    def __init__(self, preferences: PreferencesStore, project: Path | None = None) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self._preferences = preferences
        self.document = Document(TEMPLATES["notebook"](), self)
        self.edits, self.kernel_edits = Edits(self.document), KernelEdits(self.document)
        self.session = Session(self.document, self, self._may_read)
        self.view = View(self.document, self.session, self)
        self.jobs = Jobs(self)
        self.messages = MessageBar()
        self.files = FileActions(self.document, self.messages, preferences, self)
        self.settings = TrainingSettings(self.document, self.edits, self.messages)
        context = Context(
            self,
            self.document,
            self.edits,
            self.kernel_edits,
            self.session,
            self.view,
            self.jobs,
            preferences,
            self.messages,
            lambda title: self.stage.show_panel(title),
            lambda title: self.stage.filling_wanted.emit(title),
        )
        self.kernel_editor = KernelEditorPresenter(context)
        self.imports = ImportPresenter(context, self.files)
        self.time_machine = TimeMachine(context)
        self.panels = Panels(context, self.settings, self.kernel_editor, self.imports)
        self.network = self.panels.network
        self._taken = ""
        self._resets = 0  # for which messages were cleared
        self.menus = Menus(context, self.files, self.network.actions_)
        self.settings.add_action("seed", self.menus.new_seed)
        self.stage = Stage(self.panels.listed)
        self.known_sets = KnownSetsPresenter(context)
        self.speed = SpeedSwitch(self.session, preferences)
        self.run_bar = RunBar(
            self.menus.train,
            self.menus.step_batch,
            self.menus.train_menu,
            self.speed,
            self.menus.main,
            self.jobs,
            self.known_sets.jobs,
            self.panels.series_jobs,
        )
        self.coach = CoachPresenter(context, self.speed, self.stage)
        self.exports = ExportPresenter(context)
        self.menus.add_exchange(self.exports.action, self.imports.action)
        choosing = DataActions(context, self.settings, self.panels)
        self.settings.add_action("classes", choosing.classes)
        self.menus.data_menu.addActions(
            [*choosing.listed, self.known_sets.action, choosing.images_cap, self.menus.load]
        )
        self._help = HelpActions(self, self.document, self.messages, self._start_tour)
        self.menus.add_help(self._help.listed)
        self.menus.add_exchange(self.panels.follow_run)
        self.full_screen = FullScreen(self.stage, self.run_bar, self)
        QShortcut(QKeySequence("Shift+F10"), self, ask_for_menu)
        self._arrange()
        self._connect()
        self.setAcceptDrops(True)
        if project is not None:
            self.files.open_path(project)
        self._show_title()
        RunWordsPresenter(context, self.run_bar)
        self.run_bar.train.setFocus()
        steps = [*self.panels.steps(), self._add_exports, self.session.start]
        self.startup = Startup(self, [*steps, partial(label_for_readers, self)])
        self._use_keys()
        self._greeting = Greeting(context, self.files, self.coach)
        self.startup.done.connect(self._greet)
        self._offer_views()

    def sizeHint(self) -> QSize:
        """Ask for the size of the first start."""
        return FIRST_SIZE

    def _use_keys(self) -> None:
        """Let the keys of all actions work, although the bar of the menus is hidden."""
        everywhere = Qt.ShortcutContext.WindowShortcut
        actions = [each for each in self.findChildren(QAction) if each.shortcuts()]
        self.addActions([each for each in actions if each.shortcutContext() == everywhere])

    @Slot(str)
    def report_defect(self, text: str) -> None:
        """Say that the program itself failed; the work stays in the window."""
        saving = "Your network is still here: save it under another name."
        self.messages.say("defect", f"{text} {saving}")

    def end_threads(self) -> None:
        """End what runs beside the window, and wait a moment for it."""
        self.jobs.close()
        self.known_sets.jobs.close()
        self.view.close()
        self.session.close()
        self.panels.end_threads()

    # --- building ----------------------------------------------------------------------------

    def _arrange(self) -> None:
        center = QWidget()
        in_column(self.run_bar, (self.stage, 1), of=center, gap=0)
        self.stage.stage.front.addWidget(self.coach.bar, 1, 0)
        head = self.stage.loss.head
        head.insertWidget(1, self.panels.loss.words, 1)
        head.insertWidget(2, self.time_machine.bar, 2)
        self.setCentralWidget(center)
        self.messages.lie_over(center)
        self.setMenuBar(self.menus.bar)
        self.menus.bar.hide()
        self.menus.add_panels(self.stage)
        self.menus.train_menu.addAction(self.panels.more_runs)
        looks = [self.full_screen.action, self.full_screen.projector, self.coach.action]
        self.menus.add_looking(looks)
        mistakes = self.panels.predictions.mistake_actions
        for actions in (mistakes, [self.time_machine.go_on, self.time_machine.back]):
            self.menus.add_looking(actions, in_place=True)
        self.stage.offer_in_menu(NETWORK, [self.menus.reset, self.menus.new_seed])
        self.stage.offer_in_menu("Data", self.menus.data_menu.actions())
        self.stage.offer_in_menu("Test image", mistakes)
        place_window(self, self._preferences.current.window)
        self.stage.restore(self._preferences.current)

    def _connect(self) -> None:
        store = self.document.store
        store.watch(lambda s: (s.document.path, s.document.modified), self._show_title)
        store.watch(lambda s: (s.document.trained, s.run.active), self._offer_views)
        store.watch(lambda s: (s.document.locked, s.document.resets), self._clear_messages)
        store.watch(lambda s: s.data.loaded, self._on_data)
        self.session.failed.connect(self._on_failure)
        self.view.failed.connect(partial(self.messages.say, "checkpoint"))
        for topic, select in _UNSAID.items():
            store.watch(select, partial(self.messages.unsay, topic), self)
        self.network.actions_.help.triggered.connect(self._explain)
        self.network.actions_.edit_kernels.triggered.connect(self.kernel_editor.open_selected)
        self.run_bar.gear.clicked.connect(self.stage.toggle_settings)
        self._first_look = QTimer(self, interval=_FIRST_LOOK, singleShot=True)
        self._first_look.timeout.connect(partial(self.session.set_throttle, "view", False))
        self.stage.in_view_changed.connect(self._give_way)
        self.coach.input_wanted.connect(self._lead_to_setting)
        self.coach.tour_wanted.connect(self._start_tour)
        self.settings.download_wanted.connect(self.known_sets.open)
        self.files.samples_loaded.connect(self.view.show_samples)
        self.files.data_dropped.connect(self.settings.choose_data)
        self.settings.taken.connect(self._on_data_taken)
        self.files.run_dropped.connect(self.panels.follow)
        self.defect_found.connect(self.report_defect)

    def _add_exports(self) -> None:
        """List what a panel exports in the File menu."""
        self.menus.add_exchange(self.panels.drawing.export_action)

    # --- what happens ------------------------------------------------------------------------

    @Slot()
    def _give_way(self) -> None:
        """Let a run leave the time to a view that is drawn for the first time, or after long."""
        if self.session.run.busy:
            self.session.set_throttle("view", True)
            self._first_look.start()

    @Slot(str)
    def _on_data_taken(self, path: str) -> None:
        self.stage.show_panel("Data")
        self._taken = path
        self._say_taken()  # it may be in use already

    def _say_taken(self) -> None:
        """Say that data which was dropped or chosen is in use, once it was read and fits."""
        data = self.session.data
        if self._taken and data is not None and data.key.data == self._taken:
            if not data.problem:
                self.messages.done(f"Training is with the data of {self._taken} now.")
            self._taken = ""

    def _clear_messages(self) -> None:
        """Begin anew when a training begins, and when another one shall."""
        state = self.document.state
        if state.locked or state.resets != self._resets:
            self.messages.clear()
        self._resets = state.resets

    def _offer_views(self) -> None:
        """Name the views that tell of a training once there has been one."""
        trained = self.document.trained or self.session.run.active
        known = trained or self._preferences.current.run_speed is not None
        for place in self.stage.places:
            entries = place.entries.values()
            place.offer([each.title for each in entries if known or not each.after_training])

    def _may_read(self, data: str, project: Path | None) -> bool:
        """Return whether data is read unasked: of the open project, or of a run."""
        return RecentData(self._preferences).knows(data, project)

    @Slot()
    def _on_data(self) -> None:
        data = self.session.data
        if data is None:
            return
        if not data.problem:
            self.messages.unsay("training")
        compare_data(self.document, data, self.messages)
        self._say_taken()
        self.network.cautions.set_samples(None if data.train is None else len(data.train))

    @Slot(str)
    def _on_failure(self, text: str) -> None:
        """Say what failed, unless the coach does."""
        self.document.store.flush()  # what has changed before takes no later message away
        if not self.coach.says(text):
            self.messages.say("training", text)

    @Slot()
    def _greet(self) -> None:
        if self.isVisible():
            self._greeting.greet()

    @cached_property
    def tour(self) -> "Tour":
        """The tour, made when it is first wanted."""
        from gui.tour.tour import Tour
        from gui.tour.window_parts import WindowParts

        return Tour(
            WindowParts(
                self,
                self.document,
                self.session,
                self.menus,
                self.run_bar,
                self.stage,
                self.network,
                self.panels,
                self.coach,
            )
        )

    @Slot()
    def _start_tour(self, why: bool = False) -> None:
        self.startup.finish()
        self.view.back_to_now()
        self.coach.withdraw_offer()
        note_answer(self._preferences)
        self.tour.start(why=why)

    @Slot()
    def _explain(self) -> None:
        """Open the manual at the kind of block, or the view, that was in use last."""
        entry = self.stage.entry_in_use()
        if entry.title == NETWORK or self.network.palette_.isVisible():
            self._help.open_page("blocks.md", self.network.kind_in_use())
        else:
            view = getattr(self.panels, entry.attrname)
            self._help.open_page(entry.page, getattr(view, "heading", entry.word))

    @Slot(str)
    def _lead_to_setting(self, field: str) -> None:
        of_data = self.settings.is_of_data(field)
        self.stage.show_panel("Data" if of_data else SETTINGS)
        (self.panels.data if of_data else self.settings).lead_to(field)

    def _show_title(self) -> None:
        path = self.document.path
        name = path.name.removesuffix(PROJECT_ENDING) if path is not None else "Untitled network"
        placeholder = "[*]"  # twice, where it stands for itself
        # The dash is the one with which Qt puts the program's name behind the titles of dialogs.
        self.setWindowTitle(f"{name.replace(placeholder, 2 * placeholder)}[*] — Layerscope")
        self.setWindowModified(self.document.modified)
        self.run_bar.show_name(name, unsaved=self.document.modified)

    # --- events ------------------------------------------------------------------------------

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab go as one reads; Qt would go as the widgets were made."""
        stops, now = list(tab_stops(self)), QApplication.focusWidget()
        while now is not None and now not in stops:  # a click on a part of it gave it the focus
            now = now.parentWidget()
        if now is None:
            return super().focusNextPrevChild(forward)
        tab = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        stops[(stops.index(now) + (1 if forward else -1)) % len(stops)].setFocus(tab)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Space train or pause, and Escape lead back, where no control wants them."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.menus.train.trigger()
        elif event.key() == Qt.Key.Key_Escape and self.stage.drawer.isVisible():
            self.stage.drawer.hide()
        elif event.key() == Qt.Key.Key_Escape and self.stage.filled:
            self.stage.show_all()
        elif event.key() == Qt.Key.Key_Escape and self.time_machine.back.isEnabled():
            self.time_machine.back.trigger()
        elif event.key() == Qt.Key.Key_Escape and self.stage.is_in_view("Step by step"):
            self.stage.show_panel(LIVING)
        else:
            self._explain_waiting(event.keyCombination())
            super().keyPressEvent(event)

    def _explain_waiting(self, keys: QKeyCombination) -> None:
        """Say while training runs what keys wait for that nothing in the window has taken."""
        waiting = self.document.locked and disabled_action(self.findChildren(QAction), keys)
        if waiting:
            self.messages.say("waiting keys", waiting.toolTip())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files, after the program that they come from has been let go."""
        paths = [Path(url.toLocalFile() or url.toString()) for url in event.mimeData().urls()]
        event.acceptProposedAction()
        QTimer.singleShot(0, self, partial(self.files.open_dropped, paths))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work and a series that goes on, then vanish and end the threads."""
        if not self.files.may_leave(self.panels.series_jobs.ending):
            event.ignore()
            return
        self.startup.stop()
        with self._preferences.changing() as preferences:
            self.stage.remember(preferences)
            remember_window(self, preferences.window)
        self.hide()
        self.end_threads()
        self.files.autosave.close()
        self._preferences.wait(CLOSE_SECONDS)
        event.accept()
