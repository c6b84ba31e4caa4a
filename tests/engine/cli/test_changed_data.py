"""A project whose data is changed: `train` says so, and works."""

from pathlib import Path

from engine.files import open_project
from tests.engine.cli.console import Console, write_data
from tests.engine.data.idx_files import write_idx

CHANGED = "data has changed since this project used it last: images, labels or classes are others."


def test_changed_data_is_said_and_learned_from(
    console: Console, project: Path, data: Path, tmp_path: Path
) -> None:
    first = console.run("train", project)
    again = console.run("train", project, "--resume")
    before = open_project(project).data_digest
    assert len(before) == 64
    other = write_data(tmp_path / "other")
    for folder in (data, other):
        write_idx(folder / "train-images-idx3-ubyte", (12, 8, 8), [7] * 12 * 64)
    changed = console.run("train", project, "--resume", "--json")
    assert CHANGED in changed.err
    assert [line["epoch"] for line in changed.objects] == [5, 6]
    assert open_project(project).data_digest != before
    named = console.run("train", project, "--resume", "--data", other)  # which is not changed data
    for answer in (first, again, named):
        assert answer.code == changed.code == 0
        assert "has changed" not in answer.out + answer.err
