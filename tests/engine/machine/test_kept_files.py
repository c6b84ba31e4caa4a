"""Files under a checksum are read right or not at all, and written whole or not at all."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.machine.kept_files import DamagedFileError, read_kept, write_kept


@given(st.lists(st.binary(max_size=50), max_size=4))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("kept") / "below" / "file"
    write_kept(path, pieces)
    assert read_kept(path) == b"".join(pieces)
    assert path.read_bytes()[:32] == hashlib.sha256(b"".join(pieces)).digest()
    assert list(path.parent.iterdir()) == [path]


@given(st.integers(0, 51), st.integers(1, 255))
def test_a_single_other_byte_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int
) -> None:
    path = tmp_path_factory.mktemp("kept") / "file"
    write_kept(path, [bytes(range(20))])
    content = bytearray(path.read_bytes())
    content[place] ^= change
    path.write_bytes(content)
    with pytest.raises(DamagedFileError):
        read_kept(path)


@pytest.mark.parametrize("length", [0, 5, 32, 51])
def test_a_file_that_is_cut_is_damaged(tmp_path: Path, length: int) -> None:
    path = tmp_path / "file"
    write_kept(path, [bytes(range(20))])
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DamagedFileError):
        read_kept(path)


def test_what_fails_while_it_is_written_leaves_the_old_file_and_nothing_else(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    write_kept(path, [b"old"])

    def failing() -> Iterator[bytes]:
        yield b"new"
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write_kept(path, failing())
    assert read_kept(path) == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no regular file"):
        read_kept(tmp_path)
