"""What a file is, told from its bytes: neither its name nor what the sender says is believed."""

import codecs
import re

from .signatures import OLE, ZIP, recognise

ARCHIVES = frozenset(
    {
        *(ZIP, "application/gzip", "application/zstd", "application/x-7z-compressed"),
        *("application/vnd.rar", "application/x-tar", "application/x-bzip2", "application/x-xz"),
        *("application/x-lz4", "application/vnd.ms-cab-compressed", "application/java-archive"),
        "application/vnd.android.package-archive",
    }
)
OOXML = "application/vnd.openxmlformats-officedocument"
PACKAGES = {  # the kinds of zip, by the beginning of a name that is in it
    "word/": f"{OOXML}.wordprocessingml.document",
    "xl/": f"{OOXML}.spreadsheetml.sheet",
    "ppt/": f"{OOXML}.presentationml.presentation",
}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
DOCUMENTS = frozenset(
    {
        *("application/pdf", "application/rtf", "application/xml", "application/epub+zip"),
        *("application/postscript", OLE, *PACKAGES.values()),
    }
)
UNKNOWN = "application/octet-stream"

BYTE_ORDER_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # mimesniff, 3: what no text has
_BEGINNINGS = ("%PDF-", "{\\rtf", "%!PS-Adobe-")  # of documents that may be all ASCII
_SVG = re.compile(r"<svg[\s>:]", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(svg|\?xml|!--|!doctype svg)", re.IGNORECASE)
# Anywhere in it, or at its beginning (https://mimesniff.spec.whatwg.org, 7.1).
_HTML = re.compile(
    r"<(!doctype\s+html|(html|head|body|script|iframe)[\s>/])"
    r"|^\s*<(h1|div|font|table|a|style|title|b|br|p|!--)[\s>/-]",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"#!|<\?php", re.IGNORECASE)


def mime_type(head: bytes) -> str:
    """The media type of a file that begins so. Of a zip `of_zip` knows more."""
    text = _text(head)
    return _of_text(text) if text is not None else recognise(head) or UNKNOWN


def of_zip(names: list[str], first: bytes) -> str:
    """The type of a zip with these names in it, whose first file begins so."""
    if names[:1] == ["mimetype"]:
        told = first.decode("ascii", "replace")
        if told.startswith(OPEN_DOCUMENT) or told == "application/epub+zip":
            return told[:100]
    if "[Content_Types].xml" in names:
        for folder, kind in PACKAGES.items():
            if any(name.startswith(folder) for name in names):
                return kind
    if "AndroidManifest.xml" in names:
        return "application/vnd.android.package-archive"
    return "application/java-archive" if "META-INF/MANIFEST.MF" in names else ZIP


def type_of(mime: str) -> str:
    """The word for files of this type on the wire."""
    family = mime.partition("/")[0]
    if family in {"image", "video", "audio"}:
        return family
    if mime in ARCHIVES:
        return "archive"
    documents = family == "text" or mime in DOCUMENTS or mime.startswith(OPEN_DOCUMENT)
    return "document" if documents else "other"


def _text(head: bytes) -> str | None:
    """The head as a text without its byte order mark, None for binary data.

    UTF-8, or UTF-16 with the mark (mimesniff, 7.1). The last letter may be cut off.
    """
    encoding = "utf-16" if head.startswith(BYTE_ORDER_MARKS_16) else "utf-8-sig"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _of_text(text: str) -> str:
    if text.startswith(_BEGINNINGS):
        return recognise(text[:20].encode()) or UNKNOWN
    svg = _SVG.search(text)
    if svg and _MARKUP.match(text) and not _HTML.search(text[4 : svg.start()]):
        return "image/svg+xml"
    if _HTML.search(text):
        return "text/html"
    if _SCRIPT.match(text):
        return "text/x-script"
    return "application/xml" if _MARKUP.match(text) else "text/plain"
