/* incident/verbs/verbs.h: what the verbs share. Private to incident/verbs/. */
#ifndef SITREP_INCIDENT_VERBS_H
#define SITREP_INCIDENT_VERBS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "incident/ladder.h"

#define VERB_SECOND INT64_C(1000)

extern const struct verb verb_rollout_restart;
extern const struct verb verb_rollout_undo;
extern const struct verb verb_cordon;
extern const struct verb verb_uncordon;
extern const struct verb verb_delete_pod;
extern const struct verb verb_redis_set_policy;
extern const struct verb verb_redis_delete_key;
extern const struct verb verb_redis_delete_prefix;

/* text as one word of a POSIX shell (bash's $'..' when it holds control bytes). */
const char *shell_quote(const char *text, char *buf, size_t size);

/* One more line. Cut at the buffer's end, never beyond. */
void line_add(char *buf, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Text and outcome in one, for the many ends of a judge function. */
enum outcome say(char *text, size_t size, enum outcome outcome, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* True when the section can be read now; else text says why not. */
bool section_readable(const struct freshness *fresh, const char *what, int64_t now_ms, char *text,
		      size_t size);

/* The workload a request aims at, or NULL. */
const struct workload *target_workload(const struct act_request *request,
				       const struct situation *sit);
bool pod_belongs(const struct pod *pod, const struct workload *work, const struct situation *sit);

/* Rolling a workload: what restart and undo have in common. */
struct rollout_mark {
	int64_t generation, revision;
	int32_t available, desired;
};
void rollout_mark(const struct act_request *request, const struct situation *sit, void *mark,
		  size_t size);
enum outcome rollout_judge(const struct verb_watch *watch, char *text, size_t size);
/* Lines about what rolling these pods anew can break. */
enum confirm_level rollout_risks(const struct act_request *request, const struct situation *sit,
				 char *buf, size_t size);

#endif
