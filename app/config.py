"""Settings: ``EARMARK_*`` variables or a ``.env`` file, typed.

Nothing else in the program reads the environment, but for what libraries read themselves (``app.http.metrics``).
"""

import re
from email.utils import formataddr
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: how often a token may call the API where no setting says it
USUAL_RATE = "6000/minute"


def default_database_url() -> str:
    """A SQLite file in the user's data folder."""
    return f"sqlite:///{user_data_path('earmark', appauthor=False) / 'earmark.db'}"


class Settings(BaseSettings):
    """Every setting with its default; ``earmark --help`` names the ones an office changes."""

    model_config = SettingsConfigDict(env_prefix="EARMARK_", env_file=".env", extra="ignore", frozen=True)

    #: where everything is kept: ``sqlite:///FILE`` or ``postgresql+psycopg://USER@HOST/NAME``
    database_url: str = Field(default_factory=default_database_url)
    #: folder of refreshed codelists, lists of publishers and prefixes; what is not there comes with the program
    data_dir: Path = Field(default_factory=lambda: user_data_path("earmark", appauthor=False))
    #: the address under which people and registries reach this service; empty: links have the address that was asked
    public_url: str = ""
    #: connections kept to PostgreSQL by each process
    database_pool_size: int = Field(default=10, ge=1, le=200)
    #: PostgreSQL is reached through a pooler that gives each transaction any connection (PgBouncer, mode transaction)
    database_pooler: bool = False
    #: a standby of the same PostgreSQL database, from which reports, tables and exports are read; empty: there is none
    replica_url: str = ""
    #: seconds until the primary is read in place of a standby that is behind
    replica_patience: float = Field(default=2, ge=0, le=60)
    #: seconds that one statement of a request may take on PostgreSQL; 0: as long as it needs
    statement_seconds: float = Field(default=30, ge=0)
    #: the same for reports, tables and exports
    statement_seconds_aside: float = Field(default=300, ge=0)
    #: seconds a SQLite writer waits for another one
    database_busy_timeout: float = Field(default=30, gt=0)
    #: where traces go, such as http://collector:4318/v1/traces; empty: none are made
    otlp_endpoint: str = ""
    #: largest body a request may carry, in bytes
    max_body: int = Field(default=4 * 1024 * 1024, gt=0)
    #: largest table that is handed in with a browser or over HTTP, in bytes
    max_upload: int = Field(default=50 * 1024 * 1024, gt=0)
    #: largest file an import reads, in bytes
    max_import_file: int = Field(default=2 * 1024**3, gt=0)

    #: time zone of due dates and of the timetable
    timezone: str = "UTC"
    #: mail server for alerts; empty: no mail is sent and alerts wait in the outbox
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    #: starttls | tls | none
    smtp_security: str = Field(default="starttls", pattern="^(starttls|tls|none)$")
    smtp_timeout: float = Field(default=30, gt=0)
    mail_from: str = "earmark@localhost"
    #: address that receives signed webhooks for every alert; empty: none
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    #: webhooks to addresses of the own machine or network are refused unless this is set
    webhook_allow_private: bool = False
    webhook_timeout: float = Field(default=10, gt=0)

    #: register-your-data | ckan; empty: nothing is registered
    registry_kind: str = Field(default="", pattern="^(|register-your-data|ckan)$")
    #: address of the registry's interface, such as https://registry.example.org
    registry_url: str = ""
    #: address of the OpenID provider that signs in to Register Your Data, or of its discovery document
    registry_issuer: str = ""
    #: client | person: a program with a secret, or somebody who signed in with ``earmark registry sign-in``
    registry_sign_in: str = Field(default="client", pattern="^(client|person)$")
    registry_client_id: str = ""
    registry_client_secret: SecretStr = SecretStr("")
    #: what the provider wants to be asked for, where it does
    registry_audience: str = ""
    #: what the sign-in asks for; a provider that gives less can be asked for less
    registry_scopes: str = "ryd ryd:reporting_org ryd:dataset ryd:dataset:update ryd:dataset:delete"
    #: key of a user of a CKAN registry
    registry_key: SecretStr = SecretStr("")
    #: licence of datasets, such as cc-by; empty: what the registry has stays, new ones get the organisation's
    registry_licence: str = ""
    #: primary_source | secondary_source; empty: what the registry has stays, new ones are primary
    registry_source_type: str = Field(default="", pattern="^(|primary_source|secondary_source)$")
    #: remove | hide: what becomes of the entry of a dataset that is withdrawn
    registry_withdraw: str = Field(default="remove", pattern="^(remove|hide)$")
    #: address of the index of the registry's downloader; empty: whether a publication arrives is not looked at
    registry_index_url: str = ""
    #: registries and public addresses on the own machine or network are refused unless this is set
    registry_allow_private: bool = False
    registry_timeout: float = Field(default=30, gt=0)
    #: how people sign in to the pages, separated by commas: links, passwords, oidc (where an issuer is set)
    sign_in: str = Field(default="links,oidc", pattern="^((links|passwords|oidc)(,|$))*$")
    #: address of the OpenID provider through which people sign in; empty: there is none
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    #: basic | post: the secret goes into a header, or into what is sent
    oidc_client_auth: str = Field(default="basic", pattern="^(basic|post)$")
    oidc_scopes: str = "openid profile email"
    #: claim with the person's groups or roles; dots lead inwards. ``roles`` gives way to ``groups`` where it is absent
    oidc_roles_claim: str = "roles"
    #: claim with the person's unit; empty: administrators say which unit limits an officer
    oidc_unit_claim: str = ""
    #: file that says which groups make which role, and which unit
    oidc_mapping: Path | None = None
    #: a user made by hand becomes the account's by its verified mail address
    oidc_adopt_by_email: bool = False
    #: what the sign-in page calls the provider
    oidc_name: str = "your organisation's account"
    #: a provider on the own machine or network is refused unless this is set
    oidc_allow_private: bool = False
    #: seconds that an answer of the provider may take
    oidc_timeout: float = Field(default=10, gt=0, le=60)
    #: how often a token may call the API, such as 6000/minute; empty: as often as it likes
    api_rate: str = USUAL_RATE
    #: where calls are counted: in the memory of each process, or a store that all share, such as redis://localhost
    api_rate_store: str = "memory://"
    #: whether everybody may look through what is published, at /public
    public_pages: bool = True
    #: pages offer to be seen as other users of this database; for the demo only
    demo: bool = False

    #: folder with the bytes of releases, shared by all processes; empty: ``releases`` in the data folder
    release_store: Path | None = None
    #: whole | country | biennium: how a publisher's activities are split over files
    release_split: str = Field(default="whole", pattern="^(whole|country|biennium)$")
    #: largest published file, in MB; what is larger goes on in a further file
    release_max_mb: int = Field(default=20, ge=1, le=60)
    #: how names of datasets begin: the organisation's short name in its registry; empty: from its identifier
    release_publisher: str = Field(default="", pattern="^[a-z0-9_-]*$", max_length=60)
    #: processes that prepare a release: with 2, and a core for each, records are judged in one while the other renders
    release_jobs: int = Field(default=2, ge=1, le=2)
    #: daily | weekly (Mondays) | monthly (on the first): when a release is prepared by the timetable; empty: never
    release_schedule: str = Field(default="", pattern="^(|daily|weekly|monthly)$")
    #: whether a release of the timetable goes out without a person's approval
    release_unattended: bool = False
    #: days for which bytes of releases stay that were followed, withdrawn or never published
    release_keep_days: int = Field(default=365, ge=1)
    #: full years for which events of the audit trail stay in the database before they go into files; 0: for good
    audit_keep_years: int = Field(default=0, ge=0, le=100)
    #: days after which the texts of sent messages are forgotten, and not that they were sent; 0: never
    message_keep_days: int = Field(default=1095, ge=0)
    #: where published files go beside ``/iati/``: a folder, or s3://BUCKET/PREFIX; empty: nowhere
    public_files: str = ""
    #: the address under which that folder or bucket is public; empty: ``/iati`` of this service
    public_files_url: str = ""

    #: of a bucket: address of its server (empty: that of the cloud's owner), region and key
    bucket_endpoint: str = ""
    bucket_region: str = "us-east-1"
    bucket_key: str = ""
    bucket_secret: SecretStr = SecretStr("")

    @property
    def file_store(self) -> Path:
        """Where the bytes of releases are."""
        return self.release_store or self.data_dir / "releases"

    @property
    def files_address(self) -> str:
        """The address below which every dataset is public as ``NAME.xml``."""
        return self.public_files_url.rstrip("/") or f"{self.address}/iati"

    @property
    def address(self) -> str:
        """The address for links where nobody asked under any, as in mails: this machine when nothing else is set."""
        return self.public_url.rstrip("/") or "http://127.0.0.1:8000"

    @field_validator("*", mode="before")
    @classmethod
    def _without_line_breaks(cls, written: object) -> object:
        """A value as it was meant: what is read from a file of secrets often ends in a line break."""
        return written.strip() if isinstance(written, str) else written

    @field_validator("api_rate")
    @classmethod
    def _known_rate(cls, written: str) -> str:
        try:
            # the library is loaded for another rate alone: every command reads the settings
            if written not in ("", USUAL_RATE):
                from limits import parse

                parse(written)
        except ValueError as error:
            raise ValueError(f"{written!r} is no rate: write one such as 6000/minute, or nothing.") from error
        return written

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, sender: str) -> str:
        """The sender as mails need it: a name that holds a comma is put into quotation marks, letters are encoded."""
        name, begin, address = sender.strip().rpartition("<")
        address = address.removesuffix(">") if begin else sender.strip()
        local, _, host = address.strip().rpartition("@")
        if not local or not host or re.search(r"[\s<>,;\"()]", address.strip()) or re.search(r"[\r\n<>]", name):
            raise ValueError(f"{sender!r} names no sender: write Earmark <earmark@example.org>, or the address alone")
        if not local.isascii():
            raise ValueError(f"{sender!r} names no sender that every server takes: write plain letters before the @")
        try:
            plain = f"{local}@{host.encode('idna').decode('ascii')}"
        except UnicodeError as error:
            raise ValueError(f"{sender!r} names no sender: there can be no host {host}") from error
        return formataddr((_unquoted(name.strip()), plain)) if name.strip() else plain

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone: write one such as Africa/Nairobi.") from error
        return name


def _unquoted(name: str) -> str:
    """A name without the quotation marks around it; those within it stay, as in ``Office "Lima"``."""
    within = name[1:-1]
    if len(name) > 1 and name[0] == name[-1] == '"' and not re.match(r'(?:[^"\\]|\\.)*(?<=[^\s\\])"', within):
        name = within
    return re.sub(r"\\(.)", r"\1", name)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
