"""The root address: one's work for whoever is signed in, else what this is; to programs as JSON."""

from fastapi import Request
from starlette.responses import Response

from app.http import root
from app.http.sessions import Address
from app.web import showing
from app.web.page import page_router
from app.web.session import SessionEnded, visitor_of

router = page_router()


@router.get("/")
def home(request: Request, address: Address) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return root.as_json(address)
    try:
        with request.app.state.database.read() as session:
            request.state.visitor = visitor_of(request, session)
    except SessionEnded:
        shown = showing.show(request, "start.html", {"listed": root.parts(address)})
        shown.headers["Vary"] = "Accept, Cookie"
        return shown
    return showing.show(request, "work.html", {})
