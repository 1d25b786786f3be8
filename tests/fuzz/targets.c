/* tests/fuzz/targets.c: see target.h */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/target.h"

#include "backends/kube/decode.h"
#include "backends/kube/jsonx.h"
#include "backends/kube/kubeconfig.h"
#include "backends/kube/reflector.h"
#include "backends/status/status.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/printable.h"
#include "core/promtext.h"
#include "core/quantity.h"
#include "incident/catalogue.h"
#include "widgets/text.h"

/* JSON of an API server: cut into objects, and each object through every decoder. */

static void decode_all(struct situation *sit, const char *json, size_t len)
{
	json_t *object = jx_load(json, len);

	decode_node(sit, object);
	decode_lease(sit, object);
	decode_pod(sit, object);
	decode_deployment(sit, object);
	decode_replicaset(sit, object);
	decode_statefulset(sit, object);
	decode_daemonset(sit, object);
	decode_job(sit, object);
	decode_event(sit, object);
	decode_pdb(sit, object);
	decode_volume(sit, object);
	decode_claim(sit, object);
	decode_configmap(sit, object);
	decode_apiservice(&sit->apis, object);
	decode_snapshot(&sit->snapshots, object);
	json_decref(object);
}

static void on_object(void *arg, const char *json, size_t len)
{
	decode_all(arg, json, len);
}

static void eat_json(const char *bytes, size_t len)
{
	struct situation sit;
	int mode;

	situation_init(&sit);
	decode_all(&sit, bytes, len);
	for (mode = SPLIT_LIST; mode <= SPLIT_STREAM; mode++) {
		struct split split;
		size_t step = 1 + len / 3, at;

		split_init(&split, (enum split_mode)mode, &sit);
		split.object = on_object;
		split.skip = kube_resources[0].skip;
		for (at = 0; at < len; at += step)
			split_feed(&split, bytes + at, len - at < step ? len - at : step);
		split_complete(&split);
		split_release(&split);
	}
	pods_judge(&sit.pods, 1795470495818);
	situation_release(&sit);
}

/* YAML that people write, from a file as always. */

static char *to_file(const char *folder, const char *name, const char *bytes, size_t len)
{
	char *path = xasprintf("%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file))
		abort();
	return path;
}

static char *temporary_folder(void)
{
	char *folder = xstrdup("/tmp/sitrep-fuzz.XXXXXX");

	if (!mkdtemp(folder))
		abort();
	return folder;
}

static void drop(char *folder, char *path)
{
	unlink(path);
	rmdir(folder);
	free(path);
	free(folder);
}

static void eat_kubeconfig(const char *bytes, size_t len)
{
	char *folder = temporary_folder(), *path = to_file(folder, "kubeconfig", bytes, len);
	struct config_kube config = {.kubeconfig = path};
	struct kubeconfig kc;
	struct err err = ERR_INIT;

	if (!kubeconfig_load(&kc, &config, &err)) {
		free(kubeconfig_token(&kc));
		kubeconfig_release(&kc);
	} else if (!err.text[0] || strchr(err.text, '\n')) {
		abort();
	}
	drop(folder, path);
}

static void eat_config(const char *bytes, size_t len)
{
	char *folder = temporary_folder(), *path = to_file(folder, "config.yaml", bytes, len);
	struct config config;
	struct err err = ERR_INIT;

	if (!config_load(&config, path, &err))
		config_release(&config);
	else if (!err.text[0] || strchr(err.text, '\n'))
		abort();
	drop(folder, path);
}

static void eat_catalogue(const char *bytes, size_t len)
{
	char *folder = temporary_folder(), *path = to_file(folder, "mode.yaml", bytes, len);
	struct config config;
	struct catalogue cat;
	struct err err = ERR_INIT;

	config_init(&config);
	config.catalogue_builtin = false;
	strlist_add(&config.catalogue, folder);
	if (!catalogue_load(&cat, &config, &err))
		catalogue_release(&cat);
	else if (!err.text[0] || strchr(err.text, '\n'))
		abort();
	config_release(&config);
	drop(folder, path);
}

/* Status pages in whatever format they claim. */
static void eat_status(const char *bytes, size_t len)
{
	struct strlist all = {.len = 0}, some = {.len = 0};
	const struct status_format *format;
	struct status_page page = {.filter = {&some, &all, &all, true, "FRA", 86400000}};
	struct err err = ERR_INIT;
	char *text = xstrndup(bytes, len);

	strlist_add(&some, "*D*");
	status_read(&page, NULL, text, strlen(text), 1795470495818, &format, &err);
	status_page_release(&page);
	strlist_release(&some);
	free(text);
}

static void on_sample(void *arg, const char *name, const char *labels, double value)
{
	double *sum = arg;

	if (!name[0] || strchr(name, '{') || strchr(labels, '\n'))
		abort();
	*sum += value;
}

static void eat_metrics(const char *bytes, size_t len)
{
	struct promtext text;
	double sum = 0;

	promtext_init(&text, on_sample, &sum);
	promtext_feed(&text, bytes, len / 2);
	promtext_feed(&text, bytes + len / 2, len - len / 2);
	promtext_end(&text);
}

/* Text that others wrote, before it reaches the terminal. */
static void eat_text(const char *bytes, size_t len)
{
	struct text_view view = {.len = 0};
	char *text = xstrndup(bytes, len), *safe = printable_dup(text);
	int64_t value;
	const char *at;

	for (at = safe; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			abort();
	text_append(&view, bytes, len / 2);
	text_append(&view, bytes + len / 2, len - len / 2);
	snprintf(view.search, sizeof(view.search), "a");
	text_find(&view, false);
	text_release(&view);
	quantity_milli(text, &value);
	quantity_kib(text, &value);
	clock_parse_rfc3339(text, &value);
	free(safe);
	free(text);
}

const struct fuzz_target fuzz_targets[] = {
	{"json", eat_json},           {"kubeconfig", eat_kubeconfig}, {"config", eat_config},
	{"catalogue", eat_catalogue}, {"resp", fuzz_eat_resp},        {"status", eat_status},
	{"metrics", eat_metrics},     {"text", eat_text},           {NULL, NULL},
};

const struct fuzz_target *fuzz_target_find(const char *name)
{
	const struct fuzz_target *target;

	for (target = fuzz_targets; target->name; target++)
		if (!strcmp(target->name, name))
			return target;
	return NULL;
}
