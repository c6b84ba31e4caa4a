"""How a network learns: the settings of loss, optimizer, schedule, seed and end of a run."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class LearningSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a network learns from its samples. The defaults are those of the notebook."""

    loss: Annotated[
        Literal["bce", "cross_entropy", "mse"],
        Meta(
            title="Loss",
            description="What training minimises: how far the outputs are from the targets.",
            extra={
                "labels": {
                    "bce": "Binary cross-entropy",
                    "cross_entropy": "Categorical cross-entropy",
                    "mse": "Mean squared error",
                }
            },
        ),
    ] = "bce"
    optimizer: Annotated[
        Literal["sgd", "adam", "adamw"],
        Meta(
            title="Optimizer",
            description="How the gradient changes the weights.",
            extra={"labels": {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}},
        ),
    ] = "sgd"
    learning_rate: Annotated[
        float,
        Meta(
            ge=1e-8,
            le=1000.0,
            title="Learning rate",
            description="How far each step follows the gradient. Can be changed while training.",
            extra={"scale": "log"},
        ),
    ] = 0.1
    batch_size: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            title="Batch size",
            description="How many samples share one step.",
            extra={"unit": "samples", "scale": "log"},
        ),
    ] = 1
    momentum: Annotated[
        float,
        Meta(
            ge=0.0,
            le=0.999,
            title="Momentum",
            description=(
                "How much of its last step SGD keeps; 0 keeps nothing, 0.9 is usual. Adam has a "
                "momentum of its own."
            ),
        ),
    ] = 0.0
    nesterov: Annotated[
        bool,
        Meta(
            title="Nesterov",
            description="Lets SGD's momentum look one step ahead.",
        ),
    ] = False
    weight_decay: Annotated[
        float,
        Meta(
            ge=0.0,
            le=1.0,
            title="Weight decay",
            description="How strongly each step pulls the weights towards 0. AdamW pulls "
            "separately from the gradient, the others add to it.",
        ),
    ] = 0.0
    schedule: Annotated[
        Literal["constant", "step", "cosine"],
        Meta(
            title="Schedule",
            description="How the learning rate falls: not at all, by a factor every few epochs, or "
            "along a cosine to 0 at the end of the run. Training on after the end, steps are "
            "counted on, and the cosine begins anew over the new epochs.",
            extra={"labels": {"constant": "Constant", "step": "Step", "cosine": "Cosine"}},
        ),
    ] = "constant"
    step_epochs: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            title="Step every",
            description="After how many epochs the step schedule lowers the learning rate.",
            extra={"unit": "epochs"},
        ),
    ] = 10
    step_factor: Annotated[
        float,
        Meta(
            ge=0.001,
            le=1.0,
            title="Step factor",
            description="The factor by which the step schedule multiplies the learning rate.",
        ),
    ] = 0.5
    epochs: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            title="Epochs",
            description=(
                "How often training goes through all training samples. Changed while a run is "
                "stopped, it counts from the start of that run."
            ),
        ),
    ] = 20
    seed: Annotated[
        int,
        Meta(
            ge=0,
            le=2_147_483_647,
            title="Seed",
            description="The same seed gives the same initial weights and the same run.",
            extra={"identifies": True},
        ),
    ] = 0
    initializer: Annotated[
        Literal["lecun", "glorot", "normal"],
        Meta(
            title="Initial weights",
            description="LeCun and Glorot scale with the number of inputs, so that sigmoids start "
            "where they are steep. Standard normal is what the notebook does.",
            extra={
                "labels": {
                    "lecun": "LeCun normal",
                    "glorot": "Glorot uniform",
                    "normal": "Standard normal (notebook)",
                }
            },
        ),
    ] = "lecun"
    validation_split: Annotated[
        float,
        Meta(
            ge=0.0,
            le=90.0,
            title="Validation split",
            description=(
                "Share of the training samples that is held out for validation; 0 holds out none."
            ),
            extra={"unit": "%"},
        ),
    ] = 0.0
    early_stopping: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000,
            title="Early stopping",
            description=(
                "Stops when the validation loss (without a split, the test loss) has not improved "
                "for this many epochs; 0 never stops."
            ),
            extra={"unit": "epochs", "zero": "off"},
        ),
    ] = 0
    target_accuracy: Annotated[
        float,
        Meta(
            ge=0.0,
            le=100.0,
            title="Target accuracy",
            description="Stops when the validation accuracy (without a split, the test accuracy) "
            "is reached; 0 never stops.",
            extra={"unit": "%"},
        ),
    ] = 0.0
