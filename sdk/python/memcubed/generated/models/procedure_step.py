from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ProcedureStep")


@_attrs_define
class ProcedureStep:
    """Where the execution of a procedure stands."""

    artifact: str
    """ The path of the artifact that is the procedure """
    version: int
    """ The version of the artifact that is carried out """
    step: int
    """ How many of its steps are done """

    def to_dict(self) -> dict[str, Any]:
        artifact = self.artifact

        version = self.version

        step = self.step

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "artifact": artifact,
                "version": version,
                "step": step,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        artifact = d.pop("artifact")

        version = d.pop("version")

        step = d.pop("step")

        made = cls(
            artifact=artifact,
            version=version,
            step=step,
        )

        return made
