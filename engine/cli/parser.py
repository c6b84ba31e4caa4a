"""The parser of the command line, made of the commands."""

import argparse
from collections.abc import Mapping, Sequence

from engine.cli import bench, check, data, evaluate, export, import_file, new, runs, train
from engine.cli.shared import Command, Group

COMMANDS: dict[str, Command | Group] = {
    "new": new.COMMAND,
    "check": check.COMMAND,
    "train": train.COMMAND,
    "evaluate": evaluate.COMMAND,
    "export": export.COMMAND,
    "import": import_file.COMMAND,
    "data": data.COMMAND,
    "runs": runs.COMMAND,
    "bench": bench.COMMAND,
}
VERBOSE = {"-v": 1, "--verbose": 1, "-vv": 2}


def make_parser(version: str) -> argparse.ArgumentParser:
    """Make the parser; what it gives has `run`, to be called with itself."""
    parser = argparse.ArgumentParser(
        prog="main.py",
        usage="main.py [-v] [PROJECT]\n       main.py [-v] COMMAND ... [--help]",
        description="Build small convolutional networks by clicking, train them and look inside. "
        "Without a command the window opens, with PROJECT or the notebook's network.",
        allow_abbrev=False,
    )
    _add_verbose(parser)
    parser.add_argument("--version", action="version", version=f"Layerscope {version}")
    _add_commands(parser, "main.py", COMMANDS)
    return parser


def take_verbosity(given: Sequence[str]) -> tuple[int, list[str]]:
    """Return how often `-v` is among the arguments, and the others."""
    words = [each for each in given if each in VERBOSE]
    return sum(VERBOSE[each] for each in words), [each for each in given if each not in VERBOSE]


def _add_commands(
    parser: argparse.ArgumentParser, prog: str, commands: Mapping[str, Command | Group]
) -> None:
    places = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in commands.items():
        one = places.add_parser(
            name,
            prog=f"{prog} {name}",
            help=command.help,
            description=f"{command.help[0].upper()}{command.help[1:]}.",
            allow_abbrev=False,
        )
        _add_verbose(one)
        if isinstance(command, Group):
            _add_commands(one, f"{prog} {name}", command.commands)
        else:
            command.add_arguments(one)
            one.set_defaults(run=command.run)


def _add_verbose(parser: argparse.ArgumentParser) -> None:
    """Mention -v, which `take_verbosity` takes out before: it is for the window as well."""
    parser.add_argument(
        "-v",
        "--verbose",
        action="count",
        help="say on stderr what goes into the log; -vv says more",
    )
