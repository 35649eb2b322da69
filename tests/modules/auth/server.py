"""A mail server for tests of the outbox."""

import re
from email.message import EmailMessage


class Server:
    """A mail server, which is away while it has an `error`."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.tried: list[EmailMessage] = []
        self.sent: list[EmailMessage] = []

    def __call__(self, message: EmailMessage) -> None:
        self.tried.append(message)
        if self.error:
            raise self.error
        self.sent.append(message)

    @property
    def reached(self) -> list[str]:
        return [message["To"] for message in self.sent]


def token_in(message: EmailMessage) -> str:
    match = re.search(r"token=(\S+)", message.get_content())
    assert match
    return match[1]
