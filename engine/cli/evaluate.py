"""`evaluate`: say how well a trained network does on labelled images."""

import argparse
from dataclasses import replace
from pathlib import Path

from engine.cli.output import print_rows
from engine.cli.shared import (
    Command,
    add_data,
    add_json,
    add_project,
    add_weights,
    changed_settings,
    find_classes,
    fitting_report,
    read_samples,
    require_images,
    require_local,
    with_weights,
)
from engine.data import Dataset, load_pair
from engine.files.project_file import open_project
from engine.model.network import Network
from engine.model.project import Project
from engine.text import words
from engine.training.evaluation import Evaluation, evaluate
from engine.training.executor import Executor
from engine.training.samples import image_form, learned_scaling

_WIDEST = 120  # columns of a matrix that is printed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_project(parser)
    add_weights(parser)
    parser.add_argument("--images", metavar="IDX", type=Path, help="images to test, with --labels")
    parser.add_argument("--labels", metavar="IDX", type=Path, help="the labels of --images")
    add_data(parser)
    add_json(parser)
    parser.set_defaults(refuse=parser.error)


def run(options: argparse.Namespace) -> int:
    """Print the outcome."""
    if (options.images is None) != (options.labels is None):
        options.refuse("--images and --labels go together: give both or neither")
    if options.images is not None and options.data is not None:
        options.refuse("give either --images and --labels, or --data")
    path: Path = options.project
    project = open_project(path)
    if options.data is None and options.images is None:
        require_local(project.settings.dataset)
    project = replace(project, settings=changed_settings(project, options, "classes"))
    if options.classes is None and options.images is None:
        project = find_classes(project)
    report = fitting_report(project, path)
    project = with_weights(project, report, options)
    samples = _samples(options, project)
    require_images(project, path, samples.input_shape, "Choose images of this size.")
    executor = Executor(Network(report, project.weights), project.settings.loss)
    try:
        outcome = evaluate(executor, samples)
    finally:
        executor.close()
    row = {
        "samples": outcome.samples,
        "classes": samples.class_names if samples.is_named else samples.classes,
        "accuracy": outcome.accuracy,
        "balanced_accuracy": outcome.confusion.balanced_accuracy,
        "loss": outcome.loss,
        "confusion": outcome.confusion.counts.tolist(),
    }
    print_rows([row], options.json, lambda: _in_words(outcome, samples))
    return 0


def _samples(options: argparse.Namespace, project: Project) -> Dataset:
    if options.images is None:
        return read_samples(project)[1]
    settings = project.settings
    form = image_form(settings)
    samples = load_pair(options.images, options.labels, form).matching(settings.classes)
    if len(project.class_names) == len(settings.classes):
        samples = replace(samples, class_names=project.class_names)
    if settings.scaling == "unit":
        return samples
    scaling = learned_scaling(project, samples.input_shape)
    if scaling is None:
        require_local(settings.dataset)
        scaling = read_samples(project)[0].scaling
    return samples.scaled(scaling)


def _in_words(outcome: Evaluation, samples: Dataset) -> list[str]:
    names = samples.class_names
    rows = [["true", *names]]
    for name, counts in zip(names, outcome.confusion.counts.tolist(), strict=True):
        rows.append([name, *(f"{number:,}" for number in counts)])
    matrix = [
        "Confusion matrix: a row per true class, a column per answer of the network",
        *words.table(rows, ">" * (len(names) + 1)),
    ]
    if len(matrix[-1]) > _WIDEST:
        matrix = [
            f"The confusion matrix of {len(names):,} classes is too wide to print; --json has it."
        ]
    return [
        f"Tested on {samples.name}, {words.count(outcome.samples, 'sample')}:",
        f"{_accuracy(outcome)}, loss {outcome.loss:.4g}",
        "",
        *matrix,
    ]


def _accuracy(outcome: Evaluation) -> str:
    """Say the accuracy, of unbalanced classes the balanced one too, and what has no answer."""
    accuracy, confusion = f"accuracy {words.percent(outcome.accuracy)}", outcome.confusion
    if confusion.without_answer:
        samples = words.count(confusion.without_answer, "sample")
        accuracy += f" (the outputs for {samples} are not finite)"
    if not confusion.is_unbalanced:
        return accuracy
    balanced = words.percent(confusion.balanced_accuracy)
    return f"{accuracy}, balanced accuracy {balanced} (the mean over the classes)"


COMMAND = Command("test a trained network on labelled images", add_arguments, run)
