"""What the public pages say of themselves to search engines: JSON-LD in the words of schema.org.

A block of data is no script: the policy of the pages lets it stand, and nothing of it runs.
"""

import json
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from app.publishing.releasing.queries import PublicRow
from app.web.views.public import Front, Shown

_LD = "https://schema.org"


def _block(told: Mapping[str, object]) -> Markup:
    """The element that holds it; no text of an activity can end the element."""
    text = json.dumps({"@context": _LD, **{name: value for name, value in told.items() if value}}, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(text))  # noqa: S704  escaped above


def of_front(view: Front, address: str) -> Markup:
    """The organisations whose activities are shown."""
    return _block({"@type": "Organization", "name": ", ".join(view.reporting), "url": f"{address}/public"})


def of_activity(view: Shown, address: str, language: str) -> Markup:
    """An activity as a project: what it is, whose, where, and with whose money."""
    found = view.activity
    return _block({
        "@type": "Project",
        "identifier": found.identifier,
        "name": view.title,
        "description": " ".join(view.descriptions),
        "inLanguage": language,
        "url": address,
        "foundingDate": found.starts.isoformat() if found.starts else None,
        "dissolutionDate": found.ends.isoformat() if found.ends else None,
        "parentOrganization": _organisation(view.reporting),
        "funder": [_organisation(name) for name in view.funders],
        "areaServed": [each.name for each in view.countries],
        "keywords": [each.name for each in view.sectors],
    })  # fmt: skip


def of_data(files: Sequence[PublicRow], title: str, description: str, address: str) -> Markup:
    """The published files as one set of data."""
    if not files:
        return Markup("")
    return _block({
        "@type": "Dataset",
        "name": title,
        "description": description,
        "url": f"{address}/public/data",
        "isAccessibleForFree": True,
        "dateModified": max(row.changed_at for row in files).date().isoformat(),
        "distribution": [
            *(_file(f"{address}/iati/{row.dataset}.xml", "application/xml") for row in files),
            _file(f"{address}/public/data/activities.csv", "text/csv"),
        ],
    })  # fmt: skip


def _organisation(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name}


def _file(address: str, kind: str) -> dict[str, str]:
    return {"@type": "DataDownload", "contentUrl": address, "encodingFormat": kind}
