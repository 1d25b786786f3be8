/* backends/ssh/argv.c: how the person's ssh is called: never asking, never trusting anew. */
#include <stdlib.h>

#include "backends/ssh/ssh.h"
#include "core/alloc.h"

static size_t length(const char *const *list)
{
	size_t len = 0;

	while (list[len])
		len++;
	return len;
}

static size_t put(char **argv, size_t at, const char *const *list)
{
	for (; *list; list++)
		argv[at++] = (char *)(uintptr_t)*list;
	return at;
}

char **ssh_argv(const struct config_ssh *config, const char *const *options, const char *alias,
		const char *const *rest)
{
	/* BatchMode: nobody is there to answer. An unknown host key is refused, and none is ever
	 * learnt, not even from a server that is known. RemoteCommand would be in our script's way. */
	static const char *const always[] = {
		"-T", "-x", "-a", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes",
		"-o", "ConnectTimeout=8", "-o", "ServerAliveInterval=10",
		"-o", "ServerAliveCountMax=2", "-o", "PermitLocalCommand=no",
		"-o", "ClearAllForwardings=yes", "-o", "LogLevel=ERROR",
		"-o", "UpdateHostKeys=no", "-o", "RemoteCommand=none", NULL,
	};
	const char *const where[] = {"--", alias, NULL};
	size_t own = config->command.len, at = 0;
	char **argv = xcalloc((own ? own : 1) + length(always) + length(options) + length(rest) + 3,
			      sizeof(*argv));

	for (size_t i = 0; i < own; i++)
		argv[at++] = config->command.items[i];
	if (!own)
		argv[at++] = (char *)(uintptr_t)"ssh";
	at = put(argv, at, always);
	at = put(argv, at, options);
	at = put(argv, at, where);
	put(argv, at, rest);
	return argv;
}
