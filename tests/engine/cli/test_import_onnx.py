from pathlib import Path

from tests.engine.cli.console import Console
from tests.engine.imports.onnx.graphs import node, random, write_graph
from tests.engine.imports.onnx.test_pytorch import FOLDER

LENET = FOLDER / "legacy-open.onnx"


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
