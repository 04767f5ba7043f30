import pytest

from app.domain.ledger import TransactionType


@pytest.mark.parametrize("kind", list(TransactionType))
def test_a_type_is_read_from_its_code_and_from_its_name(kind: TransactionType) -> None:
    assert TransactionType.read(kind.value) is kind
    assert TransactionType.read(f" {kind.written.upper()} ") is kind


def test_names_are_in_kebab_case() -> None:
    assert TransactionType("11").written == "incoming-commitment"


@pytest.mark.parametrize("text", ["", "0", "14", "gift"])
def test_an_unknown_type_is_refused_with_those_that_are_known(text: str) -> None:
    with pytest.raises(ValueError, match="incoming-funds"):
        TransactionType.read(text)
