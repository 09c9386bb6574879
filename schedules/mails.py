"""The e-mail about a run: its content and how it is sent."""

from email.encoders import encode_base64
from email.mime.base import MIMEBase
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from api.transfer.downloads import is_damaged
from reports.exports.files import file_name
from reports.models import Report, ReportKind
from schedules.digest import address_of, sections_of
from schedules.models import Schedule, ScheduledRun
from schedules.planning import is_zone_known
from uptime.open_time.zones import load_zone

UNSET = "EMAIL_URL and SITE_URL must be set for e-mail: the mail server, and the base of links."

# What the rows of a report are, by its kind.
_ROWS = {
    ReportKind.UPTIME: "stores",
    ReportKind.ROLLUP: "sums of the fleet, time zones and tags",
    ReportKind.OUTAGES: "outages",
    ReportKind.TARGETS: "results of targets",
}


class NoServer(Exception):
    """The settings have no mail server, or no base for links."""

    def __init__(self) -> None:
        super().__init__(UNSET)


def can_send() -> bool:
    """Return whether the settings allow sending e-mail."""
    return bool(settings.EMAIL_URL and settings.SITE_URL)


def send(run: ScheduledRun) -> bool:
    """Send the e-mail of a run; return whether there was something to send.

    Raises NoServer, ``OSError`` and errors of media storage.
    """
    if not can_send():
        raise NoServer
    message = _digest(run) if run.schedule.mail_as == Schedule.MailAs.DIGEST else compose(run)
    if message is not None:
        message.send()
    return message is not None


def compose(run: ScheduledRun) -> EmailMessage:
    """Return the message about the report."""
    report = run.report
    message = _message(run, _outcome(report), _told(run.schedule, report) if report else [])
    if report and _is_attached(run.schedule, report):
        message.attach(_attachment(report))
    return message


def _digest(run: ScheduledRun) -> EmailMessage | None:
    """Return the message about all that is bad; None if nothing is, and it is not wanted then."""
    sections = sections_of(run)
    if not any(section.is_bad for section in sections) and not run.schedule.mail_when_fine:
        return None
    titles = [section.title for section in sections if section.is_bad] or ["nothing is bad"]
    lines = [line for section in sections for line in (*section.lines, "")]
    return _message(run, ", ".join(titles), lines[:-1])


def _message(run: ScheduledRun, outcome: str, lines: list[str]) -> EmailMessage:
    """Return a message in plain text. If it is sent twice, it has the same Message-ID."""
    return EmailMessage(
        subject=f"{run.schedule.name}, {run.period}: {outcome}",
        body="\n".join([_opening(run), "", *lines, ""]),
        to=run.schedule.recipients,
        headers={
            "Message-ID": f"<run-{run.pk.hex}@{urlsplit(settings.SITE_URL).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _attachment(report: Report) -> MIMEBase:
    """Return the file in base 64: sent as text, its line ends and checksum would change."""
    part = MIMEBase("text", "csv", charset="utf-8")
    with report.file.open("rb") as file:
        part.set_payload(file.read())
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=file_name(report))
    return part


def _opening(run: ScheduledRun) -> str:
    zone, utc = run.schedule.rule.zone, f"{run.due_at:%Y-%m-%d %H:%M} UTC"
    if not is_zone_known(zone):
        return f"{run.schedule.name}: the report as of {utc}."
    local = f"{run.due_at.astimezone(load_zone(zone)):%Y-%m-%d %H:%M} {zone}"
    return f"{run.schedule.name}: the report as of {local} ({utc})."


def _outcome(report: Report | None) -> str:
    return "no report" if report is None else f"report {report.status.lower()}"


def _told(schedule: Schedule, report: Report) -> list[str]:
    page = address_of("admin:reports_report_change", report.pk)
    if report.status != Report.Status.COMPLETE:
        return [f"It is {report.status}. {report.error}".strip(), f"More: {page}"]
    rows = f"{report.row_count:,} {_ROWS[ReportKind(report.kind)]}"
    lines = [f"{rows}, {report.size:,} bytes, SHA-256 {report.sha256}"]
    if _is_attached(schedule, report):
        lines.append("The file is attached.")
    elif is_damaged(report.file, report.size):
        lines.append("The file is damaged and not attached. Run the report again.")
    elif schedule.mail_as == Schedule.MailAs.ATTACHMENT:
        lines.append("The file is too large to attach.")
    return [*lines, f"Page: {page}", f"File: {address_of('report-download', report.pk)}"]


def _is_attached(schedule: Schedule, report: Report) -> bool:
    return (
        schedule.mail_as == Schedule.MailAs.ATTACHMENT
        and report.status == Report.Status.COMPLETE
        and (report.size or 0) <= settings.EMAIL_MAX_ATTACHMENT_BYTES
        and not is_damaged(report.file, report.size)
    )
