"""``overshort serve``."""

import os
import socket
import sys
from typing import Annotated

from cyclopts import Parameter

from overshort.engine.simulate import ensure_demo
from overshort.errors import StoreMissing, UsageError
from overshort.store.lake import Lake
from overshort.surfaces.cli.options import Home, home_of, whole

__all__ = ["TOKEN", "run"]

TOKEN = "OVERSHORT_TOKEN"
LEAST = 16
HIGHEST = 65_535
WAITING, LINE, IDLE = 512, 16_384, 20


def run(
    *,
    host: Annotated[
        str, Parameter(help="Address to serve; anything but the loopback needs a token, and should stand behind TLS.")
    ] = "127.0.0.1",
    port: Annotated[int, Parameter(converter=whole, help="Port; 0 takes a free one.")] = 8765,
    token: Annotated[
        str | None,
        Parameter(help=f"What every request must carry, as bearer or password (better: {TOKEN}, seen in no list)."),
    ] = None,
    demo_if_missing: Annotated[
        bool, Parameter(negative="", help="Without a store, serve a small simulated market, marked SIMULATED.")
    ] = False,
    home: Home = None,
) -> int:
    """Serve the pages of every index and stock, for any day, and the same as JSON, on this machine alone."""
    if not 0 <= port <= HIGHEST:
        raise UsageError(f"--port {port} is no port; give one from 0 to {HIGHEST}")
    folder = home_of(home)
    try:
        lake = Lake.open(folder)
    except StoreMissing:
        if not demo_if_missing:
            raise
        lake = ensure_demo(folder)
    _serve(lake, host, port, _token(host, token))
    return 0


def _token(host: str, given: str | None) -> str | None:
    """Give the token of a server, which one on the loopback may lack.

    Raises
    ------
    UsageError
        If one is needed and not given, or is too short.
    """
    from overshort.surfaces.web.guard import is_loopback

    token = given if given is not None else os.environ.get(TOKEN) or None
    if token is None and not is_loopback(host):
        raise UsageError(
            f"--host {host} can be reached from other machines, which needs a token; set {TOKEN} to {LEAST} or more "
            "characters, or serve 127.0.0.1"
        )
    if token is not None and (len(token) < LEAST or not token.isascii()):
        raise UsageError(f"the token has {len(token)} characters; give {LEAST} or more, ASCII only")
    return token


def _bound(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises
    ------
    UsageError
        If it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    own = socket.socket(family)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        own.bind((host, port))
        own.listen(WAITING)  # whoever comes before the server has begun waits, and is not turned away
    except OSError as error:
        own.close()
        raise UsageError(
            f"--host {host} --port {port} cannot be served ({error.strerror}); give another --port"
        ) from None
    return own


def _serve(lake: Lake, host: str, port: int, token: str | None) -> None:
    import uvicorn

    from overshort.surfaces.web import application

    settings = uvicorn.Config(
        application(lake, token=token),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=WAITING,
        h11_max_incomplete_event_size=LINE,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(settings)
    sockets = [_bound(host, port)]
    shown = sockets[0].getsockname()[1]
    name = f"[{host}]" if ":" in host else host
    print(f"Serving {lake.home} at http://{name}:{shown} (stop with Ctrl-C)", flush=True)
    print("Measurements of public data; not investment advice.", file=sys.stderr, flush=True)
    server.run(sockets=sockets)
