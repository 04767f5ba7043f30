"""``/books``: until when the books are closed."""

from fastapi import Response
from pydantic_core import to_json

from app.db.lookups import the_setup
from app.http.access import Administrator
from app.http.router import LOOKS, api_router
from app.http.sessions import Reading, Today, Writing
from app.organisation import books as service
from app.organisation.schemas import BooksOut, BooksSaid

books = api_router("/books", "books")


@books.get("", summary="Show until when the books are closed", response_model=BooksOut)
def get_books(session: Reading) -> Response:
    return _shown(BooksOut(closed_until=the_setup(session).closed_until))


@books.put("", summary="Close the books, or open them again", response_model=BooksOut, responses=LOOKS)
def set_books(body: BooksSaid, actor: Administrator, today: Today, session: Writing) -> Response:
    """What is dated on or before the day is neither posted nor changed; opening it again needs a reason."""
    setup = service.set_books(session, actor, body, today=today)
    return _shown(BooksOut(closed_until=setup.closed_until))


def _shown(books_: BooksOut) -> Response:
    return Response(to_json(books_.model_dump()), media_type="application/json")
