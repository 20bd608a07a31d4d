# SPDX-License-Identifier: Apache-2.0
#
# parsecctl, the command line: libparsec for the service, OpenSSL for formats.

PARSECCTL := $(B)/tools/parsecctl/parsecctl
PROGRAMS += $(PARSECCTL)

$(PARSECCTL): LDLIBS = -lprotobuf-c -lcrypto

# Where tools/dist/build.mk installs it
$(B)/tools/parsecctl/doctor_files.o: override CPPFLAGS += -DPARSECD='"$(libexecdir)/parsecd"'

$(PARSECCTL): $(call objs,tools/parsecctl,attributes audit_check cmd_attest cmd_audit cmd_clients \
		cmd_doctor doctor_counts doctor_files doctor_hosts doctor_keys doctor_system \
		doctor_try cmd_crypt cmd_csr cmd_data cmd_identity cmd_info cmd_keys cmd_material \
		cmd_sign cmd_stats cmd_status context convert convert_key \
		error file main names options output process replace stats_counters stats_metrics) \
		$(B)/tools/lib/libparsec.a
	$(call say,LINK)
	$(link)
