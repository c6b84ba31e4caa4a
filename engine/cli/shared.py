"""What several commands need: options, a network that fits its data, weights of a whole stack."""

import argparse
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from engine.advice.data_fit import offer_classes
from engine.array_types import Shape, format_shape
from engine.cli.output import PassingLine
from engine.data import Dataset, load, sources
from engine.data.sources import class_numbers, numbers_of_learned
from engine.errors import DataError, ProjectError, WeightsError
from engine.files.project_file import PROJECT_ENDING
from engine.files.weights_file import ENDINGS, load_with_scaling
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.model.weights import Weights
from engine.paths import is_network_path
from engine.struct_fields import Field, fields_of
from engine.training.samples import DataKey, image_form, load_samples, require_several_classes
from engine.version import PROGRAM

HOW = "its id or the beginning of it, its name, its number as in 'Run 7', or the path of its folder"
_METAVARS = {"%": "PERCENT", "px": "PX", "°": "DEGREES"}  # by the unit of a setting


class Command(NamedTuple):
    """One command: its line in the help, its arguments, and what it does."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


class Group(NamedTuple):
    """Commands that belong together, and their line in the help."""

    help: str
    commands: Mapping[str, Command]


def add_project(parser: argparse.ArgumentParser) -> None:
    """Add the argument PROJECT."""
    parser.add_argument("project", metavar="PROJECT", type=Path, help="a .layerscope file")


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the argument RUN."""
    parser.add_argument("run_word", metavar="RUN", help=HOW)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the option --json."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the options --data and --classes."""
    parser.add_argument(
        "--data",
        metavar="DATA",
        help=f"{', '.join(sources.NAMES)}, a folder of images with a subfolder for each "
        "class or a .zip of it, a folder with four IDX files, or a .npz or .csv file (default: "
        "what the project says)",
    )
    parser.add_argument(
        "--classes",
        metavar="0,1",
        type=_classes,
        help="which classes to tell apart, by number or name; a name with a comma goes in double "
        """quotes: '"cats, big",dogs'""",
    )


def add_weights(parser: argparse.ArgumentParser) -> None:
    """Add the option --weights."""
    parser.add_argument(
        "--weights",
        metavar="WEIGHTS",
        type=Path,
        help=f"take these ({' or '.join(ENDINGS)}) instead of the project's own",
    )


def add_settings(parser: argparse.ArgumentParser, names: Collection[str], text: str) -> None:
    """Add an option for each of some settings, with a text above all."""
    group = parser.add_argument_group("settings", text)
    for field in fields_of(Settings):
        if field.name in names:
            _add_setting(group, field)


def changed_settings(project: Project, options: argparse.Namespace, *names: str) -> Settings:
    """Change those settings of a project that were given as options.

    Raises SettingsError if a value is outside its limits, DataError if there is no class of some
    name.
    """
    changes: dict[str, Any] = {
        name: getattr(options, name) for name in names if getattr(options, name) is not None
    }
    if options.data is not None:
        path = os.path.expanduser(options.data)
        # A project is opened from other folders later, so it keeps where the data is in full.
        named = options.data in sources.NAMES or not os.path.exists(path)
        changes["dataset"] = options.data if named else os.path.realpath(path)
    if "classes" in changes:
        data = changes.get("dataset", project.settings.dataset)
        changes["classes"] = class_numbers(data, changes["classes"])
    return project.settings.with_changes(**changes)


def require_local(data: str) -> None:
    """Raise DataError if the data of a project is on another computer, and was not given here."""
    if is_network_path(data):
        raise DataError(
            f"The data of the project is on another computer, {data}, which is not asked for it "
            f"unless you name it. Give --data {data} to train or to evaluate."
        )


def fitting_report(project: Project, path: Path) -> ShapeReport:
    """Check the stack; raise ProjectError if it does not fit."""
    report = project.check()
    if report.problem is not None:
        raise ProjectError(f"The network of {path} does not fit. {report.problem.text}")
    return report


def read_samples(project: Project, key: DataKey | None = None) -> tuple[Dataset, Dataset]:
    """Load the samples of a project, or of a key; on a terminal say meanwhile how far that is."""
    with PassingLine() as line:
        return load_samples(project, line.show_reading, key)


def with_weights(project: Project, report: ShapeReport, options: argparse.Namespace) -> Project:
    """Take the weights of every slot, and their scaling: of the file that is given, or its own.

    Raises WeightsError if the file does not fit, or a block of the project has none yet.
    """
    if options.weights:
        given, scaling = load_with_scaling(options.weights, report)
        project = replace(project, weights=given)
        if scaling is None:
            return project
        settings = project.settings.with_changes(scaling="standard")
        return replace(project, settings=settings, scaling=scaling)
    path = options.project
    how = f"Train it ({PROGRAM} train {path}), or give a file of weights with --weights."
    if not project.weights:
        raise WeightsError(f"{path} holds no trained weights. {how}")
    weights: Weights = {}
    for index, row in enumerate(report.rows):
        arrays = project.weights.get(row.slot.id, {})
        if {name: array.shape for name, array in arrays.items()} != row.array_shapes:
            raise WeightsError(
                f"Block {index + 1} ({row.slot.label}) of {path} has no trained weights. {how}"
            )
        weights[row.slot.id] = arrays
    return replace(project, weights=weights)


def require_images(project: Project, path: Path, images: Shape, remedy: str) -> None:
    """Raise DataError if the network takes images of another shape."""
    if project.stack.input_shape != images:
        raise DataError(
            f"The network of {path} takes images of {format_shape(project.stack.input_shape)}, "
            f"but those of the data are {format_shape(images)}. {remedy}"
        )


def require_other_file(out: Path, project: Path, data: str) -> None:
    """Raise WeightsError if weights were to be written over the project or its data, by a link say.

    `data` is the name or the path of the data.
    """
    if not os.path.exists(out):
        return
    if os.path.samefile(out, project):
        raise WeightsError(f"{out} is the project {project} itself. Choose another file.")
    if os.path.isfile(out) and os.path.exists(data) and os.path.samefile(out, data):
        raise WeightsError(f"{out} is the data of the project {project}. Choose another file.")


def require_new_project(path: Path, *, overwrite: bool) -> None:
    """Raise ProjectError if no new project can have this name: for its ending, or as one has it."""
    if path.suffix.lower() != PROJECT_ENDING:
        raise ProjectError(
            f"{path} must end in {PROJECT_ENDING}, as project files do. "
            f"Call it {path.with_suffix(PROJECT_ENDING) if path.name else 'x' + PROJECT_ENDING}."
        )
    if os.path.lexists(path) and not overwrite:
        raise ProjectError(exists_already(path))


def exists_already(path: Path) -> str:
    """Say that something of a name is not replaced unasked, and how to ask for it."""
    return f"{path} exists already. Choose another name, or give --overwrite."


def with_images(project: Project, images: Shape) -> Project:
    """Copy an untrained project with the shape of its input changed."""
    return replace(project, stack=replace(project.stack, input_shape=images))


def _add_setting(group: argparse._ArgumentGroup, field: Field) -> None:
    option = "--" + field.name.replace("_", "-")
    text = field.help.split(". ")[0].rstrip(".").replace("%", "%%")
    if text.split()[0].istitle():  # a word, not a name such as SGD or LeCun
        text = text[0].lower() + text[1:]
    if field.kind == "bool":
        group.add_argument(option, action=argparse.BooleanOptionalAction, help=text)
    elif field.kind == "choice":
        group.add_argument(option, choices=field.choices, help=text)
    elif field.kind == "int":
        group.add_argument(option, metavar="N", type=whole_number, help=text)
    else:
        unit = _METAVARS.get(field.unit, "X")
        group.add_argument(option, metavar=unit, type=number, help=text)


def whole_number(text: str) -> int:
    """Read a whole number; Python alone would take 1_0 and the digits of other scripts too."""
    try:
        return int(_plain(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number, such as 10") from None


def number(text: str) -> float:
    """Read a number, written as programs write it."""
    try:
        return float(_plain(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number, such as 0.5") from None


def _plain(text: str) -> str:
    if "_" in text or not text.isascii():
        raise ValueError(text)
    return text


def _classes(text: str) -> tuple[str, ...]:
    """Read numbers and names of classes with commas between; a name in quotes may have some."""
    import csv  # which the window, which begins with this module too, does not need

    try:
        (row,) = csv.reader([text.strip()], skipinitialspace=True, strict=True)
        parts = tuple(part.strip() for part in row)
    except (csv.Error, ValueError):  # quotes without an end, or nothing
        parts = ()
    if not parts or not all(parts):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no list of classes; give numbers or names with commas between, such as "
            "0,1 or cat,dog, and a name that has a comma in double quotes"
        )
    return parts


def find_classes(project: Project) -> Project:
    """Give a trained project the numbers that its classes have in its data, by their names.

    Raises DataError if the data lacks one, or has them in another order.
    """
    if not project.weights:
        return project
    settings = project.settings
    learned = project.class_names, settings.classes
    found = numbers_of_learned(settings.dataset, *learned)
    return replace(project, settings=settings.with_changes(classes=found))


def read_or_fit(
    project: Project, *, may_fit: bool, before: str
) -> tuple[Project, tuple[Dataset, Dataset], str]:
    """Read the samples of a project; fit it to all classes of the data if it lacks some of its own.

    Only if it `may_fit`. It lacks all if the bundled or known data `before` has names for them, for
    numbers say nothing then. Return the project, the samples, and a sentence on what was fitted.
    Raises DataError if there is no such data.
    """
    others = before != project.settings.dataset and before in sources.NAMES
    lacks_all = others and bool(sources.class_names(before))
    try:
        if not (may_fit and lacks_all):
            return project, read_samples(project), ""
    except DataError:
        if not may_fit:
            raise
    fitted = _fitted(project, lacks_all=lacks_all)
    if fitted is None:
        return project, read_samples(project), ""
    count = len(fitted.settings.classes)
    said = f"The network is fitted to the {count:,} classes of the data."
    return fitted, read_samples(fitted), said


def _fitted(project: Project, *, lacks_all: bool) -> Project | None:
    settings = project.settings
    training, _ = load(settings.dataset, form=image_form(settings))
    if not lacks_all and set(settings.classes) <= set(training.classes):
        return None
    require_several_classes(training)
    offer = offer_classes(project.stack, project.settings, training.classes, training.input_shape)
    if offer is None:
        return None
    return replace(project, stack=offer.stack, settings=offer.settings)
