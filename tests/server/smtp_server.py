"""A mail server for the tests: it takes every mail and keeps it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Queue


class SmtpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Conversation)
        self.arrived: Queue[EmailMessage] = Queue()

    def next_mail(self, within: float) -> EmailMessage:
        """The next mail, waited for. Raises Empty when none arrives."""
        return self.arrived.get(timeout=within)


class Conversation(socketserver.StreamRequestHandler):
    """One connection: just enough of RFC 5321."""

    server: SmtpServer

    def handle(self) -> None:
        self._say("220 ready")
        for line in self.rfile:
            command = line.strip().upper()
            if command == b"DATA":
                self._say("354 go on")
                self._receive()
            self._say("221 bye" if command == b"QUIT" else "250 done")
            if command == b"QUIT":
                return

    def _receive(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        text = b"".join(line.removeprefix(b".") for line in lines)
        self.server.arrived.put(message_from_bytes(text, EmailMessage, policy=policy.default))

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def smtp_server(port: int) -> Iterator[SmtpServer]:
    with SmtpServer(port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
