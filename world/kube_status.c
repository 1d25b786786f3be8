/* world/kube_status.c: errors as Status objects; see kube_api.h */
#include "world/kube_api.h"

#include <stdarg.h>
#include <stdio.h>

#include "world/jx.h"

json_t *status_object(int code, const char *reason, const char *message)
{
	return json_pack("{s:s, s:s, s:{}, s:s, s:s, s:s, s:i}", "kind", "Status", "apiVersion",
			 "v1", "metadata", "status", code < 400 ? "Success" : "Failure",
			 "message", message, "reason", reason, "code", code);
}

int reply_status(const struct request *request, int code, const char *reason,
		 const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return reply_json(request, code, status_object(code, reason, message));
}

int reply_not_found(const struct request *request, const struct target *target)
{
	const struct resource *res = &resources[target->res];
	char message[512];
	json_t *status;

	snprintf(message, sizeof(message), "%s%s%s \"%s\" not found", res->plural,
		 *res->group ? "." : "", res->group, target->name);
	status = status_object(404, "NotFound", message);
	jx_set_str(status, "details.name", target->name);
	jx_set_str(status, "details.group", res->group);
	jx_set_str(status, "details.kind", res->plural);
	return reply_json(request, 404, status);
}
