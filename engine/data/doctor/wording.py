"""How findings write numbers and shares."""


def verb(number: int, one: str, several: str) -> str:
    """Choose the verb that goes with a number."""
    return one if number == 1 else several


def share(part: float) -> str:
    """Write a share with three digits at most: `31.4 %`, `90 %`, `0.0123 %`."""
    return f"{100 * part:.3g} %"
