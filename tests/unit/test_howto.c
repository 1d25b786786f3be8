/* tests/unit/test_howto.c: the examples of the how-tos are true: they load, compile and judge */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/yaml.h"
#include "incident/catalogue.h"
#include "incident/drill.h"
#include "incident/facts.h"
#include "incident/verdict.h"

#define NOW INT64_C(1700000000000)

/* The first YAML block of a document whose first line starts with "id:". Caller frees. */
static char *example_of(const char *document)
{
	static const char fence[] = "```yaml\nid:";
	const char *dir = getenv("srcdir");
	struct err err = ERR_INIT;
	char path[512], *text, *start, *end, *block;
	size_t len;

	snprintf(path, sizeof(path), "%s/docs/%s", dir ? dir : ".", document);
	if (yaml_read_file(path, &text, &len, &err))
		fail_msg("%s", err.text);
	start = strstr(text, fence);
	assert_non_null(start);
	start += strlen("```yaml\n");
	end = strstr(start, "```");
	assert_non_null(end);
	block = strndup(start, (size_t)(end - start));
	free(text);
	return block;
}

static void load_mode(struct catalogue *cat, struct config *config)
{
	char dir[] = "/tmp/sitrep-howto-XXXXXX", path[64];
	char *mode = example_of("failure-modes.md");
	struct err err = ERR_INIT;
	FILE *file;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/mailer-stuck.yaml", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(mode, file);
	fclose(file);
	free(mode);
	config_init(config);
	config->catalogue_builtin = false;
	strlist_add(&config->catalogue, dir);
	if (catalogue_load(cat, config, &err))
		fail_msg("%s", err.text);
	unlink(path);
	rmdir(dir);
}

static void add_mailer(struct situation *sit)
{
	struct workload *work;
	struct pod *pod;
	int kind;

	situation_init(sit);
	freshness_proven(&sit->pods.fresh, NOW);
	sit->pods.complete = true;
	for (kind = 0; kind < WORKLOAD_KINDS; kind++) {
		freshness_proven(&sit->workloads.fresh[kind], NOW);
		sit->workloads.complete[kind] = true;
	}
	work = workloads_get(&sit->workloads, sit->strings, WORKLOAD_DEPLOYMENT, "shop", "mailer");
	work->desired = work->updated = 1;
	work = workloads_get(&sit->workloads, sit->strings, WORKLOAD_REPLICASET, "shop", "mailer-1");
	intern_set(sit->strings, &work->owner, "mailer");
	pod = pods_get(&sit->pods, sit->strings, "shop", "mailer-1-a");
	intern_set(sit->strings, &pod->owner_kind, "ReplicaSet");
	intern_set(sit->strings, &pod->owner_name, "mailer-1");
	intern_set(sit->strings, &pod->status, "CrashLoopBackOff");
	pod->restarts = 4;
	pod->not_ready_since_ms = NOW - 60000;
}

static void the_failure_mode_judges(void **state)
{
	struct catalogue cat = {0};
	struct config config;
	struct err err = ERR_INIT;
	struct situation sit;
	const struct verdicts *list;
	struct judge *judge;
	json_t *facts;

	(void)state;
	load_mode(&cat, &config);
	judge = judge_new(&cat, &config);
	if (judge_compile(judge, &err))
		fail_msg("%s", err.text);
	add_mailer(&sit);
	facts = facts_build(&sit, &config, NOW, false);
	list = judge_run(judge, facts, NOW);
	assert_int_equal(list->len, 1);
	assert_string_equal(list->items[0].title, "mailer crashes: 1 pod");
	assert_string_equal(list->items[0].evidence[1].text, "restarted 4 times");
	assert_int_equal(list->items[0].since_ms, NOW - 60000);
	assert_int_equal(list->items[0].nactions, 1);
	json_decref(facts);
	judge_free(judge);
	catalogue_release(&cat);
	situation_release(&sit);
	config_release(&config);
}

static void the_drill_loads(void **state)
{
	char *text = example_of("extending.md");
	struct err err = ERR_INIT;
	struct drill drill;

	(void)state;
	if (drill_load_text(&drill, "extending.md", text, strlen(text), &err))
		fail_msg("%s", err.text);
	assert_int_equal(drill.nsolution, 3);
	drill_release(&drill);
	free(text);
}

static void shipped_drills_load(void **state)
{
	const struct embed_file *file;
	struct err err = ERR_INIT;
	struct drill drill;
	size_t i;

	(void)state;
	for (i = 0; (file = drill_builtin(i)); i++) {
		if (drill_load_text(&drill, file->name, (const char *)file->data, file->len, &err))
			fail_msg("%s", err.text);
		drill_release(&drill);
	}
	assert_true(i > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_failure_mode_judges),
		cmocka_unit_test(the_drill_loads),
		cmocka_unit_test(shipped_drills_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
