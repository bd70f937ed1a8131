/*
 * Spaces that grow by what trials of clients ask for (define-by-run): the union of all of it.
 */
#ifndef HONE_SERVICE_GROWING_H
#define HONE_SERVICE_GROWING_H

#include "service/live.h"

/* Give that trial a value of a parameter ({name, parameterType, feasibleSpace}, as in spec.parameters): the one it has, if that fits,
   else one that is drawn. The space gains the parameter, or its further values, when it lacks them; *live is another one then.
   *index: of the parameter. ERR_INVALID: it is no parameter; ERR_CONFLICT: it is of another kind than the one of that name. */
int growing_suggest(struct service *service, struct live **live, struct trial *trial, const struct node *parameter,
                    size_t *index);

/* Its space has this parameter. */
int growing_learn(struct service *service, struct live **live, const struct node *parameter);
/* Add these annotations to the experiment's document, in place of former ones; store_experiment keeps them. */
void growing_annotate(struct live *live, const struct node *annotations);

#endif
