/*
 * A bundle: the files of one command read, their documents sorted into Experiments and resources.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/status.h"
#include "base/yaml.h"
#include "experiment/reader.h"
#include "experiment/resource.h"
#include "trialrunner/images.h"

static const char experiment_api_version[] = "kubeflow.org/v1beta1";

/* An Experiment of the first file, not read yet: its ConfigMap may stand behind it. */
struct document {
    const struct node *root;
    const char *file;
};

struct gathering {
    struct bundle *bundle;
    struct faults *faults;
    const char *namespace;
    const struct source_file *file;
    bool is_first;
    size_t n_documents, documents_capacity;
    struct document *documents;
    size_t n_resources, resources_capacity;
    const struct node **resources;
};

static void add_experiment(struct gathering *gathering, const struct node *root)
{
    const struct node *version = node_get(root, "apiVersion");

    if (version == NULL || !text_equal(version->text, experiment_api_version)) {
        faults_error(gathering->faults, gathering->file->shown, version != NULL ? version : root, "apiVersion",
                     "expected %s, got %s", experiment_api_version,
                     version != NULL && version->kind == NODE_TEXT ? version->text : node_kind_name(version));
        return;
    }
    if (!gathering->is_first) {
        faults_warning(gathering->faults, gathering->file->shown, node_get(root, "kind"), "kind",
                       "expected ConfigMaps and Secrets in a file of --with, got an Experiment: it is passed over");
        return;
    }
    gathering->documents = grow(gathering->documents, gathering->n_documents, &gathering->documents_capacity,
                                sizeof *gathering->documents);
    gathering->documents[gathering->n_documents++] = (struct document){ root, gathering->file->shown };
}

static void add_resource(struct gathering *gathering, struct node *root)
{
    struct arena *arena = &gathering->bundle->arena;

    if (!resource_check(root, gathering->file->shown, arena, gathering->faults))
        return;
    if (gathering->namespace != NULL && node_path(root, "metadata.namespace") == NULL)
        node_set(arena, node_get(root, "metadata"), "namespace", node_text(arena, gathering->namespace));
    gathering->resources = grow(gathering->resources, gathering->n_resources, &gathering->resources_capacity,
                                sizeof(struct node *));
    gathering->resources[gathering->n_resources++] = root;
}

static void add_document(struct gathering *gathering, struct node *root)
{
    static const char *const kinds[] = { "Experiment", "ConfigMap", "Secret", NULL };
    const struct node *kind = node_get(root, "kind");
    const char *near;

    if (root->kind != NODE_MAP || kind == NULL || kind->kind != NODE_TEXT) {
        faults_error(gathering->faults, gathering->file->shown, kind != NULL ? kind : root,
                     root->kind == NODE_MAP ? "kind" : NULL, "expected a document with apiVersion and kind, got %s",
                     root->kind == NODE_MAP ? node_kind_name(kind) : node_kind_name(root));
    } else if (text_equal(kind->text, "Experiment")) {
        add_experiment(gathering, root);
    } else if (text_equal(kind->text, "ConfigMap") || text_equal(kind->text, "Secret")) {
        add_resource(gathering, root);
    } else if (text_ends_with(kind->text, "List") && node_get(root, "items") != NULL &&
               node_get(root, "items")->kind == NODE_LIST) {
        for (size_t i = 0; i < node_get(root, "items")->length; i++)
            add_document(gathering, node_get(root, "items")->items[i]);
    } else {
        near = text_nearest(kind->text, kinds);
        faults_warning(gathering->faults, gathering->file->shown, kind, "kind",
                       "a document of kind %s is passed over%s%s%s", kind->text, near != NULL ? "; did you mean " : "",
                       near != NULL ? near : "", near != NULL ? "?" : "");
    }
}

static void read_file(struct gathering *gathering, const struct source_file *file, bool is_first)
{
    struct node *documents;
    size_t n_errors = gathering->faults->n_errors;

    gathering->file = file;
    gathering->is_first = is_first;
    if (yaml_read(file->text, file->length, file->shown, &gathering->bundle->arena, gathering->faults, &documents) < 0)
        return;
    for (size_t i = 0; i < documents->length; i++)
        add_document(gathering, documents->items[i]);
    if (is_first && gathering->n_documents == 0 && gathering->faults->n_errors == n_errors)
        faults_error(gathering->faults, file->shown, NULL, NULL, "expected an Experiment (apiVersion %s), got none",
                     experiment_api_version);
}

static void check_name_is_new(const struct gathering *gathering, const struct spec *spec, const char *file)
{
    const struct bundle *bundle = gathering->bundle;

    for (size_t i = 0; i < bundle->n_specs && spec->name != NULL; i++) {
        if (text_equal(bundle->specs[i]->name, spec->name) && text_equal(bundle->specs[i]->namespace, spec->namespace))
            faults_error(gathering->faults, file, node_path(spec->node, "metadata.name"), "metadata.name",
                         "expected different names, got \"%s\" again in namespace %s", spec->name, spec->namespace);
    }
}

static void read_specs(struct gathering *gathering, bool strict)
{
    struct bundle *bundle = gathering->bundle;

    bundle->specs = arena_array(&bundle->arena, gathering->n_documents, sizeof(struct spec *));
    for (size_t i = 0; i < gathering->n_documents; i++) {
        const struct document *document = &gathering->documents[i];
        struct spec *spec = xcalloc(1, sizeof *spec);
        struct reader reader = {
            .bundle = bundle,
            .spec = spec,
            .arena = &spec->arena,
            .faults = gathering->faults,
            .file = document->file,
            .strict = strict,
        };

        read_experiment(&reader, document->root, gathering->namespace);
        text_release(&reader.missing);
        check_name_is_new(gathering, spec, document->file);
        bundle->specs[bundle->n_specs++] = spec;
    }
}

/* Absolute directory of a file, or the working directory for standard input; in the arena. */
static const char *directory_of(const char *path, struct arena *arena)
{
    char *directory = file_directory(path), *absolute = file_absolute(NULL, directory);
    const char *kept = arena_strdup(arena, absolute);

    free(absolute);
    free(directory);
    return kept;
}

static void read_images(struct bundle *bundle, const struct source_file *file, struct faults *faults)
{
    struct images images;
    struct node *documents;

    bundle->images_directory = directory_of(file->path, &bundle->arena);
    if (yaml_read(file->text, file->length, file->shown, &bundle->arena, faults, &documents) < 0)
        return;
    if (documents->length > 1)
        faults_error(faults, file->shown, documents->items[1], NULL, "expected one document in an image map, got %zu",
                     documents->length);
    bundle->images = documents->length > 0 ? documents->items[0] : NULL;
    images_parse(bundle->images, file->shown, bundle->images_directory, &bundle->arena, &images, faults);
}

int bundle_parse(struct bundle *bundle, const struct source_file *files, size_t n_files,
                 const struct source_file *images, const char *namespace, bool strict, struct faults *faults)
{
    struct gathering gathering = { .bundle = bundle, .faults = faults, .namespace = namespace };
    size_t n_errors = faults->n_errors;

    assert(n_files > 0);
    *bundle = (struct bundle){ 0 };
    bundle->directory = directory_of(files[0].path, &bundle->arena);
    for (size_t i = 0; i < n_files; i++)
        read_file(&gathering, &files[i], i == 0);
    bundle->resources = arena_array(&bundle->arena, gathering.n_resources, sizeof(struct node *));
    for (size_t i = 0; i < gathering.n_resources; i++)
        bundle->resources[bundle->n_resources++] = gathering.resources[i];
    read_specs(&gathering, strict);
    if (images != NULL)
        read_images(bundle, images, faults);
    free(gathering.documents);
    free(gathering.resources);
    if (faults->n_errors > n_errors)
        return fail(ERR_INVALID, "%s: %zu errors", files[0].shown, faults->n_errors - n_errors);
    return 0;
}

void bundle_release(struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->n_specs; i++) {
        arena_release(&bundle->specs[i]->arena);
        free(bundle->specs[i]);
    }
    arena_release(&bundle->arena);
    *bundle = (struct bundle){ 0 };
}
