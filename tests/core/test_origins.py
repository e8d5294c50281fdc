"""Origins in the settings: exact ones only."""

import pytest
from pydantic import ValidationError

from app.core.origins import parse_origins
from app.core.settings import Settings

GOOD: list[tuple[str, tuple[str, ...]]] = [
    ("", ()),
    (" , ", ()),
    ("https://app.example", ("https://app.example",)),
    ("http://localhost:3000", ("http://localhost:3000",)),
    ("http://127.0.0.1:5173", ("http://127.0.0.1:5173",)),
    ("http://[::1]:5173", ("http://[::1]:5173",)),
    ("https://xn--bcher-kva.example", ("https://xn--bcher-kva.example",)),
    ("https://a-b.example:65535", ("https://a-b.example:65535",)),
    (" https://a.example ,http://b.example, ", ("https://a.example", "http://b.example")),
    ("https://a.example,https://a.example", ("https://a.example",)),
    ("http://a.example:443,https://a.example:80", ("http://a.example:443", "https://a.example:80")),
]
BAD = [
    "*",
    "https://*",
    "https://*.example",
    "null",
    "https://a.example,*",
    "a.example",
    "//a.example",
    "ftp://a.example",
    "file://",
    "https://",
    "https://a.example/",
    "https://a.example/app",
    "https://a.example?x",
    "https://a.example#x",
    "https://u@a.example",
    "https://u:p@a.example",
    "https://a.example:443",
    "http://a.example:80",
    "https://a.example:0",
    "https://a.example:65536",
    "https://a.example:",
    "HTTPS://a.example",
    "https://A.example",
    "https://bücher.example",
    "https://-a.example",
    "https://a..example",
    "https://a.example https://b.example",
    "https://a.example\r\nX: y",
    "https://a_b.example,x",
]


@pytest.mark.parametrize(("text", "origins"), GOOD)
def test_exact_origins(text: str, origins: tuple[str, ...]):
    assert parse_origins(text) == origins
    assert Settings(cors_origins=text).allowed_origins == origins


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text: str):
    with pytest.raises(ValidationError, match="cors_origins"):
        Settings(cors_origins=text)


def test_there_are_none_by_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MEMCUBED_CORS_ORIGINS", raising=False)
    assert Settings().allowed_origins == ()
    monkeypatch.setenv("MEMCUBED_CORS_ORIGINS", "https://a.example,http://b.example:1")
    assert Settings().allowed_origins == ("https://a.example", "http://b.example:1")
