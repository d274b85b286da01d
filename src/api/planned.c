/* ?plan=1: a write that is carried out on a copy, told, and thrown away.
 * Behind call_write, on a job; what the kernel would have to do comes from the daemon (api_config). */
#include "api/planned.h"
#include "api/frame.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* What is listed; what is more is counted. */
#define MAX_LISTED 10000

struct planned {
	struct call *c;
	int (*fn)(struct verb *v, void *arg, struct err *err);
	void *arg;
	int result;
	struct err err;
	struct txn t;
	const struct snap *was, *is; /* is: the copy, while it is told of */
	struct buf text;
	size_t listed;     /* of the list that is being written */
	size_t actions[3]; /* by enum action */
	size_t hidden;
};

enum action { CREATED, UPDATED, DELETED };

static int drop_planned(struct planned *p)
{
	buf_done(&p->text);
	return 0;
}

int planned_asked(const struct call *c, bool *ret, struct err *err)
{
	const char *text = http_param(c->req, "plan");

	*ret = false;
	if (!text)
		return 0;
	if (c->route->family != FAMILY_NETWORK)
		return err_api(err, 400, "BadRequest",
			       "Only writes of the network API can be planned; nothing was done.");
	*ret = strcmp(text, "1") == 0 || strcasecmp(text, "true") == 0;
	if (!*ret && strcmp(text, "0") != 0 && strcasecmp(text, "false") != 0)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for plan: '%.40s' is neither 1 nor 0; nothing was done.", text);
	return 0;
}

/* --- objects --- */

/* Rows of kinds that no route shows are their administrators' business. */
static bool sees(const struct planned *p, const struct snap *s, const struct row *row)
{
	const struct call *c = p->c;

	return row && (resource_of(row->kind) ? call_sees(c, s, row) : c->caller.admin);
}

/* A status is what the kernel says of what is there: nobody knows it before. */
static bool is_told(const struct planned *p, const struct attr *a)
{
	if (a->flags & (A_HIDDEN | A_INPUT | A_SECRET) || (a->flags & A_ADMIN_SEE && !p->c->caller.admin))
		return false;
	return strcmp(a->name, "status") != 0 && strcmp(a->name, "verified_at") != 0;
}

static void print_side(const struct planned *p, const struct attr *a, const struct snap *s,
		       const struct row *row, struct buf *out)
{
	const struct resource *res = row ? resource_of(row->kind) : NULL;

	if (!row || (a->flags & A_COMPUTED && (!res || !res->show))) {
		buf_puts(out, "null");
		return;
	}
	if (!(a->flags & A_COMPUTED)) {
		print_attr(a, row, out);
		return;
	}
	p->c->snap = s;
	res->show(p->c, a, row, out);
	p->c->snap = p->was;
}

static void print_attributes(struct planned *p, const struct shape *shape, const struct row *old,
			     const struct row *row)
{
	bool any = false;

	buf_puts(&p->text, ",\"attributes\":{");
	for (unsigned i = 0; i < shape->count; i++) {
		const struct attr *a = &shape->attrs[i];
		AUTO_BUF struct buf before = {0}, after = {0};

		if (!is_told(p, a))
			continue;
		print_side(p, a, p->was, old, &before);
		print_side(p, a, p->is, row, &after);
		if (strcmp(buf_text(&before), buf_text(&after)) == 0)
			continue;
		buf_printf(&p->text, "%s\"%s\":{\"before\":%s,\"after\":%s}", any ? "," : "", a->name,
			   buf_text(&before), buf_text(&after));
		any = true;
	}
	buf_putc(&p->text, '}');
}

/* "resource", "id" and the "name" that people know it by. */
static void print_naming(struct buf *b, const struct row *row)
{
	const struct shape *shape = shape_of(row->kind);
	const struct attr *name = shape_attr(shape, "name");
	char id[UUID_TEXT], ip[IP_TEXT];

	buf_printf(b, "\"resource\":\"%s\",\"id\":\"%s\",\"name\":", shape->name, uuid_print(&row->id, id));
	if (row->kind == KIND_FLOATINGIP)
		buf_json_str(b, ip_print(&((const struct floatingip *)row)->floating_ip_address, ip));
	else
		buf_json_str(b, name && name->type == ATTR_STR ? *(const char *const *)attr_at(name, row)
							       : NULL);
}

static void print_change(struct planned *p, const struct row_change *change)
{
	static const char *const words[] = {"create", "update", "delete"};
	const struct row *old = sees(p, p->was, change->old) ? change->old : NULL;
	const struct row *row = sees(p, p->is, change->row) ? change->row : NULL;
	enum action action = !change->old ? CREATED : change->row ? UPDATED : DELETED;

	if (!old && !row) {
		p->hidden++;
		return;
	}
	p->actions[action]++;
	if (p->listed == MAX_LISTED)
		return;
	buf_printf(&p->text, "%s{\"action\":\"%s\",", p->listed++ ? "," : "", words[action]);
	print_naming(&p->text, row ? row : old);
	print_attributes(p, shape_of(change->kind), old, row);
	buf_putc(&p->text, '}');
}

static void print_objects(struct planned *p)
{
	buf_printf(&p->text, "{\"plan\":{\"revision\":%" PRIu64 ",\"changes\":[", p->was->revision);
	for (size_t i = 0; i < p->t.change_count; i++)
		print_change(p, &p->t.changes[i]);
	buf_printf(&p->text, "],\"summary\":{\"create\":%zu,\"update\":%zu,\"delete\":%zu,\"hidden\":%zu}",
		   p->actions[CREATED], p->actions[UPDATED], p->actions[DELETED], p->hidden);
}

/* --- the kernel --- */

/* Whose fact it is: one of these kinds. */
static const struct row *row_of(const struct planned *p, const struct uuid *id)
{
	static const enum kind kinds[] = {KIND_FLOATINGIP, KIND_ROUTER, KIND_PORT, KIND_NETWORK};
	const struct row *row = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !row; i++)
		if (!(row = snap_get(p->is, kinds[i], id)))
			row = snap_get(p->was, kinds[i], id);
	return row;
}

/* Facts of what is not the caller's own are none of his business, though he may see the object itself. */
static const struct row *own_row(struct planned *p, const struct uuid *id)
{
	const struct row *row = row_of(p, id);

	if (p->c->caller.admin || (row && call_owns(&p->c->caller, row)))
		return row;
	p->hidden++;
	return NULL;
}

static void take_step(void *arg, const struct kernel_step *step)
{
	static const char *const words[] = {"add", "change", "remove"};
	struct planned *p = arg;
	const struct row *row = own_row(p, &step->row);
	enum action action = !step->is ? DELETED : step->was ? UPDATED : CREATED;

	if (!row && !p->c->caller.admin)
		return;
	p->actions[action]++;
	if (p->listed == MAX_LISTED)
		return;
	buf_printf(&p->text, "%s{\"action\":\"%s\",\"kind\":\"%s\",\"fact\":", p->listed++ ? "," : "",
		   words[action], step->kind);
	buf_json_str(&p->text, step->is ? step->is : step->was);
	buf_puts(&p->text, ",\"was\":");
	buf_json_str(&p->text, step->is ? step->was : NULL);
	if (row) {
		buf_putc(&p->text, ',');
		print_naming(&p->text, row);
	}
	buf_putc(&p->text, '}');
}

static void take_impossible(void *arg, const struct uuid *id, const char *why)
{
	struct planned *p = arg;
	const struct row *row = why ? own_row(p, id) : NULL;

	if (!row || p->listed == MAX_LISTED)
		return;
	buf_puts(&p->text, p->listed++ ? ",{" : "{");
	print_naming(&p->text, row);
	buf_puts(&p->text, ",\"why\":");
	buf_json_str(&p->text, why);
	buf_putc(&p->text, '}');
}

static void print_kernel(struct planned *p)
{
	const struct api *api = p->c->api;
	struct kernel_change change = {
		.was = p->was, .is = p->is, .rows = p->t.changes, .count = p->t.change_count};

	buf_puts(&p->text, ",\"kernel\":");
	if (!api->config.plan_kernel) {
		buf_puts(&p->text, "null}}");
		return;
	}
	memset(p->actions, 0, sizeof(p->actions));
	p->hidden = p->listed = 0;
	buf_puts(&p->text, "{\"node\":");
	buf_json_str(&p->text, api->config.node_name);
	buf_puts(&p->text, ",\"changes\":[");
	api->config.plan_kernel(api->config.plan_arg, api->nodes, &change, take_step, NULL, p);
	buf_printf(&p->text, "],\"summary\":{\"add\":%zu,\"change\":%zu,\"remove\":%zu,\"hidden\":%zu}",
		   p->actions[CREATED], p->actions[UPDATED], p->actions[DELETED], p->hidden);
	p->listed = 0;
	buf_puts(&p->text, ",\"impossible\":[");
	api->config.plan_kernel(api->config.plan_arg, api->nodes, &change, NULL, take_impossible, p);
	buf_puts(&p->text, "]}}}");
}

/* --- the whole --- */

static void plan_job(struct call *c)
{
	struct planned *p = c->planned;
	struct verb v = {.c = c, .t = &p->t};

	txn_begin(&p->t, c->snap, c->req->region, clock_now_us(), ledger_random);
	p->was = c->snap;
	/* What was done before under its Idempotency-Key would do nothing. */
	p->result = once_begin(&v, &p->err);
	if (p->result == 0)
		p->result = p->fn(&v, p->arg, &p->err);
	if (p->result >= 0) {
		const struct snap *made = txn_finish(&p->t);

		p->is = made ? made : p->was;
		print_objects(p);
		print_kernel(p);
		snap_drop(made);
	}
	txn_abort(&p->t);
}

static int plan_told(struct call *c, struct err *err)
{
	struct planned *p = c->planned;

	if (p->result < 0) {
		*err = p->err;
		return p->result;
	}
	c->resp->status = 200;
	buf_add(&c->resp->body, buf_text(&p->text), p->text.len);
	return 0;
}

int planned_write(struct call *c, int (*fn)(struct verb *v, void *arg, struct err *err), void *arg,
		  struct err *err)
{
	struct planned *p = talloc_zero(c->req->region, struct planned);

	talloc_set_destructor(p, drop_planned);
	p->c = c;
	p->fn = fn;
	p->arg = arg;
	c->planned = p;
	return call_job(c, plan_job, plan_told, err);
}
