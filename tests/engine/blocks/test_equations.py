"""The equations with their numbers: each number is that of the real layer."""

import pytest

from engine.array_types import Shape
from engine.blocks import (
    KINDS,
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    GlobalAvgPool,
    KnownBlock,
    LeakyReLU,
    MaxPool,
    Reshape,
    Sigmoid,
    Softmax,
    UnknownBlock,
)
from engine.blocks.batch_norm import BatchNormLayer

WRITTEN: list[tuple[KnownBlock, Shape, str]] = [
    (Conv(), (1, 28, 28), "i = 1..5, j = 1..1, K_ij 3×3, B_i 26×26"),
    (
        Conv(depth=8, kernel_size=5, bias="channel", stride=2, padding="same"),
        (3, 28, 28),
        "i = 1..8, j = 1..3, K_ij 5×5, B_i one number, stride 2, X_j with zeros around",
    ),
    (MaxPool(), (5, 26, 26), "window 2×2, moved by 2:  maps of 26×26 → 13×13"),
    (AvgPool(size=3, stride=1), (5, 9, 9), "window 3×3, moved by 1:  maps of 9×9 → 7×7"),
    (GlobalAvgPool(), (5, 26, 24), "mean of the map:  5 maps of 26×24 → a vector of 5"),
    (Dense(), (3380,), "y = W x + b,  W 100×3380, x 3380, b 100"),
    (Reshape(), (5, 26, 25), "n = (map · 26 + row) · 25 + column = 0..3249"),
    (Reshape(target_shape=(4, -1)), (100,), "100 → 4×25,  all 100 values in the same order"),
    (Sigmoid(), (5, 26, 26), "for each of 3380 values"),
    (LeakyReLU(slope=0.2), (10,), "else 0.2 x,  for each of 10 values"),
    (Softmax(), (10,), "i, j = 1..10"),
    (Dropout(rate=0.2), (5, 2, 2), "y = x m / 0.8 while training, else x,  m = 0 for 20 % of 20"),
    (BatchNorm(), (5, 26, 26), "γ, β, μ, σ² for each of 5 maps"),
    (BatchNorm(), (100,), "γ, β, μ, σ² for each of 100 values"),
]


@pytest.mark.parametrize(("block", "shape", "numbers"), WRITTEN, ids=lambda value: str(value)[:30])
def test_an_equation_has_the_numbers_of_its_block(
    block: KnownBlock, shape: Shape, numbers: str
) -> None:
    assert numbers in block.equation_with(shape)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_one(kind: str) -> None:
    shape = (10,) if kind in ("dense", "softmax") else (2, 8, 8)
    assert any(figure.isdigit() for figure in KINDS[kind]().equation_with(shape))


def test_the_running_constant_is_the_layers() -> None:
    assert f"ε = {BatchNormLayer.EPSILON:.5f}" in BatchNorm().equation_with((2,))


def test_an_unknown_block_has_none() -> None:
    assert UnknownBlock({"kind": "lstm"}, "unknown").equation_with((1, 2, 3)) == ""
