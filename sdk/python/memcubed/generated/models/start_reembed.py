from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="StartReembed")


@_attrs_define
class StartReembed:
    """The model to change to. What is left out is as it is for the model in use."""

    embeddings: None | str | Unset = UNSET
    """ `local`, `fastembed:<model>` or an OpenAI-compatible base URL """
    model: None | str | Unset = UNSET
    """ The endpoint's model """
    dimensions: int | None | Unset = UNSET
    """ Length of a vector of the endpoint's model """
    query_prefix: None | str | Unset = UNSET
    """ Put before a query; left out = what the model is known to need """
    passage_prefix: None | str | Unset = UNSET
    """ Put before a turn or memory; left out = what the model is known to need """
    drop_old: bool | Unset = UNSET
    """ Drop the vectors of all other models after the switch; default: `false` """

    def to_dict(self) -> dict[str, Any]:
        embeddings: None | str | Unset
        if isinstance(self.embeddings, Unset):
            embeddings = UNSET
        else:
            embeddings = self.embeddings

        model: None | str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        dimensions: int | None | Unset
        if isinstance(self.dimensions, Unset):
            dimensions = UNSET
        else:
            dimensions = self.dimensions

        query_prefix: None | str | Unset
        if isinstance(self.query_prefix, Unset):
            query_prefix = UNSET
        else:
            query_prefix = self.query_prefix

        passage_prefix: None | str | Unset
        if isinstance(self.passage_prefix, Unset):
            passage_prefix = UNSET
        else:
            passage_prefix = self.passage_prefix

        drop_old = self.drop_old

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if embeddings is not UNSET:
            field_dict["embeddings"] = embeddings
        if model is not UNSET:
            field_dict["model"] = model
        if dimensions is not UNSET:
            field_dict["dimensions"] = dimensions
        if query_prefix is not UNSET:
            field_dict["query_prefix"] = query_prefix
        if passage_prefix is not UNSET:
            field_dict["passage_prefix"] = passage_prefix
        if drop_old is not UNSET:
            field_dict["drop_old"] = drop_old

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_embeddings(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        embeddings = _parse_embeddings(d.pop("embeddings", UNSET))

        def _parse_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        model = _parse_model(d.pop("model", UNSET))

        def _parse_dimensions(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | Unset", data)

        dimensions = _parse_dimensions(d.pop("dimensions", UNSET))

        def _parse_query_prefix(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        query_prefix = _parse_query_prefix(d.pop("query_prefix", UNSET))

        def _parse_passage_prefix(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        passage_prefix = _parse_passage_prefix(d.pop("passage_prefix", UNSET))

        drop_old = d.pop("drop_old", UNSET)

        made = cls(
            embeddings=embeddings,
            model=model,
            dimensions=dimensions,
            query_prefix=query_prefix,
            passage_prefix=passage_prefix,
            drop_old=drop_old,
        )

        return made
