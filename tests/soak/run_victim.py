"""The program that the kill test of runs kills: trains and records one run after the other.

`python -m tests.soak.run_victim FOLDER SEED` writes a line for each epoch that was done: the time,
the run and the epoch. With `long` for the seed, it is one long run.
"""

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.store import RunStore
from engine.training.events import EpochDone
from engine.training.run import Training
from tests.engine.networks import MODERN, dataset, fitting
from tests.engine.runs.own_runs import project_of
from tests.engine.training_runs import SETTINGS

EPOCHS = 10_000  # more than there is time for
ADAM = SETTINGS.with_changes(
    epochs=EPOCHS, optimizer="adam", learning_rate=0.001, loss="cross_entropy"
)


def make_training() -> Training:
    """Make the training that each run records; one thread, so that it is the same everywhere."""
    report = fitting(MODERN, loss=ADAM.loss)
    return Training(report, ADAM, dataset(50), dataset(20, seed=3), threads=1)


def epochs_of(training: Training) -> Iterator[EpochDone]:
    """Train; give the ends of the epochs."""
    return (event for event in training.run() if isinstance(event, EpochDone))


def main() -> None:
    """Run until killed."""
    folder, dice = Path(sys.argv[1]), random.Random(sys.argv[2])
    lengths = (EPOCHS,) if sys.argv[2] == "long" else (1, 5, 30, EPOCHS)
    store = RunStore(folder)
    while True:
        training = make_training()
        project = project_of(training.network.report, ADAM)
        names = RunNames(dice.choice(("", "named")), "victim")
        recorder = RunRecorder(store, project, training, names)
        length = dice.choice(lengths)
        for event in epochs_of(training):
            recorder.after_epoch(event)
            print(time.monotonic(), recorder.run_id, event.epoch, flush=True)
            if event.epoch >= length:
                break
        recorder.end("stopped")
        training.close()


if __name__ == "__main__":
    main()
