"""Run folders that look like those of real trainings, made quickly: nothing is trained."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np

from engine.blocks import Dense
from engine.files.atomic import write_atomically
from engine.inputs.scaling import UNIT
from engine.model.project import Project
from engine.model.templates import TEMPLATES
from engine.model.weights import initial_weights
from engine.runs.checkpoint_files import WEIGHTS, epoch_file, weights_pieces
from engine.runs.run_folder import DESCRIPTION, EpochMetrics
from engine.runs.run_form import ParentForm, describe_own_start
from engine.version import version

UNITS = 10  # of the first Dense of the notebook's network, which has 100: files are small then
SECONDS = 0.6  # an epoch
RATES = (0.03, 0.1, 0.3, 1.0)
NOTES = ("", "", "", "the best one so far", "too fast?", "as in the lecture of Tuesday")
STATES = ("finished", "finished", "finished", "finished", "stopped", "failed", "training")


def small_notebook() -> Project:
    """Return the notebook's network with fewer units."""
    project = TEMPLATES["notebook"]()
    slot = next(slot for slot in project.stack if isinstance(slot.block, Dense))
    assert isinstance(slot.block, Dense)
    smaller = msgspec.structs.replace(slot.block, units=UNITS)
    return replace(project, stack=project.stack.replaced(replace(slot, block=smaller)))


def make_runs(
    folder: Path, count: int, epochs: int = 100, end: datetime | None = None
) -> list[str]:
    """Write so many runs of about so many epochs, and return their ids, oldest first.

    They differ in rate, seed and batch size; some continue others, failed, were stopped or killed.
    """
    chance, start = random.Random(7), small_notebook()
    last = end or datetime.now().astimezone()
    made: list[tuple[str, Project, int]] = []
    for number in range(count):
        started = last - timedelta(hours=5 * (count - number - 1) + 1)
        parent = chance.choice(made[-4:]) if made and chance.random() < 0.4 else None
        settings = start.settings.with_changes(
            learning_rate=chance.choice(RATES),
            seed=number % 5,
            batch_size=chance.choice((1, 8, 32)),
        )
        project = replace(start, settings=settings)
        if parent is not None:
            kept = parent[1].settings.with_changes(learning_rate=settings.learning_rate)
            project = replace(start, settings=kept, trained_epochs=parent[2])
        done = max(1, round(epochs * chance.uniform(0.7, 1.0))) if count > 1 else epochs
        name = f"{started:%Y%m%d-%H%M%S}-notebook"
        write_run(
            folder / name,
            project,
            metrics(done, settings.learning_rate, number),
            state=chance.choice(STATES),
            started=started.isoformat(timespec="seconds"),
            note=chance.choice(NOTES),
            pinned=chance.random() < 0.1,
            name=f"try {number}" if chance.random() < 0.3 else "",
            parent=None if parent is None else ParentForm(parent[0], parent[2]),
        )
        made.append((name, project, done))
    return [name for name, _, _ in made]


def write_run(
    folder: Path,
    project: Project,
    lines: list[EpochMetrics],
    kept: tuple[int, ...] | None = None,
    **described: object,
) -> None:
    """Write a run folder, with made-up weights of the powers of two among its epochs, or others."""
    form = describe_own_start(project, (), UNIT, "", {"layerscope": version()})
    form = msgspec.structs.replace(form, project="notebook", **described)
    (folder / WEIGHTS).mkdir(parents=True)
    (folder / ".recording").touch()
    add_lines(folder, lines)
    for epoch in kept if kept is not None else powers_until(len(lines)):
        write_weights(folder, project, epoch)
    # By which it becomes a run: a window that looks meanwhile sees it whole, or not yet.
    write_atomically(folder / DESCRIPTION, msgspec.json.encode(form))


def add_lines(folder: Path, lines: list[EpochMetrics]) -> None:
    """Write the metrics of more epochs."""
    with (folder / "metrics.jsonl").open("ab") as file:
        file.writelines(msgspec.json.encode(line) + b"\n" for line in lines)


def write_weights(folder: Path, project: Project, epoch: int) -> None:
    """Write weights that differ from epoch to epoch."""
    report = project.check()
    start = initial_weights(report, project.settings.seed, project.settings.initializer)
    weights = {
        slot: {name: array * np.float32(1 + 0.05 * epoch) for name, array in arrays.items()}
        for slot, arrays in start.items()
    }
    path = folder / WEIGHTS / epoch_file(epoch)
    path.write_bytes(b"".join(weights_pieces(replace(project, weights=weights))))


def powers_until(last: int) -> tuple[int, ...]:
    """Return 0, the powers of two, and the last epoch."""
    powers = (2**power for power in range(last.bit_length()))
    return tuple(sorted({0, last, *(power for power in powers if power <= last)}))


def metrics(epochs: int, rate: float, seed: int) -> list[EpochMetrics]:
    """Return made-up losses and accuracies: they get better, with some noise."""
    return list(_metrics(epochs, rate, seed))


def _metrics(epochs: int, rate: float, seed: int) -> Iterator[EpochMetrics]:
    chance = random.Random(seed)
    floor = chance.uniform(0.004, 0.08)
    for epoch in range(1, epochs + 1):
        wrong = min(0.5, floor + 0.5 * np.exp(-epoch * min(rate, 0.5) * 0.4))
        noise = chance.gauss(0, 0.01) * wrong * 5
        accuracy = float(np.clip(1 - wrong + noise, 0.02, 1.0))
        loss = float(wrong * 1.4)
        yield EpochMetrics(
            epoch, epochs, loss, accuracy, loss * 1.2, accuracy * 0.995, 900.0, SECONDS
        )
