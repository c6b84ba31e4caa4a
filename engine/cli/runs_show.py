"""`runs show`: what a run was and what came of it."""

import argparse
import contextlib
import json
from textwrap import wrap
from typing import TYPE_CHECKING

import msgspec

from engine.cli.runs_words import accuracy, add_run, width
from engine.cli.say import say
from engine.cli.shared import Command, add_json
from engine.data.known.known_sets import megabytes
from engine.errors import RunError
from engine.model.settings import Settings
from engine.struct_fields import field_of, fields_of
from engine.text import words
from engine.text.letters import one_line
from engine.training.best_epoch import ranked_by

if TYPE_CHECKING:  # the window begins with this module
    from engine.runs.run_folder import EpochMetrics, Run

_MOST_ROWS = 12  # epochs that are printed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print all that is known of the run."""
    from engine.runs.lifetimes import parent_of
    from engine.runs.store import RunStore

    found = RunStore().find(options.run_word)
    parent = parent_of(found)
    if options.json:
        print(json.dumps(_as_json(found, parent)))
        return 0
    sections = (
        _heading(found, parent),
        _settings(found),
        _blocks(found),
        _epochs(found),
        _learned(found),
        _kept(found),
    )
    say("\n\n".join("\n".join(section) for section in sections if section))
    return 0


def _heading(run: "Run", parent: "Run | None") -> list[str]:
    from engine.runs.differences import run_changes
    from engine.runs.predecessors import continues

    about = run.description
    lines = [f"{run.title} ({run.id})"]
    state = one_line(run.state or "state not known").capitalize()
    lines.append(
        f"{state}, {words.count(run.epochs, 'epoch')} with {words.time_taken(run.seconds)} of steps"
        + (f", begun {run.started:%Y-%m-%d %H:%M}" if run.started else "")
        + (", pinned" if run.pinned else "")
        + "."
    )
    if about.reason:
        lines += wrap(about.reason, width())
    best = run.best
    if best is not None:
        validated = best.validation_accuracy
        right = "" if validated is None else f" ({accuracy(validated)})"
        lines += wrap(
            f"Test accuracy {accuracy(run.test_accuracy)}; {accuracy(best.test_accuracy)} after "
            f"epoch {run.age(best.epoch):,}, the best by {ranked_by(best)} accuracy{right}.",
            width(),
        )
    if run.parent is not None:
        told = f"It {continues(run, parent)} ({run.parent.run})"
        if parent is not None:
            told += f": {', '.join(run_changes(parent, run)) or 'settings and blocks unchanged'}"
        lines += wrap(f"{told}.", width())
    lines += _versions(about.versions)
    if run.note:
        lines += wrap(f"Note: {run.note}", width())
    if run.bookmarks:
        ages = ", ".join(f"{run.age(epoch):,}" for epoch in run.bookmarks)
        lines += wrap(f"Bookmarked: {ages}.", width())
    return lines


def _versions(versions: dict[str, str]) -> list[str]:
    """Say which programs trained it, and which of the twins: the bits depend on them."""
    from engine.runs.run_form import NUMERICS

    programs = [f"{name} {number}" for name, number in versions.items() if name != NUMERICS]
    told = f"Trained with {', '.join(programs)}" if programs else ""
    if NUMERICS in versions:
        told += f"{', computed' if told else 'Computed'} in {versions[NUMERICS]}"
    return wrap(f"{told}.", width()) if told else []


def _settings(run: "Run") -> list[str]:
    """Write the settings that say most, those that are not the defaults, and later rates."""
    from engine.runs.differences import settings_summary, with_rate_changes

    rate, rows = field_of(Settings, "learning_rate").title, []
    for title, value in settings_summary(run.description.project):
        rows.append([title, with_rate_changes(value, run) if title == rate else value])
    return words.table(rows, "<<")


def _blocks(run: "Run") -> list[str]:
    return [
        f"{i}. {one_line(slot.label)}" for i, slot in enumerate(run.description.project.stack, 1)
    ]


def _epochs(run: "Run") -> list[str]:
    """Write the metrics of the epochs; of many the first, the last and some between."""
    if not run.metrics:
        return []
    count = len(run.metrics)
    steps = min(count, _MOST_ROWS)
    shown = [i * (count - 1) // max(steps - 1, 1) for i in range(steps)]
    rows = [["epoch", "loss", "accuracy", "test loss", "test accuracy"]]
    metrics = [*run.aged_metrics()]
    return words.table(rows + [_row(metrics[place]) for place in shown], ">>>>>")


def _row(metrics: "EpochMetrics") -> list[str]:
    return [
        f"{metrics.epoch:,}",
        f"{metrics.loss:.4g}",
        accuracy(metrics.accuracy),
        f"{metrics.test_loss:.4g}",
        accuracy(metrics.test_accuracy),
    ]


def _learned(run: "Run") -> list[str]:
    """Say what became of the test images since the network began to learn, as far as was kept."""
    from engine.runs.learning_history import LearningHistory
    from engine.runs.lifetimes import Lifetime
    from engine.runs.prediction_files import read_predictions

    predictions = None
    with contextlib.suppress(RunError):  # what is damaged is told where it is asked for
        predictions = read_predictions(run.folder)
    if predictions is None or not len(predictions.epochs):
        return []
    life = Lifetime.of(run, predictions)
    history = LearningHistory.of(life.predictions)
    since = f" since epoch {life.since:,}" if life.since else ""
    told = (
        f"Of {words.count(len(predictions.samples), 'test image')}, "
        f"{len(history.right_at_end):,} are right at the end; {len(history.never_learned):,} never "
        f"were{since}, and {len(history.most_forgotten):,} were forgotten at least once{since}."
    )
    return wrap(f"{told} {predictions.samples.note}".rstrip(), width())


def _kept(run: "Run") -> list[str]:
    from engine.runs.store import bytes_of

    ages = ", ".join(f"{run.age(epoch):,}" for epoch in run.kept_epochs)
    kept = f"Weights are kept after the epochs {ages}."
    lines = wrap(kept, width()) if run.kept_epochs else ["No weights are kept."]
    return [*lines, f"{megabytes(bytes_of(run.folder))} in {run.folder}."]


def _as_json(run: "Run", parent: "Run | None") -> dict[str, object]:
    from engine.runs.differences import run_changes
    from engine.runs.store import bytes_of

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
