"""Networks that PyTorch has exported (tools/make_onnx_fixtures.py): the same outputs here."""

from pathlib import Path

import numpy as np
import pytest

from tests.engine.imports.onnx.graphs import kinds, read_here

FOLDER = Path(__file__).parent / "pytorch"
LENET = ["conv", "relu", "max_pool"] * 2 + ["reshape", "dense", "tanh", "dense", "softmax"]
MODERN = ["conv", "leaky_relu", "avg_pool", "conv", "relu", "reshape", "dense", "softmax"]
RESIDUAL = [
    *("conv", "relu"),
    *("conv", "relu", "conv", "add", "relu"),
    *("conv", "relu", "conv", "add", "relu"),
    *("global_avg_pool", "dense", "softmax"),
]
KINDS = {"fixed": LENET, "open": LENET, "modern": MODERN, "residual": RESIDUAL}


@pytest.mark.parametrize("exporter", ["default", "legacy"])
@pytest.mark.parametrize("variant", KINDS)
def test_a_network_of_pytorch_gives_the_same(exporter: str, variant: str) -> None:
    with np.load(FOLDER / "outputs.npz") as saved:
        images, wanted = saved["images"], saved[variant]
    imported = read_here(FOLDER / f"{exporter}-{variant}.onnx")
    assert kinds(imported) == KINDS[variant]
    outputs = imported.project.network().activations(images)
    if variant == "modern":  # PyTorch gives the logarithms
        np.testing.assert_allclose(np.log(outputs[-1]), wanted, rtol=1e-5, atol=1e-5)
    else:  # PyTorch gives what goes into the softmax
        np.testing.assert_allclose(outputs[-2], wanted, rtol=1e-5, atol=1e-5)
    assert imported.project.settings.loss == "cross_entropy"
    assert not [row for row in imported.rows if row.outcome == "refused"]


def test_images_are_brought_to_the_size_that_the_network_takes() -> None:
    settings = read_here(FOLDER / "default-modern.onnx").project.settings
    assert (settings.image_size, settings.colour) == (14, "grey")
