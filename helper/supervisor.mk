# SPDX-License-Identifier: Apache-2.0
#
# What parsecd and the hosts share: log, configuration, privileges.

SUPERVISOR_OBJS := $(call objs,helper,log config config_keys privileges)
SUPERVISOR_LDLIBS := -linih

# Where tools/dist/build.mk installs the providers
$(B)/helper/config_keys.o: override CPPFLAGS += -DPROVIDER_DIR='"$(PROVIDER_DIR)"'
