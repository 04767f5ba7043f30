"""The compiled schemas: the project's own, or the official ones where their folder is given."""

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from lxml import etree

from iati.source import RECORDS

#: File of the schema for each kind of file, by the name of its root.
SCHEMA_FILES = {root: f"{root}-schema.xsd" for root in RECORDS}


class SchemaFault(Exception):
    """A folder that holds no usable schema files."""


@cache
def schema_for(file_type: str, directory: Path | None = None) -> etree.XMLSchema:
    """The compiled schema for ``iati-activities`` or ``iati-organisations``; compiled once per process.

    It also validates a single ``iati-activity`` or ``iati-organisation`` element. ``directory`` is a folder with the
    official files under their official names; without it the project's own are used. Never reads from the network.
    Raises SchemaFault when the folder has no usable file of that name.
    """
    if directory is not None:
        return _compiled(directory / SCHEMA_FILES[file_type])
    with as_file(files("schemas")) as own:
        return _compiled(own / SCHEMA_FILES[file_type])


def _compiled(path: Path) -> etree.XMLSchema:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.XMLSchema(etree.parse(str(path), parser))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise SchemaFault(f"{path} cannot be used as a schema: {error}") from error
