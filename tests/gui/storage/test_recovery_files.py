"""Recovery files themselves: whose they are, where they are found, and what they say."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.files.project_file import save_project
from engine.model.project import Project
from engine.model.templates import digits, notebook
from gui.storage.autosave import claim_new, find_orphans, find_own_orphans, noted_projects
from tests.gui.storage.leaving import kept, leave_behind
from tests.programs import Programs

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep each test's own folder apart."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))


def test_the_details_say_if_the_file_was_saved_later_and_what_it_holds_anyway_is_not_offered(
    tmp_path: Path, programs: Programs
) -> None:
    path = tmp_path / "mine.layerscope"
    leave_behind(programs, "digits", path)
    os.utime(tmp_path / ".mine.layerscope-recovery", (1e9, 1e9))
    (orphan,) = find_orphans([path])
    assert "saved later" not in orphan.details()
    orphan.claim.release()
    save_project(notebook(), path)
    (orphan,) = find_orphans([path])
    assert "Kept on 2001-09-0" in orphan.details()
    assert "The file itself was saved later" in orphan.details()
    orphan.claim.release()
    save_project(digits(), path)
    shutil.copy(path, tmp_path / ".mine.layerscope-recovery")
    assert list(find_orphans([path])) == []
    assert kept(tmp_path) == []


def test_only_recovery_files_of_the_project_are_taken_for_such(
    tmp_path: Path, programs: Programs
) -> None:
    path, other = tmp_path / "a.layerscope", tmp_path / "a[1].layerscope"
    leave_behind(programs, "digits", other)
    (tmp_path / ".a.layerscope-recovery").write_bytes(b"damaged")
    (tmp_path / ".a.layerscope-recovery-x").write_bytes(b"of another")
    assert list(find_orphans([path])) == []
    assert (tmp_path / ".a.layerscope-recovery").read_bytes() == b"damaged"
    (orphan,) = find_orphans([path, other])
    assert orphan.name == "a[1].layerscope"


def test_work_is_found_wherever_it_was_left(tmp_path: Path, programs: Programs) -> None:
    path = tmp_path / "stick" / "mine.layerscope"
    path.parent.mkdir()
    assert noted_projects() == []
    leave_behind(programs, "digits", path)
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


def test_a_claim_is_free_again_after_its_release(tmp_path: Path) -> None:
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


def test_a_note_that_leads_where_nobody_can_look_hides_no_other(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    programs: Programs,
) -> None:
    """Root may look anywhere, so what the system answers is put in its mouth."""
    shut, good = tmp_path / "shut" / "a.layerscope", tmp_path / "b.layerscope"
    shut.parent.mkdir()
    leave_behind(programs, "digits", shut, good)

    def refuse(name: str) -> None:
        """Let a call of the system fail for the folder and all in it."""
        true = getattr(os, name)

        def call(path: Any, *rest: Any, **named: Any) -> Any:
            if not isinstance(path, int) and Path(os.fsdecode(path)).is_relative_to(shut.parent):
                if name == "access":
                    return False
                raise PermissionError(errno.EACCES, "Permission denied")
            return true(path, *rest, **named)

        monkeypatch.setattr(os, name, call)

    for name in ("stat", "lstat", "listdir", "scandir", "access"):
        refuse(name)
    assert noted_projects() == [good, shut]  # it may be looked into again one day
    assert [orphan.path for orphan in find_orphans(noted_projects())] == [good]


def test_notes_that_are_junk_or_of_what_is_gone_are_dropped_and_hide_no_other(
    tmp_path: Path, programs: Programs
) -> None:
    good, own = tmp_path / "b.layerscope", tmp_path / "home" / "recovery"
    leave_behind(programs, "digits", good)
    (good_note,) = os.listdir(own)
    junk = [b"", b"\xff", b"/a\0b", b"/x/.a-recovery\0b/\0c", b"/.-recovery", b"/."]
    for number, text in enumerate([*junk, os.fsencode(tmp_path / "c.layerscope")]):
        (own / f"{number}.note").write_bytes(text)
    os.mkfifo(own / "pipe.note")
    (own / "folder.note").mkdir()
    assert good in noted_projects()
    assert [orphan.path for orphan in find_orphans(noted_projects())] == [good]
    kept_notes = {good_note, "0.note", "1.note", "3.note", "folder.note", "pipe.note"}
    assert set(os.listdir(own)) - {"2.note"} == kept_notes, "what is not ours, or may come back"


@pytest.mark.parametrize("letter", ["a", "ä", "漢"])
def test_the_longest_names_and_odd_ones_have_a_recovery(
    tmp_path: Path, letter: str, programs: Programs
) -> None:
    """A file system gives a name 255 bytes: 244 and the 11 of `.layerscope`."""
    paths = [tmp_path / os.fsdecode(b"caf\xe9.layerscope")]
    for length in (200, 229, 230, 240, 244):
        stem = letter * (length // len(letter.encode()))
        path = tmp_path / str(length) / f"{stem}.layerscope"
        path.parent.mkdir()
        save_project(notebook(), path)
        paths.append(path)
    leave_behind(programs, "digits", *paths)
    assert set(noted_projects()) == set(paths)
    for path in paths:
        assert kept(path.parent)
        other = path.with_stem(f"{path.stem[:-1]}z")
        assert list(find_orphans([other])) == []
        (orphan,) = find_orphans([path])
        assert (orphan.path, orphan.name) == (path, path.name)
        assert orphan.project == digits()
        orphan.claim.remove()
        assert kept(path.parent) == []
        assert path not in noted_projects()
    assert noted_projects() == []


def test_a_long_name_is_found_in_the_programs_own_folder_and_where_it_was_not_cut_yet(
    tmp_path: Path,
) -> None:
    claim = claim_new(tmp_path / f"{'a' * 244}.layerscope", beside=False)
    assert claim is not None
    stack = type(notebook().stack)(notebook().stack.slots[:1])
    for part, words in ((0.0, "1 epoch"), (0.25, "1.25 epochs")):
        save_project(Project(stack, trained_epochs=1, trained_part=part), claim.path)
        claim.release()
        (orphan,) = find_own_orphans()
        assert orphan.name.startswith("aaaa")
        assert f"1 block, {words} trained" in orphan.details()
        claim = orphan.claim
    path = tmp_path / f"{'a' * 225}.layerscope"
    save_project(digits(), tmp_path / f".{path.name}-recovery")
    (orphan,) = find_orphans([path])
    assert orphan.path == path
