/* What lists have in common whose rows are made for each question.
 * Between the routes' functions and query.c. */
#include "api/frame.h"
#include "api/inventory.h"

#include <sodium.h>
#include <string.h>
#include <talloc.h>

void made_init(struct made *m, struct call *c, enum kind kind)
{
	*m = (struct made){.c = c, .kind = kind};
}

void *made_add(struct made *m, const struct uuid *id)
{
	struct row *row = talloc_zero_size(m->c->req->region, shape_of(m->kind)->size);

	row->kind = (uint16_t)m->kind;
	row->id = *id;
	/* Room is doubled at each power of two. */
	if ((m->count & (m->count - 1)) == 0)
		m->rows = talloc_realloc(m->c->req->region, m->rows, const struct row *,
					 MAX(m->count * 2, (size_t)1));
	m->rows[m->count++] = row;
	return row;
}

int made_reply(struct made *m, struct err *err)
{
	const struct row **page;
	struct query q;
	size_t count;
	int r = query_parse(m->c, m->kind, &q, err);

	if (r < 0 || (r = query_over(&q, m->rows, m->count, &page, &count, err)) < 0)
		return r;
	query_print(&q, page, count);
	return 0;
}

struct uuid made_id(const char *what, const char *name)
{
	uint8_t hash[16];

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)name, strlen(name), (const uint8_t *)what,
			   strlen(what));
	return uuid_from_random(hash);
}

size_t made_params(const struct call *c, const char *key, const char **ret, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < c->req->param_count && n < room; i++)
		if (strcmp(c->req->params[i].key, key) == 0)
			ret[n++] = c->req->params[i].value;
	return n;
}
