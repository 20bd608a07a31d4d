# SPDX-License-Identifier: Apache-2.0

CONTRACT_TESTS := $(addprefix $(UNIT)/,contract_test contract_result_test \
	contract_crypt_test contract_hostile_test policy_test)
UNIT_TESTS += $(CONTRACT_TESTS) $(UNIT)/contract_protoc_test

$(CONTRACT_TESTS:=.o): | $(CONTRACT_PB:.o=.h)
$(CONTRACT_TESTS): $(B)/libcontract.a
$(CONTRACT_TESTS): LDLIBS := $(CONTRACT_LDLIBS)
$(UNIT)/contract_hostile_test: LDLIBS += -Wl,--wrap=malloc,--wrap=free

$(UNIT)/contract_protoc_test: selftests/unit/contract_protoc_test.sh $(CONTRACT_PROTOS)
	$(Q)mkdir -p $(@D)
	$(Q)install -m 755 $< $@
