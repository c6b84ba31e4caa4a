"""`runs`: a group of commands, for the trainings that were kept."""

from engine.cli import (
    runs_compare,
    runs_delete,
    runs_edit,
    runs_export,
    runs_list,
    runs_restore,
    runs_room,
    runs_show,
)
from engine.cli.shared import Group

COMMAND = Group(
    "list the runs that were kept, show, compare, change, export, delete, restore or limit them",
    {
        "list": runs_list.COMMAND,
        "show": runs_show.COMMAND,
        "compare": runs_compare.COMMAND,
        "edit": runs_edit.COMMAND,
        "export": runs_export.COMMAND,
        "delete": runs_delete.COMMAND,
        "restore": runs_restore.COMMAND,
        "room": runs_room.COMMAND,
    },
)
