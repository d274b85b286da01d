/* Registering servers, renaming them, taking them off: nothing boots. What a registration makes is a row and
 * ports. Route functions of the compute API; the ports are made by the hooks of /v2.0/ports, all in one
 * transaction. */
#include "api/compute.h"
#include "api/identity.h"
#include "api/net.h"
#include "api/rbac.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#define MAX_METADATA 128

struct registration {
	const char *name, *description, *flavor, *image, *key_name, *metadata;
	json_t *networks; /* the body's */
	struct uuid id;
};

/* --- refusals --- */

static int bad_field(struct err *err, const char *field, const char *why)
{
	return err_api(err, 400, "HTTPBadRequest", "Invalid input for field/attribute %s. %s", field, why);
}

static int not_registered(const struct instance *s, struct err *err)
{
	return err_api(
		err, 409, "Conflict",
		"Server %.100s is what its ports say it is: Buoy has no record of it to change. Change or "
		"delete its ports, or what runs it.",
		s->id);
}

int compute_find_registered(struct verb *v, struct instance *ret, struct err *err)
{
	int r = compute_find(v->c, v->t->work, v->t->region, v->c->arg[0], ret, err);

	return r < 0 || ret->row ? r : not_registered(ret, err);
}

/* The network API's refusals where Nova has other words. */
static int port_refusal(int r, struct err *err)
{
	char why[sizeof(err->message)];

	if (r == 0)
		return 0;
	if (strcmp(err->type, "OverQuota") == 0)
		return err_api(err, 403, "PortLimitExceeded", "Maximum number of ports exceeded");
	if (err->status != 404)
		return r;
	memcpy(why, err->message, sizeof(why));
	return err_api(err, 400, "HTTPBadRequest", "%s", why);
}

/* --- ports --- */

/* An administrator's port, too, is the server's project's. */
static json_t *port_json(const struct instance *server, const json_t *nic, const struct uuid *network_id)
{
	const char *fixed = json_string_value(json_object_get(nic, "fixed_ip"));
	const json_t *list = json_object_get(nic, "fixed_ips");
	char id[UUID_TEXT];
	json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "network_id", uuid_print(network_id, id),
				 "project_id", server->project_id, "device_id", server->id, "device_owner",
				 "compute:" COMPUTE_ZONE);

	if (fixed)
		json_object_set_new(json, "fixed_ips", json_pack("[{s:s}]", "ip_address", fixed));
	else if (json_is_array(list) && json_array_size(list))
		json_object_set_new(json, "fixed_ips", json_deep_copy(list));
	return json;
}

static int make_port(struct verb *v, const struct instance *server, const json_t *nic,
		     const struct uuid *network_id, struct nic *ret, struct err *err)
{
	json_t *json = port_json(server, nic, network_id);
	int r = json ? verb_make(v, KIND_PORT, json, &ret->port_id, err)
		     : bad_field(err, "networks", "It holds what is no text.");

	json_decref(json);
	ret->made = true;
	return port_refusal(r, err);
}

/* A port that is there already: it stays when the server goes. */
static int take_port(struct verb *v, const struct instance *server, const char *port_id, struct nic *ret,
		     struct err *err)
{
	const struct row *row;
	const struct port *p;
	json_t *json;
	int r = verb_find(v, KIND_PORT, port_id, &row, err);

	if (r < 0)
		return port_refusal(r, err);
	p = (const struct port *)row;
	if (p->device_id[0] && strcmp(p->device_id, server->id) != 0)
		return err_api(err, 409, "PortInUse", "Port %.40s is still in use.", port_id);
	if (strcmp(p->project_id, server->project_id) != 0)
		return bad_field(err, "port_id", "The port belongs to another project than the server.");
	ret->port_id = row->id;
	ret->made = false;
	json = json_pack("{s:s, s:s}", "device_id", server->id, "device_owner", "compute:" COMPUTE_ZONE);
	r = verb_change(v, row, json, err);
	json_decref(json);
	return port_refusal(r, err);
}

/* An interface as bodies describe it: {"uuid" or "net_id": ..} or {"port" or "port_id": ..}. */
int compute_plug(struct verb *v, const struct instance *server, const json_t *nic, struct nic *ret,
		 struct err *err)
{
	const char *network = NULL, *port = NULL, *tag = NULL, *fixed = NULL;
	const struct row *row;
	int r;

	if (!json_is_object(nic))
		return bad_field(err, "networks", "Its items are objects.");
	if ((r = compute_text(nic, "uuid", &network, err)) < 0 ||
	    (r = compute_text(nic, "net_id", &network, err)) < 0 ||
	    (r = compute_text(nic, "port", &port, err)) < 0 ||
	    (r = compute_text(nic, "port_id", &port, err)) < 0 ||
	    (r = compute_text(nic, "fixed_ip", &fixed, err)) < 0 ||
	    (r = compute_text(nic, "tag", &tag, err)) < 0)
		return r;
	ret->tag = tag;
	if (port)
		return take_port(v, server, port, ret, err);
	if (!network)
		return bad_field(err, "networks", "Each item names a network by uuid, or a port.");
	if (call_find(v->c, KIND_NETWORK, network, &row, NULL) < 0)
		return err_api(err, 400, "NetworkNotFound", "Network %.40s could not be found.", network);
	return make_port(v, server, nic, &row->id, ret, err);
}

/* Takes the port from the server; what was made for it goes. */
int compute_unplug(struct verb *v, const struct port *p, bool made, struct err *err)
{
	json_t *json;
	int r;

	if (made)
		return verb_drop(v, &p->row, err);
	json = json_pack("{s:s, s:s}", "device_id", "", "device_owner", "");
	r = verb_change(v, &p->row, json, err);
	json_decref(json);
	return r;
}

bool compute_made(const struct instance *s, const struct uuid *port_id)
{
	const struct nic *nic = s->row ? s->row->nics.items : NULL;

	for (uint32_t i = 0; nic && i < s->row->nics.count; i++)
		if (uuid_eq(&nic[i].port_id, port_id))
			return nic[i].made;
	return false;
}

/* --- networks that the body does not name --- */

/* Notes one more network that could be meant. */
static void could_be(const struct network *n, const char *project, const struct network **found, bool *many)
{
	if (!n || n == *found || n->external || strcmp(n->project_id, project) == 0)
		return;
	*many = *many || *found;
	*found = n;
}

/* The one network that a project can only mean: its own, or one that is shared with it. NULL: none, or
 * *ret_many.
 */
static const struct network *only_network(const struct verb *v, bool *ret_many)
{
	const char *project = v->c->caller.actor.project_id;
	const struct network *n, *found = NULL;
	const struct rbac_policy *policy;
	struct scan scan;
	bool shared = true;

	*ret_many = false;
	n = scan_index(&scan, net_snap(v), IX_NETWORK_PROJECT, project, NULL);
	for (; n; n = scan_next(&scan)) {
		*ret_many = *ret_many || (found && !n->external);
		found = n->external ? found : n;
	}
	n = scan_index(&scan, net_snap(v), IX_NETWORK_SHARED, &shared, NULL);
	for (; n; n = scan_next(&scan))
		could_be(n, project, &found, ret_many);
	policy = scan_index(&scan, net_snap(v), IX_RBAC_TARGET, project, NULL);
	for (; policy; policy = scan_next(&scan))
		if (strcmp(policy->action, RBAC_SHARED) == 0)
			could_be(snap_get(net_snap(v), KIND_NETWORK, &policy->object_id), project, &found,
				 ret_many);
	return *ret_many ? NULL : found;
}

static int plug_only_network(struct verb *v, const struct instance *server, struct nic *nics, uint32_t *count,
			     struct err *err)
{
	bool many;
	const struct network *n = only_network(v, &many);
	struct uuid id;

	if (many)
		return err_api(err, 409, "NetworkAmbiguous",
			       "Multiple possible networks found, use a Network ID to be more specific.");
	if (!n)
		return 0;
	id = n->row.id;
	*count = 1;
	return make_port(v, server, NULL, &id, nics, err);
}

static int plug_all(struct verb *v, const struct registration *reg, const struct instance *server,
		    struct nic *nics, uint32_t *count, struct err *err)
{
	const char *word = json_string_value(reg->networks);
	int r = 0;

	if (word && strcmp(word, "none") == 0)
		return 0;
	if (word || !reg->networks || json_array_size(reg->networks) == 0)
		return plug_only_network(v, server, nics, count, err);
	for (size_t i = 0; i < json_array_size(reg->networks) && r == 0; i++)
		r = compute_plug(v, server, json_array_get(reg->networks, i), &nics[(*count)++], err);
	return r;
}

/* --- register --- */

static int check_room(struct verb *v, const char *project_id, struct err *err)
{
	if (snap_usage(net_snap(v), KIND_SERVER, project_id) < COMPUTE_MAX_SERVERS)
		return 0;
	return err_api(err, 403, "TooManyInstances",
		       "Quota exceeded for instances: Requested 1, but already used %d of %d instances",
		       COMPUTE_MAX_SERVERS, COMPUTE_MAX_SERVERS);
}

static int insert(struct verb *v, void *arg, struct err *err)
{
	struct registration *reg = arg;
	struct server *s = txn_new(v->t, KIND_SERVER);
	struct nic *nics = talloc_zero_array(v->t->region, struct nic, COMPUTE_MAX_NICS);
	char id[UUID_TEXT];
	const struct instance self = {.id = uuid_print(&s->row.id, id),
				      .project_id = v->c->caller.actor.project_id};
	uint32_t count = 0;
	int r;

	s->project_id = self.project_id;
	s->user_id = v->c->caller.actor.user_id;
	s->name = reg->name;
	s->description = reg->description ? reg->description : "";
	s->flavor = reg->flavor ? reg->flavor : COMPUTE_FLAVOR;
	s->image = reg->image ? reg->image : "";
	s->key_name = reg->key_name;
	s->metadata = reg->metadata;
	reg->id = s->row.id;
	if ((r = identity_check_owner(v, s->project_id, err)) < 0 ||
	    (r = check_room(v, s->project_id, err)) < 0 ||
	    (r = plug_all(v, reg, &self, nics, &count, err)) < 0)
		return r;
	s->nics = (struct list){nics, count};
	return txn_put(v->t, s, err);
}

static int reply_registered(struct call *c, struct err *err)
{
	const struct registration *reg = c->state;
	struct buf *b = &c->resp->body;
	char id[UUID_TEXT];

	buf_puts(b, "{\"server\":{");
	buf_json_member(b, "id", uuid_print(&reg->id, id));
	compute_print_links(c, "servers", id);
	buf_puts(b, ",\"OS-DCF:diskConfig\":\"MANUAL\",\"security_groups\":[]}}");
	c->resp->status = 202;
	return 0;
}

/* A flavor may be a number. */
static int read_ref(struct call *c, const json_t *object, const char *key, const char **ret, struct err *err)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		return compute_text(object, key, ret, err);
	*ret = talloc_asprintf(c->req->region, "%lld", (long long)json_integer_value(value));
	return 0;
}

int compute_read_metadata(struct call *c, const json_t *object, const char **ret, struct err *err)
{
	const char *key;
	json_t *value;
	char *text;

	if (!json_is_object(object) || json_object_size(object) > MAX_METADATA)
		return bad_field(err, "metadata", "It is an object of at most 128 items.");
	json_object_foreach(
		(json_t *)(uintptr_t)object, key,
		value) if (!json_is_string(value) || json_string_length(value) > 255 || !*key ||
			   strlen(key) >
				   255) return bad_field(err, "metadata",
							 "Names and values are texts of at most 255 bytes.");
	text = json_dumps(object, JSON_COMPACT);
	*ret = talloc_strdup(c->req->region, text);
	free(text);
	return 0;
}

static int check_networks(const json_t *networks, struct err *err)
{
	const char *word = json_string_value(networks);

	if (!networks || (word && (strcmp(word, "auto") == 0 || strcmp(word, "none") == 0)))
		return 0;
	if (!json_is_array(networks))
		return bad_field(err, "networks", "It is a list, 'auto' or 'none'.");
	if (json_array_size(networks) > COMPUTE_MAX_NICS)
		return bad_field(err, "networks", "They are too many.");
	return 0;
}

static int read_registration(struct call *c, const json_t *object, struct registration *reg, struct err *err)
{
	const json_t *metadata = json_object_get(object, "metadata");
	int r;

	reg->metadata = "{}";
	reg->networks = json_object_get(object, "networks");
	if ((r = compute_text(object, "name", &reg->name, err)) < 0 ||
	    (r = compute_text(object, "description", &reg->description, err)) < 0 ||
	    (r = read_ref(c, object, "flavorRef", &reg->flavor, err)) < 0 ||
	    (r = read_ref(c, object, "imageRef", &reg->image, err)) < 0 ||
	    (r = compute_text(object, "key_name", &reg->key_name, err)) < 0 ||
	    (r = check_networks(reg->networks, err)) < 0)
		return r;
	if (!reg->name || !*reg->name)
		return bad_field(err, "name", "It is a required property.");
	if (json_is_integer(json_object_get(object, "min_count")) &&
	    json_integer_value(json_object_get(object, "min_count")) > 1)
		return bad_field(err, "min_count", "One server is registered at a time.");
	return metadata ? compute_read_metadata(c, metadata, &reg->metadata, err) : 0;
}

int compute_server_register(struct call *c, struct err *err)
{
	struct registration *reg = talloc_zero(c->req->region, struct registration);
	json_t *object;
	int r;

	if (!c->caller.actor.project_id)
		return err_api(err, 403, "Forbidden", "The token belongs to no project.");
	if ((r = compute_object(c, "server", &object, err)) < 0 ||
	    (r = read_registration(c, object, reg, err)) < 0)
		return r;
	c->state = reg;
	call_makes(c, KIND_SERVER, &reg->id);
	return call_write(c, insert, reg, reply_registered, err);
}

/* --- rename --- */

static int update(struct verb *v, void *arg, struct err *err)
{
	const struct registration *reg = arg;
	struct instance s;
	struct server *draft;
	int r = compute_find_registered(v, &s, err);

	if (r < 0)
		return r;
	draft = txn_edit(v->t, s.row);
	if (reg->name)
		draft->name = reg->name;
	if (reg->description)
		draft->description = reg->description;
	return txn_put(v->t, draft, err);
}

static int reply_server(struct call *c, struct err *err)
{
	return compute_server(c, err);
}

int compute_server_update(struct call *c, struct err *err)
{
	struct registration *reg = talloc_zero(c->req->region, struct registration);
	json_t *object;
	int r;

	if ((r = compute_object(c, "server", &object, err)) < 0 ||
	    (r = compute_text(object, "name", &reg->name, err)) < 0 ||
	    (r = compute_text(object, "description", &reg->description, err)) < 0)
		return r;
	if (reg->name && !*reg->name)
		return bad_field(err, "name", "It is too short.");
	if (!reg->description && json_is_null(json_object_get(object, "description")))
		reg->description = "";
	return call_write(c, update, reg, reply_server, err);
}

/* --- delete --- */

static int take_off(struct verb *v, void *arg, struct err *err)
{
	struct instance s;
	struct uuid id;
	int r = compute_find_registered(v, &s, err);

	if (r < 0)
		return r;
	id = s.row->row.id;
	for (size_t i = 0; i < s.port_count && r == 0; i++) {
		/* Looked up anew: each write may have put another row in its place. */
		const struct port *p = txn_get(v->t, KIND_PORT, &s.ports[i]->row.id);

		r = compute_unplug(v, p, compute_made(&s, &p->row.id), err);
	}
	return r < 0 ? r : txn_del(v->t, KIND_SERVER, &id, err);
}

static int reply_gone(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

int compute_server_delete(struct call *c, struct err *err)
{
	return call_write(c, take_off, NULL, reply_gone, err);
}
