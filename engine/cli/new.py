"""`new`: write a project from a template."""

import argparse
from pathlib import Path

from engine.cli.shared import Command
from engine.errors import ProjectError
from engine.files.project_file import PROJECT_ENDING, save_project
from engine.model.templates import TEMPLATES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "template", metavar="TEMPLATE", choices=TEMPLATES, help=", ".join(TEMPLATES)
    )
    parser.add_argument(
        "project", metavar="PROJECT", type=Path, help="the .layerscope file to write"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file of that name")


def run(options: argparse.Namespace) -> int:
    """Write the project."""
    path: Path = options.project
    if path.suffix.lower() != PROJECT_ENDING:
        raise ProjectError(
            f"{path} must end in {PROJECT_ENDING}, as project files do. "
            f"Call it {path.with_suffix(PROJECT_ENDING) if path.name else 'x' + PROJECT_ENDING}."
        )
    if path.exists() and not options.overwrite:
        raise ProjectError(f"{path} exists already. Choose another name, or give --overwrite.")
    save_project(TEMPLATES[options.template](), path)
    print(f"Wrote {path}, from the template {options.template}.")
    return 0


COMMAND = Command("write a project from a template", add_arguments, run)
