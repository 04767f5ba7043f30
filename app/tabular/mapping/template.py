"""A mapping file to begin with: every key there is, explained, for one kind of table."""

from app.tabular.kinds import Kind

_HEAD = """\
# How a file of another system becomes the table “{kind}”. Change what stands here; lines behind # are explanations.
# Everything is text: 0010 stays 0010. Names of columns are written as they stand in the header of your file.

kind: {kind}
# the system or report that such files come from: each file is compared with the last one of the same source
source: finance-system

# How the file is written. What is left out is told from the file, or asked back; options of the command line win.
file:
  # encoding: windows-1252      # or utf-16, latin-1, …; UTF-8 is read without a word
  # separator: ";"              # or , tab |
  decimal: ","
  grouping: "."                 # or , space ' none
  dates: dmy                    # or iso mdy ymd serial
  # sheet: Journal              # of a workbook
  # header_row: 4               # titles above the names of the columns are passed over by themselves
  # hidden_rows: skip           # or read: rows that a workbook hides

# Our column: where it comes from. Required here: {required}.
columns:
"""
_TAIL = """\

# What is the same in every row.
constants:
  # currency: USD

# Rows that are no rows: subtotals, carried forward, what another system owns. How many were left out is told.
skip:
  - column: Text
    begins: [Total, Subtotal]
  - all:                        # several conditions, all of which must hold
      - {column: Status, is: parked}
      - {column: Text, contains: test}
  # - {column: Voucher, is: ""}           # an empty cell
  # - {column: Ledger, is_not: [L1, L2]}

# What a column can say beside its name:
#   columns: [Journal, Line]    several columns make the value …
#   joined_by: "-"              … with this between them
#   part: {of: "/", number: 2}  the second part of A/B/C
#   characters: 3-8             from the third to the eighth character
#   remove_prefix: "P-"         remove_suffix: ".0"
#   replace: {".": "/"}
#   pad: 6                      zeros on the left, up to six characters; without it lost zeros are asked back
#   prefix: "RAF/"              suffix: "-06-30"
#   times: 1000                 the file counts in thousands
#   values: {KR: expenditure}   their code: ours
#   others: refuse              codes that are not among the values: refuse, keep, empty, or skip the row
#   when_empty: USD
# and amount:
#   debit: Debit                credit: Credit
#   minus: {column: D/C, values: [C, H]}    which amounts are negative; 12,50- and (12,50) are read as well
#   reversed: true              the file counts the other way round …
#   reversed_for: [incoming-funds]          … or does so for these types
"""
#: what an example of another system's file calls our columns
_THEIRS = {
    "document": "[Journal, Line]",
    "project": "Cost object",
    "date": "Posting date",
    "amount": "\n    debit: Debit\n    credit: Credit",
    "currency": "Curr.",
    "type": "\n    column: Type\n    values: {KR: expenditure, SA: expenditure, DZ: incoming-funds}",
    "kind": "\n    column: Type\n    values: {OB: encumbrance, AD: advance}",
    "description": "Text",
    "agreement": "Grant",
    "provider": "Customer",
    "receiver": "Vendor",
    "effective_on": "Valid from",
    "rate": "Rate",
}
_CODED = (("type", "transactions"), ("kind", "encumbrances"))
#: columns whose type has no signs
_UNSIGNED = ("encumbrances",)


def template(kind: Kind) -> str:
    """A commented mapping for tables of ``kind``; it is one that can be read."""
    required = ", ".join(name for name in kind.model.model_fields if name in kind.required)
    lines = [_HEAD.format(kind=kind.name, required=required)]
    for name, field in kind.model.model_fields.items():
        if name == kind.further:
            continue
        theirs = _THEIRS.get(name, name.replace("_", " ").capitalize())
        if name == "amount" and (kind.name in _UNSIGNED or "type" not in kind.model.model_fields):
            theirs = "Amount"
        if (name, kind.name) not in _CODED and name in ("kind", "type"):
            theirs = name.capitalize()
        meaning = (field.description or "").partition(";")[0]
        wanted = field.is_required() or name in _THEIRS
        mark = "" if wanted else "# "
        first, *below = theirs.split("\n")
        lines.append(f"  {mark}{name}:{f' {first}' if first else ''}".ljust(34) + f"# {meaning}\n")
        lines += [f"{line}\n" for line in below]
    return "".join([*lines, _TAIL])
