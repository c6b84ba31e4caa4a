"""Pictures and labels from CSV files: with names or without, the label first or last."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    names: str = "",
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


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("names", ["", "label", "Class"])
@pytest.mark.parametrize("last", [False, True])
def test_pictures_are_read_with_the_label_first_or_last(
    tmp_path: Path, names: str, last: bool, separator: str
) -> None:
    path = tmp_path / "data.csv"
    parts = read_csv(write(path, LABELS, PIXELS, last=last, names=names, separator=separator))
    assert parts.test is None
    assert parts.training.images[:].reshape(9, 16).tolist() == PIXELS.tolist()
    assert [str(number) for number in parts.training.numbers] == LABELS


def test_a_gzipped_file_and_one_with_a_mark_of_utf_8_are_read(tmp_path: Path) -> None:
    plain = write(tmp_path / "data.csv", LABELS, PIXELS, names="label").read_bytes()
    (tmp_path / "data.csv.gz").write_bytes(gzip.compress(plain))
    (tmp_path / "marked.csv").write_bytes(b"\xef\xbb\xbf" + plain)
    for name in ("data.csv.gz", "marked.csv"):
        assert (
            read_csv(tmp_path / name).training.images[:].reshape(9, 16).tolist() == PIXELS.tolist()
        )


def test_eight_by_eight_digits_on_a_scale_of_16_are_read(tmp_path: Path) -> None:
    # The layout of scikit-learn's digits: no names, fractions, the border empty, the label last.
    pixels = DICE.integers(0, 17, (30, 64))
    pixels[:, [0, 32]] = 0
    written = [[f"{value:.18e}" for value in row] for row in pixels]
    labels = [str(place % 10) for place in range(30)]
    parts = read_csv(write(tmp_path / "digits.csv", labels, written, last=True))
    assert parts.training.images.shape == (30, 1, 8, 8)
    assert parts.training.numbers.tolist() == [place % 10 for place in range(30)]
    expected = np.rint(pixels * 255 / 16)
    assert parts.training.images[:].reshape(30, 64).tolist() == expected.tolist()
    assert len(parts.notes) == 1
    assert "from 0 to 16" in parts.notes[0]


def test_words_are_classes(tmp_path: Path) -> None:
    words = ["cat", "dog", 'a "b"', "cat", "dog", "dog", "eel", "eel", "cat"]
    parts = read_csv(write(tmp_path / "words.csv", words, PIXELS / 255))
    assert set(parts.class_names) >= {"cat", "dog", "eel"}
    assert [parts.class_names[number] for number in parts.training.numbers][:2] == ["cat", "dog"]
    assert parts.training.images[:].reshape(9, 16).tolist() == PIXELS.tolist()


GREYS = DICE.integers(0, 17, (60, 64))
TENS = [str(place % 10) for place in range(60)]


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(
    ("labels", "edge", "scale"),
    [
        (TENS, [place % 17 for place in range(60)], 16),  # as the corner of scikit-learn's digits
        (TENS, [place % 2 for place in range(60)], 16),
        (TENS, [2 * (place % 9) for place in range(60)], 16),
        (TENS, [7] * 60, 16),
        (["3", "8"] * 30, [place % 17 for place in range(60)], 16),
        (["3", "8"] * 30, [place % 3 for place in range(60)], 16),
        (["0", "2"] * 30, [place % 2 for place in range(60)], 16),
        (["7"] * 60, [place % 2 for place in range(60)], 16),
        (["0", "1"] * 30, [place // 2 % 2 for place in range(60)], 1),
        (["3", "8"] * 30, [2 * place for place in range(60)], 255),
        (["0"] * 60, [4 * place for place in range(60)], 255),
        (["0.5", "1"] * 30, [0] * 60, 16),
    ],
)
def test_where_labels_may_be_first_or_last_names_are_asked_for(
    tmp_path: Path, labels: list[str], edge: list[int], scale: int, last: bool
) -> None:
    pixels = np.rint(GREYS * (scale / 16)).astype(int)
    pixels[:, 0 if last else -1] = edge
    path = write(tmp_path / "digits.csv", labels, pixels, last=last)
    with pytest.raises(DataError, match="Add a first row of names, with the name label"):
        read_csv(path)
    if labels[0] != "0.5":
        write(path, labels, pixels, last=last, names="label")
        assert read_csv(path).training.numbers.tolist() == list(map(int, labels))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(
    ("labels", "edge", "scale"),
    [
        (TENS, [0] * 60, 255),  # as MNIST
        (TENS, [0] * 60, 16),  # as scikit-learn's digits
        (TENS, [16] * 60, 16),  # on white
        (TENS, [place % 2 for place in range(60)], 1),  # no label but 1 is a black or white pixel
        (TENS, [2 * (place % 9) for place in range(60)], 255),
        (TENS, [255 * (place % 2) for place in range(60)], 255),
        (["3", "8"] * 30, [0] * 60, 16),
        (["3", "8"] * 30, [4 * place for place in range(60)], 255),
        (["35", "60"] * 30, [place % 17 for place in range(60)], 16),
        (["7"] * 60, [place % 2 for place in range(60)], 1),
        (["cat", "dog"] * 30, [place % 10 for place in range(60)], 16),
        (["1_0", "2_0"] * 30, [0] * 60, 16),  # a number of Python's alone
        (["١", "٢"] * 30, [0] * 60, 16),  # noqa: RUF001
        ([f"{place % 10}.0" for place in range(60)], [0] * 60, 16),
    ],
)
def test_the_one_column_that_looks_like_labels_is_taken(
    tmp_path: Path, labels: list[str], edge: list[int], scale: int, last: bool
) -> None:
    pixels = np.rint(GREYS * (scale / 16)).astype(int)
    pixels[:, 0 if last else -1] = edge
    parts = read_csv(write(tmp_path / "digits.csv", labels, pixels, last=last))
    found = [parts.name_of(number) for number in parts.training.numbers.tolist()]
    assert found == [label.removesuffix(".0") for label in labels]


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", ["label", "Class", None])
@pytest.mark.parametrize("last", [False, True])
def test_a_row_that_numbers_the_columns_is_no_picture(
    tmp_path: Path, start: int, name: str | None, last: bool
) -> None:
    pixels = GREYS.copy()
    pixels[:, [0, -1]] = 0
    path = write(tmp_path / "digits.csv", TENS, pixels, last=last)
    head = [str(start + place) for place in range(64 if name else 65)]
    if name:
        head.insert(len(head) if last else 0, name)
    path.write_text(",".join(head) + "\n" + path.read_text())
    parts = read_csv(path)
    assert parts.training.numbers.tolist() == list(map(int, TENS))
    assert parts.class_names == ()
    assert "from 0 to 16" in parts.notes[0]
    path.write_text(path.read_text().replace(name or head[0], "target", 1))
    with pytest.raises(DataError, match="no column called label or class"):
        read_csv(path)


def test_rows_of_three_squares_are_colours_pixel_by_pixel(tmp_path: Path) -> None:
    colours = DICE.integers(0, 256, (9, 2, 2, 3))
    parts = read_csv(write(tmp_path / "rgb.csv", LABELS, colours.reshape(9, 12), names="label"))
    assert parts.training.images[:].transpose(0, 2, 3, 1).tolist() == colours.tolist()
    assert ["not all red first" in note for note in parts.notes] == [True]


def test_empty_rows_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "data.csv", LABELS, PIXELS)
    path.write_text(path.read_text().replace("\n", "\n\n") + "\n\n")
    assert len(read_csv(path).training) == 9


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "fewer than three columns"),
        ("hello\n", "fewer than three columns"),
        ("label,a,b,c,d\n", "has no picture"),
        ("name,a,b,c,d\n1,2,3,4,5\n", "no column called label or class"),
        ("a,label,b,c,d\n1,2,3,4,5\n", "no column called label or class"),
        ("1,2,3,4,5\n1,2,x,4,5\n", "something other than pixels from row 1 on"),
        ("1,2,3,4,5\n1,2,3,4\n", "something other than pixels|rows of different length"),
        ("1,2,3,4,5\n1\n", "a row that is too short, from row 1 on"),
        ("label,a,b,c,d\n1,2,3,4,5\n1\n", "a row that is too short, from row 2 on"),
        ("1,2,3,4,5\n1,2,,4,5\n", "something other than pixels"),
        ("1,2,3,-5,4\n1,2,3,4,5\n", "values from -5 to"),
        ("1,2,3,nan,5\n2,2,3,4,5\n", "values from nan to"),
        ("1,2,3,500,4\n1,2,3,4,5\n", "values from 2 to 500"),
        ("0,1,2,3,4,0\n1,1,2,3,4,0\n", "5 pixels a row, which is no square"),
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
    path.write_text("1,2,3,4,5\n" * 2000 + "1,2,3,4\n" * 3)
    with pytest.raises(DataError, match="rows of different length from row 2,001 on"):
        read_csv(path)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("1,2,3,4,ä\n".encode("latin-1"))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"1,2,3,4,5\n" * 500)[:-20])
    for name, said in (
        ("none.csv", "does not exist"),
        ("latin.csv", "no text in UTF-8"),
        ("cut.csv.gz", "is cut off"),
    ):
        with pytest.raises(DataError, match=said):
            read_csv(tmp_path / name)
    with pytest.raises(DataError, match="is a folder"):
        read_csv(tmp_path)


def test_a_row_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"1," * 20_000_000))
    with pytest.raises(DataError, match="no CSV file"):
        read_csv(tmp_path / "bomb.csv.gz")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_damaged_text_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = write(tmp_path / "data.csv", LABELS, PIXELS, names="label")
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
