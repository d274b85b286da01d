/* clouds.yaml, clouds-public.yaml and secure.yaml as JSON trees.
 * Read by settings.c when a cloud is named or nothing else says where to go. */
#include "cli/cloudsfile.h"

#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <yaml.h>

/* Aliases make YAML a graph: bounds keep a hostile file from unfolding for ever. */
enum { DEPTH_MAX = 32, NODES_MAX = 100000, FILE_MAX = 1 << 20 };

struct unfold {
	yaml_document_t *doc;
	int nodes, depth;
	bool unique;              /* a key twice is a mistake */
	const yaml_node_t *twice; /* that key */
};

static json_t *unfold_node(struct unfold *u, int index);

static json_t *unfold_scalar(const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (!*text || !strcmp(text, "~") || !strcmp(text, "null")))
		return json_null();
	return json_stringn(text, node->data.scalar.length);
}

static json_t *unfold_sequence(struct unfold *u, const yaml_node_t *node)
{
	json_t *list = json_array();

	for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
		json_t *v = unfold_node(u, *i);

		if (!v || json_array_append_new(list, v)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static bool is_twice(struct unfold *u, const json_t *obj, const yaml_node_t *key)
{
	if (u->unique && key && key->type == YAML_SCALAR_NODE &&
	    json_object_get(obj, (const char *)key->data.scalar.value))
		u->twice = key;
	return u->twice;
}

static json_t *unfold_mapping(struct unfold *u, const yaml_node_t *node)
{
	json_t *obj = json_object();
	json_auto_t *merged = NULL;

	for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_document_get_node(u->doc, p->key);
		json_t *v = unfold_node(u, p->value);

		if (!v || !key || key->type != YAML_SCALAR_NODE || is_twice(u, obj, key)) {
			json_decref(v);
			json_decref(obj);
			return NULL;
		}
		if (!strcmp((const char *)key->data.scalar.value, "<<") && json_is_object(v)) {
			json_decref(merged);
			merged = v;
		} else if (json_object_set_new(obj, (const char *)key->data.scalar.value, v)) {
			json_decref(obj);
			return NULL;
		}
	}
	if (merged)
		json_object_update_missing(obj, merged);
	return obj;
}

static json_t *unfold_node(struct unfold *u, int index)
{
	const yaml_node_t *node = yaml_document_get_node(u->doc, index);
	json_t *v = NULL;

	if (!node || u->depth >= DEPTH_MAX || u->nodes++ >= NODES_MAX)
		return NULL;
	u->depth++;
	if (node->type == YAML_SCALAR_NODE)
		v = unfold_scalar(node);
	else if (node->type == YAML_SEQUENCE_NODE)
		v = unfold_sequence(u, node);
	else if (node->type == YAML_MAPPING_NODE)
		v = unfold_mapping(u, node);
	u->depth--;
	return v;
}

static int refuse(const struct unfold *u, struct err *err)
{
	if (u->twice)
		return err_set(err, -EINVAL, "line %zu: '%s' stands here a second time",
			       u->twice->start_mark.line + 1, (const char *)u->twice->data.scalar.value);
	return err_set(err, -EINVAL, "nested too deeply, too large, or with a key that is no text");
}

static int parse(const char *text, size_t len, bool unique, json_t **ret, struct err *err)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	struct unfold u = {.doc = &doc, .unique = unique};
	json_t *v;
	int r = 0;

	if (!yaml_parser_initialize(&parser))
		return err_set(err, -ENOMEM, "YAML parser");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &doc)) {
		r = err_set(err, -EINVAL, "line %zu: %s", parser.problem_mark.line + 1,
			    parser.problem ? parser.problem : "not YAML");
		yaml_parser_delete(&parser);
		return r;
	}
	v = yaml_document_get_root_node(&doc) ? unfold_node(&u, 1) : json_object();
	if (v)
		*ret = v;
	else
		r = refuse(&u, err);
	yaml_document_delete(&doc);
	yaml_parser_delete(&parser);
	return r;
}

int yaml_parse(const char *text, size_t len, json_t **ret, struct err *err)
{
	return parse(text, len, false, ret, err);
}

int yaml_parse_unique(const char *text, size_t len, json_t **ret, struct err *err)
{
	return parse(text, len, true, ret, err);
}

/* The whole file, talloc'd; NULL with errno when it cannot be read. */
static char *read_file(void *mem, const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	char *text;

	if (!f)
		return NULL;
	text = talloc_size(mem, FILE_MAX + 1);
	*ret_len = fread(text, 1, FILE_MAX, f);
	text[*ret_len] = 0;
	if (ferror(f))
		text = NULL; /* e.g. a directory; the memory goes with mem */
	fclose(f);
	return text;
}

/* Tries one file: 0, -ENOENT when it is not there, or its mistake. */
static int load_file(void *mem, const char *path, json_t **ret, struct err *err)
{
	size_t len;
	char *text = read_file(mem, path, &len);

	if (!text && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	if (!text)
		return err_set(err, -errno, "%s: %m", path);
	if (yaml_parse(text, len, ret, err)) {
		err_prefix(err, "%s", path);
		return -EINVAL;
	}
	return 0;
}

/* The first file of this name among the places where OpenStack's clients look. */
static int load_first(void *mem, const char *stem, const char *variable, json_t **ret, struct err *err)
{
	static const char *const endings[] = {"yaml", "yml", "json"};
	const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME"), *named = getenv(variable);
	const char *dirs[] = {".", NULL, "/etc/openstack"};

	if (named && *named) {
		int r = load_file(mem, named, ret, err);

		if (r != -ENOENT)
			return r;
	}
	if (config && *config)
		dirs[1] = talloc_asprintf(mem, "%s/openstack", config);
	else if (home)
		dirs[1] = talloc_asprintf(mem, "%s/.config/openstack", home);
	for (size_t d = 0; d < ARRAY_SIZE(dirs); d++) {
		for (size_t e = 0; dirs[d] && e < ARRAY_SIZE(endings); e++) {
			int r = load_file(mem, talloc_asprintf(mem, "%s/%s.%s", dirs[d], stem, endings[e]),
					  ret, err);

			if (r != -ENOENT)
				return r;
		}
	}
	return -ENOENT;
}

/* Adds what `over` says to `base`, objects member by member. */
static void merge(json_t *base, const json_t *over)
{
	if (json_is_object(over))
		json_object_update_recursive(base, (json_t *)over);
}

/* What lies under the entry: the vendor profile that it names, from clouds-public.yaml. */
static json_t *load_profile(void *mem, const json_t *entry)
{
	const char *name = json_string_value(json_object_get(entry, "profile"));
	json_auto_t *file = NULL;
	json_t *profile;

	if (!name)
		name = json_string_value(json_object_get(entry, "cloud"));
	if (!name || load_first(mem, "clouds-public", "OS_CLIENT_VENDOR_FILE", &file, NULL))
		return json_object();
	profile = json_object_get(json_object_get(file, "public-clouds"), name);
	return json_is_object(profile) ? json_deep_copy(profile) : json_object();
}

static int no_such_cloud(const json_t *clouds, const char *name, struct err *err)
{
	AUTO_BUF struct buf names = {0};
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)clouds, key, v) buf_printf(&names, "%s%s", names.len ? ", " : "", key);
	return err_set(err, -EINVAL, "clouds.yaml has no cloud '%s'; it has: %s", name,
		       names.len ? buf_text(&names) : "none");
}

int cloud_load(void *mem, const char *name, json_t **ret, char **ret_name, struct err *err)
{
	json_auto_t *file = NULL, *secure = NULL;
	json_t *clouds, *entry, *all;
	int r = load_first(mem, "clouds", "OS_CLIENT_CONFIG_FILE", &file, err);

	if (r == -ENOENT && name)
		return err_set(
			err, -ENOENT,
			"cloud '%s': there is no clouds.yaml in ., ~/.config/openstack or /etc/openstack",
			name);
	if (r)
		return r;
	clouds = json_object_get(file, "clouds");
	if (!name && json_object_size(clouds) == 1)
		name = json_object_iter_key(json_object_iter(clouds));
	if (!name)
		return -ENOENT;
	entry = json_object_get(clouds, name);
	if (!json_is_object(entry))
		return no_such_cloud(clouds, name, err);
	r = load_first(mem, "secure", "OS_CLIENT_SECURE_FILE", &secure, err);
	if (r && r != -ENOENT)
		return r;
	all = load_profile(mem, entry);
	merge(all, entry);
	merge(all, json_object_get(json_object_get(secure, "clouds"), name));
	*ret_name = talloc_strdup(mem, name);
	*ret = all;
	return 0;
}
