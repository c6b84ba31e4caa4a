"""The cells that were measured, kept in a file as soon as each is done."""

import json
import math
import sys
from pathlib import Path

from benchmarks.peers.summary import Cell


class Results:
    """The cells in the order in which they were measured, with those that the file had before.

    Cells of which others took more than `redo` percent of the cores count as not yet done.
    """

    def __init__(self, path: Path | None, machine: str, redo: float = math.inf) -> None:
        self._path, self._machine, self._redo = path, machine, redo
        self.cells: list[Cell] = []
        if path is not None and path.exists():
            held = json.loads(path.read_text())
            if held["machine"] != machine:
                sys.exit(f"{path} is of another machine or versions: {held['machine']}")
            self.cells = held["cells"]

    def has(self, net: str, batch_size: int) -> bool:
        """Return whether a cell is done, and was not disturbed so much that it is to be redone."""
        held = self._held(net, batch_size)
        return held is not None and held["others_percent"] <= self._redo

    def add(self, cell: Cell) -> None:
        """Take a cell, in place of one that was disturbed more; write the file if there is one."""
        held = self._held(cell["net"], cell["batch_size"])
        if held is None:
            self.cells.append(cell)
        elif cell["others_percent"] < held["others_percent"]:
            self.cells[self.cells.index(held)] = cell
        if self._path is None:
            return
        written = self._path.with_name(self._path.name + ".part")
        text = json.dumps({"machine": self._machine, "cells": self.cells}, indent=1)
        written.write_text(text + "\n")
        written.replace(self._path)

    def _held(self, net: str, batch_size: int) -> Cell | None:
        cells = (c for c in self.cells if (c["net"], c["batch_size"]) == (net, batch_size))
        return next(cells, None)
