/*
 * The files an experiment was created from: on the wire and in the database {files: [{path, shown, text}], images, namespace}.
 */
#include "service/source.h"
#include "base/message.h"
#include "base/status.h"

enum { SOURCE_FILE_LIMIT = 64 };

static int unpack_file(const struct node *node, struct arena *arena, struct source_file *file)
{
    const struct node *text = node_get(node, "text");

    file->path = node_to_text(arena, node_get(node, "path"));
    file->shown = node_to_text(arena, node_get(node, "shown"));
    if (file->path == NULL || text == NULL || text->kind != NODE_TEXT)
        return fail(ERR_INVALID, "files: expected maps with path, shown and text");
    if (file->shown == NULL)
        file->shown = file->path;
    file->text = text->text;
    file->length = text->length;
    return 0;
}

int source_unpack(const struct node *node, struct arena *arena, struct source *source)
{
    const struct node *files = node_get(node, "files"), *images = node_get(node, "images");

    *source = (struct source){ 0 };
    if (files == NULL || files->kind != NODE_LIST || files->length == 0 || files->length > SOURCE_FILE_LIMIT)
        return fail(ERR_INVALID, "files: expected a list of 1 to %d files", SOURCE_FILE_LIMIT);
    source->n_files = files->length;
    source->files = arena_array(arena, files->length, sizeof *source->files);
    for (size_t i = 0; i < files->length; i++)
        TRY(unpack_file(files->items[i], arena, &source->files[i]));
    source->has_images = images != NULL && images->kind == NODE_MAP;
    if (source->has_images)
        TRY(unpack_file(images, arena, &source->images));
    source->namespace = node_to_text(arena, node_get(node, "namespace"));
    return 0;
}

static struct node *pack_file(const struct source_file *file, struct arena *arena)
{
    struct node *node = node_map(arena);

    node_set(arena, node, "path", node_text(arena, file->path));
    node_set(arena, node, "shown", node_text(arena, file->shown));
    node_set(arena, node, "text", node_text(arena, arena_strndup(arena, file->text, file->length)));
    return node;
}

void source_pack(const struct source *source, struct text *out)
{
    struct arena arena = { 0 };
    struct node *node = node_map(&arena), *files = node_list(&arena);

    for (size_t i = 0; i < source->n_files; i++)
        node_add(&arena, files, pack_file(&source->files[i], &arena));
    node_set(&arena, node, "files", files);
    if (source->has_images)
        node_set(&arena, node, "images", pack_file(&source->images, &arena));
    node_set(&arena, node, "namespace", node_text(&arena, source->namespace));
    message_encode(node, out);
    arena_release(&arena);
}

int source_parse(const struct source *source, bool strict, struct bundle *bundle, struct images *images,
                 struct arena *arena, struct faults *faults)
{
    int status = bundle_parse(bundle, source->files, source->n_files, source->has_images ? &source->images : NULL,
                              source->namespace, strict, faults);

    images_parse(bundle->images, source->images.shown, bundle->images_directory, arena, images, faults);
    if (status == 0 && faults->n_errors > 0)
        status = ERR_INVALID;
    if (status < 0) {
        struct text lines = { 0 };

        faults_print(faults, &lines);
        fail(status, "%s", text_string(&lines));
        text_release(&lines);
    }
    return status;
}
