# core/: the model and what everything else stands on. libc, libuv, jansson, libyaml only.
noinst_LIBRARIES += core/libcore.a
core_libcore_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS)
core_libcore_a_SOURCES = \
	core/alloc.c core/alloc.h \
	core/buf.c core/buf.h \
	core/err.c core/err.h
CORE_LIBS = core/libcore.a $(YAML_LIBS) $(JANSSON_LIBS) $(UV_LIBS)
