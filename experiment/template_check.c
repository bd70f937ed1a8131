/*
 * Do the placeholders of a template, its trial parameters and the search space fit together?
 */
#include <string.h>

#include "experiment/assignment.h"
#include "experiment/placeholder.h"
#include "experiment/template.h"

struct checking {
    const struct spec *spec;
    struct arena arena; /* for messages */
    struct faults *faults;
    const char *file, *path; /* of spec.trialTemplate */
    const char *manifest_file, *manifest_path;
    const struct node *list; /* trialTemplate.trialParameters, one member a parameter of the template */
    bool *is_used;           /* by trial parameter */
};

/* Where in the manifest we are: written out only for a fault. */
struct trail {
    const struct trail *up;
    const char *key; /* NULL: member index of a list */
    size_t index;
    bool drops; /* below a list whose members may be left out */
};

static void add_trail(const struct trail *trail, struct text *out)
{
    if (trail == NULL)
        return;
    add_trail(trail->up, out);
    if (trail->key != NULL)
        text_printf(out, "%s%s", out->length > 0 ? "." : "", trail->key);
    else
        text_printf(out, "[%zu]", trail->index);
}

static const char *trail_path(struct checking *checking, const struct trail *trail)
{
    struct text text = { 0 };
    const char *path;

    text_add(&text, checking->manifest_path);
    add_trail(trail, &text);
    path = arena_strdup(&checking->arena, text_string(&text));
    text_release(&text);
    return path;
}

/* "; did you mean X?", or nothing. */
static const char *hint(struct checking *checking, const char *text, const char *const *names)
{
    bool is_kept = checking->faults->n < FAULTS_LIMIT; /* the search is dear, and a hostile file asks for it often */
    const char *near = is_kept ? text_nearest(text, names) : NULL;

    return near != NULL ? arena_printf(&checking->arena, "; did you mean %s?", near) : "";
}

static void say_unknown(struct checking *checking, const struct node *at, const struct trail *trail,
                        const struct placeholder *placeholder)
{
    const struct trial_template *template = &checking->spec->template;
    const char *name = arena_strndup(&checking->arena, placeholder->name, placeholder->length);
    const char **names = arena_array(&checking->arena, template->n_parameters + 1, sizeof *names);
    size_t n = 0;

    for (size_t i = 0; i < template->n_parameters; i++) {
        if (template->parameters[i].name != NULL)
            names[n++] = template->parameters[i].name;
    }
    faults_error(checking->faults, checking->manifest_file, at, trail_path(checking, trail),
                 "expected a name of trialParameters, got ${trialParameters.%s}%s", name, hint(checking, name, names));
}

static bool is_conditional(const struct spec *spec, const char *reference)
{
    size_t parameter = reference != NULL && spec->nas_config == NULL ? assignment_find(spec, reference) : spec->space.n;

    return parameter < spec->space.n && spec->space.parameters[parameter].activation != NULL;
}

static void check_placeholder(struct checking *checking, const struct node *at, const struct trail *trail,
                              const struct placeholder *placeholder)
{
    const struct trial_template *template = &checking->spec->template;
    size_t i = placeholder_parameter(template, placeholder);

    if (i == template->n_parameters) {
        say_unknown(checking, at, trail, placeholder);
        return;
    }
    checking->is_used[i] = true;
    if (!is_conditional(checking->spec, template->parameters[i].reference))
        return;
    if (trail == NULL || !trail->drops)
        faults_error(checking->faults, checking->manifest_file, at, trail_path(checking, trail),
                     "expected ${trialParameters.%s} only in a member of args, command or env, for %s may be inactive",
                     template->parameters[i].name, template->parameters[i].reference);
    else if (strpbrk(at->text, " \n\t") != NULL && trail->key == NULL)
        faults_warning(checking->faults, checking->manifest_file, at, trail_path(checking, trail),
                       "all of this member is left out when %s is inactive", template->parameters[i].reference);
}

static void check_text(struct checking *checking, const struct node *node, const struct trail *trail)
{
    struct placeholder placeholder;

    for (const char *text = node->text; placeholder_find(text, &placeholder); text = placeholder.end)
        check_placeholder(checking, node, trail, &placeholder);
}

static void check_node(struct checking *checking, const struct node *node, const struct trail *trail)
{
    if (node->kind == NODE_TEXT)
        check_text(checking, node, trail);
    if (node->kind != NODE_LIST && node->kind != NODE_MAP)
        return;
    for (size_t i = 0; i < node->length; i++) {
        struct trail next = {
            .up = trail,
            .key = node->kind == NODE_MAP ? node->keys[i]->text : NULL,
            .index = i,
            .drops = trail != NULL && (trail->drops || (node->kind == NODE_LIST && placeholder_list_drops(trail->key))),
        };

        if (node->kind == NODE_MAP)
            check_text(checking, node->keys[i], trail);
        check_node(checking, node->items[i], &next);
    }
}

static const char *parameter_path(struct checking *checking, size_t i, const char *field)
{
    return arena_printf(&checking->arena, "%s.trialParameters[%zu].%s", checking->path, i, field);
}

static void say_unknown_reference(struct checking *checking, size_t i, const struct node *at)
{
    const struct spec *spec = checking->spec;
    const char *reference = spec->template.parameters[i].reference;
    const char **names = arena_array(&checking->arena, assignment_count(spec) + 1, sizeof *names);
    size_t n = 0;

    for (size_t k = 0; k < assignment_count(spec); k++) {
        if (assignment_name(spec, k) != NULL)
            names[n++] = assignment_name(spec, k);
    }
    faults_error(checking->faults, checking->file, at, parameter_path(checking, i, "reference"),
                 "expected the name of a search parameter or ${trialSpec...}, got \"%s\"%s", reference,
                 hint(checking, reference, names));
}

static void check_reference(struct checking *checking, size_t i)
{
    const struct trial_parameter *parameter = &checking->spec->template.parameters[i];
    const struct node *at = node_get(checking->list->items[i], "reference");
    const char *key, *map = "metadata.labels";

    switch (reference_parse(parameter->reference, &checking->arena, &key)) {
    case REFERENCE_PARAMETER:
        if (checking->spec->nas_config != NULL && checking->spec->n_layers == 0)
            break; /* of a nasConfig with faults nothing is known */
        if (assignment_find(checking->spec, parameter->reference) == assignment_count(checking->spec))
            say_unknown_reference(checking, i, at);
        break;
    case REFERENCE_UNKNOWN:
        faults_error(
            checking->faults, checking->file, at, parameter_path(checking, i, "reference"),
            "expected ${trialSpec.Name}, .Namespace, .Kind, .APIVersion, .Labels[key] or .Annotations[key], got \"%s\"",
            parameter->reference);
        break;
    case REFERENCE_ANNOTATION:
        map = "metadata.annotations";
        /* fall through */
    case REFERENCE_LABEL:
        if (node_get(node_path(checking->spec->template.manifest, map), key) == NULL)
            faults_error(checking->faults, checking->file, at, parameter_path(checking, i, "reference"),
                         "expected a key of the template's %s, got \"%s\"", map, key);
        break;
    default:
        break;
    }
}

/* A name that is wrong in itself cannot be found either. */
static bool is_told_already(const struct trial_template *template, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (text_equal(template->parameters[k].name, template->parameters[i].name))
            return true;
    }
    return strpbrk(template->parameters[i].name, "{}") != NULL;
}

/* Every trial parameter is used in the manifest, and refers to something. */
static void check_parameters(struct checking *checking)
{
    const struct trial_template *template = &checking->spec->template;

    for (size_t i = 0; i < template->n_parameters; i++) {
        const struct trial_parameter *parameter = &template->parameters[i];

        if (parameter->reference != NULL)
            check_reference(checking, i);
        if (parameter->name != NULL && !checking->is_used[i] && !is_told_already(template, i))
            faults_error(checking->faults, checking->file, node_get(checking->list->items[i], "name"),
                         parameter_path(checking, i, "name"),
                         "expected ${trialParameters.%s} in the template, got none", parameter->name);
    }
}

/* Every search parameter is referred to: a trial that does not see it would be searched in vain. */
static void check_space(struct checking *checking)
{
    const struct spec *spec = checking->spec;
    const char *path = arena_printf(&checking->arena, "%s.trialParameters", checking->path);

    for (size_t k = 0; k < spec->space.n && spec->nas_config == NULL; k++) {
        const char *name = spec->space.parameters[k].name;
        size_t i = 0;

        while (i < spec->template.n_parameters && !text_equal(spec->template.parameters[i].reference, name))
            i++;
        if (name != NULL && i == spec->template.n_parameters)
            faults_error(checking->faults, checking->file, checking->list, path,
                         "expected a member whose reference is \"%s\", for it is searched, got none", name);
    }
}

void template_check(const struct spec *spec, const char *file, const char *template_path, const char *manifest_file,
                    const char *manifest_path, struct faults *faults)
{
    struct checking checking = {
        .spec = spec,
        .faults = faults,
        .file = file,
        .path = template_path,
        .manifest_file = manifest_file,
        .manifest_path = manifest_path,
        .list = node_path(spec->node, "spec.trialTemplate.trialParameters"),
    };

    checking.is_used = arena_array(&checking.arena, spec->template.n_parameters, sizeof *checking.is_used);
    check_node(&checking, spec->template.manifest, NULL);
    check_parameters(&checking);
    check_space(&checking);
    arena_release(&checking.arena);
}
