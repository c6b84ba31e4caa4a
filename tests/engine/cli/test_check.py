from pathlib import Path

from engine.blocks import Conv, Dense, Sigmoid
from tests.engine.cli.console import Console, write_project
from tests.engine.files.networks import edit_description


def test_a_row_per_block_with_shapes_and_parameters(console: Console, tmp_path: Path) -> None:
    console.run("new", "notebook", tmp_path / "a.layerscope")
    answer = console.run("check", tmp_path / "a.layerscope")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    # 5·1·3·3 weights and 5·26·26 biases; 3380·100 + 100; 100·2 + 2
    for line, (start, shapes, parameters) in zip(
        (lines[1], lines[4], lines[6]),
        [
            ("1  Conv 5, 3×3", "1×28×28   5×26×26", "3,425"),
            ("4  Dense 100", "3380      100", "338,100"),
            ("6  Dense 2", "100       2", "202"),
        ],
        strict=True,
    ):
        assert line.startswith(start)
        assert shapes in line
        assert line.endswith(f" {parameters}")
    assert lines[8].split() == ["total", "341,727"]
    assert lines[9] == "All blocks fit."


def test_json_is_an_object_per_block(console: Console, tmp_path: Path) -> None:
    console.run("new", "notebook", tmp_path / "a.layerscope")
    rows = console.run("check", tmp_path / "a.layerscope", "--json").objects
    assert [row["block"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert rows[0] == {
        "block": 1,
        "kind": "conv",
        "title": "Conv 5, 3×3",
        "input_shape": [1, 28, 28],
        "output_shape": [5, 26, 26],
        "parameters": 3425,
        "multiply_adds": 5 * 26 * 26 * 9,
        "problem": None,
    }
    assert [row["output_shape"] for row in rows[1:]] == [
        [5, 26, 26],
        [3380],
        [100],
        [100],
        [2],
        [2],
    ]


def test_a_block_that_does_not_fit_is_named_with_both_shapes(
    console: Console, tmp_path: Path, data: Path
) -> None:
    path = write_project(
        tmp_path / "a.layerscope", data, Conv(depth=2), Sigmoid(), Dense(units=2), Sigmoid()
    )
    answer = console.run("check", path)
    assert answer.code == 1
    assert "3  Dense 2  ← does not fit  2×6×6     –" in answer.out
    assert answer.err == (
        f"main.py: The network of {path} does not fit. Block 3 (Dense 2) takes a vector, but "
        "block 2 (Sigmoid) gives 2×6×6 = 72 values as maps. Put a Reshape between them.\n"
    )
    rows = console.run("check", path, "--json").objects
    assert [row["output_shape"] for row in rows] == [[2, 6, 6], [2, 6, 6], None, None]
    assert rows[2]["problem"].startswith("Block 3 (Dense 2) takes a vector")


def test_an_unknown_block_is_shown_and_does_not_fit(console: Console, project: Path) -> None:
    edit_description(
        project, lambda description: description["slots"][1].update(block={"kind": "lstm"})
    )
    answer = console.run("check", project)
    assert answer.code == 1
    assert "2  Unknown block lstm  ← does not fit" in answer.out
    assert "Block 2 (Unknown block lstm) cannot be used" in answer.err
    assert answer.err.count("\n") == 1
