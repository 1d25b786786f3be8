/*
 * backends/ssh/ssh.h: machines over SSH, by the person's own ssh: its configuration, agent, keys,
 * jump hosts and known hosts are theirs. Private to this folder.
 *
 * Why not a library: Debian's libssh2 1.10 offers no rsa-sha2, GCM, chacha20 or etm, so it is shut
 * out by many a hardened server and by every RSA key (measured against OpenSSH 9.2), and its agent
 * calls block. A look takes one short-lived process a minute; nothing of it stays resident.
 */
#ifndef SITREP_BACKENDS_SSH_SSH_H
#define SITREP_BACKENDS_SSH_SSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "core/config.h"
#include "core/fresh.h"
#include "core/model/hosts.h"
#include "core/trust.h"

/* What look.sh has printed, into the host. arrived_ms: wall clock of its first byte. False when
 * it did not come to its end. */
bool look_parse(struct host *host, const struct config_ssh *config, char *text,
		int64_t arrived_ms);

/* What ssh has said on standard error, as a clause for people. */
enum fresh_fault ssh_error_text(const char *said, const char *alias, char *buf, size_t size);

/* Has it met a host key that is in no file of known hosts? */
bool ssh_error_key_unknown(const char *said);

/* argv of the configured ssh with these options, the person's, those that are always given, and what
 * follows; NULL at the end. Of two contrary options ssh takes the first. The array is the caller's to
 * free, its strings belong to config and the caller. */
char **ssh_argv(const struct config_ssh *config, const char *const *options, const char *alias,
		const char *const *rest);

/* Does the configured command name an ssh, so that options can stand before the person's? */
bool ssh_takes_options(const struct config_ssh *config);

/* One short ssh without input; what it has said on both outputs, once, unless dropped before. It is
 * gone afterwards. argv: as uv_spawn takes it, only for the call. */
typedef void (*run_done)(void *arg, const char *said, const char *complaint);
struct run *run_start(uv_loop_t *loop, char **argv, int64_t timeout_ms, run_done done, void *arg);
void run_drop(struct run *run);

struct backend_env;
const struct backend_env *ssh_env(void *self);
void ssh_refresh(void *self);          /* looks at every machine now */

extern const struct stream_way_ops ssh_way;
extern const struct trust_ops ssh_trust;

#endif
