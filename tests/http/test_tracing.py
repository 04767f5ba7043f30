"""One id leads from the proxy through log and trace to the message that another process sends."""

import datetime as dt
import json
import logging
import subprocess
import sys

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app import tracing
from app.http.logs import JsonLines
from app.jobs.runner import Job, run_job
from app.outbox.deliver import deliver
from app.outbox.notices import Notice, put
from app.work import Result, Work
from tests.api import Api

TRACE, ABOVE = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_what_comes_of_a_request_or_a_job_tells_its_id(light_api: Api, caplog: pytest.LogCaptureFixture) -> None:
    settings = light_api.settings.model_copy(
        update={"webhook_url": "https://hook.example.org/", "webhook_allow_private": True}
    )

    def notify(work: Work) -> Result:
        notice = Notice(event="told", key="1", subject="News", opening="There is news.", lines=())
        with work.database.write("tests") as session:
            put(session, settings, notice, [])
        return Result()

    exporter = InMemorySpanExporter()
    provider = tracing.send_to(exporter, role="tests")
    try:
        with caplog.at_level(logging.INFO):
            headers = {"X-Request-Id": "from-the-proxy", "traceparent": f"00-{TRACE}-{ABOVE}-01"}
            assert light_api.client().get("/projects", headers=headers).headers["x-request-id"] == "from-the-proxy"
            job = Job(name="news", purpose="tell", run=notify, schedule=None)
            run = run_job(light_api.database, settings, job, dt.date(2026, 11, 20)).run
            taken = httpx.MockTransport(lambda _: httpx.Response(204))
            assert deliver(light_api.database, settings, transport=taken).sent == 1
    finally:
        provider.force_flush()
        tracing.stop(provider)
    spans = {span.name: span for span in exporter.get_finished_spans()}
    told = {name: dict(span.attributes or {}) for name, span in spans.items()}
    assert format(spans["request"].context.trace_id, "032x") == TRACE
    assert told["request"] | {"earmark.route": "/api/v1/projects", "earmark.status": 200} == told["request"]
    assert told["request"]["earmark.cause"] == "from-the-proxy"
    assert told["job news"]["earmark.cause"] == f"news-{run}"
    assert told["send webhook"]["earmark.asked_for_by"] == f"news-{run}"
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert "from-the-proxy" in {line.get("request_id") for line in lines}
    assert any(line["message"].endswith(f"is sent, asked for by news-{run}") for line in lines)
    # and where nobody takes traces nothing of it is loaded
    loaded = "import app.tracing, sys; sys.exit('opentelemetry.sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
