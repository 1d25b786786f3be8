/* incident/audit.c: appending to the audit chain; see audit.h */
#include "incident/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "incident/audit_chain.h"

struct audit {
	int fd;
	char *path;
	char *user;
	char host[HOST_NAME_MAX + 1];
};

char *audit_state_path(const char *name)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state && state[0] == '/')
		return xasprintf("%s/sitrep/%s", state, name);
	if (home && home[0] == '/')
		return xasprintf("%s/.local/state/sitrep/%s", home, name);
	return NULL;
}

/* Every folder above path, readable by its owner alone when we make it. */
static int make_folders(const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	char *slash = copy;
	int rc = 0;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdir(copy, 0700) && errno != EEXIST) {
			rc = err_set(err, -errno, "cannot make the folder %s: %s", copy,
				     strerror(errno));
			break;
		}
		*slash = '/';
	}
	free(copy);
	return rc;
}

static int open_file(const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_set(err, -errno, "cannot open the audit file %s: %s", path,
			       strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, -EINVAL, "the audit file %s is not a plain file", path);
	}
	return fd;
}

static char *user_name(void)
{
	const struct passwd *entry = getpwuid(getuid());

	return entry ? xstrdup(entry->pw_name) : xasprintf("uid %u", (unsigned int)getuid());
}

struct audit *audit_open(const char *path, struct err *err)
{
	struct audit *audit;
	struct chain_tail tail;
	char *own = path ? xstrdup(path) : audit_state_path(AUDIT_FILE);
	int fd = -1;

	if (!own) {
		err_set(err, -ENOENT, "no place for the audit file: neither XDG_STATE_HOME nor "
			"HOME is set");
		return NULL;
	}
	if (make_folders(own, err) == 0)
		fd = open_file(own, err);
	if (fd < 0) {
		free(own);
		return NULL;
	}
	if (chain_tail_read(fd, own, &tail, err)) {
		close(fd);
		free(own);
		return NULL;
	}
	audit = xcalloc(1, sizeof(*audit));
	audit->fd = fd;
	audit->path = own;
	audit->user = user_name();
	if (gethostname(audit->host, sizeof(audit->host) - 1))
		snprintf(audit->host, sizeof(audit->host), "unknown");
	return audit;
}

void audit_close(struct audit *audit)
{
	if (!audit)
		return;
	close(audit->fd);
	free(audit->path);
	free(audit->user);
	free(audit);
}

const char *audit_path(const struct audit *audit)
{
	return audit->path;
}

static int write_all(struct audit *audit, const char *data, size_t len, struct err *err)
{
	while (len) {
		ssize_t done = write(audit->fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_set(err, -errno, "cannot write the audit file %s: %s",
				       audit->path, strerror(errno));
		data += done;
		len -= (size_t)done;
	}
	return 0;
}

/* One record onto the tail, which moves on. Takes over fields. */
static int append(struct audit *audit, struct chain_tail *tail, const char *kind, json_t *fields,
		  struct err *err)
{
	char at[CLOCK_TEXT];
	struct buf line = BUF_INIT(CHAIN_LINE_MAX);
	json_t *record = json_pack("{s:I, s:s, s:s, s:s, s:s, s:i}", "seq",
				   (json_int_t)tail->seq + 1, "at",
				   clock_format_rfc3339(clock_wall_ms(), at), "kind", kind, "user",
				   audit->user, "host", audit->host, "pid", (int)getpid());
	int rc;

	if (!record || json_object_update_missing(record, fields))
		rc = err_set(err, -EINVAL, "the audit record is not text in UTF-8");
	else
		rc = chain_line(&line, record, tail, err);
	if (rc == 0)
		rc = write_all(audit, line.data, line.len, err);
	json_decref(record);
	json_decref(fields);
	buf_release(&line);
	return rc;
}

/* A crash left half a line: end it, and vouch for its bytes, so that the chain goes on. */
static int mend(struct audit *audit, struct chain_tail *tail, struct err *err)
{
	json_t *fields = json_pack("{s:I, s:s}", "torn_bytes", (json_int_t)tail->torn_len,
				   "torn_hash", tail->torn_hash);
	int rc = write_all(audit, "\n", 1, err);

	if (rc) {
		json_decref(fields);
		return rc;
	}
	return append(audit, tail, CHAIN_KIND_TORN, fields, err);
}

int audit_write(struct audit *audit, const char *kind, json_t *fields, struct err *err)
{
	struct chain_tail tail;
	int rc;

	while (flock(audit->fd, LOCK_EX)) {
		if (errno != EINTR) {
			json_decref(fields);
			return err_set(err, -errno, "cannot lock the audit file %s: %s",
				       audit->path, strerror(errno));
		}
	}
	rc = chain_tail_read(audit->fd, audit->path, &tail, err);
	if (rc == 0 && tail.torn_len)
		rc = mend(audit, &tail, err);
	if (rc == 0)
		rc = append(audit, &tail, kind, fields, err);
	else
		json_decref(fields);
	if (rc == 0 && fsync(audit->fd))
		rc = err_set(err, -errno, "cannot sync the audit file %s: %s", audit->path,
			     strerror(errno));
	flock(audit->fd, LOCK_UN);
	return rc;
}
