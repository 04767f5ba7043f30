"""Messages as mail: text and HTML, filed as one conversation, with a way out; and the way to the mail server."""

import datetime as dt
import smtplib
import ssl
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from types import TracebackType
from typing import Self

from app.config import Settings
from app.http import outbound
from app.language.i18n import USUAL, words
from app.language.marking import mark
from app.outbox.templating import line, templates
from app.outbox.transport import Outgoing, Refused, Unavailable, number_of

#: characters of a line that mail servers take, the end of the line aside
_LONGEST_LINE = 990


class _AsWritten(EmailPolicy):
    """Takes headers of plain characters as they are written; others are encoded, or refused, as ever.

    The library reads every header by the grammar of its kind, several times over, which takes longer than sending.
    """

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        if value.isascii() and value.isprintable() and len(name) + len(value) < _LONGEST_LINE:
            return name, value
        return super().header_store_parse(name, value)

    def header_max_count(self, _name: str) -> int | None:
        # the library makes a class for each header to look how often it may stand; here each stands once
        return None

    def header_fetch_parse(self, _name: str, value: str) -> str:
        return value


# what is long and plain stays on one line: to fold it takes as long as all else
_AS_WRITTEN = _AsWritten(refold_source="none")

#: the code with which a server closes the line
_CLOSES = 421


#: what introduces the lines of each purpose, in the order in which they are told
_OPENINGS = {
    "escalation": mark(
        "Nothing has happened so far about these alerts of your unit. Officers can acknowledge or snooze them; a "
        "reschedule or a waiver needs a reason and an approver."
    ),
    "reminder": mark("You asked to be reminded of this."),
    "digest": mark("This is what your projects and their agreements ask for now."),
}


def compose(message: Outgoing, settings: Settings) -> EmailMessage:
    """The mail of a message in the outbox: the same, byte for byte, however often it is sent."""
    mail = EmailMessage(policy=_AS_WRITTEN)
    host = message.message_id.strip("<>").rpartition("@")[2]
    mail["Message-ID"] = message.message_id
    mail["Date"] = format_datetime(message.composed_at)
    mail["From"] = settings.mail_from
    mail["To"] = message.recipient
    mail["Subject"] = line(message.subject)
    if message.thread:
        root = f"<thread-{message.thread}@{host}>"
        mail["In-Reply-To"] = root
        mail["References"] = root
    mail["Auto-Submitted"] = "auto-generated"
    unsubscribe = ""
    if "notice" in message.payload:
        if message.payload.get("ends") is not None:
            unsubscribe = _way_out(mail, message, settings)
        return _filled(mail, message, "notice", {**message.payload, "unsubscribe": unsubscribe})
    lines = message.payload["lines"]
    if not isinstance(lines, list):
        raise TypeError(f"the mail {message.id} has no list of lines")
    sections = _sections(lines, _language(message))
    if any(section["purpose"] != "escalation" for section in sections):
        unsubscribe = _way_out(mail, message, settings)
    filling = {**message.payload, "sections": sections, "unsubscribe": unsubscribe}
    return _filled(mail, message, "mail", filling)


def _way_out(mail: EmailMessage, message: Outgoing, settings: Settings) -> str:
    """Tells mail programs, and gives, the address at which whoever got the mail ends what it belongs to."""
    address = unsubscribe_url(message.message_id, settings)
    mail["List-Unsubscribe"] = f"<{address}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return address


def _filled(mail: EmailMessage, message: Outgoing, template: str, filling: Mapping[str, object]) -> EmailMessage:
    """The mail with its text and its page."""
    found = templates("app.outbox", _language(message))
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = f'multipart/alternative; boundary="=_{message.number}"'
    for subtype, ending in (("plain", "txt"), ("html", "html")):
        mail.attach(_part(found.get_template(f"{template}.{ending}").render(filling), subtype))
    return mail


def _part(text: str, subtype: str) -> EmailMessage:
    """A text of a mail, in characters that every server takes; what the library would make, in a fifth of its time."""
    part = EmailMessage(policy=_AS_WRITTEN)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(text.encode()).decode("ascii"))
    return part


def _language(message: Outgoing) -> str:
    """The language that it was composed in; those of earlier versions are English."""
    return str(message.payload.get("language", USUAL))


def _sections(lines: Sequence[Mapping[str, object]], language: str) -> list[dict[str, object]]:
    """The lines by purpose, each with its opening."""
    found: list[dict[str, object]] = []
    for purpose, opening in _OPENINGS.items():
        mine = [each for each in lines if each["purpose"] == purpose]
        if mine:
            found.append({"purpose": purpose, "opening": words(language).gettext(opening), "lines": mine})
    return found


def unsubscribe_url(message_id: str, settings: Settings) -> str:
    """Where whoever got the message can end the digests: its id is known to nobody else."""
    return f"{settings.address}/unsubscribe/{number_of(message_id)}"


class MailServer:
    """The way to the mail server: one connection for many messages, opened when the first one goes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, message: Outgoing, _now: dt.datetime) -> None:
        """Hands a message over.

        :raises Refused: when the server will not take it, now or later.
        :raises Unavailable: when it may be tried again later.
        """
        mail = compose(message, self.settings)
        connection = self._open()
        try:
            connection.send_message(mail, parseaddr(self.settings.mail_from)[1], [message.recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = error.recipients[message.recipient]
            raise self._verdict(code, reason) from error
        except smtplib.SMTPSenderRefused as error:
            self._close()
            raise Unavailable(f"the server refuses the sender: {_words(error.smtp_error)}") from error
        except (smtplib.SMTPDataError, smtplib.SMTPHeloError) as error:
            raise self._verdict(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"the server cannot take this address or text: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            # the line broke: whether the message went through is not known, so that it goes again as it was
            self._connection = None
            connection.close()
            raise Unavailable(f"the line to the mail server broke: {error}", may_have_arrived=True) from error

    def _verdict(self, code: int, reason: bytes | str) -> Refused | Unavailable:
        """What a server's code says: 5xx is final, 4xx is not; with 421 it closes, and takes nothing from anybody."""
        words = f"the mail server answered {code} {_words(reason)}"
        if code == _CLOSES:
            self._close()
        return Refused(words) if code >= 500 else Unavailable(words, whole_channel=code == _CLOSES)

    def _open(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        chosen = self.settings
        host, port, seconds = chosen.smtp_host, chosen.smtp_port, chosen.smtp_timeout
        try:
            if chosen.smtp_security == "tls":
                context = ssl.create_default_context()
                connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=seconds, context=context)
            else:
                connection = smtplib.SMTP(host, port, timeout=seconds)
            try:
                if chosen.smtp_security == "starttls":
                    connection.starttls(context=ssl.create_default_context())
                if chosen.smtp_user:
                    connection.login(chosen.smtp_user, chosen.smtp_password.get_secret_value())
            except BaseException:
                connection.close()
                raise
        except UnicodeEncodeError:
            # it carries what could not be written along, the password and all
            words = "the mail server takes plain letters only in EARMARK_SMTP_USER and EARMARK_SMTP_PASSWORD"
            raise Unavailable(words, whole_channel=True) from None
        except (smtplib.SMTPException, OSError) as error:
            words = f"the mail server cannot be reached: {outbound.in_words(error)}"
            raise Unavailable(words, whole_channel=True) from error
        return connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()


def _words(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
