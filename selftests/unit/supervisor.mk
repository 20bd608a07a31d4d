# SPDX-License-Identifier: Apache-2.0
# Log, configuration, privileges and the supervisor.

UNIT_TESTS += $(addprefix $(UNIT)/,config_test log_test)

$(UNIT)/config_test: $(call objs,helper,config config_keys)
$(UNIT)/config_test: LDLIBS := -linih
$(UNIT)/log_test: $(call objs,helper,log)
