"""Export LeNets from PyTorch for tests/engine/imports/onnx/pytorch, each with outputs to compare.

Run it where torch, onnx and onnxscript are: `.venv-peers/bin/pip install onnx onnxscript`, then
`.venv-peers/bin/python tools/make_onnx_fixtures.py`. Both exporters of PyTorch write each network
for a fixed batch, for any batch, and with padding "same", BatchNorm, Dropout and LogSoftmax.
"""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

FOLDER = Path(__file__).parents[1] / "tests" / "engine" / "imports" / "onnx" / "pytorch"
BATCH = 2


class LeNet(nn.Module):
    """Two convolutions and two dense layers, for images of 14×14; it gives logits."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5, padding=2)
        self.conv2 = nn.Conv2d(4, 6, 3)
        self.fc1 = nn.Linear(24, 10)
        self.fc2 = nn.Linear(10, 5)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        maps = torch.max_pool2d(torch.relu(self.conv1(images)), 2)
        maps = torch.max_pool2d(torch.relu(self.conv2(maps)), 2)
        values = maps.view(maps.size(0), -1)
        logits: torch.Tensor = self.fc2(torch.tanh(self.fc1(values)))
        return logits


class ModernLeNet(nn.Module):
    """The same with what networks have today; it gives the logarithms of probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, 4, padding="same"),
            nn.BatchNorm2d(4),
            nn.LeakyReLU(0.1),
            nn.AvgPool2d(2),
            nn.Conv2d(4, 6, 3, stride=2, padding=1, bias=False),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(0.4),
            nn.Linear(96, 5),
            nn.LogSoftmax(dim=1),
        )
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                module.running_mean.uniform_(-0.5, 0.5)  # type: ignore[union-attr]
                module.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logarithms: torch.Tensor = self.layers(images)
        return logarithms


def main() -> None:
    """Write the files."""
    warnings.simplefilter("ignore")
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    images = torch.rand(BATCH, 1, 14, 14)
    saved = {"images": images.numpy()}
    variants = {"fixed": LeNet(), "open": LeNet(), "modern": ModernLeNet()}
    for variant, network in variants.items():
        network.eval()
        saved[variant] = network(images).detach().numpy()
        for exporter in ("default", "legacy"):
            write(f"{exporter}-{variant}", network, images, exporter, variant != "fixed")
    np.savez(FOLDER / "outputs.npz", **saved)


def write(
    name: str, network: nn.Module, images: torch.Tensor, exporter: str, is_open: bool
) -> None:
    """Export a network, without what PyTorch tells of the computer."""
    options: dict[str, Any] = {"input_names": ["images"], "output_names": ["outputs"]}
    if exporter == "legacy" and is_open:
        options["dynamic_axes"] = {"images": {0: "batch"}, "outputs": {0: "batch"}}
    elif is_open:
        options["dynamic_shapes"] = ({0: torch.export.Dim("batch")},)
    path = FOLDER / f"{name}.onnx"
    torch.onnx.export(network, (images,), path, dynamo=exporter == "default", **options)
    model = onnx.load(path, load_external_data=False)
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, model.graph):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    for function in ("metadata_props", "doc_string"):
        model.ClearField(function)
    path.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main()
