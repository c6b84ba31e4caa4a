"""`new`: write a project from a template."""

import argparse
from dataclasses import replace
from pathlib import Path

from engine.array_types import format_shape
from engine.cli.output import say
from engine.cli.shared import Command, changed_settings, require_new_project
from engine.data import load
from engine.data.names import LISTED, listed_classes
from engine.files.project_file import save_project
from engine.model.templates import TEMPLATES, suited
from engine.training.samples import image_form, require_several_classes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "template", metavar="TEMPLATE", choices=TEMPLATES, help=", ".join(TEMPLATES)
    )
    parser.add_argument(
        "project", metavar="PROJECT", type=Path, help="the .layerscope file to write"
    )
    parser.add_argument(
        "--data",
        metavar="DATA",
        help="fit the network to this data: a name, a folder or a file, as for train",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file of that name")


def run(options: argparse.Namespace) -> int:
    """Write the project."""
    path: Path = options.project
    require_new_project(path, overwrite=options.overwrite)
    project = TEMPLATES[options.template]()
    fitted = ""
    if options.data is not None:
        project = replace(project, settings=changed_settings(project, options))
        training_data, _ = load(project.settings.dataset, form=image_form(project.settings))
        require_several_classes(training_data)
        project = suited(project, training_data.input_shape, training_data.classes)
        names = listed_classes(training_data.class_names, LISTED)
        fitted = f", for images of {format_shape(training_data.input_shape)}; classes {names}"
    save_project(project, path)
    say(f"Wrote {path}, from the template {options.template}{fitted}.")
    return 0


COMMAND = Command("write a project from a template", add_arguments, run)
