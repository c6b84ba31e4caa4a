"""Menus: the window's menu bar and its actions, each enabled when it can do something."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QPalette
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar

from gui.document.document import LOCKED_REASON
from gui.document.edits import Edits
from gui.editor.editor_actions import EditorActions
from gui.storage.file_actions import FileActions
from gui.theme import Scheme, apply_theme
from gui.widgets.buttons import enable, make_action
from gui.widgets.icons import icon
from gui.widgets.labels import plain_tooltip
from gui.window.run_bar import next_run_button
from gui.window.stage import Stage
from gui.workspace.context import Context, Presenter

TEMPLATE_TITLES = {
    "notebook": "&First network: 0 or 1",
    "digits": "&Ten digits",
    "lenet": "&LeNet: ten digits, deeper",
    "resnet-small": "&ResNet, small: ten digits, with skip connections",
    "colour": "&Colour: pictures in red, green and blue",
    "blank": "&Blank",
}
TEMPLATE_TIPS = {
    "notebook": "A small network that tells 0 from 1, to begin with",
    "digits": "A network for all ten digits",
    "lenet": "A deeper network for all ten digits, which gets more of them right",
    "resnet-small": "A network whose blocks add to what earlier ones give; it learns longer",
    "colour": "A network for drawn scenes in colour; choose pictures of your own under Data",
    "blank": "No block yet, to build a network from nothing",
}
OPEN_TIP = "Open a project: a network with its settings and weights"
RECENT_TIP = "Open a project that was used lately"
SCHEMES: dict[str, Scheme] = {
    "As the &system": "system",
    "&Light": "light",
    "&Dark": "dark",
    "&High contrast": "high_contrast",
}
RUN_WORDS = {
    "Training": ("&Pause", "Pause after the present batch; Resume goes on"),
    "Paused": ("Res&ume", "Go on with the paused run"),
}
# The enabled train button is the obvious next one, so it has the colour of a selection.
ON_PRIMARY, ON_BUTTON = QPalette.ColorRole.HighlightedText, QPalette.ColorRole.ButtonText
DIGITS = 10  # the keys Ctrl+1 to Ctrl+9, Ctrl+0, and then Ctrl+Shift+1 and so on


class Menus(Presenter):
    """Makes every action and keeps what they say and whether they work up to date."""

    def __init__(self, context: Context, files: FileActions, edit: EditorActions) -> None:
        super().__init__(context)
        self._files = files
        self._make_file_actions()
        self._make_run_actions(self._edits)
        self.bar = QMenuBar(self._window)
        self._file, self.view_menu = QMenu("&File", self.bar), QMenu("&View", self.bar)
        self.data_menu, self.train_menu = QMenu("&Data", self.bar), QMenu("&Train", self.bar)
        self.main = QMenu("Menu", self._window)
        self.main.aboutToShow.connect(self._fill_main)
        self._fill(edit)
        store = self._document.store
        store.watch(
            lambda s: (
                s.document.report,
                s.document.settings,
                s.document.resets,
                s.data.loaded,
                s.run.phase,
            ),
            self._allow_runs,
        )
        store.watch(lambda s: s.run.phase, self._allow_other_projects)
        store.watch(lambda s: (s.document.trained, s.run.active), self._allow_reset)
        self._allow_runs()
        self._allow_other_projects()
        self._allow_reset()

    def add_panels(self, stage: Stage) -> None:
        """List the panels in the View menu, each to be brought to the front, and what arranges."""
        act = partial(make_action, self._window)
        for number, entry in enumerate(stage.entries, 1):
            shift = "" if number <= DIGITS else "Shift+"
            keys = f"Ctrl+{shift}{number % DIGITS}"
            show, tip = partial(stage.show_panel, entry.title), f"Bring {entry.title} into sight"
            action = act(f"view.{entry.attrname}", entry.title, show, keys=keys, tip=tip)
            self.view_menu.addAction(action)
        self.view_menu.addSeparator()
        reset = act(
            "reset_layout",
            "&Reset layout",
            stage.reset,
            tip="Give all places the sizes of the first start",
        )
        for menu in (self.view_menu, self._looks):
            menu.addAction(reset)
            menu.addMenu(self._appearance)

    def add_looking(self, actions: list[QAction], *, in_place: bool = False) -> None:
        """List in the View menu how things are looked at; some have their places in the window."""
        self.view_menu.addSeparator()
        self.view_menu.addActions(actions)
        if not in_place:
            self._looks.addActions(actions)

    def add_help(self, parts: Iterable[Sequence[QAction]]) -> None:
        """Make the Help menu, with a line between its parts."""
        menu = self.bar.addMenu("&Help")
        for part in parts:
            menu.addSeparator()
            menu.addActions(part)

    def add_exchange(self, *actions: QAction) -> None:
        """List in the File menu what goes out to other programs or comes in from them."""
        self._file.insertActions(self.quit, actions)

    def _allow_runs(self) -> None:
        """Enable what trains, where it can; let the rest say why it cannot."""
        state, problem = self._session.run.phase, self._document.report.problem
        reason = problem.text if problem else self._session.data_problem
        word, tip = RUN_WORDS.get(state) or next_run_button(
            self._document, self._session.sample_count
        )
        self.train.setText(word if "&" in word else f"&{word}")
        self.train.setIconText(word.replace("&", ""))
        enable(self.train, tip, unless=reason)
        role = ON_PRIMARY if self.train.isEnabled() else ON_BUTTON
        self.train.setIcon(icon("pause" if state == "Training" else "train", role))
        step_reason = reason or (LOCKED_REASON if state == "Training" else "")
        for action, tip in (
            (self.step_batch, "Train one batch, then pause"),
            (self.step_epoch, "Train to the end of the epoch, then pause"),
        ):
            enable(action, tip, unless=step_reason)
        idle = "" if self._session.run.active else "Nothing is running."
        enable(self.stop, "End the run; the weights stay", unless=idle)

    def _allow_other_projects(self) -> None:
        """Enable what puts another network or seed in the place of this one."""
        locked = LOCKED_REASON if self._session.run.phase == "Training" else ""
        enable(
            self.new_seed,
            "Forget what was learned and start over from another seed; Undo brings both back",
            unless=locked,
        )
        others = (*self.new, self.open, self.recent.menuAction())
        tips = (*TEMPLATE_TIPS.values(), OPEN_TIP, RECENT_TIP)
        for action, tip in zip(others, tips, strict=True):
            enable(action, tip, unless=locked)

    def _allow_reset(self) -> None:
        """Enable Reset while there is something to forget."""
        untouched = "Nothing is trained yet: these are the initial weights."
        enable(
            self.reset,
            "Forget what was learned or edited by hand and start over from the same seed; Undo "
            "brings it back",
            unless="" if self._document.trained or self._session.run.active else untouched,
        )

    def _make_file_actions(self) -> None:
        act, keys, files = partial(make_action, self._window), QKeySequence.StandardKey, self._files
        self.new = [
            act(
                "new" if template == "notebook" else f"new.{template}",
                title,
                partial(files.new, template),
                keys=keys.New if template == "notebook" else (),
            )
            for template, title in TEMPLATE_TITLES.items()
        ]
        self.open = act("open", "&Open…", files.open, keys=keys.Open)
        self.recent = QMenu("Open &recent", self._window)
        self.recent.menuAction().setObjectName("action.open_recent")
        self.recent.aboutToShow.connect(self._list_recent)
        self.save = act(
            "save", "&Save", files.save, keys=keys.Save, tip="Write the project to its file"
        )
        self.save_as = act(
            "save_as",
            "Save &as…",
            files.save_as,
            keys="Ctrl+Shift+S",
            tip="Write the project to another file, and go on with that one",
        )
        self.load = act(
            "load_test_samples",
            "Load &test samples…",
            files.load_test_samples,
            keys="Ctrl+L",
            tip="Show the images of an IDX pair in the predictions; training data stays as it is",
        )
        self.quit = act("quit", "&Quit", self._window.close, keys=keys.Quit)

    def _make_run_actions(self, edits: Edits) -> None:
        session = self._session
        self.train = self._run_action("train", "&Train", session.train_or_pause, "F5")
        self.step_batch = self._run_action("step_batch", "&Step", session.step_batch, "F6")
        self.step_epoch = self._run_action("step_epoch", "&Epoch", session.step_epoch, "F7")
        self.stop = self._run_action("stop", "&Stop", session.stop, "F8")
        forget = partial(session.at_rest, edits.forget_learned)
        self.reset = self._run_action("reset", "&Reset", forget, "F9")
        self.run_actions = [self.reset, self.train, self.step_batch, self.step_epoch, self.stop]
        self.new_seed = make_action(self._window, "new_seed", "&New seed", edits.new_seed)

    def _run_action(self, name: str, text: str, run: Callable[[], object], keys: str) -> QAction:
        """Make an action of the training row; its icon is called as it is."""
        return make_action(self._window, name, text, run, keys=keys, icon_name=name)

    def _fill(self, edit: EditorActions) -> None:
        file = self._file
        self.bar.addMenu(file)
        file.addMenu("&New").addActions(self.new)
        file.addAction(self.open)
        file.addMenu(self.recent)
        file.addActions([self.save, self.save_as])
        file.addSeparator()
        file.addAction(self.quit)
        self.bar.addMenu("&Edit").addActions(edit.menu())
        self.bar.addMenu(self.train_menu)
        self.train_menu.addActions([*self.run_actions, self.new_seed])
        self.bar.addMenu(self.data_menu)
        self.bar.addMenu(self.view_menu)
        self._looks = QMenu("&View", self.main)
        self._appearance = QMenu("&Appearance", self.bar)
        self._appearance.addActions(self._schemes())

    @Slot()
    def _fill_main(self) -> None:
        """Have in one menu what has no place of its own in the window.

        Train has its steps beside it, Data its menu, and each view is on the switch of its place.
        """
        self.main.clear()
        beside = (self.train_menu.menuAction(), self.data_menu.menuAction())
        for action in self.bar.actions():
            if action is self.view_menu.menuAction():
                self.main.addMenu(self._looks)
            elif action not in beside:
                self.main.addAction(action)

    @Slot()
    def _list_recent(self) -> None:
        self.recent.clear()
        paths = self._files.recent.paths()
        for path in paths:
            text = f"{path.name} – {path.parent}".replace("&", "&&")
            action = self.recent.addAction(text, partial(self._files.open_recent, path))
            action.setToolTip(plain_tooltip(f"Open {path}"))
        if not paths:
            self.recent.addAction("No project yet").setEnabled(False)

    def _schemes(self) -> list[QAction]:
        group = QActionGroup(self)
        actions = []
        for title, scheme in SCHEMES.items():
            action = make_action(
                self._window,
                f"theme.{scheme}",
                title,
                partial(self._use_scheme, scheme),
            )
            action.setCheckable(True)
            group.addAction(action)
            actions.append(action)
            action.setChecked(scheme == self._preferences.current.window.scheme)
        return actions

    def _use_scheme(self, scheme: Scheme) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, scheme)
        with self._preferences.changing() as preferences:
            preferences.window.scheme = scheme
