"""How much more memory the window takes after very many updates of its panels."""

from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.inspection.snapshot import Snapshot
from engine.training.evaluation import Confusion, Evaluation
from engine.training.events import EpochDone
from gui.main_window import MainWindow
from gui.state import Predictions
from tests.gui.finding import redrawn
from tests.soak.resident import MEGABYTE, resident

PORTION = 20  # batches that the window is told of at a time
EPOCH = 200  # batches
REDRAWN = 200  # batches between two redraws of every panel


def show_all_panels(window: MainWindow) -> None:
    """Give every panel a window of its own, so that none is hidden behind another."""
    titles = [entry.title for entry in window.stage.entries]
    for title in titles[1:-1]:  # all but the network and the settings
        window.stage.show_panel(title)
        QApplication.processEvents()
        window.stage.put_into_window(title)


def growth(window: MainWindow, updates: int, warm_up: int) -> float:
    """Tell the window of so many batches, as fast as it goes; return the growth in MB.

    The snapshots and outputs that go with them are those of its network. What the first `warm_up`
    batches take is not counted: caches and buffers of fixed size fill up.
    """
    first, session = window.document.store.state.now, window.session
    session.step_batch()
    while (now := session.store.state.now).predictions in (None, first.predictions):
        QApplication.processEvents()
    snapshot, outputs = now.snapshot, now.predictions
    assert snapshot is not None
    assert outputs is not None
    for batch in range(0, warm_up, PORTION):
        _update(window, batch, snapshot, outputs)
    before = resident()
    for batch in range(warm_up, warm_up + updates, PORTION):
        _update(window, batch, snapshot, outputs)
    return (resident() - before) / MEGABYTE


def _update(window: MainWindow, batch: int, snapshot: Snapshot, outputs: Predictions) -> None:
    dice = np.random.default_rng(batch)
    # New arrays each time, as from the worker.
    fresh = Predictions(
        outputs.samples, outputs.outputs + 0.01 * dice.random(outputs.outputs.shape)
    )
    session = window.session
    positions = [(batch + step + 1) / EPOCH for step in range(PORTION)]
    session.losses_added.emit(positions, dice.random(PORTION).tolist())
    now = replace(session.store.state.now, snapshot=replace(snapshot), predictions=fresh)
    session.store.update(now=now)
    session.store.flush()
    if (batch + PORTION) % EPOCH == 0:
        session.epoch_done.emit(_epoch((batch + PORTION) // EPOCH, fresh))
    if (batch + PORTION) % REDRAWN == 0:
        for panel in redrawn(window):
            panel.refresh()
        QApplication.processEvents()


def _epoch(number: int, fresh: Predictions) -> EpochDone:
    classes = fresh.outputs.shape[1]
    test = Evaluation(
        samples=len(fresh.outputs),
        accuracy=0.9,
        loss=1 / number,
        confusion=Confusion(np.zeros((classes, classes), dtype=np.int64)),
        outputs=fresh.outputs,
    )
    return EpochDone(number, number, 1 / number, 0.9, 1 / number, 0.9, 1000.0, 1.0, test, 0.1, 0.1)
