"""Whatever reading a file raises comes out as one sentence that names the file."""

import gzip
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data.image_files.image_folder import read_image_archive
from engine.data.image_form import AS_IS
from engine.data.readers.csv_pixels import read_csv
from engine.data.readers.idx import check_images
from engine.data.readers.npz import read_npz
from engine.data.reading import faults_in_words, unheard
from engine.errors import DataError, LayerscopeError

PATH = Path("some") / "file.x"
READERS = [read_csv, read_npz, check_images, lambda path: read_image_archive(path, AS_IS, unheard)]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (FileNotFoundError(2, "No such file"), "does not exist. Check the folder and the name."),
        (NotADirectoryError(20, "Not a directory"), "does not exist. Check the folder and the"),
        (PermissionError(13, "Permission denied"), "cannot be read: Permission denied. Check its"),
        (OSError(5, "Input/output error"), "cannot be read: Input/output error. Check its name"),
        (ValueError("embedded null byte"), "cannot be read: embedded null byte. Check its name"),
        (EOFError("Compressed file ended"), "is cut off: its gzip data has no end. Do it again."),
        (gzip.BadGzipFile("CRC check failed"), "is damaged (CRC check failed). Do it again."),
        (zipfile.BadZipFile("Bad CRC-32"), "is damaged (Bad CRC-32). Do it again."),
        (zlib.error("invalid code"), "is damaged (invalid code). Do it again."),
        (NotImplementedError("type 99"), "is damaged (type 99). Do it again."),
        (MemoryError(), "does not fit into memory. Choose a smaller file."),
    ],
)
def test_faults_of_reading_are_said_in_words(fault: Exception, said: str) -> None:
    with pytest.raises(DataError) as caught, faults_in_words(PATH, "Do it again."):
        raise fault
    assert str(caught.value).startswith(f"{PATH} {said}")


@pytest.mark.parametrize("fault", [DataError("as it is"), KeyError("a defect")])
def test_other_errors_stay_what_they_are(fault: Exception) -> None:
    with pytest.raises(type(fault)) as caught, faults_in_words(PATH):
        raise fault
    assert caught.value is fault


@pytest.mark.parametrize("read", READERS)
def test_every_reader_refuses_what_is_no_file(
    read: Callable[[Path], object], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")  # nothing is ever written to it
    (tmp_path / "empty").touch()
    for name in ("pipe", "empty", "none", "empty/below", "."):
        with pytest.raises(LayerscopeError) as caught:
            read(tmp_path / name)
        assert str(caught.value).startswith(str(tmp_path / name))
