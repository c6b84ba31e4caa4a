from pathlib import Path

import numpy as np

from engine.files import open_project
from tests.engine.cli.console import Console
from tests.engine.imports.onnx.graphs import node, random, write_graph
from tests.engine.imports.onnx.test_pytorch import FOLDER

LENET = FOLDER / "legacy-open.onnx"


def test_a_network_becomes_a_project(console: Console, tmp_path: Path) -> None:
    path = tmp_path / "lenet.layerscope"
    answer = console.run("import", LENET, path)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[1].split(maxsplit=4)[1:4] == ["/conv1/Conv", "Conv", "taken"]
    assert lines[1].endswith("block 1: Conv 4, 5×5, same")
    assert lines[-1] == f"Wrote {path}, with 11 blocks."
    assert any(line.startswith("onnxruntime: 200 of 200 images of noise") for line in lines)
    project = open_project(path)
    with np.load(FOLDER / "outputs.npz") as saved:
        outputs = project.network().activations(saved["images"])
        np.testing.assert_allclose(outputs[-2], saved["open"], rtol=1e-5, atol=1e-5)


def test_each_node_is_a_line_of_json(console: Console, tmp_path: Path) -> None:
    *rows, last = console.run("import", LENET, tmp_path / "net.layerscope", "--json").objects
    assert [row["node"] for row in rows] == [*range(1, 18), None]
    assert rows[0]["block"] == 1
    assert rows[-1]["outcome"] == "added"
    assert (last["blocks"], last["verified"], last["samples"]) == (11, "onnxruntime", 200)
    assert last["agree"] == 200
    assert last["max_difference"] < 1e-6


def test_what_is_refused_is_named_and_nothing_is_written(console: Console, tmp_path: Path) -> None:
    nodes = [node("Relu", "x", "r"), node("MaxPool", "r", "p", kernel_shape=[2, 3])]
    nodes.append(node("Tanh", "p", "y"))
    file = write_graph(tmp_path / "a.onnx", nodes, ("N", 1, 6, 6))
    path = tmp_path / "net.layerscope"
    answer = console.run("import", file, path)
    assert answer.code == 1
    assert answer.err.startswith(f"main.py: {file} cannot be taken: node 2 (MaxPool 'p'): its ")
    assert len(answer.err.splitlines()) == 1
    told = [line.split(maxsplit=3)[3] for line in answer.out.splitlines()[1:]]
    assert told[0].startswith("taken ")
    assert told[1].startswith("refused ")
    assert told[2].split(maxsplit=3)[:3] == ["not", "looked", "at"]
    assert told[2].endswith("because node 2 (MaxPool 'p') was refused")
    *rows, last = console.run("import", file, path, "--json").objects
    assert [row["outcome"] for row in rows] == ["taken", "refused"]
    assert (last["node"], last["outcome"], last["block"]) == (3, "not looked at", None)
    assert not path.exists()


def test_that_no_other_program_could_run_the_file_is_said_first(
    console: Console, tmp_path: Path
) -> None:
    nodes = [node("Conv", "x w", "sums"), node("Tanh", "sums", "y")]
    arrays = {"w": random(3, 1, 3, 3)}
    file = write_graph(tmp_path / "a.onnx", nodes, ("N", 1, 6, 6), arrays, opset=5)
    answer = console.run("import", file, tmp_path / "net.layerscope")
    assert answer.code == 0
    assert answer.err.startswith("Not checked by another program: onnxruntime could not run the f")
    lines = answer.out.splitlines()
    assert any(line.startswith("numpy: 200 of 200") for line in lines)
    assert any("Could not find an implementation for Tanh(1)" in line for line in lines)
    assert console.run("import", LENET, tmp_path / "lenet.layerscope").err == ""
