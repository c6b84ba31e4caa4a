"""Names of files that every common system takes, made of names that users gave."""

import re

_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+')
# Windows has devices of these names, whatever stands behind a dot.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(\.|$))", re.IGNORECASE)
_BYTES = 200  # of the 255 that a name has: there is room for an ending


def as_file_name(name: str) -> str:
    """Return a name such that a file or a folder can have it, without an ending; it may be empty.

    What some system refuses becomes a `-`. A dot at its start would hide the file.
    """
    allowed = _REFUSED.sub("-", " ".join(name.split())).strip(" .")
    short = allowed.encode()[:_BYTES].decode(errors="ignore").rstrip(" .")
    return _DEVICE.sub(r"\1-", short) if _DEVICE.match(short) else short
