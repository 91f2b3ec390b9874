"""Language tags (shim)."""


def tag(text: str) -> str | None:
    """Shim."""
    return text.lower().replace("_", "-") if text else None


def fallbacks(tag: str) -> tuple[str, ...]:
    """Shim."""
    return (tag, tag.partition("-")[0]) if "-" in tag else (tag,)
