"""Messages through Apprise, which knows the addresses of many services; this module alone owns ``apprise``."""

import logging
import warnings
from collections.abc import Callable
from typing import Any

from overshort.errors import UsageError

__all__ = ["Notify", "notifier"]

Notify = Callable[[str, str, str], bool]
"""Send a title, a text and a key; whether the service took it."""


def notifier(url: str, shown: str) -> Notify:
    """Give the way to send to an address of Apprise.

    Where the service is a plain web hook (``json://``, ``xml://``, ``form://``) the key is its header
    ``Idempotency-Key``, too.

    Parameters
    ----------
    shown
        How the address is written in an error: without what is secret in it.

    Raises
    ------
    UsageError
        If Apprise is not installed, or knows no such address.
    """
    service = _service(url, shown)

    def send(title: str, text: str, key: str) -> bool:
        if isinstance(own := getattr(service, "headers", None), dict):
            own["Idempotency-Key"] = key
        return bool(service.notify(title=title, body=text))

    return send


def _service(url: str, shown: str) -> Any:
    try:
        import apprise
    except ModuleNotFoundError:
        raise UsageError(f"--to {shown} needs Apprise; install overshort[alerts], or give an https address") from None
    # Its log may name whole addresses; what failed is said here instead.
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.handlers = [logging.NullHandler()]
    with warnings.catch_warnings():
        # It loads the modules of all services, some of which ask for imghdr, which Python is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = apprise.Apprise.instantiate(url)
    if found is None:
        raise UsageError(f"--to {shown} is no address that Apprise knows; see its list of services for the form")
    return found
