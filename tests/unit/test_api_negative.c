/* Bad bodies made from the schema: every attribute of every network resource, in every wrong way.
 * Each must be answered 400 or 403 in the API's form and change nothing. */
#include "api_fixture.h"

#include <inttypes.h>

struct subject {
	enum kind kind;
	const char *path; /* below /v2.0 */
	const char *base; /* a body that is accepted, without its braces; NULL: none needed */
	const char *id;   /* of a row to PUT to */
};

struct attempt {
	struct fixture *f;
	const struct subject *subject;
	const struct shape *shape;
	const char *method;
	unsigned count;
};

/* `value` NULL: the attribute is left out. */
static void refuse(struct attempt *t, const char *token, const char *attr, const char *value, int status)
{
	bool post = strcmp(t->method, "POST") == 0;
	AUTO_FREE char *path = post ? xasprintf("/v2.0/%s", t->subject->path)
				    : xasprintf("/v2.0/%s/%s", t->subject->path, t->subject->id);
	json_t *inner = post && t->subject->base ? json_loads(t->subject->base, 0, NULL) : json_object();
	json_t *outer = json_object();
	AUTO_FREE char *body = NULL;
	uint64_t before = revision(t->f);

	if (value)
		json_object_set_new(inner, attr, json_loads(value, JSON_DECODE_ANY, NULL));
	else
		json_object_del(inner, attr);
	json_object_set_new(outer, t->shape->name, inner);
	body = json_dumps(outer, JSON_COMPACT);
	json_decref(outer);
	t->f->token = token;
	request(t->f, t->method, path, body);
	t->count++;
	if (t->f->status != status || !*text_at(t->f, "NeutronError.type") ||
	    !*text_at(t->f, "NeutronError.message"))
		fail_msg("%s %s as %s: %d instead of %d for %.300s: %s", t->method, path, token, t->f->status,
			 status, body, buf_text(&t->f->text));
	if (revision(t->f) != before)
		fail_msg("%s %s changed something: %.300s", t->method, path, body);
}

/* Values that no attribute of the type takes, ended by NULL. */
static const char *const *wrong_values(enum attr_type type)
{
	static const char *const uuid[] = {"5", "\"zz\"", "[]", "{}", "true", "\"\"", NULL};
	static const char *const str[] = {"5", "[]", "{}", "true", "1.5", NULL};
	static const char *const boolean[] = {"\"maybe\"", "7", "[]", "{}", "\"\"", "1.5", NULL};
	static const char *const integer[] = {"\"x\"", "[]", "{}", "1.5", "\"\"", "true", "99999999999999999",
					      "-2",    NULL};
	static const char *const ip[] = {"5",  "\"1.2.3\"", "\"1.2.3.4/8\"", "\"x\"",
					 "[]", "{}",        "\"\"",          NULL};
	static const char *const cidr[] = {"5", "\"10.0.0.0/99\"", "\"x/8\"", "\"/\"", "[]", "{}", "\"\"",
					   NULL};
	static const char *const mac[] = {"5", "\"zz\"", "\"02:00:00:00:00\"", "[]", "{}", "\"\"", NULL};
	static const char *const list[] = {"\"x\"", "5", "{}", "true", "[5]", "[[]]", NULL};
	static const char *const object[] = {"\"x\"", "5", "[1]", "true", "{\"nonsense\": 1}", NULL};
	static const char *const json[] = {"\"x\"", "5", "[]", "true", NULL};

	switch (type) {
	case ATTR_UUID:
	case ATTR_HEXID:
		return uuid;
	case ATTR_STR:
		return str;
	case ATTR_BOOL:
		return boolean;
	case ATTR_INT:
		return integer;
	case ATTR_IP:
		return ip;
	case ATTR_CIDR:
		return cidr;
	case ATTR_MAC:
		return mac;
	case ATTR_TIME:
		return uuid;
	case ATTR_JSON:
		return json;
	case ATTR_LIST:
		return list;
	case ATTR_OBJECT:
		return object;
	}
	return NULL;
}

/* Something of the right type, to see a rule other than the type's at work. */
static const char *right_value(const struct attr *a)
{
	switch (a->type) {
	case ATTR_UUID:
	case ATTR_HEXID:
		return "\"" NOWHERE "\"";
	case ATTR_STR:
		return "\"text\"";
	case ATTR_BOOL:
		return "true";
	case ATTR_INT:
		return "100";
	case ATTR_IP:
		return "\"10.10.0.77\"";
	case ATTR_CIDR:
		return "\"10.99.0.0/24\"";
	case ATTR_MAC:
		return "\"02:00:00:00:00:01\"";
	case ATTR_TIME:
		return "\"2026-11-22T00:00:00Z\"";
	case ATTR_LIST:
		return "[]";
	case ATTR_JSON:
	case ATTR_OBJECT:
		break;
	}
	return "{}";
}

static void refuse_long(struct attempt *t, const struct attr *a)
{
	size_t len = (a->max ? (size_t)a->max : 255) + 1;
	AUTO_FREE char *value = xalloc(len + 3);

	memset(value, 'x', len + 2);
	value[0] = value[len + 1] = '"';
	refuse(t, "admin", a->name, value, 400);
}

static void refuse_oversize(struct attempt *t, const struct attr *a)
{
	int64_t max = a->max ? a->max : 100;
	AUTO_BUF struct buf b = {0};

	buf_putc(&b, '[');
	for (int64_t i = 0; i <= max; i++)
		buf_puts(&b, i ? ",{}" : "{}");
	buf_putc(&b, ']');
	refuse(t, "admin", a->name, b.data, 400);
}

static void refuse_nested(struct attempt *t, const struct attr *a)
{
	for (unsigned i = 0; i < a->item->count; i++) {
		const struct attr *inner = &a->item->attrs[i];
		bool plain = inner->name[0] == '\0', list = a->type == ATTR_LIST;

		for (const char *const *v = wrong_values(inner->type); *v; v++) {
			AUTO_FREE char *item =
				plain ? xstrdup(*v) : xasprintf("{\"%s\": %s}", inner->name, *v);
			AUTO_FREE char *value = list ? xasprintf("[%s]", item) : xstrdup(item);

			refuse(t, "admin", a->name, value, 400);
		}
	}
}

static void refuse_attr(struct attempt *t, const struct attr *a)
{
	bool post = strcmp(t->method, "POST") == 0;

	if (!(a->flags & (post ? A_POST : A_PUT))) {
		refuse(t, "admin", a->name, right_value(a), 400);
		return;
	}
	for (const char *const *v = wrong_values(a->type); *v; v++)
		refuse(t, "admin", a->name, *v, 400);
	if (!(a->flags & A_NULL) && a->type != ATTR_LIST)
		refuse(t, "admin", a->name, "null", 400);
	if (a->type == ATTR_STR)
		refuse_long(t, a);
	if (a->one_of)
		refuse(t, "admin", a->name, "\"nonsense\"", 400);
	if (a->type == ATTR_LIST)
		refuse_oversize(t, a);
	if (a->type == ATTR_LIST || a->type == ATTR_OBJECT)
		refuse_nested(t, a);
	/* Saying the default is no choice. */
	if (a->flags & A_ADMIN && (!post || !a->def || strcmp(a->def, right_value(a)) != 0))
		refuse(t, "member", a->name, right_value(a), 403);
	if (a->flags & A_REQ && post)
		refuse(t, "admin", a->name, NULL, 400);
	if (a->ref && a->type == ATTR_UUID)
		refuse(t, "admin", a->name, right_value(a), a->flags & A_UNSEEN ? 400 : 404);
	refuse(t, "reader", a->name, right_value(a), 403);
}

static unsigned refuse_all(struct fixture *f, const struct subject *s)
{
	static const char *const methods[] = {"POST", "PUT"};
	unsigned count = 0;

	for (size_t m = 0; m < ARRAY_SIZE(methods); m++) {
		struct attempt t = {f, s, shape_of(s->kind), methods[m], 0};

		refuse(&t, "admin", "nonsense", "1", 400);
		refuse(&t, "admin", "", "1", 400);
		for (unsigned i = 0; i < t.shape->count; i++)
			refuse_attr(&t, &t.shape->attrs[i]);
		count += t.count;
	}
	return count;
}

static void refuse_each(struct fixture *f, const struct subject *subjects, size_t n)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++)
		count += refuse_all(f, &subjects[i]);
	printf("%u bad bodies refused\n", count);
	assert_true(count > 20 * n);
}

/* Ids, malloc'd. */
static char *make_rest(struct fixture *f, const struct world *w)
{
	AUTO_FREE char *body = xasprintf("{\"resting_address\": {\"floating_network_id\": \"%s\", "
					 "\"floating_ip_address\": \"10.10.0.99\"}}",
					 w->external);

	return create(f, "admin", "buoy/quarantine", "resting_address", body);
}

static char *make_transfer(struct fixture *f, const struct world *w)
{
	AUTO_FREE char *body = xasprintf("{\"floatingip\": {\"floating_network_id\": \"%s\"}}", w->external);
	AUTO_FREE char *fip = create(f, "member", "floatingips", "floatingip", body);
	AUTO_FREE char *offer = xasprintf("{\"transfer\": {\"floatingip_id\": \"%s\"}}", fip);

	return create(f, "member", "buoy/transfers", "transfer", offer);
}

static void test_every_attribute(void **state)
{
	struct fixture *f = *state;
	struct world w = world_new(f);
	AUTO_FREE char *net = xasprintf("{\"network_id\": \"%s\"}", w.network);
	AUTO_FREE char *sub = xasprintf(
		"{\"network_id\": \"%s\", \"ip_version\": 4, \"cidr\": \"192.168.7.0/24\"}", w.network);
	AUTO_FREE char *fip = xasprintf("{\"floating_network_id\": \"%s\"}", w.external);
	AUTO_FREE char *policy = create(f, "admin", "qos/policies", "policy",
					"{\"policy\": {\"project_id\": \"" PROJECT "\"}}");
	AUTO_FREE char *rules = xasprintf("qos/policies/%s/bandwidth_limit_rules", policy);
	AUTO_FREE char *rule = create(f, "admin", rules, "bandwidth_limit_rule",
				      "{\"bandwidth_limit_rule\": {\"max_kbps\": 1}}");
	AUTO_FREE char *held = xasprintf(
		"{\"floating_network_id\": \"%s\", \"floating_ip_address\": \"10.10.0.88\"}", w.external);
	AUTO_FREE char *rest = make_rest(f, &w);
	AUTO_FREE char *forwardings = xasprintf("floatingips/%s/port_forwardings", w.floatingip);
	AUTO_FREE char *ports = xasprintf("{\"protocol\": \"tcp\", \"internal_port_id\": \"%s\", "
					  "\"internal_port\": 1, \"external_port\": 2}",
					  w.port);
	AUTO_FREE char *first = xasprintf("{\"port_forwarding\": {\"protocol\": \"udp\", "
					  "\"internal_port_id\": \"%s\", \"internal_port\": 1, "
					  "\"external_port\": 2}}",
					  w.port);
	AUTO_FREE char *forwarding = create(f, "admin", forwardings, "port_forwarding", first);
	AUTO_FREE char *transfer = make_transfer(f, &w);
	AUTO_FREE char *offer = xasprintf("{\"floatingip_id\": \"%s\"}", w.floatingip);
	const struct subject subjects[] = {
		{KIND_NETWORK, "networks", NULL, w.network},
		{KIND_SUBNET, "subnets", sub, w.subnet},
		{KIND_PORT, "ports", net, w.port},
		{KIND_ROUTER, "routers", NULL, w.router},
		{KIND_FLOATINGIP, "floatingips", fip, w.floatingip},
		{KIND_REST, "buoy/quarantine", held, rest},
		{KIND_TRANSFER, "buoy/transfers", offer, transfer},
		{KIND_QOS_POLICY, "qos/policies", NULL, policy},
		{KIND_QOS_RULE, rules, "{\"max_kbps\": 5, \"direction\": \"ingress\"}", rule},
		{KIND_PORT_FORWARDING, forwardings, ports, forwarding},
	};

	refuse_each(f, subjects, ARRAY_SIZE(subjects));
	world_free(&w);
}

static void test_flavors(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *flavor = create(f, "admin", "flavors", "flavor",
					"{\"flavor\": {\"service_type\": \"L3_ROUTER_NAT\"}}");
	AUTO_FREE char *profile = create(f, "admin", "service_profiles", "service_profile",
					 "{\"service_profile\": {\"metainfo\": \"x\"}}");
	const struct subject subjects[] = {
		{KIND_FLAVOR, "flavors", "{\"service_type\": \"L3_ROUTER_NAT\"}", flavor},
		{KIND_SERVICE_PROFILE, "service_profiles", "{\"metainfo\": \"x\"}", profile},
	};

	refuse_each(f, subjects, ARRAY_SIZE(subjects));
}

static void test_what_is_shared(void **state)
{
	struct fixture *f = *state;
	struct world w = world_new(f);
	AUTO_FREE char *rbac = xasprintf("{\"object_type\": \"network\", \"object_id\": \"%s\", "
					 "\"action\": \"access_as_shared\", \"target_tenant\": \"x\"}",
					 w.network);
	AUTO_FREE char *shared = xasprintf("{\"rbac_policy\": %s}", rbac);
	AUTO_FREE char *rbac_policy = create(f, "admin", "rbac-policies", "rbac_policy", shared);
	AUTO_FREE char *pool = create(f, "admin", "subnetpools", "subnetpool",
				      "{\"subnetpool\": {\"name\": \"p\", \"project_id\": \"" PROJECT
				      "\", \"prefixes\": [\"10.98.0.0/16\"]}}");
	AUTO_FREE char *scope =
		create(f, "admin", "address-scopes", "address_scope",
		       "{\"address_scope\": {\"ip_version\": 4, \"project_id\": \"" PROJECT "\"}}");
	const struct subject subjects[] = {
		{KIND_SUBNETPOOL, "subnetpools", "{\"name\": \"q\", \"prefixes\": [\"10.97.0.0/16\"]}", pool},
		{KIND_ADDRESS_SCOPE, "address-scopes", "{\"ip_version\": 4}", scope},
		{KIND_RBAC_POLICY, "rbac-policies", rbac, rbac_policy},
	};
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++)
		count += refuse_all(f, &subjects[i]);
	assert_true(count > 200);
	world_free(&w);
}

static void test_bodies(void **state)
{
	static const char *const bodies[] = {
		"",
		"null",
		"[]",
		"5",
		"\"x\"",
		"{",
		"{\"network\": null}",
		"{\"network\": 5}",
		"{}",
		"{\"network\": []}",
		"{\"networks\": {}}",
		"{\"networks\": []}",
		"{\"networks\": [5]}",
		"{\"networks\": [{\"name\": \"a\"}, {\"nonsense\": 1}]}",
		"{\"network\": {\"name\": \"a\", \"name\": \"b\"}}",
		"{\"network\": {\"name\": \"\\u0000\"}}",
		"{\"network\": {\"name\": \"\xff\"}}",
		"{\"network\": {\"project_id\": \"" PROJECT "\", \"tenant_id\": \"" STRANGER "\"}}",
	};
	struct fixture *f = *state;
	uint64_t before = revision(f);

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		expect_as(f, "admin", 400, "POST", "/v2.0/networks", bodies[i]);
		assert_true(*text_at(f, "NeutronError.message"));
	}
	assert_int_equal(revision(f), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_attribute, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_flavors, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_what_is_shared, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_bodies, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
