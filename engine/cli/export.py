"""`export`: write a trained network for other programs, and prove what was written."""

import argparse
from dataclasses import replace
from pathlib import Path

from engine.cli.output import PassingLine, print_rows, say
from engine.cli.shared import (
    Command,
    add_json,
    add_project,
    add_weights,
    fitting_report,
    read_samples,
    require_local,
    require_other_file,
    with_weights,
)
from engine.errors import DataError
from engine.exports.curves import kept_curves
from engine.exports.export import export
from engine.exports.formats import FORMATS, format_for
from engine.exports.trained_network import TrainedNetwork
from engine.files.project_file import open_project
from engine.runs.store import RunStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_project(parser)
    parser.add_argument("path", metavar="PATH", type=Path, help="the file, or folder, to write")
    parser.add_argument(
        "--format",
        choices=list(FORMATS),
        help="what to write; it follows from the ending of a file "
        f"({', '.join(kind.ending for kind in FORMATS.values() if kind.ending)})",
    )
    add_weights(parser)
    parser.add_argument(
        "--no-verify", action="store_true", help="do not read back and compare what was written"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="write into a folder that is not empty"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Write the file or folder, and say what came of its proof."""
    kind = format_for(options.path, options.format)
    network = _network(options)
    require_other_file(options.path, options.project, network.project.settings.dataset)
    with PassingLine() as line:
        outcome = export(
            network,
            options.path,
            kind,
            verify=not options.no_verify,
            overwrite=options.overwrite,
            report=lambda fraction: line.show(f"exporting: {fraction:.0%}"),
        )
    doubtful = [each.text for each in outcome.verdicts if not (each.holds or each.missing)]
    if doubtful:
        say("\n".join(doubtful), aside=True)
    sound = [each.text for each in outcome.verdicts if each.text not in doubtful]
    strongest = outcome.strongest
    row = {
        "format": outcome.kind.name,
        "path": str(outcome.path),
        "verified": outcome.verified,
        "samples": 0 if strongest is None else strongest.samples,
        "agree": 0 if strongest is None else strongest.agree,
        "max_difference": None if strongest is None else strongest.largest,
    }
    print_rows([row], options.json, lambda: [f"Wrote {options.path}.", *sound])
    return 0


def _network(options: argparse.Namespace) -> TrainedNetwork:
    """Take the network, with the samples of its data if that is still there, and its curves."""
    project = open_project(options.project)
    project = with_weights(project, fitting_report(project, options.project), options)
    try:
        require_local(project.settings.dataset)
        network = TrainedNetwork.of(project, *read_samples(project))
    except DataError:
        network = TrainedNetwork.of(project)
    if options.weights:
        return network
    return replace(network, curves=kept_curves(project, RunStore().folder))


COMMAND = Command("write a trained network for other programs", add_arguments, run)
