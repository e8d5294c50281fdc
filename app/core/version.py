"""The version of the installed package."""

from importlib.metadata import PackageNotFoundError, version


def _installed_version() -> str:
    try:
        return version("memcubed")
    except PackageNotFoundError:
        return "0.0.0"


VERSION = _installed_version()
