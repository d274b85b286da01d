/* Tenures: intervals made of the events at which a floating IP came to be another's, or led elsewhere.
 * Between the store's log and the answers (history.c, history_export.c). */
#include "api/tenure.h"
#include "store/encode.h"

#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#define MAX_DEVICES 20
/* Of one project's question many events may be others'. */
#define LOOK_AT_ONCE 500
#define LOOK_TIMES   20

/* One event at which a tenure begins, ends, or both. */
struct boundary {
	struct uuid id;
	struct moment moment;
	const struct floatingip *was, *is; /* the region's; NULL: not there */
};

struct finder {
	void *region;
	const struct tenure_question *q;
	struct tenures *ret;
	struct boundary *list;
	size_t count, limit;
	size_t looked;   /* events that the last look at the log has found */
	uint64_t lowest; /* revision among them */
	bool more;
};

static int drop_slot(const struct row **slot)
{
	row_drop(*slot);
	return 0;
}

/* The row lives as long as the region. Takes over the reference. */
static const void *hold(void *region, const struct row *row)
{
	const struct row **slot = talloc(region, const struct row *);

	*slot = row;
	talloc_set_destructor(slot, drop_slot);
	return row;
}

static const void *decode(void *region, enum kind kind, const struct uuid *id, const char *json)
{
	const struct row *row = NULL;

	if (!json || store_decode_row(shape_of(kind), id, 0, json, strlen(json), &row, NULL) < 0)
		return NULL;
	return hold(region, row);
}

static struct moment moment_of(void *region, const struct store_event *e)
{
	return (struct moment){.revision = e->revision,
			       .time_us = e->time_us,
			       .user_id = talloc_strdup(region, e->user_id),
			       .user_name = talloc_strdup(region, e->user_name),
			       .project_id = talloc_strdup(region, e->project_id),
			       .request_id = talloc_strdup(region, e->request_id),
			       .action = talloc_strdup(region, e->action)};
}

static bool is_of(const struct floatingip *f, const char *project_id)
{
	return f && f->project_id && strcmp(f->project_id, project_id) == 0;
}

/* Others' events are passed over as if they were not there: neither how many there are nor when shows. */
static bool concerns(const struct finder *f, const struct boundary *b)
{
	const char *project_id = f->q ? f->q->project_id : NULL;

	return !project_id || is_of(b->was, project_id) || is_of(b->is, project_id);
}

static int take_boundary(void *arg, const struct store_event *e, struct err *err)
{
	struct finder *f = arg;
	struct boundary b = {.id = e->id,
			     .was = decode(f->region, KIND_FLOATINGIP, &e->id, e->was),
			     .is = decode(f->region, KIND_FLOATINGIP, &e->id, e->is)};

	f->looked++;
	f->lowest = e->revision;
	if (!concerns(f, &b))
		return 0;
	if (f->limit && f->count == f->limit) {
		f->more = true;
		return 0;
	}
	if ((f->count & (f->count + 1)) == 0)
		f->list = talloc_realloc(f->region, f->list, struct boundary, 2 * f->count + 2);
	b.moment = moment_of(f->region, e);
	if (b.was && b.is && !is_of(b.was, b.is->project_id))
		b.moment.given_to = b.is->project_id;
	f->list[f->count++] = b;
	return 0;
}

/* One boundary of a floating IP: the next after a revision, or the last one before it. */
static int look_up(struct finder *f, const struct floatingip *fip, uint64_t after, uint64_t before,
		   struct boundary *ret, struct err *err)
{
	struct finder one = {.region = f->region, .limit = 1};
	char key[IP_TEXT];
	struct store *st = f->q->st;
	struct store_question q = {.kind = KIND_FLOATINGIP,
				   .id = &fip->row.id,
				   .key = ip_print(&fip->floating_ip_address, key),
				   .after = after,
				   .before = before,
				   .limit = 1,
				   .oldest_first = after != 0 || !before};
	int r = st->ops->log(st, &q, take_boundary, &one, err);

	if (r < 0 || !one.count)
		return r;
	*ret = one.list[0];
	return 1;
}

/* --- devices --- */

struct devices {
	struct finder *f;
	struct tenure *t;
	const char *first; /* what the first event after says that it was */
	bool any;
};

static void add_device(struct devices *d, const char *device_id, int64_t since_us)
{
	struct tenure *t = d->t;

	device_id = device_id ? device_id : "";
	if (t->device_count && strcmp(t->devices[t->device_count - 1].device_id, device_id) == 0)
		return;
	if (t->device_count == MAX_DEVICES)
		return;
	t->devices[t->device_count++] =
		(struct tenure_device){talloc_strdup(d->f->region, device_id), since_us};
}

static const char *device_in(struct finder *f, const struct uuid *port_id, const char *json)
{
	const struct port *p = decode(f->region, KIND_PORT, port_id, json);

	return p ? p->device_id : NULL;
}

static int take_first(void *arg, const struct store_event *e, struct err *err)
{
	struct devices *d = arg;

	if (e->is)
		add_device(d, device_in(d->f, &e->id, e->is), 0);
	return 0;
}

static int take_later(void *arg, const struct store_event *e, struct err *err)
{
	struct devices *d = arg;

	/* Nothing is remembered of before. */
	if (!d->t->device_count && e->was)
		add_device(d, device_in(d->f, &e->id, e->was), 0);
	if (e->is)
		add_device(d, device_in(d->f, &e->id, e->is), e->time_us);
	return 0;
}

/* Whose the port was at the beginning, and became meanwhile. */
static int find_devices(struct finder *f, struct tenure *t, struct err *err)
{
	struct devices d = {.f = f, .t = t};
	struct store *st = f->q->st;
	struct store_question q = {.kind = KIND_PORT, .id = &t->row->port_id, .limit = 1};
	const struct port *port;
	int r = 0;

	if (uuid_is_null(&t->row->port_id))
		return 0;
	t->devices = talloc_zero_array(f->region, struct tenure_device, MAX_DEVICES);
	if (t->start.revision) {
		q.before = t->start.revision + 1;
		r = st->ops->log(st, &q, take_first, &d, err);
	}
	q = (struct store_question){.kind = KIND_PORT,
				    .id = &t->row->port_id,
				    .after = t->start.revision,
				    .before = t->ended ? t->end.revision : 0,
				    .limit = 500,
				    .oldest_first = true};
	if (r == 0)
		r = st->ops->log(st, &q, take_later, &d, err);
	if (r == 0 && !t->device_count && (port = snap_get(f->q->now, KIND_PORT, &t->row->port_id)))
		add_device(&d, port->device_id, 0);
	return r;
}

/* --- tenures --- */

static bool is_wanted(const struct tenure_question *q, const struct tenure *t)
{
	const char *project = t->row->project_id;

	if (q->project_id && (!project || strcmp(project, q->project_id) != 0))
		return false;
	if (!uuid_is_null(&q->port_id) && !uuid_eq(&q->port_id, &t->row->port_id))
		return false;
	return !q->at || (t->start.revision <= q->at && (!t->ended || t->end.revision > q->at));
}

/* Who of another project took it over is that one's affair. */
static void hide_taker(const struct tenure_question *q, struct moment *m)
{
	if (q->project_id && m->given_to && (!m->project_id || strcmp(m->project_id, q->project_id) != 0))
		m->user_id = m->user_name = m->project_id = m->request_id = m->action = NULL;
}

static int add_tenure(struct finder *f, const struct floatingip *row, const struct moment *start,
		      const struct moment *end, struct err *err)
{
	struct tenures *ret = f->ret;
	struct tenure t = {.row = row, .ended = end != NULL};

	if (start)
		t.start = *start;
	if (end)
		t.end = *end;
	hide_taker(f->q, &t.start);
	hide_taker(f->q, &t.end);
	if (!is_wanted(f->q, &t))
		return 0;
	if ((ret->count & (ret->count + 1)) == 0)
		ret->items = talloc_realloc(f->region, ret->items, struct tenure, 2 * ret->count + 2);
	ret->items[ret->count] = t;
	return find_devices(f, &ret->items[ret->count++], err);
}

/* The newer boundary of the same floating IP among those that were read; NULL: none. */
static const struct boundary *newer(const struct finder *f, size_t at)
{
	for (size_t i = at; i-- > 0;)
		if (uuid_eq(&f->list[i].id, &f->list[at].id))
			return &f->list[i];
	return NULL;
}

static bool has_older(const struct finder *f, size_t at)
{
	for (size_t i = at + 1; i < f->count; i++)
		if (uuid_eq(&f->list[i].id, &f->list[at].id))
			return true;
	return false;
}

/* The tenure that begins with a boundary. */
static int begin_tenure(struct finder *f, size_t at, struct err *err)
{
	const struct boundary *b = &f->list[at], *end = newer(f, at);
	struct boundary found;
	int r = end ? 0 : look_up(f, b->is, b->moment.revision, 0, &found, err);

	if (r < 0)
		return r;
	return add_tenure(f, b->is, &b->moment, end ? &end->moment : r ? &found.moment : NULL, err);
}

/* The first boundary that is remembered ends a tenure whose beginning is not. */
static int begin_before(struct finder *f, size_t at, struct err *err)
{
	const struct boundary *b = &f->list[at];
	struct boundary found;
	int r = has_older(f, at) || !b->was ? 1 : look_up(f, b->was, 0, b->moment.revision, &found, err);

	return r ? MIN(r, 0) : add_tenure(f, b->was, NULL, &b->moment, err);
}

/* Those that are there now and of whose coming nothing is remembered. */
static int add_present(struct finder *f, const struct floatingip *fip, struct err *err)
{
	const struct tenure_question *q = f->q;
	struct boundary found;
	int r;

	if (!uuid_is_null(&q->floatingip_id) && !uuid_eq(&q->floatingip_id, &fip->row.id))
		return 0;
	r = look_up(f, fip, 0, 0, &found, err);
	if (r)
		return MIN(r, 0);
	return add_tenure(f, hold(f->region, row_take(&fip->row)), NULL, NULL, err);
}

static int add_all_present(struct finder *f, struct err *err)
{
	const struct tenure_question *q = f->q;
	bool port = !uuid_is_null(&q->port_id);
	const struct floatingip *fip;
	struct scan scan;
	int r = 0;

	for (fip = port ? scan_index(&scan, q->now, IX_FLOATINGIP_PORT, &q->port_id, NULL)
			: scan_index(&scan, q->now, IX_FLOATINGIP_ADDRESS, &q->address, NULL);
	     fip && r == 0; fip = scan_next(&scan))
		r = add_present(f, fip, err);
	return r;
}

static int read_boundaries(struct finder *f, uint64_t after, uint64_t before, bool up, struct err *err)
{
	const struct tenure_question *q = f->q;
	char key[STORE_KEY];
	struct store_question sq = {.kind = KIND_FLOATINGIP,
				    .id = uuid_is_null(&q->floatingip_id) ? NULL : &q->floatingip_id,
				    .key = key,
				    .after = after,
				    .before = before,
				    .limit = MAX(f->limit, q->project_id ? LOOK_AT_ONCE : 0) + 1,
				    .oldest_first = up};

	if (!uuid_is_null(&q->port_id))
		uuid_print(&q->port_id, key);
	else
		ip_print(&q->address, key);
	return q->st->ops->log(q->st, &sq, take_boundary, f, err);
}

/* Who had it at one revision: the last boundary before it of each, and the first one after it of those that
 * have none before. */
static int read_at(struct finder *f, struct err *err)
{
	int r = read_boundaries(f, 0, f->q->at + 1, false, err);
	size_t before = f->count;

	if (r == 0 && !f->more) {
		f->limit += before;
		r = read_boundaries(f, f->q->at, 0, true, err);
	}
	/* Newest first. */
	for (size_t i = before, end = f->count; i + 1 < end; i++, end--) {
		struct boundary b = f->list[i];

		f->list[i] = f->list[end - 1];
		f->list[end - 1] = b;
	}
	if (before && f->count > before) {
		struct boundary *list = talloc_array(f->region, struct boundary, f->count);

		memcpy(list, f->list + before, (f->count - before) * sizeof(*list));
		memcpy(list + (f->count - before), f->list, before * sizeof(*list));
		f->list = list;
	}
	f->more = false;
	return r;
}

/* Newest first, a page of what concerns who asks. */
static int read_page(struct finder *f, struct err *err)
{
	uint64_t before = f->q->before;
	int r = 0;

	for (int i = 0; i < LOOK_TIMES && r == 0 && !f->more; i++) {
		f->looked = 0;
		r = read_boundaries(f, 0, before, false, err);
		if (f->looked <= LOOK_AT_ONCE)
			return r;
		before = f->lowest;
	}
	f->more = r == 0;
	return r;
}

int tenures_find(void *region, const struct tenure_question *q, struct tenures *ret, struct err *err)
{
	struct finder f = {.region = region, .q = q, .ret = ret, .limit = q->limit};
	int r;

	*ret = (struct tenures){.region = region};
	r = q->st->ops->horizon(q->st, &ret->horizon, err);
	if (r == 0)
		r = q->at ? read_at(&f, err) : read_page(&f, err);
	for (size_t i = 0; i < f.count && r == 0; i++) {
		if (f.list[i].is)
			r = begin_tenure(&f, i, err);
		if (r == 0)
			r = begin_before(&f, i, err);
	}
	if (r == 0 && !q->before)
		r = add_all_present(&f, err);
	ret->more = f.more;
	ret->last = f.count && f.count == q->limit ? f.list[f.count - 1].moment.revision : f.lowest;
	return r;
}

/* --- printing --- */

static void print_id(struct buf *b, const char *name, const struct uuid *id)
{
	char text[UUID_TEXT];

	buf_printf(b, "\"%s\":", name);
	buf_json_str(b, uuid_is_null(id) ? NULL : uuid_print(id, text));
	buf_putc(b, ',');
}

static void print_text(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "\"%s\":", name);
	buf_json_str(b, text);
	buf_putc(b, ',');
}

static void print_moment(const struct moment *m, const struct store_horizon *h, struct buf *b)
{
	char time[TIME_TEXT];

	buf_putc(b, '{');
	print_text(b, "time", m->revision ? time_print(m->time_us / 1000000, time) : NULL);
	print_text(b, "before", m->revision ? NULL : time_print(h->time_us / 1000000, time));
	if (m->revision)
		buf_printf(b, "\"revision\":%" PRIu64 ",", m->revision);
	else
		buf_puts(b, "\"revision\":null,");
	print_text(b, "user_id", m->user_id);
	print_text(b, "user_name", m->user_name);
	print_text(b, "project_id", m->project_id);
	print_text(b, "request_id", m->request_id);
	buf_puts(b, "\"action\":");
	buf_json_str(b, m->action);
	buf_putc(b, '}');
}

static void print_devices(const struct tenure *t, struct buf *b)
{
	char time[TIME_TEXT];

	print_text(b, "device_id", t->device_count ? t->devices[t->device_count - 1].device_id : NULL);
	buf_puts(b, "\"devices\":[");
	for (size_t i = 0; i < t->device_count; i++) {
		const struct tenure_device *d = &t->devices[i];

		buf_puts(b, i ? ",{" : "{");
		print_text(b, "device_id", d->device_id);
		buf_puts(b, "\"since\":");
		buf_json_str(b, d->since_us ? time_print(d->since_us / 1000000, time) : NULL);
		buf_putc(b, '}');
	}
	buf_puts(b, "],");
}

void tenure_print(const struct tenure *t, const struct store_horizon *horizon, struct buf *b)
{
	const struct floatingip *f = t->row;
	char ip[IP_TEXT];

	buf_putc(b, '{');
	print_text(b, "floating_ip_address", ip_print(&f->floating_ip_address, ip));
	print_id(b, "floatingip_id", &f->row.id);
	print_id(b, "floating_network_id", &f->floating_network_id);
	print_text(b, "project_id", f->project_id);
	print_id(b, "port_id", &f->port_id);
	print_text(b, "fixed_ip_address",
		   ip_is_null(&f->fixed_ip_address) ? NULL : ip_print(&f->fixed_ip_address, ip));
	print_id(b, "router_id", &f->router_id);
	print_devices(t, b);
	buf_puts(b, "\"start\":");
	print_moment(&t->start, horizon, b);
	buf_puts(b, ",\"end\":");
	if (t->ended)
		print_moment(&t->end, horizon, b);
	else
		buf_puts(b, "null");
	buf_putc(b, '}');
}

const char tenure_csv_head[] =
	"address,start,end,project_id,floatingip_id,port_id,fixed_ip_address,device_id,start_before,start_"
	"user_id,"
	"start_user_name,start_project_id,start_request_id,end_user_id,end_user_name,end_project_id,"
	"end_request_id\r\n";

/* RFC 4180. */
static void put_cell(struct buf *b, const char *text, bool last)
{
	buf_putc(b, '"');
	if (text && *text && strchr("=+-@\t\r", *text))
		buf_putc(b, '\'');
	for (const char *p = text ? text : ""; *p; p++) {
		if (*p == '"')
			buf_putc(b, '"');
		buf_putc(b, *p);
	}
	buf_puts(b, last ? "\"\r\n" : "\",");
}

static void put_id(struct buf *b, const struct uuid *id)
{
	char text[UUID_TEXT];

	put_cell(b, uuid_is_null(id) ? NULL : uuid_print(id, text), false);
}

static void put_time(struct buf *b, const struct moment *m, bool there)
{
	char time[TIME_TEXT];

	put_cell(b, there && m->revision ? time_print(m->time_us / 1000000, time) : NULL, false);
}

static void put_actor(struct buf *b, const struct moment *m, bool last)
{
	put_cell(b, m->user_id, false);
	put_cell(b, m->user_name, false);
	put_cell(b, m->project_id, false);
	put_cell(b, m->request_id, last);
}

void tenure_print_csv(const struct tenure *t, const struct store_horizon *horizon, struct buf *b)
{
	const struct floatingip *f = t->row;
	char ip[IP_TEXT], time[TIME_TEXT];

	put_cell(b, ip_print(&f->floating_ip_address, ip), false);
	put_time(b, &t->start, true);
	put_time(b, &t->end, t->ended);
	put_cell(b, f->project_id, false);
	put_id(b, &f->row.id);
	put_id(b, &f->port_id);
	put_cell(b, ip_is_null(&f->fixed_ip_address) ? NULL : ip_print(&f->fixed_ip_address, ip), false);
	put_cell(b, t->device_count ? t->devices[t->device_count - 1].device_id : NULL, false);
	put_cell(b, t->start.revision ? NULL : time_print(horizon->time_us / 1000000, time), false);
	put_actor(b, &t->start, false);
	put_actor(b, &t->end, true);
}
