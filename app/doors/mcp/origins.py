"""Who may call from a browser, and by which host names the door may be called.

A page of a foreign site can reach this port, also under a name of its own that it points here (DNS
rebinding). It can't know an API key, and no cookie stands for one, so it gets a 401. What is checked here
besides is what the protocol asks for: a browser sends `Origin` with every POST, so without a setting a page
must come from this machine. Programs send no `Origin`; they may use any name, as those of a container or a
balancer are not known.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from app.core.errors import Forbidden

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SETTING = "its host must be in MEMCUBED_MCP_ALLOWED_HOSTS"


def check_origin(headers: Headers, allowed_hosts: str | None) -> None:
    """Raise `Forbidden` for a page of another site and, if hosts are listed, for another host name.

    `allowed_hosts` are host names separated by commas, without ports; None = any. Names of this machine are
    always among them.
    """
    listed = _LOOPBACK | {name.strip().lower() for name in (allowed_hosts or "").split(",")}
    for origin in headers.getlist("origin"):
        if _host_name(origin) not in listed:
            raise Forbidden(f"Pages of this origin may not call the service: {_SETTING}.", field="Origin")
    if allowed_hosts is not None and _host_name(f"//{headers.get('host', '')}") not in listed:
        raise Forbidden(f"The service is not called by this name: {_SETTING}.", field="Host")


def _host_name(url: str) -> str | None:
    """The host of a URL in lower case; None if it has none, as the origin `null`."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
