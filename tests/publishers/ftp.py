"""A server of one file over FTP, passive mode, on this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

__all__ = ["FtpServer", "ftp_serving"]


@dataclass(slots=True)
class FtpServer:
    """A running server: its address, and the file it gives, or nothing where it has none."""

    url: str
    content: bytes | None = None


def _session(control: socket.socket, server: FtpServer) -> None:
    passive: socket.socket | None = None

    def say(line: str) -> None:
        control.sendall(f"{line}\r\n".encode())

    with control, suppress(OSError), ExitStack() as sockets:
        say("220 ready")
        for raw in control.makefile("rb"):
            command = raw.decode().strip().partition(" ")[0].upper()
            match command:
                case "USER":
                    say("331 password")
                case "PASS":
                    say("230 in")
                case "TYPE":
                    say("200 fine")
                case "EPSV" | "PASV":
                    passive = sockets.enter_context(socket.create_server(("127.0.0.1", 0)))
                    port = passive.getsockname()[1]
                    where = f"127,0,0,1,{port // 256},{port % 256}"
                    say(f"229 (|||{port}|)" if command == "EPSV" else f"227 ({where})")
                case "RETR" if server.content is None or passive is None:
                    say("550 no such file")
                case "RETR":
                    assert passive is not None
                    assert server.content is not None
                    say("150 coming")
                    with passive.accept()[0] as data:
                        data.sendall(server.content)
                    say("226 done")
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("500 what")


@contextmanager
def ftp_serving() -> Iterator[FtpServer]:
    """Run a server on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = FtpServer(f"ftp://127.0.0.1:{listening.getsockname()[1]}")

    def accept() -> None:
        with suppress(OSError):
            while True:
                control, _ = listening.accept()
                threading.Thread(target=_session, args=(control, server), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)
