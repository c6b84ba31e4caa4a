"""RunsPresenter: the panel Runs, the folders behind it, and the checkpoints that it asks for."""

import os
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from engine.data.dataset import Dataset
from engine.errors import RunError
from engine.model.project import CheckpointRef
from engine.runs.rewinding import continued
from engine.runs.run_folder import DESCRIPTION, Run
from engine.runs.store import RunStore
from engine.text.file_names import as_file_name
from engine.text.words import count
from gui.background.jobs import Job, Jobs, ReportProgress
from gui.background.latest_task import LatestTask
from gui.document.document import LOCKED_REASON
from gui.runs.following import FollowedRuns
from gui.runs.panel import RunsPanel
from gui.runs.run_actions import ELSEWHERE, NOTHING_CHOSEN
from gui.runs.run_changes import RunChanges, runs_text
from gui.runs.run_comparison import RunComparison
from gui.runs.run_images import is_alike
from gui.runs.run_life import RunLife
from gui.runs.run_rows import RunReading, RunRow, RunsRead
from gui.runs.run_series import RunSeries
from gui.storage.export_actions import ask_for_file
from gui.widgets.dialogs import ask_megabytes, ask_text
from gui.workspace.context import Context, Presenter

_TRIES = 3  # to find an epoch that is being written
_LONGEST_NOTE = 4_000  # letters
_NEAR = 0.5  # epochs from the present, within which that is meant
_IMAGE = "image of a run"
_OTHER_IMAGES = (
    "That image is of other data than what the panels show. Go to an epoch of its run, then click "
    "it again."
)
_FILTERS = {"zip": "Zip file (*.zip)", "csv": "Table (*.csv)"}
_NOTHING = -1  # in place of an epoch, till there is one
_QUOTA = (
    "How many megabytes all runs may take. Where they take more when a training begins, the oldest "
    "that are not pinned are deleted."
)
LOOK_EVERY = 1_000  # ms between two looks at the folders, which take from the training


class RunsPresenter(Presenter):
    """Reads the runs while the panel is seen, and does what is wished there.

    `project_wanted` carries a run and an epoch that are to become a project.
    """

    project_wanted = Signal(object, int)

    def __init__(self, context: Context, series_jobs: Jobs) -> None:
        super().__init__(context)
        self.store = RunStore()
        self._reading = RunReading(self.store)
        self._read: RunsRead | None = None
        self._task = LatestTask(self)
        self.changes = RunChanges(self.store, self._messages, self)
        self.panel = RunsPanel()
        self.followed = FollowedRuns(self._messages, self.read, self)
        self._along: tuple[Path, int | None] | None = None  # a run gone along with, epoch shown
        self._trained = ""  # key of the run that this window trained last
        self._to_choose = ""  # key of a run, when it has its row
        self._wanted_time: tuple[float, int] | None = None  # when the runs were read again
        self._timer = QTimer(self, interval=LOOK_EVERY)
        self._timer.timeout.connect(self._look_again)
        self._soon = QTimer(self, singleShot=True, interval=LOOK_EVERY)
        self._soon.timeout.connect(self.read)
        self._session.run_recorded.connect(self._on_recorded)
        self._session.store.watch(lambda s: (s.run.phase, s.document.learned), self._show_again)
        self.comparison = RunComparison(context, self.panel.list, self._pin_image)
        self.life = RunLife(context, self.panel.list, self._go_to, self._pin_image)
        pages = self.panel, self.comparison.page
        self.series = RunSeries(context, *pages, self.store, self.read, series_jobs)
        self.panel.tabs.addTab(self.comparison.page, "Compare")
        self.panel.tabs.addTab(self.life.page, "Life of the image")
        self._connect()
        self._choose_origin()
        self.read()

    # --- reading -----------------------------------------------------------------------------

    @Slot()
    def read(self) -> None:
        """Read what was written since, beside the window."""
        known = self._read.fields if self._read is not None else None
        read, elsewhere = self._reading.read, self.followed.runs
        self._task.begin(lambda _report: read(known, elsewhere), self._show)

    @Slot()
    def _look_again(self) -> None:
        if not self._task.busy:  # a slow disk is not asked twice
            self.read()

    def _show(self, found: RunsRead | None) -> None:
        if found is None:
            return
        self._read = found
        self._view.store.update(listed_runs=tuple(row.run for row in found.rows))
        self._show_again()
        if any(row.run.key == self._to_choose for row in found.rows):
            self.panel.list.choose(self._to_choose)
            self._to_choose = ""
        self._go_along()
        self._allow()
        wanted, self._wanted_time = self._wanted_time, None
        if wanted is not None:
            self.go_to_time(*wanted)

    def _choose_origin(self) -> None:
        """Choose the run that an opened network is of, as soon as it has its row."""
        origin = self._document.learned.origin
        key = "" if origin is None else str(self.store.folder / origin.run)
        if self.panel.list.runs.row_of(key) is None:
            self._to_choose = key
        else:
            self.panel.list.choose(key)

    def _go_along(self) -> None:
        """Show the newest epoch of a run that another program trains, if the one before was."""
        for row in () if self._read is None else self._read.rows:
            folder, newest = row.run.folder, _newest(row.run)
            if self._along is None or self._along[0] != folder or row.run.key == self._trained:
                continue
            if newest is None and self._along[1] is None:
                text = f"“{row.run.title}” is followed. {row.run.why_no_weights}"
                self._messages.done(text)
                self._along = folder, _NOTHING
            elif newest is not None and newest != self._along[1]:
                self._view.show(row.run, newest)

    def _show_again(self) -> None:
        """Show the rows that were read, and of a run of this window whether it is paused."""
        if (found := self._read) is None:
            return
        in_all = count(len(found.rows), "run") if found.rows else ""
        self.panel.show_rows(self._rows(), in_all, found.problem)

    def _rows(self) -> tuple[RunRow, ...]:
        """Return the rows as they are now, by what the training of this window does."""
        run, read = self._session.run, self._read
        present = None if run.active else self._document.learned.origin
        paused = run.phase == "Paused"
        return () if read is None else read.rows_while(self._trained, present, paused=paused)

    @Slot(str)
    def _on_recorded(self, run: str) -> None:
        """Read what the training of this window has written, also while the panel is not seen.

        Its run becomes the chosen one, unless someone is at work in the list, or in the past.
        """
        at_work = self.panel.list.hasFocus() or self._view.state.checkpoint is not None
        key = self._trained = str(self.store.folder / run)
        if self.panel.list.runs.row_of(key) is None and not at_work:
            self._to_choose = key
        if not self._timer.isActive() and not self._soon.isActive():
            self._soon.start()

    @Slot(bool)
    def _on_seen(self, seen: bool) -> None:
        if seen:
            self.read()
        self._keep_time(seen=seen)

    def _keep_time(self, *, seen: bool) -> None:
        """Look at the folders while the panel or a run is seen."""
        if not seen and self._view.state.checkpoint is None:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    @Slot(object)
    def follow(self, path: Path) -> None:
        """Show the newest epoch of a run, and go along with those that come.

        It is given by its folder, or by the run.json in that.
        """
        folder = Path(os.path.abspath(path.parent if path.name == DESCRIPTION else path))
        self._to_choose, self._along = str(folder), (folder, None)
        self._go_along()
        if folder.parent == self.store.folder:
            self.read()
        else:
            self.followed.add([folder])

    # --- checkpoints -----------------------------------------------------------------------------

    def go_to_time(self, age: float, tries: int = _TRIES) -> None:
        """Show the kept epoch next to a time in epochs, of what led to what is shown.

        Near the end of the present network's time that is the present.
        """
        self._wanted_time = None
        shown, own = self._view.state.checkpoint, self._present_run()
        last = own
        if shown is not None and (own is None or own.run != shown.run.id):
            last = CheckpointRef(shown.run.id, shown.run.epochs)
        elif age >= self._document.trained_epochs - _NEAR and not self._session.run.active:
            self._view.back_to_now()
            return
        if last is None:
            return
        by_id = {row.run.id: row.run for row in self._rows()}

        def find(run_id: str) -> Run:
            if run_id not in by_id:
                raise RunError(f"{run_id} is not listed")
            return by_id[run_id]

        known = by_id.get(last.run)
        if tries and (known is None or known.epochs < last.epoch):  # it is being written
            self._wanted_time = age, tries - 1
            self._soon.start()
        if known is None:
            return
        kept = [
            (abs(run.age(epoch) - age), run, epoch)
            for run, end in continued(last, find)
            for epoch in run.kept_epochs
            if epoch <= end
        ]
        _, run, epoch = min(kept, key=lambda each: each[0], default=(0.0, None, 0))
        if run is not None and (shown is None or (shown.run.id, shown.epoch) != (run.id, epoch)):
            if age > run.age(epoch) + _NEAR and self._session.run.active and own == last:
                self._view.back_to_now()  # what is being trained, behind the last kept epoch
            else:
                self._view.show(run, epoch)

    def _go_to(self, run: Run, epoch: int) -> None:
        """Go to the kept epoch that is nearest."""
        self.panel.list.choose(run.key)
        if run.kept_epochs:
            self._view.show(run, min(run.kept_epochs, key=lambda kept: abs(kept - epoch)))

    def _pin_image(self, samples: Dataset, place: int) -> None:
        """Pin an image in all panels, if they can show such a one."""
        shown = self._view.state.samples
        if samples is shown:
            self._view.pin(place)
        elif shown is not None and is_alike(samples, shown):
            self._view.pin_of(samples, place, "test")
        else:
            self._messages.say(_IMAGE, _OTHER_IMAGES)

    def _present_run(self) -> CheckpointRef | None:
        """Return the run that the present network is of, and how far; None if it has none."""
        row = next((row for row in self._rows() if row.run.key == self._trained), None)
        if row is not None and self._session.run.active:
            return CheckpointRef(row.run.id, row.run.epochs)
        return self._document.learned.origin

    @Slot(object)
    def _look_at_last(self, run: Run) -> None:
        """Show a run as it was after the last epoch that is kept."""
        if run.kept_epochs:
            self.panel.list.choose(run.key)
            self._view.show(run, run.kept_epochs[-1])

    def _on_checkpoint(self) -> None:
        if self._view.state.checkpoint is None:
            self._along = None
        self._keep_time(seen=self.panel.isVisible())
        self._show_checkpoint()
        self._allow()

    def _show_checkpoint(self) -> None:
        """Say which checkpoint the window shows, and how its run is called by now."""
        checkpoint = self._view.state.checkpoint
        run = None if checkpoint is None else self._view.state.listed_run or checkpoint.run
        when = "" if checkpoint is None else checkpoint.when
        self.panel.list.runs.set_looked(run, when)
        self.panel.bar.show_shown(run, when)

    def _on_wished(self) -> None:
        wished = self._view.state.wished
        self.panel.bar.show_wished(wished)
        if wished is None:
            self._on_checkpoint()  # what was wished may never have been shown
        else:
            run, epoch = wished
            self._along = (run.folder, epoch) if epoch == _newest(run) else None

    # --- what is wished ----------------------------------------------------------------------

    @Slot()
    def _allow(self) -> None:
        """Say what can be done with the chosen runs."""
        locked = LOCKED_REASON if self._document.locked else ""
        chosen = self.panel.list.chosen()
        elsewhere = any(map(self._is_elsewhere, chosen))
        self.panel.actions_.allow(chosen, locked, elsewhere=elsewhere)

    def _is_elsewhere(self, run: Run) -> bool:
        """Return whether a run is none of this machine's."""
        return run.folder.parent != self.store.folder

    @Slot()
    def _rename(self) -> None:
        """Rename the chosen run, or say why the menu does not offer it."""
        rename = self.panel.actions_.rename
        if not rename.isEnabled():
            self.changes.refuse(f"No run was renamed. {rename.toolTip()}")
            return
        self.panel.list.setFocus()
        self.panel.list.rename()

    @Slot(object, str)
    def _on_renamed(self, run: Run, name: str) -> None:
        self.changes.edit([run], name=name)

    @Slot()
    def _write_note(self) -> None:
        run = self.panel.list.current
        if run is None:
            return

        def write(text: str) -> None:
            note = text.strip()[:_LONGEST_NOTE]
            if note != run.note:
                self.changes.edit([run], note=note)

        title = f"Note on “{run.title}”"
        ask_text(self.panel.window(), "run_note", title, "Note", run.note, write)

    @Slot(bool)
    def _pin(self, on: bool) -> None:
        self.changes.edit(self.panel.list.chosen(), pinned=on)

    @Slot(object, int, bool)
    def _bookmark(self, run: Run, epoch: int, on: bool) -> None:
        if self._is_elsewhere(run):
            self.changes.refuse(f"{run.title} was not changed. {ELSEWHERE}")
            return
        self.changes.mark(run, epoch, on)

    @Slot()
    def _delete(self) -> None:
        """Delete the chosen runs; take those of other folders off the list."""
        chosen = self.panel.list.chosen()
        if not chosen:
            self.changes.refuse(f"No run was deleted. {NOTHING_CHOSEN}")
        followed = [run for run in chosen if self._is_elsewhere(run)]
        if followed:
            self.followed.remove([run.folder for run in followed])
            self._messages.done(f"{runs_text(followed)} taken off the list; every file stays.")
        if own := [run for run in chosen if run not in followed]:
            self.changes.delete(own)

    @Slot()
    def _open(self) -> None:
        """Make a project of a run: as it is shown, or with its last weights."""
        run, checkpoint = self.panel.list.current, self._view.state.checkpoint
        if run is None or not run.kept_epochs:
            return
        shown = checkpoint is not None and checkpoint.run.key == run.key
        epoch = checkpoint.epoch if checkpoint is not None and shown else run.kept_epochs[-1]
        self.project_wanted.emit(run, epoch)

    def _export(self, kind: str) -> None:
        """Ask where the chosen run is to be written, and write it in a job."""
        from engine.runs.run_export import export_run, run_format

        run, ending = self.panel.list.current, f".{kind}"
        if run is None:
            return
        name = as_file_name(run.description.name) or run.id
        suggested, filters = self._document.folder / f"{name}{ending}", {ending: _FILTERS[kind]}
        path = ask_for_file(self.panel.window(), "Export the run", suggested, filters)
        if path is None:
            return

        def work(report: ReportProgress) -> None:
            export_run(run, path, run_format(path, kind), report=report)

        def done(_nothing: None) -> None:
            self._document.folder = path.parent
            self._messages.done(f"Exported {run.title} to {path}.")

        def ended(problem: str) -> None:
            self._messages.say("export", problem or "Cancelled. Nothing was written.")

        self._jobs.start(Job(f"Export {run.title}", work, done, ended))

    @Slot()
    def _reveal(self) -> None:
        run = self.panel.list.current
        if run is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder)))

    @Slot()
    def _ask_quota(self) -> None:
        now, window = self._preferences.current.runs_megabytes, self.panel.window()
        ask_megabytes(window, "runs_megabytes", "Quota of runs", _QUOTA, now, self._set_quota)

    def _set_quota(self, megabytes: int) -> None:
        with self._preferences.changing() as preferences:
            preferences.runs_megabytes = megabytes

    # --- building ----------------------------------------------------------------------------

    def _connect(self) -> None:
        panel, actions, runs = self.panel, self.panel.actions_, self.panel.list
        panel.visibility_changed.connect(self._on_seen)
        runs.selectionModel().selectionChanged.connect(self._allow)
        runs.runs.modelReset.connect(self._allow)  # after which nothing is selected
        runs.current_changed.connect(self._allow)
        store = self._view.store
        store.watch(lambda s: s.document.locked, self._allow)
        store.watch(lambda s: s.document.opened, self._choose_origin)
        store.watch(lambda s: s.checkpoint, self._on_checkpoint)
        store.watch(lambda s: s.listed_run, self._show_checkpoint)
        store.watch(lambda s: s.wished, self._on_wished)
        store.watch(lambda s: s.place, partial(self._messages.unsay, _IMAGE), self)
        runs.runs.renamed.connect(self._on_renamed)
        actions.tick.triggered.connect(runs.tick_chosen)
        runs.rename_wanted.connect(self._rename)
        runs.delete_wanted.connect(self._delete)
        runs.look_wanted.connect(self._look_at_last)
        panel.bar.checkpoint_wanted.connect(self._view.show)
        panel.bar.bookmarked.connect(self._bookmark)
        actions.look.triggered.connect(runs.look)
        actions.rename.triggered.connect(self._rename)
        actions.note.triggered.connect(self._write_note)
        actions.pin.triggered.connect(self._pin)
        actions.open.triggered.connect(self._open)
        for kind, action in actions.exports.items():
            action.triggered.connect(partial(self._export, kind))
        actions.reveal.triggered.connect(self._reveal)
        actions.quota.triggered.connect(self._ask_quota)
        actions.delete.triggered.connect(self._delete)
        panel.undo_wanted.connect(self.changes.restore)
        self.changes.changed.connect(self.read)


def _newest(run: Run) -> int | None:
    return run.kept_epochs[-1] if run.kept_epochs else None
