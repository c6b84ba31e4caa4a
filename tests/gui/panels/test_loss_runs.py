"""The numbers behind the loss panel, and the table made of them."""

import csv
import io

import numpy as np

from engine.training.evaluation import Evaluation
from engine.training.events import EpochDone
from gui.panels.loss_runs import HEADER, LossRun, table


def epoch(number: int, loss: float) -> EpochDone:
    return EpochDone(
        epoch=number,
        epochs=9,
        loss=loss,
        accuracy=0.5,
        test_loss=loss / 3,
        test_accuracy=0.75,
        samples_per_second=1.0,
        seconds=1.0,
        test=Evaluation.__new__(Evaluation),
        learning_rate=0.1,
        lowest_rate=0.1,
    )


def test_the_table_has_a_row_a_batch_and_one_for_its_epoch() -> None:
    run = LossRun(2)
    run.add_batches(np.array([0.5, 1.0]), np.array([0.1, 0.2]))
    run.add_epoch(epoch(1, 0.3))
    run.add_batches(np.array([1.5]), np.array([np.inf]))
    rows = list(csv.reader(io.StringIO(table([run]).decode())))
    assert rows == [
        HEADER.split(","),
        ["2", "0.5", "0.1", "", "", "", ""],
        ["2", "1.0", "0.2", "", "", "", ""],
        ["2", "1.0", "", "0.3", repr(0.3 / 3), "0.5", "0.75"],
        ["2", "1.5", "inf", "", "", "", ""],
    ]


def run_of(number: int, first: int, last: int) -> LossRun:
    """Make a run that trained from one epoch to another, two batches in each."""
    made = LossRun(number)
    for done in range(first, last):
        made.add_batches(np.array([done + 0.5, done + 1.0]), np.array([1.0, 2.0]) * (done + 1))
        made.add_epoch(epoch(done + 1, 0.5))
    return made
