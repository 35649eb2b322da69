"""What a file is, told from its bytes: neither its name nor what the sender says is believed."""

import re

import puremagic

# What `puremagic` finds, and the name under which it is kept. Everything else is just bytes.
KNOWN = {
    **{f"image/{kind}": f"image/{kind}" for kind in ("png", "jpeg", "gif", "webp", "tiff", "avif")},
    "image/x-ms-bmp": "image/bmp",
    "image/heif": "image/heic",
    "image/x-icon": "image/x-icon",
    "image/vnd.adobe.photoshop": "image/vnd.adobe.photoshop",
    **{f"video/{kind}": f"video/{kind}" for kind in ("mp4", "webm", "quicktime", "mpeg")},
    **{f"video/{kind}": f"video/{kind}" for kind in ("x-matroska", "x-msvideo", "x-flv")},
    "video/avi": "video/x-msvideo",
    **{f"audio/{kind}": f"audio/{kind}" for kind in ("mpeg", "flac", "aac", "midi")},
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "application/ogg": "audio/ogg",
    "application/x-gzip": "application/gzip",
    "application/x-7z-compressed": "application/x-7z-compressed",
    "application/vnd.rar": "application/vnd.rar",
    "application/x-tar": "application/x-tar",
    "application/x-bzip2": "application/x-bzip2",
    "application/x-xz": "application/x-xz",
    "application/zstd": "application/zstd",
    "application/pdf": "application/pdf",
    "application/msword": "application/x-ole-storage",  # all of the old Office formats look so
}
ZIP = "application/zip"
ARCHIVES = frozenset(
    {
        *(ZIP, "application/gzip", "application/zstd", "application/x-7z-compressed"),
        *("application/vnd.rar", "application/x-tar", "application/x-bzip2", "application/x-xz"),
    }
)
OOXML = "application/vnd.openxmlformats-officedocument"
OFFICE = {  # by the folder that a zip of this kind has
    "word/": f"{OOXML}.wordprocessingml.document",
    "xl/": f"{OOXML}.spreadsheetml.sheet",
    "ppt/": f"{OOXML}.presentationml.presentation",
}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
DOCUMENTS = frozenset(
    {
        *("application/pdf", "application/rtf", "application/xml", "application/epub+zip"),
        *("application/x-ole-storage", *OFFICE.values()),
    }
)
UNKNOWN = "application/octet-stream"

_BEGINNINGS = {b"%PDF-": "application/pdf", b"{\\rtf": "application/rtf"}
_SVG = re.compile(rb"<svg[\s>:]", re.IGNORECASE)
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(svg|\?xml|!--|!doctype svg)", re.IGNORECASE)
# Anywhere in it, or at its beginning (https://mimesniff.spec.whatwg.org, 7.1).
_HTML = re.compile(
    rb"<(!doctype\s+html|(html|head|body|script|iframe)[\s>/])"
    rb"|^(\xef\xbb\xbf)?\s*<(h1|div|font|table|a|style|title|b|br|p|!--)[\s>/-]",
    re.IGNORECASE,
)
_SCRIPT = re.compile(rb"#!|<\?php", re.IGNORECASE)
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")


def mime_type(head: bytes) -> str:
    """The media type of a file that begins so. Of a zip `of_zip` knows more."""
    if _is_text(head):
        return _of_text(head)
    if head[4:8] == b"ftyp" and head[8:12] in {b"M4A ", b"M4B "}:
        return "audio/mp4"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ZIP
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    return next((KNOWN[each.mime_type] for each in found if each.mime_type in KNOWN), UNKNOWN)


def of_zip(names: list[str], first: bytes) -> str:
    """The type of a zip with these names in it, whose first file begins so."""
    if names[:1] == ["mimetype"]:
        told = first.decode("ascii", "replace")
        if told.startswith(OPEN_DOCUMENT) or told == "application/epub+zip":
            return told[:100]
    if "[Content_Types].xml" in names:
        for folder, kind in OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return kind
    return ZIP


def type_of(mime: str) -> str:
    """The word for files of this type on the wire."""
    family = mime.partition("/")[0]
    if family in {"image", "video", "audio"}:
        return family
    if mime in ARCHIVES:
        return "archive"
    documents = family == "text" or mime in DOCUMENTS or mime.startswith(OPEN_DOCUMENT)
    return "document" if documents else "other"


def _is_text(head: bytes) -> bool:
    """UTF-8 without the characters that no text has; the last one may be cut off."""
    if not _CONTROL.isdisjoint(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.start >= len(head) - 3
    return True


def _of_text(head: bytes) -> str:
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    svg = _SVG.search(head)
    if svg and _MARKUP.match(head) and not _HTML.search(head[4 : svg.start()]):
        return "image/svg+xml"
    if _HTML.search(head):
        return "text/html"
    if _SCRIPT.match(head):
        return "text/x-script"
    return "application/xml" if _MARKUP.match(head) else "text/plain"
