"""Kept runs go out as files, and what these are called at first."""

import errno
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from engine.paths import home
from engine.runs.run_folder import read_run
from engine.runs.store import RunStore
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.run_folders import make_runs

KINDS = {"folder": "", "zip": ".zip", "csv": ".csv"}


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


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_goes_out(driver: Driver, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"out.{kind}" if kind in ("zip", "csv") else tmp_path / "out"
    driver.answer_dialog("getSaveFileName", path)
    driver.choose(f"run_export_{kind}")
    driver.wait(lambda: driver.message().startswith("Exported"))
    assert path.is_file() == (kind in ("zip", "csv"))
    if kind == "folder":
        assert read_run(path).metrics


def test_a_folder_that_may_not_be_read_is_refused_in_words(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()

    def refuse(path: Path) -> list[str]:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("engine.files.staging.os.listdir", refuse)
    driver.answer_dialog("getSaveFileName", closed)
    driver.choose("run_export_folder")
    driver.wait(lambda: driver.message() != "")
    assert driver.message().startswith(f"{closed} was not written")
