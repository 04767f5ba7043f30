"""Messages as mail: text and HTML, filed as one conversation, with a way out; and the way to the mail server."""

import datetime as dt
import html
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from types import TracebackType
from typing import Any, Self

from app.config import Settings
from app.outbox.transport import Refused, Unavailable

_OPENING = {
    "escalation": "Nothing has happened so far about these alerts of your unit. Officers can acknowledge or snooze "
    "them; a reschedule or a waiver needs a reason and an approver.",
    "reminder": "You asked to be reminded of this.",
    "digest": "These are the steps that your projects' evaluations ask for now.",
}
_CLOSING = "Each step is told once. What is done, planned or decided meanwhile shows in the list of evaluations due."


class _AsWritten(EmailPolicy):
    """Takes headers of plain characters as they are written; others are encoded, or refused, as ever.

    The library reads every header by the grammar of its kind, several times over, which takes longer than sending.
    """

    def header_store_parse(self, name: str, value: str) -> tuple[str, Any]:
        if value.isascii() and value.isprintable():
            return name, value
        return super().header_store_parse(name, value)

    def header_fetch_parse(self, _name: str, value: Any) -> Any:
        return value


_AS_WRITTEN = _AsWritten()


def compose(message: Any, settings: Settings, now: dt.datetime) -> EmailMessage:
    """The mail of a message in the outbox. All but its date is the same however often it is composed."""
    payload = message.payload
    mail = EmailMessage(policy=_AS_WRITTEN)
    host = message.message_id.strip("<>").rpartition("@")[2]
    mail["Message-ID"] = message.message_id
    mail["Date"] = format_datetime(now)
    mail["From"] = settings.mail_from
    mail["To"] = message.recipient
    mail["Subject"] = _line(message.subject)
    if message.thread:
        root = f"<thread-{message.thread}@{host}>"
        mail["In-Reply-To"] = root
        mail["References"] = root
    mail["Auto-Submitted"] = "auto-generated"
    if payload["purpose"] != "escalation":
        mail["List-Unsubscribe"] = f"<{unsubscribe_url(message.message_id, settings)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(_text(payload, message.message_id, settings))
    mail.add_alternative(_html(payload, message.message_id, settings), subtype="html")
    return mail


def unsubscribe_url(message_id: str, settings: Settings) -> str:
    """Where whoever got the message can end the digests: its id is known to nobody else."""
    number = message_id.strip("<>").partition("@")[0]
    return f"{settings.address}/unsubscribe/{number}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _opening(payload: Any) -> str:
    return _OPENING[payload["purpose"].partition("-")[0]]


def _text(payload: Any, message_id: str, settings: Settings) -> str:
    lines = [f"Dear {_line(payload['name'])},", "", _opening(payload), ""]
    for line in payload["lines"]:
        lines += [f"* {line['project'] or ''} {_line(line['title'] or '')}".rstrip(), f"  {_line(line['text'])}", ""]
    if payload["more"]:
        lines += [f"… and {payload['more']} more: see the list of evaluations due.", ""]
    lines += [_CLOSING, f"As of {payload['as_of']}."]
    if payload["purpose"] != "escalation":
        lines += ["", f"No more of these digests: {unsubscribe_url(message_id, settings)}"]
    return "\n".join(lines) + "\n"


def _html(payload: Any, message_id: str, settings: Settings) -> str:
    def said(text: str) -> str:
        return html.escape(_line(text))

    items = "".join(
        f"<li><strong>{said(line['project'] or '')}</strong> {said(line['title'] or '')}<br>{said(line['text'])}</li>"
        for line in payload["lines"]
    )
    more = f"<p>… and {payload['more']} more: see the list of evaluations due.</p>" if payload["more"] else ""
    out = ""
    if payload["purpose"] != "escalation":
        address = html.escape(unsubscribe_url(message_id, settings), quote=True)
        out = f'<p><a href="{address}">No more of these digests</a></p>'
    return (
        f'<!doctype html><html lang="en"><body><p>Dear {said(payload["name"])},</p><p>{said(_opening(payload))}</p>'
        f"<ul>{items}</ul>{more}<p>{said(_CLOSING)} As of {said(payload['as_of'])}.</p>{out}</body></html>"
    )


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

    def send(self, message: Any, now: dt.datetime) -> None:
        """Hands a message over.

        :raises Refused: when the server will not take it, now or later.
        :raises Unavailable: when it may be tried again later.
        """
        mail = compose(message, self.settings, now)
        connection = self._open()
        try:
            connection.send_message(mail, parseaddr(self.settings.mail_from)[1], [message.recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = error.recipients[message.recipient]
            raise _verdict(code, reason) from error
        except smtplib.SMTPSenderRefused as error:
            self._close()
            raise Unavailable(f"the server refuses the sender: {_words(error.smtp_error)}") from error
        except (smtplib.SMTPDataError, smtplib.SMTPHeloError) as error:
            raise _verdict(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"the server cannot take this address or text: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            # the line broke: whether the message went through is not known, so that it goes again, under the same id
            self._connection = None
            connection.close()
            raise Unavailable(f"the line to the mail server broke: {error}") from error

    def _open(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        chosen = self.settings
        where: dict[str, Any] = {"host": chosen.smtp_host, "port": chosen.smtp_port, "timeout": chosen.smtp_timeout}
        try:
            if chosen.smtp_security == "tls":
                connection: smtplib.SMTP = smtplib.SMTP_SSL(**where, context=ssl.create_default_context())
            else:
                connection = smtplib.SMTP(**where)
            try:
                if chosen.smtp_security == "starttls":
                    connection.starttls(context=ssl.create_default_context())
                if chosen.smtp_user:
                    connection.login(chosen.smtp_user, chosen.smtp_password.get_secret_value())
            except BaseException:
                connection.close()
                raise
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(f"the mail server cannot be reached: {error}", whole_channel=True) from error
        return connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()


def _words(reason: Any) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _verdict(code: int, reason: Any) -> Refused | Unavailable:
    """What a server's code says: 5xx is final, 4xx is not."""
    words = f"the mail server answered {code} {_words(reason)}"
    return Refused(words) if code >= 500 else Unavailable(words)
