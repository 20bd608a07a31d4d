# SPDX-License-Identifier: Apache-2.0
#
# parsec-host, the process that serves one provider, and parsecd, which starts it.

-include helper/keys.mk		# plugins and the key store
-include helper/supervisor.mk	# parsecd, and what the hosts share with it

NL_CFLAGS	:= $(shell pkg-config --cflags libnl-genl-3.0)
NL_LDLIBS	:= $(shell pkg-config --libs libnl-genl-3.0)

# All but main(): unit tests are linked with it too
HOST_OBJS := $(call objs,helper,audit audit_call audit_chain audit_key audit_line \
	audit_recover buffer core_link device_nodes dispatch hash histogram identity inner_client inner_io \
	inner_server netlink netlink_limits netlink_session netlink_stats op_aead \
	op_agree op_asymmetric op_attest op_check op_cipher op_compare op_core op_hash op_key \
	op_mac op_peer op_random op_service op_sign op_stats registrar reload rule rulebook \
	sandbox_files session stats thread worker) \
	$(call objs,providers/core,core) \
	$(SUPERVISOR_OBJS) $(KEYS_OBJS)
HOST_LDLIBS = $(NL_LDLIBS) $(CONTRACT_LDLIBS) $(KEYS_LDLIBS) $(SUPERVISOR_LDLIBS)

$(addprefix $(B)/helper/,netlink.o netlink_limits.o netlink_session.o netlink_stats.o): override CPPFLAGS += $(NL_CFLAGS)

PROGRAMS += $(B)/helper/parsec-host
$(B)/helper/parsec-host: $(B)/helper/host.o $(B)/helper/host_options.o $(HOST_OBJS) $(B)/libcontract.a
$(B)/helper/parsec-host: LDLIBS = $(HOST_LDLIBS)
$(B)/helper/parsec-host:
	$(call say,LD)
	$(link)
