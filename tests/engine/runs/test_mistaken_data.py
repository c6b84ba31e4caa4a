"""Runs that are given as data: folders of them, one, and archives."""

import zipfile
from pathlib import Path

import pytest

from engine.runs.data_place import why_runs
from engine.runs.run_export import export_run
from engine.runs.run_folder import read_run
from tests.engine.runs.folders import write_run


def images_of(folder: Path, *classes: str) -> Path:
    """Make class folders, each with a file that is an image by its name."""
    for name in classes:
        (folder / name).mkdir(parents=True)
        (folder / name / "1.png").touch()
    return folder


def packed(path: Path, *names: str) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}")
    return str(path)


def test_a_folder_of_runs_is_told_from_data(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for number in range(3):
        write_run(runs / f"run{number}", epochs=1)
    for name in ("caps.json", ".deleted/old/run.json", "unborn/.recording"):
        (runs / name).parent.mkdir(parents=True, exist_ok=True)
        (runs / name).touch()
    assert why_runs(str(runs)).startswith(f"{runs} is a folder of runs, and no data.")
    assert why_runs(str(runs / "run0")).startswith(f"{runs / 'run0'} is the folder of a run")


def test_images_beside_a_run_stay_data(tmp_path: Path) -> None:
    folder = images_of(tmp_path / "data", "cats", "dogs")
    write_run(folder / "run", epochs=1)
    assert why_runs(str(folder)) == ""


@pytest.mark.parametrize("given", ["mnist", "", "none", "none.zip", "empty", "damaged.ZIP"])
def test_what_holds_no_run_is_for_others_to_judge(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "mnist", epochs=1)  # the name means the data set
    (tmp_path / "empty").mkdir()
    (tmp_path / "damaged.ZIP").write_bytes(b"PK")
    assert why_runs(given) == ""


def test_an_exported_run_is_told_from_an_archive_of_images(tmp_path: Path) -> None:
    write_run(tmp_path / "run", epochs=1)
    exported = tmp_path / "run.zip"
    export_run(read_run(tmp_path / "run"), exported, "zip")
    assert "is an exported run, and no data. Unpack it" in why_runs(str(exported))
    for path in (exported, Path(packed(tmp_path / "inner.zip", "run.json", "metrics.jsonl"))):
        assert why_runs(str(path)).startswith(f"{path} is an exported run")
    assert why_runs(packed(tmp_path / "a.zip", "cats/run.json", "cats/1.png")) == ""
    assert why_runs(packed(tmp_path / "b.zip", "a/b/run.json", "cats/run.json.txt")) == ""
