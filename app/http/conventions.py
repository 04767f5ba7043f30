"""What holds for the whole API and is said of every operation: tags, headers of answers, an example of each body."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

#: a part of the description
Described: TypeAlias = "dict[str, Described] | list[Described] | str | int | float | bool | None"
Part: TypeAlias = dict[str, Described]

#: heading of the description → what stands below it
TAGS: Mapping[str, str] = {
    "partners": "Organisations that fund, with screening and checks on protection from abuse.",
    "organisations": "Every organisation that a record names: its identifiers, names and type.",
    "agreements": "What partners give: terms, amendments, parts for projects, instalments, duties.",
    "evaluations": "Evaluations planned, under way and done, with scope, team, budget and ratings.",
    "lessons": "What evaluations and projects learned, for those who plan the next one.",
    "risks": "Registers of risk of projects and units: likelihood, impact, response, review.",
    "recommendations": "What evaluations recommended, the response of management, and what is done about it.",
    "obligations": "Evaluations that projects owe, with the reason and the state today; waivers and moved dates.",
    "policies": "The rules that say which evaluations are owed, as dated documents.",
    "alerts": "What was told about duties, and what people did about it.",
    "calendar feeds": "Secret addresses under which calendar programs read due dates.",
    "units and officers": "Responsible units, and the people who are named on projects.",
    "users and tokens": "Who may use the service, and the tokens of programs.",
    "users": "Who is calling, and what the caller may do.",
    "audit trail": "Who changed what, when, from what to what.",
    "projects": "Projects, pools and programmes, with decisions over time and what hangs below them.",
    "documents": "Documents of projects, of evaluations and of the organisation.",
    "codelists": "The lists of the standard, to look codes up.",
    "registry": "What registries know of the published files.",
    "releases": "Published files: prepared, compared, approved, published, withdrawn; what is kept back.",
    "allocations": "Money set aside for projects, decision by decision.",
    "transactions": "The ledger: posted rows, and rows that correct them.",
    "encumbrances": "Money reserved or advanced, which is not spent.",
    "rates": "Rates of exchange, from a day on.",
    "books": "Until when the books are closed.",
    "institutional budgets": "The budget of the organisation itself, as its organisation file tells it.",
    "delivery targets": "What units and officers are to deliver in a period.",
    "indicator targets": "What is aimed at for the indicators of earmarking in a period.",
    "delivery notes": "Why a project spends too slowly, and what is done about it.",
    "delivery statements": "The delivery of months and years, frozen as it was known.",
    "results": "Results, indicators and periods of projects, and the results framework.",
    "reports": "Figures with their definition, their day and the rates they rest on; as JSON, CSV or XLSX.",
    "health": "Whether the service runs, and what is missing.",
    "tables": "Every table as it goes in, and flat tables for analysts.",
    "digests": "Mails that people may do without.",
    "published": "What is published, for everybody, without a token.",
}

#: operation → an example of its body, where fields depend on one another
_POLICY = (
    "policy: our-policy\ntitle: Our evaluation policy\nsource: Adopted by the board\nconfidence: stated\n"
    "rules:\n  - id: final\n    require: {kind: final, independence: internal}\n    source: section 3\n"
    "    confidence: stated\n"
)
BODIES: Mapping[str, Part] = {
    "create_agreement": {
        "reference": "NLD-2026-WAGES", "partner": "NLD", "title": "Living wage methods", "preset": "project",
        "status": "signed", "signed_on": "2026-03-31", "currency": "EUR", "amount": "400000",
    },
    "create_evaluation": {
        "reference": "EV-2027-001", "kind": "final", "independence": "independent", "projects": ["GLO/21/01/PAG"],
        "status": "planned", "planned_start": "2026-10-01", "planned_end": "2027-01-31",
    },
    "create_risk": {
        "reference": "RSK-2026-014", "project": "RAF/26/01/NLD", "cause": "Elections are called early",
        "event": "Ministries sign nothing for half a year", "consequence": "Training begins a year late",
        "likelihood": 3, "impact": 4, "opened_on": "2026-02-02", "review_on": "2026-08-01",
    },
    "set_result_record": {
        "reference": "R-2026-KEN-01", "framework": "2026-27", "indicator": "1.1.2", "year": "2026", "country": "KE",
        "sentence": "The inspectorate adopted a plan of its own.",
    },
    "create_contact": {"type": "1", "person": "Amina Otieno", "email": "office@example.org"},
    "update_agreement": {"title": "Living wage methods and indices"},
    "create_amendment": {"decided_on": "2026-03-31", "reason": "Second phase agreed", "amount": "600000"},
    "set_repurposing": {
        "decided_on": "2026-03-31", "reason": "The flood made relief more urgent", "consent": "pending",
        "earmarked_for": "Relief after the flood",
    },
    "set_report_schedule": {"kind": "substantive", "first_due": "2027-03-31"},
    "update_preset": {"wording": "lightly earmarked"},
    "create_policy": {"document": _POLICY},
    "check_policy": {"document": _POLICY},
    "compare_policy": {"document": _POLICY, "most": 1000},
    "snooze_alert": {"until": "2126-03-31"},
    "update_project": {"title": "Decent work in cocoa supply chains"},
    "approve_release": {"accept": "all", "reason": "The project was published by mistake"},
    "create_recommendation": {
        "reference": "EV-2027-001-R1", "evaluation": "EV-2027-001", "text": "Agree a plan for handing the tools over.",
    },
    "set_framework_tag": {"framework": "2026-27", "code": "1.1", "project": "RAF/20/50/NLD"},
    "create_transaction": {
        "document": "EX-2026-0017", "project": "RAF/20/50/NLD", "type": "expenditure", "date": "2026-03-31",
        "amount": "12500.50", "currency": "USD",
    },
}  # fmt: skip

_TEXT: Described = {"type": "string"}
_NUMBER: Described = {"type": "integer", "minimum": 0}


def _header(meaning: str, schema: Described = _TEXT) -> Described:
    return {"description": meaning, "schema": schema}


_REQUEST_ID = {"X-Request-ID": _header("stands in the log beside what happened; yours, when you sent one")}
_RATE = {
    "RateLimit-Limit": _header("calls that a token has in a window of time", _NUMBER),
    "RateLimit-Remaining": _header("calls that are left of them", _NUMBER),
    "RateLimit-Reset": _header("seconds until all are there again", _NUMBER),
}
_ETAG = {"ETag": _header("the version of what is shown: for If-Match to change it, for If-None-Match to ask again")}
_LINK = {"Link": _header("ways to other pages of the list (RFC 8288): first, prev and next")}
_LOCATION = {"Location": _header("the address of what was made")}
_WAIT = {"Retry-After": _header("seconds to wait", _NUMBER)}
_REPLAYED = {"Idempotency-Replayed": _header("true when this is the answer to an earlier call with the same key")}


def complete(description: Part) -> None:
    """Adds to every operation below the API what its answers carry, and an example of its body."""
    _name_apart(description)
    schemas = _part(_part(description, "components"), "schemas")
    for path, methods in _items(_part(description, "paths")):
        for method, operation in _items(methods):
            if path.startswith("/api/"):
                _tell_headers(method, operation, schemas)
            _give_example(operation, schemas)


def _name_apart(description: Part) -> None:
    """Schemas of one name in two modules are called by their module too, in words that programs make classes of."""
    schemas = _part(_part(description, "components"), "schemas")
    names = {old: _spoken(old) for old in schemas if "__" in old}
    for old, new in names.items():
        schema = _part(schemas, old)
        schemas[new] = {**schema, "title": new}
        del schemas[old]
    _lead(description, {f"#/components/schemas/{old}": f"#/components/schemas/{new}" for old, new in names.items()})


def _spoken(name: str) -> str:
    """``app__funding__schemas__ShareIn`` is FundingShareIn."""
    _, *modules, last = name.split("__")
    return "".join(each.capitalize() for each in modules if each not in _ROOMS) + last


#: modules whose names say nothing about what is in them
_ROOMS = frozenset({"schemas", "answers", "routes", "http"})


def _lead(found: Described, changed: Mapping[str, str]) -> None:
    """References follow the schemas to their new names."""
    if isinstance(found, dict):
        there = found.get("$ref")
        if isinstance(there, str) and there in changed:
            found["$ref"] = changed[there]
        for each in found.values():
            _lead(each, changed)
    elif isinstance(found, list):
        for each in found:
            _lead(each, changed)


def _tell_headers(method: str, operation: Part, schemas: Part) -> None:
    responses = _part(operation, "responses")
    names = {str(each.get("name")) for each in _parts(operation.get("parameters"))}
    for status, response in _items(responses):
        headers: Part = {**_REQUEST_ID, **_RATE}
        if status in ("200", "201") and ("304" in responses or "If-Match" in names or status == "201"):
            headers |= _ETAG
        if status == "200" and _is_list(response, schemas):
            headers |= _LINK
        if status == "201":
            headers |= _LOCATION
        if status in ("200", "201") and method == "post" and "Idempotency-Key" in names:
            headers |= _REPLAYED
        if status == "304":
            headers |= _ETAG
        if status == "429":
            headers |= _WAIT
        response["headers"] = {**headers, **_part(response, "headers")}


def _is_list(response: Part, schemas: Part) -> bool:
    schema = _schema(_part(_part(response, "content"), "application/json"))
    return {"items", "next"} <= _properties(schema, schemas).keys()


def _give_example(operation: Part, schemas: Part) -> None:
    """An example made of those of the fields: all that are required, or the first one where none is."""
    body = _part(_part(_part(operation, "requestBody"), "content"), "application/json")
    if "schema" in body and "example" not in body and "examples" not in body:
        found = BODIES.get(str(operation.get("operationId"))) or example(_part(body, "schema"), schemas)
        if found:
            body["example"] = found


def example(schema: Part, schemas: Part) -> Described:
    """An example of a schema; None where its fields tell none."""
    schema = _resolved(schema, schemas)
    given = schema.get("examples")
    if isinstance(given, list) and given:
        return given[0]
    for name in ("default", "const"):
        if schema.get(name) is not None:
            return schema[name]
    for name in ("anyOf", "oneOf", "allOf"):
        for choice in _parts(schema.get(name)):
            if (found := example(choice, schemas)) is not None:
                return found
    if isinstance(words := schema.get("enum"), list) and words:
        return words[0]
    match schema.get("type"):
        case "array":
            item = example(_part(schema, "items"), schemas)
            return [] if item is None else [item]
        case "object":
            return _object(schema, schemas)
        case "boolean":
            return True
        case "integer" | "number":
            least = schema.get("minimum")
            return least if isinstance(least, int) else 1
    return {"date": "2026-03-31", "date-time": "2026-03-31T12:00:00Z"}.get(str(schema.get("format")))


def _object(schema: Part, schemas: Part) -> Part:
    properties, required = _part(schema, "properties"), schema.get("required")
    needed = [str(name) for name in required] if isinstance(required, list) else []
    for name in needed or list(properties):
        found = example(_part(properties, name), schemas)
        if found is not None and not needed:
            return {name: found}
    return {name: example(_part(properties, name), schemas) or "text" for name in needed}


def _schema(content: Part) -> Part:
    return _part(content, "schema")


def _resolved(schema: Part, schemas: Part) -> Part:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return (
        {**_part(schemas, name), **{key: value for key, value in schema.items() if key != "$ref"}} if name else schema
    )


def _properties(schema: Part, schemas: Part) -> Part:
    return _part(_resolved(schema, schemas), "properties")


def _part(parent: Part, name: str) -> Part:
    """An object in the description, as it stands there; an empty one where there is none."""
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _items(parent: Part) -> Iterator[tuple[str, Part]]:
    return ((name, found) for name, found in parent.items() if isinstance(found, dict))


def _parts(found: Described) -> Iterator[Part]:
    return (each for each in found if isinstance(each, dict)) if isinstance(found, list) else iter(())
