"""Recovery files themselves: whose they are, where they are found, and what they say."""

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.files.project_file import save_project
from engine.project import Project
from engine.templates import digits, notebook
from gui.recovery import claim_new, find_orphans, find_own_orphans, noted_projects
from tests.gui.leaving import kept, leave_behind


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep each test's own folder apart."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))


def test_what_the_file_holds_anyway_is_not_offered(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    save_project(notebook(), path)
    leave_behind(path, "notebook")
    assert list(find_orphans([path])) == []
    assert kept(tmp_path) == []


def test_the_details_say_if_the_file_was_saved_later(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    leave_behind(path, "digits")
    os.utime(tmp_path / ".mine.layerscope-recovery", (1e9, 1e9))
    (orphan,) = find_orphans([path])
    assert "saved later" not in orphan.details()
    orphan.claim.release()
    save_project(notebook(), path)
    (orphan,) = find_orphans([path])
    assert "Kept on 2001-09-0" in orphan.details()
    assert "The file itself was saved later" in orphan.details()


def test_only_recovery_files_of_the_project_are_taken_for_such(
    qapp: QApplication, tmp_path: Path
) -> None:
    path, other = tmp_path / "a.layerscope", tmp_path / "a[1].layerscope"
    leave_behind(other, "digits")
    (tmp_path / ".a.layerscope-recovery").write_bytes(b"damaged")
    (tmp_path / ".a.layerscope-recovery-x").write_bytes(b"of somebody")
    assert list(find_orphans([path])) == []
    assert (tmp_path / ".a.layerscope-recovery").read_bytes() == b"damaged"
    (orphan,) = find_orphans([path, other])
    assert orphan.name == "a[1].layerscope"


def test_work_is_found_wherever_it_was_left(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "stick" / "mine.layerscope"
    path.parent.mkdir()
    assert noted_projects() == []
    leave_behind(path, "digits")
    assert noted_projects() == [path]
    path.parent.rename(tmp_path / "pulled out")
    assert noted_projects() == [path]
    assert list(find_orphans(noted_projects())) == []
    (tmp_path / "pulled out").rename(path.parent)
    (orphan,) = find_orphans(noted_projects())
    assert orphan.project == digits()
    orphan.claim.remove()
    assert noted_projects() == []
    assert os.listdir(tmp_path / "home" / "recovery") == []


def test_a_note_of_what_is_gone_is_dropped(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    leave_behind(path, "digits")
    (tmp_path / ".mine.layerscope-recovery").unlink()
    (tmp_path / ".mine.layerscope-recovery.lock").unlink()
    (tmp_path / "home" / "recovery" / "0.note").write_bytes(b"\xff")  # not one of ours
    (tmp_path / "home" / "recovery" / "1.note").write_text(str(tmp_path / "b.layerscope"))
    assert noted_projects() == []
    assert os.listdir(tmp_path / "home" / "recovery") == ["0.note"]


def test_a_claim_is_free_again_after_its_release(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    first, second = claim_new(path), claim_new(path)
    assert first is not None
    assert second is not None
    assert second.path.name == ".mine.layerscope-recovery-2"
    first.remove()
    again = claim_new(path)
    assert again is not None
    assert again.path == first.path
    for claim in (second, again):
        claim.release()
    assert kept(tmp_path) == []
    assert claim_new(tmp_path / "no" / "folder" / "mine.layerscope") is None
    assert list(find_own_orphans()) == []


def test_an_orphan_tells_blocks_and_epochs_in_words(qapp: QApplication, tmp_path: Path) -> None:
    claim = claim_new(None)
    assert claim is not None
    one = notebook().stack.slots[0]
    stack = type(notebook().stack)((one,))
    save_project(Project(stack, trained_epochs=1), claim.path)
    claim.release()
    (orphan,) = find_own_orphans()
    assert "1 block, 1 epoch trained" in orphan.details()
