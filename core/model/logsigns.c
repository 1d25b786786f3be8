/* core/model/logsigns.c: see logsigns.h */
#include "core/model/logsigns.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

struct logsign *logsigns_get(struct logsigns *signs, const char *sign, const char *workload)
{
	struct logsign *item;
	size_t i;

	for (i = 0; i < signs->len; i++)
		if (!strcmp(signs->items[i].sign, sign) &&
		    !strcmp(signs->items[i].workload, workload))
			return &signs->items[i];
	if (signs->len == signs->cap) {
		signs->cap = signs->cap ? signs->cap * 2 : 8;
		signs->items = xreallocarray(signs->items, signs->cap, sizeof(*signs->items));
	}
	item = &signs->items[signs->len++];
	*item = (struct logsign){
		.sign = xstrdup(sign), .workload = xstrdup(workload),
		.pod = xstrdup(""), .line = xstrdup(""),
	};
	return item;
}

void logsigns_clear(struct logsigns *signs)
{
	size_t i;

	for (i = 0; i < signs->len; i++) {
		free(signs->items[i].sign);
		free(signs->items[i].workload);
		free(signs->items[i].pod);
		free(signs->items[i].line);
	}
	free(signs->items);
	signs->items = NULL;
	signs->len = signs->cap = 0;
}
