/* core/yaml.c: see yaml.h. libyaml parses; this copies its document into our tree. */
#include "core/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <yaml.h>

#include "core/alloc.h"

#define FILE_MAX (1024 * 1024)
#define DEPTH_MAX 64
#define NODES_MAX 100000

struct copy {
	yaml_document_t *doc;
	const char *file;
	size_t nodes;
	struct err *err;
};

static int copy_node(struct copy *copy, int index, int depth, struct yaml_node *into);

static void node_release(struct yaml_node *node)
{
	size_t i;

	for (i = 0; i < node->len; i++) {
		if (node->keys)
			node_release(&node->keys[i]);
		node_release(&node->items[i]);
	}
	free(node->keys);
	free(node->items);
	free(node->text);
	memset(node, 0, sizeof(*node));
}

static int copy_list(struct copy *copy, const yaml_node_t *from, int depth,
		     struct yaml_node *into)
{
	yaml_node_item_t *item;
	int rc;

	into->kind = YAML_LIST;
	into->items = xcalloc((size_t)(from->data.sequence.items.top -
				       from->data.sequence.items.start), sizeof(*into->items));
	for (item = from->data.sequence.items.start; item < from->data.sequence.items.top; item++) {
		rc = copy_node(copy, *item, depth, &into->items[into->len++]);
		if (rc)
			return rc;
	}
	return 0;
}

static int check_key(struct copy *copy, const struct yaml_node *map, const struct yaml_node *key)
{
	size_t i;

	if (key->kind != YAML_SCALAR)
		return err_set(copy->err, -EINVAL, "%s:%d:%d: a key must be a plain word",
			       copy->file, key->line, key->column);
	for (i = 0; i + 1 < map->len; i++)
		if (!strcmp(map->keys[i].text, key->text))
			return err_set(copy->err, -EINVAL, "%s:%d:%d: '%.60s' stands here a "
				       "second time (first in line %d)", copy->file, key->line,
				       key->column, key->text, map->keys[i].line);
	return 0;
}

static int copy_map(struct copy *copy, const yaml_node_t *from, int depth, struct yaml_node *into)
{
	size_t count = (size_t)(from->data.mapping.pairs.top - from->data.mapping.pairs.start);
	yaml_node_pair_t *pair;
	int rc;

	into->kind = YAML_MAP;
	into->keys = xcalloc(count, sizeof(*into->keys));
	into->items = xcalloc(count, sizeof(*into->items));
	for (pair = from->data.mapping.pairs.start; pair < from->data.mapping.pairs.top; pair++) {
		size_t at = into->len++;

		rc = copy_node(copy, pair->key, depth, &into->keys[at]);
		if (!rc)
			rc = check_key(copy, into, &into->keys[at]);
		if (!rc)
			rc = copy_node(copy, pair->value, depth, &into->items[at]);
		if (rc)
			return rc;
	}
	return 0;
}

static int copy_node(struct copy *copy, int index, int depth, struct yaml_node *into)
{
	yaml_node_t *from = yaml_document_get_node(copy->doc, index);

	into->line = (int)from->start_mark.line + 1;
	into->column = (int)from->start_mark.column + 1;
	if (depth > DEPTH_MAX || ++copy->nodes > NODES_MAX)
		return err_set(copy->err, -EMSGSIZE, "%s:%d:%d: nested or repeated beyond reason",
			       copy->file, into->line, into->column);
	if (from->type == YAML_SEQUENCE_NODE)
		return copy_list(copy, from, depth + 1, into);
	if (from->type == YAML_MAPPING_NODE)
		return copy_map(copy, from, depth + 1, into);
	into->kind = YAML_SCALAR;
	into->plain = from->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	into->text = xstrndup((const char *)from->data.scalar.value, from->data.scalar.length);
	return 0;
}

static int syntax_error(const yaml_parser_t *parser, const char *file, struct err *err)
{
	return err_set(err, -EINVAL, "%s:%zu:%zu: not YAML: %s", file,
		       parser->problem_mark.line + 1, parser->problem_mark.column + 1,
		       parser->problem ? parser->problem : "unreadable");
}

int yaml_load_text(struct yaml *yaml, const char *file, const char *text, size_t len,
		   struct err *err)
{
	struct copy copy = {.file = file, .err = err};
	yaml_document_t doc;
	yaml_parser_t parser;
	yaml_node_t *root;
	int rc = 0;

	if (len > FILE_MAX)
		return err_set(err, -EMSGSIZE, "%s: larger than 1 MiB", file);
	memset(yaml, 0, sizeof(*yaml));
	if (!yaml_parser_initialize(&parser))
		return err_set(err, -ENOMEM, "%s: out of memory", file);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &doc)) {
		rc = syntax_error(&parser, file, err);
		yaml_parser_delete(&parser);
		return rc;
	}
	copy.doc = &doc;
	root = yaml_document_get_root_node(&doc);
	if (root)
		rc = copy_node(&copy, 1, 0, &yaml->root);
	else
		yaml->root = (struct yaml_node){.kind = YAML_MAP, .line = 1, .column = 1};
	yaml_document_delete(&doc);
	yaml_parser_delete(&parser);
	if (rc) {
		node_release(&yaml->root);
		return rc;
	}
	yaml->file = xstrdup(file);
	return 0;
}

int yaml_read_file(const char *path, char **ret_text, size_t *ret_len, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat info;
	size_t len = 0;
	ssize_t got = 0;
	char *text;

	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &info) || !S_ISREG(info.st_mode) || info.st_size > FILE_MAX) {
		close(fd);
		return err_set(err, -EINVAL, "%s: not a regular file of at most 1 MiB", path);
	}
	text = xmalloc((size_t)info.st_size + 1);
	while (len < (size_t)info.st_size &&
	       (got = read(fd, text + len, (size_t)info.st_size - len)) > 0)
		len += (size_t)got;
	close(fd);
	if (got < 0) {
		free(text);
		return err_set(err, -EIO, "%s: cannot be read", path);
	}
	text[len] = '\0';
	*ret_text = text;
	*ret_len = len;
	return 0;
}

int yaml_load_file(struct yaml *yaml, const char *path, struct err *err)
{
	char *text;
	size_t len;
	int rc = yaml_read_file(path, &text, &len, err);

	if (rc)
		return rc;
	rc = yaml_load_text(yaml, path, text, len, err);
	free(text);
	return rc;
}

void yaml_release(struct yaml *yaml)
{
	node_release(&yaml->root);
	free(yaml->file);
	yaml->file = NULL;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	size_t i;

	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (i = 0; i < map->len; i++)
		if (!strcmp(map->keys[i].text, key))
			return &map->items[i];
	return NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
	return !node || (node->kind == YAML_SCALAR && node->plain &&
			 (!node->text[0] || !strcmp(node->text, "~") ||
			  !strcmp(node->text, "null")));
}
