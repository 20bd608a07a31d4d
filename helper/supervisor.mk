# SPDX-License-Identifier: Apache-2.0
#
# parsecd, the supervisor, and what it shares with the hosts: log, configuration,
# privileges, system calls.

SUPERVISOR_OBJS := $(call objs,helper,log config config_keys config_rule config_words \
	privileges sandbox_calls uuid_text)
SUPERVISOR_LDLIBS := -linih -luuid -lseccomp

# Where tools/dist/build.mk installs the providers
$(B)/helper/config_keys.o: override CPPFLAGS += -DPROVIDER_DIR='"$(PROVIDER_DIR)"'

PARSECD_OBJS := $(SUPERVISOR_OBJS) $(call objs,helper,config_file config_resolve host_table instance sd spawn \
	supervisor uuid_clash)

PROGRAMS += $(B)/helper/parsecd
$(B)/helper/parsecd: $(B)/helper/parsecd.o $(PARSECD_OBJS)
$(B)/helper/parsecd: LDLIBS := $(SUPERVISOR_LDLIBS)
$(B)/helper/parsecd:
	$(call say,LD)
	$(link)
