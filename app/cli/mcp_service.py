"""Find the service that `memcubed mcp --stdio` leads to."""

import getpass

from app.cli.environment import find_api_url, find_bootstrap_key, load_settings
from app.cli.mcp_bridge import ServiceAddress
from app.core.errors import StartupRefused


def find_service(
    url: str | None, key: str | None, user_id: str | None, session_id: str | None
) -> ServiceAddress:
    """Return what was given, completed by the `memcubed up` of this folder or data directory.

    A service elsewhere needs a key. Without a user, a key that was given may be bound to one, or the model
    names the user; the key of this machine's own service is for whoever runs the command. Raises
    `StartupRefused`.
    """
    if key is None and url is not None:
        raise StartupRefused("No key: set MEMCUBED_API_KEY, or give one with --key.")
    settings = load_settings()
    if key is None:
        key = find_bootstrap_key(settings)
        user_id = user_id if user_id is not None else getpass.getuser()
    if key is None:
        raise StartupRefused(
            "No service found: run `memcubed up` with the same MEMCUBED_DATA_DIR, or set MEMCUBED_URL and"
            " MEMCUBED_API_KEY."
        )
    found = url if url is not None else find_api_url(settings)
    if not found.startswith(("http://", "https://")):
        raise StartupRefused("MEMCUBED_URL is a URL such as http://127.0.0.1:8000.")
    return ServiceAddress(found.rstrip("/").removesuffix("/mcp"), key, user_id, session_id)
