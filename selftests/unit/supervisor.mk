# SPDX-License-Identifier: Apache-2.0
# Log, configuration, privileges and the supervisor.

SUPERVISOR_TESTS := $(addprefix $(UNIT)/,supervisor_config_test supervisor_test)

UNIT_TESTS += $(SUPERVISOR_TESTS) $(addprefix $(UNIT)/,config_test device_test instance_test \
	log_test privileges_test)

$(UNIT)/config_test: $(call objs,helper,config config_keys config_resolve config_rule \
	config_words uuid_text) $(B)/common/device.o
$(UNIT)/config_test: LDLIBS := $(SUPERVISOR_LDLIBS)
$(UNIT)/device_test: $(B)/common/device.o
$(UNIT)/instance_test: $(call objs,helper,instance log privileges)
$(UNIT)/log_test: $(call objs,helper,log)
$(UNIT)/privileges_test: $(call objs,helper,log privileges)

$(SUPERVISOR_TESTS): $(call objs,helper,config config_keys config_rule config_words uuid_text) \
	$(UNIT)/fake_host.o
$(SUPERVISOR_TESTS): LDLIBS := $(SUPERVISOR_LDLIBS)
$(SUPERVISOR_TESTS): | $(B)/helper/parsecd
$(SUPERVISOR_TESTS:=.o): override CPPFLAGS += -DPARSECD='"$(abspath $(B)/helper/parsecd)"'

UNIT_TESTS += $(UNIT)/parsecd_test
$(UNIT)/parsecd_test: selftests/unit/parsecd_test.sh | $(B)/helper/parsecd \
	$(B)/helper/parsec-host $(UNIT)/plugin_fake0.so
	$(Q)mkdir -p $(@D)
	$(Q)install -m 755 $< $@
