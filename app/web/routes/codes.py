"""``/codes/{name}``: a codelist to look a code up in."""

from starlette.responses import Response

from app.errors import NotFound
from app.web.offers import known_list, options_of
from app.web.page import PageReading, page_router

router = page_router()


@router.get("/codes/{name}")
def codes(page: PageReading, name: str) -> Response:
    if not known_list(name):
        raise NotFound(f"There is no list {name}.")
    text = page.request.query_params.get("q", "").strip().casefold()
    found = [
        option
        for option in options_of(page.session, name, page.words)
        if text in option.value.casefold() or text in option.label.casefold()
    ]
    return page.show("codes.html", title=page.t("Look up codes"), name=name, found=found[:500], count=len(found))
