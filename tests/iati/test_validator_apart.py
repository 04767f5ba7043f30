"""What the rules say about one record is kept as text, and says the same when it is read again."""

from hypothesis import given
from hypothesis import strategies as st

from iati.validator.apart import Judged

SEVERITY = st.sampled_from(["critical", "error", "warning", "advisory"])
TEXT = st.text(max_size=12) | st.sampled_from(['"critical"', "critical", '\\"critical\\"', '","critical","'])
JUDGED = st.builds(
    Judged,
    findings=st.lists(st.tuples(TEXT, SEVERITY, TEXT, TEXT, st.integers(1, 9)), max_size=3),
    references=st.lists(st.tuples(TEXT, SEVERITY, TEXT, TEXT, TEXT), max_size=2),
    identifiers=st.lists(TEXT, max_size=2),
    former=st.lists(TEXT, max_size=2),
    until=st.none(),
)


def _plain(judged: Judged) -> list[list[object]]:
    return [list(map(tuple, judged.findings)), list(map(tuple, judged.references)), *map(list, judged[2:4])]


@given(st.lists(JUDGED, max_size=4))
def test_what_is_said_of_many_records_is_read_at_once_as_one_by_one(several: list[Judged]) -> None:
    texts = [judged.as_text() for judged in several]
    assert list(map(_plain, Judged.from_texts(texts))) == list(map(_plain, several))
    assert [_plain(Judged.from_text(text)) for text in texts] == list(map(_plain, several))


@given(JUDGED)
def test_what_forbids_a_record_is_never_overlooked(judged: Judged) -> None:
    if judged.critical:
        assert Judged.may_forbid(judged.as_text())


def test_words_about_what_is_critical_forbid_nothing() -> None:
    said = [("1.1.1", "warning", "", 'the code "critical" is not on the list', 2)]
    judged = Judged(findings=said, references=[], identifiers=["A"], former=[], until=None)
    assert not Judged.may_forbid(judged.as_text())
