/* The routes as a tree of path segments, made once from the tables.
 * First step of every request: path and method to a row of a table. */
#include "api/frame.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <talloc.h>

#define TABLE_(table) table,

static const struct route *const tables[] = {EVERY_ROUTE_TABLE(TABLE_)};

struct node {
	const char *text; /* borrowed from a pattern, `len` bytes */
	size_t len;
	struct node *next;     /* sibling */
	struct node *children; /* words */
	struct node *any;      /* {} or {=} */
	bool exact;            /* {=} */
	struct node *rest;     /* {*} */
	const struct route *routes[HTTP_OTHER + 1];
	bool used;
};

static struct node root;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct node *child_of(struct node *n, const char *text, size_t len)
{
	bool rest = len == 3 && text[1] == '*';
	struct node *child, **list = text[0] != '{' ? &n->children : rest ? &n->rest : &n->any;

	for (child = *list; child; child = child->next)
		if (child->len == len && memcmp(child->text, text, len) == 0)
			return child;
	child = xalloc(sizeof(*child));
	child->text = text;
	child->len = len;
	child->exact = len == 3 && text[1] == '=';
	child->next = *list;
	/* Two kinds of {} at one place would make the order of the tables matter. */
	assert(text[0] != '{' || !*list);
	*list = child;
	return child;
}

static void add_route(void *arg, const struct route *route)
{
	struct node *n = &root;
	unsigned args = 0;

	for (const char *p = route->pattern + 1; *p;) {
		size_t len = strcspn(p, "/");

		args += *p == '{';
		n = child_of(n, p, len);
		p += len + (p[len] == '/');
	}
	assert(args <= ARRAY_SIZE(((struct call *)NULL)->arg));
	assert(!n->routes[route->method]);
	n->routes[route->method] = route;
	n->used = true;
}

void routes_each(void (*fn)(void *arg, const struct route *route), void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct route *r = tables[i]; r->fn; r++)
			fn(arg, r);
}

static void build(void)
{
	routes_each(add_route, NULL);
}

struct segment {
	const char *text;
	size_t len;
};

static size_t split(const char *path, struct segment seg[ROUTE_MAX_SEGMENTS])
{
	size_t n = 0;

	for (const char *p = path + 1; *p;) {
		size_t len = strcspn(p, "/");

		if (n == ROUTE_MAX_SEGMENTS || len == 0)
			return SIZE_MAX;
		seg[n++] = (struct segment){p, len};
		p += len;
		p += *p == '/';
	}
	return n;
}

/* Clients of old ask for "networks.json". */
static size_t without_suffix(const struct segment *s, bool last)
{
	return last && s->len > 5 && memcmp(s->text + s->len - 5, ".json", 5) == 0 ? s->len - 5 : s->len;
}

/* The node of the path's rest; words are tried before {}, so that /quotas/tenant is not a project's quota. */
static const struct node *find(const struct node *n, const struct segment *seg, size_t left,
			       struct segment *args)
{
	const struct node *child, *found;
	size_t len;

	if (left == 0)
		return n->used ? n : NULL;
	len = without_suffix(seg, left == 1);
	for (child = n->children; child; child = child->next)
		if ((child->len == len || child->len == seg->len) &&
		    memcmp(child->text, seg->text, child->len) == 0 &&
		    (found = find(child, seg + 1, left - 1, args)))
			return found;
	if (n->any) {
		*args = (struct segment){seg->text, n->any->exact ? seg->len : len};
		found = find(n->any, seg + 1, left - 1, args + 1);
	} else {
		found = NULL;
	}
	if (found || !n->rest)
		return found;
	*args = (struct segment){seg->text, strlen(seg->text)};
	return n->rest;
}

static int not_allowed(struct call *c, const struct node *n, struct err *err)
{
	static const char *const names[] = {[HTTP_GET] = "GET, HEAD",
					    [HTTP_POST] = "POST",
					    [HTTP_PUT] = "PUT",
					    [HTTP_PATCH] = "PATCH",
					    [HTTP_DELETE] = "DELETE"};
	char allow[64] = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && n->routes[i]) {
			strcat(allow, *allow ? ", " : "");
			strcat(allow, names[i]);
		}
	http_add_header(c->req, c->resp, "Allow", allow);
	return err_api(err, 405, "HTTPMethodNotAllowed", "The method %.20s is not allowed for this resource.",
		       c->req->method_name);
}

static bool is_word(const struct segment *s, const char *word)
{
	return s->len == strlen(word) && memcmp(s->text, word, s->len) == 0;
}

/* Compute clients of old put the project's id behind the version: /compute/v2.1/<id>/servers. */
static size_t without_project(struct segment *seg, size_t count)
{
	bool id;

	if (count < 4 || !is_word(&seg[0], "compute") || !is_word(&seg[1], "v2.1"))
		return count;
	id = (seg[2].len == 32 || seg[2].len == 36) &&
	     strspn(seg[2].text, "0123456789abcdefABCDEF-") >= seg[2].len;
	if (!id)
		return count;
	memmove(&seg[2], &seg[3], (count - 3) * sizeof(*seg));
	return count - 1;
}

int route_find(struct call *c, struct err *err)
{
	struct segment seg[ROUTE_MAX_SEGMENTS], args[ROUTE_MAX_SEGMENTS] = {{0}};
	enum http_method method = c->req->method == HTTP_HEAD ? HTTP_GET : c->req->method;
	const struct node *n;
	size_t count;

	pthread_once(&once, build);
	count = split(c->req->path, seg);
	if (count != SIZE_MAX)
		count = without_project(seg, count);
	n = count == SIZE_MAX ? NULL : find(&root, seg, count, args);
	if (!n)
		return err_api(err, 404, "HTTPNotFound", "The resource could not be found.");
	c->route = n->routes[method];
	if (!c->route)
		return not_allowed(c, n, err);
	for (size_t i = 0; i < ARRAY_SIZE(c->arg) && args[i].text; i++)
		c->arg[i] = talloc_strndup(c->req->region, args[i].text, args[i].len);
	return 0;
}

static bool below(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(path, prefix, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

enum api_family route_family(const char *path)
{
	if (below(path, "/identity"))
		return FAMILY_IDENTITY;
	if (below(path, "/compute"))
		return FAMILY_COMPUTE;
	if (below(path, "/console"))
		return FAMILY_CONSOLE;
	return below(path, "/v2.0") ? FAMILY_NETWORK : FAMILY_PLAIN;
}
