/* What one can do to a server: give it a floating IP and take it away. Nothing else, since nothing runs here.
 * Route function of POST /servers/<id>/action; association is the network API's own. */
#include "api/compute.h"
#include "api/net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define LAST_MINOR 43

struct action {
	const char *address, *fixed;
};

/* --- addFloatingIp --- */

static bool has_fixed(const struct instance *s)
{
	for (size_t i = 0; i < s->port_count; i++)
		if (s->ports[i]->fixed_ips.count)
			return true;
	return false;
}

/* The port that has the address, or the first that has an IPv4 address at all. */
static const struct port *choose_port(const struct instance *s, const char *fixed, struct ip *ret)
{
	struct ip wanted = {0};

	if (fixed && ip_parse(fixed, &wanted) < 0)
		return NULL;
	for (size_t i = 0; i < s->port_count; i++) {
		const struct fixed_ip *f = s->ports[i]->fixed_ips.items;

		for (uint32_t k = 0; k < s->ports[i]->fixed_ips.count; k++)
			if (fixed ? ip_eq(&f[k].ip_address, &wanted) : ip_is_v4(&f[k].ip_address)) {
				*ret = f[k].ip_address;
				return s->ports[i];
			}
	}
	return NULL;
}

static int no_port(const struct instance *s, const struct action *a, struct err *err)
{
	if (!has_fixed(s))
		return err_api(err, 400, "HTTPBadRequest", "No fixed IPs associated to instance");
	if (a->fixed)
		return err_api(err, 400, "HTTPBadRequest",
			       "Specified fixed address not assigned to instance");
	return err_api(
		err, 400, "HTTPBadRequest",
		"Unable to associate floating IP %.60s to any fixed IPs for instance %.100s. Instance has "
		"no fixed IPv4 addresses to associate.",
		a->address, s->id);
}

/* Whatever the network API says against it is part of Nova's one sentence. */
static int failed(const struct instance *s, const struct action *a, const struct ip *fixed, struct err *err)
{
	char why[256], ip[IP_TEXT];

	if (!err->status || err->status == 403)
		return err->errnum;
	snprintf(why, sizeof(why), "%.255s", err->message);
	return err_api(err, 400, "HTTPBadRequest",
		       "Unable to associate floating IP %.60s to fixed IP %s for instance %.100s. Error: %s",
		       a->address, ip_print(fixed, ip), s->id, why);
}

static int add_floating(struct verb *v, const struct instance *s, const struct action *a, struct err *err)
{
	const struct floatingip *f;
	const struct port *p;
	const struct row *row;
	struct ip fixed = {0};
	char id[UUID_TEXT], ip[IP_TEXT];
	json_t *json;
	int r;

	if (!(p = choose_port(s, a->fixed, &fixed)))
		return no_port(s, a, err);
	if ((r = compute_floating_by_address(v->c, v->t->work, a->address, &f, err)) < 0 ||
	    (r = verb_find(v, KIND_FLOATINGIP, uuid_print(&f->row.id, id), &row, err)) < 0)
		return r;
	json = json_pack("{s:s, s:s}", "port_id", uuid_print(&p->row.id, id), "fixed_ip_address",
			 ip_print(&fixed, ip));
	r = verb_change(v, row, json, err);
	json_decref(json);
	return r < 0 ? failed(s, a, &fixed, err) : 0;
}

/* --- removeFloatingIp --- */

static int remove_floating(struct verb *v, const struct instance *s, const struct action *a, struct err *err)
{
	const struct floatingip *f;
	const struct row *row;
	char id[UUID_TEXT];
	bool ours = false;
	json_t *json;
	int r = compute_floating_by_address(v->c, v->t->work, a->address, &f, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < s->port_count; i++)
		ours = ours || uuid_eq(&s->ports[i]->row.id, &f->port_id);
	if (!ours)
		return err_api(err, 409, "Conflict",
			       "Floating IP %.60s is not associated with instance %.100s.", a->address,
			       s->id);
	if ((r = verb_find(v, KIND_FLOATINGIP, uuid_print(&f->row.id, id), &row, err)) < 0)
		return r;
	json = json_pack("{s:n}", "port_id");
	r = verb_change(v, row, json, err);
	json_decref(json);
	return r;
}

/* --- the rest --- */

static const char *const cannot[] = {
	"reboot",
	"os-start",
	"os-stop",
	"pause",
	"unpause",
	"suspend",
	"resume",
	"rebuild",
	"resize",
	"confirmResize",
	"revertResize",
	"migrate",
	"os-migrateLive",
	"evacuate",
	"createImage",
	"createBackup",
	"os-getConsoleOutput",
	"os-getVNCConsole",
	"os-getSPICEConsole",
	"os-getRDPConsole",
	"os-getSerialConsole",
	"os-getMKSConsole",
	"lock",
	"unlock",
	"rescue",
	"unrescue",
	"shelve",
	"shelveOffload",
	"unshelve",
	"restore",
	"forceDelete",
	"changePassword",
	"os-resetState",
	"resetNetwork",
	"injectNetworkInfo",
	"addSecurityGroup",
	"removeSecurityGroup",
	"addFixedIp",
	"removeFixedIp",
	"trigger_crash_dump",
};

static int no_action(const char *name, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(cannot); i++)
		if (strcmp(cannot[i], name) == 0)
			return err_api(
				err, 501, "NotImplemented",
				"Buoy registers servers, it runs none: ask what runs this one to do %s.",
				name);
	return err_api(err, 400, "HTTPBadRequest", "There is no such action: %.60s", name);
}

int compute_cannot(struct call *c, struct err *err)
{
	return err_api(
		err, 501, "NotImplemented",
		"Buoy registers servers and gives them addresses; it runs none, and has nothing for this.");
}

static const struct {
	const char *name;
	int (*run)(struct verb *v, const struct instance *s, const struct action *a, struct err *err);
} actions[] = {
	{"addFloatingIp", add_floating},
	{"removeFloatingIp", remove_floating},
};

struct wanted {
	size_t which;
	struct action action;
};

static int act(struct verb *v, void *arg, struct err *err)
{
	const struct wanted *w = arg;
	struct instance s;
	int r = compute_find(v->c, v->t->work, v->t->region, v->c->arg[0], &s, err);

	return r < 0 ? r : actions[w->which].run(v, &s, &w->action, err);
}

static int read_action(const json_t *json, struct action *a, struct err *err)
{
	int r;

	if ((r = compute_text(json, "address", &a->address, err)) < 0 ||
	    (r = compute_text(json, "fixed_address", &a->fixed, err)) < 0)
		return r;
	if (a->address)
		return 0;
	return err_api(err, 400, "HTTPBadRequest",
		       "Invalid input for field/attribute address. It is a required property.");
}

int compute_server_action(struct call *c, struct err *err)
{
	struct wanted *w = talloc_zero(c->req->region, struct wanted);
	struct instance s;
	const char *name;
	json_t *body;
	int r = call_body(c, &body, err);

	if (r < 0 || (r = compute_find(c, c->snap, c->req->region, c->arg[0], &s, err)) < 0)
		return r;
	name = json_object_iter_key(json_object_iter(body));
	if (!name || json_object_size(body) != 1)
		return err_api(err, 400, "HTTPBadRequest", "The body names one action.");
	while (w->which < ARRAY_SIZE(actions) && strcmp(actions[w->which].name, name) != 0)
		w->which++;
	if (w->which == ARRAY_SIZE(actions))
		return no_action(name, err);
	if ((r = compute_until(c, LAST_MINOR, err)) < 0 ||
	    (r = read_action(json_object_get(body, name), &w->action, err)) < 0)
		return r;
	return call_write(c, act, w, compute_accepted, err);
}
