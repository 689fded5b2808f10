"""The page that is shown while a panel is computed, and the addresses that its progress and its end are asked at."""

import asyncio
from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from overshort.surfaces.web.desk import Desk
from overshort.surfaces.web.pages import Frame, message

__all__ = ["Work", "progress"]


class Work:
    """Where a page asks how far its panel is, and where it gives up waiting."""

    def __init__(self, subjects: tuple[str, ...], ticket: str, done: int, total: int) -> None:
        name = ",".join(subjects) or "market"
        self.status = f"/work/{name}?ticket={ticket}"
        self.leave = f"/work/{name}/leave?ticket={ticket}"
        self.done, self.total = done, total


async def progress(
    request: Request, subjects: tuple[str, ...], path: str, day: str, asked: Mapping[str, str] | None = None
) -> Response | None:
    """Begin a panel that is not there and give the page of its progress; nothing where it is there."""
    desk: Desk = request.app.state.desk
    version = await desk.version()
    if desk.panels.ready(version, subjects) is not None:
        return None
    job = desk.panels.job(version, subjects)
    work = Work(subjects, job.ticket(asyncio.get_running_loop().time()), job.done, job.total)
    frame = Frame(path, day, desk.lake.simulated, "progress.html", {"work": work}, asked or {})
    answer = message("overshort is measuring", "", 202, frame)
    answer.headers["Retry-After"] = "1"
    return answer
