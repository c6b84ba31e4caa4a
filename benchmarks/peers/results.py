"""The cells that were measured, kept in a file as soon as each is done."""

import json
import sys
from pathlib import Path

from benchmarks.peers.summary import Cell


class Results:
    """The cells in the order in which they were measured, with those that the file had before."""

    def __init__(self, path: Path | None, machine: str) -> None:
        self._path, self._machine = path, machine
        self.cells: list[Cell] = []
        if path is not None and path.exists():
            held = json.loads(path.read_text())
            if held["machine"] != machine:
                sys.exit(f"{path} is of another machine or versions: {held['machine']}")
            self.cells = held["cells"]

    def has(self, net: str, batch_size: int) -> bool:
        """Return whether a cell is done."""
        return any((cell["net"], cell["batch_size"]) == (net, batch_size) for cell in self.cells)

    def add(self, cell: Cell) -> None:
        """Take a cell, and write the file anew if there is one."""
        self.cells.append(cell)
        if self._path is None:
            return
        written = self._path.with_name(self._path.name + ".part")
        text = json.dumps({"machine": self._machine, "cells": self.cells}, indent=1)
        written.write_text(text + "\n")
        written.replace(self._path)
