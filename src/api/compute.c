/* The frame of the compute API: version documents, microversions, and what bodies have in common.
 * compute_prepare is asked by api.c for each request of the family before the route's function runs. */
#include "api/compute.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* --- microversions --- */

#define STANDARD_HEADER "OpenStack-API-Version"
#define LEGACY_HEADER   "X-OpenStack-Nova-API-Version"

/* "compute 2.53", maybe among other services' versions; NULL when there is none for compute. */
static const char *standard_version(struct call *c)
{
	const char *value = http_header(c->req, STANDARD_HEADER), *end;

	for (; value && *value; value = end + (*end == ',')) {
		value += strspn(value, " \t");
		end = value + strcspn(value, ",");
		if (strncasecmp(value, "compute", 7) == 0 && (value[7] == ' ' || value[7] == '\t')) {
			value += 7 + strspn(value + 7, " \t");
			return talloc_strndup(c->req->region, value, strcspn(value, " \t,"));
		}
	}
	return NULL;
}

/* A number of at most four digits without leading zeros; its end, or NULL. */
static const char *number(const char *p, unsigned *ret)
{
	size_t n = strspn(p, "0123456789");

	if (n == 0 || n > 4 || (n > 1 && *p == '0'))
		return NULL;
	for (*ret = 0; n--; p++)
		*ret = *ret * 10 + (unsigned)(*p - '0');
	return p;
}

static int choose_version(struct call *c, const char *text, struct err *err)
{
	unsigned major = 2, minor = 1;
	const char *p;

	if (text && strcmp(text, "latest") == 0) {
		minor = COMPUTE_MAX_MINOR;
	} else if (text) {
		p = number(text, &major);
		p = p && major && *p == '.' ? number(p + 1, &minor) : NULL;
		if (!p || *p)
			return err_api(err, 400, "InvalidAPIVersionString",
				       "API Version String %.40s is of invalid format. Must be of format "
				       "MajorNum.MinorNum.",
				       text);
	}
	if (major != 2 || minor < 1 || minor > COMPUTE_MAX_MINOR)
		return err_api(
			err, 406, "InvalidGlobalAPIVersion",
			"Version %u.%u is not supported by the API. Minimum is 2.1 and maximum is 2.%d.",
			major, minor, COMPUTE_MAX_MINOR);
	c->microversion = minor;
	return 0;
}

static void announce(struct call *c)
{
	char text[24];

	snprintf(text, sizeof(text), "compute 2.%u", c->microversion);
	http_add_header(c->req, c->resp, STANDARD_HEADER, text);
	http_add_header(c->req, c->resp, LEGACY_HEADER, text + strlen("compute "));
	http_add_header(c->req, c->resp, "Vary", STANDARD_HEADER ", " LEGACY_HEADER);
}

/* Clients of old say in the path which project they mean; routes.c has passed over it. */
static int check_project(const struct call *c, struct err *err)
{
	size_t skip = strlen("/compute/v2.1/");
	const char *own = c->caller.actor.project_id, *in_path, *routed;
	size_t n;

	if (strlen(c->route->pattern) <= skip || !own)
		return 0;
	in_path = c->req->path + skip;
	routed = c->route->pattern + skip;
	n = strcspn(in_path, "/");
	if (strncmp(in_path, routed, strcspn(routed, "/")) == 0 ||
	    (strlen(own) == n && strncmp(in_path, own, n) == 0))
		return 0;
	return err_api(
		err, 400, "HTTPBadRequest",
		"Malformed request URL: URL's project_id '%.*s' doesn't match Context's project_id '%s'",
		(int)n, in_path, own);
}

int compute_prepare(struct call *c, struct err *err)
{
	const char *text = standard_version(c);
	int r = choose_version(c, text ? text : http_header(c->req, LEGACY_HEADER), err);

	if (r < 0)
		return r;
	announce(c);
	return check_project(c, err);
}

int compute_until(const struct call *c, unsigned minor, struct err *err)
{
	if (c->microversion <= minor)
		return 0;
	return err_api(err, 404, "HTTPNotFound", "The resource could not be found.");
}

/* --- version documents --- */

static void print_version(struct call *c)
{
	struct buf *b = &c->resp->body;

	buf_printf(b,
		   "{\"id\":\"v2.1\",\"status\":\"CURRENT\",\"version\":\"2.%d\",\"min_version\":\"2.1\","
		   "\"updated\":\"2013-07-23T11:33:21Z\",\"links\":[{\"rel\":\"self\",\"href\":",
		   COMPUTE_MAX_MINOR);
	buf_json_str(b, talloc_asprintf(c->req->region, "%s/compute/v2.1/", c->api->config.public_url));
	buf_puts(b, "}],\"media-types\":[{\"base\":\"application/json\",\"type\":"
		    "\"application/vnd.openstack.compute+json;version=2.1\"}]}");
}

int compute_versions(struct call *c, struct err *err)
{
	buf_puts(&c->resp->body, "{\"versions\":[");
	print_version(c);
	buf_puts(&c->resp->body, "]}");
	return 0;
}

int compute_version(struct call *c, struct err *err)
{
	buf_puts(&c->resp->body, "{\"version\":");
	print_version(c);
	buf_putc(&c->resp->body, '}');
	return 0;
}

/* --- bodies --- */

int compute_object(struct call *c, const char *name, json_t **ret, struct err *err)
{
	json_t *body;
	int r = call_body(c, &body, err);

	if (r < 0)
		return r;
	*ret = json_object_get(body, name);
	if (json_is_object(*ret))
		return 0;
	return err_api(err, 400, "HTTPBadRequest",
		       "Invalid input for field/attribute %s. It is a required object.", name);
}

int compute_text(const json_t *object, const char *name, const char **ret, struct err *err)
{
	const json_t *value = json_object_get(object, name);

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for field/attribute %s. It is not of type 'string'.", name);
	if (json_string_length(value) > 255)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for field/attribute %s. It is longer than 255 bytes.", name);
	*ret = json_string_value(value);
	return 0;
}

int compute_accepted(struct call *c, struct err *err)
{
	call_status(c, 202);
	return 0;
}
