"""What tempest's workers load: the tests of the package that TEMPEST_PACKAGE names, and nothing else of what is installed.

The tests are as they are. Two things around them are not:

- tempest's client waits for ten seconds before it deletes a subnet, because with Neutron a DHCP agent's port may be on
  its way still. Here nothing is, so the wait is left out: seconds instead of an hour, and the stricter test.
- Helpers that make and remove projects look for their default security groups, without looking whether the cloud has
  security groups. As long as it has none they find none, instead of 404.
"""
import importlib
import os
import types

from neutron_tempest_plugin.services.network.json import network_client
from tempest import config
from tempest.lib.common import cred_provider
from tempest.lib.services.network import subnets_client


def has_groups():
    """Only known when the configuration is read."""
    return "security-group" in config.CONF.network_feature_enabled.api_extensions


def list_groups(self, **filters):
    """Of the client of neutron_tempest_plugin, which makes its methods from their names."""
    return self._lister("security_groups")(**filters) if has_groups() else {"security_groups": []}


def clean_groups(self, client, project, as_ever=cred_provider.CredentialProvider.cleanup_default_secgroup):
    """Of what gives tests their users and projects."""
    if has_groups():
        as_ever(self, client, project)


subnets_client.time = types.SimpleNamespace(sleep=lambda seconds: None)
network_client.NetworkClientJSON.list_security_groups = list_groups
cred_provider.CredentialProvider.cleanup_default_secgroup = clean_groups


def load_tests(loader, _tests, pattern):
    """Called by unittest's discovery."""
    package = os.environ["TEMPEST_PACKAGE"]
    folder = os.path.dirname(importlib.import_module(package).__file__)
    top = folder.removesuffix(package.replace(".", "/"))
    return loader.discover(folder, pattern=pattern or "test*.py", top_level_dir=top)
