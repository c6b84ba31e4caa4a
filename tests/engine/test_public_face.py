"""The engine's public face: every name loads, late, and the example of its page runs."""

import re
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.blocks import KINDS
from tests.engine.new_python import in_new_python
from tests.paths import ROOT

PAGE = ROOT / "docs" / "python.md"


def test_every_name_of_the_page_is_there() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    names = re.findall(r"`(\w+)`", " ".join(rows))
    assert "warm_up" in names
    for name in names:
        assert getattr(engine, name) is not None
        assert name in dir(engine)


def test_every_kind_of_block_is_there() -> None:
    for block in KINDS.values():
        assert getattr(engine, block.__name__) is block
        assert block.__name__ in dir(engine)


def test_what_is_not_there_is_said_as_python_says_it() -> None:
    with pytest.raises(AttributeError, match="module 'engine' has no attribute 'Convolution'"):
        _ = engine.Convolution


def test_importing_it_loads_neither_numpy_nor_the_rest() -> None:
    code = (
        "import os, sys, engine; print({'numpy', 'numba', 'engine.blocks'} & set(sys.modules)); "
        "engine.Stack; print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    assert in_new_python(code) == "set()\n1\n"


def test_the_example_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(PAGE), "exec"), {})
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said] == [f"epoch {number}" for number in range(1, 5)]
    assert float(said[-1].split()[2].rstrip("%")) > 90
    project = engine.open_project(tmp_path / "three-digits.layerscope")
    assert project.trained_epochs == 4
    from safetensors.numpy import load_file

    exported = load_file(tmp_path / "three-digits.safetensors")
    assert exported["0.conv.weight"].shape == (8, 1, 3, 3)
    kept = project.weights[project.stack.slots[0].id]["weight"]
    assert np.array_equal(exported["0.conv.weight"], kept)
