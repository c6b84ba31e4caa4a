"""`runs`: a group of commands, for the trainings that were kept."""

from engine.cli import runs_compare, runs_delete, runs_export, runs_list, runs_show
from engine.cli.shared import Group

COMMAND = Group(
    "list the runs that were kept, show, compare, export or delete them",
    {
        "list": runs_list.COMMAND,
        "show": runs_show.COMMAND,
        "compare": runs_compare.COMMAND,
        "export": runs_export.COMMAND,
        "delete": runs_delete.COMMAND,
    },
)
