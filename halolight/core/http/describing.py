"""The documentation of an operation: permissions, limits of the body, errors."""

from typing import Any

from halolight.core import errors
from halolight.core.units import readable_size

from . import bodies

PUBLIC = None  # the access rule that asks for no token
AUTHENTICATED = ""  # the access rule that asks for no permission


def describe(doc: dict[str, Any], info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    """Add to the documentation by flask-smorest, from the attributes that `Blueprint` sets."""
    info["manual_doc"] = {"operationId": info["operation_ids"][method.upper()]}
    permission = info["access"]
    doc["security"] = [] if permission is PUBLIC else [{"bearerAuth": []}]
    responses = doc.setdefault("responses", {})
    if permission is not PUBLIC:
        responses["401"] = errors.CODES[401]
    if permission:
        responses["403"] = errors.CODES[403]
        doc["x-permission"] = permission
        described = info["docstring"].get("description", "")
        note = f"Requires the permission `{permission}`."
        info["docstring"]["description"] = f"{described}\n\n{note}".strip()
    if method.upper() == "POST" and info["keyed"]:
        doc.setdefault("parameters", []).append("IdempotencyKey")
        responses[400], responses["409"] = errors.CODES[400], errors.CODES[409]
    if responses.pop(400, None):
        responses["400"] = errors.CODES[400]
    if taken := info.get("takes_text"):
        doc["requestBody"] = bodies.documented(taken, info["max_body"])
        responses |= {code: errors.CODES[int(code)] for code in ("400", "413", "415")}
    elif "requestBody" in doc:
        responses["413"], responses["415"] = errors.CODES[413], errors.CODES[415]
        if "application/json" in doc["requestBody"]["content"]:
            described = bodies.described(readable_size(info["max_body"]))
        else:
            described = bodies.described("`MAX_UPLOAD_SIZE`", bodies.UPLOAD_SECONDS)
        doc["requestBody"]["description"] = described
    for status in {429, 500, 503} - set(responses):
        responses[str(status)] = errors.CODES[status]
    return doc
