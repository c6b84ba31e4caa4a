"""`data`: a group of commands, for the known data sets and for what is in data."""

from engine.cli import data_check, data_get, data_list
from engine.cli.shared import Group

COMMAND = Group(
    "list the known data sets, download one, or say what is wrong with some data",
    {
        "list": data_list.COMMAND,
        "get": data_get.COMMAND,
        "check": data_check.COMMAND,
    },
)
