"""`runs`: the trainings that were kept: list, show, compare, export or delete them."""

import argparse
import contextlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from string import ascii_uppercase

import msgspec

from engine.cli.output import PassingLine, accuracy, print_rows, say
from engine.cli.shared import (
    HOW,
    Command,
    Group,
    add_json,
    add_run,
    exists_already,
    read_samples,
    require_local,
    whole_number,
)
from engine.data.known.known_sets import megabytes
from engine.data.names import listed
from engine.errors import ExportError, LayerscopeError, RunError
from engine.files.project_file import PROJECT_ENDING
from engine.files.staging import is_filled
from engine.model.settings import Settings
from engine.runs.comparison import SideBySide, Spread, side_by_side, spread, why_other_samples
from engine.runs.data_place import place_of_data
from engine.runs.differences import (
    Difference,
    continues,
    predecessors,
    rate_sentence,
    run_changes,
    run_differences,
    settings_summary,
    with_rate_changes,
)
from engine.runs.prediction_files import read_predictions
from engine.runs.predictions import RunPredictions, predict_kept
from engine.runs.repeats import has_own_images, one_of_each_seed, repeats, seeds_trained_again
from engine.runs.run_export import RUN_FORMATS, export_run, run_format
from engine.runs.run_folder import Run, read_run
from engine.runs.run_form import NUMERICS
from engine.runs.store import RunStore, bytes_of
from engine.struct_fields import field_of, fields_of
from engine.text import words
from engine.text.letters import one_line
from engine.training.best_epoch import ranked_by
from engine.training.samples import digest_of_data
from engine.version import PROGRAM

_HEAD = ["run", "name", "state", "epochs", "time", "test", "what differs"]
_MOST_ROWS = 12  # epochs that are printed
_MOST_COMPARED = len(ascii_uppercase)


def run_list(options: argparse.Namespace) -> int:
    """Print a row per run, the newest first."""
    store = RunStore()
    runs = store.runs()
    for damaged in store.damaged:
        say(damaged, aside=True)
    if not runs:
        store.require_readable()
    rows, cells = [], [_HEAD]
    for run, other in zip(runs, predecessors(runs), strict=True):
        before = [] if other is None else run_changes(other, run)
        differing = [*before, *rate_sentence(run)]
        other_id = None if other is None else other.id
        rows.append({**_as_json(run), "differs": differing, "differs_from": other_id})
        cells.append(_cells(run, differing, other))
    if not runs and not options.json:
        if not store.damaged:
            say(f"There are no runs yet. Every training is kept as one: {PROGRAM} train PROJECT.")
        return 0
    print_rows(rows, options.json, lambda: words.table(cells, "<<<>>><"))
    return 0


def _as_json(run: Run) -> dict[str, object]:
    return {
        "run": run.id,
        "name": run.title,
        "state": run.state,
        "epochs": run.epochs,
        "test_accuracy": run.test_accuracy,
        "parent": None if run.parent is None else run.parent.run,
        "parent_epoch": None if run.parent is None else run.parent.epoch,
        "started": None if run.started is None else run.started.isoformat(),
        "pinned": run.pinned,
        "seconds": run.seconds,
    }


def _cells(run: Run, differing: list[str], other: Run | None) -> list[str]:
    differences = continues(run, other), ", ".join(differing)
    return [
        run.id,
        one_line(f"{'↳ ' if run.parent else ''}{run.title}"),
        run.state or "–",
        f"{run.epochs:,}",
        words.time_taken(run.seconds),
        accuracy(run.test_accuracy),
        " · ".join(part for part in differences if part),
    ]


def _add_run(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    add_json(parser)


def show(options: argparse.Namespace) -> int:
    """Print all that is known of the run."""
    found = RunStore().find(options.run_word)
    parent = _parent_of(found)
    print_rows([_all_of(found, parent)], options.json, lambda: _show_lines(found, parent))
    return 0


def _parent_of(run: Run) -> Run | None:
    """Return the run beside it that a run goes on from; None if none can be read."""
    if run.parent is None:
        return None
    with contextlib.suppress(RunError, ValueError):  # no folder has such a name
        return read_run(run.folder.with_name(run.parent.run))
    return None


def _show_lines(run: Run, parent: Run | None) -> list[str]:
    about, rate = run.description, field_of(Settings, "learning_rate").title
    settings = [
        [title, with_rate_changes(value, run) if title == rate else value]
        for title, value in settings_summary(about.project)
    ]
    blocks = [f"{i}. {one_line(slot.label)}" for i, slot in enumerate(about.project.stack, 1)]
    kept = ["No weights are kept."]
    if run.kept_epochs:
        ages = ", ".join(f"{run.age(epoch):,}" for epoch in run.kept_epochs)
        kept = [f"Weights are kept after the epochs {ages}."]
    kept.append(f"{megabytes(bytes_of(run.folder))} in {run.folder}.")
    sections = [_show_heading(run, parent), words.table(settings, "<<"), blocks]
    sections += [_epochs(run), kept]
    lines = [line for section in sections if section for line in (*section, "")]
    return lines[:-1]


def _show_heading(run: Run, parent: Run | None) -> list[str]:
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
    return lines + [text for text in texts if text]


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


def _all_of(run: Run, parent: Run | None) -> dict[str, object]:
    about = run.description
    return {
        **_as_json(run),
        "note": run.note,
        "reason": about.reason,
        "epochs_before": about.project.trained_epochs,
        "part_before": about.project.trained_part,
        "best_epoch": run.best_epoch,
        "best_by": None if run.best is None else f"{ranked_by(run.best)}_accuracy",
        "changes": None if parent is None else run_changes(parent, run),
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


def _add_comparison(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("run_words", metavar="RUN", nargs="+", help=f"two or more: {HOW}")
    parser.add_argument(
        "--data",
        metavar="DATA",
        help="where the data of runs is that kept no predictions, as those of another program",
    )
    add_json(parser)
    parser.set_defaults(refuse=parser.error)


def compare(options: argparse.Namespace) -> int:
    """Print what differs, then how two runs do on the same images."""
    if len(options.run_words) < 2:
        options.refuse("give two runs or more, to compare them")
    if len(options.run_words) > _MOST_COMPARED:
        options.refuse(f"give at most {_MOST_COMPARED} runs")
    store = RunStore()
    runs = [store.find(word) for word in options.run_words]
    images, why_not, note = None, "Only two runs are compared image by image.", ""
    if len(runs) == 2:
        try:
            first, second = (_predictions_of(each, runs, store, options.data) for each in runs)
        except LayerscopeError as fault:
            why_not = str(fault)
        else:
            note, why_not = first.samples.note, why_other_samples(first, second)
            images = None if why_not else side_by_side(first, second)
    counted = one_of_each_seed(runs) if len(repeats(runs)) == 1 else ()
    accuracies = [each.test_accuracy for each in counted if each.test_accuracy is not None]
    found = spread(accuracies) if len(counted) > 1 and accuracies else None
    differing = run_differences(runs)
    groups = ("both_right", "only_first", "only_second", "both_wrong")
    row = {
        "runs": [each.id for each in runs],
        "differing": {each.key: each.values for each in differing},
        **{name: None if images is None else len(getattr(images, name)) for name in groups},
        "p_value": None if images is None else images.p_value,
        "why_not": why_not,
        "test_accuracies": [each.test_accuracy for each in runs],
        "mean": None if found is None else found.mean,
        "deviation": None if found is None else found.deviation,
        "own_test_images": None if found is None else has_own_images(runs),
    }

    def text() -> list[str]:
        lines = _comparison_table(runs, differing)
        if found is not None:
            lines += ["", _spread_text(runs, found)]
        if len(runs) == 2:
            compared = why_not if images is None else _images_text(images, note)
            lines += ["", compared]
        return lines

    print_rows([row], options.json, text)
    return 0


def _predictions_of(
    run: Run, compared: Sequence[Run], store: RunStore, data: str | None
) -> RunPredictions:
    """Return the predictions that a run has kept, else those of its last weights on its data.

    That is read where the run says, or where one of those that are compared or kept had the same.
    """
    kept = read_predictions(run.folder)
    if kept is not None and len(kept.epochs):
        return kept
    if not run.kept_epochs:
        raise RunError(f"The run {run.id} has no predictions. {run.why_no_weights}")
    last = run.kept_epochs[-1]
    project = run.project_after(last)
    if data is None and run.folder.parent != store.folder:
        require_local(project.settings.dataset)
    if data is not None:
        project = replace(project, settings=project.settings.with_changes(dataset=data))
    key = place_of_data(project, [*compared, *store.runs()])
    training, test = read_samples(project, key)
    digest = digest_of_data(key.data, training, test)
    if run.description.data_digest and digest and digest != run.description.data_digest:
        raise RunError(
            f"{key.data} is not what the run {run.id} was trained on: images, "
            "labels or classes are others. Say with --data where that is."
        )
    return predict_kept(run, test, [last])


def _comparison_table(runs: Sequence[Run], differing: Sequence[Difference]) -> list[str]:
    """Write a row for each run, then what differs: a row for each thing, a column for each run."""
    rows = [["", "run", "name", "state", "epochs", "test"]]
    for letter, each in zip(ascii_uppercase, runs, strict=False):
        row = [letter, each.id, each.title, each.state or "–", f"{each.epochs:,}"]
        rows.append([*row, accuracy(each.test_accuracy)])
    lines = [*words.table(rows, "<<<<>>"), ""]
    if len({each.folder for each in runs}) == 1:
        return [*lines, "They are the same run. Give another, to compare it with."]
    if not differing:
        return [*lines, "Their settings and blocks are the same."]
    head = ["what differs", *ascii_uppercase[: len(runs)]]
    rows = [head, *([each.title, *each.texts] for each in differing)]
    return [*lines, *words.table(rows, "<" * len(head))]


def _spread_text(runs: Sequence[Run], found: Spread) -> str:
    tested = ", each tested on images of its own" if has_own_images(runs) else ""
    seeds = listed([str(seed) for seed in seeds_trained_again(runs)])
    once = f" Of each seed one run counts: {seeds} was trained more than once." if seeds else ""
    apart = "" if found.deviation is None else f", standard deviation {100 * found.deviation:.2g} %"
    return (
        f"They differ in their seed alone{tested}. Test accuracy: mean {accuracy(found.mean)}"
        f"{apart}, from {accuracy(found.lowest)} to {accuracy(found.highest)}.{once}"
    )


def _images_text(images: SideBySide, note: str) -> str:
    groups = images.both_right, images.only_first, images.only_second, images.both_wrong
    counts = [f"{len(group):,}" for group in groups]
    counted = (
        f"Of the same {words.count(sum(map(len, groups)), 'test image')}, both are right on "
        f"{counts[0]}, only A on {counts[1]}, only B on {counts[2]}, and neither on {counts[3]}."
    )
    texts = counted, images.sentence("A", "B"), images.caveat, note
    return " ".join(each for each in texts if each)


def _add_deletion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_words", metavar="RUN", nargs="+", help=HOW)
    add_json(parser)


def delete(options: argparse.Namespace) -> int:
    """Put the runs away, and say which they were."""
    store = RunStore()
    # All are found before any is deleted; one that is given by two words is one.
    runs = {run.folder: run for run in map(store.find, options.run_words)}
    for run in runs.values():
        size = bytes_of(run.folder)
        deleted = store.delete(run)
        epochs = words.count(run.epochs, "epoch")
        lines = [
            f"Deleted the run {run.title} ({run.id}) of {epochs}, {megabytes(size)}.",
            f"Until its room is needed its folder is still in {deleted.kept_in}.",
        ]
        place = str(deleted.kept_in)
        row = {"run": deleted.id, "name": run.title, "bytes": size, "kept_in": place}
        print_rows([row], options.json, lines.copy)
    return 0


def _add_export(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument(
        "path",
        metavar="PATH",
        type=Path,
        help="a new folder for a copy of the run; a .zip for the same in one file; a .csv for a "
        f"row of numbers for each epoch; a {PROJECT_ENDING} file for a project with its network, "
        "settings and weights, with which `train --resume` goes on",
    )
    parser.add_argument(
        "--format",
        choices=RUN_FORMATS,
        help="what to write, where the ending does not say it",
    )
    parser.add_argument(
        "--epoch",
        metavar="N",
        type=whole_number,
        help="for a project: take it as it was after this epoch, of which weights must be kept "
        "(default: the last)",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a file of that name, or write into a folder that is not empty",
    )
    add_json(parser)
    parser.set_defaults(refuse=parser.error)


def export(options: argparse.Namespace) -> int:
    """Write the run, and say where it is."""
    path: Path = options.path
    kind = run_format(path, options.format)
    if options.epoch is not None and kind != "project":
        options.refuse(f"--epoch is for a project: let PATH end in {PROJECT_ENDING}")
    if not options.overwrite and (os.path.isfile(path) or is_filled(path)):
        raise ExportError(exists_already(path))
    found = RunStore().find(options.run_word)
    epoch = None if options.epoch is None else found.kept_at(options.epoch)
    with PassingLine() as line:
        export_run(
            *(found, path, kind),
            epoch=epoch,
            overwrite=options.overwrite,
            report=lambda fraction: line.show(f"exporting: {fraction:.0%}"),
        )
    row = {"run": found.id, "format": kind, "path": str(path)}
    lines = [f"Wrote the run {found.title} ({found.id}) to {path}."]
    print_rows([row], options.json, lines.copy)
    return 0


COMMAND = Group(
    "list the runs that were kept, show, compare, export or delete them",
    {
        "list": Command("list the runs that were kept, the newest first", add_json, run_list),
        "show": Command("show what a run was and what came of it", _add_run, show),
        "compare": Command(
            "say what differs between runs, and whether one is better on the same images",
            _add_comparison,
            compare,
        ),
        "export": Command(
            "copy a run into a folder or a .zip, its metrics into a table, or make a project of it",
            _add_export,
            export,
        ),
        "delete": Command("delete runs, without asking", _add_deletion, delete),
    },
)
