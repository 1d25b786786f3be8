/* core/model/control.c: see control.h */
#include "core/model/control.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void api_services_add(struct api_services *apis, const struct api_service *service)
{
	struct api_service *mine;

	apis->unavailable++;
	if (apis->len == CONTROL_APIS_MAX)
		return;
	mine = &apis->items[apis->len++];
	mine->name = xstrdup(service->name);
	mine->reason = xstrdup(service->reason ? service->reason : "");
	mine->message = xstrdup(service->message ? service->message : "");
	mine->since_ms = service->since_ms;
}

static struct snapshot *of_node(struct snapshots *snapshots, const char *node)
{
	struct snapshot *mine;
	size_t i;

	for (i = 0; i < snapshots->len; i++)
		if (!strcmp(snapshots->items[i].node, node))
			return &snapshots->items[i];
	if (snapshots->len == CONTROL_NODES_MAX)
		return NULL;
	mine = &snapshots->items[snapshots->len++];
	*mine = (struct snapshot){.node = xstrdup(node), .name = xstrdup(""),
				  .error = xstrdup("")};
	return mine;
}

static void set_text(char **slot, const char *text)
{
	free(*slot);
	*slot = xstrdup(text ? text : "");
}

void snapshots_add(struct snapshots *snapshots, const struct snapshot *file)
{
	struct snapshot *mine = of_node(snapshots, file->node);
	bool failed = file->bytes < 0 || (file->error && file->error[0]);

	snapshots->total++;
	if (!mine)
		return;
	if (failed && file->created_ms > mine->failed_ms) {
		mine->failed_ms = file->created_ms;
		set_text(&mine->error, file->error && file->error[0] ? file->error : "not written");
	} else if (!failed && file->created_ms > mine->created_ms) {
		mine->created_ms = file->created_ms;
		mine->bytes = file->bytes;
		set_text(&mine->name, file->name);
	}
	/* What failed before the newest good one is over. */
	if (mine->failed_ms && mine->failed_ms < mine->created_ms) {
		mine->failed_ms = 0;
		set_text(&mine->error, NULL);
	}
}

void api_services_clear(struct api_services *apis)
{
	while (apis->len > 0) {
		struct api_service *mine = &apis->items[--apis->len];

		free(mine->name);
		free(mine->reason);
		free(mine->message);
	}
	apis->total = apis->unavailable = 0;
}

void snapshots_clear(struct snapshots *snapshots)
{
	while (snapshots->len > 0) {
		struct snapshot *mine = &snapshots->items[--snapshots->len];

		free(mine->node);
		free(mine->name);
		free(mine->error);
	}
	snapshots->total = 0;
}
