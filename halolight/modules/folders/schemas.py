"""What comes in and goes out of the endpoints of folders."""

from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.schemas.base import PageQuery, Schema
from halolight.core.schemas.fields import (
    Embedded,
    Id,
    Search,
    UTCDateTimeField,
    sort_by,
    sort_order,
)
from halolight.modules.files.schemas import NameText
from halolight.modules.users.schemas import PersonSchema


def _count() -> ma.fields.Integer:
    return ma.fields.Integer(
        required=True, metadata={"description": "Files and folders directly in it."}
    )


class FolderSchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    parent_id = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null for the root."}
    )
    path = ma.fields.String(
        required=True,
        metadata={
            "description": "Only the name for files of other owners, whose folders are private."
        },
    )
    item_count = _count()
    owner = Embedded(PersonSchema)
    created_at = UTCDateTimeField(required=True)
    updated_at = UTCDateTimeField(required=True)


class FolderNodeSchema(Schema):
    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    path = ma.fields.String(required=True)
    item_count = _count()
    children = ma.fields.List(
        ma.fields.Nested(lambda: FolderNodeSchema()),
        required=True,
        metadata={"description": "The folders directly in it."},
    )


class FolderQuery(PageQuery):
    parent_id = ma.fields.Integer(metadata={"description": "Only folders directly in this folder."})
    search = Search(metadata={"description": "Text in the name."})
    sort_by = sort_by("name", "created_at", "updated_at")
    sort_order = sort_order("asc")


class FolderUpdate(Schema):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"name": "Projects of 2030"}

    name = NameText()
    folder_id = Id(
        data_key="parentId",
        allow_none=True,
        metadata={"description": "The folder around it; null for the root."},
    )


class FolderInput(FolderUpdate):
    EXAMPLE: ClassVar[dict[str, Any] | None] = {"name": "Papers", "parentId": None}

    name = NameText(required=True)
