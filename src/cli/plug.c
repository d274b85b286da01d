/* `buoy port plug` and `unplug`: a device of this machine becomes the instance's end of a port.
 * The node's agent takes any device called tap<first 11 of the port id> into the port's network; this makes
 * such a device, or gives one that exists that name beside its own. Local and privileged: runs ip(8). */
#include "cli/cli.h"
#include "cli/nouns.h"

#include <errno.h>
#include <net/if.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>

extern char **environ;

enum { ID_PART = 11, ARGS_MAX = 24 };

/* What plugging needs to know of a port. */
struct plug {
	const char *id, *tap, *mac, *netns, *dev;
	json_int_t mtu;
	json_t *port;    /* owned */
	json_t *subnets; /* owned; rows by subnet id */
};

static void plug_done(struct plug *p)
{
	json_decref(p->port);
	json_decref(p->subnets);
}

/* Runs ip(8) with the words of one line; words hold no spaces. What it prints goes to our stderr. */
static int run_ip(struct cli *cli, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int run_ip(struct cli *cli, struct err *err, const char *fmt, ...)
{
	char *argv[ARGS_MAX] = {(char *)"ip"}, *line, *save = NULL;
	size_t n = 1;
	va_list ap;
	pid_t pid;
	int status, r;

	va_start(ap, fmt);
	line = talloc_vasprintf(cli->mem, fmt, ap);
	va_end(ap);
	for (char *word = strtok_r(talloc_strdup(cli->mem, line), " ", &save); word && n + 1 < ARGS_MAX;
	     word = strtok_r(NULL, " ", &save))
		argv[n++] = word;
	r = posix_spawnp(&pid, "ip", NULL, NULL, argv, environ);
	if (r)
		return err_set(err, -r, "ip(8) cannot be run: %s", strerror(r));
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return err_set(err, -errno, "ip(8): %m");
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, -EIO, "'ip %s' failed%s", line, geteuid() ? "; this needs root" : "");
	return 0;
}

static int load_subnets(struct cli *cli, struct plug *p, struct err *err)
{
	size_t i;
	json_t *fixed;

	p->subnets = json_object();
	json_array_foreach(json_object_get(p->port, "fixed_ips"), i, fixed)
	{
		const char *id = json_get_text(fixed, "subnet_id"), *same;
		json_t *row = NULL;
		int r = json_object_get(p->subnets, id)
				? 0
				: resolve(cli, noun_find("subnet"), id, &same, &row, err);

		if (r)
			return r;
		if (row)
			json_object_set_new(p->subnets, id, row);
	}
	return 0;
}

/* Asks the server for all that is needed before anything on this machine is changed. */
static int plug_load(struct cli *cli, const struct call *call, struct plug *p, struct err *err)
{
	json_auto_t *network = NULL;
	const char *same;
	int r = resolve_port(cli, call_arg(call, 0), &p->id, &p->port, err);

	if (r)
		return r;
	p->tap = talloc_asprintf(cli->mem, "tap%.*s", ID_PART, p->id);
	p->mac = json_get_text(p->port, "mac_address");
	p->netns = call_get(call, "netns");
	p->dev = call_has(call, "name") ? call_get(call, "name") : "eth0";
	r = resolve(cli, noun_find("network"), json_get_text(p->port, "network_id"), &same, &network, err);
	if (r)
		return r;
	p->mtu = json_integer_value(json_object_get(network, "mtu"));
	p->mtu = p->mtu > 0 ? p->mtu : 1500;
	return load_subnets(cli, p, err);
}

/* A word that may stand in a command of ip(8). */
static int check_word(const char *what, const char *word, size_t max, struct err *err)
{
	if (!*word || strlen(word) > max || strpbrk(word, " \t\n/") || *word == '-' || *word == '.')
		return err_set(err, -EINVAL, "'%s' cannot be a %s", word, what);
	return 0;
}

static int check_netns(const struct plug *p, struct err *err)
{
	AUTO_FREE char *path = xasprintf("/run/netns/%s", p->netns);
	struct stat st;
	int r = check_word("namespace's name", p->netns, 200, err);

	if (r == 0)
		r = check_word("device's name", p->dev, IFNAMSIZ - 1, err);
	if (r)
		return r;
	if (stat(path, &st))
		return err_set(err, -ENOENT, "there is no network namespace '%s': 'ip netns add %s' makes it",
			       p->netns, p->netns);
	if (if_nametoindex(p->tap))
		return err_set(err, -EEXIST,
			       "the port is plugged on this machine already: %s is there ('buoy port unplug "
			       "%s' takes it away)",
			       p->tap, p->id);
	return 0;
}

/* Routes that DHCP would give: the default one through the gateway, and the subnet's own. */
static int add_routes(struct cli *cli, const struct plug *p, const json_t *subnet, bool first,
		      struct err *err)
{
	const char *gateway = json_get_text(subnet, "gateway_ip");
	size_t i;
	json_t *route;
	int r = 0;

	if (*gateway && first)
		r = run_ip(cli, err, "-n %s route replace default via %s dev %s onlink", p->netns, gateway,
			   p->dev);
	json_array_foreach(json_object_get(subnet, "host_routes"), i, route)
	{
		if (r == 0)
			r = run_ip(cli, err, "-n %s route replace %s via %s dev %s onlink", p->netns,
				   json_get_text(route, "destination"), json_get_text(route, "nexthop"),
				   p->dev);
	}
	return r;
}

static int add_addresses(struct cli *cli, const struct plug *p, struct err *err)
{
	bool routed[2] = {false, false}; /* IPv4, IPv6 */
	size_t i;
	json_t *fixed;
	int r = 0;

	json_array_foreach(json_object_get(p->port, "fixed_ips"), i, fixed)
	{
		const char *address = json_get_text(fixed, "ip_address");
		const json_t *subnet = json_object_get(p->subnets, json_get_text(fixed, "subnet_id"));
		const char *slash = strchr(json_get_text(subnet, "cidr"), '/');
		bool six = strchr(address, ':') != NULL;

		if (!slash)
			return err_set(err, -EPROTO, "the server's subnet of %s has no CIDR", address);
		if (r == 0)
			r = run_ip(cli, err, "-n %s address replace %s%s dev %s%s", p->netns, address, slash,
				   p->dev, six ? " nodad" : "");
		if (r == 0)
			r = add_routes(cli, p, subnet, !routed[six], err);
		routed[six] |= *json_get_text(subnet, "gateway_ip") != 0;
	}
	return r;
}

/* The pair of devices: ours is born down and without a bridge, the agent takes it from there. */
static int plug_netns(struct cli *cli, const struct plug *p, bool addresses, struct err *err)
{
	int r = check_netns(p, err);

	if (r == 0)
		r = run_ip(cli, err,
			   "link add %s mtu %" JSON_INTEGER_FORMAT
			   " type veth peer name %s netns %s address %s mtu %" JSON_INTEGER_FORMAT,
			   p->tap, p->mtu, p->dev, p->netns, p->mac, p->mtu);
	if (r)
		return r;
	r = run_ip(cli, err, "link set dev %s up alias port-%s", p->tap, p->id);
	if (r == 0)
		r = run_ip(cli, err, "-n %s link set dev lo up", p->netns);
	if (r == 0)
		r = run_ip(cli, err, "-n %s link set dev %s up", p->netns, p->dev);
	if (r == 0 && addresses)
		r = add_addresses(cli, p, err);
	if (r)
		run_ip(cli, NULL, "link delete dev %s", p->tap);
	return r;
}

/* An alternative name: what opened the device keeps finding it under its own. */
static int plug_tap(struct cli *cli, const struct plug *p, const char *dev, struct err *err)
{
	unsigned index;
	int r = check_word("device's name", dev, 127, err);

	if (r)
		return r;
	index = if_nametoindex(dev);
	if (!index)
		return err_set(err, -ENOENT, "there is no device '%s' on this machine", dev);
	if (if_nametoindex(p->tap) == index)
		return 0;
	if (if_nametoindex(p->tap))
		return err_set(err, -EEXIST, "another device is %s already", p->tap);
	/* Up first: the kernel tells nobody of a new name of a device that is down. */
	r = run_ip(cli, err, "link set dev %s up", dev);
	return r ? r : run_ip(cli, err, "link property add dev %s altname %s", dev, p->tap);
}

int port_plug(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	__attribute__((cleanup(plug_done))) struct plug p = {0};
	const char *tap = call_get(call, "tap"), *netns = call_get(call, "netns");
	int r;

	if (!tap == !netns)
		return err_set(err, -EINVAL, "either --netns NAMESPACE or --tap DEVICE is needed");
	if (tap && (call_has(call, "name") || call_has(call, "no-address")))
		return err_set(err, -EINVAL,
			       "--name and --no-address go with --netns: a tap is left as it is");
	r = plug_load(cli, call, &p, err);
	if (r)
		return r;
	r = tap ? plug_tap(cli, &p, tap, err) : plug_netns(cli, &p, !call_has(call, "no-address"), err);
	if (r == 0 && !cli->quiet)
		printf("%s\n", p.tap);
	return r;
}

/* Did `plug --netns` make this device? Its alias says so. */
static bool is_ours(const char *tap, const char *id)
{
	AUTO_FREE char *path = xasprintf("/sys/class/net/%s/ifalias", tap);
	AUTO_FREE char *want = xasprintf("port-%s\n", id);
	char have[128] = "";
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	if (!fgets(have, sizeof(have), f))
		have[0] = 0;
	fclose(f);
	return !strcmp(have, want);
}

int port_unplug(struct cli *cli, const struct noun *noun, const struct call *call, struct err *err)
{
	const char *id;
	char *tap, name[IF_NAMESIZE];
	unsigned index;
	int r = resolve_port(cli, call_arg(call, 0), &id, NULL, err);

	if (r)
		return r;
	tap = talloc_asprintf(cli->mem, "tap%.*s", ID_PART, id);
	index = if_nametoindex(tap);
	if (!index || !if_indextoname(index, name))
		return err_set(err, -ENOENT, "the port is not plugged on this machine: there is no %s", tap);
	if (strcmp(name, tap)) {
		/* Without its name the agent knows it no more, so it leaves the bridge here. */
		r = run_ip(cli, err, "link property del dev %s altname %s", name, tap);
		return r ? r : run_ip(cli, err, "link set dev %s nomaster", name);
	}
	if (!is_ours(tap, id))
		return err_set(err, -EPERM,
			       "%s was not made by 'buoy port plug': what made it has to take it away", tap);
	return run_ip(cli, err, "link delete dev %s", tap);
}
