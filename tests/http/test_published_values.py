"""What cannot be published is refused at the door at which it comes in."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from app.evaluations.schemas import EvaluationIn
from app.inputs import faults
from app.projects.schemas import ContactIn, DocumentIn

_EVALUATION = {
    "reference": "EV-1", "kind": "final", "independence": "independent", "projects": ["P"], "status": "planned",
}  # fmt: skip
_DOCUMENT = {"project": "P", "title": "Plan", "category": "A02", "format": "application/pdf"}
DOORS = [
    (EvaluationIn, "report_url", _EVALUATION),
    (EvaluationIn, "response_url", _EVALUATION),
    (DocumentIn, "url", _DOCUMENT),
    (ContactIn, "website", {}),
]


@pytest.mark.parametrize(
    "address", ["https://[tbd]", "https://[e.org/r.pdf", "https://e.org/a[1].pdf", "https://e.org/%"]
)
@pytest.mark.parametrize(("model", "field", "row"), DOORS)
def test_address_that_is_none_is_refused_with_what_to_write(
    model: type[BaseModel], field: str, row: dict[str, Any], address: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate({**row, field: address})
    (fault,) = faults(refused.value)
    assert fault.pointer == f"/{field}"
    assert fault.message.startswith(f"“{address}” cannot be published: write a web address such as")


@pytest.mark.parametrize(("model", "field", "row"), DOORS)
def test_address_is_taken_as_it_is(model: type[BaseModel], field: str, row: dict[str, Any]) -> None:
    address = "https://example.org/Évaluation(1).pdf?x=1#page=2"
    assert getattr(model.model_validate({**row, field: address}), field) == address
