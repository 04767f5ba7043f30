"""``earmark registry``."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.context import one_of, opened, print_json, progress, say, settings
from app.domain.access import LOCAL

if TYPE_CHECKING:
    from app.publishing.registering.checking import Checked

app = typer.Typer(no_args_is_help=True, help="The registry of IATI datasets: whether everything is set up, sign-in.")


@app.command()
def check(format_: Annotated[str, typer.Option("--format", help="text or json.")] = "text") -> int:
    """Tell what is set up and what is missing: sign-in, organisation, role, datasets, public addresses, arrival.

    Nothing is changed. Exit status 1 when something is missing or wrong.
    """
    from app.publishing.registering.checking import check as look
    from app.publishing.registering.published import published_files

    one_of("--format", format_, ("text", "json"))
    with opened() as database, progress("Looking") as update:
        files = published_files(database, settings())
        found = look(database, settings(), files, actor=LOCAL.name, progress=update)
    if format_ == "json":
        print_json(found.as_dict())
    else:
        for each in found.checks:
            print(f"{_MARKS[each.state]:<8} {each.topic}: {each.words}")
        if not files:
            say("Nothing is published yet.")
        say(_verdict(found))
    return 0 if found.ready else 1


def _verdict(found: "Checked") -> str:
    if not found.ready:
        return "Not ready: see what is missing or failed above."
    if any(each.state == "warning" for each in found.checks):
        return "Ready; look at what is marked so above."
    return "Everything is as it should be."


_MARKS = {"fine": "ok", "warning": "look", "missing": "missing", "failed": "failed"}


@app.command("sign-in")
def sign_in(
    redirect: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where the client was registered to be sent back to.")
    ] = "http://127.0.0.1:8765/signed-in",
) -> int:
    """Sign in to the registry with a browser, for EARMARK_REGISTRY_SIGN_IN=person. It goes on until it is revoked.

    The browser ends at an address that may show nothing: copy it from there and paste it here.
    """
    from app.publishing.registering.signing_in import begin_sign_in, finish_sign_in

    begun = begin_sign_in(settings(), redirect)
    say(f"Open this address in a browser and sign in:\n\n  {begun.address}\n")
    answer = typer.prompt("The address at which the browser ended", err=True, hide_input=True)
    finish_sign_in(settings(), begun, answer)
    say("Signed in. Try it: earmark registry check")
    return 0
