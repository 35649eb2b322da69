"""How answers look: objects, lists, pages, nothing and failures, in the words of a front end."""

import dataclasses as dc
from abc import ABC, abstractmethod
from typing import Any

JsonObject = dict[str, Any]


@dc.dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list; pages count from 1."""

    rows: list[Any]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        return -(-self.total // self.size)


class Writer(ABC):
    """What Next.js, React and Vue agree on; each front end adds its lists and pages."""

    def object(self, fields: JsonObject, message: str) -> Any:
        """The fields at the top level and in `data`; where a name is taken, the field gives way."""
        return {**fields, **_said(message), "data": fields}

    def nothing(self, message: str) -> Any:
        return {**_said(message), "data": None}

    def list(self, rows: list[Any], message: str) -> Any:
        return {**_said(message), "data": rows}

    @abstractmethod
    def page(self, page: Page, message: str, asked: str) -> Any:
        """`asked` is the call of the table that the page answers."""

    def failure(self, status: int, error: JsonObject) -> Any:
        """The message is all that a form shows, so it says what is wrong with which field."""
        faults = [
            ": ".join(filter(None, (each["field"], each["message"])))
            for each in error.get("details", [])[:3]
        ]
        message = " ".join(faults) or error["message"]
        return {"success": False, "code": status, "message": message, "error": error}


def _said(message: str) -> JsonObject:
    return {"code": 200, "success": True, "message": message}
