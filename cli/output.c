/*
 * Remarks, documents, and small texts for people.
 */
#include "cli/output.h"

#include <langinfo.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "base/yaml.h"
#include "cli/exit.h"

static struct {
    bool is_quiet, no_color, force_color;
} setup;

void output_setup(const struct command *command)
{
    const char *no_color = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE"), *term = getenv("TERM");

    setup.is_quiet = command->n_given[OPTION_QUIET] > 0;
    setup.no_color = command->n_given[OPTION_NO_COLOR] > 0 || (no_color && *no_color);
    setup.force_color = force && *force && !text_equal(force, "0");
    if (text_equal(term, "dumb") && !setup.force_color)
        setup.no_color = true;
}

bool output_is_quiet(void)
{
    return setup.is_quiet;
}

bool output_is_utf8(void)
{
    return text_equal(nl_langinfo(CODESET), "UTF-8");
}

bool output_has_color(int descriptor)
{
    return !setup.no_color && (setup.force_color || isatty(descriptor));
}

int output_width(int descriptor)
{
    struct winsize size;

    if (!isatty(descriptor) || ioctl(descriptor, TIOCGWINSZ, &size) < 0)
        return 0;
    return size.ws_col;
}

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (!setup.is_quiet) {
        fputs("hone: ", stderr);
        vfprintf(stderr, format, arguments);
        fputc('\n', stderr);
    }
    va_end(arguments);
}

void complain(void)
{
    fprintf(stderr, "hone: %s\n", fail_message());
}

int usage_error(void)
{
    complain();
    return EXIT_USAGE;
}

void print_json(const struct node *node)
{
    struct text out = { 0 };

    json_write(node, JSON_INDENTED, &out);
    puts(text_string(&out));
    text_release(&out);
}

void print_yaml(const struct node *node)
{
    struct text out = { 0 };

    yaml_write(node, &out);
    fputs(text_string(&out), stdout);
    text_release(&out);
}

void print_lines(FILE *file, const char *text, int indent)
{
    bool at_start = true;

    for (const char *c = text; *c; c++) {
        if (at_start)
            fprintf(file, "%*s", indent, "");
        at_start = *c == '\n';
        fputc((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t' ? '?' : *c, file);
    }
    if (!at_start)
        fputc('\n', file);
}

const char *show(struct arena *arena, const struct node *node, const char *path, const char *fallback)
{
    const char *text = node_to_text(arena, node_path(node, path));

    return text ? text : fallback;
}

const char *show_age(struct arena *arena, const char *time, int64_t now_us)
{
    int64_t then_us;

    if (!time || !clock_parse(time, &then_us))
        return "-";
    double seconds = fmax(0.0, (double)(now_us - then_us) / 1e6);
    if (seconds < 60)
        return arena_printf(arena, "%.0fs", floor(seconds));
    if (seconds < 3600)
        return arena_printf(arena, "%.0fm", floor(seconds / 60));
    if (seconds < 86400)
        return arena_printf(arena, "%.0fh", floor(seconds / 3600));
    return arena_printf(arena, "%.0fd", floor(seconds / 86400));
}

const char *show_duration(struct arena *arena, double seconds)
{
    int64_t s = seconds >= 0 && seconds < 1e15 ? (int64_t)(seconds + 0.5) : 0;

    if (seconds < 1 && seconds > 0)
        return arena_printf(arena, "%.0fms", ceil(seconds * 1000));
    if (seconds < 10 && seconds > 0)
        return arena_printf(arena, "%.1fs", seconds);
    if (s < 60)
        return arena_printf(arena, "%llds", (long long)s);
    if (s < 3600)
        return arena_printf(arena, "%lldm%02llds", (long long)(s / 60), (long long)(s % 60));
    if (s < 86400)
        return arena_printf(arena, "%lldh%02lldm", (long long)(s / 3600), (long long)(s / 60 % 60));
    return arena_printf(arena, "%lldd%lldh", (long long)(s / 86400), (long long)(s / 3600 % 24));
}
