"""A mail server: takes what it is given, refuses whom it is told to."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self


class MailServer(socketserver.ThreadingTCPServer):
    """`with MailServer() as server:` listens on loopback; `answers` says what an address gets instead of 250.

    While `silent` is set it takes calls and says nothing.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers: dict[str, str] = {}
        self.taken: list[bytes] = []
        self.callers = 0
        self.silent = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=policy.default) for content in self.taken]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.callers += 1
        if self.server.silent.is_set():
            self.rfile.read()
            return
        self.say("220 fake")
        while line := self.rfile.readline().decode().strip():
            match line.split(":")[0].upper().split()[0]:
                case "RCPT":
                    address = line.partition("<")[2].partition(">")[0]
                    self.say(self.server.answers.get(address, "250 OK"))
                case "DATA":
                    self.say("354 Go on")
                    self.server.taken.append(self.content())
                    self.say("250 Taken")
                case "QUIT":
                    self.say("221 Bye")
                    return
                case _:
                    self.say("250 OK")

    def content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
