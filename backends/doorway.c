/* backends/doorway.c: see doorway.h */
#include "backends/doorway.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <uv.h>

int doorway_open(char name[DOORWAY_NAME])
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	unsigned long long dice[2] = {0};
	socklen_t len;
	int fd, rc;

	uv_random(NULL, NULL, dice, sizeof(dice), 0, NULL);
	snprintf(name, DOORWAY_NAME, "sitrep-%016llx%016llx", dice[0], dice[1]);
	memcpy(where.sun_path + 1, name, strlen(name));
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&where, len) && !listen(fd, 4))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* Everybody on this machine can connect to an abstract name. */
static int is_ours(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) && who.pid == getpid();
}

int doorway_accept(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (is_ours(fd))
			return fd;
		close(fd);
	}
	return -errno;
}
