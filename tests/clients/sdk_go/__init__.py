"""The Go client: vetted, built and run by a toolchain from PyPI."""
