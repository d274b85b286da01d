/* JSON values as block YAML, through libyaml's emitter.
 * One of the formats of output.c. */
#include "cli/output.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

static int take_output(void *data, unsigned char *bytes, size_t len)
{
	buf_add(data, bytes, len);
	return 1;
}

static int emit_scalar(yaml_emitter_t *e, const char *text, size_t len, bool quoted)
{
	yaml_event_t event;

	/* A string is quoted, so that "yes" and "1.10" stay strings for every reader. */
	return yaml_scalar_event_initialize(
		       &event, NULL, NULL, (const yaml_char_t *)text, (int)len, !quoted, quoted,
		       quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE) &&
	       yaml_emitter_emit(e, &event);
}

static int emit(yaml_emitter_t *e, const json_t *v);

static int emit_array(yaml_emitter_t *e, const json_t *v)
{
	yaml_event_t event;
	size_t i;
	json_t *element;

	if (!yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE) ||
	    !yaml_emitter_emit(e, &event))
		return 0;
	json_array_foreach(v, i, element)
	{
		if (!emit(e, element))
			return 0;
	}
	return yaml_sequence_end_event_initialize(&event) && yaml_emitter_emit(e, &event);
}

static int emit_object(yaml_emitter_t *e, const json_t *v)
{
	yaml_event_t event;
	const char *key;
	json_t *member;

	if (!yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) ||
	    !yaml_emitter_emit(e, &event))
		return 0;
	json_object_foreach((json_t *)v, key, member)
	{
		if (!emit_scalar(e, key, strlen(key), strchr(key, ':') != NULL) || !emit(e, member))
			return 0;
	}
	return yaml_mapping_end_event_initialize(&event) && yaml_emitter_emit(e, &event);
}

static int emit(yaml_emitter_t *e, const json_t *v)
{
	AUTO_FREE char *text = NULL;

	if (json_is_object(v))
		return emit_object(e, v);
	if (json_is_array(v))
		return emit_array(e, v);
	if (json_is_string(v))
		return emit_scalar(e, json_string_value(v), json_string_length(v), true);
	text = json_dumps(v, JSON_ENCODE_ANY);
	return emit_scalar(e, text, strlen(text), false);
}

int yaml_write(const json_t *v, struct buf *out, struct err *err)
{
	yaml_emitter_t e;
	yaml_event_t event;
	int ok;

	if (!yaml_emitter_initialize(&e))
		return err_set(err, -ENOMEM, "YAML emitter");
	yaml_emitter_set_output(&e, take_output, out);
	yaml_emitter_set_unicode(&e, 1);
	ok = yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) &&
	     yaml_emitter_emit(&e, &event) &&
	     yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) &&
	     yaml_emitter_emit(&e, &event) && emit(&e, v) && yaml_document_end_event_initialize(&event, 1) &&
	     yaml_emitter_emit(&e, &event) && yaml_stream_end_event_initialize(&event) &&
	     yaml_emitter_emit(&e, &event) && yaml_emitter_flush(&e);
	yaml_emitter_delete(&e);
	return ok ? 0 : err_set(err, -EIO, "the value cannot be written as YAML");
}
