"""`export`: write trained weights for other programs."""

import argparse
from pathlib import Path

from engine.cli.shared import (
    Command,
    add_project,
    fitting_report,
    require_other_file,
    trained_weights,
)
from engine.files.project_file import open_project
from engine.files.weights_file import (
    ENDINGS,
    export_weights,
    load_with_scaling,
    require_known_ending,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_project(parser)
    endings = " or ".join(ENDINGS)
    parser.add_argument("path", metavar="PATH", type=Path, help=f"the file to write: {endings}")
    parser.add_argument(
        "--weights",
        metavar="WEIGHTS",
        type=Path,
        help=f"take these ({endings}) instead of the project's own",
    )


def run(options: argparse.Namespace) -> int:
    """Write the file."""
    require_known_ending(options.path)
    project = open_project(options.project)
    require_other_file(options.path, options.project)
    report = fitting_report(project, options.project)
    scaling = project.scaling
    if options.weights:
        weights, scaling = load_with_scaling(options.weights, report)
    else:
        weights = trained_weights(project, report, options.project)
    named = project.class_names
    export_weights(options.path, project.stack, weights, scaling=scaling, class_names=named)
    print(f"Wrote {options.path}.")
    return 0


COMMAND = Command("write trained weights for other programs", add_arguments, run)
