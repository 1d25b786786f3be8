/*
 * tests/screen/term_start.c: the pty, the program, and the little shell between them.
 *
 * The shell is there because a program that leads its session is in an orphaned process group,
 * where the kernel drops the stop that SIGTSTP asks for.
 */
#include "tests/screen/term_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

static void become_program(char *const argv[], int status_fd)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGTTOU, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (status_fd >= 0)
		close(status_fd);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: %s\r\n", argv[0], strerror(errno));
	_exit(127);
}

/* A stop gives the terminal back to us; SIGUSR1 is the user's `fg`. */
static void mind_job(pid_t job)
{
	sigset_t usr1;
	int status, sig;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	for (;;) {
		if (waitpid(job, &status, WUNTRACED) != job)
			_exit(126);
		if (WIFEXITED(status))
			_exit(WEXITSTATUS(status));
		if (WIFSIGNALED(status))
			_exit(128 + WTERMSIG(status));
		tcsetpgrp(STDIN_FILENO, getpgrp());
		sigwait(&usr1, &sig);
		tcsetpgrp(STDIN_FILENO, job);
		kill(-job, SIGCONT);
	}
}

static void become_shell(char *const argv[], int status_fd)
{
	sigset_t usr1;
	pid_t job;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	signal(SIGTTOU, SIG_IGN);
	job = fork();
	if (job < 0)
		_exit(126);
	if (!job) {
		setpgid(0, 0);
		tcsetpgrp(STDIN_FILENO, getpid());
		become_program(argv, status_fd);
	}
	setpgid(job, job);
	if (write(status_fd, &job, sizeof(job)) != (ssize_t)sizeof(job))
		_exit(126);
	mind_job(job);
}

static int start_child(struct term *term, char *const argv[], const struct winsize *ws, bool shell)
{
	int fds[2] = {-1, -1};
	int slave;
	pid_t pid;

	if (shell && pipe2(fds, O_CLOEXEC))
		return -errno;
	if (openpty(&term->fd, &slave, NULL, NULL, ws))
		return -errno;
	tcgetattr(slave, &term->before);
	term->started = term_now();
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		close(term->fd);
		login_tty(slave);
	}
	if (!pid && shell)
		become_shell(argv, fds[1]);
	if (!pid)
		become_program(argv, -1);
	close(slave);
	term->pid = pid;
	term->status_fd = fds[0];
	if (!shell)
		return 0;
	close(fds[1]);
	term->shell = pid;
	if (read(fds[0], &term->pid, sizeof(term->pid)) != (ssize_t)sizeof(term->pid))
		return -ECHILD;
	return 0;
}

int term_start(struct term *term, struct term_size size, char *const argv[], bool job_control)
{
	struct winsize ws = {
		.ws_row = (unsigned short)size.rows,
		.ws_col = (unsigned short)size.cols,
	};
	int rc;

	term->cols = size.cols;
	term->rows = size.rows;
	term->in = (struct buf)BUF_INIT(TERM_IN_CEILING);
	term->out = (struct buf)BUF_INIT(TERM_OUT_CEILING);
	term->status_fd = -1;
	term_open_screen(term);
	signal(SIGPIPE, SIG_IGN);
	rc = start_child(term, argv, &ws, job_control);
	if (rc)
		return rc;
	fcntl(term->fd, F_SETFD, FD_CLOEXEC);
	fcntl(term->fd, F_SETFL, O_NONBLOCK);
	return 0;
}

void term_foreground(struct term *term)
{
	if (term->shell)
		kill(term->shell, SIGUSR1);
}
