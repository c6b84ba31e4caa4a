"""How names of classes and files are written for people, wherever they are from."""

from collections.abc import Sequence

LISTED = 20  # classes that a message has room for


def listed(names: Sequence[str], most: int = 5) -> str:
    """List names, the first few of many: `a, b, c, d, e and 12 more`."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"


def in_quotes(name: str) -> str:
    """Return the name of a class as `--classes` takes it: in quotes if it has a comma."""
    if "," not in name and not name.startswith('"'):
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def listed_classes(names: Sequence[str], most: int = 5) -> str:
    """List names of classes, of which one may have a comma: `"leaf, red", apple and 12 more`."""
    return listed([in_quotes(name) for name in names], most)


def listed_numbers(numbers: Sequence[int], most: int = LISTED) -> str:
    """Write ascending numbers of classes: `0-9` where none is left out, else `0, 1, 7`."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and last - first == len(numbers) - 1:
        return f"{first}-{last}"
    return listed([str(number) for number in numbers], most)
