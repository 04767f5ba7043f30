"""``/assistance-types``."""

from app.db.spending import AssistanceType
from app.domain.access import Right
from app.http.nouns import Noun, set_by_key
from app.http.router import api_router
from app.spending import assistance
from app.spending.assistance import AssistanceTypeIn, AssistanceTypeOut, AssistanceTypePage
from app.spending.queries import ASSISTANCE_TYPES

assistance_types = api_router("/assistance-types", "transactions")

set_by_key(
    assistance_types,
    Noun(
        row=AssistanceType,
        listing=ASSISTANCE_TYPES,
        shown=AssistanceTypeOut,
        query=AssistanceTypePage,
        one="type of assistance",
        many="types of assistance",
        name="assistance_type",
        names="assistance_types",
        key="type_id",
        right=Right.ADMINISTER,
        archive=assistance.archive_assistance_type,
        restore=assistance.restore_assistance_type,
    ),
    AssistanceTypeIn,
    assistance.put_assistance_type,
    known="one of that code",
)
