# clock: a crontab-compatible job dispatcher for PostgreSQL
# GNU make.  `make help` lists the targets.

VERSION   := 0.1.0
PREFIX    ?= /usr/local
BINDIR    ?= $(PREFIX)/bin
MANDIR    ?= $(PREFIX)/share/man
DOCDIR    ?= $(PREFIX)/share/doc/clock
CC        ?= gcc
PKG_CONFIG ?= pkg-config
INSTALL   ?= install
CFLAGS    ?= -O2 -g

PKGS   := yaml-0.1 libpq
B      := build/$(if $(SAN),san,rel)
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wvla -Walloca -Wstrict-prototypes \
          -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef $(if $(CI),-Werror)
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
          -fcf-protection=full -fPIE -fno-strict-overflow
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

ALL_CPPFLAGS = -Isrc -I$(B) -D_GNU_SOURCE -DCLOCK_VERSION='"$(VERSION)"' \
               $(shell $(PKG_CONFIG) --cflags $(PKGS)) $(CPPFLAGS)
ALL_CFLAGS   = -std=c11 $(WARN) $(if $(SAN),$(SANITIZE),$(HARDEN)) $(CFLAGS)
ALL_LDFLAGS  = $(if $(SAN),$(SANITIZE),-pie -Wl,-z,relro,-z,now,-z,noexecstack) -Wl,--as-needed $(LDFLAGS)
LIBS         = $(shell $(PKG_CONFIG) --libs $(PKGS))

SRC := $(sort $(wildcard src/*/*.c))
SQL := $(sort $(wildcard src/sql/*.sql)) $(sort $(wildcard src/sql/migrations/*.sql))
OBJ := $(SRC:src/%.c=$(B)/%.o) $(B)/sql.o

all: bin/clock

bin/clock: $(B)/clock
	@cp -f $< $@

$(B)/clock: $(B)/main.o $(B)/libclock.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/libclock.a: $(OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Two rules, not one grouped target: those need make 4.3.
$(B)/sql.h: src/sql/embed.awk $(SQL)
	@mkdir -p $(B)
	awk -v part=h -f $^ > $@
$(B)/sql.c: src/sql/embed.awk $(SQL)
	@mkdir -p $(B)
	awk -v part=c -f $^ > $@
$(B)/sql.o: $(B)/sql.c
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<
$(OBJ) $(B)/main.o: | $(B)/sql.h

-include $(shell find $(B) -name '*.d' 2>/dev/null)

clean:
	rm -rf build bin/clock

.PHONY: all clean
.DELETE_ON_ERROR:
