"""``/result-records``."""

from app.db.records import ResultRecord
from app.http.nouns import Noun, set_by_key
from app.http.router import api_router
from app.results import records as service
from app.results.queries_records import RECORDS, with_projects
from app.results.records import ResultRecordIn, ResultRecordOut, ResultRecordPage

records = api_router("/result-records", "results")

set_by_key(
    records,
    Noun(
        row=ResultRecord,
        listing=RECORDS,
        shown=ResultRecordOut,
        query=ResultRecordPage,
        one="result on record",
        many="results on record",
        name="result_record",
        names="result_records",
        key="record_id",
        archive=service.archive_record,
        restore=service.restore_record,
        complete=with_projects,
    ),
    ResultRecordIn,
    service.put_record,
    known="one of that reference",
)
