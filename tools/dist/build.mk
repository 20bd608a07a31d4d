# SPDX-License-Identifier: Apache-2.0
#
# make install and make uninstall: one table says what goes where.

MULTIARCH	:= $(shell $(CC) -print-multiarch)
sysconfdir	?= /etc
bindir		?= $(prefix)/bin
libexecdir	?= $(prefix)/libexec/parsec
libdir		?= $(prefix)/lib/$(MULTIARCH)
includedir	?= $(prefix)/include
completiondir	?= $(prefix)/share/bash-completion/completions
mandir		?= $(prefix)/share/man
docdir		?= $(prefix)/share/doc/parsec
unitdir		?= $(prefix)/lib/systemd/system
PROVIDER_DIR	?= $(libdir)/parsec
dkmsdir		= $(prefix)/src/parsec-$(VERSION)

LIBPARSEC	= libparsec.so.1.$(VERSION)
LIBPARSEC_SONAME = libparsec.so.1

# mode:file:destination
INSTALL_FILES = \
	755:$(B)/tools/parsecctl/parsecctl:$(bindir)/parsecctl \
	755:$(B)/helper/parsecd:$(libexecdir)/parsecd \
	755:$(B)/helper/parsec-host:$(libexecdir)/parsec-host \
	755:$(B)/tools/provider-check/parsec-provider-check:$(bindir)/parsec-provider-check \
	$(foreach f,$(filter-out $(B)/providers/template.so,$(filter $(B)/providers/%.so,$(PROGRAMS))), \
		644:$f:$(PROVIDER_DIR)/$(notdir $f)) \
	644:$(B)/tools/lib/libparsec.a:$(libdir)/libparsec.a \
	644:$(B)/tools/lib/libparsec.so:$(libdir)/$(LIBPARSEC) \
	644:$(B)/dist/parsec.pc:$(libdir)/pkgconfig/parsec.pc \
	644:$(B)/dist/parsec-provider.pc:$(libdir)/pkgconfig/parsec-provider.pc \
	644:tools/lib/parsec.h:$(includedir)/parsec/parsec.h \
	644:tools/lib/attest.h:$(includedir)/parsec/attest.h \
	644:tools/lib/encrypt.h:$(includedir)/parsec/encrypt.h \
	644:tools/lib/service.h:$(includedir)/parsec/service.h \
	644:providers/provider.h:$(includedir)/parsec/provider.h \
	$(foreach f,$(wildcard include/parsec/*.h),644:$f:$(includedir)/parsec/$(notdir $f)) \
	$(foreach f,$(wildcard include/uapi/linux/*.h),644:$f:$(includedir)/linux/$(notdir $f)) \
	$(foreach f,$(wildcard Documentation/man/*.[1-9]), \
		644:$f:$(mandir)/man$(patsubst .%,%,$(suffix $f))/$(notdir $f)) \
	$(foreach f,$(wildcard Documentation/examples/*),644:$f:$(docdir)/examples/$(notdir $f)) \
	conf:tools/dist/parsecd.conf:$(sysconfdir)/parsec/parsecd.conf \
	644:$(B)/dist/parsecd.service:$(unitdir)/parsecd.service \
	644:tools/dist/60-parsec.rules:$(prefix)/lib/udev/rules.d/60-parsec.rules \
	644:tools/dist/sysusers.conf:$(prefix)/lib/sysusers.d/parsec.conf \
	644:tools/dist/tmpfiles.conf:$(prefix)/lib/tmpfiles.d/parsec.conf \
	$(foreach f,$(wildcard tools/dist/*.bash),644:$f:$(completiondir)/$(basename $(notdir $f))) \
	$(if $(KVER),644:$(B)/module-$(KVER)/parsec.ko:/lib/modules/$(KVER)/updates/parsec.ko) \
	$(foreach f,Kbuild $(MODULE_SOURCES),644:$f:$(dkmsdir)/$f) \
	644:$(B)/dist/dkms.conf:$(dkmsdir)/dkms.conf

# link:what it points to
INSTALL_LINKS = \
	$(libdir)/$(LIBPARSEC_SONAME):$(LIBPARSEC) \
	$(libdir)/libparsec.so:$(LIBPARSEC_SONAME)

field = $(word $(1),$(subst :, ,$(2)))

# A line of its own for every command of a list
define newline


endef

FILLED_IN := $(addprefix $(B)/dist/,parsecd.service dkms.conf parsec.pc \
	parsec-provider.pc)

$(B)/dist/%: tools/dist/%
	$(call say,FILL)
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|@version@|$(VERSION)|g' -e 's|@prefix@|$(prefix)|g' \
		-e 's|@libdir@|$(libdir)|g' -e 's|@includedir@|$(includedir)|g' \
		-e 's|@providerdir@|$(PROVIDER_DIR)|g' -e 's|@libexecdir@|$(libexecdir)|g' $< >$@

# What an administrator may have changed stays as it is; mode "conf" marks it
install_file = $(Q)$(if $(filter conf,$(1)),[ -e $(3) ] || install -D -m 644,install -D -m $(1)) $(2) $(3)
remove_file = $(Q)$(if $(filter conf,$(1)),! cmp -s $(2) $(3) || )rm -f $(3)

install: all $(FILLED_IN)
	$(foreach f,$(INSTALL_FILES),$(call install_file,$(call field,1,$f),$(call \
		field,2,$f),$(DESTDIR)$(call field,3,$f))$(newline))
	$(foreach l,$(INSTALL_LINKS),$(Q)ln -sf $(call field,2,$l) $(DESTDIR)$(call \
		field,1,$l)$(newline))
	$(Q)$(if $(DESTDIR),,tools/dist/activate $(KVER))

# Also the modules of kernels that it was installed for before
uninstall:
	$(Q)$(if $(DESTDIR),,tools/dist/deactivate $(VERSION))
	$(Q)for module in $(DESTDIR)/lib/modules/*/updates/parsec.ko; do \
		[ -e "$$module" ] || continue; \
		rm "$$module"; \
		version=$${module%/updates/*}; \
		$(if $(DESTDIR),:,depmod) "$${version##*/}"; \
	done
	$(foreach f,$(INSTALL_FILES),$(call remove_file,$(call field,1,$f),$(call \
		field,2,$f),$(DESTDIR)$(call field,3,$f))$(newline))
	$(foreach l,$(INSTALL_LINKS),$(Q)rm -f $(DESTDIR)$(call field,1,$l)$(newline))
	$(Q)find $(addprefix $(DESTDIR),$(libexecdir) $(PROVIDER_DIR) $(includedir)/parsec \
		$(sysconfdir)/parsec $(dkmsdir) $(docdir)) -depth -type d -empty -delete 2>/dev/null || :

.PHONY: install uninstall
