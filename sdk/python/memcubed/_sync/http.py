# Written by scripts/unasync.py from memcubed/_async; do not edit.
"""The HTTP client below: it tries again, and raises what is refused."""

from __future__ import annotations

import time
from typing import Any

import httpx

from .._requests import unlogged
from .._retry import Attempts, RetryPolicy

# Shorter than the five seconds for which servers keep an idle connection: none is used that is being closed.
KEEP_ALIVE_SECONDS = 3.0


class HTTP(httpx.Client):
    """Also the generated operations send with it, so they have the same retries and errors."""

    def __init__(self, policy: RetryPolicy, **options: Any) -> None:
        limits = httpx.Limits(
            max_connections=100, max_keepalive_connections=20, keepalive_expiry=KEEP_ALIVE_SECONDS
        )
        super().__init__(limits=limits, follow_redirects=False, **options)
        self._policy = policy

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send until there is an answer that is a success, or no use in another attempt."""
        attempts = Attempts(self._policy, request)
        while True:
            try:
                with unlogged():
                    response = super().send(request, **options)
                if response.is_success:
                    return response
                try:
                    response.read()
                finally:
                    response.close()
            except httpx.RequestError as error:
                wait = attempts.wait_after_failure(error)
            else:
                wait = attempts.wait_after_refusal(response)
            time.sleep(wait)
