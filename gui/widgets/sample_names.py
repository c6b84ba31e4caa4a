"""How images and classes are called, wherever the window speaks of one."""


def image_name(index: int | None) -> str:
    """Return how a test image is called: `Test image 1,227`, counted from 1; None: a drawing."""
    return "Your drawing" if index is None else f"Test image {index + 1:,}"


def image_title(index: int | None, label: int | str | None) -> str:
    """Return its name and its class, if that is known: `Test image 2 · a 0`."""
    name = image_name(index)
    return name if label is None else f"{name} · {one_of(label)}"


def one_of(label: int | str) -> str:
    """Return how one image of a class is called: `a 0`, `an 8`, `T-shirt/top`."""
    if isinstance(label, str):
        return label
    sounds_open = label in (11, 18) or str(label).startswith("8")
    return f"{'an' if sounds_open else 'a'} {label}"
