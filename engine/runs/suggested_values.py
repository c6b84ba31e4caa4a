"""Which values of a setting are worth a try beside the one in use."""

from engine.model.settings import Settings
from engine.struct_fields import Field, field_of, fields_of

Value = int | float | bool | str

_NOT_TRIED = ("dataset", "classes", "seed")  # other data, another network, and what Repeat does
_FACTORS = (0.3, 1.0, 3.0)
_OF_COUNTS = (0.5, 1.0, 2.0)
_OF_SIZES = (0.25, 1.0, 4.0)  # where one step doubles
# Where 0 stands for off or for all, nothing is a multiple of it.
_BESIDE_ZERO: dict[str, tuple[Value, ...]] = {
    "momentum": (0.0, 0.5, 0.9),
    "weight_decay": (0.0, 0.0001, 0.001),
    "limit": (0, 10, 100),
    "image_size": (0, 16, 32),
    "shift": (0.0, 1.0, 2.0),
    "rotate": (0.0, 5.0, 15.0),
    "zoom": (0.0, 5.0, 15.0),
    "noise": (0.0, 0.05, 0.1),
    "validation_split": (0.0, 10.0, 20.0),
    "early_stopping": (0, 3, 10),
    "target_accuracy": (0.0, 90.0, 99.0),
}
_SHARES: dict[str, tuple[Value, ...]] = {
    "momentum": (0.0, 0.5, 0.9),
    "step_factor": (0.1, 0.5, 1.0),
}


def fields_to_try() -> tuple[Field, ...]:
    """Return the settings of which several values can be tried with the same network and data."""
    return tuple(field for field in fields_of(Settings) if field.name not in _NOT_TRIED)


def suggested_values(settings: Settings, name: str) -> tuple[Value, ...]:
    """Return a few values of a setting, ascending, that in use among them.

    Of a choice they are all, in the order of the form.
    """
    field, now = field_of(Settings, name), getattr(settings, name)
    if field.kind == "choice":
        return field.choices
    if field.kind == "bool":
        return (False, True)
    if name in _SHARES or not now:
        found = {*(_SHARES.get(name) or _BESIDE_ZERO.get(name, ())), now}
    else:
        found = {_multiple(field, now, factor) for factor in _factors(field)}
    return tuple(sorted(found))


def _factors(field: Field) -> tuple[float, ...]:
    if field.kind == "float":
        return _FACTORS
    return _OF_SIZES if field.scale == "log" else _OF_COUNTS


def _multiple(field: Field, now: float, factor: float) -> float:
    """Return a multiple with two digits, inside the limits; of 1 it is the value itself."""
    if factor == 1.0:
        return now
    value = float(f"{now * factor:.2g}")
    if field.kind == "int":
        value = round(value)
    if field.minimum is not None:
        value = max(value, type(value)(field.minimum))
    if field.maximum is not None:
        value = min(value, type(value)(field.maximum))
    return value
