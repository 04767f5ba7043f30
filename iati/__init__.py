"""The IATI standard 2.03 as a library: read, write, validate, compare, upgrade and score its files.

Usable without the service around it, from Python and as ``python -m iati COMMAND FILE``:

=================== ====================================================================================
``iati.model``      typed classes for every element; text as written, typed views beside it
``iati.reader``     ``read_activities(source)``: records with their faults, one at a time
``iati.writer``     ``write_activity(activity)``, ``ActivitiesFile(stream)``: the standard's order, always
``iati.jsonform``   ``to_json(node)``, ``from_json(kind, data)``: the same without loss as dictionaries
``iati.validator``  findings with the official rule identifiers and verdicts
``iati.schema``     the compiled schema files, our own or the official ones
``iati.codelists``  codes, names and states of all codelists
``iati.diff``       two files compared by meaning
``iati.upgrade``    2.01 and 2.02 brought to 2.03
``iati.registry``   registries of datasets: sign-in, datasets, pre-flight, arrival; the transport is given
``iati.score``      tests of the Aid Transparency Index
``iati.standard``   the description of the standard from which model, reader, writer and schemas follow
=================== ====================================================================================

Reading a file, changing it and writing it again::

    from pathlib import Path
    from iati.reader import read_activities
    from iati.writer import ActivitiesFile

    with Path("new.xml").open("wb") as stream, ActivitiesFile(stream) as file:
        for record in read_activities(Path("old.xml")):
            if record.model is not None:
                record.model.default_currency = "USD"
                file.write(record.model)

Reading and writing open no network connection and hold one record of a file at a time.
"""
