"""A closer look at a file: its type, its small picture, and whether it is a bomb."""

import base64
import logging
from typing import BinaryIO

from gevent import monkey

from halolight.core.child import ChildProcess
from halolight.core.errors import Invalid
from halolight.core.i18n import Message

from . import thumbnails

log = logging.getLogger(__name__)

SECONDS = 60.0  # for one file, however busy the machine is

_examiner = ChildProcess("halolight.core.media.examiner", SECONDS)


def examine(file: BinaryIO, size: int, mime: str) -> tuple[str, bytes | None]:
    """The type and the thumbnail of a file on the disk; `mime` is the type that its head shows.

    Raises `Invalid` for a bomb. Under gevent that is done in a process of its own; a file with
    which that does not finish is kept as what it looks like.
    """
    if not thumbnails.worth_examining(size, mime):
        return mime, None
    if not monkey.is_module_patched("threading"):
        return thumbnails.examine(file, size, mime)
    answer = _examiner.ask({"path": file.name, "size": size, "mime": mime})
    if answer is None:
        log.warning("a file of type %s could not be examined", mime)
        return mime, None
    if refused := answer.get("refused"):
        raise Invalid(Message(refused, code="too_large"), field="file")
    picture = answer["picture"]
    return answer["mime"], base64.b64decode(picture) if picture else None
