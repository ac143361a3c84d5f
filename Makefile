# clock: a crontab-compatible job dispatcher for PostgreSQL
# GNU make 4.2 or later.  `make help` lists the targets.

VERSION    := 0.1.0
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/clock
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR     ?= $(PREFIX)/share/zsh/site-functions
FISHDIR    ?= $(PREFIX)/share/fish/vendor_completions.d
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL    ?= install
PROVE      ?= prove

# One folder a flavour: objects never mix.  SAN=1: sanitizers.  CI=1: a warning is an error.
B        := build/$(if $(SAN),san,rel)
PKGS     := yaml-0.1 libpq
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wvla -Walloca -Wstrict-prototypes \
            -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef \
            $(if $(CI),-Werror)
BRANCHES := $(if $(filter x86_64 i686,$(shell uname -m)),-fcf-protection=full)
HARDEN   := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
            -fstack-clash-protection $(BRANCHES) -fPIE -fno-strict-overflow
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

ALL_CPPFLAGS = -Isrc -I$(B) -D_GNU_SOURCE -DCLOCK_VERSION='"$(VERSION)"' \
               $(shell $(PKG_CONFIG) --cflags $(PKGS)) $(CPPFLAGS)
# The same binary from whatever folder it was built in.
HERE        := '-fdebug-prefix-map=$(CURDIR)=.'
ALL_CFLAGS   = -std=c11 $(WARN) $(HERE) $(if $(SAN),$(SANITIZE),$(HARDEN)) $(CFLAGS)
ALL_LDFLAGS  = $(if $(SAN),$(SANITIZE),-pie -Wl,-z,relro,-z,now,-z,noexecstack) \
               -Wl,--as-needed $(LDFLAGS)
LIBS         = $(shell $(PKG_CONFIG) --libs $(PKGS))
COMPILE      = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)

# V=1 shows the commands; otherwise a short line stands for each.
Q   := $(if $(V),,@)
say  = $(if $(V),,@echo '  $1')

SRC    := $(sort $(wildcard src/*/*.c))
SQL    := $(sort $(wildcard src/sql/*.sql)) $(sort $(wildcard src/sql/migrations/*.sql))
OBJ    := $(SRC:src/%.c=$(B)/%.o) $(B)/sql.o
MAN    := $(wildcard man/*.[1-9])
DIST   := $(filter-out src/dist/debian,$(wildcard src/dist/*))
SIM    := $(sort $(wildcard tests/sim/*.c))
FUZZ   := $(patsubst tests/fuzz/%.c,%,$(filter-out %/replay.c,$(wildcard tests/fuzz/*.c)))
TESTS_C := $(sort $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c tests/diff/*.c))) \
          $(FUZZ:%=$(B)/tests/fuzz/%) \
          $(if $(filter %/sim.c,$(SIM)),$(B)/tests/sim/sim)
TESTS  := $(TESTS_C) $(sort $(wildcard tests/*.t tests/cli/*.t tests/db/*.t tests/fault/*.t \
          tests/sim/*.t))
# Programs that tests and benchmarks drive.
PROBES := $(patsubst %.c,$(B)/%,$(wildcard tests/cli/*.c tests/db/*.c tests/bench/*.c)) \
          $(filter %/sim,$(TESTS_C)) \
          $(if $(SAN)$(findstring --coverage,$(CFLAGS)),,$(B)/tests/fault/shim.so)

# bin/clock is the plain flavour only; the others stay in their folders.
all: $(if $(filter build/rel,$(B)),bin/clock,$(B)/clock) ## build bin/clock (the default)

# ---- build ------------------------------------------------------------------------------------

bin/clock: $(B)/clock FORCE
	@cmp -s $< $@ || { mkdir -p bin; cp -f $< $@; }

$(B)/clock: $(B)/main.o $(B)/libclock.a $(B)/flags
	$(call say,link $@)
	$(Q)$(COMPILE) $(ALL_LDFLAGS) -o $@ $(filter-out %/flags,$^) $(LIBS)

$(B)/libclock.a: $(OBJ) $(B)/sources
	@rm -f $@
	$(Q)$(AR) qcs $@ $(OBJ)

$(B)/%.o: src/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,cc   $<)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# Two rules, not one grouped target: those need make 4.3.
$(B)/sql.h: src/sql/embed.awk $(SQL) $(B)/sources
	$(Q)awk -v part=h -f src/sql/embed.awk $(SQL) > $@
$(B)/sql.c: src/sql/embed.awk $(SQL) $(B)/sources
	$(Q)awk -v part=c -f src/sql/embed.awk $(SQL) > $@
$(B)/sql.o: $(B)/sql.c $(B)/flags
	$(call say,cc   $<)
	$(Q)$(COMPILE) -c -o $@ $<
$(OBJ) $(B)/main.o: | $(B)/sql.h

TEST_LIBS = $(B)/libclock.a $(LIBS) $(shell $(PKG_CONFIG) --cflags --libs cmocka)
$(B)/tests/%: tests/%.c $(B)/libclock.a $(B)/flags
	@mkdir -p $(@D)
	$(call say,cc   $<)
	$(Q)$(COMPILE) -MMD -MP -MT $@ -MF $@.d $(ALL_LDFLAGS) -o $@ $< $(filter %.o,$^) $(TEST_LIBS)
$(B)/tests/diff/cron $(B)/tests/fuzz/cron: $(B)/tests/lib/slow.o

# A target of the fuzzer is a test as well: it replays the inputs that are kept.  The fuzzer's
# own build has libFuzzer in place of replay.c, and leaves the slow oracle alone.
FUZZ_BUILD := build/fuzz
$(FUZZ:%=$(B)/tests/fuzz/%): $(if $(filter $(FUZZ_BUILD),$(B)),,$(B)/tests/fuzz/replay.o)
$(FUZZ_BUILD)/tests/lib/slow.o: override SANITIZE :=

# What is preloaded into a clock, to hit it at one place of its life.
$(B)/tests/fault/shim.so: tests/fault/shim.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,cc   $<)
	$(Q)$(CC) -std=c11 $(WARN) -D_GNU_SOURCE $(CFLAGS) -fPIC -shared -o $@ $< -ldl

# The simulation links the dispatcher against a world of its own; a planted bug is one object
# linked before the library.
SIM_OBJ = $(SIM:%.c=$(B)/%.o)
$(SIM_OBJ) $(B)/tests/lib/slow.o $(B)/tests/fuzz/replay.o: $(B)/%.o: %.c $(B)/flags | $(B)/sql.h
	@mkdir -p $(@D)
	$(call say,cc   $<)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<
$(B)/tests/sim/sim: $(SIM_OBJ) $(B)/libclock.a $(B)/flags
	$(Q)$(COMPILE) $(ALL_LDFLAGS) -Wl,--wrap=clockfile_load,--wrap=getpid -o $@ $(SIM_OBJ) \
	    $(B)/libclock.a $(LIBS)

# What every object was made with, and of which files: written anew only when it changed, so
# that another flag, version, or a file added or removed rebuilds what hangs on it.
$(B)/flags $(B)/sources: $(B)/%: FORCE | need-build
	$(shell mkdir -p $(B))$(file >$@.new,$(if $(filter flags,$*),$(COMPILE) $(ALL_LDFLAGS) $(LIBS),$(SRC) $(SQL)))
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- what must be installed -------------------------------------------------------------------

deps: ## install what building, trying and testing need (apt-get; elsewhere: name it)
	@.ci/deps --install build dev test

need-build:
	@.ci/deps build

# Two jobs, unless whoever typed make said how many.
SUBMAKE = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j2)

# Installs only what is missing; quick and without network when nothing is.
ready-%:
	@.ci/deps --install $(subst +, ,$*)

# ---- try --------------------------------------------------------------------------------------

demo: ready-build+dev ## run the demo: throw-away PostgreSQL, clock, worker; Ctrl-C ends it
	@$(SUBMAKE) all
	@bin/clock-dev --throw-away $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS)) tests/demo.yml

# ---- test -------------------------------------------------------------------------------------

check: ready-build+dev+test ## install what is missing, build, run every test (T=FILES: those)
	@$(SUBMAKE) run-tests

RUN := $(or $(T),$(TESTS))
run-tests: all $(PROBES) $(filter-out %.t,$(RUN))
	@CLOCK='$(abspath $(B)/clock)' CLOCK_BUILD=$(B) $(RUN_AS) $(PROVE) --exec tests/lib/run -j2 $(RUN)

least: ready-build+dev+test ## every test of the database, with no more rights than `clock grants` prints
	@$(SUBMAKE) run-tests T='$(or $(T),$(sort $(wildcard tests/db/*.t)))' \
	    RUN_AS="CLOCK='$(abspath tests/lib/least)' CLOCK_LEAST='$(abspath $(B)/clock)'"

fault: ready-build+dev+test ## hit, cut and fail over a clock at every place (an hour)
	@CLOCK_CUT_STEP=1 CLOCK_CUT_LANES=16 CLOCK_FAULT_STEP=1 CLOCK_FAILOVERS=20 \
	    CLOCK_HOSTILE_S=600 CLOCK_SCALE_SECONDS=600 CLOCK_TEST_SECONDS=14400 \
	    $(SUBMAKE) run-tests T='$(wildcard tests/fault/*.t)'

soak: ready-build+dev+test ## clocks and workers under everything at random for SOAK_SECONDS (3600)
	@SOAK_SECONDS=$(or $(SOAK_SECONDS),3600) CLOCK_TEST_LONG=1 CLOCK_TEST_SECONDS=100000 \
	    $(SUBMAKE) run-tests T='tests/fault/soak.t tests/fault/time.t tests/db/deploy.t'

sim: ready-build ## simulate SEEDS months (100000) of clocks under fire, from seed FIRST (1)
	@$(SUBMAKE) $(B)/tests/sim/sim
	$(B)/tests/sim/sim $(or $(SEEDS),100000) $(FIRST)

# Clang's libFuzzer; what it finds new stays in the build folder until fuzz-keep.
FUZZ_SECONDS ?= 600
FUZZ_FLAVOUR := B=$(FUZZ_BUILD) SAN=1 CC=clang CFLAGS='-O1 -g' LDFLAGS=-fsanitize=fuzzer \
    SANITIZE='-fsanitize=fuzzer-no-link $(SANITIZE)'
fuzz: ready-build+fuzz ## fuzz each of FUZZ (all targets) for FUZZ_SECONDS (600)
	@$(SUBMAKE) $(FUZZ_FLAVOUR) $(FUZZ:%=$(FUZZ_BUILD)/tests/fuzz/%)
	@for target in $(FUZZ); do \
	    inputs=$(FUZZ_BUILD)/inputs/$$target log=$(FUZZ_BUILD)/$$target.log; \
	    perl tests/fuzz/corpus.pl unpack $$inputs tests/fuzz/corpus/$$target[.-]* || exit 1; \
	    echo "  fuzz $$target for $(FUZZ_SECONDS) s, told in $$log"; \
	    $(FUZZ_BUILD)/tests/fuzz/$$target -max_total_time=$(FUZZ_SECONDS) -max_len=4000 -timeout=60 \
	        -rss_limit_mb=1024 -dict=tests/fuzz/$$target.dict \
	        -artifact_prefix=$(FUZZ_BUILD)/found-$$target- $$inputs >$$log 2>&1 || \
	        { tail -n 60 $$log; exit 1; }; \
	    grep -a DONE $$log; done

fuzz-keep: ## put the fewest inputs that reach all that make fuzz reached into tests/fuzz/corpus
	@for target in $(FUZZ); do kept=$(FUZZ_BUILD)/kept/$$target; rm -rf $$kept && mkdir -p $$kept && \
	    $(FUZZ_BUILD)/tests/fuzz/$$target -merge=1 -use_counters=0 $$kept $(FUZZ_BUILD)/inputs/$$target \
	        2>&1 | grep MERGE-OUTER: && \
	    perl tests/fuzz/corpus.pl pack $$kept >tests/fuzz/corpus/$$target.txt || exit 1; done

# Not tests/diff: a second implementation run millions of times tells nothing more of memory.
valgrind: ready-build+test ## the compiled tests under valgrind (ten minutes)
	@CLOCK_TEST_SECONDS=1800 $(SUBMAKE) run-tests T='$(filter-out %.t $(B)/tests/diff/%,$(RUN))' \
	    CLOCK_WRAP='valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite'

# Fewer seeds of the simulation, as for all that wraps: its clocks are slow without optimizing.
# An assert that fails ends the program: nobody can test that branch.
coverage: ready-build+dev+test+lint ## every test with gcov: what they reach of src/, or exit 1
	@find build/cov -name '*.gcda' -delete 2>/dev/null || :
	@CLOCK_TEST_SECONDS=1800 $(SUBMAKE) run-tests B=build/cov HARDEN= \
	    CFLAGS='-O0 -g --coverage -include tests/lib/counted.h' \
	    CLOCK_WRAP=env; failed=$$?; \
	gcovr --root . --filter src/ --exclude-branches-by-pattern '\s*assert\(.*' build/cov \
	    --json build/cov/all.json --txt build/cov/lines.txt && \
	gcovr --root . -a build/cov/all.json --branches -o build/cov/branches.txt && \
	tests/lib/coverage build/cov/all.json && exit $$failed

reproducible: ready-build ## build twice, in two folders: the same binary, or exit 1
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && mkdir -p "$$dir/a" "$$dir/another/place" && \
	for place in a another/place; do \
	    cp -R Makefile .ci src man "$$dir/$$place" && \
	    $(SUBMAKE) -C "$$dir/$$place" build/rel/clock >/dev/null || exit 1; done && \
	cd "$$dir" && sha256sum */build/rel/clock */*/build/rel/clock && \
	cmp a/build/rel/clock another/place/build/rel/clock

# ---- measure ----------------------------------------------------------------------------------

# Figures, not tests: nothing here fails for being slow.
BENCH := $(addprefix $(B)/tests/bench/,engine least timeline load)
bench: ready-build ## the schedule engine beside the least that it can cost (tests/bench/README.md)
	@$(SUBMAKE) $(BENCH)
	@perl tests/bench/engine.pl $(B)/tests/bench

bench-db: ready-build+dev+test+bench ## fires beside bare libpq and others (tests/bench/database.md)
	@$(SUBMAKE) run-bench-database

bench-work: ready-build+dev+test+bench ## workers beside bare libpq and others (tests/bench/work.md)
	@$(SUBMAKE) run-bench-work

run-bench-%: all $(addprefix $(B)/tests/bench/,bare loop spawn stamp) build/bench/node_modules
	@CLOCK='$(abspath $(B)/clock)' CLOCK_BUILD=$(B) perl tests/bench/$*.pl

build/bench/node_modules: tests/bench/peers/package.json
	@mkdir -p build/bench && cp $< build/bench
	npm install --prefix build/bench --no-audit --no-fund --no-package-lock --silent
	@touch $@

# ---- read -------------------------------------------------------------------------------------

LINT := cppcheck tidy analyzer shell perl man format
lint: $(LINT:%=lint-%) ## all checkers that only read; lint-NAME for one of them

lint-cppcheck: $(B)/sql.h
	cppcheck --quiet --std=c11 --enable=warning,style,performance,portability --inline-suppr \
	    --error-exitcode=1 -j2 -Isrc -I$(B) -D_GNU_SOURCE \
	    -DCLOCK_VERSION='"$(VERSION)"' src

lint-tidy: $(B)/sql.h
	printf '%s\n' $(SRC) src/main.c | xargs -P2 -I{} clang-tidy --quiet {} -- -std=c11 $(ALL_CPPFLAGS)

lint-analyzer: $(B)/sql.h
	printf '%s\n' $(SRC) src/main.c | xargs -n1 -P2 $(CC) $(ALL_CPPFLAGS) -std=c11 -O2 -fanalyzer \
	    -Werror -o /dev/null -c

lint-shell:
	shellcheck .ci/run .ci/deps $(addprefix src/dist/debian/,build postinst prerm postrm)

lint-perl:
	for f in bin/clock-dev $(wildcard tests/lib/*.pm tests/lib/run tests/lib/coverage tests/bench/*.pm tests/*.t \
	    tests/*/*.t tests/*/*.pl); do \
	    perl -Itests/lib -Itests/bench -wc $$f 2>&1 | grep -v 'syntax OK$$' && exit 1; done; :

lint-man:
	mandoc -T lint -W warning $(MAN)

lint-format:
	clang-format --dry-run -Werror $(wildcard src/*.[ch] src/*/*.[ch] tests/*/*.[ch])

# ---- install ----------------------------------------------------------------------------------

install: all ## install under PREFIX (/usr/local), below DESTDIR when that is set
	$(INSTALL) -d $(addprefix $(DESTDIR),$(BINDIR) $(DOCDIR)/dist $(BASHDIR) $(ZSHDIR) $(FISHDIR))
	$(INSTALL) -m 755 $(B)/clock bin/clock-dev $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 644 README.md clockfile.yml.example $(DESTDIR)$(DOCDIR)
	$(INSTALL) -m 644 $(DIST) $(DESTDIR)$(DOCDIR)/dist
	sed -i 's,/usr/bin/clock,$(BINDIR)/clock,' $(DESTDIR)$(DOCDIR)/dist/*.service
	for page in $(MAN); do dir=$(DESTDIR)$(MANDIR)/man$${page##*.}; \
	    $(INSTALL) -d $$dir && $(INSTALL) -m 644 $$page $$dir || exit 1; done
	$(B)/clock completion bash > $(DESTDIR)$(BASHDIR)/clock
	$(B)/clock completion zsh > $(DESTDIR)$(ZSHDIR)/_clock
	$(B)/clock completion fish > $(DESTDIR)$(FISHDIR)/clock.fish

uninstall: ## take away what install put there
	rm -f $(DESTDIR)$(BINDIR)/clock $(DESTDIR)$(BINDIR)/clock-dev
	rm -f $(foreach page,$(MAN),$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))
	rm -f $(DESTDIR)$(BASHDIR)/clock $(DESTDIR)$(ZSHDIR)/_clock $(DESTDIR)$(FISHDIR)/clock.fish
	rm -rf $(DESTDIR)$(DOCDIR)

DEB     = build/clock_$(VERSION)_$(shell dpkg --print-architecture 2>/dev/null).deb
DEBROOT = build/deb
deb: ready-build+deb ## make the Debian package build/clock_VERSION_ARCHITECTURE.deb
	@rm -rf $(DEBROOT)
	@umask 022 && $(SUBMAKE) --silent DESTDIR=$(DEBROOT) PREFIX=/usr install
	@src/dist/debian/build $(DEBROOT) $(VERSION) $(DEB)

clean: ## remove what was built
	rm -rf build bin/clock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

FORCE:
.PHONY: all deps need-build demo check run-tests sim fault fuzz fuzz-keep soak valgrind coverage \
        reproducible bench bench-db bench-work lint $(LINT:%=lint-%) install uninstall deb clean \
        help FORCE
.DELETE_ON_ERROR:
