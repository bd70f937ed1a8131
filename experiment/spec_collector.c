/*
 * spec.metricsCollectorSpec: which collector, and what it reads.
 */
#include "base/status.h"
#include "experiment/reader.h"
#include "trialrunner/collectors/collector.h"
#include "trialrunner/pod.h"

enum { PORT_LIMIT = 65535, DEFAULT_PORT = 8080 };

static const char *const format_names[] = { "TEXT", "JSON", NULL };
static const char *const file_kind_names[] = { "File", "Directory", NULL };
enum { KIND_FILE, KIND_DIRECTORY };

/* What of spec.source a kind takes. Kinds that read nothing themselves (Push) take nothing. */
struct intake {
    bool filter, path, http;
    int path_kind; /* of file_kind_names; -1: either */
};

static struct intake intake_of(const struct collector_kind *kind)
{
    bool is_directory = kind->is_events;

    return (struct intake){
        .filter = kind->reads_output || (kind->reads_file && !is_directory && !kind->is_pushed),
        .path = (kind->default_path != NULL && !kind->is_pushed) || kind->is_custom,
        .http = kind->is_scraped,
        .path_kind = kind->is_custom ? -1
                     : is_directory  ? KIND_DIRECTORY
                                     : KIND_FILE,
    };
}

static void read_filters(struct reader *reader, struct fields *source, struct metrics_collector *collector)
{
    struct fields fields;
    const struct node *list;
    size_t n;

    fields_child(source, "filter", &fields);
    collector->filters = reader_texts(&fields, "metricsFormat", LIST_LIMIT, &n, &list);
    collector->n_filters = n;
    for (size_t i = 0; i < n; i++) {
        if (metrics_filter_check(collector->filters[i]) < 0)
            faults_error(reader->faults, reader->file, list->items[i],
                         arena_printf(reader->arena, "%s[%zu]", fields_path(&fields, "metricsFormat"), i), "%s",
                         fail_message());
    }
    if (n > 0 && collector->format == FORMAT_JSON)
        fields_error(source, "filter", "expected no filter for the format JSON");
    reader_close(reader, &fields);
    if (n == 0 && collector->format == FORMAT_TEXT) {
        collector->filters = &default_metrics_filter;
        collector->n_filters = 1;
    }
}

static void read_path(struct reader *reader, struct fields *source, const struct intake *intake,
                      struct metrics_collector *collector)
{
    struct fields fields;
    int kind;

    fields_child(source, "fileSystemPath", &fields);
    collector->path = fields_text(&fields, "path", collector->kind->default_path);
    if (collector->path != NULL && *collector->path != '/')
        fields_error(&fields, "path", "expected an absolute path, got \"%s\"", collector->path);
    kind = fields_choice(&fields, "kind", intake->path_kind, file_kind_names);
    if (intake->path_kind >= 0 && kind != intake->path_kind)
        fields_error(&fields, "kind", "expected %s for the collector %s, got %s", file_kind_names[intake->path_kind],
                     collector->kind->name, file_kind_names[kind]);
    collector->is_directory = kind == KIND_DIRECTORY;
    if (intake->path_kind == KIND_FILE)
        collector->format = (enum file_format)fields_choice(&fields, "format", FORMAT_TEXT, format_names);
    else if (fields_node(&fields, "format") != NULL)
        fields_error(&fields, "format", "expected no format for the collector %s", collector->kind->name);
    reader_close(reader, &fields);
}

static void read_http(struct reader *reader, struct fields *source, struct metrics_collector *collector)
{
    static const char *const unused[] = { "host", "scheme", "httpHeaders" };
    struct fields fields;

    fields_child(source, "httpGet", &fields);
    collector->http_path = fields_text(&fields, "path", "/metrics");
    if (!page_path_is_valid(collector->http_path))
        fields_error(&fields, "path", "expected a path from a slash, got \"%s\"", collector->http_path);
    collector->http_port = (int)fields_integer(&fields, "port", DEFAULT_PORT, 1, PORT_LIMIT);
    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++) {
        if (fields_node(&fields, unused[i]) != NULL)
            fields_warning(&fields, unused[i], "has no meaning: Katib does not use it either");
    }
    reader_close(reader, &fields);
}

static void warn_unused(struct fields *source, const char *name, const struct collector_kind *kind)
{
    if (fields_node(source, name) != NULL)
        fields_warning(source, name, "has no meaning for the collector %s", kind->name);
}

static void read_source(struct reader *reader, struct fields *spec, struct metrics_collector *collector)
{
    const struct intake intake = intake_of(collector->kind);
    struct fields source;

    fields_child(spec, "source", &source);
    if (collector->kind->is_pushed) {
        collector->path = collector->kind->default_path;
        collector->format = FORMAT_JSON;
    }
    if (intake.path) /* before the filter, which depends on its format */
        read_path(reader, &source, &intake, collector);
    else
        warn_unused(&source, "fileSystemPath", collector->kind);
    if (intake.filter)
        read_filters(reader, &source, collector);
    else
        warn_unused(&source, "filter", collector->kind);
    if (intake.http)
        read_http(reader, &source, collector);
    else
        warn_unused(&source, "httpGet", collector->kind);
    reader_close(reader, &source);
}

static const struct collector_kind *read_kind(struct reader *reader, struct fields *fields)
{
    const char **names;
    size_t n = 0;
    int index;

    while (collector_kinds[n].name != NULL)
        n++;
    names = arena_array(reader->arena, n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = collector_kinds[i].name;
    index = fields_choice(fields, "kind", 0, names);
    if (!collector_kinds[index].available)
        reader_missing(reader, fields_path(fields, "kind"), collector_kinds[index].name);
    return &collector_kinds[index];
}

static void read_custom(struct reader *reader, struct fields *fields, struct metrics_collector *collector)
{
    bool is_custom = collector->kind->is_custom;
    const struct node *container = fields_node(fields, "customCollector");

    if (!is_custom && container != NULL)
        fields_warning(fields, "customCollector", "has no meaning for the collector %s", collector->kind->name);
    else if (is_custom && (container == NULL || container->kind != NODE_MAP))
        fields_error(fields, "customCollector", "expected a container, got %s", node_kind_name(container));
    else if (is_custom)
        pod_check_container(container, reader->file, fields_path(fields, "customCollector"), reader->arena,
                            reader->faults);
    collector->custom = is_custom ? container : NULL;
}

void read_collector(struct reader *reader, struct fields *spec)
{
    struct metrics_collector *collector = &reader->spec->collector;
    struct fields fields, kind;

    fields_child(spec, "metricsCollectorSpec", &fields);
    fields_child(&fields, "collector", &kind);
    collector->kind = read_kind(reader, &kind);
    read_custom(reader, &kind, collector);
    reader_close(reader, &kind);
    read_source(reader, &fields, collector);
    reader_close(reader, &fields);
}
