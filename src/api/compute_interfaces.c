/* A server's interfaces: its ports, attached and detached.
 * Route functions of the compute API, below /servers/<id>. */
#include "api/compute.h"
#include "api/net.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* --- reading --- */

static void print_interface(struct call *c, const struct port *p)
{
	const struct fixed_ip *f = p->fixed_ips.items;
	struct buf *b = &c->resp->body;
	char id[UUID_TEXT], mac[MAC_TEXT], ip[IP_TEXT];

	buf_printf(b, "{\"port_state\":\"%s\",\"port_id\":\"%s\"", net_port_status(c, p),
		   uuid_print(&p->row.id, id));
	buf_json_member(b, "net_id", uuid_print(&p->network_id, id));
	buf_json_member(b, "mac_addr", mac_print(&p->mac_address, mac));
	buf_puts(b, ",\"fixed_ips\":[");
	for (uint32_t i = 0; i < p->fixed_ips.count; i++)
		buf_printf(b, "%s{\"subnet_id\":\"%s\",\"ip_address\":\"%s\"}", i ? "," : "",
			   uuid_print(&f[i].subnet_id, id), ip_print(&f[i].ip_address, ip));
	buf_puts(b, "]}");
}

int compute_interfaces(struct call *c, struct err *err)
{
	struct instance s;
	int r = compute_find(c, c->snap, c->req->region, c->arg[0], &s, err);

	if (r < 0)
		return r;
	buf_puts(&c->resp->body, "{\"interfaceAttachments\":[");
	for (size_t i = 0; i < s.port_count; i++) {
		buf_json_next(&c->resp->body);
		print_interface(c, s.ports[i]);
	}
	buf_puts(&c->resp->body, "]}");
	return 0;
}

static int port_of(const struct instance *s, const char *text, const struct port **ret, struct err *err)
{
	struct uuid id;

	if (uuid_parse(text, &id) == 0)
		for (size_t i = 0; i < s->port_count; i++)
			if (uuid_eq(&s->ports[i]->row.id, &id)) {
				*ret = s->ports[i];
				return 0;
			}
	return err_api(err, 404, "PortNotFound", "Port id %.40s could not be found.", text);
}

int compute_interface(struct call *c, struct err *err)
{
	const struct port *p;
	struct instance s;
	int r = compute_find(c, c->snap, c->req->region, c->arg[0], &s, err);

	if (r < 0 || (r = port_of(&s, c->arg[1], &p, err)) < 0)
		return r;
	buf_puts(&c->resp->body, "{\"interfaceAttachment\":");
	print_interface(c, p);
	buf_putc(&c->resp->body, '}');
	return 0;
}

/* --- attaching --- */

struct attachment {
	json_t *json;
	struct nic nic;
};

static int note_nic(struct verb *v, const struct server *row, const struct nic *nic, struct err *err)
{
	struct server *draft = txn_edit(v->t, row);
	const struct nic *old = row->nics.items;
	uint32_t n = row->nics.count, kept = 0;
	struct nic *nics = talloc_zero_array(v->t->region, struct nic, n + 1);

	/* Ports that were deleted since have left their places. */
	for (uint32_t i = 0; i < n; i++)
		if (txn_get(v->t, KIND_PORT, &old[i].port_id))
			nics[kept++] = old[i];
	if (kept >= COMPUTE_MAX_NICS)
		return err_api(err, 403, "Forbidden", "The server has as many interfaces as it can have.");
	nics[kept++] = *nic;
	draft->nics = (struct list){nics, kept};
	return txn_put(v->t, draft, err);
}

static int attach(struct verb *v, void *arg, struct err *err)
{
	struct attachment *a = arg;
	struct instance s;
	int r = compute_find(v->c, v->t->work, v->t->region, v->c->arg[0], &s, err);

	if (r < 0 || (r = compute_plug(v, &s, a->json, &a->nic, err)) < 0)
		return r;
	return s.row ? note_nic(v, s.row, &a->nic, err) : 0;
}

static int reply_attached(struct call *c, struct err *err)
{
	const struct attachment *a = c->state;

	buf_puts(&c->resp->body, "{\"interfaceAttachment\":");
	print_interface(c, snap_get(c->snap, KIND_PORT, &a->nic.port_id));
	buf_putc(&c->resp->body, '}');
	return 0;
}

int compute_interface_attach(struct call *c, struct err *err)
{
	struct attachment *a = talloc_zero(c->req->region, struct attachment);
	int r = compute_object(c, "interfaceAttachment", &a->json, err);

	c->state = a;
	call_makes(c, KIND_PORT, &a->nic.port_id);
	return r < 0 ? r : call_write(c, attach, a, reply_attached, err);
}

/* --- detaching --- */

static int forget_nic(struct verb *v, const struct server *row, const struct uuid *port_id, struct err *err)
{
	struct server *draft = txn_edit(v->t, row);
	const struct nic *old = row->nics.items;
	struct nic *nics = talloc_zero_array(v->t->region, struct nic, row->nics.count + 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < row->nics.count; i++)
		if (!uuid_eq(&old[i].port_id, port_id))
			nics[n++] = old[i];
	draft->nics = (struct list){nics, n};
	return txn_put(v->t, draft, err);
}

static int detach(struct verb *v, void *arg, struct err *err)
{
	const struct port *p;
	struct instance s;
	struct uuid id;
	int r = compute_find(v->c, v->t->work, v->t->region, v->c->arg[0], &s, err);

	if (r < 0 || (r = port_of(&s, v->c->arg[1], &p, err)) < 0)
		return r;
	id = p->row.id;
	if ((r = compute_unplug(v, p, compute_made(&s, &id), err)) < 0)
		return r;
	return s.row ? forget_nic(v, s.row, &id, err) : 0;
}

int compute_interface_detach(struct call *c, struct err *err)
{
	return call_write(c, detach, NULL, compute_accepted, err);
}
