/* The catalogue: which services there are and where, and the version documents.
 * Made from the configuration; printed into tokens and by routes of its own. */
#include "api/identity_int.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

static const struct service {
	const char *type, *name, *path; /* path: behind the public URL */
} services[] = {
	{"identity", "keystone", "/identity/v3"},
	{"network", "neutron", ""},
	{"compute", "nova", "/compute/v2.1"},
	{"image", "glance", "/image"},
};
static const char *const interfaces[] = {"public", "internal", "admin"};

/* Ids that stay the same without being stored. */
static const char *made_id(const struct call *c, const char *what, const char *a, const char *b)
{
	char *text = talloc_asprintf(c->req->region, "%s/%s/%s", what, a, b), hex[33];
	uint8_t digest[16];

	crypto_generichash(digest, sizeof(digest), (const uint8_t *)text, strlen(text), NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
	return talloc_strdup(c->req->region, hex);
}

static const char *service_id(const struct call *c, const struct service *s)
{
	return made_id(c, "service", s->type, "");
}

static const char *endpoint_id(const struct call *c, const struct service *s, const char *interface)
{
	return made_id(c, "endpoint", s->type, interface);
}

static void put_link(const struct call *c, struct buf *b, const char *plural, const char *id)
{
	char *path = talloc_asprintf(c->req->region, "/%s/%s", plural, id);

	buf_puts(b, ",\"links\":{");
	buf_json_member(b, "self", identity_url(c, path));
	buf_putc(b, '}');
}

static void put_place(const struct call *c, struct buf *b, const struct service *s, const char *interface)
{
	buf_json_member(b, "id", endpoint_id(c, s, interface));
	buf_json_member(b, "interface", interface);
	buf_json_member(b, "region", c->api->config.region);
	buf_json_member(b, "region_id", c->api->config.region);
	buf_json_member(b, "url",
			talloc_asprintf(c->req->region, "%s%s", c->api->config.public_url, s->path));
}

void print_catalog(const struct call *c, struct buf *b)
{
	buf_putc(b, '[');
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		buf_puts(b, i ? ",{" : "{");
		buf_json_member(b, "id", service_id(c, &services[i]));
		buf_json_member(b, "type", services[i].type);
		buf_json_member(b, "name", services[i].name);
		buf_puts(b, ",\"endpoints\":[");
		for (size_t j = 0; j < ARRAY_SIZE(interfaces); j++) {
			buf_puts(b, j ? ",{" : "{");
			put_place(c, b, &services[i], interfaces[j]);
			buf_putc(b, '}');
		}
		buf_puts(b, "]}");
	}
	buf_putc(b, ']');
}

int route_auth_catalog(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;

	if (!call_access(c)->roles.count)
		return forbidden(err, "get_auth_catalog");
	buf_puts(b, "{\"catalog\":");
	print_catalog(c, b);
	buf_puts(b, ",\"links\":{");
	buf_json_member(b, "self", identity_url(c, "/auth/catalog"));
	buf_puts(b, "}}");
	return 0;
}

/* --- services, endpoints, regions, each as a resource --- */

static void print_service(const struct call *c, struct buf *b, const struct service *s)
{
	const char *id = service_id(c, s);

	buf_putc(b, '{');
	buf_json_member(b, "id", id);
	buf_json_member(b, "type", s->type);
	buf_json_member(b, "name", s->name);
	buf_json_member(b, "description", "");
	buf_puts(b, ",\"enabled\":true");
	put_link(c, b, "services", id);
	buf_putc(b, '}');
}

static void print_endpoint(const struct call *c, struct buf *b, const struct service *s,
			   const char *interface)
{
	buf_putc(b, '{');
	put_place(c, b, s, interface);
	buf_json_member(b, "service_id", service_id(c, s));
	buf_puts(b, ",\"enabled\":true");
	put_link(c, b, "endpoints", endpoint_id(c, s, interface));
	buf_putc(b, '}');
}

static void print_region(const struct call *c, struct buf *b)
{
	buf_putc(b, '{');
	buf_json_member(b, "id", c->api->config.region);
	buf_json_member(b, "description", "");
	buf_puts(b, ",\"parent_region_id\":null");
	put_link(c, b, "regions", c->api->config.region);
	buf_putc(b, '}');
}

/* Whether the query asks for this value, or not at all. */
static bool asked(const struct call *c, const char *key, const char *value)
{
	const char *want = http_param(c->req, key);

	return !want || !*want || strcmp(want, value) == 0;
}

int route_services(struct call *c, struct err *err)
{
	bool first;

	list_begin(c, "services", &first);
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		if (!asked(c, "type", services[i].type) || !asked(c, "name", services[i].name))
			continue;
		list_next(c, &first);
		print_service(c, &c->resp->body, &services[i]);
	}
	list_end(c);
	return 0;
}

int route_service(struct call *c, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		if (strcmp(service_id(c, &services[i]), c->arg[0]) != 0)
			continue;
		buf_puts(&c->resp->body, "{\"service\":");
		print_service(c, &c->resp->body, &services[i]);
		buf_putc(&c->resp->body, '}');
		return 0;
	}
	return err_api(err, 404, "ServiceNotFound", "Could not find service: %.64s.", c->arg[0]);
}

int route_endpoints(struct call *c, struct err *err)
{
	bool first;

	list_begin(c, "endpoints", &first);
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		for (size_t j = 0; j < ARRAY_SIZE(interfaces); j++) {
			if (!asked(c, "interface", interfaces[j]) ||
			    !asked(c, "service_id", service_id(c, &services[i])) ||
			    !asked(c, "region_id", c->api->config.region))
				continue;
			list_next(c, &first);
			print_endpoint(c, &c->resp->body, &services[i], interfaces[j]);
		}
	list_end(c);
	return 0;
}

int route_endpoint(struct call *c, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(services) * ARRAY_SIZE(interfaces); i++) {
		const struct service *s = &services[i / ARRAY_SIZE(interfaces)];
		const char *interface = interfaces[i % ARRAY_SIZE(interfaces)];

		if (strcmp(endpoint_id(c, s, interface), c->arg[0]) != 0)
			continue;
		buf_puts(&c->resp->body, "{\"endpoint\":");
		print_endpoint(c, &c->resp->body, s, interface);
		buf_putc(&c->resp->body, '}');
		return 0;
	}
	return err_api(err, 404, "EndpointNotFound", "Could not find endpoint: %.64s.", c->arg[0]);
}

int route_regions(struct call *c, struct err *err)
{
	bool first;

	list_begin(c, "regions", &first);
	list_next(c, &first);
	print_region(c, &c->resp->body);
	list_end(c);
	return 0;
}

int route_region(struct call *c, struct err *err)
{
	if (strcmp(c->arg[0], c->api->config.region) != 0)
		return err_api(err, 404, "RegionNotFound", "Could not find region: %.64s.", c->arg[0]);
	buf_puts(&c->resp->body, "{\"region\":");
	print_region(c, &c->resp->body);
	buf_putc(&c->resp->body, '}');
	return 0;
}

/* --- versions --- */

static int print_version(const struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;

	if (c->api->config.keystone)
		return err_api(err, 404, "HTTPNotFound", "Identity is served by %s",
			       c->api->config.keystone_url);
	buf_puts(b, "{\"id\":\"v3.14\",\"status\":\"stable\",\"updated\":\"2020-04-07T00:00:00Z\",\"links\":"
		    "[{\"rel\":\"self\",\"href\":");
	buf_json_str(b, identity_url(c, "/"));
	buf_puts(b, "}],\"media-types\":[{\"base\":\"application/json\","
		    "\"type\":\"application/vnd.openstack.identity-v3+json\"}]}");
	return 0;
}

int route_versions(struct call *c, struct err *err)
{
	int r;

	buf_puts(&c->resp->body, "{\"versions\":{\"values\":[");
	if ((r = print_version(c, err)) < 0)
		return r;
	buf_puts(&c->resp->body, "]}}");
	c->resp->status = 300;
	http_add_header(c->req, c->resp, "Location", identity_url(c, "/"));
	return 0;
}

int route_version(struct call *c, struct err *err)
{
	int r;

	buf_puts(&c->resp->body, "{\"version\":");
	if ((r = print_version(c, err)) < 0)
		return r;
	buf_putc(&c->resp->body, '}');
	return 0;
}
