/*
 * backends/ssh/known.c: a host key that is not known: asked for, shown, and kept when the person
 * says yes. The person's ssh fetches it, through their configuration and jump hosts: it is told to
 * accept new keys into a file of ours first, then theirs are looked up. So a key that differs from a
 * known one is refused by ssh itself, and nothing of theirs is written but by append() here.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "backends/backend.h"
#include "backends/ssh/ssh.h"
#include "core/alloc.h"
#include "core/buf.h"

#define FETCH_MS 20000
#define LINES_MAX (16 * 1024)
#define BLOB_MAX 8192
#define PATHS_MAX 2048

struct trust {
	void *backend;
	const struct backend_env *env;
	char *alias;
	struct trust_events events;
	struct run *run;           /* NULL = nothing runs */
	char files[PATHS_MAX];     /* the person's known hosts, quoted */
	char own[512];             /* our own, while ssh runs; "" = none */
	struct trust_key key;
	char *lines;               /* as ssh would have written them */
	bool keeping;
};

static void fail(struct trust *trust, const char *text)
{
	trust->events.failed(trust->events.arg, text);
}

/* ---- what ssh has written ----------------------------------------------------------------- */

/* "names type base64": "SHA256:..." of the key's bytes, as ssh-keygen -l says it. */
static bool fingerprint(const char *base64, char *ret, size_t size)
{
	unsigned char blob[BLOB_MAX], raw[EVP_MAX_MD_SIZE], text[2 * EVP_MAX_MD_SIZE];
	size_t len = strlen(base64);
	unsigned int raw_len;
	int blob_len;

	if (!len || len % 4 || len / 4 * 3 > sizeof(blob))
		return false;
	blob_len = EVP_DecodeBlock(blob, (const unsigned char *)base64, (int)len);
	if (blob_len < 0)
		return false;
	blob_len -= (base64[len - 1] == '=') + (base64[len - 2] == '=');
	if (!EVP_Digest(blob, (size_t)blob_len, raw, &raw_len, EVP_sha256(), NULL))
		return false;
	EVP_EncodeBlock(text, raw, (int)raw_len);
	text[strcspn((char *)text, "=")] = '\0';
	snprintf(ret, size, "SHA256:%.48s", (const char *)text);
	return true;
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text != '\n' && (*text < ' ' || *text > '~'))
			return false;
	return true;
}

/* One key, under however many names. */
static bool read_key(const char *lines, struct trust_key *key)
{
	char *copy = xstrdup(lines), *rest = copy, *line, *first = NULL;
	bool well = is_plain(lines);

	while (well && (line = strsep(&rest, "\n"))) {
		char *type = strchr(line, ' '), *base64 = type ? strchr(type + 1, ' ') : NULL;

		if (!*line)
			continue;
		well = base64 && (!first || !strcmp(first, type));
		if (!well || first)
			continue;
		first = xstrdup(type);
		snprintf(key->type, sizeof(key->type), "%.*s", (int)(base64 - type - 1), type + 1);
		well = fingerprint(base64 + 1, key->fingerprint, sizeof(key->fingerprint));
	}
	well = well && first;
	free(first);
	free(copy);
	return well;
}

static char *take_lines(struct trust *trust)
{
	struct buf lines = BUF_INIT(LINES_MAX);
	int fd = open(trust->own, O_RDONLY | O_CLOEXEC);
	char chunk[1024];
	ssize_t len;

	while (fd >= 0 && (len = read(fd, chunk, sizeof(chunk))) > 0)
		if (buf_append(&lines, chunk, (size_t)len))
			break;
	if (fd >= 0)
		close(fd);
	unlink(trust->own);
	trust->own[0] = '\0';
	return buf_detach(&lines);
}

/* ---- the person's file -------------------------------------------------------------------- */

/* As ssh makes it: the folder is the person's alone. */
static void make_folder(const char *path)
{
	char folder[sizeof(((struct trust_key *)NULL)->file)], *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return;
	*slash = '\0';
	mkdir(folder, 0700);
}

static bool ends_its_line(int fd)
{
	char last = '\n';
	off_t size = lseek(fd, 0, SEEK_END);

	return size <= 0 || pread(fd, &last, 1, size - 1) != 1 || last == '\n';
}

/* 0 or -errno. */
static int append(const char *path, const char *lines)
{
	char *text;
	ssize_t written;
	int fd, rc;

	make_folder(path);
	fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	text = xasprintf("%s%s", ends_its_line(fd) ? "" : "\n", lines);
	written = write(fd, text, strlen(text));
	rc = written == (ssize_t)strlen(text) ? 0 : written < 0 ? -errno : -EIO;
	free(text);
	if (close(fd) && !rc)
		rc = -errno;
	return rc;
}

static void keep_now(struct trust *trust)
{
	int rc = append(trust->key.file, trust->lines);
	char text[1200];

	if (!rc) {
		ssh_refresh(trust->backend);
		trust->events.kept(trust->events.arg);
		return;
	}
	snprintf(text, sizeof(text), "%s could not be written: %s", trust->key.file, strerror(-rc));
	fail(trust, text);
}

/* ---- asking ------------------------------------------------------------------------------- */

static void explain(struct trust *trust, const char *complaint)
{
	char text[200];

	if (strstr(complaint, "IDENTIFICATION HAS CHANGED"))
		fail(trust, "its host key differs from the one that is known: it is not offered");
	else if (strstr(complaint, "Permission denied") || !complaint[0])
		fail(trust, "its host key is known by now");
	else {
		ssh_error_text(complaint, trust->alias, text, sizeof(text));
		fail(trust, text);
	}
}

static void fetched(void *arg, const char *said, const char *complaint)
{
	struct trust *trust = arg;
	struct trust_key key = trust->key;
	char *lines = take_lines(trust);

	(void)said;
	trust->run = NULL;
	if (!*lines) {
		explain(trust, complaint);
	} else if (!read_key(lines, &key)) {
		fail(trust, "ssh has told a key that can't be read");
	} else if (trust->keeping && (strcmp(key.type, trust->key.type) != 0 ||
				      strcmp(key.fingerprint, trust->key.fingerprint) != 0)) {
		fail(trust, "it has shown ANOTHER key now: nothing was kept");
	} else if (trust->keeping) {
		keep_now(trust);
	} else {
		trust->key = key;
		trust->lines = lines;
		trust->events.shown(trust->events.arg, &trust->key);
		return;
	}
	free(lines);
}

static bool make_own(struct trust *trust)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	int fd;

	if (!folder || !*folder || strchr(folder, '"'))
		folder = "/tmp";
	snprintf(trust->own, sizeof(trust->own), "%.480s/sitrep-key.XXXXXX", folder);
	fd = mkstemp(trust->own);
	if (fd < 0)
		trust->own[0] = '\0';
	else
		close(fd);
	return fd >= 0;
}

static void fetch(struct trust *trust)
{
	char known[PATHS_MAX + 600];
	const char *const options[] = {
		"-o", "StrictHostKeyChecking=accept-new", "-o", known, "-o",
		"PreferredAuthentications=none", "-o", "ControlPath=none", NULL,
	};
	const char *const nothing[] = {"true", NULL};
	char **argv;

	if (!make_own(trust)) {
		fail(trust, "no file can be made for its key");
		return;
	}
	snprintf(known, sizeof(known), "UserKnownHostsFile=\"%s\" %s", trust->own, trust->files);
	argv = ssh_argv(&trust->env->config->ssh, options, trust->alias, nothing);
	trust->run = run_start(trust->env->loop, argv, FETCH_MS, fetched, trust);
	free(argv);
}

/* "~/x": ssh means the home that the system knows. */
static void expand(const char *path, char *ret, size_t size)
{
	const struct passwd *person = path[0] == '~' && path[1] == '/' ? getpwuid(getuid()) : NULL;

	snprintf(ret, size, "%s%s", person ? person->pw_dir : "", person ? path + 1 : path);
}

/* "userknownhostsfile /a /b", of what `ssh -G` says. False = it names none to write to. */
static bool read_files(struct trust *trust, const char *said)
{
	static const char word[] = "userknownhostsfile ";
	const char *line = strstr(said, word);
	char *copy, *rest, *path;
	size_t used = 0;

	if (!line)
		return false;
	line += sizeof(word) - 1;
	rest = copy = xstrndup(line, strcspn(line, "\r\n"));
	while ((path = strsep(&rest, " "))) {
		if (!*path || strchr(path, '"') || used + strlen(path) + 4 > sizeof(trust->files))
			continue;
		if (!used)
			expand(path, trust->key.file, sizeof(trust->key.file));
		used += (size_t)snprintf(trust->files + used, sizeof(trust->files) - used, "%s\"%s\"",
					 used ? " " : "", path);
	}
	free(copy);
	return trust->key.file[0] == '/' && strcmp(trust->key.file, "/dev/null") != 0 &&
	       !strchr(trust->key.file, '%');
}

static void configured(void *arg, const char *said, const char *complaint)
{
	struct trust *trust = arg;
	char text[200];

	trust->run = NULL;
	if (!*said) {
		ssh_error_text(complaint, trust->alias, text, sizeof(text));
		fail(trust, text);
	} else if (!read_files(trust, said)) {
		fail(trust, "ssh's configuration names no file of known hosts to write to");
	} else {
		fetch(trust);
	}
}

/* ---- for the dashboard -------------------------------------------------------------------- */

static const struct host *host_of(const struct backend_env *env, const char *node)
{
	const struct host *host = hosts_find(&env->sit->hosts, node);

	return host && host->key_unknown ? host : NULL;
}

static bool can(void *self, const char *node)
{
	return host_of(ssh_env(self), node);
}

static struct trust *start(void *self, const char *node, const struct trust_events *events,
			   struct err *err)
{
	static const char *const options[] = {"-G", NULL}, *const nothing[] = {NULL};
	const struct backend_env *env = ssh_env(self);
	const struct host *host = host_of(env, node);
	struct trust *trust;
	char **argv;

	if (!host) {
		err_set(err, -ENOENT, "the host key of %s is not an unknown one", node);
		return NULL;
	}
	if (!ssh_takes_options(&env->config->ssh)) {
		err_set(err, -ENOTSUP, "ssh: command is not an ssh itself: run it once by hand, "
			"and compare the fingerprint");
		return NULL;
	}
	trust = xcalloc(1, sizeof(*trust));
	trust->backend = self;
	trust->env = env;
	trust->alias = xstrdup(host->alias);
	trust->events = *events;
	argv = ssh_argv(&env->config->ssh, options, trust->alias, nothing);
	trust->run = run_start(env->loop, argv, FETCH_MS, configured, trust);
	free(argv);
	return trust;
}

static void keep(struct trust *trust)
{
	/* Read-only, nothing is written, not even here. */
	if (trust->env->read_only) {
		fail(trust, "read-only: sitrep writes nothing");
		return;
	}
	trust->keeping = true;
	fetch(trust);
}

static void close_trust(struct trust *trust)
{
	if (trust->run)
		run_drop(trust->run);
	if (trust->own[0])
		unlink(trust->own);
	free(trust->lines);
	free(trust->alias);
	free(trust);
}

const struct trust_ops ssh_trust = {
	.can = can, .start = start, .keep = keep, .close = close_trust,
};
