"""What is written alike into files of other kinds: words of a user, and options of blocks."""

from engine.blocks import KnownBlock


def comment_text(text: str) -> str:
    """Return a text as a comment of Python may hold it: one line, of printable characters."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:60]


def markdown_text(text: str) -> str:
    """Return a text for a line of Markdown, its signs being signs only."""
    signs = set(r"\`*_{}[]<>()#|$!&~")
    return "".join(f"\\{letter}" if letter in signs else letter for letter in comment_text(text))


def classes_code(names: tuple[str, ...]) -> str:
    """Write the names of the classes as a constant of Python."""
    line = f"CLASSES = {names!r}  # in the order of the outputs"
    if len(line) <= 100:
        return line
    listed = "".join(f"    {name!r},\n" for name in names)
    return f"# In the order of the outputs.\nCLASSES = (\n{listed})"


def option_values(block: KnownBlock) -> list[object]:
    """Return the options of a block in their order."""
    return [getattr(block, name) for name in block.__struct_fields__]
