"""What pages show: text that may be hostile, drawings and figures; no I/O."""
