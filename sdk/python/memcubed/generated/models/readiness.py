from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.embedding_source import EmbeddingSource, check_embedding_source
from ..models.readiness_status import ReadinessStatus, check_readiness_status

T = TypeVar("T", bound="Readiness")


@_attrs_define
class Readiness:
    """Degraded = requests are answered, but something is slower or waits."""

    status: ReadinessStatus
    """ `degraded` = requests are answered, but something is slower or waits. """
    checks: Any
    """ Each part that the service leans on, by its name """
    llm: str
    """ The LLM in use, or `offline extractor` """
    llm_circuit_open: bool
    """ Whether calls are held back after failures of an endpoint """
    embedding_model: str
    """ The embedding model in use """
    embedding_dimensions: int
    """ Length of a vector of the model in use """
    embeddings: EmbeddingSource
    """ Where the embedding model runs. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str = self.status

        checks = self.checks

        llm = self.llm

        llm_circuit_open = self.llm_circuit_open

        embedding_model = self.embedding_model

        embedding_dimensions = self.embedding_dimensions

        embeddings: str = self.embeddings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "checks": checks,
                "llm": llm,
                "llm_circuit_open": llm_circuit_open,
                "embedding_model": embedding_model,
                "embedding_dimensions": embedding_dimensions,
                "embeddings": embeddings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = check_readiness_status(d.pop("status"))

        checks = d.pop("checks")

        llm = d.pop("llm")

        llm_circuit_open = d.pop("llm_circuit_open")

        embedding_model = d.pop("embedding_model")

        embedding_dimensions = d.pop("embedding_dimensions")

        embeddings = check_embedding_source(d.pop("embeddings"))

        made = cls(
            status=status,
            checks=checks,
            llm=llm,
            llm_circuit_open=llm_circuit_open,
            embedding_model=embedding_model,
            embedding_dimensions=embedding_dimensions,
            embeddings=embeddings,
        )

        made.additional_properties = d
        return made

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
