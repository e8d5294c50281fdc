"""What every request passes before its route: protocol, key, bounded body, limits."""
