"""Settings: what the user chooses about training, declared once for forms, files and messages."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.inputs.drawings import Drawing, why_too_many
from engine.inputs.validation_split import held_out_count
from engine.model.learning_settings import LearningSettings
from engine.struct_fields import change, is_unicode


class Settings(LearningSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The choices for one training run: how it learns, from which samples, in which form."""

    dataset: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4096,
            title="Data",
            description="The bundled MNIST sample, another known data set, or the path of your "
            "own: a folder of images with a subfolder for each class, a .zip of it, a .npz or .csv "
            "file, or a folder with four IDX files.",
            extra={
                "suggestions": {
                    "mnist": "MNIST sample (bundled)",
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
            title="Classes",
            description="The classes that the network tells apart. Its outputs are in this order.",
        ),
    ] = (0, 1)
    limit: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            title="Limit per class",
            description="How many training samples of each class are used; 0 uses all.",
            extra={"unit": "samples", "zero": "all"},
        ),
    ] = 100
    test_split: Annotated[
        float,
        Meta(
            ge=1.0,
            le=90.0,
            title="Test split",
            description="Of data that brings no test samples, such as a CSV file, so many percent "
            "of each class are for the test; the seed says which.",
            extra={"unit": "%"},
        ),
    ] = 20.0
    copies: Annotated[
        Literal["keep", "leave_out"],
        Meta(
            title="Copies",
            description="Whether all of equal training images are kept, or only the first, and "
            "none if the test part has it too or their labels differ. Data that brings no test "
            "samples is divided after that.",
            extra={"labels": {"keep": "Keep", "leave_out": "Leave out"}},
        ),
    ] = "keep"
    image_size: Annotated[
        int,
        Meta(
            ge=0,
            le=1024,
            title="Image size",
            description="Width and height that images are brought to; with 0, images of one size "
            "of up to 256 px keep it, and others become 32×32.",
            extra={"unit": "px", "zero": "automatic"},
        ),
    ] = 0
    colour: Annotated[
        Literal["as_is", "grey", "rgb"],
        Meta(
            title="Colour",
            description="Whether images are taken as they are, in grey (one channel), or in red, "
            "green and blue (three channels).",
            extra={"labels": {"as_is": "As it is", "grey": "Grey", "rgb": "RGB"}},
        ),
    ] = "as_is"
    fit: Annotated[
        Literal["fit", "crop", "stretch"],
        Meta(
            title="Oblong images",
            description="How an oblong image becomes a square one: scaled until it fits, with "
            "bars of the background, or cropped to its middle, or stretched.",
            extra={"labels": {"fit": "Fit, with bars", "crop": "Crop", "stretch": "Stretch"}},
        ),
    ] = "fit"
    background: Annotated[
        Literal["black", "grey", "white"],
        Meta(
            title="Background",
            description="What is seen where an image has nothing: in the bars, through "
            "transparent pixels, and where augmentation moves the image away.",
            extra={"labels": {"black": "Black", "grey": "Grey", "white": "White"}},
        ),
    ] = "black"
    scaling: Annotated[
        Literal["unit", "standard"],
        Meta(
            title="Scaling",
            description="What the network gets for a pixel: a value from 0 to 1, or one that has "
            "the mean 0 and the deviation 1 over the training samples, channel by channel.",
            extra={"labels": {"unit": "From 0 to 1", "standard": "Standardised"}},
        ),
    ] = "unit"
    shift: Annotated[
        float,
        Meta(
            ge=0.0,
            le=256.0,
            title="Shift",
            description="In training, moves each image at random up to so far, across and down.",
            extra={"unit": "px", "zero": "off"},
        ),
    ] = 0.0
    rotate: Annotated[
        float,
        Meta(
            ge=0.0,
            le=180.0,
            title="Rotate",
            description="In training, turns each image at random up to so far, either way.",
            extra={"unit": "°", "zero": "off"},
        ),
    ] = 0.0
    zoom: Annotated[
        float,
        Meta(
            ge=0.0,
            le=90.0,
            title="Zoom",
            description="In training, enlarges or shrinks each image at random by up to so much.",
            extra={"unit": "%", "zero": "off"},
        ),
    ] = 0.0
    noise: Annotated[
        float,
        Meta(
            ge=0.0,
            le=1.0,
            title="Noise",
            description="In training, adds to each pixel a random value with this deviation, as a "
            "share of the range from black to white.",
            extra={"zero": "off"},
        ),
    ] = 0.0
    flip: Annotated[
        bool,
        Meta(
            title="Flip",
            description="In training, mirrors each image, left to right, with a probability of one "
            "half.",
        ),
    ] = False

    drawings: Annotated[
        tuple[Drawing, ...],
        Meta(
            title="Own drawings",
            description="What was drawn in the program and is trained on, beyond the limit.",
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
