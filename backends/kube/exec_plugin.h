/*
 * backends/kube/exec_plugin.h: runs a kubeconfig's credential plugin without a terminal and reads
 * the ExecCredential it prints. Source: client-go plugin/pkg/client/auth/exec.
 */
#ifndef SITREP_BACKENDS_KUBE_EXEC_PLUGIN_H
#define SITREP_BACKENDS_KUBE_EXEC_PLUGIN_H

#include <stdint.h>

#include <uv.h>

#include "backends/kube/kubeconfig.h"

struct exec_plugin;

struct exec_credential {
	const char *token, *cert_pem, *key_pem;    /* NULL = not given; hold during the call */
	int64_t expires_ms;                        /* wall; 0 = never */
	const char *error;                         /* NULL = it worked */
};

typedef void (*exec_plugin_cb)(void *arg, const struct exec_credential *credential);

/* Calls back once, within the deadline of 30 s. NULL with err when it cannot be started. */
struct exec_plugin *exec_plugin_run(uv_loop_t *loop, const struct kube_exec *exec,
				    exec_plugin_cb cb, void *arg, struct err *err);
/* Kills it; no callback comes any more. */
void exec_plugin_cancel(struct exec_plugin *plugin);

#endif
