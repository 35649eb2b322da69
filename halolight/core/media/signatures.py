"""How files that are no texts begin, by the specification of each format.

A signature names a type, or a function that looks closer: at the brands, the codecs or the
checksum that tell formats apart which begin alike.
"""

import re
from collections.abc import Callable

Look = Callable[[bytes], str | None]

ZIP = "application/zip"
OLE = "application/x-ole-storage"  # all of the old Office formats look so


def _by_brand(brands: dict[str, str]) -> dict[bytes, str]:
    return {
        brand.ljust(4).encode(): mime for mime, names in brands.items() for brand in names.split()
    }


# ISO/IEC 14496-12: the brands of mp4ra.org. The general ones say little: others beside them decide.
_BRANDS = _by_brand(
    {
        "image/heic": "heic heix heim heis",
        "image/heic-sequence": "hevc hevx hevm hevs",
        "image/avif": "avif avis",
        "image/avci": "avci",
        "image/avcs": "avcs",
        "image/x-canon-cr3": "crx",
        "image/jp2": "jp2",
        "image/jpx": "jpx",
        "image/jpm": "jpm",
        "image/jxl": "jxl",
        "video/mj2": "mjp2 mj2s",
        "video/mp4": "isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 mp71 avc1 dash"
        " MSNV mmp4 F4V",
        "video/x-m4v": "M4V M4VH M4VP",
        "video/quicktime": "qt",
        "video/3gpp": "3gp1 3gp2 3gp3 3gp4 3gp5 3gp6 3gp7 3gp8 3gp9 3ge6 3ge7 3ge9 3gg6 3gg9"
        " 3gh9 3gr6 3gr7 3gr9 3gs6 3gs7 3gs9",
        "video/3gpp2": "3g2a 3g2b 3g2c kddi",
        "audio/mp4": "M4A M4B M4P F4A F4B",
    }
)
_GENERAL_BRANDS = _by_brand({"image/heif": "mif1 mif2 miaf", "image/heif-sequence": "msf1"})
_MAX_BRANDS = 64  # of one file that are looked at


def _iso_media(head: bytes) -> str | None:
    """The major brand decides, then the compatible brands in their order."""
    end = min(int.from_bytes(head[:4]), len(head), 16 + 4 * _MAX_BRANDS)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    known = (kinds[brand] for kinds in (_BRANDS, _GENERAL_BRANDS) for brand in brands
             if brand in kinds)  # fmt: skip
    return next(known, None)


def _jpeg_2000(head: bytes) -> str:
    return _iso_media(head[12:]) or "image/jp2"


_RIFF = {
    b"WEBP": "image/webp",
    b"WAVE": "audio/wav",
    b"AVI ": "video/x-msvideo",
    b"RMID": "audio/midi",
}
_IFF = {b"AIFF": "audio/aiff", b"AIFC": "audio/aiff"}


def _riff(head: bytes) -> str | None:
    return _RIFF.get(head[8:12])


def _iff(head: bytes) -> str | None:
    return _IFF.get(head[8:12])


_OGG_VIDEO = re.compile(rb"\x80theora|\x01video|BBCD\0|OVP80")


def _ogg(head: bytes) -> str:
    """Video where a stream of it begins; all of them begin before anything else (RFC 3533, 4)."""
    return "video/ogg" if _OGG_VIDEO.search(head[:4096]) else "audio/ogg"


_DOC_TYPE = re.compile(rb"\x42\x82[\x81-\x8f](webm|matroska)")


def _matroska(head: bytes) -> str | None:
    found = _DOC_TYPE.search(head[:256])
    if not found:
        return None
    return "video/webm" if found[1] == b"webm" else "video/x-matroska"


_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_ASF_AUDIO = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")


def _asf(head: bytes) -> str:
    sound_alone = _ASF_AUDIO in head and _ASF_VIDEO not in head
    return "audio/x-ms-wma" if sound_alone else "video/x-ms-wmv"


def _mpeg_audio(head: bytes) -> str | None:
    """A frame of MPEG 1, 2 or 2.5 (ISO/IEC 11172-3, 2.4.1.3), or of AAC (ISO/IEC 14496-3, ADTS)."""
    if len(head) < 4 or head[1] < 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if layer == 0:
        sane = head[1] >= 0xF0 and head[2] >> 2 & 15 < 13  # sampling rate
        return "audio/aac" if sane else None
    bit_rate, sampling_rate, emphasis = head[2] >> 4, head[2] >> 2 & 3, head[3] & 3
    sane = version != 1 and 0 < bit_rate < 15 and sampling_rate != 3 and emphasis != 2
    return "audio/mpeg" if sane else None


def _bitmap(head: bytes) -> str | None:
    return "image/bmp" if head[14:18] in _BITMAP_HEADERS else None


_BITMAP_HEADERS = {size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124)}


def _icon(head: bytes) -> str | None:
    """The number of pictures, and a byte that is always 0 in the first."""
    return "image/x-icon" if head[4:6] != b"\0\0" and head[9:10] == b"\0" else None


def _true_type(head: bytes) -> str | None:
    """A database of Access begins so, too, but has no sane number of tables."""
    return "font/ttf" if 0 < int.from_bytes(head[4:6]) < 256 else None


def _transport_stream(head: bytes) -> str | None:
    return "video/mp2t" if head[188:189] == head[376:377] == b"G" else None


def _tar(head: bytes) -> str | None:
    """The sum of the header, in which the sum itself counts as spaces; older than `ustar`."""
    header, told = head[:512], head[148:156].strip(b" \0")
    if len(header) < 512 or not re.fullmatch(rb"[0-7]{1,7}", told):
        return None
    total = sum(header) - sum(header[148:156]) + 8 * ord(" ")
    return "application/x-tar" if total == int(told, 8) else None


# Where it stands in the file, what stands there, and what that means. The first that fits decides.
SIGNATURES: tuple[tuple[int, bytes, str | Look], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"RIFF", _riff),
    (0, b"RF64", _riff),
    (0, b"BM", _bitmap),
    (0, b"\0\0\1\0", _icon),
    (0, b"\0\0\2\0", _icon),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"II+\0", "image/tiff"),
    (0, b"MM\0+", "image/tiff"),
    (0, b"II\xbc", "image/jxr"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", _jpeg_2000),
    (0, b"\xff\x4f\xff\x51", "image/j2c"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (0, b"\xff\x0a", "image/jxl"),
    (4, b"ftyp", _iso_media),
    (4, b"moov", "video/quicktime"),
    (4, b"mdat", "video/quicktime"),
    (4, b"wide", "video/quicktime"),
    (0, b"\x1aE\xdf\xa3", _matroska),
    (0, b"FLV\1", "video/x-flv"),
    (0, b"\0\0\1\xba", "video/mpeg"),
    (0, b"\0\0\1\xb3", "video/mpeg"),
    (0, b"G", _transport_stream),
    (0, bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), _asf),
    (0, b"OggS", _ogg),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"MThd", "audio/midi"),
    (0, b"FORM", _iff),
    (0, b".snd", "audio/basic"),
    (0, b"#!AMR-WB\n", "audio/amr-wb"),
    (0, b"#!AMR\n", "audio/amr"),
    (0, b"\xff", _mpeg_audio),
    (0, b"PK\3\4", ZIP),
    (0, b"PK\5\6", ZIP),
    (0, b"PK\7\x08", ZIP),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07\0", "application/vnd.rar"),
    (0, b"Rar!\x1a\x07\1\0", "application/vnd.rar"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"\x04\x22\x4d\x18", "application/x-lz4"),
    (0, b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (257, b"ustar", "application/x-tar"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"%!PS-Adobe-", "application/postscript"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (0, b"\0\1\0\0", _true_type),
    (0, b"true\0", "font/ttf"),
    (0, b"OTTO", "font/otf"),
    (0, b"ttcf", "font/collection"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"\0asm", "application/wasm"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"", _tar),
)


def recognise(head: bytes) -> str | None:
    """The media type of a file that begins so; None for an unknown one."""
    for at, magic, told in SIGNATURES:
        if head.startswith(magic, at):
            found = told if isinstance(told, str) else told(head)
            if found:
                return found
    return None
