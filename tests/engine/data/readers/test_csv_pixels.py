"""Pictures and labels from CSV files: a row of names says whether the label is first or last."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.readers.csv_pixels import read_csv
from engine.errors import DataError
from tests.approved import assert_approved, refusal

DICE = np.random.default_rng(4)
PIXELS = DICE.integers(0, 256, (9, 16))
LABELS = ["3", "1", "4", "1", "5", "0", "2", "2", "0"]


def write(
    path: Path,
    labels: list[str],
    pixels: object,
    *,
    last: bool = False,
    names: str = "label",
    separator: str = ",",
) -> Path:
    with path.open("w", newline="") as file:
        table = csv.writer(file, delimiter=separator)
        rows = [[str(value) for value in row] for row in pixels]  # type: ignore[attr-defined]
        if names:
            head = [f"pixel{place}" for place in range(len(rows[0]))]
            table.writerow([*head, names] if last else [names, *head])
        for label, row in zip(labels, rows, strict=True):
            table.writerow([*row, label] if last else [label, *row])
    return path


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, bytes, list[str], NDArray[np.uint8], int]:
    """Draw a file: what it is called, its bytes, labels and images, and the end of its scale."""
    channels, scale = draw(st.sampled_from([1, 3])), draw(st.sampled_from([1, 16, 255]))
    side = draw(st.integers(2, 4))
    dice = np.random.default_rng(draw(st.integers(0, 9)))
    pixels = dice.integers(0, scale + 1, (9, side, side, channels))
    pixels[0, 0, 0, 0] = scale
    write = draw(st.sampled_from(["{}", "{:.18e}"])).format
    labels = draw(st.sampled_from([LABELS, ["cat", "dog", "eel"] * 3, [f"{n}.0" for n in LABELS]]))
    name = draw(st.sampled_from(["label", "Class", ' "label" ']))
    head = [f"pixel{place}" for place in range(side * side * channels)]
    last, separator = draw(st.booleans()), draw(st.sampled_from([",", ";", "\t"]))
    rows = [[name, *head]]
    rows += [
        [one, *map(write, row)] for one, row in zip(labels, pixels.reshape(9, -1), strict=True)
    ]
    end = draw(st.sampled_from(["\n", "\r\n", "\n\n"]))
    text = end.join(separator.join([*row[1:], row[0]] if last else row) for row in rows) + end
    content = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode()
    expected = np.rint(pixels.transpose(0, 3, 1, 2) * (255 / scale)).astype(np.uint8)
    if draw(st.booleans()):
        return "data.csv.gz", gzip.compress(content), labels, expected, scale
    return "data.csv", content, labels, expected, scale


@given(tables())
def test_a_table_is_read_with_the_label_first_or_last(
    tmp_path_factory: pytest.TempPathFactory,
    table: tuple[str, bytes, list[str], NDArray[np.uint8], int],
) -> None:
    name, content, labels, expected, scale = table
    path = tmp_path_factory.mktemp("csv") / name
    path.write_bytes(content)
    parts = read_csv(path)
    assert parts.test is None
    assert np.array_equal(parts.training.images, expected)
    called = [parts.name_of(number) for number in parts.training.numbers.tolist()]
    assert called == [label.removesuffix(".0") for label in labels]
    assert [f"from 0 to {scale}," in note for note in parts.notes].count(True) == (scale < 255)
    in_colour = ["not all red first" in note for note in parts.notes].count(True)
    assert in_colour == (expected.shape[1] == 3)


REFUSED = (
    # No name, or two, say which column holds the labels
    *(f"{head}0,1,2,3,1\n1,2,3,4,0\n" for head in ("", "name,a,b,c,d\n", "a,label,b,c,d\n")),
    "label,a,b,c,class\n0,1,2,3,1\n1,2,3,4,0\n",
    "",
    "hello\n",
    "label,a,b,c,d\n",
    "label,b,c,d,e\n1,2,x,4,5\n",
    "label,b,c,d,e\n1,2,3,4,5\n1,2,3,4\n",
    "label,b,c,d,e\n1,2,3,4,5\n1\n",
    "label,b,c,d,e\n1,2,,4,5\n",
    "label,b,c,d,e\n1,2,3,-5,4\n",
    "label,b,c,d,e\n1,2,3,nan,5\n",
    "label,b,c,d,e\n1,2,3,500,4\n",
    "label,b,c,d,e,f\n0,1,2,3,4,0\n",
    "label,a,b,c,d\n-1,2,3,4,5\n",
    "label,a,b,c,d\ncat,2,3,4,5\n,2,3,4,5\n",
    "label,a,b,c,d\ninf,2,3,4,5\n",
    "label,b,c,d,e\n" + "1,2,3,4,5\n" * 2000 + "1,2,3,4\n" * 3,
)


def test_what_is_no_data_set_is_refused_in_approved_words(tmp_path: Path) -> None:
    cut = gzip.compress(b"label,b,c,d,e\n" + b"1,2,3,4,5\n" * 500)[:-20]
    endless = gzip.compress(b"1," * 20_000_000)  # a row that would fill the memory
    path, said = tmp_path / "data.csv", ""
    for content in (*map(str.encode, REFUSED), "1,2,3,4,ä\n".encode("latin-1"), cut, endless):
        path.write_bytes(content)
        said += refusal(lambda: read_csv(path), tmp_path)
    assert_approved("refused_csv.txt", said)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_damaged_text_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = write(tmp_path / "data.csv", LABELS, PIXELS)
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(damaged))
    try:
        parts = read_csv(path)
    except DataError:
        return
    assert parts.training.images[:].ndim == 4
    assert len(parts.training) == len(parts.training.numbers)
