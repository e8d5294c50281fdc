from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ErasureSubject")


@_attrs_define
class ErasureSubject:
    """Proof of whom an erasure was of, for those who have the id: nobody can read it from this.

    `hash` = scrypt(UTF-8 of the user_id, salt, n=16384, r=8, p=1, 32 bytes), both in hexadecimal digits. Of a
    session it is that of the user_id, a line feed, and the session_id.

    """

    salt: str
    """ The salt of the hash, in hexadecimal digits """
    hash_: str
    """ The hash of the user id, in hexadecimal digits """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        salt = self.salt

        hash_ = self.hash_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "salt": salt,
                "hash": hash_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        salt = d.pop("salt")

        hash_ = d.pop("hash")

        made = cls(
            salt=salt,
            hash_=hash_,
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
