/* Floating IPs by their tags: an item for each tag of each of them.
 * Pure; follows the rows of a snapshot as they change. */
#include "model/tagged.h"

#include <string.h>

/* Ordered by all of it: a project's floating IPs on a network with a tag stand side by side, those that are
 * not associated, and forward no ports, first. */
struct tagged {
	atomic_uint refs;
	struct uuid network_id;
	bool associated;
	struct uuid id;
	const char *tag; /* in `text`, behind the project's id */
	char text[];
};

static int cmp_tagged(const void *ctx, const void *a, const void *b)
{
	const struct tagged *x = a, *y = b;
	int c = uuid_cmp(&x->network_id, &y->network_id);

	if (!c)
		c = strcmp(x->text, y->text);
	if (!c)
		c = strcmp(x->tag, y->tag);
	if (!c)
		c = x->associated - y->associated;
	return c ? c : uuid_cmp(&x->id, &y->id);
}

static void tagged_ref(const void *item)
{
	atomic_fetch_add(&((struct tagged *)(uintptr_t)item)->refs, 1);
}

static void tagged_unref(const void *item)
{
	if (atomic_fetch_sub(&((struct tagged *)(uintptr_t)item)->refs, 1) == 1)
		free((void *)(uintptr_t)item);
}

const struct btree_type tagged_tree = {cmp_tagged, tagged_ref, tagged_unref, NULL};

static struct tagged *tagged_make(const char *project_id, const struct uuid *network_id, const char *tag,
				  bool associated)
{
	size_t project = strlen(project_id) + 1, size = project + strlen(tag) + 1;
	struct tagged *t = xalloc(sizeof(*t) + size);

	t->network_id = *network_id;
	t->associated = associated;
	memcpy(t->text, project_id, project);
	t->tag = strcpy(t->text + project, tag);
	return t;
}

const struct floatingip *snap_tagged(const struct snap *s, const char *project_id,
				     const struct uuid *network_id, const char *tag, bool associated)
{
	AUTO_FREE struct tagged *probe = tagged_make(project_id, network_id, tag, associated);
	const struct tagged *t;
	struct bcursor cursor;

	t = btree_seek(&tagged_tree, &s->tree[TREE_TAGGED], probe, &cursor);
	if (!t || t->associated != associated || !uuid_eq(&t->network_id, network_id) ||
	    strcmp(t->text, project_id) != 0 || strcmp(t->tag, tag) != 0)
		return NULL;
	return snap_get(s, KIND_FLOATINGIP, &t->id);
}

/* With a port, or with port forwardings: a router's. */
static bool is_used(const struct floatingip *f)
{
	return !uuid_is_null(&f->port_id) || !uuid_is_null(&f->router_id);
}

static struct tagged *item_of(const struct floatingip *f, uint32_t i)
{
	struct tagged *t = tagged_make(f->project_id ? f->project_id : "", &f->floating_network_id,
				       ((const struct tag_item *)f->tags.items)[i].text, is_used(f));

	t->id = f->row.id;
	return t;
}

static bool stays(const struct floatingip *a, const struct floatingip *b)
{
	const struct tag_item *x = a->tags.items, *y = b->tags.items;
	bool same = a->tags.count == b->tags.count && is_used(a) == is_used(b) &&
		    strcmp(a->project_id ? a->project_id : "", b->project_id ? b->project_id : "") == 0;

	for (uint32_t i = 0; i < a->tags.count && same; i++)
		same = strcmp(x[i].text, y[i].text) == 0;
	return same;
}

void tagged_follow(struct snap *s, uint64_t owner, const struct row *old, const struct row *row)
{
	const struct floatingip *was = (const struct floatingip *)old, *is = (const struct floatingip *)row;

	if ((old ? old : row)->kind != KIND_FLOATINGIP || (was && is && stays(was, is)))
		return;
	for (uint32_t i = 0; was && i < was->tags.count; i++) {
		AUTO_FREE struct tagged *probe = item_of(was, i);

		btree_del(&tagged_tree, &s->tree[TREE_TAGGED], owner, probe);
	}
	for (uint32_t i = 0; is && i < is->tags.count; i++)
		btree_put(&tagged_tree, &s->tree[TREE_TAGGED], owner, item_of(is, i));
}
