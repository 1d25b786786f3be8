/* backends/postgres/bytes.c: what a connection has carried, TLS and all, as the kernel counts. It
 * stands alone because <linux/tcp.h> and the <netinet/tcp.h> that libuv includes don't mix. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "backends/postgres/bytes.h"

void socket_bytes(int fd, uint64_t *ret_in, uint64_t *ret_out)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		memset(&info, 0, sizeof(info));
	*ret_in = info.tcpi_bytes_received;
	*ret_out = info.tcpi_bytes_acked;
}
