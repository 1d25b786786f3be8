/* backends/kube/yamlout.c: see yamlout.h. libyaml's emitter does the writing. */
#include "backends/kube/yamlout.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <yaml.h>

static int to_buf(void *arg, unsigned char *bytes, size_t len)
{
	return buf_append(arg, bytes, len) == 0;
}

/* A text that would read back as something else needs quotes. */
static bool looks_special(const char *text)
{
	static const char *const words[] = {"", "true", "false", "null", "yes", "no", "on", "off",
					    "~", "True", "False", "Null", "Yes", "No"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], text))
			return true;
	return text[strspn(text, "+-.0123456789eE_:xo")] == '\0';
}

static int emit_scalar(yaml_emitter_t *emitter, const char *text, bool quoted)
{
	yaml_scalar_style_t style = YAML_ANY_SCALAR_STYLE;
	yaml_event_t event;

	if (strchr(text, '\n'))
		style = YAML_LITERAL_SCALAR_STYLE;
	else if (quoted)
		style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return yaml_scalar_event_initialize(&event, NULL, NULL, (const unsigned char *)text,
					    (int)strlen(text), 1, 1, style) &&
	       yaml_emitter_emit(emitter, &event);
}

static int emit(yaml_emitter_t *emitter, const json_t *value);

static int emit_list(yaml_emitter_t *emitter, const json_t *list)
{
	yaml_event_t event;
	const json_t *item;
	size_t i;

	if (!yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE)
	    || !yaml_emitter_emit(emitter, &event))
		return 0;
	json_array_foreach(list, i, item)
		if (!emit(emitter, item))
			return 0;
	return yaml_sequence_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
}

static int emit_map(yaml_emitter_t *emitter, const json_t *map)
{
	yaml_event_t event;
	const char *key;
	json_t *item;

	if (!yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE)
	    || !yaml_emitter_emit(emitter, &event))
		return 0;
	json_object_foreach((json_t *)(uintptr_t)map, key, item)
		if (!emit_scalar(emitter, key, looks_special(key)) || !emit(emitter, item))
			return 0;
	return yaml_mapping_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
}

static int emit(yaml_emitter_t *emitter, const json_t *value)
{
	char number[40];

	if (json_is_object(value))
		return emit_map(emitter, value);
	if (json_is_array(value))
		return emit_list(emitter, value);
	if (json_is_string(value))
		return emit_scalar(emitter, json_string_value(value),
				   looks_special(json_string_value(value)));
	if (json_is_integer(value))
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(number, sizeof(number), "%g", json_real_value(value));
	else
		snprintf(number, sizeof(number), "%s", json_is_true(value) ? "true"
			 : json_is_false(value) ? "false" : "null");
	return emit_scalar(emitter, number, false);
}

int yamlout(const json_t *value, struct buf *out)
{
	yaml_emitter_t emitter;
	yaml_event_t event;
	int ok;

	yaml_emitter_initialize(&emitter);
	yaml_emitter_set_output(&emitter, to_buf, out);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	ok = yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) &&
	     yaml_emitter_emit(&emitter, &event) &&
	     yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) &&
	     yaml_emitter_emit(&emitter, &event) && emit(&emitter, value) &&
	     yaml_document_end_event_initialize(&event, 1) &&
	     yaml_emitter_emit(&emitter, &event) &&
	     yaml_stream_end_event_initialize(&event) && yaml_emitter_emit(&emitter, &event);
	yaml_emitter_delete(&emitter);
	return ok ? 0 : -EMSGSIZE;
}
