"""How many training samples are held out for validation."""


def held_out_count(samples: int, percent: float) -> int:
    """Return how many of so many training samples a validation split of some percent holds out."""
    return round(samples * percent / 100)
