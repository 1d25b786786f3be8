/* world/outside_private.h: the parts of the simulated outside, shared by outside*.c. */
#ifndef SITREP_WORLD_OUTSIDE_PRIVATE_H
#define SITREP_WORLD_OUTSIDE_PRIVATE_H

#include "world/outside.h"
#include "world/talk.h"
#include "world/world.h"

#define ENDPOINTS_MAX 48
#define ORIGINS_MAX 16

struct endpoint {
	char name[96];
	enum outside_fault fault;
	int status;
	double delay;
	char answer[48];
};

/* One listener and what it stands for. */
enum place_kind { PLACE_OUTSIDE, PLACE_EDGE, PLACE_ORIGIN, PLACE_SMTP };

struct place {
	struct outside *outside;
	enum place_kind kind;
	const char *node;          /* PLACE_ORIGIN; borrowed from the plan */
	struct listener *listener;
};

struct outside {
	struct world *world;
	const json_t *plan;        /* the description's "outside"; borrowed */
	const json_t *vendors;     /* its "vendors" */
	json_t *incidents;         /* standing ones, of all vendors */
	int next_id;
	struct endpoint endpoints[ENDPOINTS_MAX];
	int nendpoints;
	struct place site, edge, smtp, origins[ORIGINS_MAX];
	int norigins;
	char token_file[1100];
};

extern const struct listener_ops outside_http, outside_smtp;

const struct endpoint *outside_endpoint(const struct outside *outside, const char *name);

/* outside_pages.c: the document of a vendor's page at that path below it, NULL = none. json or
 * text, with its type. */
char *outside_page(const struct outside *outside, const json_t *vendor, const char *path,
		   const char **ret_type);
/* Where a vendor's page has what machines read, and a second document or NULL. */
const char *outside_page_path(const json_t *vendor, const char **ret_also);

#endif
