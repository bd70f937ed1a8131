/*
 * The synthetic problems as a child process, for programs in other languages: one JSON object a line in, one out.
 *
 *     {"name": N, "instance": I, "op": "info"}                 best, median, objectives, constraints, reference
 *     {"name": N, "instance": I, "op": "space"}                parameters as in the tables' own server
 *     {"name": N, "instance": I, "config": {...}, "repeat": K}  status, value (with noise of the K-th observation), truth, values,
 *                                                              violations
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/status.h"
#include "tests/bench/search/problems.h"

struct cached {
    struct problem *problem; /* the last one asked for */
    char *name;
    uint64_t instance;
};

static struct node *number_list(struct arena *arena, const double *numbers, size_t n)
{
    struct node *list = node_list(arena);

    for (size_t i = 0; i < n; i++)
        node_add(arena, list, node_real(arena, numbers[i]));
    return list;
}

static int find_problem(struct cached *cached, const char *name, uint64_t instance, const struct problem **problem)
{
    if (cached->problem == NULL || !text_equal(cached->name, name) || cached->instance != instance) {
        struct problem *built = problem_create(name, instance);
        if (built == NULL)
            return ERR_NOT_FOUND;
        problem_destroy(cached->problem);
        free(cached->name);
        *cached = (struct cached){ built, xstrdup(name), instance };
    }
    *problem = cached->problem;
    return 0;
}

static struct node *describe_condition(struct arena *arena, const struct space *space,
                                       const struct activation *activation)
{
    const struct parameter *parent = &space->parameters[activation->parameter];
    struct node *condition = node_map(arena), *values = node_set(arena, condition, "in", node_list(arena));

    node_set(arena, condition, "param", node_text(arena, parent->name));
    for (size_t i = 0; i < activation->n_values; i++)
        node_add(arena, values, node_text(arena, parent->choices[(size_t)activation->values[i]]));
    return condition;
}

static struct node *describe_parameter(struct arena *arena, const struct space *space, const struct parameter *p)
{
    static const char *const types[] = { "float", "int", "ordinal", "categorical" };
    struct node *map = node_map(arena);

    node_set(arena, map, "name", node_text(arena, p->name));
    node_set(arena, map, "type", node_text(arena, types[p->type]));
    if (parameter_is_choice(p)) {
        struct node *values = node_set(arena, map, "values", node_list(arena));
        for (size_t i = 0; i < p->n_choices; i++)
            node_add(arena, values, node_text(arena, p->choices[i]));
    } else {
        node_set(arena, map, "low", node_real(arena, p->min));
        node_set(arena, map, "high", node_real(arena, p->max));
        node_set(arena, map, "log", node_boolean(arena, p->distribution == DISTRIBUTION_LOG_UNIFORM));
        if (p->type == PARAMETER_DOUBLE && p->step > 0)
            node_set(arena, map, "step", node_real(arena, p->step));
    }
    if (p->activation != NULL)
        node_set(arena, map, "if", describe_condition(arena, space, p->activation));
    return map;
}

static struct node *describe_space(struct arena *arena, const struct space *space)
{
    struct node *reply = node_map(arena), *list = node_set(arena, reply, "space", node_list(arena));

    for (size_t i = 0; i < space->n; i++)
        node_add(arena, list, describe_parameter(arena, space, &space->parameters[i]));
    return reply;
}

static struct node *describe_problem(struct arena *arena, const struct problem *problem)
{
    struct node *reply = node_map(arena);

    node_set(arena, reply, "goal", node_text(arena, "minimize"));
    node_set(arena, reply, "best", node_real(arena, problem->best));
    node_set(arena, reply, "median", node_real(arena, problem->median));
    node_set(arena, reply, "objectives", node_integer(arena, (int64_t)problem->n_objectives));
    node_set(arena, reply, "constraints", node_integer(arena, (int64_t)problem->n_constraints));
    if (problem->reference != NULL)
        node_set(arena, reply, "reference", number_list(arena, problem->reference, problem->n_objectives));
    return reply;
}

static int read_config(const struct space *space, const struct node *config, double *values, struct arena *arena)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        const struct node *member = node_get(config, p->name);
        values[i] = NAN;
        if (!space_is_active(space, values, i))
            continue;
        if (member == NULL)
            return fail(ERR_INVALID, "expected a value of %s", p->name);
        TRY(space_parse(space, i, node_to_text(arena, member), &values[i]));
    }
    return 0;
}

static int evaluate(const struct problem *problem, const struct node *request, struct arena *arena, struct node **reply)
{
    double values[PROBLEM_DIMENSIONS_LIMIT], losses[PROBLEM_OBJECTIVES_LIMIT], violations[PROBLEM_CONSTRAINTS_LIMIT];
    int64_t repeat = 0;

    TRY(read_config(&problem->space, node_get(request, "config"), values, arena));
    node_to_integer(node_get(request, "repeat"), &repeat);
    problem_evaluate(problem, values, losses, violations);
    double noise = problem->noise > 0 ? problem_noise(problem, (uint64_t)repeat) : 0;
    *reply = node_map(arena);
    node_set(arena, *reply, "status", node_text(arena, "ok"));
    node_set(arena, *reply, "value", node_real(arena, losses[0] + noise));
    if (problem->noise > 0)
        node_set(arena, *reply, "truth", node_real(arena, losses[0]));
    if (problem->n_objectives > 1)
        node_set(arena, *reply, "values", number_list(arena, losses, problem->n_objectives));
    if (problem->n_constraints > 0)
        node_set(arena, *reply, "violations", number_list(arena, violations, problem->n_constraints));
    return 0;
}

static int answer(struct cached *cached, const char *line, size_t length, struct arena *arena, struct node **reply)
{
    struct node *request;
    const struct problem *problem;
    int64_t instance = 0;

    TRY(json_read(line, length, arena, &request));
    const char *name = node_to_text(arena, node_get(request, "name"));
    const char *operation = node_to_text(arena, node_get(request, "op"));
    node_to_integer(node_get(request, "instance"), &instance);
    if (name == NULL || instance < 0)
        return fail(ERR_INVALID, "expected a name, and an instance of 0 or more");
    TRY(find_problem(cached, name, (uint64_t)instance, &problem));
    if (text_equal(operation, "space"))
        *reply = describe_space(arena, &problem->space);
    else if (text_equal(operation, "info"))
        *reply = describe_problem(arena, problem);
    else
        return evaluate(problem, request, arena, reply);
    return 0;
}

int main(void)
{
    struct cached cached = { 0 };
    struct text out = { 0 };
    char *line = NULL;
    size_t capacity = 0;

    for (ssize_t length; (length = getline(&line, &capacity, stdin)) > 0;) {
        struct arena arena = { 0 };
        struct node *reply = NULL;
        if (answer(&cached, line, (size_t)length, &arena, &reply) != 0) {
            reply = node_map(&arena);
            node_set(&arena, reply, "status", node_text(&arena, "error"));
            node_set(&arena, reply, "error", node_text(&arena, fail_message()));
        }
        text_clear(&out);
        json_write(reply, JSON_COMPACT, &out);
        puts(text_string(&out));
        fflush(stdout);
        arena_release(&arena);
    }
    problem_destroy(cached.problem);
    free(cached.name);
    text_release(&out);
    free(line);
    return 0;
}
