# The front door: `make help` lists the ways in. meson.build says what is built from what.

BUILD    := build
MESON    := $(BUILD)/meson
PREFIX   ?= /usr/local
DESTDIR  ?=
BINDIR   := $(PREFIX)/bin
SBINDIR  := $(PREFIX)/sbin
# Not under PREFIX: /etc/buoy/buoyd.conf is where buoyd looks when no file is named.
CONFDIR  := /etc/buoy
MANDIR   := $(PREFIX)/share/man
UNITDIR  := $(PREFIX)/lib/systemd/system
SYSUSERS := $(PREFIX)/lib/sysusers.d
TMPFILES := $(PREFIX)/lib/tmpfiles.d
COMPDIR  := $(PREFIX)/share/bash-completion/completions
D        := $(DESTDIR)

.DEFAULT_GOAL := all
.PHONY: all help deps test check conformance bench bench-datapath demo install install-nova uninstall clean format

all: ## build build/buoyd and build/buoy; the web console, too, where node and npm are
	@tools/deps check build
	@mkdir -p $(BUILD)
	@tools/hand-back $(BUILD)
	@tools/configure $(MESON) && ninja -C $(MESON) && \
	ln -sfn meson/src/daemon/buoyd $(BUILD)/buoyd && ln -sfn meson/src/cli/buoy $(BUILD)/buoy; \
	status=$$?; tools/hand-back -R $(MESON) $(BUILD)/buoyd $(BUILD)/buoy; exit $$status

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 23

deps: ## install everything that building, the web console, the tour and the tests need (root)
	@tools/deps install build console demo test

test: ## install what is missing and run every test (root)
	@.ci/run

check: all ## the tests that need no root
	@meson test -C $(MESON) --no-rebuild --print-errorlogs --suite unit --suite scenario --suite cli

conformance: ## OpenStack's own tests and clients against a sandbox, all of them (root)
	@tools/deps install build demo test
	@$(MAKE) --no-print-directory all
	@meson test -C $(MESON) --no-rebuild --print-errorlogs --num-processes 1 --suite conformance
	@tests/conformance/tempest/run_tempest.py $(BUILD)/buoyd $(BUILD)/buoy neutron

bench: ## measure, and print the figures (root)
	@tools/deps install build console demo test
	@$(MAKE) --no-print-directory all
	@bench/run

bench-datapath: ## measure data paths side by side: Neutron's, ours, none, the ceiling (root)
	@tools/deps install build test
	@$(MAKE) --no-print-directory all
	@bench/datapath

demo: ## the guided tour of a floating IP, in a sandbox (root)
	@tools/deps install build demo
	@$(MAKE) --no-print-directory all
	@tools/demo

install: all ## install into DESTDIR, PREFIX (default /usr/local), with a systemd unit
	install -D -m 755 $(MESON)/src/daemon/buoyd $(D)$(SBINDIR)/buoyd
	install -D -m 755 $(MESON)/src/cli/buoy $(D)$(BINDIR)/buoy
	install -D -m 644 packaging/buoyd.service $(D)$(UNITDIR)/buoyd.service
	sed -i 's,@SBINDIR@,$(SBINDIR),' $(D)$(UNITDIR)/buoyd.service
	install -D -m 644 packaging/buoy.sysusers $(D)$(SYSUSERS)/buoy.conf
	install -D -m 644 packaging/buoy.tmpfiles $(D)$(TMPFILES)/buoy.conf
	install -D -m 644 $(MESON)/src/cli/buoy.bash $(D)$(COMPDIR)/buoy
	for page in $(MESON)/src/cli/buoy.1 docs/man/*.[1-8]; do \
		install -D -m 644 $$page $(D)$(MANDIR)/man$${page##*.}/$${page##*/} || exit; \
	done
	[ -e $(D)$(CONFDIR)/buoyd.conf ] || install -D -m 640 packaging/buoyd.conf $(D)$(CONFDIR)/buoyd.conf
	@[ -n "$(D)" ] || tools/after-install $(SYSUSERS)/buoy.conf $(TMPFILES)/buoy.conf

install-nova: ## after install: the names nova and nova-manage for buoy (never over another's file)
	@tools/nova-links install $(D)$(BINDIR) $(D)$(COMPDIR)

uninstall: ## remove what install put there; configuration and database stay
	@tools/nova-links remove $(D)$(BINDIR) $(D)$(COMPDIR)
	rm -f $(D)$(SBINDIR)/buoyd $(D)$(BINDIR)/buoy $(D)$(UNITDIR)/buoyd.service $(D)$(SYSUSERS)/buoy.conf \
		$(D)$(TMPFILES)/buoy.conf $(D)$(COMPDIR)/buoy
	for page in buoy.1 docs/man/*.[1-8]; do rm -f $(D)$(MANDIR)/man$${page##*.}/$${page##*/}; done

clean: ## remove build/ (a running sandbox is taken down first)
	@[ ! -d $(BUILD)/sandbox ] || tools/sandbox down
	rm -rf $(BUILD)

format: ## let clang-format decide the format
	find src tests bench bpf -name '*.[ch]' -exec clang-format -i {} +
