"""Which release this is."""

from importlib import metadata


def version() -> str:
    """The installed release; `unknown` where the code runs without having been installed."""
    try:
        return metadata.version("qunxue")
    except metadata.PackageNotFoundError:
        return "unknown"
