"""`runs compare`: what differs between runs, and whether one is better on the same test images."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import ascii_uppercase
from textwrap import wrap
from typing import TYPE_CHECKING

from engine.cli.runs_words import HOW, accuracy, fitting_table, width
from engine.cli.say import say
from engine.cli.shared import Command, add_json, read_samples, require_local
from engine.errors import LayerscopeError, RunError
from engine.text import words

if TYPE_CHECKING:  # the window begins with this module
    from engine.runs.comparison import SideBySide, Spread
    from engine.runs.differences import Difference
    from engine.runs.predictions import RunPredictions
    from engine.runs.run_folder import Run
    from engine.runs.store import RunStore

_MOST = len(ascii_uppercase)


@dataclass(frozen=True, eq=False)
class _Compared:
    """What came of comparing runs.

    `images` are those of two runs, or `why_not` says why they are not compared image by image;
    `spread` is that of the test accuracies of runs that differ in their seed alone, of each of the
    seeds `again` by one run; with `own_images` each of them was tested on others.
    """

    runs: "Sequence[Run]"
    differing: "Sequence[Difference]"
    images: "SideBySide | None"
    why_not: str
    note: str
    spread: "Spread | None"
    again: tuple[int, ...]
    own_images: bool


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
    from engine.runs.store import RunStore

    store = RunStore()
    compared = _compare([store.find(word) for word in options.run_words], store, options.data)
    if options.json:
        print(json.dumps(_as_json(compared)))
    else:
        say("\n".join(_in_words(compared)))
    return 0


def _compare(runs: "Sequence[Run]", store: "RunStore", data: str | None) -> _Compared:
    from engine.runs.comparison import side_by_side, spread, why_other_samples
    from engine.runs.differences import run_differences
    from engine.runs.repeats import (
        has_own_images,
        one_of_each_seed,
        repeats,
        seeds_trained_again,
    )

    images, note = None, ""
    why_not = "Only two runs are compared image by image."
    if len(runs) == 2:
        try:
            first, second = (_predictions_of(each, runs, store, data) for each in runs)
        except LayerscopeError as fault:
            why_not = str(fault)
        else:
            note, why_not = first.samples.note, why_other_samples(first, second)
            images = None if why_not else side_by_side(first, second)
    counted = one_of_each_seed(runs) if len(repeats(runs)) == 1 else ()
    accuracies = [each.test_accuracy for each in counted if each.test_accuracy is not None]
    return _Compared(
        runs,
        run_differences(runs),
        *(images, why_not, note),
        spread(accuracies) if len(counted) > 1 and accuracies else None,
        seeds_trained_again(runs),
        has_own_images(runs),
    )


def _predictions_of(
    run: "Run", compared: "Sequence[Run]", store: "RunStore", data: str | None
) -> "RunPredictions":
    """Return the predictions that a run has kept, else those of its last weights on its data.

    That is read where the run says, or where one of those that are compared or kept had the same.
    """
    from engine.runs.data_place import place_of_data
    from engine.runs.kept_weights import predict_kept
    from engine.runs.prediction_files import read_predictions
    from engine.training.samples import digest_of_data

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


def _as_json(compared: _Compared) -> dict[str, object]:
    images = compared.images
    groups = ("both_right", "only_first", "only_second", "both_wrong")
    found = compared.spread
    return {
        "runs": [each.id for each in compared.runs],
        "differing": {each.key: each.values for each in compared.differing},
        **{name: None if images is None else len(getattr(images, name)) for name in groups},
        "p_value": None if images is None else images.p_value,
        "why_not": compared.why_not,
        "test_accuracies": [each.test_accuracy for each in compared.runs],
        "mean": None if found is None else found.mean,
        "deviation": None if found is None else found.deviation,
        "own_test_images": None if found is None else compared.own_images,
    }


def _in_words(compared: _Compared) -> list[str]:
    rows = [["", "run", "name", "state", "epochs", "test"]]
    for letter, each in zip(ascii_uppercase, compared.runs, strict=False):
        row = [letter, each.id, each.title, each.state or "–", f"{each.epochs:,}"]
        rows.append([*row, accuracy(each.test_accuracy)])
    lines = [*fitting_table(rows, "<<<<>>", column=2), ""]
    if same := _same(compared.runs):
        lines += wrap(same, width())
    if len({each.folder for each in compared.runs}) == 1:
        return lines
    lines += _differing(compared)
    if compared.spread is not None:
        lines += ["", *wrap(_spread(compared, compared.spread), width())]
    if len(compared.runs) == 2:
        lines += ["", *wrap(_images(compared), width())]
    return lines


def _same(runs: "Sequence[Run]") -> str:
    """Say which of the runs are one, given by two words perhaps; empty if none are."""
    letters: dict[Path, list[str]] = {}
    for letter, each in zip(ascii_uppercase, runs, strict=False):
        letters.setdefault(each.folder, []).append(letter)
    told = [f"{' and '.join(same)} are the same run." for same in letters.values() if len(same) > 1]
    return " ".join([*told, "Give another, to compare it with."]) if told else ""


def _differing(compared: _Compared) -> list[str]:
    """Write a table of what differs, or, where it would be too wide, a paragraph for each thing."""
    if not compared.differing:
        return ["Their settings and blocks are the same."]
    letters = ascii_uppercase[: len(compared.runs)]
    rows = [["what differs", *letters], *([each.title, *each.texts] for each in compared.differing)]
    lines = words.table(rows, "<" * len(rows[0]))
    if max(map(len, lines)) <= width():
        return lines
    lines = []
    for each in compared.differing:
        runs_with: dict[str, str] = {}
        for letter, text in zip(letters, each.texts, strict=True):
            runs_with[text] = runs_with.get(text, "") + letter
        values = (f"{text} ({', '.join(which)})" for text, which in runs_with.items())
        told = f"{each.title}: {'; '.join(values)}"
        lines += wrap(told, width(), subsequent_indent="  ")
    return lines


def _spread(compared: _Compared, found: "Spread") -> str:
    from engine.data.names import listed

    tested = ", each tested on images of its own" if compared.own_images else ""
    seeds = listed([str(seed) for seed in compared.again])
    once = f" Of each seed one run counts: {seeds} was trained more than once." if seeds else ""
    apart = "" if found.deviation is None else f", standard deviation {100 * found.deviation:.2g} %"
    return (
        f"They differ in their seed alone{tested}. Test accuracy: mean {accuracy(found.mean)}"
        f"{apart}, from {accuracy(found.lowest)} to {accuracy(found.highest)}.{once}"
    )


def _images(compared: _Compared) -> str:
    images = compared.images
    if images is None:
        return compared.why_not
    groups = images.both_right, images.only_first, images.only_second, images.both_wrong
    counts = [f"{len(group):,}" for group in groups]
    total = sum(map(len, groups))
    counted = (
        f"Of the same {words.count(total, 'test image')}, both are right on {counts[0]}, only A on "
        f"{counts[1]}, only B on {counts[2]}, and neither on {counts[3]}."
    )
    told = counted, images.sentence("A", "B"), images.caveat, compared.note
    return " ".join(each for each in told if each)


COMMAND = Command(
    "say what differs between runs, and whether one is better on the same images",
    add_arguments,
    run,
)
