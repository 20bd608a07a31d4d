# SPDX-License-Identifier: Apache-2.0
# Log, configuration, privileges and the supervisor.

SUPERVISOR_TESTS := $(addprefix $(UNIT)/,supervisor_config_test supervisor_test)

UNIT_TESTS += $(SUPERVISOR_TESTS) $(addprefix $(UNIT)/,config_test device_test instance_test \
	log_test privileges_test)

$(UNIT)/config_test: $(call objs,helper,config config_file config_keys config_resolve config_rule \
	config_words uuid_text)
$(UNIT)/config_test: LDLIBS := $(SUPERVISOR_LDLIBS)
$(UNIT)/instance_test: $(call objs,helper,instance log privileges)
$(UNIT)/log_test: $(call objs,helper,log)
$(UNIT)/privileges_test: $(call objs,helper,log privileges)

$(SUPERVISOR_TESTS): $(call objs,helper,config config_keys config_rule config_words uuid_text) \
	$(UNIT)/fake_host.o
$(SUPERVISOR_TESTS): LDLIBS := $(SUPERVISOR_LDLIBS)
$(SUPERVISOR_TESTS): | $(B)/helper/parsecd
$(SUPERVISOR_TESTS:=.o): override CPPFLAGS += -DPARSECD='"$(abspath $(B)/helper/parsecd)"'

# A parsecd that gives its hosts little time
impatient := $(UNIT)/impatient
impatience := -DSUPERVISOR_START_TIME=100 -DSUPERVISOR_ALIVE=50
UNIT_TESTS += $(UNIT)/supervisor_late_test
$(UNIT)/supervisor_late_test: $(call objs,helper,config config_keys config_rule config_words \
	uuid_text) $(UNIT)/fake_host.o | $(impatient)/parsecd
$(UNIT)/supervisor_late_test: LDLIBS := $(SUPERVISOR_LDLIBS)
$(UNIT)/supervisor_late_test.o: override CPPFLAGS += -DPARSECD='"$(abspath $(impatient)/parsecd)"' \
	$(impatience)

$(impatient)/%.o: helper/%.c
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(impatience) -MMD -MP -c -o $@ $<

$(impatient)/parsecd: $(addprefix $(impatient)/,supervisor.o host_table.o) $(B)/helper/parsecd.o \
		$(filter-out %/supervisor.o %/host_table.o,$(PARSECD_OBJS))
	$(call say,LD)
	$(link)
$(impatient)/parsecd: LDLIBS := $(SUPERVISOR_LDLIBS)

UNIT_TESTS += $(UNIT)/parsecd_test
$(UNIT)/parsecd_test: selftests/unit/parsecd_test.sh | $(B)/helper/parsecd \
	$(B)/helper/parsec-host $(UNIT)/plugin_fake0.so
	$(Q)mkdir -p $(@D)
	$(Q)install -m 755 $< $@
