"""The version of the installed package."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("memcubed")
except PackageNotFoundError:
    VERSION = "0.0.0"
