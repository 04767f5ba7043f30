"""``/framework-agreements``."""

from app.db.funding import FrameworkAgreement
from app.funding import frameworks as service
from app.funding.frameworks import FrameworkAgreementIn, FrameworkAgreementOut, FrameworkAgreementPage
from app.funding.queries_frameworks import FRAMEWORKS
from app.http.nouns import Noun, set_by_key
from app.http.router import api_router

frameworks = api_router("/framework-agreements", "agreements")

set_by_key(
    frameworks,
    Noun(
        row=FrameworkAgreement,
        listing=FRAMEWORKS,
        shown=FrameworkAgreementOut,
        query=FrameworkAgreementPage,
        one="framework agreement",
        many="framework agreements",
        name="framework_agreement",
        names="framework_agreements",
        key="framework_id",
        archive=service.archive_framework_agreement,
        restore=service.restore_framework_agreement,
    ),
    FrameworkAgreementIn,
    service.put_framework_agreement,
    known="one of that code",
)
