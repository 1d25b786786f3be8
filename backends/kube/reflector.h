/*
 * backends/kube/reflector.h: keeps one kind of object in step with the API server: list in pages,
 * then watch, and begin again when the server says that it must.
 * Source: API concepts (list, watch, bookmarks, 410 Gone); client-go's reflector for the timing.
 */
#ifndef SITREP_BACKENDS_KUBE_REFLECTOR_H
#define SITREP_BACKENDS_KUBE_REFLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <uv.h>

#include "backends/kube/client.h"
#include "backends/kube/split.h"

/* What a kind needs to be kept; one const row each in resources.c. */
struct kube_resource {
	const char *name;          /* plural, as in paths and rights */
	const char *group;         /* "/api/v1", "/apis/apps/v1" */
	const char *query;         /* further list and watch parameters, "" or "&..." */
	bool namespaced;
	bool early;                /* asked at once; the others wait for the first page of these */
	const char *const *skip;   /* what of the objects isn't read: see split.h; NULL = nothing */
	int first_page, page;      /* limits; 0 = whole */
	bool metadata_only;        /* nothing but metadata is asked for, managedFields included */
	bool bookmarks;            /* a silent watch is a dead one; without them the kernel decides */
	unsigned int section;
	struct freshness *(*fresh)(struct situation *sit);
	bool *(*complete)(struct situation *sit);
	void (*put)(struct situation *sit, const json_t *object);
	/* Moves when put() has brought something new; NULL = it always has. */
	uint64_t (*generation)(const struct situation *sit);
	void (*remove)(struct situation *sit, const char *ns, const char *name);
	void (*unmark)(struct situation *sit, const char *ns);
	void (*sweep)(struct situation *sit, const char *ns);
};

extern const struct kube_resource kube_resources[];   /* name NULL ends it */

enum reflector_state { REFLECTOR_IDLE, REFLECTOR_LISTING, REFLECTOR_WATCHING, REFLECTOR_WAITING };

struct reflector;

/* A page on its way; two at most, so that the server writes while we read. */
struct list_page {
	struct reflector *reflector;
	struct http_call *call;    /* NULL = free */
	struct split split;
	struct buf failure;        /* body of an answer that isn't 200 */
	bool garbled;              /* something in it was no JSON */
};

struct reflector {
	struct kube_client *client;
	const struct kube_resource *resource;
	char *ns;                  /* NULL = all */
	/* All reflectors of this resource, one a namespace: what they know is only as good as the
	 * worst of them. They stand in a row, this one among them. */
	struct reflector *row;
	size_t row_len;
	enum reflector_state state;
	struct list_page pages[2];
	char *next_page;           /* continue token of a page not yet asked for */
	bool whole;                /* list without pages: a continue token has expired */
	bool listed_once;
	size_t listed;             /* objects of the list under way */
	struct http_call *watch;
	struct split events;
	struct buf watch_failure;
	bool watch_opened;
	int64_t watch_mono_ms;     /* when it was asked for */
	bool relist;               /* the watch has said 410, or nonsense */
	char version[40];          /* resourceVersion to watch from */
	uv_timer_t retry;
	bool told_to_wait;         /* Retry-After: not before then, whoever asks */
	int failures;              /* in a row */
	bool complete;             /* has been listed whole at least once */
	int64_t proven_ms;         /* wall; 0 = never */
	enum fresh_fault fault;
	char trouble[160];         /* "" = none */
	void (*first_page)(void *arg);     /* called once, may be NULL */
	void (*all_listed)(void *arg);        /* at the end of each list, may be NULL */
	void *arg;
};

/* row: the first of row_len reflectors of this resource. */
void reflector_init(struct reflector *ref, struct kube_client *client,
		    const struct kube_resource *resource, const char *ns, struct reflector *row,
		    size_t row_len);
void reflector_start(struct reflector *ref);
/* Try again now instead of after the pause, unless the server has named its length. */
void reflector_kick(struct reflector *ref);
/* The API server has just proven to be alive: what an open watch showed is true now. */
void reflector_proven(struct reflector *ref, int64_t now_wall_ms);
/* Stops and closes; closed comes once from the loop. */
void reflector_stop(struct reflector *ref, uv_close_cb closed);

#endif
