"""Text that others chose, as a terminal may show it."""

_LONGEST = 500


def printable(text: str) -> str:
    """Cut short, with escapes for what does not print: a raw ESC in a log line speaks to the terminal of its reader."""
    shown = text[:_LONGEST]
    if shown.isprintable():
        return shown
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in shown)
