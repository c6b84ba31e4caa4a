"""`runs compare`: what differs between runs, and whether one is better on the same test images."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from string import ascii_uppercase
from textwrap import wrap

from engine.cli.output import accuracy, fitting_table, print_rows, width
from engine.cli.shared import HOW, Command, add_json, read_samples, require_local
from engine.data.names import listed
from engine.errors import LayerscopeError, RunError
from engine.runs.comparison import SideBySide, Spread, side_by_side, spread, why_other_samples
from engine.runs.data_place import place_of_data
from engine.runs.differences import Difference, run_differences
from engine.runs.prediction_files import read_predictions
from engine.runs.predictions import RunPredictions, predict_kept
from engine.runs.repeats import has_own_images, one_of_each_seed, repeats, seeds_trained_again
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from engine.text import words
from engine.training.samples import digest_of_data

_MOST = len(ascii_uppercase)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("run_words", metavar="RUN", nargs="+", help=f"two or more: {HOW}")
    parser.add_argument(
        "--data",
        metavar="DATA",
        help="where the data of runs is that kept no predictions, as those of another program",
    )
    add_json(parser)
    parser.set_defaults(refuse=parser.error)


def run(options: argparse.Namespace) -> int:
    """Print what differs, then how two runs do on the same images."""
    if len(options.run_words) < 2:
        options.refuse("give two runs or more, to compare them")
    if len(options.run_words) > _MOST:
        options.refuse(f"give at most {_MOST} runs")
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
        lines = _table(runs, differing)
        if found is not None:
            lines += ["", *wrap(_spread_text(runs, found), width())]
        if len(runs) == 2:
            compared = why_not if images is None else _images_text(images, note)
            lines += ["", *wrap(compared, width())]
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


def _table(runs: Sequence[Run], differing: Sequence[Difference]) -> list[str]:
    """Write a row for each run, then what differs: a row for each thing, a column for each run."""
    rows = [["", "run", "name", "state", "epochs", "test"]]
    for letter, each in zip(ascii_uppercase, runs, strict=False):
        row = [letter, each.id, each.title, each.state or "–", f"{each.epochs:,}"]
        rows.append([*row, accuracy(each.test_accuracy)])
    lines = [*fitting_table(rows, "<<<<>>", column=2), ""]
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


COMMAND = Command(
    "say what differs between runs, and whether one is better on the same images",
    add_arguments,
    run,
)
