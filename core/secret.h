/*
 * core/secret.h: a secret from where the configuration says it is: the environment, a file, or a
 * command's first line of output. It is fetched anew at each use, kept nowhere, and wiped here
 * after the call; whoever copies it wipes the copy.
 */
#ifndef SITREP_CORE_SECRET_H
#define SITREP_CORE_SECRET_H

#include <stdbool.h>

#include <uv.h>

#include "core/config.h"

#define SECRET_MAX 65536           /* bytes */
#define SECRET_COMMAND_MS 30000    /* how long a command may take */

struct secret_fetch;

/* rc 0: text is the secret, without its line's end. Else -ENOENT, -EACCES, -EINVAL, -EMSGSIZE,
 * -ETIMEDOUT, ...: text is a sentence for people, which never holds the secret. */
typedef void (*secret_cb)(void *arg, int rc, const char *text);

/* Is anything configured? */
bool secret_is_set(const struct config_secret *from);

/* Calls back exactly once, from the loop and never before this returns, unless cancelled. The
 * fetch is gone after the call. A fetch of nothing gives -ENOENT. */
struct secret_fetch *secret_fetch(uv_loop_t *loop, const struct config_secret *from, secret_cb cb,
				  void *arg);
/* Ends it silently; a command that still runs is killed. NULL is fine. */
void secret_cancel(struct secret_fetch *fetch);

#endif
