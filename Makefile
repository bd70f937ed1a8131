# Hone. `make help` lists what there is to make.

VERSION := 0.1.0
PREFIX  ?= /usr/local
CC      := gcc
CXX     := g++

# SAN=address,undefined (or thread) builds and tests in a folder of its own; V=1 shows whole commands.
SAN   ?=
BUILD := $(if $(SAN),$(if $(findstring thread,$(SAN)),build-tsan,build-san),build)
Q     := $(if $(V),,@)
say    = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

MODULES  := base suggest earlystop nas nas/ref nas/cpu nas/trial nas/data experiment trialrunner trialrunner/jobs trialrunner/engines trialrunner/collectors \
            trialrunner/agent db service cli
PROGRAMS := $(BUILD)/hone $(BUILD)/hone-agent $(BUILD)/hone-nas

CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
HARDEN   := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all,-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE)
COMPILE_CXX = $(CXX) -std=c++17 -D_GNU_SOURCE $(CFLAGS) -Wall -Wextra -Werror -Wshadow $(HARDEN) -I. -MMD -MP
COMPILE   = $(CC) -std=c17 -D_GNU_SOURCE -DHONE_VERSION='"$(VERSION)"' $(CFLAGS) $(WARNINGS) $(HARDEN) -ffunction-sections -I. -MMD -MP
LINK      = $(CC) $(CFLAGS) $(HARDEN) $(if $(SAN),,-pie -Wl,-z,relro,-z,now) -Wl,--as-needed -Wl,--gc-sections
LIBS     := -lgsl -lopenblas -lzmq -lmsgpackc -lsqlite3 -lyaml -ljansson -lpcre2-8 -lmicrohttpd -lturbojpeg -lz -lgomp -lpthread -lm

MAINS    := cli/main.c trialrunner/agent/main.c nas/trial/main.c
SOURCES  := $(filter-out $(MAINS),$(wildcard $(MODULES:%=%/*.c)))
LIBRARY  := $(BUILD)/libhone.a
TESTS    := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/*/*_test.c)) $(patsubst %.cc,$(BUILD)/%,$(wildcard tests/*/*_test.cc))
KERNELS  := $(wildcard nas/cuda/*.cu)
EMULATED := $(KERNELS:%.cu=$(BUILD)/tests/cuda/%.o) $(BUILD)/tests/cuda/emulator.o
CLIENT   := $(BUILD)/sdk/c/libhone-client.a
EXAMPLES := $(patsubst examples/%.c,$(BUILD)/examples/%,$(wildcard examples/*/*.c))
PROBLEMS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/search/problems*.c))
SEARCHERS := $(BUILD)/tests/bench/search/serve $(BUILD)/tests/bench/search/search
SEARCH   := $(PROBLEMS) $(patsubst %,$(BUILD)/tests/bench/search/%.o,guard record target)
BENCHES  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
FUZZERS  := $(patsubst tests/fuzz/%.c,build-fuzz/%,$(wildcard tests/fuzz/*.c))
C_FILES  := $(wildcard $(MODULES:%=%/*.[ch]) sdk/c/*.[ch] examples/*/*.c tests/*.h tests/*/*.[ch] tests/*/*.cc nas/cuda/*.cu* tests/bench/search/*.[ch])

.PHONY: all help demo check bench bench-trials bench-store bench-service bench-search bench-bbob bench-suggest bench-peers bench-nas check-nas check-frameworks soak cuda fuzz install format tidy clean programs checks
.DEFAULT_GOAL := all
all: programs $(EXAMPLES) $(CLIENT)                       ## build the programs and the examples
programs: $(PROGRAMS)

help:                                           ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  make \1 \2/p' $(MAKEFILE_LIST) | awk '{ name = $$2; $$1 = $$2 = ""; printf "  make %-14s%s\n", name, $$0 }'

demo:                                           ## install what is missing, build, tune a real classifier on Fashion-MNIST
	$(Q)tools/install build demo
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" all
	$(Q)examples/fashion-mlp/demo $(BUILD)

check:                                          ## install what is missing, build and test: plain, then with ASan and UBSan (SAN= or SAN=... for one)
	$(Q)tools/install build demo check
	$(Q)tests/check "$(origin SAN)" "$(SAN)"

check-frameworks:                               ## distributed trials of real frameworks, which it installs (a few minutes)
	$(Q)tools/install build demo check frameworks
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" all
	$(Q)tests/e2e/test_frameworks

soak:                                           ## a service under 500 kills, sieges, cuts and 64 clients for ten minutes (half an hour)
	$(Q)tools/install build demo check
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" all $(BENCHES)
	$(Q)HONE_SOAK=1 tests/e2e/test_faults

bench: bench-trials bench-store bench-service bench-suggest                 ## every benchmark (minutes)
bench-trials:                                   ## 1,000 trials end to end, beside a bare spawn-and-wait loop
	$(Q)tools/install build bench
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" all $(BENCHES)
	$(Q)tests/bench/trials
bench-store:                                    ## bytes a trial, and writes a second, of the store
	$(Q)tools/install build bench
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" all $(BENCHES)
	$(Q)$(BUILD)/tests/bench/store
bench-service:                                  ## ask and tell through a service, 64 clients, beside Optuna's storages
	$(Q)tools/install build bench
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" all $(BENCHES)
	$(Q)tests/bench/search/peers/environment optuna-service
	$(Q)tests/bench/service
bench-search:                                   ## search on 60 problems beside the recorded peers, into docs/benchmarks.md (hours; resumes)
	$(Q)tools/install build bench
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" $(SEARCHERS)
	$(Q)tests/bench/search/peers/environment light
	$(Q)$(BUILD)/tests/bench/search/search -j "$$(nproc)" -o $(BUILD)/bench-search.jsonl $(METHODS)
	$(Q)for suite in s5/ m8/; do $(BUILD)/tests/bench/search/search -q 8 -p $$suite -j "$$(nproc)" -o $(BUILD)/bench-search.jsonl $(METHODS); done
	$(Q)python3 tests/bench/search/report.py $(BUILD)/bench-search.jsonl
bench-bbob:                                     ## CMA-ES on all of COCO's bbob beside pycma, 1,000 evaluations a dimension (an hour; resumes)
	$(Q)tools/install build bench
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" $(SEARCHERS)
	$(Q)tests/bench/search/peers/environment light
	$(Q)python3 tests/bench/search/bbob.py $(BUILD)
bench-peers:                                    ## record the peers of bench-search anew (hours; resumes)
	$(Q)tools/install build bench
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" $(SEARCHERS)
	$(Q)tests/bench/search/peers/record_all
bench-suggest:                                  ## time of an ask beside Optuna's, and of a study of 100,000 trials
	$(Q)tools/install build bench
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" $(BUILD)/tests/bench/search/speed
	$(Q)tests/bench/search/peers/environment optuna
	$(Q)python3 tests/bench/search/speed.py $(BUILD)

bench-nas:                                      ## a pass over the supernets of DARTS and PC-DARTS, beside PyTorch (minutes)
	$(Q)tools/install build bench frameworks
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" $(BUILD)/tests/bench/nas
	$(Q)$(BUILD)/tests/bench/nas cpu 64 1 5
	$(Q)/usr/bin/python3 tests/bench/nas_peer.py 64 3

check-nas:                                      ## architecture search at full size: five seeds of every variant
	$(Q)tools/install build demo check
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" $(BUILD)/tests/nas/bilevel_test
	$(Q)HONE_NAS_SEEDS=5 $(BUILD)/tests/nas/bilevel_test

cuda:                                           ## bring a pinned CUDA compiler into build/cuda; compile the kernels for sm_90, refuse spills
	$(Q)tools/install build cuda
	$(Q)tools/cuda
	$(Q)tools/kernels $(KERNELS)

fuzz:                                           ## each fuzz target for a minute (FUZZ_SECONDS=60)
	$(Q)tools/install build fuzz
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" $(FUZZERS)
	$(Q)tests/fuzz/run $(FUZZERS)

install: programs $(CLIENT)                               ## DESTDIR and PREFIX as usual
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/share/hone/python/kubeflow/katib
	install -m 644 trialrunner/python/kubeflow/katib/__init__.py $(DESTDIR)$(PREFIX)/share/hone/python/kubeflow/katib
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include
	install -m 644 $(CLIENT) $(DESTDIR)$(PREFIX)/lib
	install -m 644 sdk/c/hone.h $(DESTDIR)$(PREFIX)/include
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' sdk/c/hone.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/hone.pc
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|' service/hone.service.in > $(DESTDIR)$(PREFIX)/lib/systemd/system/hone.service
	$(BUILD)/hone completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/hone

format:                                         ## lay out all C by .clang-format
	$(Q)tools/install tidy
	$(Q)clang-format -i $(C_FILES)

tidy:                                           ## clang-tidy, cppcheck and the layout: nothing to say
	$(Q)tools/install build check tidy
	$(Q)clang-format --dry-run -Werror $(C_FILES)
	$(Q)tools/tidy $(filter %.c,$(C_FILES))

clean:                                          ## remove what was built
	rm -rf build build-san build-tsan build-fuzz

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(COMPILE) -c -o $@ $<

$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(call say,CXX,$@)
	$(Q)$(COMPILE_CXX) -c -o $@ $<

# The kernels' own source, for the CPU.
$(BUILD)/tests/cuda/nas/cuda/%.o: nas/cuda/%.cu
	@mkdir -p $(@D)
	$(call say,CXX,$@)
	$(Q)$(COMPILE_CXX) -x c++ -c -o $@ $<

# Loops that are to become vector code.
$(BUILD)/suggest/kernel.o: CFLAGS += -O3 -fno-math-errno -fno-trapping-math
$(BUILD)/nas/cpu/%.o: CFLAGS += -O3 -fno-math-errno -fno-trapping-math -fopenmp

$(LIBRARY): $(SOURCES:%.c=$(BUILD)/%.o)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/hone: $(BUILD)/cli/main.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/hone-agent: $(BUILD)/trialrunner/agent/main.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/hone-nas: $(BUILD)/nas/trial/main.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(CLIENT): $(BUILD)/sdk/c/hone.o
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/examples/client/tune $(BUILD)/tests/bench/clients: $(CLIENT)
$(BUILD)/tests/bench/search/serve: $(PROBLEMS)
$(BUILD)/tests/bench/search/search $(BUILD)/tests/suggest/quality_test: $(SEARCH)

$(filter $(BUILD)/tests/cuda/%,$(TESTS)): %: %.o $(EMULATED) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBRARY) -lcmocka -lstdc++ $(LIBS)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o %/libhone-client.a,$^) $(LIBRARY) -lcmocka $(LIBS)

$(BUILD)/examples/%: $(BUILD)/examples/%.o
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ -lopenblas -lz -lzmq -lmsgpackc -lm

build-fuzz/%: tests/fuzz/%.c $(SOURCES) $(wildcard $(MODULES:%=%/*.h))
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)
	$(Q)clang -std=c17 -D_GNU_SOURCE -DHONE_VERSION='"$(VERSION)"' -g -O1 -fsanitize=fuzzer,address,undefined -I. -o $@ $(filter %.c,$^) $(LIBS)

checks: programs $(EXAMPLES) $(TESTS) $(BUILD)/tests/bench/clients

.SECONDARY:
-include $(shell find $(BUILD) -path $(BUILD)/bench-peers -prune -o -type f -name '*.d' -print 2>/dev/null)

.PHONY: print-build
print-build:
	@echo $(BUILD)
