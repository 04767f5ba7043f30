"""Books are closed and opened by command, and files are refused what lies in a closed period."""

from tests.cli.program import Program


def test_books_are_closed_and_opened_by_command(office: Program) -> None:
    assert "open" in office.inside("books", "show").err
    office.inside("books", "close", "2025-12-31")
    assert office.inside("books", "show").text == "2025-12-31\n"
    late = office.write(
        "late.csv",
        "document,project,type,date,amount,currency",
        "D-8,GLO/24/01/NLD,4,2025-12-31,5,USD",
        "D-9,GLO/24/01/NLD,4,2026-01-01,5,USD",
        "D-1,GLO/24/01/NLD,4,2025-03-01,260.5,USD",
    )
    refused = office.inside("import", "csv", "transactions", late, "--row-wise", status=1)
    assert refused.text.count("The books are closed until 2025-12-31") == 2
    assert "1 created" in refused.text
    bound = office.write("bound.csv", "document,project,date,amount,currency", "E-1,GLO/24/01/NLD,2025-12-30,5,USD")
    assert "The books are closed" in office.inside("import", "csv", "encumbrances", bound, status=1).text
    office.inside("books", "open", "2025-11-30", status=2)
    office.inside("books", "open", "2025-11-30", "--reason", "Late voucher")
    assert office.inside("books", "show").text == "2025-11-30\n"
    office.inside("import", "csv", "encumbrances", bound)
    told = office.inside("books", "open", "2025-12-31", "--reason", "Late voucher", status=1)
    assert "The books are closed until 2025-11-30: `earmark books close 2025-12-31` closes them further." in told.err
    assert office.inside("books", "show").text == "2025-11-30\n"
