"""How files of many formats begin, and what they are: bytes, media type, and the word for it."""

import io
import struct
import tarfile

from .steps import archive, picture

OOXML = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"

Format = tuple[bytes, str, str]


def ftyp(major: str, *compatible: str) -> bytes:
    """The beginning of ISO base media (ISO/IEC 14496-12) with these brands."""
    brands = major.encode() + bytes(4) + "".join(compatible).encode()
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + b"\0\0\0\x08free" + bytes(64)


def jpeg_2000(brand: str) -> bytes:
    return b"\0\0\0\x0cjP  \r\n\x87\n" + ftyp(brand, brand)


def ogg(*packets: bytes) -> bytes:
    """Pages with a packet each (RFC 3533)."""
    pages = (b"OggS\0\2" + bytes(20) + b"\1" + bytes([len(p)]) + p for p in packets)
    return b"".join(pages)


def riff(kind: bytes, magic: bytes = b"RIFF") -> bytes:
    return magic + struct.pack("<I", 100) + kind + bytes(100)


def mpeg(header: str) -> bytes:
    """Frames that begin with these four bytes; noise follows."""
    return bytes.fromhex(header) + bytes(range(1, 200))


def matroska(kind: bytes) -> bytes:
    head = b"B\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82" + bytes([0x80 | len(kind)]) + kind
    return b"\x1aE\xdf\xa3" + bytes([0x80 | len(head)]) + head


def asf(stream: str) -> bytes:
    return (
        bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(40) + bytes.fromhex(stream)
    ) + bytes(40)


def tar(form: int) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=form) as file:
        info = tarfile.TarInfo("notes/plan.txt")
        info.size = 5
        file.addfile(info, io.BytesIO(b"hello"))
    return written.getvalue()


def tar_v7() -> bytes:
    """As before POSIX: without `ustar`."""
    header = bytearray(tar(tarfile.USTAR_FORMAT))
    header[257:512] = bytes(255)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    return bytes(header)


def of_zip(mime: str, word: str, *names: str) -> Format:
    return archive(**dict.fromkeys(names, "x")), mime, word


IMAGES = {
    "png": (picture("PNG"), "image/png"),
    "jpeg": (picture("JPEG"), "image/jpeg"),
    "gif": (picture("GIF"), "image/gif"),
    "webp": (picture("WEBP"), "image/webp"),
    "bmp": (picture("BMP"), "image/bmp"),
    "ico": (picture("ICO", (32, 32)), "image/x-icon"),
    "tiff": (picture("TIFF"), "image/tiff"),
    "tiff, big-endian": (b"MM\0*\0\0\0\x08" + bytes(20), "image/tiff"),
    "bigtiff": (b"II+\0\x08\0\0\0\x10" + bytes(20), "image/tiff"),
    "bigtiff, big-endian": (b"MM\0+\0\x08\0\0" + bytes(20), "image/tiff"),
    "jp2": (jpeg_2000("jp2 "), "image/jp2"),
    "jpx": (jpeg_2000("jpx "), "image/jpx"),
    "j2k": (b"\xff\x4f\xff\x51\0\x2f" + bytes(40), "image/j2c"),
    "written jp2": (picture("JPEG2000"), "image/jp2"),
    "jxl": (b"\xff\x0a\xfa\x1f\x28\x10" + bytes(range(9)), "image/jxl"),
    "jxl in boxes": (b"\0\0\0\x0cJXL \r\n\x87\n" + ftyp("jxl ", "jxl "), "image/jxl"),
    "jpeg xr": (b"II\xbc\1\x20\0\0\0" + bytes(20), "image/jxr"),
    "psd": (b"8BPS\0\1" + bytes(20), "image/vnd.adobe.photoshop"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    "heic": (ftyp("heic", "mif1", "heic"), "image/heic"),
    "heic, 10 bits": (ftyp("heix", "mif1", "heix"), "image/heic"),
    "heic by a compatible brand": (ftyp("mif1", "mif1", "heic"), "image/heic"),
    "heic sequence": (ftyp("hevc", "msf1", "hevc"), "image/heic-sequence"),
    "heif": (ftyp("mif1", "mif1", "miaf"), "image/heif"),
    "heif of an unknown brand": (ftyp("abcd", "mif1"), "image/heif"),
    "avif": (ftyp("avif", "avif", "mif1", "miaf"), "image/avif"),
    "avif by a compatible brand": (ftyp("mif1", "mif1", "avif"), "image/avif"),
    "avif sequence": (ftyp("avis", "avif", "msf1"), "image/avif"),
    "written avif": (picture("AVIF"), "image/avif"),
    "cr3": (ftyp("crx ", "crx ", "isom"), "image/x-canon-cr3"),
}
VIDEOS = {
    "mp4": (ftyp("isom", "isom", "iso2", "avc1", "mp41"), "video/mp4"),
    "mp4 of a box of 24 bytes": (ftyp("mp42", "mp42", "isom"), "video/mp4"),
    "mp4 of a phone": (ftyp("isom", "isom", "3gp4"), "video/mp4"),
    "mp4 by a compatible brand": (ftyp("XAVC", "XAVC", "mp42", "iso2"), "video/mp4"),
    "m4v": (ftyp("M4V ", "M4V ", "mp42", "isom"), "video/x-m4v"),
    "mov": (ftyp("qt  ", "qt  "), "video/quicktime"),
    "mov without ftyp": (b"\0\0\0\x08wide\0\0\1\0mdat" + bytes(50), "video/quicktime"),
    "3gp": (ftyp("3gp4", "isom", "3gp4"), "video/3gpp"),
    "3gp, release 6": (ftyp("3gp6", "3gp6"), "video/3gpp"),
    "3g2": (ftyp("3g2a", "3g2a", "3gp6", "isom"), "video/3gpp2"),
    "mj2": (jpeg_2000("mjp2"), "video/mj2"),
    "webm": (matroska(b"webm"), "video/webm"),
    "mkv": (matroska(b"matroska"), "video/x-matroska"),
    "avi": (riff(b"AVI LIST"), "video/x-msvideo"),
    "ogv": (ogg(b"\x80theora\3\2\1", b"\1vorbis"), "video/ogg"),
    "ogv with a skeleton": (ogg(b"fishead\0\3", b"\x80theora\3"), "video/ogg"),
    "flv": (b"FLV\1\5\0\0\0\x09" + bytes(9), "video/x-flv"),
    "mpeg program stream": (b"\0\0\1\xba\x44" + bytes(20), "video/mpeg"),
    "mpeg transport stream": ((b"\x47\x40\0\x10" + bytes(184)) * 3, "video/mp2t"),
    "wmv": (asf("c0ef19bc4d5bcf11a8fd00805f5c442b"), "video/x-ms-wmv"),
}
AUDIO = {
    "m4a": (ftyp("M4A ", "M4A ", "mp42", "isom"), "audio/mp4"),
    "m4b": (ftyp("M4B ", "M4A ", "mp42"), "audio/mp4"),
    "mp3 with ID3": (b"ID3\x03\0\0\0\0\0#TSSE\0\0\0", "audio/mpeg"),
    **{f"mp3 {head}": (mpeg(head), "audio/mpeg") for head in (
        "fffb9064", "fffa9044", "fff384c4", "fff284c0", "ffe344c4", "ffe244c0")},
    "mp2": (mpeg("fffd8404"), "audio/mpeg"),
    "mp1": (mpeg("ffff8404"), "audio/mpeg"),
    "aac": (bytes.fromhex("fff15080043ffc") + bytes(range(1, 50)), "audio/aac"),
    "aac, MPEG 2": (bytes.fromhex("fff9508002fffc") + bytes(range(1, 50)), "audio/aac"),
    "wav": (riff(b"WAVEfmt "), "audio/wav"),
    "wav over 4 GB": (riff(b"WAVEds64", b"RF64"), "audio/wav"),
    "ogg vorbis": (ogg(b"\1vorbis\0"), "audio/ogg"),
    "opus": (ogg(b"OpusHead\1\2"), "audio/ogg"),
    "flac": (b'fLaC\0\0\0"' + bytes(34), "audio/flac"),
    "midi": (b"MThd\0\0\0\6\0\1", "audio/midi"),
    "amr": (b"#!AMR\n\x3c\x91\x17", "audio/amr"),
    "amr-wb": (b"#!AMR-WB\n\4\x91\x17", "audio/amr-wb"),
    "aiff": (b"FORM\0\0\1\0AIFFCOMM\0\0", "audio/aiff"),
    "aifc": (b"FORM\0\0\1\0AIFCFVER\0\0", "audio/aiff"),
    "au": (b".snd\0\0\0\x18" + bytes(20), "audio/basic"),
    "wma": (asf("409e69f84d5bcf11a8fd00805f5c442b"), "audio/x-ms-wma"),
}  # fmt: skip
ARCHIVES = {
    "zip": (archive(a="x"), "application/zip"),
    "empty zip": (archive(), "application/zip"),
    "jar": of_zip("application/java-archive", "archive", "META-INF/MANIFEST.MF", "A.class")[:2],
    "apk": of_zip(
        *("application/vnd.android.package-archive", "archive"),
        *("META-INF/MANIFEST.MF", "AndroidManifest.xml", "classes.dex"),
    )[:2],
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0", "application/gzip"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "application/x-7z-compressed"),
    "rar 4": (b"Rar!\x1a\x07\0\xcf\x90", "application/vnd.rar"),
    "rar 5": (b"Rar!\x1a\x07\1\0", "application/vnd.rar"),
    "tar of POSIX": (tar(tarfile.PAX_FORMAT), "application/x-tar"),
    "tar of GNU": (tar(tarfile.GNU_FORMAT), "application/x-tar"),
    "tar of Version 7": (tar_v7(), "application/x-tar"),
    "bzip2": (b"BZh91AY&SY\x94$|", "application/x-bzip2"),
    "xz": (b"\xfd7zXZ\0\0\4", "application/x-xz"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x58\0", "application/zstd"),
    "lz4": (b"\x04\x22\x4d\x18\x64\x40\xa7", "application/x-lz4"),
    "cab": (b"MSCF\0\0\0\0\x80\0", "application/vnd.ms-cab-compressed"),
}
DOCUMENTS = {
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
    "pdf in ASCII": (b"%PDF-1.4\n1 0 obj", "application/pdf"),
    "docx": of_zip(
        f"{OOXML}.wordprocessingml.document", "", "[Content_Types].xml", "word/document.xml"
    )[:2],
    "xlsx": of_zip(
        f"{OOXML}.spreadsheetml.sheet", "", "[Content_Types].xml", "xl/workbook.xml"
    )[:2],
    "pptx": of_zip(
        f"{OOXML}.presentationml.presentation", "", "[Content_Types].xml", "ppt/presentation.xml"
    )[:2],
    "odt": (archive(mimetype=f"{OPEN_DOCUMENT}.text"), f"{OPEN_DOCUMENT}.text"),
    "epub": (archive(mimetype="application/epub+zip"), "application/epub+zip"),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/x-ole-storage"),
    "rtf": (b"{\\rtf1\\ansi", "application/rtf"),
    "postscript": (b"%!PS-Adobe-3.0\n", "application/postscript"),
    "empty": (b"", "text/plain"),
    "text": (b"plain words", "text/plain"),
    "text in UTF-8": ("Ωμέγα 🦊".encode(), "text/plain"),
    "text in UTF-8 with a byte order mark": ("Ωμέγα 🦊".encode("utf-8-sig"), "text/plain"),
    "text in UTF-16, little-endian": (b"\xff\xfe" + "Ωμέγα 🦊".encode("utf-16-le"), "text/plain"),
    "text in UTF-16, big-endian": (b"\xfe\xff" + "Ωμέγα 🦊".encode("utf-16-be"), "text/plain"),
    "csv": (b"a,b\n1,2\n", "text/plain"),
    "text that begins like a bitmap": (b"BM is a band", "text/plain"),
    "text that begins like a program": (b"MZ is a wave", "text/plain"),
    "text that begins like music": (b"ID3 is a tag", "text/plain"),
    "text that begins like bzip2": (b"BZh9 it says", "text/plain"),
}  # fmt: skip
OTHERS = {
    "ttf": (b"\0\1\0\0\0\x0f\0\x80\0\3\0\x70" + bytes(20), "font/ttf"),
    "otf": (b"OTTO\0\x0b\0\x80" + bytes(20), "font/otf"),
    "font collection": (b"ttcf\0\1\0\0\0\0\0\2" + bytes(20), "font/collection"),
    "woff": (b"wOFF\0\1\0\0" + bytes(20), "font/woff"),
    "woff2": (b"wOF2\0\1\0\0" + bytes(20), "font/woff2"),
    "wasm": (b"\0asm\1\0\0\0", "application/wasm"),
    "sqlite": (b"SQLite format 3\0\x10\0", "application/vnd.sqlite3"),
    "program": (b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff", "application/octet-stream"),
    "noise": (bytes(range(128, 228)), "application/octet-stream"),
    "no UTF-8": (b"caf\xe9 and more", "application/octet-stream"),
    "UTF-16 without a byte order mark": ("plain".encode("utf-16-le"), "application/octet-stream"),
    "frames with a reserved bit rate": (mpeg("fffbf064"), "application/octet-stream"),
    "frames with a reserved sampling rate": (mpeg("fffb9c64"), "application/octet-stream"),
    "frames of a reserved version": (mpeg("ffeb9064"), "application/octet-stream"),
    "frames of a reserved layer": (mpeg("ffe19064"), "application/octet-stream"),
    "aac with a reserved sampling rate": (mpeg("fff17c80043ffc"), "application/octet-stream"),
    "ftyp of no known brand": (ftyp("abcd", "efgh"), "application/octet-stream"),
    "a broken ftyp": (b"\0\0\0\1ftyp", "application/octet-stream"),
    "a bitmap of no known header": (b"BM" + bytes(12) + b"\5\0\0\0", "application/octet-stream"),
    "tar with a wrong checksum": (tar_v7().replace(b"notes", b"motes"), "application/octet-stream"),
    "zeros": (bytes(2000), "application/octet-stream"),
}  # fmt: skip

FORMATS: dict[str, Format] = {
    name: (data, mime, word)
    for word, formats in {
        "image": IMAGES,
        "video": VIDEOS,
        "audio": AUDIO,
        "archive": ARCHIVES,
        "document": DOCUMENTS,
        "other": OTHERS,
    }.items()
    for name, (data, mime) in formats.items()
}
