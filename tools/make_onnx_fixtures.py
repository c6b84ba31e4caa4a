"""Export networks of PyTorch for tests/engine/imports/onnx/pytorch, each with outputs to compare.

Run it where torch, onnx and onnxscript are: `.venv-peers/bin/pip install onnx onnxscript`, then
`.venv-peers/bin/python tools/make_onnx_fixtures.py`. Both exporters of PyTorch write each network
for a fixed batch, for any batch, with padding "same", BatchNorm, Dropout and LogSoftmax, and with
skip connections.
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
        normalise_by_chance(self)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logarithms: torch.Tensor = self.layers(images)
        return logarithms


class Residual(nn.Module):
    """Two Convs and a way past them, which has one of 1×1 where the maps become others."""

    def __init__(self, maps: int, depth: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(maps, depth, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(depth)
        self.conv2 = nn.Conv2d(depth, depth, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(depth)
        self.downsample = nn.Sequential()
        if stride > 1:
            conv = nn.Conv2d(maps, depth, 1, stride, bias=False)
            self.downsample = nn.Sequential(conv, nn.BatchNorm2d(depth))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        found = torch.relu(self.bn1(self.conv1(maps)))
        found = self.bn2(self.conv2(found))
        return torch.relu(found + self.downsample(maps))


def resnet() -> nn.Module:
    """Make a network with skip connections in the manner of torchvision's; it gives logits."""
    network = nn.Sequential(
        *(nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU()),
        *(Residual(4, 4, 1), Residual(4, 6, 2)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 5)),
    )
    normalise_by_chance(network)
    return network


def normalise_by_chance(network: nn.Module) -> None:
    """Give each BatchNorm numbers as if it had been trained."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            module.running_mean.uniform_(-0.5, 0.5)  # type: ignore[union-attr]
            module.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]


def main() -> None:
    """Write the files."""
    warnings.simplefilter("ignore")
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    images = torch.rand(BATCH, 1, 14, 14)
    saved = {"images": images.numpy()}
    variants: dict[str, nn.Module] = {
        "fixed": LeNet(),
        "open": LeNet(),
        "modern": ModernLeNet(),
        "residual": resnet(),
    }
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
