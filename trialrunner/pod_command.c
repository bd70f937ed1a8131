/*
 * What a container runs. The primary one runs through `sh -c` when the collector wraps it, exactly as Katib's webhook
 * does: command and args joined by single spaces, so that a shell reads them again; a `sh -c` of the manifest's own is kept.
 */
#include <ctype.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "trialrunner/pod_parts.h"

static size_t n_items(const struct node *list)
{
    return list != NULL && list->kind == NODE_LIST ? list->length : 0;
}

/* sh, bash, /bin/sh, /usr/bin/bash; with -c, -ec, -lc ... behind it. */
static bool is_shell(const char *const *words, size_t n)
{
    const char *name, *slash, *flags = n > 1 ? words[1] : "";

    if (n < 2)
        return false;
    slash = strrchr(words[0], '/');
    name = slash != NULL ? slash + 1 : words[0];
    if ((strcmp(name, "sh") != 0 && strcmp(name, "bash") != 0) || *flags++ != '-')
        return false;
    while (isalpha((unsigned char)*flags) && flags[1] != '\0')
        flags++;
    return strcmp(flags, "c") == 0;
}

static const char **join(const struct pod *pod, const char **words, size_t *n)
{
    size_t first = is_shell(words, *n) ? 2 : 0;
    const char **shell = arena_array(pod->arena, 3, sizeof *shell);
    struct text script = { 0 };

    shell[0] = first > 0 ? words[0] : "sh";
    shell[1] = first > 0 ? words[1] : "-c";
    for (size_t i = first; i < *n; i++) {
        if (i > first)
            text_add_char(&script, ' ');
        text_add(&script, words[i]);
    }
    shell[2] = arena_strndup(pod->arena, text_string(&script), script.length);
    text_release(&script);
    *n = 3;
    return shell;
}

static int add_texts(const struct pod *pod, const struct node *list, const char **words, size_t *n)
{
    for (size_t i = 0; i < n_items(list); i++) {
        words[*n] = node_to_text(pod->arena, list->items[i]);
        if (words[*n] == NULL)
            return fail(ERR_INVALID, "command: expected texts, got %s", node_kind_name(list->items[i]));
        ++*n;
    }
    return 0;
}

/* command and args, or the entrypoint of the image map and args. */
static int read_words(const struct pod *pod, const struct node *node, const struct image *image, const char ***words,
                      size_t *n)
{
    const struct node *command = node_get(node, "command"), *args = node_get(node, "args");
    const char *image_name = member_text(pod, node, "image");
    size_t n_entrypoint = image != NULL && n_items(command) == 0 ? image->n_entrypoint : 0;
    size_t n_all = n_entrypoint + n_items(command) + n_items(args);

    if (n_entrypoint + n_items(command) == 0)
        return fail(
            ERR_INVALID,
            "no command, and the entrypoint of image \"%s\" is not known here: give a command, or write the image into "
            "images.yaml beside the Experiment: images: [{match: \"%s\", entrypoint: [...]}]",
            image_name ? image_name : "", image_name ? image_name : "");
    if (n_all > ARGUMENT_LIMIT)
        return fail(ERR_LIMIT, "command: more than %d words", ARGUMENT_LIMIT);
    *words = arena_array(pod->arena, n_all, sizeof **words);
    for (*n = 0; *n < n_entrypoint; ++*n)
        (*words)[*n] = image->entrypoint[*n];
    TRY(add_texts(pod, command, *words, n));
    return add_texts(pod, args, *words, n);
}

int pod_command(const struct pod *pod, const struct node *node, const struct image *image, struct container *container)
{
    const char **words = NULL;
    size_t n = 0, n_bytes = 0;

    TRY(read_words(pod, node, image, &words, &n));
    if (container->collect && pod->context->shell)
        words = join(pod, words, &n);
    for (size_t i = 0; i < n; i++) {
        TRY(pod_expand(pod, container, words[i], &words[i], NULL));
        n_bytes += strlen(words[i]) + 1;
    }
    if (n_bytes > PROCESS_BYTES_LIMIT)
        return fail(ERR_LIMIT, "command: more than %d bytes", PROCESS_BYTES_LIMIT);
    if (n == 0 || *words[0] == '\0')
        return fail(ERR_INVALID, "command: expected a program, got an empty text");
    container->argv = words;
    container->n_argv = n;
    return 0;
}
