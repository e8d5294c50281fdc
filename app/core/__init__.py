"""Settings, errors, enumerations and telemetry, which every other package may import."""
