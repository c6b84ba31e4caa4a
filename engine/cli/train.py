"""`train`: train the network of a project and keep what it learns."""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from engine.cli.output import PassingLine, print_object, say
from engine.cli.shared import (
    Command,
    add_data,
    add_json,
    add_project,
    add_settings,
    changed_settings,
    find_classes,
    fitting_report,
    read_or_fit,
    read_samples,
    require_images,
    require_local,
    require_other_file,
    with_images,
)
from engine.cli.stop_requests import StopRequests
from engine.data import Dataset
from engine.data.names import LISTED, listed_classes
from engine.errors import (
    LayerscopeError,
    LostDataError,
    ProjectError,
    TrainingError,
    WeightsError,
    in_one_line,
)
from engine.files.atomic import require_writable
from engine.files.project_file import PROJECT_ENDING, digest_project, open_project, save_project
from engine.files.weights_file import export_weights, require_known_ending
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.model.templates import notebook
from engine.model.training_state import next_state, what_begins_anew
from engine.paths import home
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.run_writer import Listener
from engine.runs.store import RunStore
from engine.struct_fields import fields_of
from engine.text import words
from engine.text.letters import one_line
from engine.training.evaluation import Evaluation
from engine.training.events import BatchDone, EpochDone, Event, Exploded, Finished
from engine.training.preparation import Preparation
from engine.training.run import Training
from engine.training.samples import changed_data, digest_of_data, names_to_keep, split

_JSON_FIELDS = (
    "epoch",
    "epochs",
    "loss",
    "accuracy",
    "test_loss",
    "test_accuracy",
    "samples_per_second",
    "seconds",
)


class Progress:
    """What `train` prints while it runs: a line for each epoch, of words or of JSON.

    On a terminal also how far the present epoch is. Why the run ended early is no JSON: it goes to
    stderr then.
    """

    def __init__(self, first_epoch: int, epochs: int, *, as_json: bool = False) -> None:
        self._first, self._last, self._as_json = first_epoch, first_epoch + epochs, as_json
        self._started = time.monotonic()
        self._passing = PassingLine(sys.stdout)

    def show(self, event: Event) -> None:
        """Print the end of an epoch, the reason of an early end, or a passing line."""
        if isinstance(event, EpochDone) and self._as_json:
            row = {name: getattr(event, name) for name in _JSON_FIELDS}
            if event.validation is not None:
                row["validation_loss"] = event.validation_loss
                row["validation_accuracy"] = event.validation_accuracy
            print_object(row)
        elif isinstance(event, EpochDone):
            self._passing.clear()
            say(self._line(event), flush=True)
        elif isinstance(event, Finished) and event.reason:
            self.end()
            say(event.reason, aside=self._as_json, flush=True)
        elif isinstance(event, BatchDone) and not self._as_json:
            share = event.step / event.steps
            self._passing.show(
                f"epoch {event.epoch} of {self._last}: {share:.0%}, loss {event.loss:.4f}"
            )

    def end(self) -> None:
        """Take the passing line away."""
        if not self._as_json:
            self._passing.clear()

    def _line(self, event: EpochDone) -> str:
        elapsed = time.monotonic() - self._started
        done = event.epoch - self._first
        line = (
            f"epoch {event.epoch:>{len(str(event.epochs))}} of {event.epochs}   "
            f"loss {event.loss:.4f}  accuracy {words.percent(event.accuracy)}   "
            f"{_measured('validation', event.validation) if event.validation else ''}"
            f"{_measured('test', event.test)}"
            f"{words.rate(event.samples_per_second)}   {words.duration(elapsed)}"
        )
        left = event.epochs - event.epoch
        return line + (f", about {words.duration(elapsed / done * left)} left" if left else "")


def _measured(name: str, found: Evaluation) -> str:
    return f"{name}: loss {found.loss:.4f}  accuracy {words.percent(found.accuracy)}   "


WRITING = 60.0  # s to wait for the last of a run to be written
STOPPED = 130  # as shells count an end by Ctrl+C

_SETTINGS = tuple(field.name for field in fields_of(Settings) if field.name != "dataset")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_project(parser)
    add_data(parser)
    parser.add_argument(
        "--out",
        metavar="WEIGHTS",
        type=Path,
        help="write the trained weights here too (.safetensors or .npz)",
    )
    again = parser.add_mutually_exclusive_group()
    again.add_argument(
        "--resume",
        action="store_true",
        help="go on from the trained weights: a run that was stopped goes on to its end as if it "
        "had not been, one at its end for the epochs of the settings; --epochs N: for N more",
    )
    again.add_argument(
        "--overwrite", action="store_true", help="start over, in place of the trained weights"
    )
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument(
        "--run", dest="run_name", metavar="NAME", help="give the run that is kept of this a name"
    )
    kept.add_argument("--no-run", action="store_true", help="keep no run of this training")
    add_json(parser)
    settings = [name for name in _SETTINGS if name != "classes"]
    add_settings(parser, settings, "one left out stays what the project says")


def run(options: argparse.Namespace) -> int:
    """Train, then write the project and the weights."""
    path: Path = options.project
    opened = digest_project(path)  # before, so that a change meanwhile is not missed
    project = open_project(path)
    if options.data is None:
        require_local(project.settings.dataset)
    if project.weights and not (options.resume or options.overwrite):
        done = project.position
        trained = f", trained for {words.count(done, 'epoch')}" if done else ""
        raise ProjectError(
            f"{path} already holds weights{trained}. "
            "Give --resume to go on from them, or --overwrite to start over."
        )
    require_writable(path, ProjectError)  # now, not after the training
    if options.out is not None:
        require_known_ending(options.out)
        data = os.path.expanduser(options.data or project.settings.dataset)
        require_other_file(options.out, path, data)
        require_writable(options.out, WeightsError)
    before = project
    if options.overwrite:
        project = Project(project.stack, project.settings, class_names=project.class_names)
    elif options.epochs is not None and project.state is not None:
        project = replace(project, state=project.state.with_goal(options.epochs))
    project = replace(project, settings=changed_settings(project, options, *_SETTINGS))
    if options.classes is None:
        project = find_classes(project)
    may_fit = options.data is not None and options.classes is None and not project.weights
    project, (training_data, test), fitted = read_or_fit(
        project, may_fit=may_fit, before=before.settings.dataset
    )
    project = replace(
        project,
        data_digest=digest_of_data(project.settings.dataset, training_data, test),
        class_names=names_to_keep(training_data),
    )
    if project.weights:
        remedy = "Choose images of this size, or give --overwrite to start over."
        require_images(project, path, training_data.input_shape, remedy)
    project = with_images(project, training_data.input_shape)
    report = fitting_report(project, path)
    what_is_known = project.state, report, project.settings, len(training_data)
    done = project.trained_epochs
    goal = next_state(*what_is_known, done).last_epoch
    anew = what_begins_anew(*what_is_known, done)
    if not options.json:
        say(_heading(path, project.settings, training_data, test), flush=True)
    for note in (fitted, changed_data(before, project), anew):
        if note:
            say(note, aside=options.json)
    outs = [options.out] if options.out else []
    names = None if options.no_run else RunNames(one_line(options.run_name or ""), path.stem)
    progress = Progress(done, goal - done, as_json=options.json)
    with StopRequests() as requests:
        outcome = learn(project, report, path, training_data, test, progress, requests, names)
        return keep(outcome, path, outs, opened=opened, quiet=options.json)


class TrainingOutcome(NamedTuple):
    """What came of a training: the project with what it learned (None: nothing), and its end.

    `fault` says why its output could not be written or its images no longer be read, if that ended
    it. `run_id` is that of the run that is kept, if one is.
    """

    project: Project | None
    finished: bool
    last: EpochDone | None
    fault: LayerscopeError | None = None
    run_id: str = ""


def learn(
    project: Project,
    report: ShapeReport,
    path: Path,
    training_data: Dataset,
    test: Dataset,
    progress: Progress,
    requests: StopRequests,
    names: RunNames | None,
) -> TrainingOutcome:
    """Train a project whose stack fits; keep it as a run of these names, or keep no run.

    Ctrl+C, a polite kill, a closed terminal, a reader that is gone, a full disk behind stdout or
    a file of images that was changed end it between two steps.
    Raises TrainingError if a value is no longer finite.
    """
    stepped, state, reason = False, "stopped", ""
    last: EpochDone | None = None
    fault: LayerscopeError | None = None
    training = Training(
        report,
        project.settings,
        training_data,
        test,
        project.weights,
        first_epoch=project.trained_epochs,
        state=project.state,
        interrupted=requests.stop.is_set,
    )
    preparation = Preparation(report, project.settings)
    preparation.begin()
    said = deque([each for each in (training.note, preparation.note) if each])
    recorder = None
    if names is not None:
        listener = Listener(said=said.append)
        recorder = RunRecorder(RunStore(), project, training, names, listener)
    try:
        for event in training.run():
            if isinstance(event, Exploded):
                progress.end()
                state, reason = "failed", event.fault
                raise TrainingError(
                    f"{event.fault} Lower the learning rate. {path} was not changed."
                )
            # A run may have been stopped between the last step of an epoch and its test.
            stepped = stepped or isinstance(event, BatchDone | EpochDone)
            if isinstance(event, EpochDone):
                last = event
                if recorder is not None:
                    recorder.after_epoch(event)
            elif isinstance(event, Finished):
                state, reason = "finished", event.reason
            progress.show(event)
            _say(said, progress)
            if requests.stop.is_set() and state != "finished":
                break
        progress.end()
    except OSError as error:  # such as `train ... > log` on a full disk, or `train ... | head`
        fault = LayerscopeError(f"The output could not be written: {error.strerror}.")
        if state != "finished":
            reason = str(fault)
    except LostDataError as error:
        progress.end()
        fault, state, reason = error, "failed", str(error)
    except Exception as error:  # no memory, or a defect; an explosion has said why
        if state == "stopped":
            state, reason = "failed", in_one_line(error)
        raise
    finally:
        requests.hold()
        if recorder is not None:
            recorder.end(state, reason)
            recorder.wait(WRITING)
        training.close()
        preparation.close()
        if preparation.fault:
            said.append(preparation.fault)
        with contextlib.suppress(OSError):
            _say(said, progress)
    finished = state == "finished"
    if not stepped:
        return TrainingOutcome(None, finished, last, fault)
    origin = project.origin if recorder is None else recorder.checkpoint
    learned = replace(
        project,
        weights=training.weights(),
        trained_epochs=training.epochs_done,
        trained_part=training.trained_part,
        state=training.state(),
        scaling=training.train.scaling,
        origin=origin,
    )
    kept_as = origin.run if origin is not None and origin != project.origin else ""
    return TrainingOutcome(learned, finished, last, fault, kept_as)


def _say(sentences: deque[str], progress: Progress) -> None:
    """Print sentences that came meanwhile, each on a line of its own."""
    while sentences:
        progress.end()
        say(sentences.popleft(), aside=True)


def keep(
    outcome: TrainingOutcome,
    path: Path,
    outs: Sequence[Path],
    *,
    opened: str | None = None,
    quiet: bool = False,
) -> int:
    """Write what was learned to the project and to files of weights; return the exit code.

    A project that is no longer as it was `opened`, by its fingerprint, is not written over. No
    signal ends the program meanwhile: see StopRequests.
    """
    if outcome.project is None:
        if outcome.fault is not None:
            raise type(outcome.fault)(f"{outcome.fault} {path} was not changed.")
        say(f"Stopped before the first step; {path} was not changed.", aside=True)
        return STOPPED
    try:
        if opened is not None and digest_project(path) not in (None, opened):
            raise ProjectError(
                f"{path} was not overwritten: another program has changed it since the "
                "training began."
            )
        save_project(outcome.project, path)
    except ProjectError as error:
        raise ProjectError(f"{error}{_rescue(outcome.project, path)}") from error
    for out in outs:
        project = outcome.project
        export_weights(
            *(out, project.stack, project.weights),
            scaling=project.scaling,
            class_names=project.class_names,
        )
    written = ", ".join(str(each) for each in (path, *outs))
    epochs = words.count(outcome.project.position, "epoch")
    if not outcome.finished:
        stopped = f"Stopped after {epochs}; what was learned is in {written}."
        if outcome.fault is not None:
            raise type(outcome.fault)(f"{outcome.fault} {stopped}")
        say(stopped, aside=True)
        return STOPPED
    if not quiet and outcome.last is not None:
        accuracy = words.percent(outcome.last.test_accuracy)
        say(f"Test accuracy {accuracy} after {epochs}. The trained weights are in {written}.")
        if outcome.run_id:
            say(f"The run is kept as {outcome.run_id}.")
    return 0


def _rescue(project: Project, path: Path) -> str:
    """Keep hours of work that cannot be written where it belongs; say where it is, if anywhere."""
    stem = f"{path.stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    for folder in _rescue_folders(path):
        rescued = folder / f"{stem}{PROJECT_ENDING}"
        while os.path.lexists(rescued):  # another was rescued in the same second
            rescued = rescued.with_stem(f"{rescued.stem}-again")
        with contextlib.suppress(ProjectError):
            save_project(project, rescued)
            return f" What was learned is in {rescued} instead."
    return ""


def _rescue_folders(path: Path) -> Iterator[Path]:
    """Give the folders to try, one after the other; each may be on another disk than the last."""
    with contextlib.suppress(OSError):
        folder = home() / "rescued"
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    yield path.parent
    with contextlib.suppress(OSError):  # no folder takes temporary files
        yield Path(tempfile.gettempdir())


def _heading(path: Path, settings: Settings, training_data: Dataset, test: Dataset) -> str:
    classes = listed_classes(training_data.class_names, LISTED)
    kept, validation = split(training_data, settings)
    validating = f", validating on {len(validation):,}" if validation is not None else ""
    return (
        f"Training {path} on {words.count(len(kept), 'sample')}{validating}, testing on "
        f"{len(test):,}; classes {classes}. Ctrl+C stops and keeps what was learned."
    )


COMMAND = Command("train a project's network and keep what it learns", add_arguments, run)


FOLDER = Path("layerscope-out")


def train_without_display(take_picture: Callable[[Path, Path], None], folder: Path = FOLDER) -> int:
    """Train the notebook's network; leave it, its weights and a picture in a folder.

    `take_picture` gets the project and the file for a picture of the window that shows it.
    """
    project = notebook()
    settings = project.settings
    path = folder / "notebook.layerscope"
    say("There is no display for the window (DISPLAY and WAYLAND_DISPLAY are not set).")
    say("So the notebook's network is trained here, on the bundled digits 0 and 1.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            f"The folder {folder.absolute()} for the results cannot be made: {error.strerror}. "
            "Start the program in a folder that you may write to."
        ) from error
    training_data, test = read_samples(project)
    progress = Progress(0, settings.epochs)
    outs = [folder / "weights.safetensors", folder / "weights.npz"]
    with StopRequests() as requests:
        data = training_data, test
        outcome = learn(
            *(project, project.check(), path, *data, progress, requests, RunNames("", path.stem))
        )
        code = keep(outcome, path, outs)
    if code == 0:
        picture = folder / "window.png"
        take_picture(path, picture)
        say(f"A picture of the window is in {picture}.")
    return code
