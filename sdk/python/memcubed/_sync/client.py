# Written by scripts/unasync.py from memcubed/_async; do not edit.
"""The whole synchronous client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from .._requests import given, may_be_repeated, read_chunks, route
from ..errors import UnexpectedAnswerError
from ..types import (
    Artifact,
    ArtifactVersion,
    Caller,
    ErasureReceipt,
    Fields,
    ImportedBundle,
    ListedUser,
    StoreResult,
    StoreResults,
)
from .memories import Memories
from .searches import Searches
from .turns import BUNDLE_SECONDS

STORE_SECONDS = 120.0  # the service embeds the texts of items before it answers


class Memcubed(Memories, Searches):
    """A memcubed service.

        with Memcubed("http://127.0.0.1:8000", key) as memory:
            ann = memory.user("ann")
            added = ann.add("I moved to Bergen.", "monday")
            ann.wait(added)
            found = ann.search("Where does Ann live?")

    `url` and `key` default to MEMCUBED_URL and MEMCUBED_API_KEY. What a call raises is a `MemcubedError`.
    """

    def me(self) -> Caller:
        """The key of this client: tenant, scopes, the user that it is bound to, and when it ends."""
        return self._read(Caller, "GET", "/v1/me")

    def users(self, prefix: str | None = None, *, limit: int = 100) -> Iterator[ListedUser]:
        """The users of the tenant, with how much is stored of each. `limit` is the size of a page."""
        return self._pages(ListedUser, "/v1/users", **given(prefix=prefix, limit=limit))

    def put_artifact(
        self,
        path: str,
        content: str | dict[str, Any] | list[Any] | None = None,
        *,
        user_id: str | None = None,
        reference: Fields | None = None,
        metadata: Fields | None = None,
        if_match: int | None = None,
    ) -> Artifact:
        """Store a version of a text, a JSON document or a reference under a path.

        `if_match` is the newest version as it was read (0: none yet); without it the last writer wins.
        Either `content` or `reference` is given.
        """
        body = given(user_id=self._user(user_id), content=content, reference=reference, metadata=metadata)
        headers = None if if_match is None else {"If-Match": str(if_match)}
        return self._read(Artifact, "PUT", route("/v1/artifacts/{}", path), body=body, headers=headers)

    def get_artifact(self, path: str, *, user_id: str | None = None, version: int | None = None) -> Artifact:
        """The newest version of an artifact, or another one."""
        query = given(user_id=self._user(user_id), version=version)
        return self._read(Artifact, "GET", route("/v1/artifacts/{}", path), query=query)

    def artifacts(
        self, prefix: str | None = None, *, user_id: str | None = None, limit: int = 100
    ) -> Iterator[ArtifactVersion]:
        """All artifacts, without their content. `limit` is the size of a page."""
        query = given(prefix=prefix, limit=limit)
        return self._pages(ArtifactVersion, "/v1/artifacts", user_id=self._user(user_id), **query)

    def delete_artifact(self, path: str, *, user_id: str | None = None, if_match: int | None = None) -> None:
        """Delete all versions of an artifact."""
        headers = None if if_match is None else {"If-Match": str(if_match)}
        query = {"user_id": self._user(user_id)}
        self._delete(route("/v1/artifacts/{}", path), query=query, headers=headers)

    def store(self, operations: Iterable[Fields], *, user_id: str | None = None) -> list[StoreResult]:
        """Do up to 200 operations of the user's store, in their order and in one transaction.

        Each has `op`: `put`, `get`, `delete`, `search` or `list_namespaces`. Gives one result for each.
        """
        done = list(operations)
        answer = self._read(
            StoreResults,
            "POST",
            "/v1/store",
            body={"user_id": self._user(user_id), "operations": done},
            timeout=STORE_SECONDS,
            repeatable=may_be_repeated(done),
        )
        if len(answer.results) != len(done):
            raise UnexpectedAnswerError("The answer has not one result for each operation.")
        return answer.results

    def export_bundle(self, *, user_id: str | None = None, embeddings: bool | None = None) -> Iterator[bytes]:
        """Everything of a user as lines of JSON, in pieces of bytes."""
        query = given(user_id=self._user(user_id), embeddings=embeddings)
        with self._stream("GET", "/v1/users/export", query=query, timeout=BUNDLE_SECONDS) as response:
            for chunk in response.iter_bytes():
                yield chunk

    def import_bundle(
        self,
        bundle: bytes | BinaryIO | Iterable[bytes] | Iterable[bytes],
        *,
        user_id: str | None = None,
    ) -> ImportedBundle:
        """Store a bundle for a user who has nothing yet (scope admin); `user_id` gives another name.

        Bytes are sent again after a lost connection; a file or an iterator can be read only once.
        """
        content = bundle if isinstance(bundle, (bytes, Iterable)) else _read(bundle)
        return self._read(
            ImportedBundle,
            "POST",
            "/v1/import",
            query=given(user_id=user_id or self.user_id),
            content=content,
            headers={"Content-Type": "application/x-ndjson"},
            timeout=BUNDLE_SECONDS,
            repeatable=True,
        )

    def erase(self, *, user_id: str | None = None) -> ErasureReceipt:
        """Erase a person: turns, memories, versions, vectors, and what others copied (needs scope admin)."""
        query = {"user_id": self._user(user_id)}
        return self._read(ErasureReceipt, "DELETE", "/v1/users", query=query, timeout=BUNDLE_SECONDS)


def _read(bundle: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    for chunk in read_chunks(bundle):
        yield chunk
