/*
 * tests/unit/facts_bed.h: a situation in which every section has something to tell, and short ways
 * into the document that is made of it.
 */
#ifndef SITREP_TESTS_UNIT_FACTS_BED_H
#define SITREP_TESTS_UNIT_FACTS_BED_H

#include "incident/facts.h"

#define NOW INT64_C(1700000000000)

/* deployment/shop/api on its second revision with two pods on node "one", of which one crashes. */
void facts_whole(struct situation *sit, struct config *config);
void facts_gone(struct situation *sit, struct config *config);

/* Every list of the cluster has arrived and is fresh. */
void facts_prove(struct situation *sit);
/* Well and ready; set: its replica set, NULL = none. */
struct pod *facts_add_pod(struct situation *sit, const char *ns, const char *name,
			  const char *set);
void facts_crash(struct situation *sit, struct pod *pod, int restarts, int code);

const json_t *item(const json_t *facts, const char *section, const char *list, size_t at);
void expect_int(const json_t *object, const char *key, json_int_t want);
void expect_text(const json_t *object, const char *key, const char *want);
void expect_null(const json_t *object, const char *key);

#endif
