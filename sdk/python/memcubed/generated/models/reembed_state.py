from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.embedding_model import EmbeddingModel
    from ..models.reembed_run import ReembedRun


T = TypeVar("T", bound="ReembedState")


@_attrs_define
class ReembedState:
    """The models, and the run under way or the last one."""

    models: list[EmbeddingModel]
    """ The models of which vectors are or were stored """
    run: None | ReembedRun
    """ The run under way, or the last one """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.reembed_run import ReembedRun  # noqa: PLC0415

        models = []
        for models_item_data in self.models:
            models_item = models_item_data.to_dict()
            models.append(models_item)

        run: dict[str, Any] | None
        if isinstance(self.run, ReembedRun):
            run = self.run.to_dict()
        else:
            run = self.run

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "models": models,
                "run": run,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.embedding_model import EmbeddingModel  # noqa: PLC0415
        from ..models.reembed_run import ReembedRun  # noqa: PLC0415

        d = dict(src_dict)
        models = []
        _models = d.pop("models")
        for models_item_data in _models:
            models_item = EmbeddingModel.from_dict(models_item_data)

            models.append(models_item)

        def _parse_run(data: object) -> None | ReembedRun:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                run_type_0 = ReembedRun.from_dict(data)

                return run_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | ReembedRun", data)

        run = _parse_run(d.pop("run"))

        made = cls(
            models=models,
            run=run,
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
