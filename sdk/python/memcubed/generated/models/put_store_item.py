from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.item_text import ItemText
    from ..models.item_vector import ItemVector


T = TypeVar("T", bound="PutStoreItem")


@_attrs_define
class PutStoreItem:
    """Write an item in place of the one with this namespace and key."""

    op: Literal["put"]
    """ Which operation this is """
    namespace: list[str]
    """ The labels of the namespace, outermost first """
    key: str
    """ Names the item within its namespace """
    value: Any
    """ The item: a JSON object """
    texts: list[ItemText] | Unset = UNSET
    """ By which a `query` finds it """
    vectors: list[ItemVector] | Unset = UNSET
    """ By which a `vector` finds it """
    ttl_minutes: float | None | Unset = UNSET
    """ How long it lives; default: until it is deleted """

    def to_dict(self) -> dict[str, Any]:
        op = self.op

        namespace = self.namespace

        key = self.key

        value = self.value

        texts: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.texts, Unset):
            texts = []
            for texts_item_data in self.texts:
                texts_item = texts_item_data.to_dict()
                texts.append(texts_item)

        vectors: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.vectors, Unset):
            vectors = []
            for vectors_item_data in self.vectors:
                vectors_item = vectors_item_data.to_dict()
                vectors.append(vectors_item)

        ttl_minutes: float | None | Unset
        if isinstance(self.ttl_minutes, Unset):
            ttl_minutes = UNSET
        else:
            ttl_minutes = self.ttl_minutes

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "op": op,
                "namespace": namespace,
                "key": key,
                "value": value,
            }
        )
        if texts is not UNSET:
            field_dict["texts"] = texts
        if vectors is not UNSET:
            field_dict["vectors"] = vectors
        if ttl_minutes is not UNSET:
            field_dict["ttl_minutes"] = ttl_minutes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.item_text import ItemText  # noqa: PLC0415
        from ..models.item_vector import ItemVector  # noqa: PLC0415

        d = dict(src_dict)
        op = cast("Literal['put']", d.pop("op"))
        if op != "put":
            raise ValueError(f"op must match const 'put', got '{op}'")

        namespace = cast("list[str]", d.pop("namespace"))

        key = d.pop("key")

        value = d.pop("value")

        _texts = d.pop("texts", UNSET)
        texts: list[ItemText] | Unset = UNSET
        if _texts is not UNSET:
            texts = []
            for texts_item_data in _texts:
                texts_item = ItemText.from_dict(texts_item_data)

                texts.append(texts_item)

        _vectors = d.pop("vectors", UNSET)
        vectors: list[ItemVector] | Unset = UNSET
        if _vectors is not UNSET:
            vectors = []
            for vectors_item_data in _vectors:
                vectors_item = ItemVector.from_dict(vectors_item_data)

                vectors.append(vectors_item)

        def _parse_ttl_minutes(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("float | None | Unset", data)

        ttl_minutes = _parse_ttl_minutes(d.pop("ttl_minutes", UNSET))

        made = cls(
            op=op,
            namespace=namespace,
            key=key,
            value=value,
            texts=texts,
            vectors=vectors,
            ttl_minutes=ttl_minutes,
        )

        return made
