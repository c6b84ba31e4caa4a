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


@pytest.mark.parametrize("head", ["", "name,a,b,c,d\n", "a,label,b,c,d\n", "label,a,b,c,class\n"])
def test_where_no_name_says_which_column_holds_the_labels_one_is_asked_for(
    tmp_path: Path, head: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text(f"{head}0,1,2,3,1\n1,2,3,4,0\n")
    with pytest.raises(DataError, match="Add a first row of names, with the name label for"):
        read_csv(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "fewer than three columns"),
        ("hello\n", "fewer than three columns"),
        ("label,a,b,c,d\n", "has no picture"),
        ("label,b,c,d,e\n1,2,x,4,5\n", "something other than pixels from row 2 on"),
        ("label,b,c,d,e\n1,2,3,4,5\n1,2,3,4\n", "rows of different length"),
        ("label,b,c,d,e\n1,2,3,4,5\n1\n", "a row that is too short, from row 2 on"),
        ("label,b,c,d,e\n1,2,,4,5\n", "something other than pixels"),
        ("label,b,c,d,e\n1,2,3,-5,4\n", "values from -5 to"),
        ("label,b,c,d,e\n1,2,3,nan,5\n", "values from nan to"),
        ("label,b,c,d,e\n1,2,3,500,4\n", "values from 2 to 500"),
        ("label,b,c,d,e,f\n0,1,2,3,4,0\n", "5 pixels a row, which is no square"),
        ("label,a,b,c,d\n-1,2,3,4,5\n", "labels that are no classes, such as -1"),
        ("label,a,b,c,d\ncat,2,3,4,5\n,2,3,4,5\n", "labels that are empty"),
        ("label,a,b,c,d\ninf,2,3,4,5\n", "labels that are no classes, such as inf"),
    ],
)
def test_what_is_no_data_set_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=said):
        read_csv(path)


def test_rows_of_another_length_later_on_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("label,b,c,d,e\n" + "1,2,3,4,5\n" * 2000 + "1,2,3,4\n" * 3)
    with pytest.raises(DataError, match="rows of different length from row 2,002 on"):
        read_csv(path)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("1,2,3,4,ä\n".encode("latin-1"))
    (tmp_path / "cut.csv.gz").write_bytes(
        gzip.compress(b"label,b,c,d,e\n" + b"1,2,3,4,5\n" * 500)[:-20]
    )
    for name, said in (
        ("latin.csv", "no text in UTF-8"),
        ("cut.csv.gz", "is cut off"),
    ):
        with pytest.raises(DataError, match=said):
            read_csv(tmp_path / name)


def test_a_row_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"1," * 20_000_000))
    with pytest.raises(DataError, match="no CSV file"):
        read_csv(tmp_path / "bomb.csv.gz")


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
