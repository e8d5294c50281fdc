"""The console: pages at `/console` for those who run a service and those who build on it."""
