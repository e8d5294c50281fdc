"""Origins of web pages, as browsers write them (RFC 6454)."""

import re

# The host is in ASCII and small letters, since the origin that a browser sends is compared letter by letter.
_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def parse_origins(text: str) -> tuple[str, ...]:
    """The origins in a list with commas. ValueError if one is not exact: a wildcard, a path, `null`."""
    origins = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for origin in origins:
        match = _ORIGIN.fullmatch(origin)
        if match is None or int(match["port"] or 1) > 65535:
            raise ValueError(
                f"{origin[:100]!r} is no exact origin: http:// or https://, a host in small letters and"
                " perhaps a port, as https://app.example"
            )
        if match["port"] == _DEFAULT_PORTS[match["scheme"]]:
            raise ValueError(f"{origin!r}: browsers leave out port {match['port']} of {match['scheme']}")
    return origins
