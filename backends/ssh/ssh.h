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

#include "core/config.h"
#include "core/fresh.h"
#include "core/model/hosts.h"

/* What look.sh has printed, into the host. arrived_ms: wall clock of its first byte. False when
 * it did not come to its end. */
bool look_parse(struct host *host, const struct config_ssh *config, char *text,
		int64_t arrived_ms);

/* What ssh has said on standard error, as a clause for people. */
enum fresh_fault ssh_error_text(const char *said, const char *alias, char *buf, size_t size);

/* argv of the configured ssh with our options, then what follows; NULL at the end. Its array is
 * the caller's to free, its strings belong to config and last. */
char **ssh_argv(const struct config_ssh *config, const char *const *options, const char *alias,
		const char *const *rest);

struct backend_env;
const struct backend_env *ssh_env(void *self);

extern const struct stream_way_ops ssh_way;

#endif
