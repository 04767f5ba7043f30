"""Registries of IATI datasets, without a connection of its own: every request goes through a transport that is given.

=========================== =============================================================================
``iati.registry.wire``      requests, answers, secrets, the transport that a caller brings, and faults
``iati.registry.openid``    signing in: client credentials, or a person with a browser and a refresh token
``iati.registry.register``  Register Your Data
``iati.registry.ckan``      classic CKAN 2.9 with ckanext-iati
``iati.registry.dataset``   organisations and datasets, and what is checked before anything is sent
``iati.registry.ensure``    created, brought up to date, or nothing to do; withdrawn; the same with a dry run
``iati.registry.preflight`` the public address of a file, looked at as the downloader does
``iati.registry.arrival``   whether a publication has arrived in the downloader's index
=========================== =============================================================================
"""
