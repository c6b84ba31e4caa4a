"""The parser of the command line, made of the commands."""

import argparse
import importlib
from collections.abc import Mapping, Sequence
from functools import partial

from engine.cli.desktop_menu import add_to_menu, remove_from_menu
from engine.cli.output import say
from engine.cli.shared import Command, Group
from engine.version import PROGRAM

COMMANDS = {  # and the modules that they are in, which the window does not need
    "new": "new",
    "check": "check",
    "train": "train",
    "evaluate": "evaluate",
    "export": "export",
    "import": "import_file",
    "data": "data",
    "runs": "runs",
    "bench": "bench",
}
VERBOSE = {"-v": 1, "--verbose": 1, "-vv": 2}


def make_parser(version: str) -> argparse.ArgumentParser:
    """Make the parser; what it gives has `run`, to be called with itself."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [-v] [PROJECT]\n       {PROGRAM} [-v] COMMAND ... [--help]",
        description="Build small convolutional networks by clicking, train them and look inside. "
        "Without a command the window opens, with PROJECT or the notebook's network.",
        allow_abbrev=False,
    )
    _add_verbose(parser)
    at_once = partial(parser.add_argument, action=_AtOnce, nargs=0)
    at_once("--add-to-menu", const=add_to_menu, help="add the program to the applications menu")
    at_once("--remove-from-menu", const=remove_from_menu, help="remove it from there")
    parser.add_argument("--version", action="version", version=f"Layerscope {version}")
    _add_commands(parser, PROGRAM, {name: command_of(name) for name in COMMANDS})
    return parser


class _AtOnce(argparse.Action):
    """An option that does something, says so and ends the program, as --version does."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        assert callable(self.const)
        say(self.const())
        parser.exit()


def command_of(name: str) -> Command | Group:
    """Return a command, or a group of them."""
    found: Command | Group = importlib.import_module(f"engine.cli.{COMMANDS[name]}").COMMAND
    return found


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
