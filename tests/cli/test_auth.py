"""Logging in: every kind of credential, the catalogue, clouds.yaml, and what is said when something is missing."""
import os
import pty
import select
import unittest

from cli_case import CliCase, run_tests
from fake_cloud import PASSWORD, TOKEN

CLOUDS = """
common: &common
  auth_url: %s
  user_domain_name: Default
clouds:
  first:
    auth:
      <<: *common
      username: alice
      project_id: 0123456789abcdef0123456789abcdef
    region_name: two
    interface: internal
  second:
    auth_type: v3applicationcredential
    auth: {auth_url: "%s", application_credential_id: abc}
  digits:
    auth: {<<: *common, username: alice, password: 0123, project_name: ~}
"""


class Variables(CliCase):
    def test_password_with_names(self):
        self.ok("network", "list")
        auth = self.auth()
        self.assertEqual(auth["identity"]["password"]["user"],
                         {"name": "alice", "domain": {"name": "Default"}, "password": PASSWORD})
        self.assertEqual(auth["scope"], {"project": {"name": "demo", "domain": {"id": "default"}}})

    def test_default_domain(self):
        self.ok("network", "list", OS_USER_DOMAIN_NAME=None, OS_PROJECT_DOMAIN_ID=None)
        self.assertEqual(self.auth()["identity"]["password"]["user"]["domain"], {"id": "default"})

    def test_ids_win_over_names(self):
        self.ok("network", "list", OS_USER_ID="u1", OS_PROJECT_ID="p1")
        self.assertEqual(self.auth()["identity"]["password"]["user"], {"id": "u1", "password": PASSWORD})
        self.assertEqual(self.auth()["scope"], {"project": {"id": "p1"}})

    def test_options_win_over_variables(self):
        self.ok("network", "list", "--os-project-id", "p2", "--os-username=bob", OS_PROJECT_ID="p1")
        self.assertEqual(self.auth()["scope"], {"project": {"id": "p2"}})
        self.assertEqual(self.auth()["identity"]["password"]["user"]["name"], "bob")

    def test_token(self):
        self.ok("network", "list", OS_USERNAME=None, OS_PASSWORD=None, OS_TOKEN=TOKEN)
        self.assertEqual(self.auth()["identity"], {"methods": ["token"], "token": {"id": TOKEN}})

    def test_application_credential(self):
        self.ok("network", "list", OS_AUTH_TYPE="v3applicationcredential", OS_APPLICATION_CREDENTIAL_ID="ac",
                OS_APPLICATION_CREDENTIAL_SECRET=PASSWORD)
        self.assertEqual(self.auth(), {"identity": {"methods": ["application_credential"],
                                                    "application_credential": {"id": "ac", "secret": PASSWORD}}})

    def test_application_credential_by_name(self):
        self.ok("network", "list", OS_APPLICATION_CREDENTIAL_NAME="ci", OS_APPLICATION_CREDENTIAL_SECRET=PASSWORD)
        self.assertEqual(self.auth()["identity"]["application_credential"]["user"],
                         {"name": "alice", "domain": {"name": "Default"}})

    def test_admin_token_needs_no_log_in(self):
        self.ok("network", "list", OS_AUTH_TYPE="admin_token", OS_TOKEN=TOKEN, OS_ENDPOINT=self.cloud.url)
        self.assertEqual([r[:2] for r in self.cloud.requests], [("GET", "/v2.0/networks")])

    def test_auth_url_in_any_spelling(self):
        for url in (self.cloud.url, self.cloud.url + "/", self.cloud.url + "/v3/", self.cloud.url + "/v2.0"):
            self.ok("network", "list", OS_AUTH_URL=url)

    def test_region_and_interface(self):
        self.ok("network", "list", OS_REGION_NAME="two", OS_INTERFACE="internalURL")
        said = self.fails(1, "network", "list", OS_REGION_NAME="three")
        self.assertIn("no public endpoint of type 'network' in region three", said)

    def test_endpoint_override(self):
        self.cloud.catalog = False
        self.ok("network", "list", OS_NETWORK_ENDPOINT_OVERRIDE=self.cloud.url + "/v2.0")


class Missing(CliCase):
    def test_nothing_at_all(self):
        said = self.fails(2, "network", "list", OS_AUTH_URL=None)
        self.assertIn("set OS_AUTH_URL", said)
        self.assertIn("OS_CLOUD", said)

    def test_user(self):
        self.assertIn("--os-username", self.fails(2, "network", "list", OS_USERNAME=None))

    def test_password_without_a_terminal(self):
        self.assertIn("OS_PASSWORD", self.fails(2, "network", "list", OS_PASSWORD=None))

    def test_project(self):
        said = self.fails(2, "network", "list", OS_PROJECT_NAME=None)
        self.assertIn("OS_PROJECT_NAME", said)

    def test_wrong_password(self):
        said = self.fails(1, "network", "list", OS_PASSWORD="wrong")
        self.assertIn("requires authentication", said)
        self.assertIn("req-11111111", said)

    def test_unknown_auth_type(self):
        self.assertIn("v3applicationcredential", self.fails(2, "network", "list", OS_AUTH_TYPE="kerberos"))

    def test_nobody_listens(self):
        said = self.fails(1, "network", "list", OS_AUTH_URL="http://127.0.0.1:1")
        self.assertIn("127.0.0.1", said)

    def test_not_an_identity_service(self):
        self.cloud.answers[("POST", "/v3/auth/tokens")] = (200, b"{}", {})
        self.assertIn("OS_AUTH_URL", self.fails(1, "network", "list"))


class Secrets(CliCase):
    def test_debug_shows_no_secret(self):
        done = self.run_buoy("network", "list", "--debug")
        self.assertIn("POST %s/v3/auth/tokens" % self.cloud.url, done.stderr)
        self.assertIn("***", done.stderr)
        for secret in (PASSWORD, TOKEN):
            self.assertNotIn(secret, done.stderr)

    def test_debug_hides_tokens_in_bodies(self):
        done = self.run_buoy("network", "list", "--debug", OS_AUTH_TYPE="token", OS_TOKEN=TOKEN)
        self.assertNotIn(TOKEN, done.stderr)

    def test_token_goes_nowhere_else(self):
        self.cloud.page = 1
        for i in range(3):
            self.cloud.add("networks", name="n%d" % i)
        self.assertEqual(len(self.json("network", "list")), 3)

    def test_password_is_asked_for(self):
        """With a terminal and no password, one is asked for, and not shown."""
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            env = dict(self.env, PATH=os.environ["PATH"], HOME=self.folder)
            del env["OS_PASSWORD"]
            import cli_case
            os.execve(cli_case.BUOY, [cli_case.BUOY, "network", "list"], env)
        seen = b""
        while select.select([fd], [], [], 20)[0]:
            try:
                part = os.read(fd, 4096)
            except OSError:
                break
            if not part:
                break
            if b"Password: " in part:
                os.write(fd, PASSWORD.encode() + b"\n")
            seen += part
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, seen)
        os.close(fd)
        self.assertNotIn(PASSWORD.encode(), seen)
        self.assertEqual(self.auth()["identity"]["password"]["user"]["password"], PASSWORD)


class CloudsFile(CliCase):
    def setUp(self):
        super().setUp()
        self.env = {}
        self.write("clouds.yaml", CLOUDS % (self.cloud.url, self.cloud.url))

    def test_entry_with_secure_file(self):
        self.write("secure.yaml", "clouds: {first: {auth: {password: %s}}}" % PASSWORD)
        self.ok("network", "list", OS_CLOUD="first")
        self.assertEqual(self.auth()["identity"]["password"]["user"]["password"], PASSWORD)
        self.assertEqual(self.auth()["scope"]["project"]["id"], "0123456789abcdef0123456789abcdef")

    def test_by_option(self):
        self.ok("--os-cloud", "first", "network", "list", OS_PASSWORD=PASSWORD)

    def test_application_credential(self):
        self.ok("network", "list", OS_CLOUD="second", OS_APPLICATION_CREDENTIAL_SECRET=PASSWORD)

    def test_digits_stay_text_and_null_is_nothing(self):
        self.fails(1, "network", "list", OS_CLOUD="digits")
        self.assertEqual(self.auth()["identity"]["password"]["user"]["password"], "0123")
        self.assertNotIn("scope", self.auth())

    def test_home_folder(self):
        os.rename(os.path.join(self.folder, "clouds.yaml"), os.path.join(self.folder, "c"))
        os.makedirs(os.path.join(self.folder, ".config/openstack"))
        os.rename(os.path.join(self.folder, "c"), os.path.join(self.folder, ".config/openstack/clouds.yaml"))
        self.ok("network", "list", OS_CLOUD="first", OS_PASSWORD=PASSWORD)

    def test_named_file(self):
        path = self.write("elsewhere/my.yaml", "clouds: {only: {auth: {auth_url: '%s', username: alice, "
                          "project_name: demo, password: %s}}}" % (self.cloud.url, PASSWORD))
        self.ok("network", "list", OS_CLIENT_CONFIG_FILE=path)

    def test_unknown_entry(self):
        said = self.fails(2, "network", "list", OS_CLOUD="third")
        self.assertIn("no cloud 'third'; it has: first, second, digits", said)

    def test_no_file(self):
        os.unlink(os.path.join(self.folder, "clouds.yaml"))
        self.assertIn("there is no clouds.yaml", self.fails(1, "network", "list", OS_CLOUD="first"))

    def test_broken_file(self):
        self.write("clouds.yaml", "clouds:\n  a: [1\n")
        self.assertIn("clouds.yaml: line", self.fails(2, "network", "list", OS_CLOUD="a"))

    def test_hostile_file(self):
        bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            "%s: &%s [%s]\n" % (b, b, ",".join(["*" + a] * 9)) for a, b in zip("abcdefgh", "bcdefghi"))
        self.write("clouds.yaml", bomb)
        self.assertIn("too large", self.fails(2, "network", "list", OS_CLOUD="a"))
        self.write("clouds.yaml", "&a [*a]")
        self.fails(2, "network", "list", OS_CLOUD="a")


if __name__ == "__main__":
    run_tests()
