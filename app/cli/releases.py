"""``earmark release``: prepare, look at, approve, publish and take back what the world reads."""

from typing import Annotated

import typer

from app.cli.context import AsOf, day, one_of, opened, print_json, progress, say, settings, table
from app.domain.access import Actor
from app.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Releases: prepare, look at what changes, approve, publish, take back.")

Number = Annotated[int | None, typer.Argument(metavar="NUMBER", help="Which release (default: the newest).")]
Format = Annotated[str, typer.Option("--format", help="text or json.")]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", help="Who does it: a user who may publish (default: this machine)."),
]
_FORMATS = ("text", "json")


def _actor(name: str | None) -> Actor:
    from app.publishing.releasing.people import acting_as

    with opened() as database, database.read() as session:
        return acting_as(session, name)


@app.command()
def prepare(
    as_of: AsOf = None,
    split: Annotated[
        str | None, typer.Option(help="whole, country or biennium (default: EARMARK_RELEASE_SPLIT).")
    ] = None,
    max_mb: Annotated[
        int | None, typer.Option(help="Largest file in MB (default: EARMARK_RELEASE_MAX_MB).", min=1, max=60)
    ] = None,
    live: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS|FOLDER|FILE", help="What you publish already, for the first release."),
    ] = None,
    note: Annotated[str | None, typer.Option(help="A word about this release, for colleagues.")] = None,
    as_: As = None,
    format_: Format = "text",
) -> int:
    """Prepare a release from the records as of now: files, findings, score, and what changes in public.

    What is the same as a release that waits, or as what is public, makes no other one.
    """
    from app.domain.datasets import Split
    from app.publishing.releasing.answers import shown, summary_lines
    from app.publishing.releasing.prepare import prepare as prepare_release
    from app.publishing.releasing.wanted import Wanted

    one_of("--format", format_, _FORMATS)
    chosen = one_of("--split", split or settings().release_split, tuple(Split))
    actor = _actor(as_)
    wanted = Wanted(
        as_of=day(as_of),
        split=Split(chosen),
        max_bytes=(max_mb or settings().release_max_mb) * 1_000_000,
        live=live or (),
        note=note,
    )
    with opened() as database:
        with progress("Preparing") as update:
            prepared = prepare_release(database, settings(), actor, wanted, progress=update)
        with database.read() as session:
            release = shown(session, prepared.number)
    if not prepared.made:
        public = release["state"] == "published"
        say(
            f"Nothing differs from release {prepared.number}, which is {release['state']}"
            f"{': there is nothing to publish' if public else ''}."
        )
    if format_ == "json":
        print_json({**release, "made": prepared.made})
    else:
        print("\n".join(summary_lines(release)))
    return 0


@app.command("list")
def list_(format_: Format = "text") -> int:
    """List the releases."""
    from app.publishing.releasing.answers import all_shown

    one_of("--format", format_, _FORMATS)
    with opened() as database, database.read() as session:
        found = all_shown(session)
    if format_ == "json":
        print_json({"releases": found})
        return 0
    columns = ["number", "state", "as of", "prepared by", "approved by", "published", "activities", "note"]
    rows = [
        [
            str(each["number"]),
            each["state"],
            each["as_of"],
            each["prepared_by"],
            each["approved_by"] or "",
            (each["published_at"] or "")[:16],
            str(each["counts"]["activities"]),
            (each["note"] or "").splitlines()[-1] if each["note"] else "",
        ]
        for each in found
    ]
    if rows:
        print(table(columns, rows, right=frozenset({"number", "activities"})))
    else:
        say("There is no release yet: `earmark release prepare` makes one.")
    return 0


@app.command()
def show(number: Number = None, format_: Format = "text") -> int:
    """Show a release: its files, what the rules say, the score, what is withheld and why, and how far it has come."""
    from app.publishing.releasing.answers import shown, shown_lines, summary_lines, withheld_lines

    one_of("--format", format_, _FORMATS)
    with opened() as database, database.read() as session:
        release = shown(session, number)
        withheld = shown_lines(session, release["number"], "held-back", "withheld")
    if format_ == "json":
        print_json({**release, "withheld": withheld})
    else:
        print("\n".join([*summary_lines(release, rules=True), *withheld_lines(withheld)]))
    return 0


@app.command()
def diff(number: Number = None, format_: Format = "text") -> int:
    """Tell what a release changes in public, in words; and what would vanish and has to be accepted."""
    from app.publishing.releasing.answers import diff_lines, shown, shown_lines

    one_of("--format", format_, _FORMATS)
    with opened() as database, database.read() as session:
        release = shown(session, number)
        vanishing = shown_lines(session, release["number"], "vanishing")
        changes = shown_lines(session, release["number"], "change")
    if format_ == "json":
        print_json(
            {
                "release": release["number"],
                "compared_with": release["compared_with"],
                "changes": changes,
                "vanishing": vanishing,
            }
        )
    else:
        print("\n".join(diff_lines(release, changes, vanishing)))
    return 0


@app.command()
def approve(
    number: Number = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="LINE|all", help="Accept that this vanishes: a line of `earmark release diff`, or all."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why that is right.")] = "",
    as_: As = None,
    format_: Format = "text",
) -> int:
    """Approve a release. What is published then is what it holds, whatever happens to the records meanwhile."""
    from app.publishing.releasing import approving
    from app.publishing.releasing.answers import shown

    one_of("--format", format_, _FORMATS)
    lines = _lines(accept or [])
    actor = _actor(as_)
    with opened() as database:
        with database.write(actor.name) as session:
            release = approving.find(session, number, hold=True)
            if accept:
                approving.accept(session, actor, release, lines, reason)
            approving.approve(session, actor, release)
            number = release.number
        with database.read() as session:
            found = shown(session, number)
    if format_ == "json":
        print_json(found)
    else:
        print(f"Release {number} is approved by {found['approved_by']}. `earmark release publish` lets it go out.")
    return 0


def _lines(accept: list[str]) -> list[int] | None:
    """The numbers of lines; None: all."""
    if "all" in accept:
        return None
    if wrong := [each for each in accept if not each.isdigit()]:
        raise UsageError(f"--accept takes the number of a line, or all, not {wrong[0]!r}")
    return [int(each) for each in accept]


@app.command()
def publish(
    number: Number = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")] = False,
    as_: As = None,
    format_: Format = "text",
) -> int:
    """Publish the approved release. Run again it completes what was interrupted, or finds nothing to do.

    What was taken back comes back when the release is named by its number.
    """
    from app.publishing.releasing.answers import publication, publication_lines
    from app.publishing.releasing.publish import publish as publish_release

    one_of("--format", format_, _FORMATS)
    actor = _actor(as_)
    with opened() as database, progress("Publishing") as update:
        done = publish_release(database, settings(), actor, number=number, dry_run=dry_run, progress=update)
    if format_ == "json":
        print_json(publication(done, settings()))
    else:
        print("\n".join(publication_lines(done, settings())))
    return 1 if done.failed else 0


@app.command()
def withdraw(
    reason: Annotated[str, typer.Option(help="Why it is taken back; kept with the release.")],
    dataset: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this dataset (repeatable; default: everything).")
    ] = None,
    as_: As = None,
    format_: Format = "text",
) -> int:
    """Take back what is public: all of it, or some datasets. `earmark release publish NUMBER` brings it back."""
    from app.publishing.releasing.answers import publication, publication_lines
    from app.publishing.releasing.publish import withdraw as take_back

    one_of("--format", format_, _FORMATS)
    actor = _actor(as_)
    with opened() as database:
        done = take_back(database, settings(), actor, reason=reason, datasets=dataset or ())
    if format_ == "json":
        print_json(publication(done, settings()))
    else:
        print("\n".join(publication_lines(done, settings())))
    return 1 if done.failed else 0


_Project = Annotated[str, typer.Argument(metavar="PROJECT", help="Code or IATI identifier.")]
_Why = Annotated[str, typer.Option(help="Why; kept for good.")]
_Transaction = Annotated[int | None, typer.Option(metavar="KEY", help="Only this transaction.")]
_Contact = Annotated[int | None, typer.Option(metavar="KEY", help="Only this contact.")]
_Document = Annotated[int | None, typer.Option(metavar="KEY", help="Only this document.")]
_Amount = Annotated[int | None, typer.Option(metavar="KEY", help="Only this amount of the budget, an allocation.")]


@app.command()
def withhold(
    project: _Project,
    reason: _Why,
    transaction: _Transaction = None,
    contact: _Contact = None,
    document: _Document = None,
    amount: _Amount = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published again from this day.")] = None,
    as_: As = None,
) -> int:
    """Withhold a project, or a part of it, from every release that is prepared from now on."""
    return _decide(
        as_, project, reason, withheld=True, until=until,
        transaction=transaction, contact=contact, document=document, amount=amount,
    )  # fmt: skip


@app.command()
def disclose(
    project: _Project,
    reason: _Why,
    transaction: _Transaction = None,
    contact: _Contact = None,
    document: _Document = None,
    amount: _Amount = None,
    as_: As = None,
) -> int:
    """Let what was withheld be published again."""
    return _decide(
        as_, project, reason, withheld=False, until=None,
        transaction=transaction, contact=contact, document=document, amount=amount,
    )  # fmt: skip


@app.command()
def withheld(
    project: Annotated[
        str | None, typer.Argument(metavar="PROJECT", help="Only this project, by its code or identifier.")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="All decisions there were, the newest first, releases too.")
    ] = False,
    as_of: AsOf = None,
    format_: Format = "text",
) -> int:
    """List all that is withheld, and why: by decision, under embargo, or of a partner that is not cleared."""
    from app.publishing.releasing.withheld import decision_lines, decisions, withheld_lines, withheld_now

    one_of("--format", format_, _FORMATS)
    with opened() as database, database.read() as session:
        made = decisions(session, project) if history else []
        found = [] if history else withheld_now(session, day(as_of), project)
    lines = [*decision_lines(made), *withheld_lines(found)]
    if format_ == "json":
        print_json({"decisions": made} if history else {"withheld": found})
    elif lines:
        print("\n".join(lines))
    else:
        say("Nothing is withheld." if not history else "Nothing was ever withheld.")
    return 0


def _decide(
    as_: str | None, project: str, reason: str, *, withheld: bool, until: str | None, **parts: int | None
) -> int:
    from app.publishing.releasing.redacting import Part, decide

    named = [(name, key) for name, key in parts.items() if key is not None]
    if len(named) > 1:
        raise UsageError("name one part at a time")
    part, subject = (Part(named[0][0]), named[0][1]) if named else (Part.PROJECT, None)
    actor = _actor(as_)
    with opened() as database, database.write(actor.name) as session:
        decide(
            session,
            actor,
            project=project,
            part=part,
            subject=subject,
            withheld=withheld,
            reason=reason,
            until=day(until) if until else None,
        )
    what = project if subject is None else f"{part.value} {subject} of {project}"
    say(f"{what} is {'withheld' if withheld else 'published'} from the next release on.")
    return 0
