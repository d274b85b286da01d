/* `buoyd single-host`: from nothing to a configured host that routes itself, in one command.
 * Writes the configuration, makes administrator, networks and pool in the database, and a clouds.yaml for
 * root. May be run again: what is there already is left. */
#include "api/compute.h"
#include "api/identity.h"
#include "base/buf.h"
#include "daemon/process.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#define CLOUDS "/etc/openstack/clouds.yaml"

/* --- what is to be written --- */

static bool is_bridge(const char *name)
{
	AUTO_FREE char *path = xasprintf("/sys/class/net/%s/bridge", name);

	return access(path, F_OK) == 0;
}

/* Every mistake is found before anything is written. */
static int check_given(const struct single_host *given, struct err *err)
{
	struct compute_range floating;
	struct err why = {0};

	if (!given->public_interface || !given->bridge)
		return err_set(err, -EINVAL, "single-host needs --public-interface and --bridge");
	if (!if_nametoindex(given->public_interface))
		return err_set(err, -ENODEV, "there is no interface %s on this machine",
			       given->public_interface);
	if (!if_nametoindex(given->bridge))
		return err_set(err, -ENODEV, "there is no bridge %s on this machine", given->bridge);
	if (!is_bridge(given->bridge))
		return err_set(err, -ENODEV, "%s is no bridge", given->bridge);
	if (given->floating && compute_range_parse(given->floating, &floating, &why) < 0)
		return err_set(err, -EINVAL, "--floating %s: %s", given->floating, why.message);
	return 0;
}

static int derive(const struct single_host *given, struct buf *section, struct err *err)
{
	char range[CIDR_TEXT], gateway[IP_TEXT];
	struct cidr bridge, net;

	if (given->range && cidr_parse(given->range, &net) < 0)
		return err_set(err, -EINVAL, "--range %s is no range", given->range);
	if (nova_host_address(given->bridge, given->range ? &net : NULL, &bridge) < 0)
		return err_set(
			err, -EADDRNOTAVAIL,
			"%s has no IPv4 address%s%s: it is the instances' gateway. Start its network first",
			given->bridge, given->range ? " in " : "", given->range ? given->range : "");
	net = cidr_masked(&bridge);
	buf_printf(section,
		   "public_interface = %s\nfixed_bridge = %s\nfixed_range = %s\nfixed_gateway = %s\n",
		   given->public_interface, given->bridge,
		   given->range ? given->range : cidr_print(&net, range), ip_print(&bridge.addr, gateway));
	if (given->metadata)
		buf_printf(section, "metadata = %s\n", given->metadata);
	return 0;
}

/* --- files --- */

static int read_file(const char *path, struct buf *ret, struct err *err)
{
	int fd AUTO_CLOSE = open(path, O_RDONLY | O_CLOEXEC);
	char part[4096];
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_set(err, -errno, "%s: %m", path);
	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add(ret, part, (size_t)n);
	return n < 0 ? err_set(err, -errno, "%s: %m", path) : 0;
}

/* The folders above a file; those that are there stay as they are. */
static int make_folders(const char *path, mode_t mode, struct err *err)
{
	AUTO_FREE char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		/* Our mask takes from others what they may have here. */
		if (mkdir(copy, mode) == 0 ? chmod(copy, mode) < 0 : errno != EEXIST)
			return err_set(err, -errno, "%s: %m", copy);
		*slash = '/';
	}
	return 0;
}

/* All of it or nothing, and for root alone. */
static int write_file(const char *path, const char *text, struct err *err)
{
	AUTO_FREE char *temporary = xasprintf("%s.new", path);
	size_t len = strlen(text);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool fine = fd >= 0 && write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
	int r;

	if (fd >= 0)
		fine = close(fd) == 0 && fine;
	if (fine && rename(temporary, path) == 0)
		return 0;
	r = err_set(err, -errno, "%s: %m", path);
	if (fd >= 0)
		unlink(temporary);
	return r;
}

/* The section's lines go behind its heading, where the file that is installed has only comments. */
static int write_config(const char *path, const char *section, struct err *err)
{
	static const char heading[] = "[nova_network]\n";
	AUTO_BUF struct buf old = {0}, text = {0};
	const char *at;
	struct config c = {0};
	int r = read_file(path, &old, err);

	if (r < 0)
		return r;
	at = strstr(buf_text(&old), heading);
	while (at && at != buf_text(&old) && at[-1] != '\n')
		at = strstr(at + 1, heading);
	if (at)
		buf_add(&text, buf_text(&old), (size_t)(at - buf_text(&old)));
	else
		buf_puts(&text, buf_text(&old));
	buf_printf(&text, "%s%s%s%s", !at && old.len ? "\n" : "", heading, section,
		   at ? at + strlen(heading) : "");
	r = config_parse(buf_text(&text), &c, err);
	config_done(&c);
	if (r == 0)
		r = make_folders(path, 0755, err);
	return r < 0 ? r : write_file(path, buf_text(&text), err);
}

static int write_clouds(const char *path, const struct config *c, const char *password, struct err *err)
{
	AUTO_BUF struct buf text = {0};
	int r = make_folders(path, 0755, err);

	buf_printf(&text,
		   "# Made by buoyd single-host: how root on this host speaks to Buoy.\n"
		   "clouds:\n"
		   "  buoy:\n"
		   "    auth:\n"
		   "      auth_url: %s/identity/v3\n"
		   "      username: admin\n"
		   "      password: %s\n"
		   "      project_name: admin\n"
		   "      user_domain_name: Default\n"
		   "      project_domain_name: Default\n"
		   "    region_name: %s\n",
		   c->public_url, password, c->region_name);
	return r < 0 ? r : write_file(path, buf_text(&text), err);
}

/* --- the database --- */

/* 0 and a password when the administrator was made, 1 when there was one. */
static int bootstrap(struct ledger *ledger, void *region, const char **ret_password, struct err *err)
{
	const struct bootstrap b = {"admin", "admin", NULL};
	int r = identity_bootstrap(ledger, region, &b, ret_password, err);

	return r == -EEXIST ? 1 : r;
}

static int make_rows(const struct config *c, struct ledger *ledger, const char *floating, struct err *err)
{
	struct nodes *nodes = nodes_new();
	struct api *api = api_new(&c->api, ledger, nodes, err);
	int r = api ? nova_ensure(c, api, floating, err) : -EINVAL;

	if (api)
		api_free(api);
	nodes_free(nodes);
	return r;
}

static int fill_database(const struct config *c, const struct single_host *given, void *region,
			 const char **ret_password, struct err *err)
{
	struct ledger *ledger;
	struct store *st;
	int r = make_folders(c->database, 0700, err), made;

	if (r == 0)
		r = store_sqlite_open(c->database, false, &st, err);
	if (r == 0)
		r = ledger_new(st, NULL, NULL, &ledger, err);
	if (r < 0)
		return r;
	made = c->api.keystone ? 1 : bootstrap(ledger, region, ret_password, err);
	r = made < 0 ? made : make_rows(c, ledger, given->floating, err);
	ledger_free(ledger);
	return r;
}

/* --- all of it --- */

static bool is_same(const struct config *c, const struct single_host *given)
{
	return strcmp(c->public_interface, given->public_interface) == 0 &&
	       strcmp(c->fixed_bridge, given->bridge) == 0 &&
	       (!given->range || strcmp(c->fixed_range, given->range) == 0) &&
	       (!given->metadata || strcmp(c->metadata, given->metadata) == 0);
}

static int configure(const struct single_host *given, struct config *c, struct err *err)
{
	AUTO_BUF struct buf section = {0};
	int r = check_given(given, err);

	if (r == 0)
		r = derive(given, &section, err);
	if (r == 0)
		r = config_load(access(given->config, F_OK) == 0 ? given->config : NULL, c, err);
	if (r < 0 || (c->public_interface[0] && is_same(c, given)))
		return r;
	if (c->public_interface[0] || c->fixed_bridge[0] || c->fixed_range[0])
		return err_set(err, -EEXIST,
			       "[nova_network] in %s says something else already (%s, %s, %s%s%s): change it "
			       "there",
			       given->config, c->public_interface, c->fixed_bridge, c->fixed_range,
			       c->metadata[0] ? ", metadata " : "", c->metadata);
	config_done(c);
	r = write_config(given->config, buf_text(&section), err);
	return r < 0 ? r : config_load(given->config, c, err);
}

static void tell(const struct config *c, const struct single_host *given, const char *password,
		 const char *clouds)
{
	struct ip first = cidr_first(&c->nova_range);
	char guest[IP_TEXT];

	first = ip_add(&first, 10);
	printf("%s: instances of %s get floating IPs on %s, from the pool '%s'\n", given->config,
	       c->fixed_bridge, c->public_interface, c->default_pool);
	if (password)
		printf("%s: the administrator's password, for root alone\n", clouds);
	nova_check(c);
	printf("next:\n"
	       "  systemctl enable --now buoyd\n"
	       "  buoy port create --network %s --fixed-ip ip-address=%s --device web --device-owner "
	       "compute:nova web\n"
	       "  buoy floating ip create %s --port web\n",
	       c->fixed_network, ip_print(&first, guest), c->default_pool);
}

/* Whatever else fails: there is an administrator now, whose password nobody else knows. */
static int keep_password(const char *clouds, const struct config *c, const char *password)
{
	struct err err = {0};
	int r = password ? write_clouds(clouds, c, password, &err) : 0;

	if (r < 0)
		fprintf(stderr, "buoyd: %s; the password of admin is %s\n", err.message, password);
	return r;
}

int command_single_host(const struct single_host *given)
{
	const char *clouds = given->clouds ? given->clouds : CLOUDS, *password = NULL;
	void *region = talloc_new(NULL);
	AUTO_CONFIG struct config c = {0};
	struct err err = {0};
	int r = configure(given, &c, &err), kept;

	if (r == 0)
		r = fill_database(&c, given, region, &password, &err);
	/* Somebody's own file stays. */
	if (!given->clouds && access(clouds, F_OK) == 0)
		clouds = "/etc/buoy/clouds.yaml";
	kept = keep_password(clouds, &c, password);
	if (r == 0 && kept == 0)
		tell(&c, given, password, clouds);
	else if (r < 0)
		fprintf(stderr, "buoyd: %s\n", err.message);
	talloc_free(region);
	return r < 0 || kept < 0;
}
