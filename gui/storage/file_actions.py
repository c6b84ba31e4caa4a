"""FileActions: new, open, save and load test samples, with the questions around them."""

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.array_types import format_shape
from engine.data.readers.idx import check_images
from engine.data.sources import FILES, find_pair, load_pair
from engine.errors import DataError, LayerscopeError, ProjectError
from engine.files.atomic import ProgressReport, write_file
from engine.files.project_file import (
    PROJECT_ENDING,
    digest_project,
    encode_project,
    open_with_digest,
)
from engine.files.untrusted_read import digest_of
from engine.model.project import Project
from engine.model.templates import TEMPLATES
from engine.training.samples import image_form
from gui.background.jobs import CancelledError
from gui.background.waiting import look, wait_for
from gui.document.document import LOCKED_REASON, Document
from gui.storage.autosave import Autosave, Orphan, find_orphans
from gui.storage.export_actions import ask_for_file
from gui.storage.preferences import PreferencesStore
from gui.storage.recent import RecentProjects
from gui.widgets.messages import (
    MessageBar,
    ask_about_unsaved,
    ask_to_overwrite,
    ask_to_quit,
    ask_to_recover,
    unattended,
)

T = TypeVar("T")
_IDX_FILTER = "IDX files (*idx?-ubyte *idx?-ubyte.gz *.idx *.gz);;All files (*)"


PROJECT_FILTER = "Layerscope project (*.layerscope)"
_DROP = (
    f"Drop a project ({PROJECT_ENDING}), data to train with (a folder of images or IDX files, a "
    ".zip, .npz or .csv file), test samples as a pair of IDX files, weights (.safetensors or "
    ".npz), an .onnx file, or the folder of a run."
)
_logger = logging.getLogger(__name__)


class FileActions(QObject):
    """Moves projects, weights and samples between the document and files.

    Whatever fails is said in the message bar, and the document stays as it was.
    """

    samples_loaded = Signal(object)
    data_dropped = Signal(str)
    import_dropped = Signal(object)  # Path of weights or a network
    run_dropped = Signal(object)  # Path of the folder of a run, or of what describes it there

    def __init__(
        self,
        document: Document,
        messages: MessageBar,
        preferences: PreferencesStore,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._document, self._messages, self._window = document, messages, window
        self.recent = RecentProjects(preferences)
        self.autosave = Autosave(document, messages, self)
        self._digest: str | None = None  # of the project's file as it was opened or saved
        self._waiting = False  # for a file

    def new(self, template: str) -> None:
        """Start a new project from a template, if the user lets the present one go."""
        if self.may_leave():
            self._begin(TEMPLATES[template]())

    def _begin(self, project: Project) -> None:
        self._messages.clear()
        self._document.replace_project(project, None)

    def begin_with(self, project: Project) -> bool:
        """Go on with a project that lies in no file, if the user lets the present one go."""
        if not self.may_leave():
            return False
        self._begin(project)
        self._count_as_news(project)
        return True

    def open(self) -> None:
        """Ask for a project file and open it, if the user lets the present project go."""
        if not self.may_leave():
            return
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open project", str(self._document.folder), PROJECT_FILTER
        )
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> bool:
        """Open a project file; return whether it worked."""
        path = Path(os.path.abspath(path))

        def work() -> None:
            startup = partial(open_with_digest, path)
            project, digest = self._wait_for(f"Opening {path.name}", startup)
            self._document.replace_project(project, path)
            self._digest = digest
            self._messages.clear()
            self.recent.add(path)

        return self._try(work)

    def open_recent(self, path: Path) -> None:
        """Open a project from the list of recent ones; one that is gone leaves the list."""
        if not look(lambda: os.path.isfile(path), otherwise=True):
            self.recent.drop(path)
            self._messages.say(
                "files",
                f"{path} is no longer there, so it was taken out of the recent projects. If it "
                "was moved, open it where it is now.",
            )
        elif self.may_leave():
            self.open_path(path)

    def open_dropped(self, paths: list[Path]) -> None:
        """Open a project that was dropped on the window, or take dropped data or test samples."""
        self._messages.unsay("files")  # this is another try
        projects = [path for path in paths if path.suffix.lower() == PROJECT_ENDING]
        if self._waiting:
            self._messages.say("files", "Another file is still being worked on. Drop this again.")
        elif len(projects) > 1:
            self._messages.say("files", "Only one project can be open. Drop one at a time.")
        elif projects and self._document.locked:
            self._messages.say("files", f"{projects[0].name} was not opened. {LOCKED_REASON}")
        elif projects:
            if self.may_leave():
                self.open_path(projects[0])
        elif paths:
            title = f"Looking at {paths[0].name}"
            self._try(lambda: self._wait_for(title, lambda _: self._taker(paths))())
        else:
            self._messages.say("files", f"This cannot be opened here. {_DROP}")

    def _taker(self, paths: list[Path]) -> Callable[[], bool | None]:
        """Return what takes dropped files; what they are is for the disk to say.

        Raises DataError if nothing here does.
        """
        from engine.imports.kinds import is_import

        if len(paths) == 1 and _is_run(paths[0]):
            return partial(self.run_dropped.emit, paths[0])
        if len(paths) == 1 and is_import(paths[0]):
            return partial(self.import_dropped.emit, paths[0])
        if len(paths) == 1 and _is_data(paths[0]):
            return partial(self.data_dropped.emit, str(paths[0]))
        if len(paths) <= 2 and all("idx" in path.name.lower() for path in paths):
            return partial(self.load_test_pair, *find_pair(paths[0]))
        named = paths[0].name if len(paths) == 1 else "This"
        raise DataError(f"{named} cannot be opened here. {_DROP}")

    def offer_recovery(self) -> None:
        """Offer what earlier runs of the program have left behind, until one is recovered."""
        if not unattended():
            self._try(self._offer)

    def save(self) -> bool:
        """Save to the project's file, asking for one if there is none; return whether it worked."""
        if self._document.path is None:
            return self.save_as()
        return self.save_path(self._document.path)

    def save_as(self) -> bool:
        """Ask for a file and save to it; return whether it worked."""
        suggested = self._document.path or self._document.folder / "network.layerscope"
        filters = {PROJECT_ENDING: PROJECT_FILTER}
        path = ask_for_file(self._window, "Save project", suggested, filters)
        return path is not None and self.save_path(path)

    def save_path(self, path: Path) -> bool:
        """Save to a file; return whether it worked.

        A file that is not as it was opened or saved is overwritten only if the user says so.
        """
        self._document.flush()
        project, version = self._document.project(), self._document.version
        own, known = path == self._document.path, self._digest

        def write(data: bytes, report: ProgressReport) -> str:
            write_file(path, data, ProjectError, lambda fraction: report(0.7 + 0.3 * fraction))
            return digest_of(data)

        def save(report: ProgressReport) -> tuple[bytes, str | None]:
            data = encode_project(project, path, lambda fraction: report(0.7 * fraction))
            # Looked at last, so that hardly any change by another program is missed.
            if own and digest_project(path) not in (None, known):
                return data, None
            return data, write(data, report)

        def work() -> bool:
            title = f"Saving {path.name}"
            data, digest = self._wait_for(title, save)
            if digest is None:
                answer = ask_to_overwrite(self._window, path.name)
                if answer == "save as":
                    return self.save_as()
                if answer == "cancel":
                    raise ProjectError(
                        f"{path} was not overwritten: another program has changed it since it was "
                        "opened or saved here. Your work is still here: save it under another name."
                    )
                digest = self._wait_for(title, partial(write, data))
            self._digest = digest
            self._document.mark_saved(path, version)
            _logger.info("Saved %s", path)
            self.recent.add(path)
            self._messages.done(f"Saved to {path}.")
            return True

        return self._try(work)

    def load_test_samples(self) -> None:
        """Ask for an IDX pair and show its samples in the predictions."""

        def work() -> bool:
            pair = self._ask_for_pair()
            return pair is not None and self.load_test_pair(*pair)

        self._try(work)

    def _ask_for_pair(self) -> tuple[Path, Path] | None:
        """Ask for an images file, and for its labels if they are not beside it; None: for nothing.

        Raises DataError if the first is no file of images.
        """

        def ask(what: str, folder: Path) -> Path | None:
            title = f"Load test samples: {what}"
            name, _ = QFileDialog.getOpenFileName(self._window, title, str(folder), _IDX_FILTER)
            return Path(name) if name else None

        images = ask("the images", self._document.folder)
        if images is None:
            return None
        if pair := self._wait_for(f"Looking at {images.name}", lambda _: _pair_beside(images)):
            return pair
        labels = ask("their labels", images.parent)
        return None if labels is None else (images, labels)

    def load_test_pair(self, images: Path, labels: Path) -> bool:
        """Show the samples of an IDX pair; return whether it worked. Training data stays."""
        settings, expected = self._document.settings, self._document.stack.input_shape

        def work() -> None:
            found = self._wait_for(
                f"Loading {images.name}", lambda _: load_pair(images, labels, image_form(settings))
            )
            if found.input_shape != expected:
                raise DataError(
                    f"The images in {images.name} are {format_shape(found.input_shape)}, but the "
                    f"network takes {format_shape(expected)}. Load images of that size."
                )
            samples = found.matching(settings.classes)
            left_out = len(found) - len(samples)
            rest = f"; {left_out:,} of other classes are left out" if left_out else ""
            self.samples_loaded.emit(samples)
            self._messages.done(
                f"Predictions show {len(samples):,} test samples from {images.name}{rest}. The "
                "training data stays as it was."
            )

        return self._try(work)

    def may_leave(self, ending: str = "") -> bool:
        """Ask about unsaved changes, if there are any; return whether the project may go.

        `ending` is a sentence on what else ends then, which is asked about, too.
        """
        if self._waiting:
            return False  # what is being opened or saved comes first
        self._document.flush()
        if not self._document.modified:
            return not ending or ask_to_quit(self._window, ending)
        name = self._document.path.name if self._document.path else "this network"
        answer = ask_about_unsaved(self._window, name, ending)
        return self.save() if answer == "save" else answer == "discard"

    def _offer(self) -> None:
        found = find_orphans()
        while orphan := self._wait_for("Looking for unsaved work", lambda _: next(found, None)):
            question = f"Recover the unsaved changes to {orphan.name}?"
            answer = ask_to_recover(self._window, question, orphan.details())
            if answer == "recover" and self.may_leave():
                self._recover(orphan)
                return
            if answer == "discard":
                look(orphan.file.remove, None)
            else:
                orphan.file.release()

    def _recover(self, orphan: Orphan) -> None:
        project, path = orphan.project, orphan.path
        title = f"Recovering {orphan.name}"
        digest = None if path is None else self._wait_for(title, lambda _: digest_project(path))
        self._document.replace_project(project, path)
        self._count_as_news(project)
        self._digest = digest
        self.autosave.adopt(orphan.file)
        self._messages.done(
            f"This is {orphan.name} as of {orphan.time:%H:%M:%S}. Save it to keep it."
        )

    def _count_as_news(self, project: Project) -> None:
        """Count what a project has learned as a modification: no file of it holds that."""
        known = project.trained_epochs, project.state, project.scaling, project.origin
        self._document.keep_learned(project.weights, *known, project.trained_part)

    def _try(self, work: Callable[[], bool | None]) -> bool:
        """Do something, unless another thing is being done; say what went wrong.

        Return whether it worked.
        """
        if self._waiting:
            return False
        try:
            return work() is not False
        except LayerscopeError as error:
            _logger.warning("Refused: %s", error)
            self._messages.say("files", str(error))
        except MemoryError:
            self._messages.say("files", "There is not enough memory for this. Nothing was changed.")
        except CancelledError:
            self._messages.done("Cancelled. Nothing was changed.")
        return False

    def _wait_for(self, title: str, work: Callable[[ProgressReport], T]) -> T:
        """Return what the work gives, and begin nothing else till then."""
        self._waiting = True
        try:
            return wait_for(self._window, title, work)
        finally:
            self._waiting = False


def _pair_beside(images: Path) -> tuple[Path, Path] | None:
    """Return the pair that a file is of; None where its name does not tell, so the user does."""
    try:
        return find_pair(images)
    except DataError:
        check_images(images)
        return None


def _is_run(path: Path) -> bool:
    from engine.runs.run_folder import DESCRIPTION, METRICS, is_run_folder

    torn = os.path.isfile(path / METRICS)  # what lacks will be said
    return path.name == DESCRIPTION or is_run_folder(path) or torn


def _is_data(path: Path) -> bool:
    return os.path.isdir(path) or path.name.lower().endswith(FILES)
