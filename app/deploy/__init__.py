"""Files for those who run Earmark on machines of their own, printed by ``earmark deploy NAME``.

Each is used as it is by a test; what an office changes stands at its top.
"""

from dataclasses import dataclass
from importlib.resources import files

from app.errors import NotFound


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One of the files."""

    name: str
    #: where it usually goes
    place: str
    purpose: str


FILES = (
    File(name="systemd-web", place="/etc/systemd/system/earmark-web.service", purpose="unit of the service"),
    File(name="systemd-jobs", place="/etc/systemd/system/earmark-jobs.service", purpose="unit of the timetable"),
    File(name="compose", place="compose.yaml", purpose="service, timetable and PostgreSQL as containers"),
    File(name="containerfile", place="Containerfile", purpose="the image that the containers are made from"),
    File(name="nginx", place="/etc/nginx/conf.d/earmark.conf", purpose="the proxy in front: HTTPS, several processes"),
    File(name="pgbouncer", place="/etc/pgbouncer/pgbouncer.ini", purpose="the pooler before PostgreSQL"),
    File(name="postgresql", place="roles.sql", purpose="roles of PostgreSQL: owner, service, analysts"),
    File(name="prometheus", place="/etc/prometheus/rules/earmark.yml", purpose="ten alerts for whoever runs it"),
)  # fmt: skip

_ENDINGS = {
    "systemd-web": "service", "systemd-jobs": "service", "compose": "yaml", "containerfile": "txt", "nginx": "conf",
    "pgbouncer": "ini", "postgresql": "sql", "prometheus": "yml",
}  # fmt: skip


def text_of(name: str) -> str:
    """The text of a file.

    :raises NotFound: when there is none of that name.
    """
    if name not in _ENDINGS:
        raise NotFound(f"There is no file {name!r}; these are there: {', '.join(_ENDINGS)}.")
    return files("app.deploy").joinpath(f"{name}.{_ENDINGS[name]}").read_text(encoding="utf-8")
