/*
 * The image map, read and searched.
 */
#include "trialrunner/images.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/fields.h"
#include "base/file.h"
#include "trialrunner/clean_path.h"

enum { IMAGE_NAME_LIMIT = 1024 };

static const char *absolute(struct arena *arena, const char *directory, const char *path)
{
    char *found = file_absolute(directory, path);
    const char *clean = path_absolute(arena, found);

    if (clean == NULL)
        clean = arena_strdup(arena, found);
    free(found);
    return clean;
}

/* One member of a map, as a text. */
static const char *read_member(struct fields *fields, const char *what, const struct node *map, size_t i)
{
    const char *text = node_to_text(fields->arena, map->items[i]);

    if (text == NULL)
        fields_error(fields, what, "%s: expected a text, got %s", map->keys[i]->text, node_kind_name(map->items[i]));
    return text;
}

static const struct node *read_map(struct fields *fields, const char *name)
{
    const struct node *map = fields_node(fields, name);

    if (map != NULL && map->kind != NODE_MAP)
        fields_error(fields, name, "expected a map, got %s", node_kind_name(map));
    return map != NULL && map->kind == NODE_MAP ? map : NULL;
}

static void read_paths(struct fields *fields, const char *directory, struct image *image)
{
    const struct node *map = read_map(fields, "paths");
    const char **paths = arena_array(fields->arena, map ? 2 * map->length : 0, sizeof *paths);

    image->paths = paths;
    for (size_t i = 0; map != NULL && i < map->length; i++) {
        const char *target = path_absolute(fields->arena, map->keys[i]->text);
        const char *source = read_member(fields, "paths", map, i);

        if (source == NULL)
            continue;
        if (target == NULL || target[1] == '\0') {
            fields_error(fields, "paths", "expected absolute paths of the container, below /, got \"%s\"",
                         map->keys[i]->text);
            continue;
        }
        paths[2 * image->n_paths] = target;
        paths[2 * image->n_paths + 1] = absolute(fields->arena, directory, source);
        image->n_paths++;
    }
}

static void read_env(struct fields *fields, struct image *image)
{
    const struct node *map = read_map(fields, "env");
    const char **env = arena_array(fields->arena, map ? map->length : 0, sizeof *env);

    image->env = env;
    for (size_t i = 0; map != NULL && i < map->length; i++) {
        const char *value = read_member(fields, "env", map, i), *name = map->keys[i]->text;

        if (*name == '\0' || strchr(name, '=') != NULL)
            fields_error(fields, "env", "expected names of variables, got \"%s\"", name);
        else if (value != NULL)
            env[image->n_env++] = arena_printf(fields->arena, "%s=%s", name, value);
    }
}

static void read_image(struct fields *fields, const char *directory, struct image *image)
{
    const char *working_directory;

    image->match = "";
    if (fields->map == NULL)
        return;
    image->match = fields_required(fields, "match", "a pattern for names of images");
    if (image->match == NULL)
        image->match = "";
    if (strlen(image->match) > IMAGE_NAME_LIMIT)
        fields_error(fields, "match", "expected at most %d bytes, got %zu", IMAGE_NAME_LIMIT, strlen(image->match));
    working_directory = fields_text(fields, "workingDir", NULL);
    if (working_directory != NULL)
        image->working_directory = absolute(fields->arena, directory, working_directory);
    image->entrypoint = fields_texts(fields, "entrypoint", &image->n_entrypoint);
    read_paths(fields, directory, image);
    read_env(fields, image);
    fields_close(fields, false);
}

void images_parse(const struct node *root, const char *file, const char *directory, struct arena *arena,
                  struct images *images, struct faults *faults)
{
    struct fields top, fields;
    const struct node *list;
    struct image *items;

    *images = (struct images){ 0 };
    fields_open(&top, root, file, "", arena, faults);
    list = fields_list(&top, "images");
    items = arena_array(arena, list ? list->length : 0, sizeof *items);
    for (size_t i = 0; list != NULL && i < list->length; i++) {
        fields_open(&fields, list->items[i], file, arena_printf(arena, "images[%zu]", i), arena, faults);
        read_image(&fields, directory, &items[i]);
    }
    fields_close(&top, false);
    images->items = items;
    images->n = list ? list->length : 0;
}

/* Length of an image's name without its tag or digest. */
static size_t bare_length(const char *name)
{
    size_t length = strcspn(name, "@");
    const char *slash = memrchr(name, '/', length), *from = slash ? slash : name;
    const char *colon = memchr(from, ':', length - (size_t)(from - name));

    return colon ? (size_t)(colon - name) : length;
}

const struct image *images_find(const struct images *images, const char *name)
{
    char bare[IMAGE_NAME_LIMIT + 1];
    size_t length = bare_length(name);

    if (strlen(name) > IMAGE_NAME_LIMIT)
        return NULL;
    memcpy(bare, name, length);
    bare[length] = '\0';
    for (size_t i = 0; i < images->n; i++) {
        const char *match = images->items[i].match;

        if (fnmatch(match, name, 0) == 0 || fnmatch(match, bare, 0) == 0)
            return &images->items[i];
    }
    return NULL;
}
