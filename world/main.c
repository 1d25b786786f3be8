/*
 * sitrep-world: simulated systems that speak the real protocols on loopback, so that sitrep,
 * kubectl and redis-cli can be used on them, and so that they can be broken on purpose.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <uv.h>

#include "core/alloc.h"
#include "core/embed.h"
#include "core/err.h"
#include "world/controllers/events.h"
#include "world/controllers/kubelet.h"
#include "world/controllers/nodes.h"
#include "world/controllers/workloads.h"
#include "world/exporter.h"
#include "world/jx.h"
#include "world/kube_http.h"
#include "world/machines/machines.h"
#include "world/machines/ssh_server.h"
#include "world/outside.h"
#include "world/postgres.h"
#include "world/profile.h"
#include "world/redis.h"
#include "world/role.h"
#include "world/scenario.h"
#include "world/seed.h"
#include "world/store.h"
#include "world/watchers.h"
#include "world/world.h"
#include "world/yaml_json.h"

#define TICK_MS 100
#define PROFILE_NAME "sitrep.yaml"
#define EXPIRE_EVERY_MS 60000

/* world/cluster.yaml, as it was when this program was built. */
extern const struct embed_file world_files[];

struct options {
	const char *scenario, *dir, *cluster;
	int kube_port, redis_port;
	double speed;
	unsigned seed;             /* 0 = a new one each time */
	const char *role;          /* NULL = the cluster's own */
};

struct run {
	struct world world;
	uv_loop_t loop;
	uv_timer_t tick;
	uv_signal_t term, interrupt, hangup;
	uv_pipe_t input;
	bool input_open;
	int64_t expire_at;
	char dir[1024];
	bool own_dir;
};

static const char usage[] =
	"usage: sitrep-world [--scenario FILE] [--cluster FILE] [--dir DIR]\n"
	"                    [--kube-port N] [--redis-port N] [--speed X] [--seed N]\n"
	"                    [--role NAME]\n"
	"\n"
	"A simulated cluster, its machines and a Redis on 127.0.0.1, for kubectl, ssh,\n"
	"redis-cli and sitrep.\n"
	"\n"
	"  --scenario FILE   play this drill; without one the cluster is healthy and busy\n"
	"  --cluster FILE    this cluster description instead of the built-in one\n"
	"  --dir DIR         put the kubeconfig there (default: a new temporary directory)\n"
	"  --kube-port N     port of the Kubernetes API (default: a free one)\n"
	"  --redis-port N    port of the Redis (default: a free one)\n"
	"  --speed X         let delays pass X times as fast\n"
	"  --role NAME       play this role of the cluster's: on-call, developer, observer\n"
	"  --seed N          make the same names and amounts each time\n"
	"  --help, --version\n"
	"\n"
	"It prints one JSON line when it is ready and one for each thing that happens.\n"
	"It ends when its standard input ends, or on SIGTERM.\n";

static int port_number(const char *text, int *ret_port)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (*end || end == text || port < 0 || port > 65535)
		return -EINVAL;
	*ret_port = (int)port;
	return 0;
}

/* 0 to go on, else the exit status + 1. */
static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{"scenario", required_argument, NULL, 's'}, {"dir", required_argument, NULL, 'd'},
		{"cluster", required_argument, NULL, 'c'},
		{"kube-port", required_argument, NULL, 'k'},
		{"redis-port", required_argument, NULL, 'r'},
		{"speed", required_argument, NULL, 'x'}, {"seed", required_argument, NULL, 'n'},
		{"role", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0},
	};
	int key, rc = 0;

	while (!rc && (key = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (key == 's')
			o->scenario = optarg;
		else if (key == 'd')
			o->dir = optarg;
		else if (key == 'c')
			o->cluster = optarg;
		else if (key == 'k')
			rc = port_number(optarg, &o->kube_port);
		else if (key == 'r')
			rc = port_number(optarg, &o->redis_port);
		else if (key == 'x')
			rc = (o->speed = atof(optarg)) > 0 && o->speed <= 1000 ? 0 : -EINVAL;
		else if (key == 'o')
			o->role = optarg;
		else if (key == 'n')
			o->seed = (unsigned)strtoul(optarg, NULL, 10);
		else if (key == 'h' || key == 'V')
			return fputs(key == 'h' ? usage : "sitrep-world " PACKAGE_VERSION "\n",
				     stdout), EX_OK + 1;
		else
			return EX_USAGE + 1;
	}
	if (rc || optind < argc) {
		fprintf(stderr, "sitrep-world: what is \"%s\"?\n%s",
			rc ? optarg : argv[optind], usage);
		return EX_USAGE + 1;
	}
	return 0;
}

/* ---- files -------------------------------------------------------------------------------- */

static json_t *read_cluster(const char *path, struct err *err)
{
	const struct embed_file *built_in = &world_files[0];

	if (path)
		return yaml_json_load(path, err);
	return yaml_json_parse(built_in->name, (const char *)built_in->data, built_in->len, err);
}

static int make_dir(struct run *run, const char *wanted, struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	if (wanted) {
		snprintf(run->dir, sizeof(run->dir), "%s", wanted);
		if (mkdir(run->dir, 0700) && errno != EEXIST)
			return err_set(err, -errno, "%s: %s", run->dir, strerror(errno));
		return 0;
	}
	snprintf(run->dir, sizeof(run->dir), "%s/sitrep-world.XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(run->dir))
		return err_set(err, -errno, "%s: %s", run->dir, strerror(errno));
	run->own_dir = true;
	return 0;
}

static int write_kubeconfig(const struct run *run, char path[1100], struct err *err)
{
	FILE *file;

	snprintf(path, 1100, "%s/kubeconfig", run->dir);
	file = fopen(path, "w");
	if (!file)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	fprintf(file,
		"apiVersion: v1\n"
		"kind: Config\n"
		"clusters:\n"
		"- name: drill\n"
		"  cluster:\n"
		"    server: http://127.0.0.1:%d\n"
		"users:\n"
		"- name: on-call\n"
		"  user:\n"
		"    token: drill\n"
		"contexts:\n"
		"- name: drill\n"
		"  context:\n"
		"    cluster: drill\n"
		"    user: on-call\n"
		"    namespace: %s\n"
		"current-context: drill\n",
		kube_server_port(run->world.kube),
		json_string_value(json_object_get(run->world.plan, "namespace")));
	if (fclose(file))
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

static void remove_files(const struct run *run)
{
	static const char *const names[] = {"kubeconfig", PROFILE_NAME};
	char path[1100];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", run->dir, names[i]);
		unlink(path);
	}
	if (run->own_dir)
		rmdir(run->dir);
}

/* ---- the loop ----------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
	struct run *run = timer->data;
	struct world *world = &run->world;

	scenario_tick(world->scenario);
	ssh_server_tick(world->ssh);
	postgres_tick(world->postgres);
	nodes_tick(world->nodes);
	exporter_tick(world->exporter);
	workloads_tick(world->workloads);
	kubelet_tick(world->kubelet);
	if (world_now(world) < run->expire_at)
		return;
	run->expire_at = world_now(world) + EXPIRE_EVERY_MS;
	events_expire(world);
}

static void stop(struct run *run)
{
	uv_stop(&run->loop);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	stop(handle->data);
}

static void give_buffer(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
	static char waste[256];

	(void)handle;
	(void)wanted;
	*buf = uv_buf_init(waste, sizeof(waste));
}

static void on_input(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	(void)buf;
	if (got < 0)
		stop(stream->data);
}

/* The parent's end of our input is how we learn that it has gone. A terminal or a file that
 * cannot be polled has no such end. */
static void watch_input(struct run *run)
{
	if (uv_guess_handle(STDIN_FILENO) != UV_NAMED_PIPE)
		return;
	uv_pipe_init(&run->loop, &run->input, 0);
	run->input.data = run;
	run->input_open = true;
	if (!uv_pipe_open(&run->input, STDIN_FILENO))
		uv_read_start((uv_stream_t *)&run->input, give_buffer, on_input);
}

static void watch_signals(struct run *run)
{
	struct {
		uv_signal_t *handle;
		int number;
	} rows[] = {{&run->term, SIGTERM}, {&run->interrupt, SIGINT}, {&run->hangup, SIGHUP}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uv_signal_init(&run->loop, rows[i].handle);
		rows[i].handle->data = run;
		uv_signal_start(rows[i].handle, on_signal, rows[i].number);
	}
	signal(SIGPIPE, SIG_IGN);
}

static void say_ready(struct run *run, const char *kubeconfig, const char *profile)
{
	json_t *line = json_pack("{s:b, s:s, s:o, s:s, s:i}", "ready", 1, "kubeconfig",
				 kubeconfig, "redis",
				 json_sprintf("redis://127.0.0.1:%d",
					      redis_port(run->world.redis)),
				 "config", profile, "pid", (int)getpid());
	char *text;

	if (run->world.ssh)
		json_object_set_new(line, "ssh", json_sprintf("%s/" SSH_SERVER_CONFIG, run->dir));
	text = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER);
	printf("%s\n", text);
	fflush(stdout);
	free(text);
	json_decref(line);
}

/* Each node is a server of the API too. */
static int start_servers(struct world *world, struct err *err)
{
	const json_t *node;
	int rc = 0;

	for (size_t i = 0; !rc && i + 1 < WORLD_SERVERS_MAX &&
	     (node = store_at(world->store, RES_NODES, i)); i++)
		rc = kube_server_start(world, 0, nodes_name(world, jx_name(node)),
				       &world->kube_at[i], err);
	return rc;
}

static int start(struct run *run, const struct options *o, struct err *err)
{
	struct world *world = &run->world;
	char kubeconfig[1100], profile[1100];
	int rc;

	world->store = store_new();
	seed_objects(world);
	world->nodes = nodes_new(world);
	world->kubelet = kubelet_new(world);
	world->machines = machines_new(world);
	seed_workloads(world);
	world->workloads = workloads_new(world);
	/* Sets count pods, deployments count sets: nobody sees the counts before they are right. */
	for (int turn = 0; turn < 4; turn++)
		workloads_tick(world->workloads);
	world->watchers = watchers_new(world);
	world->exporter = exporter_new(world);
	rc = o->role ? role_choose(world, o->role, err) : 0;
	if (!rc)
		rc = kube_server_start(world, o->kube_port, NULL, &world->kube, err);
	if (!rc)
		rc = start_servers(world, err);
	if (!rc)
		rc = redis_start(world, o->redis_port, &world->redis, err);
	if (!rc)
		rc = make_dir(run, o->dir, err);
	if (!rc)
		rc = write_kubeconfig(run, kubeconfig, err);
	if (!rc)
		rc = outside_start(world, &world->outside, err);
	snprintf(profile, sizeof(profile), "%s/" PROFILE_NAME, run->dir);
	if (!rc)
		rc = postgres_start(world, &world->postgres, err);
	if (!rc)
		rc = ssh_server_start(world, &world->ssh, err);
	if (!rc)
		rc = profile_write(world, profile, kubeconfig, err);
	if (!rc && o->scenario)
		rc = scenario_load(world, o->scenario, &world->scenario, err);
	if (rc)
		return rc;
	uv_timer_init(&run->loop, &run->tick);
	run->tick.data = run;
	uv_timer_start(&run->tick, on_tick, TICK_MS, TICK_MS);
	watch_signals(run);
	watch_input(run);
	say_ready(run, kubeconfig, profile);
	return 0;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void finish(struct run *run)
{
	struct world *world = &run->world;

	kube_server_stop(world->kube);
	for (size_t i = 0; i < WORLD_SERVERS_MAX; i++)
		kube_server_stop(world->kube_at[i]);
	watchers_free(world->watchers);
	redis_stop(world->redis);
	outside_stop(world->outside);
	postgres_stop(world->postgres);
	ssh_server_stop(world->ssh);
	uv_walk(&run->loop, close_handle, NULL);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	outside_free(world->outside);
	postgres_free(world->postgres);
	ssh_server_free(world->ssh);
	scenario_free(world->scenario);
	exporter_free(world->exporter);
	workloads_free(world->workloads);
	kubelet_free(world->kubelet);
	machines_free(world->machines);
	nodes_free(world->nodes);
	store_free(world->store);
	json_decref(world->plan);
	uv_loop_close(&run->loop);
	if (*run->dir)
		remove_files(run);
}

int main(int argc, char **argv)
{
	struct options options = {.speed = 1};
	struct err err = ERR_INIT;
	struct run *run;
	int rc = read_options(argc, argv, &options);

	if (rc)
		return rc - 1;
	run = xcalloc(1, sizeof(*run));
	srandom(options.seed ? options.seed : (unsigned)time(NULL) ^ (unsigned)getpid());
	uv_loop_init(&run->loop);
	uv_update_time(&run->loop);
	run->world = (struct world){.loop = &run->loop, .speed = options.speed,
				    .began = uv_now(&run->loop), .dir = run->dir};
	run->world.plan = read_cluster(options.cluster, &err);
	rc = run->world.plan ? start(run, &options, &err) : err.code;
	if (rc)
		fprintf(stderr, "sitrep-world: %s\n", err.text);
	else
		uv_run(&run->loop, UV_RUN_DEFAULT);
	finish(run);
	free(run);
	return rc ? EX_SOFTWARE : EX_OK;
}
