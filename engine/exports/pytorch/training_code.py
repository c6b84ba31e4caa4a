"""The text of `train.py`: what the project says of learning, in the place that waits for it."""

from pathlib import Path

from engine.blocks import Sigmoid, Softmax
from engine.data.image_form import GREY_VALUES
from engine.exports.trained_network import TrainedNetwork
from engine.files.naming import module_names
from engine.model.settings import Settings

SCRIPTS = Path(__file__).parent / "scripts"
_BEGIN, _END = "# -- what the project says --\n", "# -- the rest is the same for every project --\n"

_NO_SCHEDULE = '''
def rate_factor(gone, epochs):
    """Return what the learning rate is multiplied with; here it stays the same."""
    return 1.0
'''
_STEPS = '''
def rate_factor(gone, epochs):
    """Return what the learning rate is multiplied with after some epochs: it falls in steps."""
    return {factor!r} ** int(gone // {epochs})
'''
_COSINE = '''
def rate_factor(gone, epochs):
    """Return what the learning rate is multiplied with after some epochs: a cosine, down to 0."""
    return 0.5 * (1 + math.cos(math.pi * min(1, gone / epochs)))
'''

_WHOLE = '''
def scorer_of(model):
    """Return the part of the model whose outputs the loss takes: all of it."""
    return model
'''
_WITHOUT_LAST = '''
def scorer_of(model):
    """Return the model without its {last}, which the loss does by itself, more exactly."""
    return model[:-1]
'''

_LOSS = '''
def loss_of(scores, labels):
    """Return the {title}: the mean over the {over}."""
{body}
'''
_ONE_HOT = "    targets = functional.one_hot(labels, scores.shape[1]).to(scores.dtype)\n"

_AUGMENTED = '''
def augmented(images, draws):
    """Change images (n, channels, height, width) at random, by six numbers from 0 to 1 for each."""
    most_px, most_degrees, most_zoom = {shift!r}, {rotate!r}, {zoom!r}
    down, across, turn, zoom = (2 * draws[:, place] - 1 for place in range(4))
    down, across, size = most_px * down, most_px * across, 1 + most_zoom * zoom
    angle = math.radians(most_degrees) * turn
    cosine, sine = torch.cos(angle) / size, torch.sin(angle) / size
    # Where each place of the new image comes from in the old one, both from -1 to 1.
    height, width = images.shape[2:]
    x = [cosine, -sine * height / width, -(cosine * across - sine * down) * 2 / width]
    y = [sine * width / height, cosine, -(cosine * down + sine * across) * 2 / height]
    rows = torch.stack([torch.stack(x, dim=1), torch.stack(y, dim=1)], dim=1)
{flip}    grid = functional.affine_grid(rows, images.shape, align_corners=False)
    outside = {outside}
    images = functional.grid_sample(images - outside, grid, align_corners=False) + outside
{noise}    return images
'''
_FLIP = """    rows[draws[:, 4] < 0.5, 0] *= -1  # mirrors every other one
"""
_NOISE = """    for image, draw in zip(images, draws[:, 5], strict=True):  # each has own dice
        dice = torch.Generator().manual_seed(int(draw * 2**24))
        image += {noise!r} * torch.randn(image.shape, generator=dice).to(image)
    images = images.clamp(0, 1)
"""


def training_code(network: TrainedNetwork) -> str:
    """Return the text of `train.py`."""
    text = (SCRIPTS / "train.py").read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}{_constants(network)}{_functions(network)}\n\n{_END}{after}"


def _constants(network: TrainedNetwork) -> str:
    settings, slots = network.settings, network.project.stack.slots
    names = dict(zip(module_names(slots), slots, strict=True))
    locked = tuple(name for name, slot in names.items() if slot.locked)
    kernels = {
        name: list(slot.locked_kernels)
        for name, slot in names.items()
        if slot.locked_kernels and not slot.locked
    }
    return f"""EPOCHS, BATCH = {settings.epochs}, {settings.batch_size}
LEARNING_RATE, SEED = {settings.learning_rate!r}, {settings.seed}
# The numbers of the classes, as labels have them, in the order of the outputs.
CLASS_NUMBERS = {settings.classes!r}
# Blocks and kernels that learn nothing.
LOCKED, LOCKED_KERNELS = {locked!r}, {kernels!r}
# Training ends at this accuracy, or when the loss did not improve for so many epochs; 0 is off.
TARGET_ACCURACY, PATIENCE = {settings.target_accuracy / 100!r}, {settings.early_stopping}
"""


def _functions(network: TrainedNetwork) -> str:
    settings = network.settings
    optimizer = (
        '\ndef make_optimizer(parameters, rate):\n    """Return what changes the weights."""\n'
        f"    return {_optimizer(settings)}\n"
    )
    scorer, loss = _loss(network)
    parts = [optimizer, _schedule(settings), scorer, loss, _augmentation(settings)]
    return "\n" + "\n".join(parts)


def _optimizer(settings: Settings) -> str:
    options = f"parameters, lr=rate, weight_decay={settings.weight_decay!r}"
    if settings.optimizer == "adam":
        return f"torch.optim.Adam({options})"
    if settings.optimizer == "adamw":
        return f"torch.optim.AdamW({options})"
    if settings.momentum:
        options += f", momentum={settings.momentum!r}, nesterov={settings.nesterov!r}"
    return f"torch.optim.SGD({options})"


def _schedule(settings: Settings) -> str:
    if settings.schedule == "step":
        return _STEPS.format(factor=settings.step_factor, epochs=settings.step_epochs)
    return _COSINE if settings.schedule == "cosine" else _NO_SCHEDULE


def _loss(network: TrainedNetwork) -> tuple[str, str]:
    """Return the functions `scorer_of` and `loss_of`."""
    kind, last = network.settings.loss, network.project.stack.slots[-1].block
    over = "classes and the images"
    if kind == "mse":
        body, title = f"{_ONE_HOT}    return functional.mse_loss(scores, targets)", "squared error"
        return _WHOLE, _LOSS.format(title=title, over=over, body=body)
    if kind == "bce":
        fused = isinstance(last, Sigmoid)
        call = "binary_cross_entropy_with_logits" if fused else "binary_cross_entropy"
        body = f"{_ONE_HOT}    return functional.{call}(scores, targets)"
        scorer = _WITHOUT_LAST.format(last="Sigmoid") if fused else _WHOLE
        return scorer, _LOSS.format(title="binary cross-entropy", over=over, body=body)
    if isinstance(last, Softmax):
        scorer = _WITHOUT_LAST.format(last="Softmax")
        body = "    return functional.cross_entropy(scores, labels)"
    else:
        scorer = _WHOLE
        body = "    return functional.nll_loss(scores.clamp_min(1e-12).log(), labels)"
    return scorer, _LOSS.format(title="cross-entropy", over="images", body=body)


def _augmentation(settings: Settings) -> str:
    if not any((settings.shift, settings.rotate, settings.zoom, settings.flip, settings.noise)):
        return "\naugmented = None  # images are taken as they are\n"
    return _AUGMENTED.format(
        shift=settings.shift,
        rotate=settings.rotate,
        zoom=settings.zoom / 100,
        flip=_FLIP if settings.flip else "",
        outside=f"{GREY_VALUES[settings.background]} / 255",
        noise=_NOISE.format(noise=settings.noise) if settings.noise else "",
    )
