"""Recovery files themselves: whose they are, where they are found, and what they say."""

import os
import shutil
from pathlib import Path

import pytest

from engine.files.project_file import save_project
from engine.model.project import Project
from engine.model.templates import digits, notebook
from gui.storage.autosave import claim_new, find_orphans, find_own_orphans
from tests.gui.finding import not_none
from tests.gui.storage.leaving import kept, leave_behind
from tests.programs import Programs

pytestmark = pytest.mark.usefixtures("qapp")


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


def test_only_recovery_files_of_the_project_are_found(tmp_path: Path, programs: Programs) -> None:
    path, other = tmp_path / "a.layerscope", tmp_path / "a[1].layerscope"
    leave_behind(programs, "digits", other)
    (tmp_path / ".a.layerscope-recovery").write_bytes(b"damaged")
    (tmp_path / ".a.layerscope-recovery-x").write_bytes(b"of another")
    assert list(find_orphans([path])) == []
    assert (tmp_path / ".a.layerscope-recovery").read_bytes() == b"damaged"
    (orphan,) = find_orphans([path, other])
    assert orphan.name == "a[1].layerscope"


def test_a_claim_is_free_again_after_its_release(tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    first, second = not_none(claim_new(path)), not_none(claim_new(path))
    assert second.path.name == ".mine.layerscope-recovery-2"
    first.remove()
    again = not_none(claim_new(path))
    assert again.path == first.path
    for claim in (second, again):
        claim.release()
    assert kept(tmp_path) == []
    assert claim_new(tmp_path / "no" / "folder" / "mine.layerscope") is None
    assert list(find_own_orphans()) == []


@pytest.mark.parametrize("letter", ["a", "ä", "漢"])
def test_the_longest_names_have_a_recovery(tmp_path: Path, letter: str, programs: Programs) -> None:
    """A file system gives a name 255 bytes: 244 and the 11 of `.layerscope`."""
    paths = [tmp_path / os.fsdecode(b"caf\xe9.layerscope")]
    for length in (200, 229, 230, 240, 244):
        stem = letter * (length // len(letter.encode()))
        path = tmp_path / str(length) / f"{stem}.layerscope"
        path.parent.mkdir()
        save_project(notebook(), path)
        paths.append(path)
    leave_behind(programs, "digits", *paths)
    for path in paths:
        assert kept(path.parent)
        other = path.with_stem(f"{path.stem[:-1]}z")
        assert list(find_orphans([other])) == []
        (orphan,) = find_orphans([path])
        assert (orphan.path, orphan.name) == (path, path.name)
        assert orphan.project == digits()
        orphan.claim.remove()
        assert kept(path.parent) == []


def test_a_long_name_is_found_in_the_programs_own_folder(tmp_path: Path) -> None:
    claim = not_none(claim_new(tmp_path / f"{'a' * 244}.layerscope", beside=False))
    stack = type(notebook().stack)(notebook().stack.slots[:1])
    for part, words in ((0.0, "1 epoch"), (0.25, "1.25 epochs")):
        save_project(Project(stack, trained_epochs=1, trained_part=part), claim.path)
        claim.release()
        (orphan,) = find_own_orphans()
        assert orphan.name.startswith("aaaa")
        assert f"1 block, {words} trained" in orphan.details()
        claim = orphan.claim
