"""The parser of the command line, made of the commands."""

import argparse

from engine.cli import bench, check, evaluate, export, new, train

COMMANDS = {
    "new": new.COMMAND,
    "check": check.COMMAND,
    "train": train.COMMAND,
    "evaluate": evaluate.COMMAND,
    "export": export.COMMAND,
    "bench": bench.COMMAND,
}


def make_parser(version: str) -> argparse.ArgumentParser:
    """Make the parser; what it gives has `run`, to be called with itself."""
    parser = argparse.ArgumentParser(
        prog="main.py",
        usage="main.py [PROJECT]\n       main.py COMMAND ... [--help]",
        description="Build small convolutional networks by clicking, train them and look inside. "
        "Without a command the window opens, with PROJECT or the notebook's network.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Layerscope {version}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        one = commands.add_parser(
            name,
            prog=f"main.py {name}",
            help=command.help,
            description=f"{command.help[0].upper()}{command.help[1:]}.",
            allow_abbrev=False,
        )
        command.add_arguments(one)
        one.set_defaults(run=command.run)
    return parser
