"""What is proposed for the files that kept runs go out as."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from engine.paths import home
from engine.runs.store import RunStore
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.run_folders import make_runs

KINDS = {"folder": "", "zip": ".zip", "csv": ".csv", "tensorboard": "-tensorboard"}


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window, with a run chosen."""
    make_runs(home() / "runs", 1, epochs=1)
    no_runs.window.docks.show_panel("Runs")
    no_runs.wait(lambda: no_runs.find(RunList, "runs.list").runs.count == 1)
    return no_runs


@pytest.fixture
def proposed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the paths that file dialogs propose; all are cancelled."""
    paths: list[Path] = []

    def ask(_parent: object, _title: str, path: str, _filters: str) -> tuple[str, str]:
        paths.append(Path(path))
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return paths


def test_the_name_that_a_user_gave_is_proposed_and_else_the_id(
    driver: Driver, proposed: list[Path]
) -> None:
    store, runs = RunStore(), driver.find(RunList, "runs.list")
    (run,) = store.runs()
    for name, wished in (("", run.id), ("best: 3/4", "best- 3-4"), ("...", run.id)):
        store.edit(run, name=name)
        driver.wait(lambda: [each.description.name for each in runs.chosen()] == [name])  # noqa: B023
        for kind in KINDS:
            driver.choose(f"run_export_{kind}")
        assert [path.name for path in proposed] == [f"{wished}{end}" for end in KINDS.values()]
        assert {path.parent for path in proposed} == {driver.window.document.folder}
        proposed.clear()
