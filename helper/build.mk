# SPDX-License-Identifier: Apache-2.0
#
# parsec-host, the process that serves one provider, and parsecd, which starts it.

-include helper/keys.mk		# KEYS_OBJS, KEYS_LDLIBS: plugins and the key store
-include helper/supervisor.mk	# SUPERVISOR_OBJS: what parsecd and the hosts share

NL_CFLAGS	:= $(shell pkg-config --cflags libnl-genl-3.0)
NL_LDLIBS	:= $(shell pkg-config --libs libnl-genl-3.0)
