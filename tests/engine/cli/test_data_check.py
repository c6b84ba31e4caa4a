"""`data check`: its last line against a second count with loops, and its words for people."""

from pathlib import Path

import numpy as np
import pytest

from tests.engine.cli.console import Console, write_data, write_project

NAMES = ["ant", "bee", "cat"]


def ill_data(path: Path, *, with_test: bool = True) -> dict[str, object]:
    """Write data with copies, leaks and a constant image; return what is to be said of it."""
    dice = np.random.default_rng(2)
    x = dice.integers(0, 256, (60, 5, 5), dtype=np.uint8)
    y = np.array(NAMES)[[0] * 40 + [1] * 18 + [2] * 2]
    test, truth = dice.integers(0, 256, (30, 5, 5), dtype=np.uint8), np.array(NAMES * 10)
    x[7] = x[3]
    x[9] = x[3]
    x[50] = 8
    test[1] = x[3]
    test[4] = test[1]
    test[20] = x[55]
    if with_test:
        np.savez(path, x_train=x, y_train=y, x_test=test, y_test=truth)
    else:
        np.savez(path, x=x, y=y)
    train, second = [image.tobytes() for image in x], [image.tobytes() for image in test]
    counts = [
        {"name": name, "train": y.tolist().count(name), "test": truth.tolist().count(name)}
        for name in NAMES
    ]
    return {
        "samples": len(train),
        "test_samples": len(second),
        "shape": [1, 5, 5],
        "classes": counts,
        "refused": [],
        "duplicates": sum(
            image in part[:place] for part in (train, second) for place, image in enumerate(part)
        ),
        "leaks": sum(image in train for image in second),
    }


def test_the_last_line_has_what_a_second_count_gives(console: Console, tmp_path: Path) -> None:
    expected = ill_data(tmp_path / "ill.npz")
    answer = console.run("data", "check", tmp_path / "ill.npz", "--json")
    assert (answer.code, answer.err) == (0, "")
    *findings, last = answer.objects
    assert last == expected
    assert list(last) == list(expected)
    assert (last["duplicates"], last["leaks"]) == (3, 3)
    found = {each["finding"]: each for each in findings}
    assert list(found) == [
        *("leaks", "conflicts"),
        *("few_samples", "imbalance", "small_test", "constant"),
        "duplicates",
    ]
    assert found["few_samples"]["leave_out_classes"] == [2]
    assert found["constant"]["training"] == [50]
    assert found["constant"]["test"] == []
    assert sorted(found["leaks"]["test"]) == [1, 4, 20]


def test_data_without_a_test_part_count_as_one_part(console: Console, tmp_path: Path) -> None:
    ill_data(tmp_path / "ill.npz", with_test=False)
    for seed in range(4):  # whichever are drawn for the test
        given = ["data", "check", tmp_path / "ill.npz", "--json", "--seed", seed]
        last = console.run(*given, "--test-split", 40).objects[-1]
        assert last["duplicates"] == 2
        assert (last["samples"], last["test_samples"]) == (36, 24)


def test_the_options_that_are_named_cure_it(console: Console, tmp_path: Path) -> None:
    ill_data(tmp_path / "ill.npz")
    words = console.run("data", "check", tmp_path / "ill.npz").out
    assert words.count("Option of train: --copies leave_out") == 3
    given = ["data", "check", tmp_path / "ill.npz", "--copies", "leave_out"]
    *findings, last = console.run(*given, "--json").objects
    assert (last["samples"], last["leaks"], last["duplicates"]) == (56, 0, 1)
    assert not {"leaks", "conflicts"} & {each["finding"] for each in findings}
    assert not any(each["leave_out_copies"] for each in findings)
    project = write_project(tmp_path / "ill.layerscope", tmp_path / "ill.npz", classes=(0, 1))
    assert "on 54 samples" in console.run("train", project, "--copies", "leave_out").out


def test_equal_are_images_in_the_form_that_they_get(console: Console, tmp_path: Path) -> None:
    """Images that differ in their corner alone are equal once they are cropped."""
    dice = np.random.default_rng(3)
    x = dice.integers(0, 256, (20, 4, 6), dtype=np.uint8)
    x[1], x[1, 0, 0] = x[0], 255 - x[0, 0, 0]
    np.savez(tmp_path / "near.npz", x=x, y=np.arange(20) // 10)
    whole = console.run("data", "check", tmp_path / "near.npz", "--json").objects[-1]
    assert (whole["shape"], whole["duplicates"]) == ([1, 4, 6], 0)
    given = ["--image-size", "4", "--fit", "crop", "--colour", "rgb"]
    cropped = console.run("data", "check", tmp_path / "near.npz", "--json", *given).objects[-1]
    assert (cropped["shape"], cropped["duplicates"]) == ([3, 4, 4], 1)


def test_on_a_terminal_a_line_says_how_far_it_is_and_goes(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_data(tmp_path / "data")
    plain = console.run("data", "check", data)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("engine.cli.output._REDRAW_SECONDS", 0)
    answer = console.run("data", "check", data)
    assert answer.out == plain.out
    assert "\r\x1b[Kexamining: 100%" in answer.err
    assert answer.err.endswith("\r\x1b[K")
