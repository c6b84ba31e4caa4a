"""`data`: a group of commands, for the known data sets and for what is in data."""

from engine.cli import data_list
from engine.cli.shared import Group

COMMAND = Group(
    "list the known data sets",
    {
        "list": data_list.COMMAND,
    },
)
