/*
 * Filters by PCRE2, compiled just in time, under limits of backtracking, depth and memory.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "trialrunner/collectors/filter.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "trialrunner/collectors/collector.h"

enum {
    PATTERN_LIMIT = 4096,
    MATCH_LIMIT = 100000, /* steps of backtracking from one start */
    DEPTH_LIMIT = 1000,
    HEAP_LIMIT_KIB = 4096,
    JIT_STACK_FIRST = 32 << 10,
    JIT_STACK_LAST = 512 << 10,
};

/* Names may hold `/`, but begin without it. Once a name is read it is not given up again (*SKIP), so that a long word costs
   no more than its length. */
const char *const default_metrics_filter =
    "([\\w|-][\\w|/-]*)(*SKIP)\\s*=\\s*"
    "([+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[Ee][+-]?\\d+)?|[+-]?(?i:nan|inf(?:inity)?)\\b)";

struct filter {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

static int compile(const char *pattern, pcre2_code **code)
{
    PCRE2_UCHAR reason[256];
    PCRE2_SIZE offset;
    int error;
    uint32_t n_groups;

    *code = NULL;
    if (strlen(pattern) > PATTERN_LIMIT)
        return fail(ERR_INVALID, "expected a regular expression of at most %d bytes, got %zu", PATTERN_LIMIT,
                    strlen(pattern));
    *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                          PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C, &error,
                          &offset, NULL);
    if (*code == NULL) {
        pcre2_get_error_message(error, reason, sizeof reason);
        return fail(ERR_INVALID, "expected a regular expression, got \"%s\": %s at offset %zu", pattern, (char *)reason,
                    offset);
    }
    pcre2_pattern_info(*code, PCRE2_INFO_CAPTURECOUNT, &n_groups);
    if (n_groups >= 2)
        return 0;
    pcre2_code_free(*code);
    *code = NULL;
    return fail(ERR_INVALID,
                "expected two groups, the metric's name and its value, got \"%s\": two top subexpressions are required",
                pattern);
}

int metrics_filter_check(const char *filter)
{
    pcre2_code *code;

    TRY(compile(filter, &code));
    pcre2_code_free(code);
    return 0;
}

int filter_create(const char *pattern, struct filter **filter)
{
    pcre2_code *code;

    *filter = NULL;
    TRY(compile(pattern, &code));
    *filter = xcalloc(1, sizeof **filter);
    (*filter)->code = code;
    (*filter)->data = pcre2_match_data_create_from_pattern(code, NULL);
    (*filter)->context = pcre2_match_context_create(NULL);
    if ((*filter)->data == NULL || (*filter)->context == NULL) {
        filter_destroy(*filter);
        *filter = NULL;
        return fail(ERR_LIMIT, "no memory for a filter");
    }
    pcre2_set_match_limit((*filter)->context, MATCH_LIMIT);
    pcre2_set_depth_limit((*filter)->context, DEPTH_LIMIT);
    pcre2_set_heap_limit((*filter)->context, HEAP_LIMIT_KIB);
    /* Where code may not be made at run time the interpreter does the same, only slower. */
    if (pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0) {
        (*filter)->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_LAST, NULL);
        pcre2_jit_stack_assign((*filter)->context, NULL, (*filter)->stack);
    }
    return 0;
}

void filter_destroy(struct filter *filter)
{
    if (filter == NULL)
        return;
    pcre2_jit_stack_free(filter->stack);
    pcre2_match_context_free(filter->context);
    pcre2_match_data_free(filter->data);
    pcre2_code_free(filter->code);
    free(filter);
}

/* An empty match must not be found again for ever. */
static size_t after(const char *bytes, size_t length, const struct filter_match *match)
{
    size_t next = match->end;

    if (match->end > match->start)
        return next;
    do
        next++;
    while (next < length && ((unsigned char)bytes[next] & 0xC0) == 0x80);
    return next;
}

int filter_next(struct filter *filter, const char *bytes, size_t length, size_t from, struct filter_match *match)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(filter->data);

    while (from <= length) {
        int n = pcre2_match(filter->code, (PCRE2_SPTR)bytes, length, from, 0, filter->data, filter->context);

        if (n < 0)
            return 0;
        /* \K may set the start behind the end */
        *match = (struct filter_match){ .start = at[0] < at[1] ? at[0] : at[1], .end = at[1] };
        match->end = match->end < from ? from : match->end;
        if (n >= 3 && at[2] != PCRE2_UNSET && at[4] != PCRE2_UNSET) {
            match->name = at[2];
            match->name_length = at[3] - at[2];
            match->value = at[4];
            match->value_length = at[5] - at[4];
            match->end = after(bytes, length, match);
            return 1;
        }
        from = after(bytes, length, match);
    }
    return 0;
}
