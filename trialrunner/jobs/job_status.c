/*
 * The status that an operator would write.
 */
#include "trialrunner/jobs/job_status.h"

struct node *job_status(const char *type, const char *count, const char *reason, const char *message,
                        struct arena *arena)
{
    struct node *root = node_map(arena), *status = node_set(arena, root, "status", node_map(arena));
    struct node *conditions = node_set(arena, status, "conditions", node_list(arena));
    struct node *condition = node_add(arena, conditions, node_map(arena));

    node_set(arena, condition, "type", node_text(arena, type));
    node_set(arena, condition, "status", node_text(arena, "True"));
    if (reason != NULL)
        node_set(arena, condition, "reason", node_text(arena, reason));
    if (message != NULL)
        node_set(arena, condition, "message", node_text(arena, message));
    node_set(arena, status, count, node_integer(arena, 1));
    return root;
}
