"""FindData: asks where the data of a run is that is looked at, if it is not known."""

from functools import partial

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from engine.model.project import Project
from gui.background.latest_task import LatestTask
from gui.background.view import View
from gui.forms.suggestions_box import DATA_FILTER
from gui.widgets.actions import enable, make_action
from gui.widgets.refusal import Refusal

_TIP = "Say where the images are that this run was trained with; the open data stays"
_READS = "The images are being compared with those that the run was trained with."
_NOT_READ = "{} cannot be read as what this run was trained with."
_OTHERS = (
    "{} holds other images than those that this run was trained with, or more or fewer of them. "
    "Choose the folder or file that it was trained with."
)


class FindData:
    """Offers it in the bar over the panels; what was chosen must have the run's fingerprint.

    A run of another program may tell none: then it is what the user says that it is.
    """

    def __init__(self, view: View, window: QWidget) -> None:
        self._view, self._window = view, window
        self._task = LatestTask(view)
        self.refusal = Refusal(view)
        act = partial(make_action, window)
        self._folder = act("find_data_folder", "&Folder…", self._ask_folder)
        self._file = act("find_data_file", "F&ile…", self._ask_file)
        self.action = act("find_data", "Find its &data", lambda: None)
        self._menu = QMenu(window)
        self._menu.addActions([self._folder, self._file])
        self.action.setMenu(self._menu)
        enable(self._folder, "Choose a folder of images, or of IDX files")
        enable(self._file, "Choose a .npz, .csv or .zip file")
        view.moment_changed.connect(self._offer)
        view.samples_changed.connect(self._offer)
        self._offer()

    def _offer(self) -> None:
        """Offer it where the images of a moment are not here, and are not being read either."""
        data = self._view.data
        if self._view.moment is None:
            self._task.give_up()
            self.refusal.end()
        lacks = data is not None and (data.stands_in or bool(data.problem)) and not data.reading
        self._allow()
        self.action.setVisible(lacks)

    def _allow(self) -> None:
        enable(self.action, _TIP, unless=_READS if self._task.busy else "")

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, "Data of the run")
        if folder:
            self.take(folder)

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Data of the run", "", DATA_FILTER)
        if name:
            self.take(name)

    def take(self, path: str) -> None:
        """Show the run that is looked at with the data of a folder or file, if that is its own."""
        moment = self._view.moment
        if moment is None:
            return
        project = moment.run.description.project
        self._task.begin(
            lambda _report: _require_own(project, path),
            lambda _result: self._on_found(project, path),
            failed=self._on_others,
        )
        self._allow()

    def _on_found(self, project: Project, path: str) -> None:
        from engine.runs.data_place import own_data

        self._view.places[own_data(project)] = path
        self.refusal.end()
        self._allow()
        self._view.look_again()

    def _on_others(self, problem: str) -> None:
        self._allow()
        self.refusal.say(problem)


def _require_own(project: Project, path: str) -> None:
    """Raise DataError unless a folder or file holds what a project was trained with."""
    from engine.data.fingerprint import fingerprint
    from engine.errors import DataError
    from engine.training.samples import data_key, load_samples

    settings = project.settings.with_changes(dataset=path)
    try:
        samples = load_samples(project, key=data_key(settings))
    except DataError as fault:
        raise DataError(f"{_NOT_READ.format(path)} {fault}") from fault
    if project.data_digest not in ("", fingerprint(*samples)):
        raise DataError(_OTHERS.format(path))
