"""Call the program as a shell does, on small projects and small data."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.blocks import Conv, Dense, KnownBlock, Reshape, Sigmoid
from engine.files import save_project
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.training.run import Training
from main import main
from tests.engine.data.idx_files import write_pair

TRAINING = [3, 8, 3, 8, 3, 8, 3, 8, 3, 8, 5, 5]
TEST = [8, 3, 3, 8, 8, 5]


@dataclass(frozen=True)
class Answer:
    """What the program said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects that were printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Console:
    """Runs commands and collects what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *arguments: object) -> Answer:
        """Run the program; a refused command line ends as it does in a shell."""
        self._capsys.readouterr()
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else -1
        said = self._capsys.readouterr()
        return Answer(code, said.out, said.err)

    def refused(self, *arguments: object) -> str:
        """Run what must end with one line on stderr and exit code 1; return the line."""
        answer = self.run(*arguments)
        assert answer.code == 1
        assert answer.err.count("\n") == 1
        assert answer.err.startswith("main.py: ")
        return answer.err


def write_data(folder: Path, side: int = 8) -> Path:
    """A data set of three classes, 12 training and 6 test images, each of one shade."""
    folder.mkdir()
    names = ("train", TRAINING), ("t10k", TEST)
    for part, digits in names:
        write_pair(folder, digits, f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte", side)
    return folder


def write_project(path: Path, data: Path, *blocks: KnownBlock, **settings: object) -> Path:
    """A project for the classes 3 and 8 of `data`, if not said otherwise untrained and fitting."""
    blocks = blocks or (Conv(depth=2), Reshape(), Dense(units=2), Sigmoid())
    chosen = Settings().with_changes(
        **{"dataset": str(data), "classes": [3, 8], "epochs": 2, "batch_size": 3, **settings}
    )
    stack = Stack(input_shape=(1, 8, 8)).appended(*blocks)
    save_project(Project(stack, chosen), path)
    return path


def before_each_step(patch: pytest.MonkeyPatch, act: Callable[[Training], object]) -> None:
    """Let something happen before each step of the trainings to come."""
    step = Training._step

    def act_and_step(training: Training, *which: Any) -> Any:
        act(training)
        return step(training, *which)

    patch.setattr(Training, "_step", act_and_step)
