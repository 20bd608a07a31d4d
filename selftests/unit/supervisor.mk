# SPDX-License-Identifier: Apache-2.0
# Log, configuration, privileges and the supervisor.

UNIT_TESTS += $(addprefix $(UNIT)/,config_test log_test privileges_test supervisor_test)

$(UNIT)/config_test: $(call objs,helper,config config_keys config_resolve config_rule)
$(UNIT)/config_test: LDLIBS := -linih
$(UNIT)/log_test: $(call objs,helper,log)
$(UNIT)/privileges_test: $(call objs,helper,log privileges)

$(UNIT)/supervisor_test: $(call objs,helper,config config_keys config_rule) $(UNIT)/fake_host.o
$(UNIT)/supervisor_test: LDLIBS := -linih
$(UNIT)/supervisor_test: | $(B)/helper/parsecd
$(UNIT)/supervisor_test.o: override CPPFLAGS += -DPARSECD='"$(abspath $(B)/helper/parsecd)"'

UNIT_TESTS += $(UNIT)/parsecd_test
$(UNIT)/parsecd_test: selftests/unit/parsecd_test.sh | $(B)/helper/parsecd
	$(Q)mkdir -p $(@D)
	$(Q)install -m 755 $< $@
