/*
 * Warm starts: the trials of other experiments in the store, and of files.
 */
#include <stdlib.h>

#include "base/file.h"
#include "base/status.h"
#include "service/core.h"
#include "service/past.h"

enum { FILE_LIMIT = 64 << 20 };

static int add_file(struct live *live, const struct warm_source *source, struct warm_count *count)
{
    struct text text = { 0 };
    char *message = NULL;
    int status = file_read(source->file, FILE_LIMIT, &text);

    if (status == 0)
        status = warm_start_add_csv(&live->warm, live->spec, text_string(&text), text.length, count);
    if (status < 0) {
        message = xstrdup(fail_message());
        fail(status, "spec.hone.warmStart: %s: %s", source->shown, message);
    }
    free(message);
    text_release(&text);
    return status;
}

static int add_experiment(struct service *service, struct live *live, const struct warm_source *source,
                          struct warm_count *count)
{
    struct live *old;

    if (live_find(service, source->namespace, source->experiment, &old) < 0) {
        char *message = xstrdup(fail_message());
        int status = fail(ERR_NOT_FOUND, "spec.hone.warmStart: %s", message);

        free(message);
        return status;
    }
    warm_start_add_experiment(&live->warm, live->spec, old->experiment, count);
    return 0;
}

int warm_gather(struct service *service, struct live *live, struct text *lines)
{
    const struct spec *spec = live->spec;
    int status = 0;

    for (size_t i = 0; i < spec->n_warm && status == 0; i++) {
        const struct warm_source *source = &spec->warm[i];
        struct warm_count count = { 0 };

        status = source->file != NULL ? add_file(live, source, &count) : add_experiment(service, live, source, &count);
        if (status == 0) {
            warm_count_print(&count, source->shown, lines);
            text_add_char(lines, '\n');
        }
        warm_count_release(&count);
    }
    return status;
}
