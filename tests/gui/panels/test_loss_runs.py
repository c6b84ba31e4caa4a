"""The numbers behind the loss panel, and the table made of them."""

import csv
import io

import numpy as np

from engine.training.evaluation import Evaluation
from engine.training.run import EpochDone
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


def test_of_earlier_runs_the_table_has_the_epochs() -> None:
    old, new = LossRun(1), LossRun(2)
    for run in (old, new):
        run.add_batches(np.array([1.0]), np.array([0.1]))
        run.add_epoch(epoch(1, 0.3))
    old.forget_batches()
    rows = list(csv.reader(io.StringIO(table([old, new]).decode())))[1:]
    assert [(row[0], row[2]) for row in rows] == [("1", ""), ("2", "0.1"), ("2", "")]


def test_the_first_of_equally_good_epochs_is_the_best() -> None:
    run = LossRun()
    for number, loss in enumerate([0.9, np.nan, 0.3, 0.3, 0.6], 1):
        run.add_epoch(epoch(number, loss))
    assert run.best == (3, 0.3 / 3)
