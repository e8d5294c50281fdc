"""The ground: settings, errors, words and telemetry that every floor may use."""
