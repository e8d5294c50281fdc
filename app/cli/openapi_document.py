"""`memcubed openapi`: print, write or check the OpenAPI document."""

from pathlib import Path

import orjson

from app.api.contract.document import build_openapi
from app.core.errors import StartupRefused
from app.main import create_app

OPENAPI_FILE = Path("openapi/openapi.json")


def render_openapi() -> str:
    """Return the document as it is kept in the repository."""
    return orjson.dumps(build_openapi(create_app()), option=orjson.OPT_INDENT_2).decode() + "\n"


def write_openapi() -> None:
    """Write the document to its file in the repository."""
    OPENAPI_FILE.write_text(render_openapi())


def check_openapi() -> None:
    """Raise `StartupRefused` unless the file of the repository is current."""
    if not OPENAPI_FILE.exists() or OPENAPI_FILE.read_text() != render_openapi():
        raise StartupRefused(f"{OPENAPI_FILE} is not current: run `memcubed openapi --write`.")
