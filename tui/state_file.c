/* tui/state_file.c: see state_file.h */
#include "tui/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "incident/audit.h"

static void make_folders(char *path)
{
	char *slash = path;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, text, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put ? -errno : -EIO;
		text += put;
		len -= (size_t)put;
	}
	return 0;
}

int state_file_write(const char *name, const char *text, size_t len, char **ret_path,
		     struct err *err)
{
	char *path = audit_state_path(name), *fresh;
	int fd, rc = 0;

	if (!path)
		return err_set(err, -ENOENT, "neither XDG_STATE_HOME nor HOME says where to");
	fresh = xasprintf("%s.new", path);
	make_folders(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		rc = -errno;
	else
		rc = write_all(fd, text, len);
	if (fd >= 0 && close(fd) && !rc)
		rc = -errno;
	if (!rc && rename(fresh, path))
		rc = -errno;
	if (rc)
		err_set(err, rc, "%s: %s", path, strerror(-rc));
	else if (ret_path)
		*ret_path = xstrdup(path);
	free(fresh);
	free(path);
	return rc;
}
