/* Reading buoyd.conf by a table of keys, on libinih.
 * The start of the daemon. */
#include "daemon/config.h"
#include "daemon/config_nova.h"
#include "model/names.h"
#include "plan/rules.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include <ini.h>

enum key_type { KEY_TEXT, KEY_NUMBER };

struct key {
	const char *section, *name;
	enum key_type type;
	size_t offset;
	const char *def;
	int64_t min, max;
	const char *one_of; /* "a|b" */
};

#define TEXT(section, name, member, ...)                                                                     \
	{                                                                                                    \
		section, name, KEY_TEXT, offsetof(struct config, member), __VA_ARGS__                        \
	}
#define NUMBER(section, name, member, ...)                                                                   \
	{                                                                                                    \
		section, name, KEY_NUMBER, offsetof(struct config, member), __VA_ARGS__                      \
	}
#define QUOTA(name, def) NUMBER("quota", #name, quota.name, def, -1, INT32_MAX)

static const struct key keys[] = {
	TEXT("api", "listen", listen, "127.0.0.1:9696"),
	TEXT("api", "public_url", public_url, ""),
	TEXT("api", "tls_certificate", tls_certificate, ""),
	TEXT("api", "tls_key", tls_key, ""),
	NUMBER("api", "threads", threads, "4", 1, 256),
	TEXT("api", "region", region_name, "RegionOne"),
	TEXT("api", "user", user, "buoy"),
	NUMBER("api", "idempotency_seconds", idempotency_seconds, "86400", 60, 31536000),
	TEXT("database", "path", database, "/var/lib/buoy/buoy.db"),
	TEXT("identity", "mode", identity_mode, "builtin", .one_of = "builtin|keystone"),
	NUMBER("identity", "token_lifetime_s", token_lifetime_s, "3600", 60, 31536000),
	TEXT("identity", "keystone_url", keystone_url, ""),
	TEXT("identity", "keystone_username", keystone_username, ""),
	TEXT("identity", "keystone_password", keystone_password, ""),
	TEXT("identity", "keystone_project", keystone_project, ""),
	TEXT("identity", "keystone_domain", keystone_domain, "Default"),
	TEXT("node", "name", node_name, ""),
	TEXT("node", "availability_zone", availability_zone, "nova"),
	TEXT("node", "run_netns", run_netns, "/run/netns"),
	TEXT("node", "bpf_folder", bpf_folder, "/sys/fs/bpf/buoy"),
	NUMBER("node", "read_back_s", read_back_s, "300", 0, 86400),
	TEXT("network", "datapath", datapath, "auto", .one_of = "auto|nft|bpf"),
	TEXT("network", "uplink_hook", uplink_hook, "auto", .one_of = "auto|tc|xdp"),
	TEXT("network", "tenant_network_type", tenant_network_type, "local", .one_of = "local|vxlan"),
	TEXT("network", "vxlan_local", vxlan_local, ""),
	TEXT("network", "vxlan_peers", vxlan_peers, ""),
	NUMBER("network", "vxlan_port", vxlan_port, "4789", 1, 65535),
	NUMBER("network", "vni_min", vni_min, "1", 1, 16777215),
	NUMBER("network", "vni_max", vni_max, "16777215", 1, 16777215),
	NUMBER("network", "mtu", mtu, "1500", 576, 65535),
	NUMBER("network", "apply_wait_ms", apply_wait_ms, "1000", 0, 60000),
	TEXT("nova_network", "public_interface", public_interface, ""),
	TEXT("nova_network", "fixed_bridge", fixed_bridge, ""),
	TEXT("nova_network", "fixed_range", fixed_range, ""),
	TEXT("nova_network", "fixed_gateway", fixed_gateway, ""),
	TEXT("nova_network", "fixed_network", fixed_network, "private"),
	TEXT("nova_network", "router", fixed_router, "nova-network"),
	TEXT("nova_network", "default_pool", default_pool, "nova"),
	TEXT("nova_network", "physical_network", pool_physical_network, ""),
	TEXT("nova_network", "metadata", metadata, ""),
	TEXT("history", "keep", keep, "400d"),
	TEXT("dhcp", "serve", dhcp_serve, "yes", .one_of = "yes|no"),
	NUMBER("dhcp", "lease_time_s", dhcp_lease_s, "86400", 60, 2147483647),
	TEXT("dns", "domain", dns_domain, "openstacklocal"),
	TEXT("dns", "upstream", dns_upstream, ""),
	TEXT("dns", "server", dns_server, ""),
	TEXT("dns", "key_name", dns_key_name, ""),
	TEXT("dns", "key_algorithm", dns_key_algorithm, "hmac-sha256",
	     .one_of = "hmac-sha1|hmac-sha256|hmac-sha512"),
	TEXT("dns", "key_file", dns_key_file, ""),
	TEXT("dns", "reverse", dns_reverse, "no", .one_of = "yes|no"),
	NUMBER("dns", "ttl_s", dns_ttl_s, "300", 0, 2147483647),
	NUMBER("floating_ips", "rest_seconds", rest_seconds, "600", 0, 31536000),
	QUOTA(network, "100"),
	QUOTA(subnet, "100"),
	QUOTA(port, "500"),
	QUOTA(router, "10"),
	QUOTA(floatingip, "50"),
	QUOTA(subnetpool, "-1"),
	QUOTA(rbac_policy, "10"),
};

struct reader {
	struct config *c;
	struct err *err;
	int result;
};

static bool allowed(const struct key *k, const char *value)
{
	size_t n = strlen(value);

	for (const char *p = k->one_of; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (strncmp(p, value, n) == 0 && (p[n] == '|' || p[n] == '\0') && n)
			return true;
	return !k->one_of;
}

static int set_key(struct config *c, const struct key *k, const char *value, struct err *err)
{
	void *at = (char *)c + k->offset;
	char *end;
	int64_t n;

	if (k->type == KEY_TEXT) {
		if (!allowed(k, value))
			return err_set(err, -EINVAL, "%s in [%s] is '%s', but must be one of %s", k->name,
				       k->section, value, k->one_of);
		*(const char **)at = talloc_strdup(c->region, value);
		return 0;
	}
	errno = 0;
	n = strtoll(value, &end, 10);
	if (errno || end == value || *end || n < k->min || n > k->max)
		return err_set(err, -EINVAL,
			       "%s in [%s] is '%s', but must be a number from %" PRId64 " to %" PRId64,
			       k->name, k->section, value, k->min, k->max);
	*(int64_t *)at = n;
	return 0;
}

void config_add_physical(struct config *c, const char *name, enum physical_type type, const char *device)
{
	c->physical = talloc_realloc(c->region, c->physical, struct physical_network, c->physical_count + 1);
	c->physical[c->physical_count++] = (struct physical_network){talloc_strdup(c->region, name), type,
								     talloc_strdup(c->region, device)};
}

static int add_physical(struct config *c, const char *name, const char *value, struct err *err)
{
	static const struct {
		const char *prefix;
		enum physical_type type;
	} types[] = {{"bridge:", PHYSICAL_BRIDGE}, {"nic:", PHYSICAL_NIC}, {"host:", PHYSICAL_HOST}};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		size_t n = strlen(types[i].prefix);

		if (strncmp(value, types[i].prefix, n) != 0 || !value[n] || strlen(value + n) >= IFNAMSIZ ||
		    strchr(value, '/'))
			continue;
		config_add_physical(c, name, types[i].type, value + n);
		return 0;
	}
	return err_set(err, -EINVAL,
		       "%s in [physical_networks] is '%s', but must be bridge:NAME (a bridge that exists), "
		       "nic:NAME (a NIC that stays untouched) or host:NAME (the host's own interface, which "
		       "gets the floating IPs); a name is at most 15 characters",
		       name, value);
}

static int take_key(struct config *c, const char *section, const char *name, const char *value,
		    struct err *err)
{
	if (strcmp(section, "physical_networks") == 0)
		return add_physical(c, name, value, err);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0)
			return set_key(c, &keys[i], value, err);
	return err_set(err, -EINVAL, "there is no key '%s' in a section [%s]", name, section);
}

static int on_key(void *arg, const char *section, const char *name, const char *value)
{
	struct reader *rd = arg;

	if (rd->result == 0)
		rd->result = take_key(rd->c, section, name, value ? value : "", rd->err);
	return rd->result == 0;
}

static int derive_vxlan(struct config *c, struct err *err)
{
	char *peers = talloc_strdup(c->region, c->vxlan_peers), *save = NULL;
	struct ip *list = NULL;
	size_t n = 0;

	if (c->vxlan_local[0] && ip_parse(c->vxlan_local, &c->node.vxlan_local) < 0)
		return err_set(err, -EINVAL, "vxlan_local in [network] is '%s', which is no IP address",
			       c->vxlan_local);
	for (char *p = strtok_r(peers, ", ", &save); p; p = strtok_r(NULL, ", ", &save)) {
		list = talloc_realloc(c->region, list, struct ip, n + 1);
		if (ip_parse(p, &list[n++]) < 0)
			return err_set(err, -EINVAL,
				       "vxlan_peers in [network] holds '%s', which is no IP address", p);
	}
	if (c->vni_min > c->vni_max)
		return err_set(err, -EINVAL, "vni_min in [network] is greater than vni_max");
	if (strcmp(c->tenant_network_type, "vxlan") == 0 && ip_is_null(&c->node.vxlan_local))
		return err_set(err, -EINVAL,
			       "tenant_network_type = vxlan needs vxlan_local, this node's tunnel address");
	c->node.vxlan_peers = list;
	c->node.vxlan_peer_count = n;
	c->node.vxlan_port = (uint16_t)c->vxlan_port;
	return 0;
}

/* "400d", "12h", "0". */
static int derive_keep(struct config *c, struct err *err)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'h', 3600}, {'d', 86400}, {'w', 7 * 86400}, {'y', 366 * 86400}};
	char *end;
	long long n = strtoll(c->keep, &end, 10);

	if (strcmp(c->keep, "0") == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (end != c->keep && end[0] == units[i].letter && !end[1] && n > 0 && n <= 100000) {
			c->keep_us = n * units[i].seconds * 1000000;
			return 0;
		}
	return err_set(
		err, -EINVAL,
		"keep in [history] is '%s', but must be a number of hours, days, weeks or years, as 400d, "
		"or 0 (for ever)",
		c->keep);
}

static void derive_names(struct config *c)
{
	char host[65] = "localhost";
	const char **names = talloc_zero_array(c->region, const char *, c->physical_count + 1);

	gethostname(host, sizeof(host) - 1);
	if (!c->node_name[0])
		c->node_name = talloc_strdup(c->region, host);
	if (!c->public_url[0])
		c->public_url = talloc_asprintf(c->region, "http%s://%s", c->tls_certificate[0] ? "s" : "",
						c->listen);
	for (size_t i = 0; i < c->physical_count; i++)
		names[i] = c->physical[i].name;
	c->api.physical_networks = names;
}

static void derive_api(struct config *c)
{
	struct api_config *a = &c->api;

	a->public_url = c->public_url;
	a->tls = c->tls_certificate[0];
	a->region = c->region_name;
	a->node_name = c->node_name;
	a->availability_zone = c->availability_zone;
	a->tenant_network_type = c->tenant_network_type;
	a->vni_min = c->vni_min;
	a->vni_max = c->vni_max;
	a->mtu = c->mtu;
	a->dns_domain = c->dns_domain;
	a->apply_wait_ms = (int)c->apply_wait_ms;
	a->quota = c->quota;
	a->once_s = c->idempotency_seconds;
	a->rest_s = c->rest_seconds;
	a->token_lifetime_s = c->token_lifetime_s;
	a->keystone = strcmp(c->identity_mode, "keystone") == 0;
	a->keystone_url = c->keystone_url;
	a->keystone_username = c->keystone_username;
	a->keystone_password = c->keystone_password;
	a->keystone_project = c->keystone_project;
	a->keystone_domain = c->keystone_domain;
}

static int derive_dns(struct config *c, struct err *err)
{
	char *list = talloc_strdup(c->region, c->dns_upstream), *save = NULL;
	struct err why = {0};
	struct ip ip;

	if (names_check(c->dns_domain, &why) < 0)
		return err_set(err, -EINVAL, "domain in [dns]: %s", why.message);
	for (char *p = strtok_r(list, ", ", &save); p; p = strtok_r(NULL, ", ", &save))
		if (ip_parse(p, &ip) < 0)
			return err_set(err, -EINVAL, "upstream in [dns] holds '%s', which is no IP address",
				       p);
	return 0;
}

static int derive_publish(struct config *c, struct err *err)
{
	struct publish_settings *p = &c->publish;
	size_t n = strlen(c->dns_key_name);

	if (!c->dns_server[0])
		return 0;
	if (ip_parse(c->dns_server, &p->server) < 0)
		return err_set(err, -EINVAL, "server in [dns] is '%s', which is no IP address",
			       c->dns_server);
	if (!n || !c->dns_key_file[0])
		return err_set(err, -EINVAL,
			       "server in [dns] needs key_name and key_file, which sign the updates");
	p->port = 53;
	p->key_name =
		talloc_asprintf(c->region, "%s%s", c->dns_key_name, c->dns_key_name[n - 1] == '.' ? "" : ".");
	p->algorithm = talloc_asprintf(c->region, "%s.", c->dns_key_algorithm);
	p->ttl_s = (uint32_t)c->dns_ttl_s;
	p->reverse = strcmp(c->dns_reverse, "yes") == 0;
	return 0;
}

static int derive(struct config *c, struct err *err)
{
	int r;

	if (!c->tls_certificate[0] != !c->tls_key[0])
		return err_set(err, -EINVAL, "tls_certificate and tls_key in [api] go together");
	if (strcmp(c->identity_mode, "keystone") == 0 && (!c->keystone_url[0] || !c->keystone_username[0]))
		return err_set(err, -EINVAL,
			       "mode = keystone needs keystone_url and keystone_username in [identity]");
	r = derive_vxlan(c, err);
	if (r == 0)
		r = derive_keep(c, err);
	if (r == 0)
		r = config_derive_nova(c, err);
	if (r == 0)
		r = derive_dns(c, err);
	if (r == 0)
		r = derive_publish(c, err);
	if (r < 0)
		return r;
	derive_names(c);
	derive_api(c);
	c->node.name = c->node_name;
	c->node.serve = strcmp(c->dhcp_serve, "yes") == 0;
	c->node.physical = c->physical;
	c->node.physical_count = c->physical_count;
	c->node.table_hash = rules_hash(&rules_netns);
	c->node.express_table_hash = rules_hash(&rules_express);
	c->node.host_table_hash = rules_hash(&rules_host);
	return 0;
}

static void set_defaults(struct config *c)
{
	*c = (struct config){.region = talloc_new(NULL)};
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct key plain = keys[i];

		plain.one_of = NULL;
		set_key(c, &plain, keys[i].def, NULL);
	}
}

/* `line` is inih's answer: 0, or the line of the first mistake, or -1 when the file can not be opened. */
static int finish(struct reader *rd, const char *name, int line, struct config *ret)
{
	int r = rd->result;

	if (line < 0)
		r = err_set(rd->err, -ENOENT, "cannot read %s: %m", name);
	else if (r < 0)
		err_prefix(rd->err, "%s, line %d", name, line);
	else if (line > 0)
		r = err_set(rd->err, -EINVAL, "%s, line %d: neither [section] nor key = value", name, line);
	else if ((r = derive(rd->c, rd->err)) < 0)
		err_prefix(rd->err, "%s", name);
	if (r < 0)
		config_done(rd->c);
	else
		*ret = *rd->c;
	return r;
}

int config_load(const char *path, struct config *ret, struct err *err)
{
	struct config c;
	struct reader rd = {&c, err, 0};

	set_defaults(&c);
	return finish(&rd, path ? path : "configuration", path ? ini_parse(path, on_key, &rd) : 0, ret);
}

int config_parse(const char *text, struct config *ret, struct err *err)
{
	struct config c;
	struct reader rd = {&c, err, 0};

	set_defaults(&c);
	return finish(&rd, "configuration", ini_parse_string(text, on_key, &rd), ret);
}

void config_done(struct config *c)
{
	talloc_free(c->region);
	*c = (struct config){0};
}
