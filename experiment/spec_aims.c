/*
 * spec.hone.objectives and spec.hone.constraints: what a trial is measured by, beside spec.objective.
 */
#include <math.h>

#include "experiment/reader.h"

size_t spec_n_objectives(const struct spec *spec)
{
    return 1 + spec->n_further;
}

struct aim spec_aim(const struct spec *spec, size_t i)
{
    const struct objective *objective = &spec->objective;

    if (i > 0)
        return spec->further[i - 1];
    return (struct aim){ .type = objective->type, .has_goal = objective->has_goal, .goal = objective->goal };
}

/* The index of the metric that the item names; 0 after a fault. read_objective has taken all names in. */
static size_t read_metric(struct reader *reader, struct fields *item, const char **name)
{
    const struct objective *objective = &reader->spec->objective;
    size_t i = 0;

    *name = fields_required(item, "metricName", "the name of a metric");
    while (i < objective->n_metrics && !text_equal(objective->metrics[i].name, *name))
        i++;
    return *name != NULL && i < objective->n_metrics ? i : 0;
}

/* The first objective is spec.objective, so that Katib and Hone mean the same by it; its goal may stand in either. */
static void check_first(struct reader *reader, struct fields *item, const char *name, int type, const struct aim *aim)
{
    struct objective *objective = &reader->spec->objective;

    if (objective->n_metrics == 0)
        return;
    if (name != NULL && !text_equal(name, objective->metrics[0].name))
        fields_error(item, "metricName", "expected spec.objective's metric first, \"%s\", got \"%s\"",
                     objective->metrics[0].name != NULL ? objective->metrics[0].name : "", name);
    if (type >= 0 && type != (int)objective->type)
        fields_error(item, "type", "expected spec.objective's type, %s, got %s", objective_type_names[objective->type],
                     objective_type_names[type]);
    if (aim->has_goal && objective->has_goal && aim->goal != objective->goal)
        fields_error(item, "goal", "expected spec.objective's goal, %g, got %g", objective->goal, aim->goal);
    if (aim->has_goal) {
        objective->has_goal = true;
        objective->goal = aim->goal;
    }
}

static void check_is_new(struct reader *reader, struct fields *item, const char *name, const struct aim *aim)
{
    const struct spec *spec = reader->spec;
    bool is_known = aim->metric == 0;

    for (size_t i = 0; i < spec->n_further; i++)
        is_known = is_known || spec->further[i].metric == aim->metric;
    if (name != NULL && is_known)
        fields_error(item, "metricName", "expected different metrics, got \"%s\" again", name);
}

static void read_objectives(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "objectives", OBJECTIVES_LIMIT);
    struct aim *aims = arena_array(reader->arena, list != NULL ? list->length : 0, sizeof *aims);

    reader->spec->further = aims;
    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;
        struct aim aim = { 0 };
        const char *name;
        int type;

        if (!reader_open_item(reader, fields, "objectives", list, i, &item))
            continue;
        aim.metric = read_metric(reader, &item, &name);
        type = reader_choice(&item, "type", objective_type_names);
        aim.type = type == OBJECTIVE_MAXIMIZE ? OBJECTIVE_MAXIMIZE : OBJECTIVE_MINIMIZE;
        aim.has_goal = fields_node(&item, "goal") != NULL;
        aim.goal = fields_real(&item, "goal", 0, -INFINITY, INFINITY);
        if (i == 0) {
            check_first(reader, &item, name, type, &aim);
        } else {
            check_is_new(reader, &item, name, &aim);
            aims[reader->spec->n_further++] = aim;
        }
        reader_close(reader, &item);
    }
}

static void read_constraints(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "constraints", CONSTRAINTS_LIMIT);
    struct constraint *constraints = arena_array(reader->arena, list != NULL ? list->length : 0, sizeof *constraints);

    reader->spec->constraints = constraints;
    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;
        struct constraint constraint;
        const char *name;

        if (!reader_open_item(reader, fields, "constraints", list, i, &item))
            continue;
        constraint.metric = read_metric(reader, &item, &name);
        constraint.min = fields_real(&item, "min", -INFINITY, -INFINITY, INFINITY);
        constraint.max = fields_real(&item, "max", INFINITY, -INFINITY, INFINITY);
        if (fields_node(&item, "min") == NULL && fields_node(&item, "max") == NULL)
            fields_error(&item, NULL, "expected min or max, got neither");
        if (constraint.min > constraint.max)
            fields_error(&item, "min", "expected at most max = %g, got %g", constraint.max, constraint.min);
        constraints[reader->spec->n_constraints++] = constraint;
        reader_close(reader, &item);
    }
}

void read_aims(struct reader *reader, struct fields *hone)
{
    read_objectives(reader, hone);
    read_constraints(reader, hone);
}
