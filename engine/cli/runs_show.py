"""`runs show`: what a run was and what came of it."""

import argparse
import contextlib
from textwrap import wrap

import msgspec

from engine.cli.output import accuracy, print_rows, width
from engine.cli.shared import Command, add_json, add_run
from engine.data.known.known_sets import megabytes
from engine.errors import RunError
from engine.model.settings import Settings
from engine.runs.differences import continues, run_changes, settings_summary, with_rate_changes
from engine.runs.learning_history import LearningHistory, Lifetime, parent_of
from engine.runs.prediction_files import read_predictions
from engine.runs.run_folder import Run
from engine.runs.run_form import NUMERICS
from engine.runs.store import RunStore, bytes_of
from engine.struct_fields import field_of, fields_of
from engine.text import words
from engine.text.letters import one_line
from engine.training.best_epoch import ranked_by

_MOST_ROWS = 12  # epochs that are printed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print all that is known of the run."""
    found = RunStore().find(options.run_word)
    parent = parent_of(found)
    print_rows([_as_json(found, parent)], options.json, lambda: _in_words(found, parent))
    return 0


def _in_words(run: Run, parent: Run | None) -> list[str]:
    about, rate = run.description, field_of(Settings, "learning_rate").title
    settings = [
        [title, with_rate_changes(value, run) if title == rate else value]
        for title, value in settings_summary(about.project)
    ]
    blocks = [f"{i}. {one_line(slot.label)}" for i, slot in enumerate(about.project.stack, 1)]
    kept = ["No weights are kept."]
    if run.kept_epochs:
        ages = ", ".join(f"{run.age(epoch):,}" for epoch in run.kept_epochs)
        kept = wrap(f"Weights are kept after the epochs {ages}.", width())
    kept.append(f"{megabytes(bytes_of(run.folder))} in {run.folder}.")
    sections = [_heading(run, parent), words.table(settings, "<<"), blocks]
    sections += [_epochs(run), _learned(run), kept]
    lines = [line for section in sections if section for line in (*section, "")]
    return lines[:-1]


def _heading(run: Run, parent: Run | None) -> list[str]:
    about, best = run.description, run.best
    lines = [f"{run.title} ({run.id})"]
    state = one_line(run.state or "state not known").capitalize()
    lines.append(
        f"{state}, {words.count(run.epochs, 'epoch')} with {words.time_taken(run.seconds)} of steps"
        + (f", begun {run.started:%Y-%m-%d %H:%M}" if run.started else "")
        + (", pinned" if run.pinned else "")
        + "."
    )
    texts = [about.reason]
    if best is not None:
        validated = best.validation_accuracy
        right = "" if validated is None else f" ({accuracy(validated)})"
        texts.append(
            f"Test accuracy {accuracy(run.test_accuracy)}; {accuracy(best.test_accuracy)} after "
            f"epoch {run.age(best.epoch):,}, the best by {ranked_by(best)} accuracy{right}."
        )
    if run.parent is not None:
        changes = ""
        if parent is not None:
            changes = f": {', '.join(run_changes(parent, run)) or 'settings and blocks unchanged'}"
        texts.append(f"It {continues(run, parent)} ({run.parent.run}){changes}.")
    # The bits depend on the programs, and on which of the twins computed.
    programs = [f"{name} {text}" for name, text in about.versions.items() if name != NUMERICS]
    trained = f"Trained with {', '.join(programs)}" if programs else ""
    if NUMERICS in about.versions:
        trained += f"{', computed' if trained else 'Computed'} in {about.versions[NUMERICS]}"
    texts.append(f"{trained}." if trained else "")
    texts.append(f"Note: {run.note}" if run.note else "")
    if run.bookmarks:
        ages = ", ".join(f"{run.age(epoch):,}" for epoch in run.bookmarks)
        texts.append(f"Bookmarked: {ages}.")
    return lines + [line for text in texts for line in wrap(text, width())]


def _epochs(run: Run) -> list[str]:
    """Write the metrics of the epochs; of many the first, the last and some between."""
    if not run.metrics:
        return []
    count = len(run.metrics)
    steps = min(count, _MOST_ROWS)
    metrics = [*run.aged_metrics()]
    rows = [["epoch", "loss", "accuracy", "test loss", "test accuracy"]]
    for each in (metrics[i * (count - 1) // max(steps - 1, 1)] for i in range(steps)):
        right = accuracy(each.accuracy), accuracy(each.test_accuracy)
        rows.append(
            [f"{each.epoch:,}", f"{each.loss:.4g}", right[0], f"{each.test_loss:.4g}", right[1]]
        )
    return words.table(rows, ">>>>>")


def _learned(run: Run) -> list[str]:
    """Say what became of the test images since the network began to learn, as far as was kept."""
    predictions = None
    with contextlib.suppress(RunError):  # what is damaged is told where it is asked for
        predictions = read_predictions(run.folder)
    if predictions is None or not len(predictions.epochs):
        return []
    life = Lifetime.of(run, predictions)
    history = LearningHistory.of(life.predictions)
    since = f" since epoch {life.since:,}" if life.since else ""
    text = (
        f"Of {words.count(len(predictions.samples), 'test image')}, "
        f"{len(history.right_at_end):,} are right at the end; {len(history.never_learned):,} never "
        f"were{since}, and {len(history.most_forgotten):,} were forgotten at least once{since}."
    )
    return wrap(f"{text} {predictions.samples.note}".rstrip(), width())


def _as_json(run: Run, parent: Run | None) -> dict[str, object]:
    about = run.description
    return {
        "run": run.id,
        "name": run.title,
        "note": run.note,
        "state": run.state,
        "reason": about.reason,
        "started": None if run.started is None else run.started.isoformat(),
        "seconds": run.seconds,
        "epochs": run.epochs,
        "epochs_before": about.project.trained_epochs,
        "part_before": about.project.trained_part,
        "best_epoch": run.best_epoch,
        "best_by": None if run.best is None else f"{ranked_by(run.best)}_accuracy",
        "test_accuracy": run.test_accuracy,
        "parent": None if run.parent is None else run.parent.run,
        "parent_epoch": None if run.parent is None else run.parent.epoch,
        "changes": None if parent is None else run_changes(parent, run),
        "pinned": run.pinned,
        "colour": run.colour,
        "versions": about.versions,
        "bookmarks": run.bookmarks,
        "kept_epochs": run.kept_epochs,
        "settings": {
            field.name: getattr(about.project.settings, field.name) for field in fields_of(Settings)
        },
        "blocks": [slot.label for slot in about.project.stack],
        "metrics": msgspec.to_builtins(run.metrics),
        "bytes": bytes_of(run.folder),
        "folder": str(run.folder),
    }


COMMAND = Command("show what a run was and what came of it", add_arguments, run)
