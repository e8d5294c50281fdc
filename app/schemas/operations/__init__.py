"""Messages of health."""
