/* Servers, their addresses and their flavor as JSON.
 * Between the inventory and the replies of the compute API; fields follow the request's microversion. */
#include "api/compute.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

void compute_put_time(struct buf *b, const char *key, int64_t seconds)
{
	char text[TIME_TEXT];

	buf_json_member(b, key, seconds ? time_print(seconds, text) : NULL);
}

static void put_link(struct call *c, const char *rel, const char *version, const char *plural, const char *id)
{
	struct buf *b = &c->resp->body;

	buf_json_next(b);
	buf_putc(b, '{');
	buf_json_member(b, "rel", rel);
	buf_json_member(b, "href",
			talloc_asprintf(c->req->region, "%s/compute%s/%s/%s", c->api->config.public_url,
					version, plural, id));
	buf_putc(b, '}');
}

void compute_print_links(struct call *c, const char *plural, const char *id)
{
	buf_json_key(&c->resp->body, "links");
	buf_putc(&c->resp->body, '[');
	put_link(c, "self", "/v2.1", plural, id);
	put_link(c, "bookmark", "", plural, id);
	buf_putc(&c->resp->body, ']');
}

/* --- addresses --- */

static const char *label_of(const struct call *c, const struct port *p)
{
	const struct network *n = snap_get(c->snap, KIND_NETWORK, &p->network_id);

	return n ? n->name : "";
}

static void put_address(struct buf *b, const struct ip *ip, const struct port *p, const char *type, bool full)
{
	char text[IP_TEXT], mac[MAC_TEXT];

	buf_json_next(b);
	buf_printf(b, "{\"version\":%d,\"addr\":\"%s\"", ip_is_v4(ip) ? 4 : 6, ip_print(ip, text));
	if (full)
		buf_printf(b, ",\"OS-EXT-IPS:type\":\"%s\",\"OS-EXT-IPS-MAC:mac_addr\":\"%s\"", type,
			   mac_print(&p->mac_address, mac));
	buf_putc(b, '}');
}

static void put_fixed(struct buf *b, const struct port *p, bool full)
{
	const struct fixed_ip *f = p->fixed_ips.items;

	for (uint32_t i = 0; i < p->fixed_ips.count; i++)
		put_address(b, &f[i].ip_address, p, "fixed", full);
}

static void put_floating(struct call *c, const struct port *p, bool full)
{
	const struct floatingip *f;
	struct scan scan;

	for (f = scan_index(&scan, c->snap, IX_FLOATINGIP_PORT, &p->row.id, NULL); f; f = scan_next(&scan))
		put_address(&c->resp->body, &f->floating_ip_address, p, "floating", full);
}

static bool is_first_of_label(const struct call *c, const struct instance *s, size_t i, const char *label)
{
	while (i-- > 0)
		if (strcmp(label_of(c, s->ports[i]), label) == 0)
			return false;
	return true;
}

/* Fixed addresses first, as Nova orders them. */
static void put_label(struct call *c, const struct instance *s, const char *label, bool full)
{
	struct buf *b = &c->resp->body;

	buf_json_key(b, label);
	buf_putc(b, '[');
	for (size_t i = 0; i < s->port_count; i++)
		if (strcmp(label_of(c, s->ports[i]), label) == 0)
			put_fixed(b, s->ports[i], full);
	for (size_t i = 0; i < s->port_count; i++)
		if (strcmp(label_of(c, s->ports[i]), label) == 0)
			put_floating(c, s->ports[i], full);
	buf_putc(b, ']');
}

/* Nobody has more networks than this on one machine; the comparisons are quadratic in their number. */
#define MAX_PORTS_SHOWN 256

void compute_print_addresses(struct call *c, const struct instance *s, const char *only_label, bool full)
{
	struct instance shown = *s;

	shown.port_count = MIN(s->port_count, (size_t)MAX_PORTS_SHOWN);
	buf_putc(&c->resp->body, '{');
	for (size_t i = 0; i < shown.port_count; i++) {
		const char *label = label_of(c, s->ports[i]);

		if ((!only_label || strcmp(only_label, label) == 0) && is_first_of_label(c, &shown, i, label))
			put_label(c, &shown, label, full);
	}
	buf_putc(&c->resp->body, '}');
}

/* --- flavor --- */

void compute_print_flavor(struct call *c, const char *id)
{
	struct buf *b = &c->resp->body;

	buf_putc(b, '{');
	buf_json_member(b, "id", id);
	buf_json_member(b, "name", id);
	buf_puts(b, ",\"ram\":0,\"vcpus\":0,\"disk\":0,\"swap\":\"\",\"rxtx_factor\":1.0,"
		    "\"OS-FLV-EXT-DATA:ephemeral\":0,\"OS-FLV-DISABLED:disabled\":false,"
		    "\"os-flavor-access:is_public\":true");
	if (c->microversion >= 55)
		buf_puts(b, ",\"description\":\"What runs here was not started by Buoy\"");
	compute_print_links(c, "flavors", id);
	buf_putc(b, '}');
}

const char *compute_flavor_of(const struct instance *s)
{
	return s->row && s->row->flavor[0] ? s->row->flavor : COMPUTE_FLAVOR;
}

/* From 2.47 on the server tells what its flavor was, in place of which. */
static void put_flavor(struct call *c, const struct instance *s)
{
	struct buf *b = &c->resp->body;

	buf_json_key(b, "flavor");
	buf_putc(b, '{');
	if (c->microversion >= 47) {
		buf_json_member(b, "original_name", compute_flavor_of(s));
		buf_puts(b,
			 ",\"vcpus\":0,\"ram\":0,\"disk\":0,\"ephemeral\":0,\"swap\":0,\"extra_specs\":{}");
	} else {
		buf_json_member(b, "id", compute_flavor_of(s));
		compute_print_links(c, "flavors", compute_flavor_of(s));
	}
	buf_putc(b, '}');
}

static void put_image(struct call *c, const struct instance *s)
{
	struct buf *b = &c->resp->body;

	buf_json_key(b, "image");
	if (!s->row || !s->row->image[0]) {
		buf_puts(b, "\"\"");
		return;
	}
	buf_putc(b, '{');
	buf_json_member(b, "id", s->row->image);
	compute_print_links(c, "images", s->row->image);
	buf_putc(b, '}');
}

/* --- servers --- */

void compute_print_brief(struct call *c, const struct instance *s)
{
	struct buf *b = &c->resp->body;

	buf_putc(b, '{');
	buf_json_member(b, "id", s->id);
	buf_json_member(b, "name", s->name);
	compute_print_links(c, "servers", s->id);
	buf_putc(b, '}');
}

/* Tells a project its hosts apart without naming them. */
static void put_host_id(struct call *c, const struct instance *s)
{
	char *text = talloc_asprintf(c->req->region, "%s%s", s->project_id, compute_host(c, s)), hex[57];
	uint8_t digest[28];

	crypto_generichash(digest, sizeof(digest), (const uint8_t *)text, strlen(text), NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
	buf_json_member(&c->resp->body, "hostId", hex);
}

static void put_for_admin(struct call *c, const struct instance *s)
{
	struct buf *b = &c->resp->body;

	buf_json_member(b, "OS-EXT-SRV-ATTR:host", compute_host(c, s));
	buf_json_member(b, "OS-EXT-SRV-ATTR:hypervisor_hostname", compute_host(c, s));
	buf_json_member(b, "OS-EXT-SRV-ATTR:instance_name", s->name);
}

static void put_newer(struct call *c, const struct instance *s)
{
	struct buf *b = &c->resp->body;

	if (c->microversion >= 9)
		buf_puts(b, ",\"locked\":false");
	if (c->microversion >= 19)
		buf_json_member(b, "description",
				s->row && s->row->description[0] ? s->row->description : NULL);
	if (c->microversion >= 26)
		buf_puts(b, ",\"tags\":[]");
}

void compute_print_server(struct call *c, const struct instance *s)
{
	struct buf *b = &c->resp->body;

	buf_putc(b, '{');
	buf_json_member(b, "id", s->id);
	buf_json_member(b, "name", s->name);
	buf_puts(b, ",\"status\":\"ACTIVE\"");
	buf_json_member(b, "tenant_id", s->project_id);
	buf_json_member(b, "user_id", s->user_id ? s->user_id : "");
	compute_put_time(b, "created", s->created);
	compute_put_time(b, "updated", s->updated);
	put_host_id(c, s);
	buf_json_key(b, "addresses");
	compute_print_addresses(c, s, NULL, true);
	put_flavor(c, s);
	put_image(c, s);
	buf_json_member(b, "key_name", s->row ? s->row->key_name : NULL);
	buf_json_key(b, "metadata");
	buf_puts(b, s->row ? s->row->metadata : "{}");
	compute_print_links(c, "servers", s->id);
	buf_printf(b,
		   ",\"accessIPv4\":\"\",\"accessIPv6\":\"\",\"config_drive\":\"\",\"progress\":0,"
		   "\"security_groups\":[],\"os-extended-volumes:volumes_attached\":[],"
		   "\"OS-EXT-STS:vm_state\":\"active\",\"OS-EXT-STS:task_state\":null,"
		   "\"OS-EXT-STS:power_state\":%d,\"OS-EXT-AZ:availability_zone\":\"" COMPUTE_ZONE "\","
		   "\"OS-DCF:diskConfig\":\"MANUAL\",\"OS-SRV-USG:terminated_at\":null",
		   compute_is_plugged(c, s) ? 1 : 0);
	compute_put_time(b, "OS-SRV-USG:launched_at", s->created);
	put_newer(c, s);
	if (c->caller.admin)
		put_for_admin(c, s);
	buf_putc(b, '}');
}
