"""Kept runs go out as files, and what these are called at first."""

from pathlib import Path

import pytest

from engine.paths import home
from engine.runs.store import RunStore
from tests.gui.driving import Driver
from tests.gui.runs.followed_runs import listed
from tests.run_folders import make_runs

KINDS = {"zip": ".zip", "csv": ".csv"}


def test_a_run_goes_out_by_the_name_that_a_user_gave_and_else_by_its_id(
    no_runs: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, store = no_runs, RunStore()
    make_runs(home() / "runs", 1, epochs=1)
    runs, (run,) = listed(driver, 1), store.runs()
    for name, wished in (("", run.id), ("best: 3/4", "best- 3-4"), ("...", run.id)):
        store.edit(run, name=name)
        driver.wait(lambda: [each.description.name for each in runs.chosen()] == [name])  # noqa: B023
        proposed = driver.answer_dialog("getSaveFileName", None, None, None)
        for kind in KINDS:
            driver.choose(f"run_export_{kind}")
        assert [path.name for path in proposed] == [f"{wished}{end}" for end in KINDS.values()]
        assert {path.parent for path in proposed} == {driver.window.document.folder}
    for kind, ending in KINDS.items():
        path = tmp_path / f"out{ending}"
        driver.answer_dialog("getSaveFileName", path)
        driver.choose(f"run_export_{kind}")
        driver.wait(lambda: driver.message().endswith(f" to {path}."))  # noqa: B023
        assert path.is_file()
    closed = tmp_path / "closed.zip"
    closed.mkdir()
    driver.answer_dialog("getSaveFileName", closed)
    driver.choose("run_export_zip")
    driver.wait(lambda: driver.message().startswith(f"{closed} was not written"))


@pytest.mark.parametrize("kind", ["zip", "csv"])
def test_a_file_whose_ending_was_added_is_replaced_only_if_the_user_says_so(
    no_runs: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The file dialog has asked about the name without it."""
    driver = no_runs
    make_runs(home() / "runs", 1, epochs=1)
    listed(driver, 1)
    theirs, asked = tmp_path / f"mine.{kind}", list[str]()
    theirs.write_bytes(b"theirs")

    def ask(_parent: object, name: str) -> bool:
        asked.append(name)
        return len(asked) == 2

    monkeypatch.setattr("gui.storage.export_actions.ask_to_replace", ask)
    driver.answer_dialog("getSaveFileName", tmp_path / "mine", tmp_path / "mine", theirs)
    driver.choose(f"run_export_{kind}")
    assert asked == [theirs.name]
    driver.settle()
    assert theirs.read_bytes() == b"theirs"
    for _ in range(2):  # the last by its whole name, about which the dialog has asked
        driver.choose(f"run_export_{kind}")
        driver.wait(lambda: driver.message().startswith("Exported"))
        driver.settle()
        assert theirs.read_bytes() != b"theirs"
    assert asked == [theirs.name] * 2
