/* The image API, as far as compute clients go: `openstack server list` does not begin without one.
 * Route functions. There is one image, which stands for whatever a registered server was made from. */
#include "api/compute.h"

#include <string.h>
#include <talloc.h>

#define IMAGE_ID   "00000000-0000-4000-8000-627561796f6d"
#define IMAGE_NAME "registered"

static int image_versions(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;

	buf_puts(b, "{\"versions\":[{\"id\":\"v2.9\",\"status\":\"CURRENT\",\"links\":[{\"rel\":\"self\","
		    "\"href\":");
	buf_json_str(b, talloc_asprintf(c->req->region, "%s/image/v2/", c->api->config.public_url));
	buf_puts(b, "}]}]}");
	return 0;
}

static void print_image(struct call *c)
{
	buf_puts(&c->resp->body,
		 "{\"id\":\"" IMAGE_ID "\",\"name\":\"" IMAGE_NAME
		 "\",\"status\":\"active\",\"visibility\":\"public\","
		 "\"container_format\":\"bare\",\"disk_format\":\"raw\",\"size\":0,\"min_disk\":0,\"min_"
		 "ram\":0,"
		 "\"protected\":true,\"os_hidden\":false,\"tags\":[],\"owner\":null,\"checksum\":null,"
		 "\"created_at\":\"2014-12-03T00:00:00Z\",\"updated_at\":\"2014-12-03T00:00:00Z\","
		 "\"self\":\"/v2/images/" IMAGE_ID "\",\"file\":\"/v2/images/" IMAGE_ID "/file\","
		 "\"schema\":\"/v2/schemas/image\"}");
}

static bool is_asked(const struct call *c, const char *key, const char *value)
{
	const char *want = http_param(c->req, key);

	return !want || strcmp(want, value) == 0;
}

static int image_list(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;

	buf_puts(b, "{\"images\":[");
	if (is_asked(c, "name", IMAGE_NAME) && is_asked(c, "id", IMAGE_ID) && !http_param(c->req, "marker"))
		print_image(c);
	buf_puts(b, "],\"first\":\"/v2/images\",\"schema\":\"/v2/schemas/images\"}");
	return 0;
}

static int image_show(struct call *c, struct err *err)
{
	if (strcmp(c->arg[0], IMAGE_ID) != 0)
		return err_api(err, 404, "HTTPNotFound", "No image found with ID %.100s", c->arg[0]);
	print_image(c);
	return 0;
}

const struct route image_routes[] = {
	{HTTP_GET, "/image", image_versions, ROUTE_OPEN, FAMILY_PLAIN, "versions", KIND_NONE},
	{HTTP_GET, "/image/v2", image_versions, ROUTE_OPEN, FAMILY_PLAIN, "versions", KIND_NONE},
	{HTTP_GET, "/image/v2/images", image_list, 0, FAMILY_PLAIN, "images", KIND_NONE},
	{HTTP_GET, "/image/v2/images/{}", image_show, 0, FAMILY_PLAIN, "images", KIND_NONE},
	{0},
};
