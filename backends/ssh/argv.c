/* backends/ssh/argv.c: how the person's ssh is called: never asking, never trusting anew. */
#include <stdlib.h>
#include <string.h>

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

static bool is_ssh(const char *word)
{
	const char *slash = strrchr(word, '/');

	return !strcmp(slash ? slash + 1 : word, "ssh");
}

/* Where the ssh itself stands in the command: not always first ("sudo -u me ssh"). Where there is
 * none to be seen, options follow the whole. */
static size_t place_of_ssh(const struct config_ssh *config)
{
	for (size_t i = 0; i < config->command.len; i++)
		if (is_ssh(config->command.items[i]))
			return i;
	return config->command.len ? config->command.len - 1 : 0;
}

bool ssh_takes_options(const struct config_ssh *config)
{
	return !config->command.len || is_ssh(config->command.items[place_of_ssh(config)]);
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
	size_t own = config->command.len, ssh = place_of_ssh(config), at = 0;
	char **argv = xcalloc((own ? own : 1) + length(always) + length(options) + length(rest) + 3,
			      sizeof(*argv));

	for (size_t i = 0; i <= ssh; i++)
		argv[at++] = own ? config->command.items[i] : (char *)(uintptr_t)"ssh";
	at = put(argv, at, options);
	for (size_t i = ssh + 1; i < own; i++)
		argv[at++] = config->command.items[i];
	at = put(argv, at, always);
	at = put(argv, at, where);
	put(argv, at, rest);
	return argv;
}
