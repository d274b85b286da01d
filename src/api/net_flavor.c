/* Flavors of routers, the profiles that they are made of, and who provides services.
 * Hooks of the generic verbs, and the routes that associate the two. There is one provider, Buoy; a flavor is
 * a name for it that an administrator gives, and takes away. */
#include "api/agents.h"
#include "api/frame.h"

#include <string.h>
#include <talloc.h>

#define PROVIDER "buoy"
#define ROUTERS  "L3_ROUTER_NAT"

static bool is_admin(const struct snap *s, const struct caller *who, const struct row *row)
{
	return who->admin;
}

static bool is_anybody(const struct snap *s, const struct caller *who, const struct row *row)
{
	return true;
}

static bool list_has(const struct list *ids, const struct uuid *id)
{
	const struct ref_item *item = ids->items;

	for (uint32_t i = 0; i < ids->count; i++)
		if (uuid_eq(&item[i].id, id))
			return true;
	return false;
}

/* Administrators make flavors, a few in a cloud's life: walking all of them is cheap enough. */
static int check_profile_unused(const struct snap *s, const struct uuid *id, struct err *err)
{
	const struct flavor *f;
	struct scan scan;
	char text[UUID_TEXT];

	for (f = scan_kind(&scan, s, KIND_FLAVOR, NULL); f; f = scan_next(&scan))
		if (list_has(&f->service_profiles, id))
			return err_api(err, 409, "ServiceProfileInUse",
				       "Service Profile %s is used by some service instance.",
				       uuid_print(id, text));
	return 0;
}

/* --- profiles --- */

static int check_profile(const struct service_profile *p, struct err *err)
{
	if (!*p->driver && !*p->metainfo)
		return err_api(err, 400, "ServiceProfileEmpty",
			       "Service Profile needs either a driver or metainfo.");
	if (*p->driver && strcmp(p->driver, PROVIDER) != 0)
		return err_api(err, 404, "ServiceProfileDriverNotFound",
			       "Service Profile driver %.100s could not be found.", p->driver);
	return 0;
}

static int service_profile_create(struct verb *v, void *draft, struct err *err)
{
	if (!net_who(v)->admin)
		return call_denied("create", "service_profile", err);
	return check_profile(draft, err);
}

static int service_profile_update(struct verb *v, const void *old, void *draft, struct err *err)
{
	int r = check_profile_unused(net_snap(v), &((const struct row *)old)->id, err);

	return r < 0 ? r : check_profile(draft, err);
}

static int service_profile_remove(struct verb *v, const void *row, struct err *err)
{
	return check_profile_unused(net_snap(v), &((const struct row *)row)->id, err);
}

const struct resource service_profile_resource = {
	.kind = KIND_SERVICE_PROFILE,
	.visible = is_admin,
	.writable = is_admin,
	.create = service_profile_create,
	.update = service_profile_update,
	.remove = service_profile_remove,
};

/* --- flavors --- */

static int flavor_create(struct verb *v, void *draft, struct err *err)
{
	return net_who(v)->admin ? 0 : call_denied("create", "flavor", err);
}

static int flavor_remove(struct verb *v, const void *row, struct err *err)
{
	const struct uuid *id = &((const struct row *)row)->id;
	char text[UUID_TEXT];

	if (!snap_find(net_snap(v), IX_ROUTER_FLAVOR, id))
		return 0;
	return err_api(err, 409, "FlavorInUse", "Flavor %s is used by some service instance.",
		       uuid_print(id, text));
}

const struct resource flavor_resource = {
	.kind = KIND_FLAVOR,
	.visible = is_anybody,
	.writable = is_admin,
	.create = flavor_create,
	.remove = flavor_remove,
};

static int not_associated(const char *profile, const char *flavor, struct err *err)
{
	return err_api(err, 404, "FlavorServiceProfileBindingNotFound",
		       "Service Profile %.40s is not associated with flavor %.40s.", profile, flavor);
}

/* The profile that decides for a flavor: its first one. */
static int first_profile(const struct snap *s, const struct flavor *f, const struct service_profile **ret,
			 struct err *err)
{
	const struct ref_item *item = f->service_profiles.items;
	const struct service_profile *p =
		f->service_profiles.count ? snap_get(s, KIND_SERVICE_PROFILE, &item[0].id) : NULL;
	char text[UUID_TEXT];

	if (!p)
		return not_associated("", uuid_print(&f->row.id, text), err);
	if (!p->enabled)
		return err_api(err, 503, "ServiceProfileDisabled", "Service Profile is not enabled.");
	if (strcmp(p->driver, PROVIDER) != 0)
		return err_api(err, 404, "ServiceProfileDriverNotFound",
			       "Service Profile driver %.100s could not be found.", p->driver);
	*ret = p;
	return 0;
}

int net_check_flavor(struct verb *v, const struct uuid *id, struct err *err)
{
	const struct service_profile *p;
	const struct flavor *f;
	const void *row;
	char text[UUID_TEXT];
	int r;

	if (uuid_is_null(id))
		return 0;
	if ((r = verb_ref(v, KIND_FLAVOR, id, &row, err)) < 0)
		return r;
	f = row;
	if (strcmp(f->service_type, ROUTERS) != 0)
		return err_api(err, 400, "BadRequest",
			       "Bad router request: flavor %s is for the service type %s, not for " ROUTERS
			       ".",
			       uuid_print(id, text), f->service_type);
	if (!f->enabled)
		return err_api(err, 503, "FlavorDisabled", "Flavor is not enabled.");
	return first_profile(net_snap(v), f, &p, err);
}

/* --- associations --- */

static int put_profiles(struct verb *v, const struct flavor *f, const struct ref_item *items, uint32_t count,
			struct err *err)
{
	struct flavor *draft = txn_edit(v->t, f);

	draft->service_profiles = (struct list){items, count};
	return txn_put(v->t, draft, err);
}

static int write_add(struct verb *v, void *arg, struct err *err)
{
	const char *profile = arg, *flavor = v->c->arg[0];
	const struct row *f, *p;
	const struct list *had;
	struct ref_item *items;
	int r;

	if ((r = verb_find(v, KIND_FLAVOR, flavor, &f, err)) < 0 ||
	    (r = verb_find(v, KIND_SERVICE_PROFILE, profile, &p, err)) < 0)
		return r;
	had = &((const struct flavor *)f)->service_profiles;
	if (list_has(had, &p->id))
		return err_api(err, 409, "FlavorServiceProfileBindingExists",
			       "Service Profile %.40s is already associated with flavor %.40s.", profile,
			       flavor);
	if (had->count >= 100)
		return err_api(err, 400, "HTTPBadRequest", "A flavor has at most 100 service profiles");
	items = talloc_array(v->t->region, struct ref_item, had->count + 1);
	if (had->count)
		memcpy(items, had->items, had->count * sizeof(*items));
	items[had->count].id = p->id;
	return put_profiles(v, (const struct flavor *)f, items, had->count + 1, err);
}

static int reply_added(struct call *c, struct err *err)
{
	const struct row *f;
	int r = call_find(c, KIND_FLAVOR, c->arg[0], &f, err);
	struct print_view view = call_view(c, KIND_FLAVOR);

	if (r < 0)
		return r;
	buf_puts(&c->resp->body, "{\"service_profile\":");
	print_row(f, &view, &c->resp->body);
	buf_putc(&c->resp->body, '}');
	call_status(c, 201);
	return 0;
}

static int add_profile(struct call *c, struct err *err)
{
	const char *profile;
	json_t *body;
	int r = call_body(c, &body, err);

	if (r < 0)
		return r;
	profile = json_string_value(json_object_get(json_object_get(body, "service_profile"), "id"));
	if (!profile)
		return err_api(err, 400, "HTTPBadRequest",
			       "Unable to find 'service_profile' with its 'id' in request body");
	return call_write(c, write_add, (void *)(uintptr_t)profile, reply_added, err);
}

static int write_remove(struct verb *v, void *arg, struct err *err)
{
	const struct row *row;
	const struct flavor *f;
	const struct ref_item *had;
	struct ref_item *items;
	struct uuid id;
	uint32_t n = 0;
	int r = verb_find(v, KIND_FLAVOR, v->c->arg[0], &row, err);

	if (r < 0)
		return r;
	f = (const struct flavor *)row;
	if (uuid_parse(v->c->arg[1], &id) < 0 || !list_has(&f->service_profiles, &id))
		return not_associated(v->c->arg[1], v->c->arg[0], err);
	had = f->service_profiles.items;
	items = talloc_array(v->t->region, struct ref_item, f->service_profiles.count);
	for (uint32_t i = 0; i < f->service_profiles.count; i++)
		if (!uuid_eq(&had[i].id, &id))
			items[n++] = had[i];
	return put_profiles(v, f, items, n, err);
}

static int reply_removed(struct call *c, struct err *err)
{
	call_status(c, 204);
	return 0;
}

static int remove_profile(struct call *c, struct err *err)
{
	return call_write(c, write_remove, NULL, reply_removed, err);
}

static int show_association(struct call *c, struct err *err)
{
	const struct row *f;
	struct uuid id;
	char flavor[UUID_TEXT], profile[UUID_TEXT];
	int r = call_find(c, KIND_FLAVOR, c->arg[0], &f, err);

	if (r < 0)
		return r;
	if (uuid_parse(c->arg[1], &id) < 0 || !list_has(&((const struct flavor *)f)->service_profiles, &id))
		return not_associated(c->arg[1], c->arg[0], err);
	buf_printf(&c->resp->body,
		   "{\"service_profile\":{\"service_profile_id\":\"%s\",\"flavor_id\":\"%s\"}}",
		   uuid_print(&id, profile), uuid_print(&f->id, flavor));
	return 0;
}

static int next_providers(struct call *c, struct err *err)
{
	const struct service_profile *p;
	const struct row *f;
	int r;

	if ((r = call_find(c, KIND_FLAVOR, c->arg[0], &f, err)) < 0 ||
	    (r = first_profile(c->snap, (const struct flavor *)f, &p, err)) < 0)
		return r;
	buf_puts(&c->resp->body,
		 "{\"next_providers\":[{\"provider\":\"" PROVIDER "\",\"driver\":\"" PROVIDER "\"}]}");
	return 0;
}

/* --- providers --- */

static int list_providers(struct call *c, struct err *err)
{
	struct uuid id = made_id("buoy provider", ROUTERS);
	struct service_provider *p;
	struct made m;

	made_init(&m, c, KIND_SERVICE_PROVIDER);
	p = made_add(&m, &id);
	p->service_type = ROUTERS;
	p->name = PROVIDER;
	p->is_default = true;
	return made_reply(&m, err);
}

#define ROW(method, path, fn, flags, plural, ...)                                                            \
	{                                                                                                    \
		HTTP_##method, "/v2.0/" path, fn, flags, FAMILY_NETWORK, plural, KIND_NONE, __VA_ARGS__      \
	}

const struct route flavor_routes[] = {
	ROW(GET, "service-providers", list_providers, 0, "service_providers", "Lists who provides services"),
	ROW(POST, "flavors/{}/service_profiles", add_profile, ROUTE_ADMIN, "service_profiles",
	    "Associates a service profile with a flavor",
	    "{\"type\":\"object\",\"required\":[\"service_profile\"],\"properties\":{\"service_profile\":{"
	    "\"type\":"
	    "\"object\",\"required\":[\"id\"]}}}",
	    NULL, 201),
	ROW(GET, "flavors/{}/service_profiles/{}", show_association, 0, "service_profiles",
	    "Shows whether a service profile is associated with a flavor"),
	ROW(DELETE, "flavors/{}/service_profiles/{}", remove_profile, ROUTE_ADMIN, "service_profiles",
	    "Takes a service profile from a flavor"),
	ROW(GET, "flavors/{}/next_providers", next_providers, 0, "next_providers",
	    "Shows who provides what has the flavor"),
	{0},
};
