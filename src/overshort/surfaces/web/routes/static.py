"""Style and scripts, kept by browsers for good: another content has another name."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from overshort.errors import UnknownSubject
from overshort.surfaces.web.assets import by_file

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/static/{file}")
async def static(request: Request, file: str) -> Response:
    """Give a file by its hashed name, packed where the browser takes that."""
    asset = by_file().get(file)
    if asset is None:
        raise UnknownSubject(f"there is no file {file[:80]!r} here; load the page again, it names the present one")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(asset.plain, media_type=asset.type, headers=headers)
