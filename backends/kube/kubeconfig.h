/*
 * backends/kube/kubeconfig.h: which cluster, as whom: read as kubectl reads it.
 * Source: client-go tools/clientcmd (merge order, *-data before files, relative paths relative to
 * their own file, tokenFile before token).
 */
#ifndef SITREP_BACKENDS_KUBE_KUBECONFIG_H
#define SITREP_BACKENDS_KUBE_KUBECONFIG_H

#include <stdbool.h>

#include "core/config.h"
#include "core/err.h"

/* An exec credential plugin, as the user entry describes it. */
struct kube_exec {
	char *api_version;             /* NULL = there is no plugin */
	char *command;
	struct strlist args;
	struct schema_pair *env;
	size_t nenv;
};

struct kubeconfig {
	char *context;
	char *ns;                      /* the context's namespace; NULL = default */
	char *server;                  /* https://host:port[/path], without a last slash */
	char *ca_pem;
	char *tls_server_name;
	char *proxy_url;
	bool insecure;
	char *cert_pem, *key_pem;
	char *token, *token_file;
	char *username, *password;
	struct strlist impersonate;    /* whole header lines, "Impersonate-User: x" */
	struct kube_exec exec;
};

/* By --kubeconfig/--context (in config), $KUBECONFIG, ~/.kube/config, then the in-cluster
 * account. Reads files only; no command is run. -EINVAL or -ENOENT with one sentence;
 * -ENODEV when none was named and there is none. */
int kubeconfig_load(struct kubeconfig *kc, const struct config_kube *config, struct err *err);
void kubeconfig_release(struct kubeconfig *kc);

/* The bearer token to send now (tokenFile is read anew), or NULL; caller frees. */
char *kubeconfig_token(const struct kubeconfig *kc);

#endif
