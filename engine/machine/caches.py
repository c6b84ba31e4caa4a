"""How large the processor's caches are."""

from pathlib import Path

_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
_UNITS = {"K": 1024, "M": 1024**2}


def cache_sizes(folder: Path = _CACHES) -> dict[int, int]:
    """Return the bytes of each level's cache for data, as far as the system (Linux) tells them."""
    sizes = {}
    for index in sorted(folder.glob("index*")):
        try:
            level, kind, size = (
                (index / name).read_text().strip() for name in ("level", "type", "size")
            )
            if kind != "Instruction":
                sizes[int(level)] = int(size[:-1]) * _UNITS[size[-1]]
        except (OSError, ValueError, KeyError, IndexError):
            continue
    return sizes
