"""Runs out of their folder: whole, or their metrics for other programs."""

import csv
import os
import sys
import zipfile
from pathlib import Path

import pytest

from engine.errors import ExportError, RunError
from engine.files import open_project
from engine.machine.file_lock import FileLock
from engine.model.project import CheckpointRef
from engine.runs.run_export import RUN_FORMATS, RunFormat, export_run, run_format
from engine.runs.run_folder import RECORDING, Run, open_run, read_run
from tests.engine.runs.folders import LINE, weights_after, write_lines, write_run
from tests.engine.training_runs import same

MADE_OF = {
    "run.json",
    "metrics.jsonl",
    *(f"weights/epoch-000{epoch}.safetensors" for epoch in "012"),
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of another program, with what does not belong to it."""
    folder = tmp_path / "a run"
    write_run(folder)
    (folder / ".editing").write_text("")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("")
    if os.name != "nt":
        (folder / "link").symlink_to(tmp_path / "outside")
        os.mkfifo(folder / "pipe")
    return read_run(folder)


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_copied_whole(run: Run, tmp_path: Path) -> None:
    shares: list[float] = []
    export_run(run, tmp_path / "out", "folder", report=shares.append)
    assert files_in(tmp_path / "out") == MADE_OF
    for name in MADE_OF:
        assert (tmp_path / "out" / name).read_bytes() == (run.folder / name).read_bytes()
    assert open_run(tmp_path / "out").trained_epochs == 6
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_archive_has_the_same_files(run: Run, tmp_path: Path) -> None:
    export_run(run, tmp_path / "out.zip", "zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {f"a run/{name}" for name in MADE_OF}
        archive.extractall(tmp_path / "unpacked")
    assert open_run(tmp_path / "unpacked" / "a run").trained_epochs == 6


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are UTF-8 there")
@pytest.mark.parametrize("kind", RUN_FORMATS)
def test_a_folder_whose_name_is_not_utf_8_is_exported(tmp_path: Path, kind: RunFormat) -> None:
    write_run(folder := tmp_path / os.fsdecode(b"a\xff"))
    Path(folder, os.fsdecode(b"\xfe.txt")).write_text("more")
    ending = {"folder": "", "project": ".layerscope"}.get(kind, f".{kind}")
    out = tmp_path / f"out{ending}"
    export_run(read_run(folder), out, kind)
    if kind == "zip":
        with zipfile.ZipFile(out) as archive:
            assert set(archive.namelist()) == {f"a?/{name}" for name in (*MADE_OF, "?.txt")}
    elif kind == "project":
        assert open_project(out).origin == CheckpointRef("a?", 2)
    else:
        assert out.exists()


def test_a_copy_of_a_run_that_was_going_on_is_not_said_to_go_on(run: Run, tmp_path: Path) -> None:
    lock = FileLock(run.folder / RECORDING)
    assert lock.take()
    export_run(run, tmp_path / "out", "folder")
    assert read_run(run.folder).state == "training"
    assert read_run(tmp_path / "out").state == "interrupted"
    lock.give_back()


def test_a_table_has_a_row_for_each_epoch(run: Run, tmp_path: Path) -> None:
    rates = {"learning_rate": 7.0, "lowest_rate": 2.0}
    write_lines(run.folder, {}, {"validation_loss": 0.5, **rates})
    export_run(read_run(run.folder), tmp_path / "out.csv", "csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["5", "6"]  # it goes on from epoch 4
    assert [row["epochs"] for row in rows] == ["7", "7"]
    assert [float(row["test_loss"]) for row in rows] == [LINE["test_loss"]] * 2
    assert [row["validation_loss"] for row in rows] == ["", "0.5"]
    begun = run.description.project.settings.learning_rate
    assert [float(row["learning_rate"]) for row in rows] == [begun, 7.0]
    assert [float(row["lowest_rate"]) for row in rows] == [begun, 2.0]
    assert set(rows[0]) == {*LINE, "validation_loss", "validation_accuracy", *rates}


def test_the_format_follows_from_the_ending() -> None:
    names = "run.ZIP", "run.csv", "run", "run-1.5", "run.layerscope"
    formats = [run_format(Path(name)) for name in names]
    assert formats == ["zip", "csv", "folder", "folder", "project"]
    assert run_format(Path("a.npz"), "folder") == "folder"
    with pytest.raises(ExportError, match=r"a\.npz ends in \.npz, which is no format of runs"):
        run_format(Path("a.npz"))
    with pytest.raises(ExportError, match=r"must end in \.csv"):
        run_format(Path("run.zip"), "csv")
    with pytest.raises(ExportError, match=r"must end in \.layerscope"):
        run_format(Path("run.zip"), "project")
    with pytest.raises(ExportError, match="no format of runs"):
        run_format(Path("run.zip"), "onnx")


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_run_is_not_exported_into_itself(run: Run, kind: RunFormat) -> None:
    for path in (run.folder, run.folder / "out"):
        with pytest.raises(ExportError, match="the run itself"):
            export_run(run, path, kind)


def test_a_folder_with_something_in_it_is_kept(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("")
    with pytest.raises(ExportError, match="a folder of that name"):
        export_run(run, tmp_path / "out", "folder")
    export_run(run, tmp_path / "out", "folder", overwrite=True)
    assert files_in(tmp_path / "out") == MADE_OF | {"mine"}


@pytest.mark.parametrize(("epoch", "taken"), [(None, 2), (0, 0), (1, 1)])
def test_a_project_is_a_moment_of_the_run(
    run: Run, tmp_path: Path, epoch: int | None, taken: int
) -> None:
    export_run(run, tmp_path / "net.layerscope", "project", epoch=epoch)
    project = open_project(tmp_path / "net.layerscope")
    assert project.trained_epochs == 4 + taken
    assert project.origin == CheckpointRef("a run", taken)
    assert same(project.weights, weights_after(taken))


def test_without_its_weights_a_run_is_no_project(run: Run, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    with pytest.raises(RunError):
        export_run(run, tmp_path / "net.layerscope", "project", epoch=3)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_cancelled_export_leaves_nothing(run: Run, tmp_path: Path, name: str) -> None:
    def cancel(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    before = set(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        export_run(run, tmp_path / name, run_format(Path(name)), report=cancel)
    assert set(tmp_path.iterdir()) == before


def test_weights_that_are_thinned_out_meanwhile_are_left_out(run: Run, tmp_path: Path) -> None:
    def thin(_share: float) -> None:
        (run.folder / "weights" / "epoch-0001.safetensors").unlink(missing_ok=True)

    export_run(run, tmp_path / "out", "folder", report=thin)
    assert read_run(tmp_path / "out").kept_epochs == (0, 2)
