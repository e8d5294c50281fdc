"""The names of the document's components, which clients import without the module that explains them.

In the code a message is told from the row and the domain value of the same name by `Out`, and an enumeration
by its module. A generated client has neither.
"""

from typing import Any

_PREFIX = "#/components/schemas/"
# What is not here and ends in `Out` is named without it.
NAMES = {
    "AnswerOut": "CitedAnswer",  # it has a property `answer`, and a Python module of that name hides it
    "ClaimOut": "AnswerClaim",
    "ContextOut": "PromptContext",
    "CopyOut": "CopiedMemories",
    "Dependent": "DependentMemory",
    "DependentPage": "DependentMemoryPage",
    "DerivedOut": "DerivedMemory",
    "DerivedSource": "DerivedMemorySource",
    "ForgetOut": "ForgettingPlan",
    "Form": "MemoryForm",
    "KeyCreated": "CreatedApiKey",
    "KeyList": "ApiKeyList",
    "KeyOut": "ApiKey",
    "Kind": "MemoryKind",
    "Layer": "MemoryLayer",
    "LinkOut": "MemoryLink",
    "LinkPage": "MemoryLinkPage",
    "LinkType": "MemoryLinkType",
    "Neighbour": "EntityNeighbour",
    "NeighbourPage": "EntityNeighbourPage",
    "NewTurn": "TurnInput",  # Go makes a function NewTurn for Turn
    "Op": "MemoryOperation",
    "Order": "OrderAnswer",
    "OrderOut": "OrderComparison",
    "Origin": "MemoryOrigin",
    "Place": "GeoPlaceInput",
    "PlaceOut": "GeoPlace",
    "Reembed": "ReembedAction",
    "ReembedOut": "ReembedRun",
    "Right": "GrantRight",
    "Role": "TurnRole",
    "SearchBatchOut": "SearchBatchResults",
    "SearchBatchResult": "SearchBatchEntry",
    "SearchOut": "SearchResults",
    "SessionStateOut": "SessionStateVersion",
    "Stage": "JobStage",
    "Status": "MemoryStatus",
    "TagOut": "MemoryTag",
    "VersionOut": "MemoryVersion",
}


def component_name(class_name: str) -> str:
    """The name of a message or an enumeration in the document."""
    return NAMES.get(class_name) or class_name.removesuffix("Out")


def rename_components(document: dict[str, Any]) -> None:
    """Give the components of a document their names."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    renamed: dict[str, Any] = {}
    for name, schema in schemas.items():
        new = component_name(name)
        if new in renamed:
            raise ValueError(f"two components would be named {new}")
        renamed[new] = schema | {"title": new}
    document["components"]["schemas"] = dict(sorted(renamed.items()))
    _rename_references(document)


def _rename_references(part: Any) -> None:
    if isinstance(part, list):
        for one in part:
            _rename_references(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref" and isinstance(value, str):
                part[key] = _PREFIX + component_name(value.removeprefix(_PREFIX))
            else:
                _rename_references(value)
