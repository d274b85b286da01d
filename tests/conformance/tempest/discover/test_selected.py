"""What tempest's workers load: the tests of the package that TEMPEST_PACKAGE names, and nothing else of what is installed.

tempest's client waits for ten seconds before it deletes a subnet, because with Neutron a DHCP agent's port may be on its
way still. Here nothing is, so the wait is left out: three minutes for an hour, and the stricter test.
"""
import importlib
import os
import types

from tempest.lib.services.network import subnets_client

subnets_client.time = types.SimpleNamespace(sleep=lambda seconds: None)


def load_tests(loader, _tests, pattern):
    """Called by unittest's discovery."""
    package = os.environ["TEMPEST_PACKAGE"]
    folder = os.path.dirname(importlib.import_module(package).__file__)
    top = folder.removesuffix(package.replace(".", "/"))
    return loader.discover(folder, pattern=pattern or "test*.py", top_level_dir=top)
