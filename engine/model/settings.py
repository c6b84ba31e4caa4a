"""Settings: what the user chooses about training, declared once for forms, files and messages."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.inputs.drawings import Drawing, why_too_many
from engine.inputs.validation_split import held_out_count
from engine.struct_fields import change, is_unicode, meta


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The choices for one training run: how it learns, from which samples, in which form.

    The defaults are those of the notebook.
    """

    loss: Annotated[
        Literal["bce", "cross_entropy", "mse"],
        meta(
            "What training minimises: how far the outputs are from the targets.",
            labels={
                "bce": "Binary cross-entropy",
                "cross_entropy": "Categorical cross-entropy",
                "mse": "Mean squared error",
            },
        ),
    ] = "bce"
    optimizer: Annotated[
        Literal["sgd", "adam", "adamw"],
        meta(
            "How the gradient changes the weights.",
            labels={"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"},
        ),
    ] = "sgd"
    learning_rate: Annotated[
        float,
        meta(
            "How far each step follows the gradient. Can be changed while training.",
            (1e-8, 1000.0),
            scale="log",
        ),
    ] = 0.1
    batch_size: Annotated[
        int,
        meta("How many samples share one step.", (1, 100_000), unit="samples", scale="log"),
    ] = 1
    momentum: Annotated[
        float,
        meta(
            "How much of its last step SGD keeps; 0 keeps nothing, 0.9 is usual. Adam has a "
            "momentum of its own.",
            (0.0, 0.999),
        ),
    ] = 0.0
    nesterov: Annotated[bool, meta("Lets SGD's momentum look one step ahead.")] = False
    weight_decay: Annotated[
        float,
        meta(
            "How strongly each step pulls the weights towards 0. AdamW pulls "
            "separately from the gradient, the others add to it.",
            (0.0, 1.0),
        ),
    ] = 0.0
    schedule: Annotated[
        Literal["constant", "step", "cosine"],
        meta(
            "How the learning rate falls: not at all, by a factor every few epochs, or "
            "along a cosine to 0 at the end of the run. Training on after the end, steps are "
            "counted on, and the cosine begins anew over the new epochs.",
            labels={"constant": "Constant", "step": "Step", "cosine": "Cosine"},
        ),
    ] = "constant"
    step_epochs: Annotated[
        int,
        meta(
            "After how many epochs the step schedule lowers the learning rate.",
            (1, 100_000),
            title="Step every",
            unit="epochs",
        ),
    ] = 10
    step_factor: Annotated[
        float,
        meta("The factor by which the step schedule multiplies the learning rate.", (0.001, 1.0)),
    ] = 0.5
    epochs: Annotated[
        int,
        meta(
            "How often training goes through all training samples. Changed while a run is "
            "stopped, it counts from the start of that run.",
            (1, 100_000),
        ),
    ] = 20
    seed: Annotated[
        int,
        meta(
            "The same seed gives the same initial weights and the same run.",
            (0, 2_147_483_647),
            identifies=True,
        ),
    ] = 0
    initializer: Annotated[
        Literal["lecun", "glorot", "normal"],
        meta(
            "LeCun and Glorot scale with the number of inputs, so that sigmoids start "
            "where they are steep. Standard normal is what the notebook does.",
            title="Initial weights",
            labels={
                "lecun": "LeCun normal",
                "glorot": "Glorot uniform",
                "normal": "Standard normal (notebook)",
            },
        ),
    ] = "lecun"
    validation_split: Annotated[
        float,
        meta(
            "Share of the training samples that is held out for validation; 0 holds out none.",
            (0.0, 90.0),
            unit="%",
            zero="off",
        ),
    ] = 0.0
    early_stopping: Annotated[
        int,
        meta(
            "Stops when the validation loss (without a split, the test loss) has not improved "
            "for this many epochs; 0 never stops.",
            (0, 10_000),
            unit="epochs",
            zero="off",
        ),
    ] = 0
    target_accuracy: Annotated[
        float,
        meta(
            "Stops when the validation accuracy (without a split, the test accuracy) "
            "is reached; 0 never stops.",
            (0.0, 100.0),
            unit="%",
            zero="off",
        ),
    ] = 0.0

    dataset: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4096,
            title="Data",
            description="The bundled digits or scenes, another known data set, or the path of your "
            "own: a folder of images with a subfolder for each class, a .zip of it, a .npz or .csv "
            "file, or a folder with four IDX files.",
            extra={
                "suggestions": {
                    "mnist": "MNIST sample (bundled)",
                    "scenes": "Scenes in colour (bundled)",
                    "mnist-full": "Full MNIST",
                    "fashion-mnist": "Fashion-MNIST",
                    "kmnist": "KMNIST",
                    "emnist-digits": "EMNIST digits",
                    "cifar-10": "CIFAR-10",
                }
            },
        ),
    ] = "mnist"
    classes: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=999_999)], ...],
        Meta(
            min_length=2,
            max_length=1000,
            description="The classes that the network tells apart. Its outputs are in this order.",
        ),
    ] = (0, 1)
    limit: Annotated[
        int,
        meta(
            "How many training samples of each class are used; 0 uses all.",
            (0, 1_000_000),
            title="Limit per class",
            unit="samples",
            zero="all",
        ),
    ] = 100
    test_split: Annotated[
        float,
        meta(
            "Of data that brings no test samples, such as a CSV file, so many percent "
            "of each class are for the test; the seed says which.",
            (1.0, 90.0),
            unit="%",
        ),
    ] = 20.0
    copies: Annotated[
        Literal["keep", "leave_out"],
        meta(
            "Whether all of equal training images are kept, or only the first, and "
            "none if the test part has it too or their labels differ. Data that brings no test "
            "samples is divided after that.",
            labels={"keep": "Keep", "leave_out": "Leave out"},
        ),
    ] = "keep"
    image_size: Annotated[
        int,
        meta(
            "Width and height that images are brought to; with 0, images of one size "
            "of up to 256 px keep it, and others become 32×32.",
            (0, 1024),
            unit="px",
            zero="automatic",
        ),
    ] = 0
    colour: Annotated[
        Literal["as_is", "grey", "rgb"],
        meta(
            "Whether images are taken as they are, in grey (one channel), or in red, "
            "green and blue (three channels).",
            labels={"as_is": "As it is", "grey": "Grey", "rgb": "RGB"},
        ),
    ] = "as_is"
    fit: Annotated[
        Literal["fit", "crop", "stretch"],
        meta(
            "How an oblong image becomes a square one: scaled until it fits, with "
            "bars of the background, or cropped to its middle, or stretched.",
            title="Non-square images",
            labels={"fit": "Fit, with bars", "crop": "Crop", "stretch": "Stretch"},
        ),
    ] = "fit"
    background: Annotated[
        Literal["black", "grey", "white"],
        meta(
            "What is seen where an image has nothing: in the bars, through "
            "transparent pixels, and where augmentation moves the image away.",
            labels={"black": "Black", "grey": "Grey", "white": "White"},
        ),
    ] = "black"
    scaling: Annotated[
        Literal["unit", "standard"],
        meta(
            "What the network gets for a pixel: a value from 0 to 1, or one that has "
            "the mean 0 and the deviation 1 over the training samples, channel by channel.",
            labels={"unit": "From 0 to 1", "standard": "Standardised"},
        ),
    ] = "unit"
    shift: Annotated[
        float,
        meta(
            "In training, moves each image at random up to so far, across and down.",
            (0.0, 256.0),
            unit="px",
            zero="off",
        ),
    ] = 0.0
    rotate: Annotated[
        float,
        meta(
            "In training, turns each image at random up to so far, either way.",
            (0.0, 180.0),
            unit="°",
            zero="off",
        ),
    ] = 0.0
    zoom: Annotated[
        float,
        meta(
            "In training, enlarges or shrinks each image at random by up to so much.",
            (0.0, 90.0),
            unit="%",
            zero="off",
        ),
    ] = 0.0
    noise: Annotated[
        float,
        meta(
            "In training, adds to each pixel a random value with this deviation, as a "
            "share of the range from black to white.",
            (0.0, 1.0),
            zero="off",
        ),
    ] = 0.0
    flip: Annotated[
        bool,
        meta("In training, mirrors each image, left to right, with a probability of one half."),
    ] = False

    drawings: Annotated[
        tuple[Drawing, ...],
        meta(
            "What was drawn in the program and is trained on, beyond the limit.",
            title="Own drawings",
        ),
    ] = ()

    def __post_init__(self) -> None:
        """Order the classes; refuse a class named twice, and what no project file can keep."""
        if why := why_too_many(self.drawings):
            raise ValueError(why)
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("classes must differ; one is named twice.")
        if not is_unicode(self.dataset):
            raise ValueError(
                f"data is {self.dataset!a}, a name that is not in UTF-8, which a project "
                "cannot keep. Rename the folder."
            )
        msgspec.structs.force_setattr(self, "classes", tuple(sorted(self.classes)))

    def trained_samples(self, samples: int) -> int:
        """Return how many of so many training samples are trained on, none of them held out."""
        return samples - held_out_count(samples, self.validation_split)

    def with_changes(self, **changes: object) -> "Settings":
        """Copy the settings with some changed.

        Raises SettingsError if a value is outside its limits.
        """
        return change(self, "Training settings", **changes)
