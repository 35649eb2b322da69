"""The mail that a test sends, instead of a server."""

import re
from email.message import EmailMessage

from flask import Flask

from halolight.extensions import outbox


class Mailbox:
    def __init__(self, app: Flask) -> None:
        self._app = app
        self.messages: list[EmailMessage] = []
        app.extensions["send_mail"] = self.messages.append

    def deliver(self) -> list[EmailMessage]:
        """Send what is due, as the background would; answers with all mail so far."""
        with self._app.app_context():
            outbox.deliver()
        return self.messages

    def reset_token(self) -> str:
        """The token in the link of the newest mail."""
        match = re.search(r"token=(\S+)", self.deliver()[-1].get_content())
        assert match, "no link in the mail"
        return match[1]
