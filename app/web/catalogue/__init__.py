"""Brings the catalogues of messages up to date with the source: ``python -m app.web.catalogue [NAME]``.

A language has several catalogues, so that people who work on different pages do not get into each other's way: what is
new goes into ``locale/fr/NAME.po`` (without a name: ``pages.po``). What is new gets an empty translation, which the
tests ask for; what is gone goes.
"""
